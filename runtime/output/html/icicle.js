// ---- The icicle: call paths as wide as they take, each below the one it was called from

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

/** Text as far as it has room. The font has one width. */
function writeText(context, text, x, y, room) {
  const fits = Math.floor(room / 7.3);
  if (fits < 3) return;
  const letters = Array.from(text.slice(0, 2 * fits + 2));
  context.fillText(letters.length > fits ? letters.slice(0, fits - 1).join("") + "…" : letters.join(""), x, y);
}

const level = 21, mostLevels = 26; // height of a level, and how many are shown at once
const icicle = { x: [0, 1], top: 0, cursor: null, timer: null };

function colourOf(node) {
  const c = state.c, row = node.data.row;
  if (row < 0) return dark.matches ? "#333b44" : "#d9dee4";
  if ($("colours").value === "imbalance" && c.ranks)
    return c.imbalance[row] === null ? "#888" : d3.interpolateOrRd(0.08 + 0.8 * Math.min(1, c.imbalance[row]));
  let hash = 7;
  for (const letter of nameOf(c, row)) hash = (hash * 31 + letter.codePointAt(0)) % 100003;
  const hue = (hash * 47) % 360;
  return String(dark.matches ? d3.hcl(hue, 32, 38 + (hash % 7)) : d3.hcl(hue, 38, 78 + (hash % 7)));
}

function drawIcicle() {
  const canvas = $("icicle"), root = state.c.root;
  const levels = Math.min(root.height + 1, mostLevels), context = cleared(canvas, levels * level);
  const x = d3.scaleLinear().domain(icicle.x).range([0, canvas.clientWidth]);
  const found = state.matches && new Set(state.matches);
  const open = [root];
  while (open.length > 0) {
    const node = open.pop();
    const left = Math.max(0, x(node.x0)), right = Math.min(canvas.clientWidth, x(node.x1));
    const y = (node.depth - icicle.top) * level;
    if (right - left < 0.5 || y >= levels * level) continue;
    open.push(...(node.children || []));
    if (y < 0) continue;
    const colour = colourOf(node);
    context.globalAlpha = found && !found.has(node.data.row) ? 0.22 : 1;
    context.fillStyle = colour;
    context.fillRect(left, y, Math.max(0.5, right - left - 0.7), level - 1);
    context.fillStyle = context.globalAlpha < 1 ? ink() : d3.lab(colour).l > 58 ? "#14171b" : "#f4f6f8";
    context.globalAlpha = context.globalAlpha < 1 ? 0.6 : 1;
    writeText(context, labelOf(node), left + 5, y + level / 2, right - left - 8);
    if (node === icicle.cursor && node !== state.focus) {
      context.globalAlpha = 1;
      context.strokeStyle = ink();
      context.lineWidth = 2;
      context.strokeRect(left + 1, y + 1, right - left - 3, level - 3);
    }
  }
}

/** The node at a place of the canvas. */
function nodeAt(event) {
  const box = $("icicle").getBoundingClientRect();
  const x = icicle.x[0] + ((event.clientX - box.left) / box.width) * (icicle.x[1] - icicle.x[0]);
  const depth = icicle.top + Math.floor((event.clientY - box.top) / level);
  let node = state.c.root;
  while (node && node.depth < depth) node = (node.children || []).find((child) => child.x0 <= x && x < child.x1);
  return node;
}

function zoom(node) {
  const from = icicle.x, root = state.c.root;
  state.focus = icicle.cursor = node;
  icicle.top = root.height < mostLevels ? 0 : Math.max(0, node.depth - 2);
  showFocus();
  const between = d3.interpolateArray(from, node.value > 0 ? [node.x0, node.x1] : [0, 1]);
  if (icicle.timer) icicle.timer.stop();
  const until = still.matches ? 0 : 250;
  icicle.timer = d3.timer((passed) => {
    const part = until > 0 ? Math.min(1, passed / until) : 1;
    icicle.x = between(d3.easeCubicOut(part)).slice();
    if (part === 1) icicle.timer.stop();
    drawIcicle();
  });
}

function zoomTo(row) {
  if (!state.c.stacks) return;
  zoom(state.c.nodeOf[row]);
  $("icicle-part").scrollIntoView({ block: "nearest", behavior: still.matches ? "auto" : "smooth" });
}

function showFocus() {
  const node = state.focus, canvas = $("icicle");
  const path = node.ancestors().reverse();
  d3.select($("crumbs")).selectAll("button").data(path).join("button")
    .attr("class", "name").attr("type", "button").text(labelOf).on("click", zoom);
  canvas.dataset.focus = node.data.row < 0 ? labelOf(node) : pathOf(state.c, node.data.row);
  canvas.setAttribute("aria-label", `Icicle of ${state.c.title}, zoomed to ${describe(node).join(", ")}. Arrow keys move, Enter zooms, Escape resets.`);
  const hidden = state.c.root.height + 1 - icicle.top - mostLevels;
  $("icicle-read").textContent = hidden > 0 ? `${hidden} more levels below: zoom to see them` : "";
  drawTable();
}

function moveCursor(key) {
  const at = icicle.cursor || state.focus, row = at.parent ? at.parent.children : [at];
  const next = { ArrowUp: at.parent, ArrowDown: d3.max(at.children || [], (n) => n.value) === undefined ? null : at.children[d3.scan(at.children, (a, b) => b.value - a.value)],
    ArrowLeft: row[row.indexOf(at) - 1], ArrowRight: row[row.indexOf(at) + 1] }[key];
  if (!next) return;
  icicle.cursor = next;
  $("icicle-read").textContent = describe(next).join(", ");
  drawIcicle();
}

function startIcicle() {
  const canvas = $("icicle");
  canvas.addEventListener("mousemove", (event) => { const node = nodeAt(event); showTip(node && describe(node), event); });
  canvas.addEventListener("mouseleave", () => showTip(null));
  canvas.addEventListener("click", (event) => { const node = nodeAt(event); if (node) zoom(node); });
  canvas.addEventListener("keydown", (event) => {
    if (event.key.startsWith("Arrow")) { event.preventDefault(); moveCursor(event.key); }
    if (event.key === "Enter" && icicle.cursor) zoom(icicle.cursor);
  });
  $("colours").addEventListener("change", drawIcicle);
}
