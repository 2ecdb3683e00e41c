// What the page of `timemory report --format html` does. Its data are those that html_writer.cpp
// writes: of each component one list a column, with an entry for each row, which is a call path.
// Names come from the measured program: they only ever become text, never HTML.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const dark = matchMedia("(prefers-color-scheme: dark)");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const ink = () => getComputedStyle(document.body).color;

const state = {
  c: null, // the component that is shown
  focus: null, // the node of the icicle that has the whole width
  matches: null, // rows that the search found, ascending; null without a search
  sort: null, // {key, down} of the table; null: in the order of the tree
};

// ---- Components

const names = data.names.map((name) =>
  // Control characters as the pictures that Unicode has of them.
  name.replace(/[\u0000-\u001f\u007f]/g, (c) => String.fromCharCode(c === "\u007f" ? 0x2421 : 0x2400 + c.charCodeAt(0))),
);
for (const c of data.components) {
  const several = data.components.filter((other) => other.id === c.id).length > 1;
  c.title = several ? `${c.id}: ${c.label}` : c.id;
}

const value = (c, key, row) => (c[key] && c[key][row] !== null ? Number(c[key][row]) : 0);
const nameOf = (c, row) => names[c.name[row]];

function pathOf(c, row) {
  const path = [];
  for (; row >= 0; row = c.parent[row]) path.unshift(nameOf(c, row));
  return path.join(" > ");
}

/** Adds what is computed from the columns, when the component is first shown. */
function prepare(c) {
  if (c.nodeOf) return;
  const nodes = c.name.map((_, row) => ({ row, children: [] }));
  const top = { row: -1, label: "all", children: [] };
  const threads = new Map();
  const rootOf = (row) => {
    if (!c.thread) return top;
    const thread = c.thread[row];
    if (!threads.has(thread)) {
      threads.set(thread, { row: -1, label: `thread ${thread}`, children: [] });
      top.children.push(threads.get(thread));
    }
    return threads.get(thread);
  };
  c.depth = [];
  c.parent.forEach((parent, row) => {
    c.depth.push(parent < 0 ? 0 : c.depth[parent] + 1);
    (parent < 0 ? rootOf(row) : nodes[parent]).children.push(nodes[row]);
  });
  // As wide as the parts of its own that are in it. Where more is below than in it there is none.
  c.root = d3.hierarchy(top).sum((d) => (d.row < 0 ? 0 : Math.max(0, value(c, "self", d.row))));
  d3.partition()(c.root);
  c.nodeOf = [];
  c.root.each((node) => { if (node.data.row >= 0) c.nodeOf[node.data.row] = node; });
  c.all = d3.sum(c.parent, (parent, row) => (parent < 0 ? value(c, "total", row) : 0));
}

const labelOf = (node) => (node.data.row < 0 ? node.data.label : nameOf(state.c, node.data.row));
const totalOf = (node) => (node.data.row < 0 ? node.value : value(state.c, "total", node.data.row));

// ---- Numbers

const callPaths = (count) => `${d3.format(",")(count)} call path${count === 1 ? "" : "s"}`;
const percent = (part, whole) => (whole > 0 ? d3.format(",.1f")((100 * part) / whole) + " %" : "-");
const short = (v) => (Math.abs(v) >= 1000 ? d3.format(",.0f")(v) : d3.format(",.4~r")(v));
const withUnit = (v) => `${typeof v === "number" ? short(v) : v} ${state.c.unit}`.trimEnd();

/** Equal decimals for a column, five digits of the greatest. */
function formatFor(values) {
  const most = d3.max(values, (v) => Math.abs(v)) || 0;
  if (values.every((v) => Number.isInteger(Number(v)))) return d3.format(",d");
  const decimals = most > 0 ? 4 - Math.floor(Math.log10(most)) : 0;
  return d3.format(`,.${Math.min(9, Math.max(0, decimals))}f`);
}

/** The mean over all ranks, of which those without the row count as 0. */
const meanOfRanks = (c, row) => (value(c, "rank_mean", row) * value(c, "ranks", row)) / c.all_ranks;
const excess = (c, row) => value(c, "rank_max", row) - meanOfRanks(c, row);
const signed = (v) => d3.format("+,.0%")(v).replace("%", " %");

/** All that there is to say of a node, in lines. */
function describe(node) {
  const c = state.c, row = node.data.row;
  const lines = [labelOf(node)];
  lines.push(withUnit(row < 0 ? node.value : String(c.total[row])) + (row < 0 ? "" : `, count ${d3.format(",")(c.count[row])}`));
  const above = node.parent ? `${percent(totalOf(node), totalOf(node.parent))} of ${labelOf(node.parent)}, ` : "";
  if (row >= 0) lines.push(`${above}${percent(totalOf(node), c.all)} of all`, `own ${withUnit(String(c.self[row]))}`);
  if (row >= 0 && c.ranks && c.ranks[row] !== null)
    lines.push(`over ranks ${withUnit(String(c.rank_min[row]))} (rank ${c.min_rank[row]}) to ${withUnit(String(c.rank_max[row]))} (rank ${c.max_rank[row]}), imbalance ${signed(c.imbalance[row])}`);
  return lines;
}

function showTip(lines, event) {
  const tip = $("tip");
  tip.hidden = !lines;
  if (!lines) return;
  tip.textContent = lines.join("\n");
  tip.style.left = `${Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${event.clientY + 18 + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 10 : event.clientY + 18}px`;
}
