// ---- The table of call paths: only the rows that are in sight are in the document

const rowHeight = 24;
const table = { rows: [], columns: [] };
const columns = [
  { key: "name", title: "call path", wide: 230 },
  { key: "thread", title: "thread", wide: 60 },
  { key: "count", title: "count", wide: 76 },
  { key: "total", title: "inclusive", wide: 90, isShare: true },
  { key: "self", title: "exclusive", wide: 90, isShare: true },
  { key: "mean", title: "mean", wide: 78, group: "of one call" },
  { key: "min", title: "min", wide: 78, group: "of one call" },
  { key: "max", title: "max", wide: 78, group: "of one call" },
  { key: "stddev", title: "stddev", wide: 78, group: "of one call" },
  { key: "rank_mean", title: "mean", wide: 78, group: "over ranks" },
  { key: "rank_min", title: "min", wide: 78, group: "over ranks" },
  { key: "min_rank", title: "rank", wide: 50, group: "over ranks" },
  { key: "rank_max", title: "max", wide: 78, group: "over ranks" },
  { key: "max_rank", title: "rank", wide: 50, group: "over ranks" },
  { key: "rank_stddev", title: "stddev", wide: 78, group: "over ranks" },
  { key: "imbalance", title: "imbalance", wide: 100, group: "over ranks", format: signed },
];

function sortedRows(c) {
  const rows = state.matches ? [...state.matches] : allRows(c);
  if (!state.sort) return rows;
  const { key, down } = state.sort;
  const sign = down ? -1 : 1;
  if (key === "name") // from the first letter to the last first
    return rows.sort((a, b) => -sign * d3.ascending(nameOf(c, a), nameOf(c, b)) || a - b);
  const difference = (a, b) => sign * (value(c, key, a) - value(c, key, b));
  const empty = (row) => (has(c, key, row) ? 0 : 1);
  return rows.sort((a, b) => empty(a) - empty(b) || difference(a, b) || a - b);
}

/** The greatest first, then the least first, then the order of the tree. */
function sortBy(key) {
  const isSame = state.sort && state.sort.key === key;
  state.sort = !isSame ? { key, down: true } : state.sort.down ? { key, down: false } : null;
  showTable();
  document.querySelector(`#table th[data-column=${key}] button`).focus();
}

/** The columns that the component has something in, with their formats and widths. */
function columnsOf(c) {
  const isFull = ({ key }) => c[key] && c[key].some((v) => v !== null);
  const isShown = (column) => isFull(column) && (column.key !== "total" || c.sums);
  return columns.filter(isShown).map((column) => {
    if (column.key === "name") return column;
    const values = c[column.key].filter((v) => v !== null);
    const format = column.format || formatFor(values);
    const shown = (v) => (typeof v === "string" ? v : format(v)); // more digits than a number has
    const wide = Math.max(column.wide, 14 + 9 * d3.max(values, (v) => shown(v).length));
    return { ...column, shown, wide };
  });
}

function groupsOf(shown) {
  const groups = [];
  for (const { group } of shown) {
    const last = groups[groups.length - 1];
    if (last && last.group === group) last.span += 1;
    else groups.push({ group, span: 1 });
  }
  return groups;
}

function showHead() {
  const all = d3.select($("table"));
  const head = all.select("thead").html("");
  head.append("tr").selectAll("th").data(groupsOf(table.columns)).join("th")
    .attr("scope", "colgroup").attr("colspan", (d) => d.span)
    .attr("class", (d) => (d.group ? "group" : null)).text((d) => d.group || "");
  const isSorted = (d) => state.sort && state.sort.key === d.key;
  const order = (d, down, up) => (isSorted(d) ? (state.sort.down ? down : up) : null);
  head.append("tr").selectAll("th").data(table.columns).join("th")
    .attr("scope", "col").attr("data-column", (d) => d.key)
    .attr("aria-sort", (d) => order(d, "descending", "ascending"))
    .append("button").attr("type", "button").attr("title", "Sort")
    .text((d) => d.title + (order(d, " ▼", " ▲") || "")).on("click", (d) => sortBy(d.key));
  // The name has what the others leave.
  all.select("colgroup").selectAll("col").data(table.columns).join("col")
    .style("width", (d) => (d.key === "name" ? null : `${d.wide}px`));
  all.style("min-width", `${d3.sum(table.columns, (d) => d.wide)}px`);
}

/** A name with what was searched for marked. Out of the order of the tree it says what it is in. */
function writeName(cell, row) {
  const c = state.c;
  const name = nameOf(c, row);
  const isTree = !state.sort && !state.matches;
  const button = cell.attr("title", pathOf(c, row)).append("button")
    .attr("type", "button").attr("class", "name").on("click", () => zoomTo(row));
  if (isTree) button.style("padding-left", `${14 * Math.min(9, c.depth[row])}px`);
  const query = $("search").value.toLowerCase();
  const begin = state.matches ? name.toLowerCase().indexOf(query) : 0;
  const end = state.matches ? begin + query.length : 0;
  button.append("span").text(name.slice(0, begin));
  if (begin < end) button.append("mark").text(name.slice(begin, end));
  button.append("span").text(name.slice(end));
  if (!isTree && c.parent[row] >= 0)
    cell.append("span").attr("class", "muted").text(` in ${pathOf(c, c.parent[row])}`);
}

function writeCell(cell, column, row) {
  if (column.key === "name") return writeName(cell, row);
  const c = state.c;
  const v = c[column.key][row];
  const all = v === null ? "" : String(v);
  cell.attr("data-value", all).attr("title", all).text(v === null ? "-" : column.shown(v));
  if (!column.isShare || !c.stacks) return;
  const share = c.all > 0 ? Math.max(0, (100 * v) / c.all) : 0;
  cell.attr("class", "share").style("--share", `${share}%`);
}

function drawTable() {
  const scroll = $("scroll");
  const body = d3.select($("table")).select("tbody");
  const count = Math.ceil(scroll.clientHeight / rowHeight) + 12;
  const last = Math.max(0, table.rows.length - count);
  const first = Math.min(last, Math.max(0, Math.floor(scroll.scrollTop / rowHeight) - 6));
  const rows = table.rows.slice(first, first + count);
  const active = document.activeElement.closest("#table tr[data-row]");

  const space = (height) => body.append("tr").attr("class", "space").append("td")
    .attr("colspan", table.columns.length).style("height", `${height * rowHeight}px`);
  body.html("");
  space(first);
  rows.forEach((row, i) => {
    const isZoomed = state.c.stacks && state.focus.data.row === row;
    const tr = body.append("tr").attr("data-row", row).attr("aria-rowindex", first + i + 3);
    tr.classed("zoomed", isZoomed);
    for (const column of table.columns) writeCell(tr.append("td"), column, row);
  });
  space(table.rows.length - first - rows.length);

  const again = active && body.select(`tr[data-row="${active.dataset.row}"] button`).node();
  if (again) again.focus({ preventScroll: true });
}

function showTable() {
  const c = state.c;
  table.rows = sortedRows(c);
  table.columns = columnsOf(c);
  const unit = c.unit ? ` in ${c.unit}` : "";
  $("table-title").textContent = `${c.title}${unit}: ${callPaths(table.rows.length)}`;
  $("table").setAttribute("aria-rowcount", table.rows.length + 2);
  showHead();
  drawTable();
}
