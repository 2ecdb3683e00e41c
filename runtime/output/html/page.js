// ---- What stands out

function listBars(list, items) {
  const most = d3.max(items, (item) => item.size) || 1;
  const li = d3.select(list).selectAll("li").data(items).join("li");
  li.style("--share", (item) => `${(100 * item.size) / most}%`).html("");
  li.append("span").append("button").attr("class", "name").text((item) => nameOf(state.c, item.row))
    .attr("title", (item) => pathOf(state.c, item.row)).on("click", (item) => zoomTo(item.row));
  li.append("span").text((item) => item.text).append("span").attr("class", "part").text((item) => item.part || "");
}

function showOwn(c) {
  let items;
  if (c.stacks) {
    const byName = new Map(); // over all paths
    c.name.forEach((name, row) => {
      const own = Math.max(0, value(c, "self", row));
      const item = byName.get(name) || { row, size: 0, most: -1 };
      item.size += own;
      if (own > item.most) [item.row, item.most] = [row, own];
      byName.set(name, item);
    });
    items = [...byName.values()].map((item) => ({ ...item, text: withUnit(item.size), part: percent(item.size, c.all) }));
  } else {
    const key = c.sums ? "total" : "max";
    items = c.name.map((_, row) => ({ row, size: value(c, key, row), text: withUnit(value(c, key, row)) }));
  }
  $("own-title").textContent = c.stacks ? `Most ${c.title} of its own` : `Greatest ${c.title}`;
  listBars($("own"), items.sort((a, b) => b.size - a.size).slice(0, 5));
}

/** The rows whose greatest rank is furthest above the mean. A row that owes it to one below it is left out. */
function showUneven(c) {
  $("uneven-part").hidden = !c.ranks;
  if (!c.ranks) return;
  const explained = new Set();
  c.parent.forEach((parent, row) => {
    if (parent >= 0 && c.max_rank[row] === c.max_rank[parent] && excess(c, row) > 0.8 * excess(c, parent)) explained.add(parent);
  });
  const rows = d3.range(c.name.length).filter((row) => c.ranks[row] !== null && excess(c, row) > 0 && !explained.has(row));
  rows.sort((a, b) => excess(c, b) - excess(c, a));
  listBars($("uneven"), rows.slice(0, 5).map((row) => ({
    row, size: excess(c, row),
    text: `rank ${c.max_rank[row]}: ${withUnit(value(c, "rank_max", row))}, mean ${short(meanOfRanks(c, row))} (${signed(c.imbalance[row])})`,
  })));
}

// ---- Search

function search() {
  const c = state.c, query = $("search").value.toLowerCase();
  if (query === "") state.matches = null;
  else {
    const hit = names.map((name) => name.toLowerCase().includes(query));
    state.matches = d3.range(c.name.length).filter((row) => hit[c.name[row]]);
  }
  $("found").textContent = state.matches ? foundText(c) : "";
  heat.at = null;
  $("scroll").scrollTop = 0;
  showTable();
  showRanks();
  if (c.stacks) drawIcicle();
}

/** How many were found, and what they take together: one below another counts once. */
function foundText(c) {
  const text = `${d3.format(",")(state.matches.length)} of ${callPaths(c.name.length)}`;
  if (!c.stacks) return text;
  const found = new Set(state.matches), within = [];
  let sum = 0;
  c.parent.forEach((parent, row) => {
    const above = parent >= 0 && within[parent];
    within.push(above || found.has(row));
    if (!above && found.has(row)) sum += c.nodeOf[row].value;
  });
  return `${text}, ${percent(sum, c.root.value)} of ${c.title}`;
}

function reset() {
  $("search").value = "";
  showTip(null);
  search();
  if (state.c.stacks) zoom(state.c.root);
}

function startSearch() {
  $("search").addEventListener("input", search);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") reset();
    if (event.key !== "/" || event.target.matches("input, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    $("search").select();
  });
}

// ---- The run

function fillRows(element, rows) {
  d3.select(element).selectAll("tr").data(rows).join("tr").selectAll("td").data((cells) => cells).join("td").text((cell) => cell);
}

function showRun() {
  const run = data.run, fact = new Map(run.facts);
  document.title = run.command ? `${run.command} - timemory` : "timemory report";
  $("command").textContent = run.command || "timemory report";
  const summary = [`${fact.get("ranks")} rank${fact.get("ranks") === "1" ? "" : "s"}`, `${fact.get("threads of a rank")} thread${fact.get("threads of a rank") === "1" ? "" : "s"} each`, fact.get("started"), fact.get("host")];
  $("summary").textContent = summary.filter(Boolean).join(" · ");
  $("losses").hidden = run.losses.length === 0;
  $("losses").textContent = `Not everything was recorded: ${run.losses.map(([cause, count]) => `${cause}: ${count}`).join(", ")}`;
  const facts = d3.select($("facts")).selectAll("div").data(run.facts).join("div");
  facts.append("dt").text((d) => d[0]);
  facts.append("dd").text((d) => d[1]);
  $("settings-count").textContent = run.settings.length;
  fillRows($("settings"), run.settings.map(([name, text, origin]) => [name, text, `(${origin})`]));
  fillRows($("info"), run.info);
}

// ---- Start

function redraw() {
  if (state.c.stacks) drawIcicle();
  showRanks();
  drawTable();
}

function showComponent() {
  const c = (state.c = data.components[$("component").value]);
  prepare(c);
  state.sort = null;
  $("icicle-part").hidden = !c.stacks;
  $("colours-label").hidden = !c.ranks;
  $("component").title = c.description;
  icicle.x = [0, 1];
  state.focus = icicle.cursor = c.root;
  showOwn(c);
  showUneven(c);
  search();
  if (c.stacks) zoom(c.root);
}

function start() {
  d3.select($("component")).selectAll("option").data(data.components).join("option")
    .attr("value", (_, i) => i).text((c) => c.title);
  const clock = data.components.findIndex((c) => c.id === "wall_clock");
  $("component").value = Math.max(0, clock);
  $("component").addEventListener("change", showComponent);
  let waiting = 0;
  $("scroll").addEventListener("scroll", () => { waiting = waiting || requestAnimationFrame(() => { waiting = 0; drawTable(); }); });
  addEventListener("resize", redraw);
  dark.addEventListener("change", redraw);
  startIcicle();
  startHeat();
  startSearch();
  showRun();
  showComponent();
}

start();
