// ---- What stands out

/** Items are rows of the component, or have a name and a title of their own. */
function showBars(list, items) {
  const most = d3.max(items, (item) => item.size) || 1;
  const li = d3.select(list).html("").selectAll("li").data(items).join("li");
  li.style("--share", (item) => `${(100 * item.size) / most}%`);
  li.append("span").attr("class", "name").attr("title", (item) => item.title)
    .text((item) => item.name).filter((item) => item.row !== undefined).text("")
    .append("button").attr("type", "button").attr("class", "name")
    .attr("title", (item) => pathOf(state.c, item.row))
    .text((item) => nameOf(state.c, item.row)).on("click", (item) => zoomTo(item.row));
  li.append("span").text((item) => item.text)
    .append("span").attr("class", "part").text((item) => item.part || "");
}

/** What each region takes itself, over all its paths. */
function ownOfNames(c) {
  const byName = new Map();
  c.name.forEach((name, row) => {
    const own = Math.max(0, value(c, "self", row));
    const item = byName.get(name) || { row, size: 0, most: own };
    if (own > item.most) Object.assign(item, { row, most: own });
    item.size += own;
    byName.set(name, item);
  });
  return [...byName.values()];
}

function showOwn(c) {
  const key = c.sums ? "total" : "max";
  const sizes = () => allRows(c).map((row) => ({ row, size: value(c, key, row) }));
  const items = c.stacks ? ownOfNames(c) : sizes();
  const first = items.sort((a, b) => b.size - a.size).slice(0, 5);
  for (const item of first) {
    item.text = withUnit(item.size);
    if (c.stacks) item.part = percent(item.size, c.all);
  }
  $("own-title").textContent = c.stacks ? `Most ${c.title} of its own` : `Greatest ${c.title}`;
  showBars($("own"), first);
}

/** The rows with a rank far above the mean, without those that owe it to a row below. */
function showUneven(c) {
  $("uneven-part").hidden = !c.ranks;
  if (!c.ranks) return;
  const owes = new Set();
  c.parent.forEach((parent, row) => {
    if (parent < 0 || c.max_rank[row] !== c.max_rank[parent]) return;
    if (excess(c, row) > 0.8 * excess(c, parent)) owes.add(parent);
  });
  const isUneven = (row) => has(c, "ranks", row) && excess(c, row) > 0 && !owes.has(row);
  const text = (row) =>
    `rank ${c.max_rank[row]}: ${withUnit(value(c, "rank_max", row))}, ` +
    `mean ${short(meanOfRanks(c, row))} (${signed(c.imbalance[row])})`;
  const rows = allRows(c).filter(isUneven).sort((a, b) => excess(c, b) - excess(c, a));
  const item = (row) => ({ row, size: excess(c, row), text: text(row) });
  showBars($("uneven"), rows.slice(0, 5).map(item));
}

// ---- Search

function search() {
  const c = state.c;
  const query = $("search").value.toLowerCase();
  const isFound = names.map((name) => name.toLowerCase().includes(query));
  state.matches = query ? allRows(c).filter((row) => isFound[c.name[row]]) : null;
  $("found").textContent = query ? foundText(c) : "";
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
  const found = new Set(state.matches);
  const isWithin = [];
  let sum = 0;
  c.parent.forEach((parent, row) => {
    const isBelow = parent >= 0 && isWithin[parent];
    isWithin.push(isBelow || found.has(row));
    if (!isBelow && found.has(row)) sum += c.nodeOf[row].value;
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
    const isOther = event.ctrlKey || event.metaKey || event.altKey;
    if (event.key !== "/" || isOther || event.target.matches("input, select")) return;
    event.preventDefault();
    $("search").select();
  });
}

// ---- The run

function showRows(element, rows) {
  const tr = d3.select(element).selectAll("tr").data(rows).join("tr");
  tr.selectAll("td").data((cells) => cells).join("td").text((cell) => cell);
}

const plural = (count, what) => `${count} ${what}${count === "1" ? "" : "s"}`;

function showRun() {
  const { command, facts, losses, settings, processes, info } = data.run;
  const fact = new Map(facts.map(([name, text]) => [name, printable(text)]));
  document.title = command ? `${printable(command)} - timemory` : "timemory report";
  $("command").textContent = command ? printable(command) : "timemory report";
  $("summary").textContent = [
    plural(fact.get("ranks"), "rank"),
    `${plural(fact.get("threads of a rank"), "thread")} each`,
    fact.get("started"),
    fact.get("host"),
  ].filter(Boolean).join(" · ");
  $("losses").hidden = losses.length === 0;
  const causes = losses.map(([cause, count]) => `${cause}: ${count}`);
  $("losses").textContent = `Not everything was recorded: ${causes.join(", ")}`;
  const div = d3.select($("facts")).selectAll("div").data([...fact]).join("div");
  div.append("dt").text(([name]) => name);
  div.append("dd").text(([, text]) => text);
  $("settings-count").textContent = settings.length;
  showRows($("settings"), settings.map(([name, text, origin]) => [name, text, `(${origin})`]));
  $("processes").parentElement.hidden = processes.length === 0;
  showRows($("processes"), processes.map(([host, ranks, count, threads, end]) => [
    printable(host), `rank ${ranks}`, `${count} process${count === "1" ? "" : "es"}`,
    plural(threads, "thread"), printable(end),
  ]));
  showRows($("info"), info);
}

// ---- Start

function redraw() {
  drawMpi();
  if (!state.c) return;
  if (state.c.stacks) drawIcicle();
  showRanks();
  drawTable();
}

function showComponent() {
  const c = data.components[$("component").value];
  prepare(c);
  state.c = c;
  state.sort = null;
  state.focus = c.root;
  icicle.cursor = c.root;
  icicle.x = [0, 1];
  $("icicle-part").hidden = !c.stacks;
  $("colours-label").hidden = !c.ranks;
  $("component").title = c.description;
  showOwn(c);
  showUneven(c);
  search();
  if (c.stacks) zoom(c.root);
}

/** At most once a frame. */
function inFrames(draw) {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      draw();
    });
  };
}

function start() {
  d3.select($("component")).selectAll("option").data(data.components).join("option")
    .attr("value", (_, i) => i).text((c) => c.title);
  $("component").value = Math.max(0, data.components.findIndex((c) => c.id === "wall_clock"));
  $("component").addEventListener("change", showComponent);
  $("scroll").addEventListener("scroll", inFrames(drawTable));
  addEventListener("resize", inFrames(redraw));
  dark.addEventListener("change", redraw);
  startIcicle();
  startHeat();
  startSearch();
  startMpi();
  showRun();
  showComponent();
  drawMpi();
}

start();
