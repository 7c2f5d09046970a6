/* A person at every speed: the slider chooses a saved stride and its curves; a cursor in the curves follows the motion. */

import { MARGIN, add, axisTitle, drawKey, drawStops, settingText } from "./chart.js";
import { makePanel } from "./panel.js";
import { buildStage, create, makeMotion, runStage } from "./scene.js";

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
