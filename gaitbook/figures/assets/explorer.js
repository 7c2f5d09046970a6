/* Curves that follow a slider: everything is in the saved state, nothing is computed but places on the screen. */

import {
  MARGIN, add, axisTitle, bandPath, drawKey, drawStops, extent, isNumber, linePath, niceTicks, settingText, withMinus,
} from "./chart.js";

const WIDEST = 760;

/* The curve of a series at a setting; one that never changes is saved once. */
const atSetting = (curves, index) => curves[Math.min(index, curves.length - 1)];

/* "6.9 %BW (6.1 to 7.6)": the interval only where there is one. */
function readoutText(readout, index) {
  const show = (value) => (isNumber(value) ? withMinus(value.toFixed(readout.decimals)) : "\u2013");
  const unit = readout.unit ? ` ${readout.unit}` : "";
  const hasInterval = isNumber(readout.low[index]) && isNumber(readout.high[index]);
  const interval = hasInterval ? `(${show(readout.low[index])} to ${show(readout.high[index])})` : "";
  return { value: show(readout.value[index]) + unit, interval };
}

function drawCurves(svg, state, index, width) {
  const height = Math.round(Math.min(320, Math.max(210, width * 0.46)));
  const floor = height - MARGIN.bottom;
  const ceiling = MARGIN.top + 18;
  const [xLow, xHigh] = extent(state.series.map((series) => series.x));
  const range = extent(state.series.flatMap((series) => [...series.value, ...series.low, ...series.high]));
  const toX = (x) => MARGIN.left + ((x - xLow) / (xHigh - xLow)) * (width - MARGIN.left - MARGIN.right);
  const toY = (y) => floor - ((y - range[0]) / (range[1] - range[0])) * (floor - ceiling);
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  add(svg, "text", { x: 0, y: 11, class: "title" }, axisTitle(state.y));
  if (state.label) add(svg, "text", { x: width - MARGIN.right, y: 11, class: "label end" }, state.label);
  for (const tick of niceTicks(range, 4)) {
    add(svg, "line", { x1: MARGIN.left, x2: width - MARGIN.right, y1: toY(tick.value), y2: toY(tick.value), class: "rule" });
    add(svg, "text", { x: MARGIN.left - 8, y: toY(tick.value) + 4, class: "tick end" }, tick.text);
  }
  add(svg, "line", { x1: MARGIN.left, x2: width - MARGIN.right, y1: floor, y2: floor, class: "axis" });
  for (const tick of niceTicks([xLow, xHigh], width < 420 ? 2 : 4)) {
    add(svg, "line", { x1: toX(tick.value), x2: toX(tick.value), y1: floor, y2: floor + 4, class: "axis" });
    add(svg, "text", { x: toX(tick.value), y: floor + 16, class: "tick middle" }, tick.text);
  }
  add(svg, "text", { x: (MARGIN.left + width - MARGIN.right) / 2, y: height - 3, class: "title middle" }, axisTitle(state.x));
  for (const kind of ["band", "line"]) {
    for (const series of state.series) {
      const [value, low, high] = [series.value, series.low, series.high].map((list) => atSetting(list, index));
      const d = kind === "band" ? bandPath(series.x, low, high, toX, toY) : linePath(series.x, value, toX, toY);
      const path = add(svg, "path", { d, class: kind });
      path.style[kind === "band" ? "fill" : "stroke"] = series.color;
      if (kind === "line") path.style.strokeWidth = series.width;
      if (kind === "line" && series.dash) path.setAttribute("stroke-dasharray", series.dash);
    }
  }
}

/* The readout over all settings; the stops of the slider are its horizontal axis. */
function drawOverview(svg, state, index, width, choose) {
  const [height, ceiling, floor] = [112, 28, 100];
  const { readout, setting } = state;
  const count = setting.texts.length;
  const stops = setting.texts.map((_, k) => k);
  const range = extent([readout.value, readout.low, readout.high]);
  const toX = (k) => MARGIN.left + (count > 1 ? k / (count - 1) : 0.5) * (width - MARGIN.left - MARGIN.right);
  const toY = (y) => floor - ((y - range[0]) / (range[1] - range[0])) * (floor - ceiling);
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  add(svg, "text", { x: 0, y: 11, class: "title" }, axisTitle(readout));
  for (const tick of niceTicks(range, 2)) {
    add(svg, "line", { x1: MARGIN.left, x2: width - MARGIN.right, y1: toY(tick.value), y2: toY(tick.value), class: "rule" });
    add(svg, "text", { x: MARGIN.left - 8, y: toY(tick.value) + 4, class: "tick end" }, tick.text);
  }
  add(svg, "path", { d: bandPath(stops, readout.low, readout.high, toX, toY), class: "band ink" });
  add(svg, "path", { d: linePath(stops, readout.value, toX, toY), class: "line ink" });
  add(svg, "line", { x1: toX(index), x2: toX(index), y1: ceiling - 6, y2: height, class: "now" });
  stops.forEach((k) => {
    if (isNumber(readout.value[k])) {
      const radius = k === index ? 5.5 : 2.6;
      add(svg, "circle", { cx: toX(k), cy: toY(readout.value[k]), r: radius, class: k === index ? "dot now" : "dot" });
    }
    const half = (width - MARGIN.left - MARGIN.right) / Math.max(1, count - 1) / 2;
    const target = add(svg, "rect", { x: toX(k) - half, y: 14, width: 2 * half, height: height - 14, class: "target" });
    add(target, "title", {}, settingText(setting, k));
    target.addEventListener("click", () => choose(k));
  });
}

function render({ model, el }) {
  const state = model.get("state");
  const root = add(el, "div", { class: "gaitbook-explorer", role: "group", "aria-label": state.alt });
  const output = add(root, "output", { class: "gaitbook-explorer-readout", "aria-live": "off" });
  drawKey(root, state.series, "band: 95 % interval");
  const curves = add(root, "svg", { role: "img", "aria-label": state.alt });
  const overview = add(root, "svg", { "aria-hidden": "true", class: "overview" });
  const slider = add(root, "input", { type: "range", min: 0, max: state.setting.texts.length - 1, step: 1 });
  slider.setAttribute("aria-label", axisTitle(state.setting));
  const stops = add(root, "div", { class: "gaitbook-explorer-stops", "aria-hidden": "true" });
  add(root, "div", { class: "gaitbook-explorer-setting", "aria-hidden": "true" }, axisTitle(state.setting));

  const choose = (index) => {
    model.set("index", index);
    model.save_changes();
  };
  const update = () => {
    const index = Math.min(Math.max(model.get("index"), 0), state.setting.texts.length - 1);
    const width = Math.round(Math.min(WIDEST, Math.max(260, root.clientWidth || el.clientWidth || WIDEST)));
    const { value, interval } = readoutText(state.readout, index);
    const where = settingText(state.setting, index);
    output.replaceChildren();
    add(output, "span", {}, `${state.readout.name} `);
    add(output, "strong", {}, value);
    add(output, "span", { class: "gaitbook-explorer-muted" }, interval ? ` ${interval}` : "");
    add(output, "span", {}, " at ");
    add(output, "strong", {}, where);
    slider.value = String(index);
    slider.setAttribute("aria-valuetext", `${where}: ${state.readout.name} ${value} ${interval}`.trim());
    drawCurves(curves, state, index, width);
    drawOverview(overview, state, index, width, choose);
    drawStops(stops, state, index, width);
  };
  slider.addEventListener("input", () => choose(Number(slider.value)));
  model.on("change:index", update);
  const observer = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(update);
  if (observer) observer.observe(root);
  update();
  return () => {
    if (observer) observer.disconnect();
    model.off("change:index", update);
  };
}

export default { render };
