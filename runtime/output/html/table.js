// ---- Table: only the rows that are in sight are in the document

const columns = [
  { key: "name", title: "call path", wide: 230 },
  { key: "thread", title: "thread", wide: 60 },
  { key: "count", title: "count", wide: 76 },
  { key: "total", title: "inclusive", wide: 90, share: true },
  { key: "self", title: "exclusive", wide: 90, share: true },
  { key: "mean", title: "mean", wide: 80, group: "of one call" },
  { key: "min", title: "min", wide: 80, group: "of one call" },
  { key: "max", title: "max", wide: 80, group: "of one call" },
  { key: "stddev", title: "stddev", wide: 80, group: "of one call" },
  { key: "rank_mean", title: "mean", wide: 78, group: "over ranks" },
  { key: "rank_min", title: "min", wide: 78, group: "over ranks" },
  { key: "min_rank", title: "of", wide: 46, group: "over ranks", text: "rank with the least" },
  { key: "rank_max", title: "max", wide: 78, group: "over ranks" },
  { key: "max_rank", title: "of", wide: 46, group: "over ranks", text: "rank with the greatest" },
  { key: "imbalance", title: "imbalance", wide: 84, group: "over ranks", format: (v) => signed(v) },
];
const rowHeight = 24;
const table = { rows: [], columns: [] };

function sortRows() {
  const c = state.c, rows = state.matches ? [...state.matches] : d3.range(c.name.length);
  if (!state.sort) return rows;
  const { key, down } = state.sort, sign = down ? -1 : 1;
  if (key === "name") return rows.sort((a, b) => -sign * d3.ascending(nameOf(c, a), nameOf(c, b)) || a - b);
  return rows.sort((a, b) => (c[key][a] === null) - (c[key][b] === null) || sign * (value(c, key, a) - value(c, key, b)) || a - b);
}

/** The greatest first, then the least first, then the order of the tree. */
function sortBy(key) {
  const now = state.sort && state.sort.key === key ? state.sort : null;
  state.sort = !now ? { key, down: true } : now.down ? { key, down: false } : null;
  showTable();
}

function showHead() {
  const c = state.c;
  table.columns = columns.filter(({ key }) => c[key] && (key !== "total" || c.sums) && c[key].some((v) => v !== null));
  for (const column of table.columns.slice(1)) {
    const values = c[column.key].filter((v) => v !== null);
    const format = column.format || formatFor(values);
    column.shown = (v) => (typeof v === "string" ? v : format(v)); // texts have more digits than a number
    column.room = Math.max(column.wide, 16 + 8 * d3.max(values, (v) => column.shown(v).length));
  }
  const groups = [];
  for (const { group } of table.columns) {
    const last = groups[groups.length - 1];
    if (last && last.group === group) last.span += 1;
    else groups.push({ group, span: 1 });
  }
  const head = d3.select($("table")).select("thead").html("");
  head.append("tr").selectAll("th").data(groups).join("th").attr("colspan", (d) => d.span)
    .attr("class", (d) => (d.group ? "group" : null)).attr("scope", "colgroup").text((d) => d.group || "");
  const cells = head.append("tr").selectAll("th").data(table.columns).join("th").attr("scope", "col")
    .attr("data-column", (d) => d.key)
    .attr("aria-sort", (d) => (state.sort && state.sort.key === d.key ? (state.sort.down ? "descending" : "ascending") : null));
  cells.append("button").attr("type", "button").attr("title", (d) => `Sort by ${d.text || d.title}`)
    .text((d) => d.title + (state.sort && state.sort.key === d.key ? (state.sort.down ? " ▼" : " ▲") : "")).on("click", (d) => sortBy(d.key));
  // The name has what the others leave.
  d3.select($("table")).select("colgroup").selectAll("col").data(table.columns).join("col")
    .style("width", (d) => (d.room ? `${d.room}px` : null));
  $("table").style.minWidth = `${d3.sum(table.columns, (d) => d.room || d.wide)}px`;
}

/** A name with what was searched for marked. */
function writeName(cell, row) {
  const c = state.c, name = nameOf(c, row), isTree = !state.sort && !state.matches;
  const button = d3.select(cell).html("").attr("title", pathOf(c, row)).append("button").attr("type", "button").attr("class", "name")
    .style("padding-left", isTree ? `${14 * Math.min(24, c.depth[row])}px` : null).on("click", () => zoomTo(row));
  const query = $("search").value.toLowerCase(), at = query ? name.toLowerCase().indexOf(query) : -1;
  if (at < 0) button.text(name);
  else {
    button.append("span").text(name.slice(0, at));
    button.append("mark").text(name.slice(at, at + query.length));
    button.append("span").text(name.slice(at + query.length));
  }
  if (!isTree && c.parent[row] >= 0) d3.select(cell).append("span").attr("class", "muted").text(` in ${pathOf(c, c.parent[row])}`);
}

function writeCell(cell, column, row) {
  if (column.key === "name") return writeName(cell, row);
  const c = state.c, v = c[column.key][row];
  cell.textContent = v === null ? "-" : column.shown(v);
  cell.dataset.value = v === null ? "" : String(v);
  cell.title = cell.dataset.value;
  cell.className = column.share && c.stacks ? "share" : "";
  if (cell.className) cell.style.setProperty("--share", `${c.all > 0 ? Math.max(0, (100 * v) / c.all) : 0}%`);
}

function drawTable() {
  const scroll = $("scroll"), body = d3.select($("table")).select("tbody");
  const first = Math.max(0, Math.floor(scroll.scrollTop / rowHeight) - 6);
  const shown = table.rows.slice(first, first + Math.ceil(scroll.clientHeight / rowHeight) + 12);
  const space = (rows) => ({ height: rows * rowHeight });
  const parts = [space(first), ...shown.map((row, i) => ({ row, at: first + i })), space(table.rows.length - first - shown.length)];
  body.html("").selectAll("tr").data(parts).join("tr").each(function (part) {
    const tr = d3.select(this);
    if (part.row === undefined) return tr.attr("class", "space").append("td").attr("colspan", table.columns.length).style("height", `${part.height}px`);
    const focus = state.focus && state.c.stacks && state.focus.data.row === part.row;
    tr.attr("aria-rowindex", part.at + 3).attr("data-row", part.row).classed("zoomed", focus)
      .selectAll("td").data(table.columns).join("td").each(function (column) { writeCell(this, column, part.row); });
  });
}

function showTable() {
  const c = state.c;
  table.rows = sortRows();
  const unit = c.unit ? ` in ${c.unit}` : "";
  $("table-title").textContent = `${c.title}${unit}: ${callPaths(table.rows.length)}`;
  $("table").setAttribute("aria-rowcount", table.rows.length + 2);
  showHead();
  drawTable();
}
