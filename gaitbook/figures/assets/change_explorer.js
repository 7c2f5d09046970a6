/* A person who walks as asked: sliders stand between the nodes of a grid, and what is shown is blended from the nodes
   around them. How nodes are saved: gaitbook/figures/slider_grid.py and change_explorer_state.py. */

import { add, axisTitle, drawKey, withMinus } from "./chart.js";
import { makePanel } from "./panel.js";
import { buildStage, create, makeMotion, runStage } from "./scene.js";

const LOADED_MBW = 20;
const MOTION = ["points_mm", "force_mbw", "pressure_mm", "travel_mm"];

/* Nodes in full: along each slider the start's numbers are added to those of the other values. */
function readNodes(state) {
  const sizes = state.sliders.map((slider) => slider.nodes.length);
  const strides = sizes.map((_, axis) => sizes.slice(axis + 1).reduce((product, size) => product * size, 1));
  const nodes = state.nodes.map((numbers) => Float64Array.from(numbers));
  state.sliders.forEach((slider, axis) =>
    nodes.forEach((node, k) => {
      const away = (Math.floor(k / strides[axis]) % sizes[axis]) - slider.start;
      if (!away) return;
      const from = nodes[k - away * strides[axis]];
      for (let i = 0; i < node.length; i++) node[i] += from[i];
    }),
  );
  return { nodes, strides };
}

/* Which node lies below a value on a slider, and how far the value is on the way to the next. */
function between(slider, value) {
  const { nodes } = slider;
  const after = nodes.findIndex((node) => node >= value);
  const above = Math.max(1, after < 0 ? nodes.length - 1 : after);
  const share = (value - nodes[above - 1]) / (nodes[above] - nodes[above - 1]);
  return { below: above - 1, share: Math.max(0, Math.min(1, share)) };
}

/* Linear in every slider: the corners around, each with its weight. */
function blend(grid, state, values) {
  let corners = [[0, 1]];
  state.sliders.forEach((slider, axis) => {
    const { below, share } = between(slider, values[slider.key]);
    const step = grid.strides[axis];
    corners = corners
      .flatMap(([node, weight]) => [
        [node + below * step, weight * (1 - share)],
        [node + (below + 1) * step, weight * share],
      ])
      .filter(([, weight]) => weight > 0);
  });
  const blended = new Float64Array(grid.nodes[0].length);
  for (const [node, weight] of corners) grid.nodes[node].forEach((number, i) => (blended[i] += weight * number));
  return cutParts(state, blended);
}

function nearest(grid, state, values) {
  return state.sliders.reduce((node, slider, axis) => {
    const { below, share } = between(slider, values[slider.key]);
    return node + (below + Math.round(share)) * grid.strides[axis];
  }, 0);
}

function cutParts(state, numbers) {
  let at = 0;
  const parts = {};
  for (const [name, rows, columns] of state.parts) {
    parts[name] = Array.from({ length: rows }, (_, row) => numbers.subarray(at + row * columns, at + (row + 1) * columns));
    at += rows * columns;
  }
  return parts;
}

/* What the stage plays. */
function makePerson(state, parts) {
  const stride_s = parts.stride_ms[0][0] / 1000;
  const moving = Object.fromEntries(MOTION.map((name) => [name, parts[name]]));
  const contact = parts.force_mbw.map((row) => [row[1] > LOADED_MBW, row[4] > LOADED_MBW]);
  return { ...state.person, ...moving, contact, rate_hz: (parts.force_mbw.length - 1) / stride_s };
}

/* Value, low and high of a row of three: the band is saved as its distance from the value. */
function unpack(rows, k, places) {
  const scale = 10 ** -places;
  const [value, below, above] = [0, 1, 2].map((each) => Array.from(rows[3 * k + each], (number) => number * scale));
  return { value, low: value.map((each, i) => each - below[i]), high: value.map((each, i) => each + above[i]) };
}

/* The panel reads what it shows from its series, of which the numbers are exchanged when a slider moves. */
function makeSeries(state, panel, k, start) {
  const { value, low, high } = unpack(start.curves, k, panel.places);
  const look = { name: "now", color: panel.color, width: panel.width, dash: panel.dash };
  const shown = { ...look, x: state.x.values, value: [value, panel.range], measured: value };
  return panel.band ? { ...shown, low: [low], high: [high] } : shown;
}

/* Fixed decimals, and no minus before a zero. */
const fixed = (number, places) => withMinus((+number.toFixed(places) || 0).toFixed(places));
const withUnit = (text, unit) => `${text}${!unit || unit.startsWith("°") ? "" : "\u00a0"}${unit}`;

function buildSlider(parent, slider) {
  const box = add(parent, "div", { class: "gaitbook-change-slider" });
  const id = `gaitbook-change-${Math.random().toString(36).slice(2)}`;
  const head = add(box, "div", { class: "gaitbook-change-head" });
  add(head, "label", { for: id }, slider.words);
  const output = add(head, "output", { for: id, "aria-live": "off" });
  const input = add(box, "input", { type: "range", id, min: 0, max: slider.steps, step: 1 });
  const stops = add(box, "div", { class: "gaitbook-change-stops", "aria-hidden": "true" });
  const [from, to] = [slider.nodes[0], slider.nodes[slider.nodes.length - 1]];
  slider.nodes.forEach((node, k) => {
    const stop = add(stops, "span", {}, withMinus(slider.texts[k]));
    stop.style.left = `${(100 * (node - from)) / (to - from)}%`;
  });
  const toStep = (value) => Math.round((value - from) / slider.step);
  return {
    input,
    read() {
      const step = Number(input.value);
      const node = slider.nodes.find((each) => toStep(each) === step);
      return node === undefined ? from + step * slider.step : node;
    },
    show(value) {
      const text = withUnit(fixed(value, slider.decimals), slider.unit);
      input.value = String(toStep(value));
      input.setAttribute("aria-valuetext", text);
      output.textContent = text;
    },
  };
}

function buildNumbers(parent, state, start) {
  const frame = add(parent, "div", { class: "gaitbook-table", role: "region", tabindex: "0", "aria-label": "Numbers" });
  const table = add(frame, "table");
  const head = add(add(table, "thead"), "tr");
  add(head, "th", { scope: "col" }, "Quantity");
  add(add(head, "th", { scope: "col", class: "number" }, "Now "), "small", {}, "[90 % interval]");
  add(head, "th", { scope: "col", class: "number" }, "At the start");
  const body = add(table, "tbody");
  const rows = state.readouts.map((readout, k) => {
    const row = add(body, "tr");
    add(row, "th", { scope: "row" }, axisTitle(readout));
    const now = add(row, "td", { class: "number" });
    const [value] = unpack(start.readouts, k, readout.places).value;
    add(row, "td", { class: "number" }, fixed(value, readout.decimals));
    return now;
  });
  return (parts) =>
    state.readouts.forEach((readout, k) => {
      const numbers = Object.values(unpack(parts.readouts, k, readout.places)).flat();
      const [value, low, high] = numbers.map((each) => fixed(each, readout.decimals));
      rows[k].replaceChildren();
      add(rows[k], "span", {}, value);
      if (low !== high) add(rows[k], "small", {}, ` [${low}, ${high}]`);
    });
}

function build(el, state) {
  const root = create("div", "gaitbook-player gaitbook-gait gaitbook-change", { role: "group", "aria-label": state.title });
  el.append(root);
  const stage = buildStage(root, state.alt);
  const frame = add(root, "div", { class: "gaitbook-gait-frame" });
  const person = add(frame, "div", { class: "gaitbook-gait-person" });
  const head = add(person, "div", { class: "gaitbook-gait-head" });
  const output = create("output", "gaitbook-gait-readout", { "aria-live": "off" });
  head.append(stage.play, output);
  person.append(stage.scene);
  const control = add(frame, "div", { class: "gaitbook-explorer gaitbook-gait-control" });
  const boxes = add(control, "div", { class: "gaitbook-change-sliders" });
  const sliders = state.sliders.map((slider) => buildSlider(boxes, slider));
  const foot = add(control, "div", { class: "gaitbook-change-foot" });
  const reset = add(foot, "button", { type: "button", class: "gaitbook-change-reset" }, "Reset");
  add(foot, "span", { class: "gaitbook-explorer-muted" }, state.note);
  const warning = add(control, "div", { class: "gaitbook-change-warning", role: "status" });
  const curves = add(frame, "div", { class: "gaitbook-explorer gaitbook-gait-curves" });
  const [{ color, width, dash }] = state.panels;
  const pale = { name: "at the start", color: "var(--change-pale)", width: 3 };
  drawKey(curves, [{ name: "now", color, width, dash }, pale], state.key);
  const panels = add(curves, "div", { class: "gaitbook-gait-panels" });
  const row = add(frame, "div", { class: "gaitbook-player-row gaitbook-gait-row" });
  row.append(stage.view.group, stage.tempo.group);
  const numbers = add(frame, "div", { class: "gaitbook-change-numbers" });
  return { ...stage, output, sliders, reset, warning, panels, numbers };
}

function render({ model, el }) {
  const state = model.get("state");
  const parts = build(el, state);
  const grid = readNodes(state);
  const home = Object.fromEntries(state.sliders.map((slider) => [slider.key, slider.nodes[slider.start]]));
  const start = blend(grid, state, home);
  const series = state.panels.map((panel, k) => makeSeries(state, panel, k, start));
  const showNumbers = buildNumbers(parts.numbers, state, start);
  let phase = state.phase;

  const stage = runStage(parts, {
    onDraw: ({ at, motion }) => {
      phase = at / motion.last;
      panels.forEach((panel) => panel.follow(100 * phase, 0));
    },
  });
  const panels = state.panels.map((panel, k) =>
    makePanel(parts.panels, { name: panel.name, unit: panel.unit, series: [series[k]] }, state.x, (share) => {
      if (stage.isPlaying()) stage.setPlaying(false);
      stage.moveTo(share * (start.force_mbw.length - 1));
    }),
  );

  function update() {
    const values = { ...home, ...model.get("values") };
    const now = blend(grid, state, values);
    const person = makePerson(state, now);
    state.sliders.forEach((slider, k) => parts.sliders[k].show(values[slider.key]));
    parts.output.textContent = `stride ${(now.stride_ms[0][0] / 1000).toFixed(2)} s`;
    state.panels.forEach((panel, k) => {
      const { value, low, high } = unpack(now.curves, k, panel.places);
      series[k].value[0] = value;
      if (panel.band) [series[k].low[0], series[k].high[0]] = [low, high];
      panels[k].show(0);
    });
    showNumbers(now);
    const words = state.warned[nearest(grid, state, values)].map((each) => state.warnings[each]);
    if (parts.warning.textContent !== words.join(" ")) parts.warning.textContent = words.join(" ");
    const motion = makeMotion(person);
    stage.show(person, motion, phase * motion.last);
  }
  function lay() {
    panels.forEach((panel) => panel.lay());
    update();
  }
  const choose = (values) => {
    model.set("values", values);
    model.save_changes();
  };
  parts.sliders.forEach((slider, k) =>
    slider.input.addEventListener("input", () =>
      choose({ ...home, ...model.get("values"), [state.sliders[k].key]: slider.read() }),
    ),
  );
  parts.reset.addEventListener("click", () => choose(home));
  model.on("change:values", update);
  const observer = new ResizeObserver(lay);
  observer.observe(parts.root);
  lay();
  if (!stage.calm) stage.setPlaying(true);
  return () => {
    stage.stop();
    observer.disconnect();
    model.off("change:values", update);
  };
}

export default { render };
