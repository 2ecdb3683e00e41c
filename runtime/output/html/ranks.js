// ---- Ranks

const mostRows = 40, line = 20, axis = 20; // rows of the heat map; heights of a row and of the rank numbers
const heat = { rows: [], at: null };

/** Places in apart.rows of the rows that are shown: the greatest that the search leaves. */
function heatRows(c) {
  const found = state.matches && new Set(state.matches);
  const all = d3.range(c.apart.rows.length).filter((i) => !found || found.has(c.apart.rows[i]));
  all.sort((a, b) => value(c, "total", c.apart.rows[b]) - value(c, "total", c.apart.rows[a]));
  return all.slice(0, mostRows).sort((a, b) => a - b);
}

function heatScale(c, cells) {
  if ($("heat-colours").value === "value")
    return d3.scaleSequential(d3.interpolateViridis).domain([0, d3.max(cells, (cell) => cell.total) || 1]);
  const most = d3.max(cells, (cell) => Math.abs(cell.total - cell.mean)) || 1;
  const middle = dark.matches ? "#262c33" : "#f3f4f6";
  return d3.scaleLinear().domain([-most, 0, most]).range(["#3b82d0", middle, "#d8403a"]).interpolate(d3.interpolateLab);
}

function showLegend(scale) {
  const [low, high] = d3.extent(scale.domain());
  const stops = d3.range(0, 1.01, 0.1).map((part) => scale(low + part * (high - low)));
  const legend = d3.select($("heat-legend")).html("");
  legend.append("span").text(withUnit(low));
  legend.append("span").attr("class", "legend").style("background", `linear-gradient(to right, ${stops.join(",")})`);
  legend.append("span").text(withUnit(high));
}

const heatLayout = () => {
  const width = $("heat").clientWidth, gutter = Math.min(300, width * 0.3);
  return { gutter, cell: (width - gutter) / state.c.apart.ranks.length };
};

function drawHeat() {
  const c = state.c, { gutter, cell } = heatLayout();
  heat.rows = heatRows(c);
  const context = cleared($("heat"), axis + line * Math.max(1, heat.rows.length));
  const cells = [];
  heat.rows.forEach((i, y) => {
    const totals = c.apart.totals.map((of) => of[i]);
    const mean = d3.sum(totals, Number) / totals.length;
    totals.forEach((total, x) => { if (total !== null) cells.push({ x, y, total: Number(total), mean }); });
  });
  const scale = heatScale(c, cells), isValue = $("heat-colours").value === "value";
  // Where a rank is thinner than a pixel, what is furthest from the mean stays on top.
  cells.sort((a, b) => Math.abs(a.total - a.mean) - Math.abs(b.total - b.mean));
  for (const { x, y, total, mean } of cells) {
    context.fillStyle = scale(isValue ? total : total - mean);
    context.fillRect(gutter + x * cell, axis + y * line, Math.max(1, cell - (cell > 6 ? 1 : 0)), line - 1);
  }
  context.fillStyle = ink();
  heat.rows.forEach((i, y) => {
    const row = c.apart.rows[i], indent = 8 * Math.min(12, c.depth[row]);
    writeText(context, nameOf(c, row), indent, axis + (y + 0.5) * line, gutter - indent - 6);
  });
  context.textAlign = "center";
  const step = Math.ceil((16 + 7.3 * d3.max(c.apart.ranks, (rank) => rank.length)) / cell);
  c.apart.ranks.forEach((rank, x) => { if (x % step === 0) context.fillText(rank, gutter + (x + 0.5) * cell, axis / 2); });
  if (heat.at) {
    context.strokeStyle = ink();
    context.lineWidth = 2;
    context.strokeRect(gutter + heat.at.x * cell, axis + heat.at.y * line, Math.max(2, cell - 1), line - 1);
  }
  showLegend(scale);
  $("heat").setAttribute("aria-label", `${c.title} of ${heat.rows.length} call paths on ${c.apart.ranks.length} ranks. Arrow keys move.`);
}

function describeCell({ x, y }) {
  const c = state.c, i = heat.rows[y], total = c.apart.totals[x][i];
  const mean = d3.sum(c.apart.totals, (of) => Number(of[i])) / c.apart.totals.length;
  const difference = mean > 0 ? ` (${signed(Number(total) / mean - 1)})` : "";
  return [pathOf(c, c.apart.rows[i]), `rank ${c.apart.ranks[x]}: ${total === null ? "not there" : withUnit(String(total))}`, `mean ${withUnit(mean)}${difference}`];
}

function startHeat() {
  const canvas = $("heat");
  const within = ({ x, y }) => x >= 0 && x < state.c.apart.ranks.length && y >= 0 && y < heat.rows.length;
  canvas.addEventListener("mousemove", (event) => {
    const { gutter, cell } = heatLayout(), box = canvas.getBoundingClientRect();
    const at = { x: Math.floor((event.clientX - box.left - gutter) / cell), y: Math.floor((event.clientY - box.top - axis) / line) };
    showTip(within(at) ? describeCell(at) : null, event);
  });
  canvas.addEventListener("mouseleave", () => showTip(null));
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = heat.at ? { x: heat.at.x + step[0], y: heat.at.y + step[1] } : { x: 0, y: 0 };
    if (!within(next)) return;
    heat.at = next;
    $("heat-read").textContent = describeCell(next).join(", ");
    drawHeat();
  });
  $("heat-colours").addEventListener("change", drawHeat);
}

/** Least, mean and greatest of the ranks, of the rows that are most uneven. */
function drawRange() {
  const c = state.c, svg = d3.select($("range")).html("");
  const rows = (state.matches || d3.range(c.name.length)).filter((row) => c.ranks[row] !== null && value(c, "rank_max", row) > 0);
  rows.sort((a, b) => excess(c, b) - excess(c, a) || value(c, "rank_max", b) - value(c, "rank_max", a));
  const shown = rows.slice(0, 15);
  const width = $("range").clientWidth, gutter = Math.min(300, width * 0.3), high = 24;
  svg.attr("height", high * shown.length + 22);
  const x = d3.scaleLinear().domain([0, d3.max(shown, (row) => value(c, "rank_max", row)) || 1]).range([gutter, width - 150]);
  for (const tick of x.ticks(6)) svg.append("text").attr("class", "muted").attr("x", x(tick)).attr("y", 12).attr("text-anchor", "middle").text(withUnit(tick));
  shown.forEach((row, i) => {
    const y = 22 + high * (i + 0.5), least = value(c, "rank_min", row), most = value(c, "rank_max", row);
    const text = `${pathOf(c, row)}: least ${withUnit(String(c.rank_min[row]))} on rank ${c.min_rank[row]}, mean ${withUnit(value(c, "rank_mean", row))}, greatest ${withUnit(String(c.rank_max[row]))} on rank ${c.max_rank[row]}, of ${c.ranks[row]} ranks`;
    const g = svg.append("g").attr("role", "img").attr("aria-label", text).on("click", () => zoomTo(row))
      .on("mousemove", () => showTip(text.split(/, |: (?=least)/), d3.event)).on("mouseleave", () => showTip(null));
    g.append("rect").attr("y", y - high / 2).attr("width", width).attr("height", high).attr("fill", "transparent");
    const name = nameOf(c, row), fits = Math.floor(gutter / 7.3) - 4;
    g.append("text").attr("x", 0).attr("y", y + 4).text(name.length > fits ? name.slice(0, fits) + "…" : name);
    g.append("line").attr("x1", x(least)).attr("x2", x(most)).attr("y1", y).attr("y2", y);
    g.append("circle").attr("class", "least").attr("cx", x(least)).attr("cy", y).attr("r", 4);
    g.append("circle").attr("class", "mean").attr("cx", x(value(c, "rank_mean", row))).attr("cy", y).attr("r", 3);
    g.append("circle").attr("class", "greatest").attr("cx", x(most)).attr("cy", y).attr("r", 4);
    g.append("text").attr("x", x(most) + 9).attr("y", y + 4)
      .text(`${least < most || c.ranks[row] === 1 ? `rank ${c.max_rank[row]}` : "all equal"}${c.ranks[row] < c.all_ranks ? ` (on ${c.ranks[row]} of ${c.all_ranks})` : ""}`);
  });
}

function showRanks() {
  const c = state.c, apart = Boolean(c.apart);
  $("ranks-part").hidden = !apart && !c.ranks;
  $("ranks-title").textContent = apart ? "Ranks: each call path on each of them" : `Ranks: least, mean and greatest of ${c.all_ranks}, where they differ most`;
  for (const id of ["heat", "heat-tools", "heat-read"]) $(id).hidden = !apart;
  d3.select($("range")).style("display", apart ? "none" : null);
  if (apart) drawHeat();
  else if (c.ranks) drawRange();
}
