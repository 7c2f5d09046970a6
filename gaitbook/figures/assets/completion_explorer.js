/* A stride of which parts are hidden: buttons choose what, and show the saved completion beside what was measured. */

import { add, drawKey, withMinus } from "./chart.js";
import { makePanel } from "./panel.js";
import { NAMES, buildStage, create, css, drawArrow, makeMotion, runStage } from "./scene.js";

const NOTHING = { bones: [], soles: [], pelvis: false };
const MEASURED_ALPHA = 0.85;
const DRAW_ALPHA = 0.4;

/* Places of the joints of one draw: those that did not move are where the mean has them. */
function makeDraws(person, stride) {
  return stride.draws.map((rows) => {
    const motion = makeMotion({ ...person, ...stride, points_mm: rows, names: stride.moved });
    return (at, points) => {
      const own = points.slice();
      motion.points(at / stride.draw_step).forEach((point, k) => {
        own[stride.moved[k]] = point;
      });
      return own;
    };
  });
}

/* Lines of the bones and soles that a hidden part moves, as thin as a pencil. */
function drawSticks(pen, camera, person, moved, points, { color, alpha, width }) {
  const screen = points.map(camera.project);
  pen.lineCap = pen.lineJoin = "round";
  const line = (items) => {
    if (!items.some((item) => moved.includes(item))) return;
    pen.beginPath();
    items.forEach((item, k) => pen[k ? "lineTo" : "moveTo"](screen[item][0], screen[item][1]));
    pen.strokeStyle = css(color(person.sides[items[0]] || person.sides[items[items.length - 1]]), alpha);
    pen.lineWidth = width;
    pen.stroke();
  };
  person.bones.forEach(([from, to]) => from !== to && line([from, to]));
  person.soles.forEach((sole) => line([...sole, sole[0]]));
}

function buildChoices(parent, state) {
  const group = add(parent, "fieldset", { class: "gaitbook-completion-choices" });
  add(group, "legend", {}, state.choices.name);
  const name = `gaitbook-completion-${Math.random().toString(36).slice(2)}`;
  return state.choices.texts.map((text, k) => {
    const label = add(group, "label");
    const input = add(label, "input", { type: "radio", name, value: k });
    add(label, "span", {}, text);
    return input;
  });
}

function build(el, state) {
  const root = create("div", "gaitbook-player gaitbook-gait gaitbook-completion", { role: "group", "aria-label": state.title });
  el.append(root);
  const stage = buildStage(root, state.alt);
  const frame = add(root, "div", { class: "gaitbook-gait-frame" });
  const inputs = buildChoices(add(frame, "div", { class: "gaitbook-gait-control" }), state);
  const person = add(frame, "div", { class: "gaitbook-gait-person" });
  const head = add(person, "div", { class: "gaitbook-gait-head" });
  const output = create("output", "gaitbook-gait-readout", { "aria-live": "polite" });
  head.append(stage.play, output);
  person.append(stage.scene);
  add(person, "div", { class: "gaitbook-completion-note" }, state.note);
  const curves = add(frame, "div", { class: "gaitbook-explorer gaitbook-gait-curves" });
  const names = new Map(state.panels.flatMap((panel) => panel.series).map((series) => [series.name, series]));
  drawKey(curves, [...names.values()], state.key);
  const panels = add(curves, "div", { class: "gaitbook-gait-panels" });
  const row = add(frame, "div", { class: "gaitbook-player-row gaitbook-gait-row" });
  row.append(stage.view.group, stage.tempo.group);
  return { ...stage, inputs, output, panels };
}

function render({ model, el }) {
  const state = model.get("state");
  const parts = build(el, state);
  const { person } = state;
  const strides = state.strides.map((stride) => ({ ...person, ...stride }));
  const motions = strides.map(makeMotion);
  const draws = strides.map((stride) => makeDraws(person, stride));
  const measured = makeMotion({ ...person, ...state.measured });
  const current = () => Math.min(Math.max(model.get("index"), 0), strides.length - 1);
  let [index, phase] = [current(), state.phase];

  const isGone = (share) => {
    const { gap } = strides[index];
    return !gap || (100 * share >= gap[0] && 100 * share <= gap[1]);
  };
  function drawBeside({ pen, camera, at, points, colors }) {
    const { moved } = strides[index];
    const tint = (side) => (side ? colors[NAMES[side]] : colors.muted);
    const truth = { color: () => colors.ink, alpha: MEASURED_ALPHA, width: 1.5 };
    if (isGone(at / measured.last)) {
      draws[index].forEach((draw) =>
        drawSticks(pen, camera, person, moved, draw(at, points), { color: tint, alpha: DRAW_ALPHA, width: 1.2 }),
      );
      drawSticks(pen, camera, person, moved, measured.points(at), truth);
    }
    for (const foot of [0, 1]) {
      const [origin, force] = [measured.origin(at, foot), measured.force(at, foot)];
      if (origin.every(Number.isFinite) && force[1] > 0.02) drawArrow(pen, camera, origin, force, colors.muted, colors.paper);
    }
  }
  const stage = runStage(parts, {
    hollowAt: (share) => (isGone(share) ? strides[index].hidden : NOTHING),
    onPerson: drawBeside,
    onDraw: ({ at, motion }) => {
      phase = at / motion.last;
      panels.forEach((panel) => panel.follow(100 * phase, index));
    },
  });
  const panels = state.panels.map((panel) =>
    makePanel(parts.panels, { ...panel, gaps: strides.map((stride) => stride.gap) }, state.x, (share) => {
      if (stage.isPlaying()) stage.setPlaying(false);
      stage.moveTo(share * measured.last);
    }),
  );

  function update() {
    index = current();
    parts.inputs[index].checked = true;
    parts.output.replaceChildren();
    add(parts.output, "strong", {}, withMinus(state.errors[index]));
    add(parts.output, "span", { class: "gaitbook-explorer-muted" }, state.remarks[index]);
    panels.forEach((panel) => panel.show(index));
    stage.show(strides[index], motions[index], phase * motions[index].last);
  }
  function lay() {
    panels.forEach((panel) => panel.lay());
    update();
  }
  parts.inputs.forEach((input, k) =>
    input.addEventListener("change", () => {
      model.set("index", k);
      model.save_changes();
    }),
  );
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
