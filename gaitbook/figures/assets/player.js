/* Skeleton player: a recording in motion, above the force of its feet over time, which is also the slider. */

import { NAMES, buildStage, create, css, fitCanvas, makeMotion, runStage } from "./scene.js";

const ROOMY_MBW = 1450;

/* Vertical force of both feet over time, or, without force, when each foot is down. */
function drawStrip(pen, state, motion, at, width, height, colors, font) {
  const across = (index) => 1.5 + (index / motion.last) * (width - 3);
  const peak = state.force_mbw ? Math.max(ROOMY_MBW, ...state.force_mbw.map((row) => Math.max(row[1], row[4]))) : 1;
  const upward = (value) => height - 1 - (value / (1.08 * peak)) * (height - 2);
  pen.clearRect(0, 0, width, height);
  pen.lineWidth = 1;
  if (state.force_mbw) {
    pen.setLineDash([2, 3]);
    pen.strokeStyle = css(colors.muted, 0.6);
    pen.beginPath();
    pen.moveTo(0, upward(1000));
    pen.lineTo(width, upward(1000));
    pen.stroke();
    pen.setLineDash([]);
  }
  for (const foot of [0, 1]) {
    const color = colors[NAMES[foot + 1]];
    const value = (index) =>
      state.force_mbw ? Math.max(0, state.force_mbw[index][3 * foot + 1]) : 0.8 * state.contact[index][foot];
    pen.beginPath();
    for (let index = 0; index <= motion.last; index++)
      pen[index ? "lineTo" : "moveTo"](across(index), upward(value(index)));
    pen.strokeStyle = css(color);
    pen.lineWidth = 1.5;
    pen.lineJoin = "round";
    pen.stroke();
    pen.lineTo(across(motion.last), height - 1);
    pen.lineTo(across(0), height - 1);
    pen.closePath();
    pen.fillStyle = css(color, 0.14);
    pen.fill();
  }
  if (state.force_mbw) {
    pen.font = `10px ${font}`;
    pen.textAlign = "right";
    pen.textBaseline = "bottom";
    pen.lineWidth = 3;
    pen.strokeStyle = css(colors.paper, 0.85);
    pen.fillStyle = css(colors.muted);
    pen.strokeText("1 BW", width - 2, upward(1000) - 1);
    pen.fillText("1 BW", width - 2, upward(1000) - 1);
  }
  pen.strokeStyle = css(colors.muted);
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(0, height - 0.5);
  pen.lineTo(width, height - 0.5);
  pen.stroke();
  pen.fillStyle = css(colors.ink);
  pen.fillRect(across(at) - 1, 0, 2, height);
}

function build(el, state, motion) {
  const root = create("div", "gaitbook-player", { role: "group", "aria-label": "Skeleton player" });
  el.append(root);
  const stage = buildStage(root, state.alt);
  const track = create("div", "gaitbook-player-track");
  const strip = create("canvas", "gaitbook-player-strip", { "aria-hidden": "true" });
  const slider = create("input", "gaitbook-player-slider", {
    type: "range",
    min: "0",
    max: String(motion.last),
    step: "1",
    "aria-label": "Time",
  });
  track.append(strip, slider);
  const bar = create("div", "gaitbook-player-bar");
  bar.append(stage.play, track);
  const row = create("div", "gaitbook-player-row");
  const readout = create("output", "gaitbook-player-readout", { "aria-live": "off" });
  row.append(readout, stage.view.group, stage.tempo.group);
  root.append(stage.scene, bar, row);
  return { ...stage, strip, slider, readout };
}

function render({ model, el }) {
  const state = model.get("state");
  const motion = makeMotion(state);
  const parts = build(el, state, motion);
  const stage = runStage(parts, { onDraw: showTime, onRest: publish });

  function showTime({ at, feet, colors, font }) {
    const lane = fitCanvas(parts.strip);
    drawStrip(lane.pen, state, motion, at, lane.width, lane.height, colors, font);
    const seconds = `${(at / state.rate_hz).toFixed(2)} s`;
    const forces = feet.map((foot, index) => `${NAMES[index + 1]} ${Math.max(0, foot.force[1]).toFixed(2)}`);
    parts.readout.textContent = state.force_mbw ? `${seconds} · vertical force (BW): ${forces.join(", ")}` : seconds;
    parts.slider.value = String(Math.round(at));
    parts.slider.setAttribute("aria-valuetext", parts.readout.textContent);
  }
  function publish(at) {
    model.set("frame", Math.round(at));
    model.save_changes();
  }
  parts.slider.addEventListener("input", () => {
    if (stage.isPlaying()) stage.setPlaying(false);
    stage.moveTo(Number(parts.slider.value));
    publish(stage.frame());
  });
  const fromModel = () => {
    if (!stage.isPlaying() && Math.round(stage.frame()) !== model.get("frame")) stage.moveTo(model.get("frame"));
  };
  model.on("change:frame", fromModel);
  stage.show(state, motion, model.get("frame") || 0);
  return () => {
    stage.stop();
    if (model.off) model.off("change:frame", fromModel);
  };
}

export default { render };
