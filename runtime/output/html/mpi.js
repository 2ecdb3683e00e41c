// ---- MPI: what is wrong, the time of the ranks, what it is spent on, who sends to whom
//
// data.mpi is that of write_mpi_page(), in nanoseconds and bytes; null where no MPI calls were
// recorded.

const mpi = data.mpi;
const barsHeight = 270;
const barsBelow = 20; // where the numbers of the ranks are
const barsLeft = 64;
const matrixTop = 20;
const matrixLeft = 44;
const mostMatrixSide = 270;
const partsOfRank = [
  { title: "outside of MPI", colour: "#4a90d9", time: (r) => Math.max(0, r.application - r.mpi) },
  { title: "in MPI, waiting", colour: "#d9534a", time: (r) => r.waiting },
  { title: "in MPI, other calls", colour: "#e0a33e", time: (r) => r.mpi - r.waiting },
];

/** Three digits and a unit, as in the report on the screen. */
function inUnits(v, units) {
  const [size, unit] = units.find(([size]) => Math.abs(v) >= 0.9995 * size) || units[units.length - 1];
  const part = v / size;
  const decimals = Math.abs(part) >= 99.95 || size === 1 ? 0 : Math.abs(part) >= 9.995 ? 1 : 2;
  return v === 0 ? `0 ${units[0][1]}` : `${part.toFixed(decimals)} ${unit}`;
}
const shownTime = (ns) => inUnits(ns, [[1e9, "s"], [1e6, "ms"], [1e3, "us"]]);
const byteUnits = ["EB", "PB", "TB", "GB", "MB", "KB", "B"].map((unit, i) => [1000 ** (6 - i), unit]);
const shownBytes = (bytes) => (bytes === 0 ? "0 B" : inUnits(bytes, byteUnits));
const rangeText = (first, last) => (first === last ? `${first}` : `${first}-${last}`);
const rankText = (first, last) => `rank${first === last ? "" : "s"} ${rangeText(first, last)}`;

// ---- The time of the ranks

const lengthOf = (r) => Math.max(r.application, r.mpi);
const barWidth = () => ($("mpi-ranks").clientWidth - barsLeft) / mpi.ranks.length;

function drawMpiRanks() {
  const context = cleared($("mpi-ranks"), barsHeight + barsBelow);
  const width = barWidth();
  const most = d3.max(mpi.ranks, lengthOf) || 1;
  const y = d3.scaleLinear().domain([0, most]).range([barsHeight, 8]);
  context.fillStyle = ink();
  context.textAlign = "right";
  for (const tick of y.ticks(5)) {
    context.fillText(shownTime(tick), barsLeft - 8, y(tick));
    context.globalAlpha = 0.15;
    context.fillRect(barsLeft, y(tick), $("mpi-ranks").clientWidth - barsLeft, 1);
    context.globalAlpha = 1;
  }
  const bar = Math.max(1, Math.min(80, width > 4 ? width * 0.8 : width));
  mpi.ranks.forEach((r, x) => {
    let below = 0;
    for (const { colour, time } of partsOfRank) {
      context.fillStyle = colour;
      const above = below + time(r);
      context.fillRect(barsLeft + (x + 0.5) * width - bar / 2, y(above), bar, y(below) - y(above));
      below = above;
    }
  });
  context.fillStyle = ink();
  context.textAlign = "center";
  const label = (r) => rangeText(r.first, r.last);
  const longest = d3.max(mpi.ranks, (r) => label(r).length);
  const step = Math.ceil((16 + letterWidth * longest) / width); // so that they don't overlap
  for (let x = 0; x < mpi.ranks.length; x += step)
    context.fillText(label(mpi.ranks[x]), barsLeft + (x + 0.5) * width, barsHeight + barsBelow / 2);
}

function describeMpiRank({ x }) {
  const r = mpi.ranks[x];
  const lines = [rankText(r.first, r.last) + (r.first < r.last ? " (mean)" : "")];
  for (const { title, time } of partsOfRank)
    lines.push(`${title}: ${shownTime(time(r))}, ${percent(time(r), lengthOf(r))}`);
  lines.push(`ready, but without a core: ${shownTime(r.no_core)}`);
  return lines;
}

// ---- The matrix

const matrixSide = () => Math.min(mostMatrixSide, $("mpi-matrix").clientWidth - matrixLeft - 8);
const tileRanks = (tile) => {
  const { first_rank: first, ranks_per_tile: width } = mpi.matrix;
  return [first + tile * width, first + (tile + 1) * width - 1];
};

function drawMpiMatrix() {
  const { tiles, filled } = mpi.matrix;
  const side = matrixSide();
  const square = side / tiles;
  const context = cleared($("mpi-matrix"), matrixTop + side + 4);
  const bytes = filled.map((t) => t.bytes).filter((b) => b > 0);
  const [least, most] = bytes.length > 0 ? d3.extent(bytes) : [1, 1];
  // By factors: sizes differ by orders of magnitude. None of them as pale as what is empty.
  const part = (b) => (most > least ? Math.log(b / least) / Math.log(most / least) : 1);
  const colour = (share) =>
    dark.matches ? d3.interpolateYlGnBu(0.85 - 0.7 * share) : d3.interpolateYlGnBu(0.2 + 0.8 * share);
  const gap = square > 8 ? 1 : 0;
  context.globalAlpha = 0.08;
  context.fillStyle = ink();
  context.fillRect(matrixLeft, matrixTop, side, side);
  context.globalAlpha = 1;
  for (const t of filled) {
    context.fillStyle = t.bytes > 0 ? colour(part(t.bytes)) : "#999999";
    context.fillRect(matrixLeft + t.to * square, matrixTop + t.from * square,
      Math.max(1, square - gap), Math.max(1, square - gap));
  }
  context.fillStyle = ink();
  const longest = String(tileRanks(tiles - 1)[0]).length;
  const step = Math.ceil((10 + letterWidth * longest) / square);
  for (let tile = 0; tile < tiles; tile += step) {
    const [first] = tileRanks(tile);
    context.textAlign = "center";
    context.fillText(first, matrixLeft + (tile + 0.5) * square, matrixTop / 2);
    context.textAlign = "right";
    context.fillText(first, matrixLeft - 6, matrixTop + (tile + 0.5) * square);
  }
  const legend = $("mpi-matrix-legend");
  if (least < most) return showLegend(legend, shownBytes(least), colour, shownBytes(most));
  const each = `each ${shownBytes(bytes.length > 0 ? most : 0)}`;
  d3.select(legend).html("").append("span").text(each);
}

function describeMpiTile({ x, y }) {
  const t = mpi.matrix.filled.find((of) => of.from === y && of.to === x);
  const moved = t ? `${counted(t.messages, "message")}, ${shownBytes(t.bytes)}` : "nothing";
  return [`from ${rankText(...tileRanks(y))} to ${rankText(...tileRanks(x))}`, moved];
}

// ---- What it is spent on

/** Bars of whatever has calls, a time, and perhaps the time over ranks. */
function showMpiCosts(list, rows) {
  showBars(list, rows.map(({ name, calls, time, over_ranks: over }) => ({
    name: printable(name),
    title: over && over.ranks > 1
      ? `mean ${shownTime(over.mean)}, least ${shownTime(over.min)} on rank ${over.min_rank}, ` +
        `greatest ${shownTime(over.max)} on rank ${over.max_rank}`
      : "",
    size: time,
    text: `${counted(calls, "call")}, ${shownTime(time)}`,
    part: percent(time, mpi.mpi),
  })));
}

function showEfficiencies() {
  $("mpi-efficiency").hidden = !mpi.efficiency;
  if (!mpi.efficiency) return;
  const { parallel, load_balance: balance, communication } = mpi.efficiency;
  const parts = [
    ["Parallel efficiency", parallel, ""],
    ["Load balance", balance, "="],
    ["Communication efficiency", communication, "×"],
  ];
  const li = d3.select($("mpi-efficiency")).selectAll("li").data(parts).join("li");
  li.attr("data-sign", ([, , sign]) => sign).style("--share", ([, part]) => `${100 * part}%`);
  li.append("b").text(([, part]) => percent(part, 1));
  li.append("span").text(([name]) => name);
}

function drawMpi() {
  if (!mpi) return;
  if (mpi.ranks.length > 0) drawMpiRanks();
  if (mpi.matrix.tiles > 0) drawMpiMatrix();
}

function startMpi() {
  $("mpi-part").hidden = !mpi;
  if (!mpi) return;
  d3.select($("mpi-sentences")).selectAll("p").data(mpi.sentences).join("p").text(printable);
  showEfficiencies();
  const legend = d3.select($("mpi-legend")).selectAll("span").data(partsOfRank).join("span");
  legend.style("--colour", (part) => part.colour).text((part) => part.title);
  showMpiCosts($("mpi-activities"), mpi.activities);
  showMpiCosts($("mpi-paths"), mpi.paths);
  $("mpi-ranks-part").hidden = mpi.ranks.length === 0;
  $("mpi-matrix-part").hidden = mpi.matrix.tiles === 0;
  const inMpi = `${percent(mpi.mpi, mpi.application)} of their time in MPI`;
  $("mpi-ranks").setAttribute("aria-label", `${counted(mpi.ranks.length, "bar")}: ${inMpi}. Arrow keys move.`);
  $("mpi-matrix").setAttribute("aria-label", "Who sends how much to whom. Arrow keys move.");
  startCells($("mpi-ranks"), $("mpi-ranks-read"), {
    at: (x) => ({ x: Math.floor((x - barsLeft) / barWidth()), y: 0 }),
    isCell: ({ x, y }) => mpi.ranks[x] !== undefined && y === 0,
    describe: describeMpiRank,
  });
  const isTile = (n) => n >= 0 && n < mpi.matrix.tiles;
  const tileAt = (from) => Math.floor(from / (matrixSide() / mpi.matrix.tiles));
  startCells($("mpi-matrix"), $("mpi-matrix-read"), {
    at: (x, y) => ({ x: tileAt(x - matrixLeft), y: tileAt(y - matrixTop) }),
    isCell: ({ x, y }) => isTile(x) && isTile(y),
    describe: describeMpiTile,
  });
}
