// The scripts of the page that `timemory report --format html` writes: data.js and those that
// page.cmake names after it. Here: what the page is given.
//
// The data are those of html_writer.cpp: of each component one list a column, with an entry for
// each row, which is a call path. Names come from the measured program: they only ever become text,
// never HTML.
"use strict";

// d3 5.7, which mpld3 has, does not know it yet.
d3.selection.prototype.join = function (name) {
  const entered = this.enter().append(name);
  this.exit().remove();
  return entered.merge(this).order();
};

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

/** Control characters as the pictures that Unicode has of them. */
function printable(name) {
  const picture = (c) => String.fromCharCode(c === "\u007f" ? 0x2421 : 0x2400 + c.charCodeAt(0));
  return name.replace(/[\u0000-\u001f\u007f]/g, picture);
}

const names = data.names.map(printable);
for (const c of data.components) {
  const several = data.components.filter((other) => other.id === c.id).length > 1;
  c.title = several ? `${c.id}: ${c.label}` : c.id;
}

const has = (c, key, row) => c[key] && c[key][row] !== null;
const value = (c, key, row) => (has(c, key, row) ? Number(c[key][row]) : 0);
const nameOf = (c, row) => names[c.name[row]];
const allRows = (c) => d3.range(c.name.length);

function pathOf(c, row) {
  const path = [];
  for (; row >= 0; row = c.parent[row]) path.unshift(nameOf(c, row));
  return path.join(" > ");
}

/** The rows as a tree, below a node for each thread where they were kept apart. */
function treeOf(c) {
  const nodes = c.name.map((_, row) => ({ row, children: [] }));
  const top = { row: -1, label: "all", children: [] };
  const threads = new Map();
  const rootOf = (row) => {
    if (!c.thread) return top;
    const number = c.thread[row];
    if (!threads.has(number)) {
      threads.set(number, { row: -1, label: `thread ${number}`, children: [] });
      top.children.push(threads.get(number));
    }
    return threads.get(number);
  };
  c.parent.forEach((parent, row) => {
    (parent < 0 ? rootOf(row) : nodes[parent]).children.push(nodes[row]);
  });
  return top;
}

/** Adds what is computed from the columns, when the component is first shown. */
function prepare(c) {
  if (c.root) return;
  c.depth = [];
  for (const parent of c.parent) c.depth.push(parent < 0 ? 0 : c.depth[parent] + 1);
  c.all = d3.sum(c.parent, (parent, row) => (parent < 0 ? value(c, "total", row) : 0));
  // A row is as wide as the parts of its own that are in it; where more is below than in it, it has
  // none.
  const own = (d) => (d.row < 0 ? 0 : Math.max(0, value(c, "self", d.row)));
  c.root = d3.partition()(d3.hierarchy(treeOf(c)).sum(own));
  c.nodeOf = [];
  c.root.each((node) => {
    if (node.data.row >= 0) c.nodeOf[node.data.row] = node;
  });
}

const labelOf = (node) => (node.data.row < 0 ? node.data.label : nameOf(state.c, node.data.row));
const totalOf = (node) => (node.data.row < 0 ? node.value : value(state.c, "total", node.data.row));

// ---- Numbers

const counted = (count, what) => `${d3.format(",")(count)} ${what}${count === 1 ? "" : "s"}`;
const callPaths = (count) => counted(count, "call path");
const percent = (part, whole) => (whole > 0 ? `${d3.format(",.1f")((100 * part) / whole)} %` : "-");
const signed = (v) => d3.format("+,.0%")(v).replace("%", " %");
const short = (v) => d3.format(Math.abs(v) >= 1000 ? ",.0f" : ",.4~r")(v);
const withUnit = (v) => `${short(v)} ${state.c.unit}`.trimEnd();

/** An entry of a column with all its digits. */
const exact = (key, row) => `${state.c[key][row]} ${state.c.unit}`.trimEnd();

/** Equal decimals for a column, five digits of the greatest. */
function formatFor(values) {
  if (values.every((v) => Number.isInteger(Number(v)))) return d3.format(",d");
  const most = d3.max(values, (v) => Math.abs(v));
  const decimals = 4 - Math.floor(Math.log10(most));
  return d3.format(`,.${Math.min(9, Math.max(0, decimals))}f`);
}

/** The mean over all ranks, of which those without the row count as 0. */
const meanOfRanks = (c, row) => (value(c, "rank_mean", row) * value(c, "ranks", row)) / c.all_ranks;
const excess = (c, row) => value(c, "rank_max", row) - meanOfRanks(c, row);

/** All that there is to say of a node, in lines. */
function describe(node) {
  const c = state.c;
  const row = node.data.row;
  if (row < 0) return [labelOf(node), withUnit(node.value)];
  const lines = [labelOf(node), `${exact("total", row)}, count ${c.count[row]}`];
  const total = totalOf(node);
  const above = node.parent;
  const ofParent = `${percent(total, totalOf(above))} of ${labelOf(above)}`;
  lines.push(`${ofParent}, ${percent(total, c.all)} of all`);
  lines.push(`own ${exact("self", row)}`);
  if (has(c, "ranks", row)) {
    lines.push(`least ${exact("rank_min", row)} on rank ${c.min_rank[row]}`);
    lines.push(`greatest ${exact("rank_max", row)} on rank ${c.max_rank[row]}`);
    lines.push(`imbalance ${signed(c.imbalance[row])}`);
  }
  return lines;
}

/** Shows lines beside the mouse; none: nothing. */
function showTip(lines, event) {
  const tip = $("tip");
  tip.hidden = !lines;
  if (!lines) return;
  tip.textContent = lines.join("\n");
  const below = event.clientY + 18;
  const fits = below + tip.offsetHeight < innerHeight;
  tip.style.left = `${Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${fits ? below : event.clientY - tip.offsetHeight - 10}px`;
}
