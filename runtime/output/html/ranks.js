// ---- Ranks that were kept apart: a heat map, a call path a row, a rank a column

const heatRowHeight = 20;
const heatTop = 20; // where the numbers of the ranks are
const mostHeatRows = 40;
const heat = { rows: [], at: null }; // places in apart.rows; the cell that the keyboard is at

/** The greatest rows that the search leaves, in the order of the tree. */
function heatRows(c) {
  const found = state.matches && new Set(state.matches);
  const total = (i) => value(c, "total", c.apart.rows[i]);
  return d3.range(c.apart.rows.length)
    .filter((i) => !found || found.has(c.apart.rows[i]))
    .sort((a, b) => total(b) - total(a))
    .slice(0, mostHeatRows)
    .sort((a, b) => a - b);
}

/** What a rank has there, and the mean of its row: ranks that don't have it count as 0. */
function heatCell(x, y) {
  const totals = state.c.apart.totals;
  const total = totals[x][heat.rows[y]];
  return { x, y, total, mean: d3.sum(totals, (of) => Number(of[heat.rows[y]])) / totals.length };
}

function heatScale(cells) {
  if ($("heat-colours").value === "value") {
    const most = d3.max(cells, (cell) => Number(cell.total)) || 1;
    return d3.scaleSequential(d3.interpolateViridis).domain([0, most]);
  }
  const most = d3.max(cells, (cell) => Math.abs(cell.total - cell.mean)) || 1;
  const middle = dark.matches ? "#262c33" : "#f3f4f6";
  return d3.scaleLinear().domain([-most, 0, most]).range(["#3b82d0", middle, "#d8403a"])
    .interpolate(d3.interpolateLab);
}

/** Where the cells begin, and how wide they are. */
function heatLayout() {
  const width = $("heat").clientWidth;
  const left = Math.min(300, width * 0.3);
  return { left, cell: (width - left) / state.c.apart.ranks.length };
}

function drawHeatLabels(context) {
  const c = state.c;
  const { left, cell } = heatLayout();
  context.fillStyle = ink();
  heat.rows.forEach((i, y) => {
    const row = c.apart.rows[i];
    const indent = 8 * Math.min(12, c.depth[row]);
    const name = shortened(nameOf(c, row), left - indent - 6);
    context.fillText(name, indent, heatTop + (y + 0.5) * heatRowHeight);
  });
  context.textAlign = "center";
  const longest = d3.max(c.apart.ranks, (rank) => rank.length);
  const step = Math.ceil((16 + letterWidth * longest) / cell); // so that they don't overlap
  for (let x = 0; x < c.apart.ranks.length; x += step)
    context.fillText(c.apart.ranks[x], left + (x + 0.5) * cell, heatTop / 2);
}

function drawHeat() {
  const c = state.c;
  const { left, cell } = heatLayout();
  heat.rows = heatRows(c);
  const context = cleared($("heat"), heatTop + heatRowHeight * Math.max(1, heat.rows.length));
  const cells = d3.cross(d3.range(c.apart.ranks.length), d3.range(heat.rows.length), heatCell)
    .filter((at) => at.total !== null);
  const scale = heatScale(cells);
  const isValue = $("heat-colours").value === "value";
  // Where a rank is thinner than a pixel, what is furthest from the mean stays on top.
  cells.sort((a, b) => Math.abs(a.total - a.mean) - Math.abs(b.total - b.mean));
  const place = (x, y) => [left + x * cell, heatTop + y * heatRowHeight];
  for (const { x, y, total, mean } of cells) {
    context.fillStyle = scale(isValue ? Number(total) : total - mean);
    context.fillRect(...place(x, y), Math.max(1, cell > 6 ? cell - 1 : cell), heatRowHeight - 1);
  }
  if (heat.at) {
    context.strokeStyle = ink();
    context.lineWidth = 2;
    context.strokeRect(...place(heat.at.x, heat.at.y), Math.max(2, cell - 1), heatRowHeight - 1);
  }
  drawHeatLabels(context);
  const [low, high] = d3.extent(scale.domain());
  const colour = (part) => scale(low + part * (high - low));
  showLegend($("heat-legend"), withUnit(low), colour, withUnit(high));
  const what = `${c.title} of ${callPaths(heat.rows.length)} on ${c.apart.ranks.length} ranks`;
  $("heat").setAttribute("aria-label", `${what}. Arrow keys move.`);
}

function describeCell({ x, y }) {
  const c = state.c;
  const { total, mean } = heatCell(x, y);
  const shown = total === null ? "not there" : `${total} ${c.unit}`.trimEnd();
  const ranks = c.apart.ranks[x];
  return [
    pathOf(c, c.apart.rows[heat.rows[y]]),
    `${/^\d+$/.test(ranks) ? "rank" : "ranks"} ${ranks}: ${shown}`,
    `mean ${withUnit(mean)}${mean > 0 ? ` (${signed(total / mean - 1)})` : ""}`,
  ];
}

function startHeat() {
  startCells($("heat"), $("heat-read"), {
    at: (left, top) => {
      const { left: begin, cell } = heatLayout();
      return { x: Math.floor((left - begin) / cell), y: Math.floor((top - heatTop) / heatRowHeight) };
    },
    isCell: ({ x, y }) => state.c.apart.ranks[x] !== undefined && heat.rows[y] !== undefined,
    describe: describeCell,
    cursor: heat,
    moved: drawHeat,
  });
  $("heat-colours").addEventListener("change", drawHeat);
}

// ---- Ranks that were folded: the least, the mean and the greatest of each row

const rangeRowHeight = 24;
const mostRangeRows = 15;

/** The most uneven rows that the search leaves. */
function rangeRows(c) {
  const greatest = (row) => value(c, "rank_max", row);
  return (state.matches || allRows(c))
    .filter((row) => has(c, "ranks", row) && greatest(row) > 0)
    .sort((a, b) => excess(c, b) - excess(c, a) || greatest(b) - greatest(a))
    .slice(0, mostRangeRows);
}

function describeRange(c, row) {
  return [
    pathOf(c, row),
    `least ${exact("rank_min", row)} on rank ${c.min_rank[row]}`,
    `mean ${withUnit(value(c, "rank_mean", row))}`,
    `greatest ${exact("rank_max", row)} on rank ${c.max_rank[row]}`,
    `of ${c.ranks[row]} ranks`,
  ];
}

/** What stands behind the greatest. */
function rangeNote(c, row) {
  const isOdd = value(c, "rank_min", row) < value(c, "rank_max", row) || c.ranks[row] === 1;
  const note = isOdd ? `rank ${c.max_rank[row]}` : "all equal";
  return c.ranks[row] < c.all_ranks ? `${note} (on ${c.ranks[row]} of ${c.all_ranks})` : note;
}

function drawRange() {
  const c = state.c;
  const rows = rangeRows(c);
  const width = $("range").clientWidth;
  const left = Math.min(300, width * 0.3);
  const most = d3.max(rows, (row) => value(c, "rank_max", row)) || 1;
  const x = d3.scaleLinear().domain([0, most]).range([left, width - 150]);
  const svg = d3.select($("range")).html("").attr("height", heatTop + rangeRowHeight * rows.length);
  svg.selectAll("text").data(x.ticks(6)).join("text").attr("class", "muted")
    .attr("x", x).attr("y", 12).attr("text-anchor", "middle").text(withUnit);
  const of = (key) => (row) => x(value(c, key, row));
  const g = svg.selectAll("g").data(rows).join("g")
    .attr("transform", (_, i) => `translate(0, ${heatTop + rangeRowHeight * (i + 0.5)})`)
    .attr("role", "img").attr("aria-label", (row) => describeRange(c, row).join(", "))
    .on("click", zoomTo)
    .on("mousemove", (row) => showTip(describeRange(c, row), d3.event))
    .on("mouseleave", () => showTip(null));
  g.append("rect").attr("y", -rangeRowHeight / 2).attr("width", width)
    .attr("height", rangeRowHeight);
  g.append("text").attr("y", 4).text((row) => shortened(nameOf(c, row), left - 20));
  g.append("line").attr("x1", of("rank_min")).attr("x2", of("rank_max"));
  const dot = (kind, key, radius) =>
    g.append("circle").attr("class", kind).attr("cx", of(key)).attr("r", radius);
  dot("least", "rank_min", 4);
  dot("greatest", "rank_max", 4);
  dot("mean", "rank_mean", 3);
  g.append("text").attr("x", (row) => of("rank_max")(row) + 9).attr("y", 4)
    .text((row) => rangeNote(c, row));
}

function showRanks() {
  const c = state.c;
  const isApart = Boolean(c.apart);
  $("ranks-part").hidden = !isApart && !c.ranks;
  $("ranks-title").textContent = isApart
    ? "Ranks: each call path on each of them"
    : `Ranks: least, mean and greatest of ${c.all_ranks}, where they differ most`;
  for (const id of ["heat", "heat-tools", "heat-read"]) $(id).hidden = !isApart;
  $("range").toggleAttribute("hidden", isApart);
  if (isApart) drawHeat();
  else if (c.ranks) drawRange();
}
