// ---- Cells of a canvas: what the mouse and the arrow keys say of them, and what colours mean

/**
 * `at` gives the cell at a place of the canvas, as {x, y}, whether there is one or not; `describe`
 * the lines that are to be said of one. The cell that the keys are at is `cursor.at`.
 */
function startCells(canvas, read, { at, isCell, describe, cursor = { at: null }, moved = () => {} }) {
  canvas.addEventListener("mousemove", (event) => {
    const box = canvas.getBoundingClientRect();
    const cell = at(event.clientX - box.left, event.clientY - box.top);
    showTip(isCell(cell) ? describe(cell) : null, event);
  });
  canvas.addEventListener("mouseleave", () => showTip(null));
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const place = cursor.at;
    const next = place ? { x: place.x + step[0], y: place.y + step[1] } : { x: 0, y: 0 };
    if (!isCell(next)) return;
    cursor.at = next;
    read.textContent = describe(next).join(", ");
    moved();
  });
}

/** The colours of 0 to 1, between what both of these mean. */
function showLegend(element, least, colour, most) {
  const stops = d3.range(0, 1.01, 0.1).map((part) => colour(part));
  const legend = d3.select(element).html("");
  legend.append("span").text(least);
  legend.append("span").attr("class", "legend")
    .style("background", `linear-gradient(to right, ${stops.join(",")})`);
  legend.append("span").text(most);
}
