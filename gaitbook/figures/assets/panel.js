/* One panel of curves over a stride, of which a setting is shown, with a cursor that follows the motion. Explorers of
   gait import from here. A series may have a band (low, high) and what was measured; otherwise the curves of all
   settings lie pale behind those of the setting shown. The scale is the same for all settings. */

import { add, axisTitle, bandPath, extent, isNumber, linePath, niceTicks } from "./chart.js";

const PANEL = { left: 34, right: 8, top: 22, bottom: 19, height: 118 };

/* Height of a curve under the cursor, on the straight line between two samples. */
function valueAt(series, index, phase) {
  const values = series.value[index];
  const after = series.x.findIndex((x) => x >= phase);
  if (after < 0 || !isNumber(values[after])) return NaN;
  if (after === 0) return series.x[0] === phase ? values[0] : NaN;
  const share = (phase - series.x[after - 1]) / (series.x[after] - series.x[after - 1]);
  return isNumber(values[after - 1]) ? values[after - 1] + share * (values[after] - values[after - 1]) : NaN;
}

function addLine(svg, series) {
  const path = add(svg, "path", { class: "line" });
  path.style.stroke = series.color;
  path.style.strokeWidth = series.width;
  if (series.dash) path.setAttribute("stroke-dasharray", series.dash);
  return path;
}

function addFilled(svg, series, name, attributes) {
  const shape = add(svg, name, attributes);
  shape.style.fill = series.color;
  return shape;
}

export function makePanel(parent, panel, x, move) {
  const svg = add(parent, "svg", { role: "img", "aria-label": `${axisTitle(panel)} over the stride` });
  const shown = (series) => [...series.value, ...(series.low || []), ...(series.high || []), series.measured || []];
  const range = extent(panel.series.flatMap(shown));
  const floor = PANEL.height - PANEL.bottom;
  const toY = (y) => floor - ((y - range[0]) / (range[1] - range[0])) * (floor - PANEL.top);
  let [width, bands, lines, cursor, gap, dots] = [0, [], [], null, null, []];
  const toX = (phase) => PANEL.left + (phase / 100) * (width - PANEL.left - PANEL.right);

  function drawFrame() {
    add(svg, "text", { x: 0, y: 11, class: "title" }, axisTitle(panel));
    gap = add(svg, "rect", { y: PANEL.top - 4, height: floor - PANEL.top + 4, class: "gap" });
    for (const tick of niceTicks(range, 3)) {
      const y = toY(tick.value);
      add(svg, "line", { x1: PANEL.left, x2: width - PANEL.right, y1: y, y2: y, class: tick.value === 0 ? "zero" : "rule" });
      add(svg, "text", { x: PANEL.left - 5, y: y + 3.5, class: "tick end" }, tick.text);
    }
    for (const phase of [0, 50, 100]) {
      const text = phase === 100 ? `100 ${x.unit}` : String(phase);
      const anchor = phase === 0 ? "" : phase === 100 ? " end" : " middle";
      add(svg, "text", { x: toX(phase), y: PANEL.height - 5, class: `tick${anchor}` }, text);
    }
  }
  function drawBehind() {
    const measured = panel.series.filter((series) => series.measured);
    for (const series of measured) add(svg, "path", { d: linePath(series.x, series.measured, toX, toY), class: "line measured" });
    if (measured.length) return;
    const [main] = panel.series;
    add(svg, "path", { d: main.value.map((values) => linePath(main.x, values, toX, toY)).join(""), class: "line pale" });
  }
  function lay() {
    width = Math.max(120, Math.round(svg.clientWidth || 220));
    svg.setAttribute("viewBox", `0 0 ${width} ${PANEL.height}`);
    svg.replaceChildren();
    drawFrame();
    bands = panel.series.map((series) => (series.low ? addFilled(svg, series, "path", { class: "band" }) : null));
    drawBehind();
    lines = panel.series.map((series) => addLine(svg, series));
    cursor = add(svg, "line", { y1: PANEL.top - 4, y2: floor, class: "cursor" });
    dots = panel.series.map((series) => addFilled(svg, series, "circle", { r: 3, class: "dot" }));
  }
  function show(index) {
    panel.series.forEach((series, k) => {
      lines[k].setAttribute("d", linePath(series.x, series.value[index], toX, toY));
      if (bands[k]) bands[k].setAttribute("d", bandPath(series.x, series.low[index], series.high[index], toX, toY));
    });
    const [from, to] = (panel.gaps && panel.gaps[index]) || [0, 0];
    gap.setAttribute("x", toX(from));
    gap.setAttribute("width", toX(to) - toX(from));
  }
  function follow(phase, index) {
    cursor.setAttribute("x1", toX(phase));
    cursor.setAttribute("x2", toX(phase));
    panel.series.forEach((series, k) => {
      const y = valueAt(series, index, phase);
      dots[k].style.display = isNumber(y) ? "" : "none";
      if (isNumber(y)) dots[k].setAttribute("transform", `translate(${toX(phase).toFixed(1)} ${toY(y).toFixed(1)})`);
    });
  }
  const drag = (event) => {
    if (event.type === "pointerdown") svg.setPointerCapture(event.pointerId);
    if (!event.buttons) return;
    const place = event.clientX - svg.getBoundingClientRect().left;
    move(Math.max(0, Math.min(1, (place - PANEL.left) / (width - PANEL.left - PANEL.right))));
  };
  svg.addEventListener("pointerdown", drag);
  svg.addEventListener("pointermove", drag);
  return { lay, show, follow };
}
