/* A person at every speed: the slider chooses a saved stride and its curves; a cursor in the curves follows the motion. */

import {
  MARGIN, add, axisTitle, drawKey, drawStops, extent, isNumber, linePath, niceTicks, settingText,
} from "./chart.js";
import { buildStage, create, makeMotion, runStage } from "./scene.js";

const PANEL = { left: 34, right: 8, top: 22, bottom: 19, height: 118 };

/* One panel: curves of all settings lie pale behind those of the setting shown; the scale is the same for all. */
function makePanel(parent, panel, x, move) {
  const svg = add(parent, "svg", { role: "img", "aria-label": `${axisTitle(panel)} over the stride` });
  const range = extent(panel.series.flatMap((series) => series.value));
  const floor = PANEL.height - PANEL.bottom;
  const toY = (y) => floor - ((y - range[0]) / (range[1] - range[0])) * (floor - PANEL.top);
  let [width, lines, cursor, dots] = [0, [], null, []];
  const toX = (phase) => PANEL.left + (phase / 100) * (width - PANEL.left - PANEL.right);

  function lay() {
    width = Math.max(120, Math.round(svg.clientWidth || 220));
    svg.setAttribute("viewBox", `0 0 ${width} ${PANEL.height}`);
    svg.replaceChildren();
    add(svg, "text", { x: 0, y: 11, class: "title" }, axisTitle(panel));
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
    const [main] = panel.series;
    const pale = main.value.map((values) => linePath(main.x, values, toX, toY)).join("");
    add(svg, "path", { d: pale, class: "line pale" });
    lines = panel.series.map((series) => {
      const path = add(svg, "path", { class: "line" });
      path.style.stroke = series.color;
      path.style.strokeWidth = series.width;
      if (series.dash) path.setAttribute("stroke-dasharray", series.dash);
      return path;
    });
    cursor = add(svg, "line", { y1: PANEL.top - 4, y2: floor, class: "cursor" });
    dots = panel.series.map((series) => {
      const dot = add(svg, "circle", { r: 3, class: "dot" });
      dot.style.fill = series.color;
      return dot;
    });
  }
  function show(index) {
    panel.series.forEach((series, k) => lines[k].setAttribute("d", linePath(series.x, series.value[index], toX, toY)));
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

/* Height of a curve under the cursor, on the straight line between two samples. */
function valueAt(series, index, phase) {
  const values = series.value[index];
  const after = series.x.findIndex((x) => x >= phase);
  if (after < 0 || !isNumber(values[after])) return NaN;
  if (after === 0) return series.x[0] === phase ? values[0] : NaN;
  const share = (phase - series.x[after - 1]) / (series.x[after] - series.x[after - 1]);
  return isNumber(values[after - 1]) ? values[after - 1] + share * (values[after] - values[after - 1]) : NaN;
}

/* Brackets under the stops: which of the settings are walked, which are run. */
function drawGaits(parent, gaits, width) {
  parent.replaceChildren();
  const place = (k) => MARGIN.left + (gaits.length > 1 ? k / (gaits.length - 1) : 0.5) * (width - MARGIN.left - MARGIN.right);
  gaits.forEach((gait, k) => {
    if (!gait || gait === gaits[k - 1]) return;
    const end = gaits.findIndex((other, each) => each > k && other !== gait);
    const last = end < 0 ? gaits.length - 1 : end - 1;
    const bracket = add(parent, "span", {}, gait);
    bracket.style.left = `${place(k) - 9}px`;
    bracket.style.width = `${place(last) - place(k) + 18}px`;
  });
}

function build(el, state) {
  const root = create("div", "gaitbook-player gaitbook-gait", { role: "group", "aria-label": state.title });
  el.append(root);
  const stage = buildStage(root, state.alt);
  const frame = add(root, "div", { class: "gaitbook-gait-frame" });
  const person = add(frame, "div", { class: "gaitbook-gait-person" });
  const head = add(person, "div", { class: "gaitbook-gait-head" });
  const output = create("output", "gaitbook-gait-readout", { "aria-live": "off" });
  head.append(stage.play, output);
  person.append(stage.scene);
  const control = add(frame, "div", { class: "gaitbook-explorer gaitbook-gait-control" });
  const slider = add(control, "input", { type: "range", min: 0, max: state.setting.texts.length - 1, step: 1 });
  slider.setAttribute("aria-label", axisTitle(state.setting));
  const stops = add(control, "div", { class: "gaitbook-explorer-stops", "aria-hidden": "true" });
  const gaits = add(control, "div", { class: "gaitbook-gait-gaits", "aria-hidden": "true" });
  add(control, "div", { class: "gaitbook-explorer-setting", "aria-hidden": "true" }, axisTitle(state.setting));
  const curves = add(frame, "div", { class: "gaitbook-explorer gaitbook-gait-curves" });
  const names = new Map(state.panels.flatMap((panel) => panel.series).map((series) => [series.name, series]));
  drawKey(curves, [...names.values()], "pale: other settings");
  const panels = add(curves, "div", { class: "gaitbook-gait-panels" });
  const row = add(frame, "div", { class: "gaitbook-player-row gaitbook-gait-row" });
  row.append(stage.view.group, stage.tempo.group);
  return { ...stage, output, slider, stops, gaits, control, panels };
}

function render({ model, el }) {
  const state = model.get("state");
  const parts = build(el, state);
  const strides = state.strides.map((stride) => ({ ...state.person, ...stride }));
  const motions = strides.map(makeMotion);
  const current = () => Math.min(Math.max(model.get("index"), 0), strides.length - 1);
  let [index, phase] = [current(), state.phase];

  const stage = runStage(parts, {
    onDraw: ({ at, motion }) => {
      phase = at / motion.last;
      panels.forEach((panel) => panel.follow(100 * phase, index));
    },
  });
  const panels = state.panels.map((panel) =>
    makePanel(parts.panels, panel, state.x, (share) => {
      if (stage.isPlaying()) stage.setPlaying(false);
      stage.moveTo(share * motions[index].last);
    }),
  );

  function update() {
    index = current();
    const where = settingText(state.setting, index);
    const width = parts.control.clientWidth;
    parts.output.replaceChildren();
    add(parts.output, "strong", {}, where);
    add(parts.output, "span", {}, state.gaits[index]);
    add(parts.output, "span", { class: "gaitbook-explorer-muted" }, `stride ${state.stride_s[index].toFixed(2)} s`);
    parts.slider.value = String(index);
    parts.slider.setAttribute("aria-valuetext", [where, state.gaits[index]].filter(Boolean).join(", "));
    drawStops(parts.stops, state, index, width);
    drawGaits(parts.gaits, state.gaits, width);
    panels.forEach((panel) => panel.show(index));
    stage.show(strides[index], motions[index], phase * motions[index].last);
  }
  function lay() {
    panels.forEach((panel) => panel.lay());
    update();
  }
  parts.slider.addEventListener("input", () => {
    model.set("index", Number(parts.slider.value));
    model.save_changes();
  });
  model.on("change:index", update);
  const observer = new ResizeObserver(lay);
  observer.observe(parts.root);
  lay();
  if (!stage.calm) stage.setPlaying(true);
  return () => {
    stage.stop();
    observer.disconnect();
    model.off("change:index", update);
  };
}

export default { render };
