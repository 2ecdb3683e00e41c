// ---- The icicle: call paths as wide as they take, each below the one that it was called from

const levelHeight = 21;
const mostLevels = 26; // shown at once
const icicle = { x: [0, 1], top: 0, cursor: null, timer: null };

/** The context of a canvas that is `height` high, empty, in units of CSS. */
function cleared(canvas, height) {
  const scale = devicePixelRatio || 1;
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(canvas.clientWidth * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  context.font = "12px ui-monospace, monospace";
  context.textBaseline = "middle";
  return context;
}

const letterWidth = 7.3; // of that font

/** A name as far as it has room. */
function shortened(name, room) {
  const fits = Math.floor(room / letterWidth);
  if (fits < 1) return "";
  const letters = Array.from(name.slice(0, 2 * fits + 2));
  if (letters.length <= fits) return name;
  return fits < 3 ? "" : `${letters.slice(0, fits - 1).join("")}…`;
}

const coloursOfNames = { light: [], dark: [] }; // by the number of the name

/** The same for the same name in every report. */
function colourOfName(name) {
  const known = dark.matches ? coloursOfNames.dark : coloursOfNames.light;
  if (known[name]) return known[name];
  let hash = 7;
  for (const letter of names[name]) hash = (hash * 31 + letter.codePointAt(0)) % 100003;
  const hue = (hash * 47) % 360;
  const colour = d3.hcl(hue, dark.matches ? 32 : 38, (dark.matches ? 38 : 78) + (hash % 7));
  return (known[name] = String(colour));
}

function colourOf(node) {
  const c = state.c;
  const row = node.data.row;
  if (row < 0) return dark.matches ? "#333b44" : "#d9dee4";
  if ($("colours").value === "imbalance" && c.ranks)
    return has(c, "imbalance", row)
      ? d3.interpolateOrRd(0.08 + 0.8 * Math.min(1, c.imbalance[row]))
      : "#888888";
  return colourOfName(c.name[row]);
}

function drawBox(context, node, box, isFaint) {
  const colour = colourOf(node);
  context.globalAlpha = isFaint ? 0.22 : 1;
  context.fillStyle = colour;
  context.fillRect(box.left, box.y, Math.max(0.5, box.width - 0.7), levelHeight - 1);
  const label = shortened(labelOf(node), box.width - 8);
  if (label) {
    context.globalAlpha = isFaint ? 0.6 : 1;
    context.fillStyle = isFaint ? ink() : d3.lab(colour).l > 58 ? "#14171b" : "#f4f6f8";
    context.fillText(label, box.left + 5, box.y + levelHeight / 2);
  }
  context.globalAlpha = 1;
  if (node !== icicle.cursor || node === state.focus) return;
  context.strokeStyle = ink();
  context.lineWidth = 2;
  context.strokeRect(box.left + 1, box.y + 1, box.width - 3, levelHeight - 3);
}

/** Only what is in sight: nothing below a node that is thinner than half a pixel. */
function drawIcicle() {
  const canvas = $("icicle");
  const height = Math.min(state.c.root.height + 1, mostLevels) * levelHeight;
  const context = cleared(canvas, height);
  const x = d3.scaleLinear().domain(icicle.x).range([0, canvas.clientWidth]);
  const found = state.matches && new Set(state.matches);
  const open = [state.c.root];
  while (open.length > 0) {
    const node = open.pop();
    const left = Math.max(0, x(node.x0));
    const width = Math.min(canvas.clientWidth, x(node.x1)) - left;
    const y = (node.depth - icicle.top) * levelHeight;
    if (width < 0.5 || y >= height) continue;
    for (const child of node.children || []) open.push(child);
    if (y >= 0) drawBox(context, node, { left, width, y }, found && !found.has(node.data.row));
  }
}

/** The node at the place of the mouse, if there is one. */
function nodeAt(event) {
  const box = $("icicle").getBoundingClientRect();
  const [first, last] = icicle.x;
  const x = first + ((event.clientX - box.left) / box.width) * (last - first);
  const depth = icicle.top + Math.floor((event.clientY - box.top) / levelHeight);
  const isHere = (node) => node.x0 <= x && x < node.x1;
  let node = state.c.root;
  while (node && node.depth < depth) node = (node.children || []).find(isHere);
  return node;
}

/** Gives a node the whole width. */
function zoom(node) {
  state.focus = node;
  icicle.cursor = node;
  icicle.top = state.c.root.height < mostLevels ? 0 : Math.max(0, node.depth - 2);
  showFocus();
  const between = d3.interpolateArray(icicle.x, node.value > 0 ? [node.x0, node.x1] : [0, 1]);
  const duration = still.matches ? 0 : 250;
  if (icicle.timer) icicle.timer.stop();
  icicle.timer = d3.timer((passed) => {
    const part = passed < duration ? d3.easeCubicOut(passed / duration) : 1;
    icicle.x = between(part).slice();
    if (part === 1) icicle.timer.stop();
    drawIcicle();
  });
}

function zoomTo(row) {
  if (!state.c.stacks) return;
  zoom(state.c.nodeOf[row]);
  const behavior = still.matches ? "auto" : "smooth";
  $("icicle-part").scrollIntoView({ block: "nearest", behavior });
}

function showFocus() {
  const node = state.focus;
  const canvas = $("icicle");
  const path = node.ancestors().reverse();
  const ends = path.length > 12 ? [...path.slice(0, 3), ...path.slice(-8)] : path;
  d3.select($("crumbs")).selectAll("button").data(ends).join("button")
    .attr("type", "button").attr("class", "name").text(labelOf).on("click", zoom)
    .classed("gap", (_, i) => ends !== path && i === 3);
  canvas.dataset.focus = node.data.row < 0 ? labelOf(node) : pathOf(state.c, node.data.row);
  canvas.setAttribute("aria-label",
    `Icicle of ${state.c.title}, zoomed to ${describe(node).join(", ")}. ` +
    "Arrow keys move, Enter zooms, Escape resets.");
  const hidden = state.c.root.height + 1 - icicle.top - mostLevels;
  $("icicle-read").textContent = hidden > 0 ? `${hidden} more levels below: zoom to see them` : "";
  drawTable();
}

function moveCursor(key) {
  const at = icicle.cursor;
  const beside = at.parent ? at.parent.children : [at];
  const place = beside.indexOf(at);
  const below = at.children || [];
  const next = {
    ArrowUp: at.parent,
    ArrowDown: below[d3.scan(below, (a, b) => b.value - a.value)],
    ArrowLeft: beside[place - 1],
    ArrowRight: beside[place + 1],
  }[key];
  if (!next) return;
  icicle.cursor = next;
  $("icicle-read").textContent = describe(next).join(", ");
  drawIcicle();
}

function startIcicle() {
  const canvas = $("icicle");
  canvas.addEventListener("mousemove", (event) => {
    const node = nodeAt(event);
    showTip(node && describe(node), event);
  });
  canvas.addEventListener("mouseleave", () => showTip(null));
  canvas.addEventListener("click", (event) => {
    const node = nodeAt(event);
    if (node) zoom(node);
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.key === "Enter") zoom(icicle.cursor);
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    moveCursor(event.key);
  });
  $("colours").addEventListener("change", drawIcicle);
}
