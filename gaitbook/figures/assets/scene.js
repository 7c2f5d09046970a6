/* The stage of the figures that move: a person in three dimensions with the ground reaction force at the feet, playing,
   pausing and turning. State and its units: gaitbook/figures/player_state.py. Shared by the widgets that import from
   it; when one is loaded, this text stands before its own. No library: the same code runs in Jupyter and on a page. */

const ARROW_M_PER_BW = 0.36;
const GRID_M = 0.25;
const DISTANCE_M = 4.2;
const VIEWS = { Oblique: [32, 9], Side: [0, 3], Front: [90, 5] };
const TEMPOS = [0.25, 0.5, 1];
const TRAIL_S = 0.6;
export const NAMES = ["", "right", "left"];
const ICONS = { play: "M5 3.2v13.6L16.5 10z", pause: "M5 3.5h3.6v13H5zM11.4 3.5H15v13h-3.6z" };

export function create(tag, className, attributes = {}, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}

/* Colors: the page's variables, as numbers, so that they can be mixed. */
function readColors(element) {
  const style = getComputedStyle(element);
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const parse = (name, fallback) => {
    pen.fillStyle = fallback;
    pen.fillStyle = style.getPropertyValue(name).trim() || fallback;
    pen.clearRect(0, 0, 1, 1);
    pen.fillRect(0, 0, 1, 1);
    return Array.from(pen.getImageData(0, 0, 1, 1).data).slice(0, 3);
  };
  return {
    ink: parse("--player-ink", "#1f2329"),
    muted: parse("--player-muted", "#59636f"),
    rule: parse("--player-rule", "#d3d8de"),
    paper: parse("--player-paper", "#fefefd"),
    right: parse("--player-right", "#0072b2"),
    left: parse("--player-left", "#c9540a"),
  };
}
export const css = (color, alpha = 1) => `rgba(${color.map(Math.round).join(",")},${alpha})`;
const mix = (a, b, share) => a.map((value, index) => value + (b[index] - value) * share);

/* Motion: what lies between two saved frames. Smooth for positions, straight for forces, which jump at contact. */
export function makeMotion(state) {
  const last = state.points_mm.length - 1;
  const clamp = (index) => Math.max(0, Math.min(last, index));
  // A whole stride repeats: beyond its end comes its beginning.
  const beyond = state.cyclic ? (index) => (index + last) % last : clamp;
  const smooth = (rows, at, column) => {
    const index = Math.min(Math.floor(at), last);
    const share = at - index;
    const b = rows[index][column];
    if (share === 0 || index === last) return b === null ? NaN : b / 1000;
    const c = rows[index + 1][column];
    if (b === null || c === null) return NaN;
    const a = rows[beyond(index - 1)][column] ?? b;
    const d = rows[beyond(index + 2)][column] ?? c;
    const bend = share * (c - a + share * (2 * a - 5 * b + 4 * c - d + share * (3 * (b - c) + d - a)));
    return (b + bend / 2) / 1000;
  };
  const straight = (rows, at, column) => {
    const index = Math.min(Math.floor(at), last);
    const b = rows[index][column];
    const c = rows[clamp(index + 1)][column];
    if (b === null || c === null) return (b ?? c ?? NaN) / 1000;
    return (b + (c - b) * (at - index)) / 1000;
  };
  const vector = (pick, rows, at, item) => [0, 1, 2].map((axis) => pick(rows, at, 3 * item + axis));
  return {
    last,
    duration: last / state.rate_hz,
    point: (at, item) => vector(smooth, state.points_mm, at, item),
    points: (at) => state.names.map((_, item) => vector(smooth, state.points_mm, at, item)),
    force: (at, foot) => (state.force_mbw ? vector(straight, state.force_mbw, at, foot) : [0, 0, 0]),
    origin: (at, foot) => (state.pressure_mm ? vector(straight, state.pressure_mm, at, foot) : [NaN, NaN, NaN]),
    travel: (at) => [straight(state.travel_mm, at, 0), straight(state.travel_mm, at, 1)],
  };
}

/* Camera: x forward, y up, z to the person's right; the eye is on the right side at azimuth zero. */
function makeCamera(view, width, height, tall) {
  const [azimuth, elevation] = [view.azimuth, view.elevation].map((degrees) => (degrees * Math.PI) / 180);
  const [ca, sa, ce, se] = [Math.cos(azimuth), Math.sin(azimuth), Math.cos(elevation), Math.sin(elevation)];
  const unit = Math.min(height / (1.32 * tall), width / 1.35) * view.zoom;
  return {
    unit,
    project([x, y, z]) {
      const across = ca * x - sa * z;
      const near = sa * x + ca * z;
      const up = y - 0.5 * tall;
      const toward = se * up + ce * near;
      const scale = (unit * DISTANCE_M) / Math.max(DISTANCE_M - toward, 0.3);
      return [width / 2 + across * scale, height / 2 - (ce * up - se * near) * scale, scale];
    },
  };
}

function drawGround(pen, camera, travel, colors) {
  const reach = 1.5;
  const count = Math.round(reach / GRID_M);
  const phase = travel.map((way) => ((way % GRID_M) + GRID_M) % GRID_M);
  const fade = (x, z) => Math.max(0, 1 - (x * x + z * z) / (reach * reach)) ** 0.7;
  pen.lineWidth = 1;
  const segment = (from, to) => {
    const alpha = fade((from[0] + to[0]) / 2, (from[2] + to[2]) / 2);
    if (alpha <= 0.02) return;
    const [a, b] = [camera.project(from), camera.project(to)];
    pen.strokeStyle = css(colors.rule, alpha);
    pen.beginPath();
    pen.moveTo(a[0], a[1]);
    pen.lineTo(b[0], b[1]);
    pen.stroke();
  };
  for (let i = -count; i <= count; i++) {
    for (let j = -count; j < count; j++) {
      const [x, z] = [i * GRID_M - phase[0], i * GRID_M - phase[1]];
      segment([x, 0, j * GRID_M - phase[1]], [x, 0, (j + 1) * GRID_M - phase[1]]);
      segment([j * GRID_M - phase[0], 0, z], [(j + 1) * GRID_M - phase[0], 0, z]);
    }
  }
}

function capsule(pen, a, b, radiusA, radiusB) {
  const angle = Math.atan2(b[1] - a[1], b[0] - a[0]);
  pen.beginPath();
  pen.arc(a[0], a[1], radiusA, angle + Math.PI / 2, angle + (3 * Math.PI) / 2);
  pen.arc(b[0], b[1], radiusB, angle - Math.PI / 2, angle + Math.PI / 2);
  pen.closePath();
}

/* A part that was not given to a model: its outline alone, so that what stands behind it is seen. */
function drawHollow(pen, color, paper) {
  pen.fillStyle = css(paper, 0.45);
  pen.fill();
  pen.lineWidth = 1.3;
  pen.setLineDash([4, 3]);
  pen.strokeStyle = css(color, 0.9);
  pen.stroke();
  pen.setLineDash([]);
}

function drawLimb(pen, a, b, radii, color, paper, hollow) {
  const [radiusA, radiusB] = [(radii[0] * a[2]) / 1000, (radii[1] * b[2]) / 1000];
  if (hollow) {
    capsule(pen, a, b, radiusA, radiusB);
    drawHollow(pen, color, paper);
    return;
  }
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
  const [nx, ny] = length ? [(b[1] - a[1]) / length, (a[0] - b[0]) / length] : [0, -1];
  const flip = ny > 0 ? -1 : 1;
  const wide = Math.max(radiusA, radiusB) * flip;
  const [mx, my] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const shade = pen.createLinearGradient(mx + nx * wide, my + ny * wide, mx - nx * wide, my - ny * wide);
  const base = mix(color, paper, 0.42);
  shade.addColorStop(0, css(mix(base, paper, 0.3)));
  shade.addColorStop(0.55, css(base));
  shade.addColorStop(1, css(mix(base, color, 0.55)));
  capsule(pen, a, b, radiusA, radiusB);
  pen.fillStyle = shade;
  pen.fill();
  pen.lineWidth = 1;
  pen.strokeStyle = css(paper, 0.75);
  pen.stroke();
}

const seen = (point) => Number.isFinite(point[0]) && Number.isFinite(point[1]) && Number.isFinite(point[2]);

/* Outline of points on the screen (monotone chain). */
function hull(points) {
  const sorted = points.slice().sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (ordered) => {
    const chain = [];
    for (const point of ordered) {
      while (chain.length > 1) {
        const [a, b] = chain.slice(-2);
        if ((b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]) > 0) break;
        chain.pop();
      }
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

function drawShadow(pen, camera, state, points, colors, dark) {
  pen.save();
  pen.globalAlpha = dark ? 0.35 : 0.07;
  pen.strokeStyle = pen.fillStyle = dark ? "#000" : css(colors.ink);
  pen.lineCap = "round";
  const flat = (point) => camera.project([point[0], 0, point[2]]);
  pen.beginPath();
  let wide = 0.07;
  for (const [from, to] of state.bones) {
    if (!seen(points[from]) || !seen(points[to])) continue;
    const [a, b] = [flat(points[from]), flat(points[to])];
    pen.moveTo(a[0], a[1]);
    pen.lineTo(b[0], b[1]);
    wide = 0.08 * a[2];
  }
  for (const sole of state.soles) {
    if (!sole.every((item) => seen(points[item]))) continue;
    const [a, b] = [flat(points[sole[1]]), flat(points[sole[2]])];
    pen.moveTo(a[0], a[1]);
    pen.lineTo(b[0], b[1]);
  }
  pen.lineWidth = wide;
  pen.stroke();
  pen.restore();
}

/* `hollow`: what of the bones (by number), soles (by number) and pelvis is drawn as an outline. */
function drawPerson(pen, state, points, screen, colors, hollow) {
  const tint = (side) => (side ? colors[NAMES[side]] : colors.muted);
  const shapes = [];
  const add = (depth, draw) => shapes.push([depth, draw]);
  state.bones.forEach(([from, to, wide, narrow], number) => {
    const [a, b] = [screen[from], screen[to]];
    const outline = hollow.bones.includes(number);
    if (seen(a) && seen(b))
      add((a[2] + b[2]) / 2, () => drawLimb(pen, a, b, [wide, narrow], tint(state.sides[to]), colors.paper, outline));
  });
  for (const [number, sole] of state.soles.entries()) {
    const corners = sole.map((item) => screen[item]);
    if (!corners.every(seen)) continue;
    const color = mix(tint(state.sides[sole[0]]), colors.paper, 0.3);
    add((corners[0][2] + corners[1][2] + corners[2][2]) / 3, () => {
      pen.beginPath();
      corners.forEach((corner, index) => pen[index ? "lineTo" : "moveTo"](corner[0], corner[1]));
      pen.closePath();
      pen.lineJoin = "round";
      if (hollow.soles.includes(number)) {
        drawHollow(pen, tint(state.sides[sole[0]]), colors.paper);
        return;
      }
      pen.lineWidth = 0.045 * corners[0][2];
      pen.strokeStyle = pen.fillStyle = css(color);
      pen.stroke();
      pen.fill();
    });
  }
  const hips = state.names.map((name, item) => (/^hip_(right|left)$/.test(name) ? screen[item] : [NaN]));
  const pelvis = hull([...state.ring.map((item) => screen[item]), ...hips].filter(seen));
  if (pelvis.length > 2)
    add(pelvis.reduce((sum, each) => sum + each[2], 0) / pelvis.length, () => {
      pen.beginPath();
      pelvis.forEach((corner, index) => pen[index ? "lineTo" : "moveTo"](corner[0], corner[1]));
      pen.closePath();
      pen.lineJoin = "round";
      if (hollow.pelvis) {
        drawHollow(pen, colors.muted, colors.paper);
        return;
      }
      pen.lineWidth = 0.05 * pelvis[0][2];
      pen.strokeStyle = pen.fillStyle = css(mix(colors.muted, colors.paper, 0.55));
      pen.stroke();
      pen.fill();
    });
  for (const [from, to] of state.links) {
    const [a, b] = [screen[from], screen[to]];
    if (!seen(a) || !seen(b)) continue;
    add((a[2] + b[2]) / 2 + 0.04 * a[2], () => {
      pen.strokeStyle = css(mix(tint(state.sides[from]), colors.ink, 0.25), 0.55);
      pen.lineWidth = 1;
      pen.beginPath();
      pen.moveTo(a[0], a[1]);
      pen.lineTo(b[0], b[1]);
      pen.stroke();
    });
  }
  for (let item = 0; item < state.marker_count; item++) {
    const place = screen[item];
    if (!seen(place)) continue;
    add(place[2] * 1.05, () => {
      pen.beginPath();
      pen.arc(place[0], place[1], Math.max(1.6, 0.0105 * place[2]), 0, 2 * Math.PI);
      pen.fillStyle = css(colors.paper);
      pen.strokeStyle = css(mix(tint(state.sides[item]), colors.ink, 0.25));
      pen.lineWidth = 1.2;
      pen.fill();
      pen.stroke();
    });
  }
  shapes.sort((a, b) => a[0] - b[0]).forEach((shape) => shape[1]());
}

function drawTrail(pen, camera, state, motion, at, colors) {
  if (!state.pressure_mm) return;
  const now = motion.travel(at);
  const first = Math.max(0, Math.ceil(at - TRAIL_S * state.rate_hz));
  for (let index = first; index <= at; index++)
    for (const foot of [0, 1]) {
      const origin = motion.origin(index, foot);
      if (!state.contact[index][foot] || !seen(origin)) continue;
      const then = motion.travel(index);
      const spot = camera.project([origin[0] + then[0] - now[0], 0, origin[2] + then[1] - now[1]]);
      const age = (at - index) / (TRAIL_S * state.rate_hz);
      pen.beginPath();
      pen.ellipse(spot[0], spot[1], 0.016 * spot[2], 0.008 * spot[2], 0, 0, 2 * Math.PI);
      pen.fillStyle = css(colors[NAMES[foot + 1]], 0.5 * (1 - age));
      pen.fill();
    }
}

export function drawArrow(pen, camera, origin, force, color, paper) {
  const [a, b] = [origin, origin.map((value, axis) => value + ARROW_M_PER_BW * force[axis])].map(camera.project);
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
  if (length < 2) return;
  const [ux, uy] = [(b[0] - a[0]) / length, (b[1] - a[1]) / length];
  const head = Math.min(14, 0.45 * length);
  const [bx, by] = [b[0] - ux * head, b[1] - uy * head];
  const wing = 0.44 * head;
  const trace = () => {
    pen.beginPath();
    pen.moveTo(a[0], a[1]);
    pen.lineTo(bx, by);
  };
  pen.lineCap = "round";
  pen.lineJoin = "round";
  trace();
  pen.lineWidth = 7;
  pen.strokeStyle = css(paper, 0.85);
  pen.stroke();
  trace();
  pen.lineWidth = 3.6;
  pen.strokeStyle = pen.fillStyle = css(color);
  pen.stroke();
  pen.beginPath();
  pen.moveTo(b[0], b[1]);
  pen.lineTo(bx - uy * wing, by + ux * wing);
  pen.lineTo(bx + uy * wing, by - ux * wing);
  pen.closePath();
  pen.fill();
  pen.beginPath();
  pen.arc(a[0], a[1], 3.4, 0, 2 * Math.PI);
  pen.fill();
}

function drawContact(pen, camera, origin, color) {
  const spot = camera.project([origin[0], 0, origin[2]]);
  const wide = 0.11 * spot[2];
  pen.beginPath();
  pen.ellipse(spot[0], spot[1], wide, wide * 0.32, 0, 0, 2 * Math.PI);
  pen.fillStyle = css(color, 0.16);
  pen.fill();
  pen.lineWidth = 1.2;
  pen.strokeStyle = css(color, 0.6);
  pen.stroke();
}

function drawLegend(pen, state, camera, width, height, colors, font) {
  pen.font = `500 12px ${font}`;
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  ["right", "left"].forEach((name, row) => {
    pen.fillStyle = css(colors[name]);
    pen.beginPath();
    pen.arc(14, 16 + 18 * row, 4.5, 0, 2 * Math.PI);
    pen.fill();
    pen.fillStyle = css(colors.ink);
    pen.fillText(name, 25, 16.5 + 18 * row);
  });
  if (state.force_mbw) {
    const bar = ARROW_M_PER_BW * camera.unit;
    pen.strokeStyle = css(colors.ink);
    pen.lineCap = "butt";
    pen.lineWidth = 1.6;
    pen.beginPath();
    for (const y of [56, 56 + bar]) {
      pen.moveTo(10, y);
      pen.lineTo(18, y);
    }
    pen.moveTo(14, 56);
    pen.lineTo(14, 56 + bar);
    pen.stroke();
    pen.fillText("1 body weight", 25, 56 + bar / 2);
  }
  if (state.label) {
    pen.font = `10px ${font}`;
    pen.fillStyle = css(colors.muted);
    pen.textAlign = "right";
    pen.fillText(state.label, width - 8, height - 10);
  }
}

export function fitCanvas(canvas) {
  const ratio = Math.min(window.devicePixelRatio || 1, 3);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const [fullWidth, fullHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== fullWidth || canvas.height !== fullHeight) [canvas.width, canvas.height] = [fullWidth, fullHeight];
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { pen, width, height };
}

/* Canvas, button and choices of a stage; the widget places them. */
export function buildStage(root, alt) {
  const scene = create("canvas", "gaitbook-player-scene", {
    tabindex: "0",
    role: "img",
    "aria-label": `${alt} Drag, or use the arrow keys, to look from another side; the space bar stops, comma and period step.`,
  });
  const play = create("button", "gaitbook-player-play", { type: "button", "aria-label": "Play" });
  play.innerHTML = `<svg viewBox="0 0 20 20" aria-hidden="true"><path d="${ICONS.play}"/></svg>`;
  const choose = (label, names) => {
    const group = create("div", "gaitbook-player-choice", { role: "group", "aria-label": label });
    const buttons = names.map((name) => create("button", "", { type: "button", "aria-pressed": "false" }, name));
    group.append(...buttons);
    return { group, buttons };
  };
  const tempo = choose("Speed of the film", TEMPOS.map((each) => `${each}×`));
  const view = choose("View", Object.keys(VIEWS));
  return { root, scene, play, tempo, view };
}

const NOTHING_HOLLOW = { bones: [], soles: [], pelvis: false };

/* Brings a stage to life. `onDraw` is called after each drawing, `onPerson` between person and arrows, `onRest` when the
   motion has been stopped; `hollowAt` says what of the person is an outline. */
export function runStage(parts, { onDraw, onPerson = () => {}, onRest = () => {}, hollowAt = () => NOTHING_HOLLOW }) {
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const view = { azimuth: VIEWS.Oblique[0], elevation: VIEWS.Oblique[1], zoom: 1 };
  let [state, motion, at, gone] = [null, null, 0, [0, 0]];
  let [playing, visible, tempo, before, request] = [false, true, calm ? 0.25 : 0.5, 0, 0];
  let colors = readColors(parts.root);
  let font = getComputedStyle(parts.root).fontFamily;

  function draw() {
    const { pen, width, height } = fitCanvas(parts.scene);
    if (!width || !height) return;
    const camera = makeCamera(view, width, height, Math.max(state.height_mm, 100) / 1000);
    const points = motion.points(at);
    const dark = colors.paper[0] + colors.paper[1] + colors.paper[2] < 384;
    const feet = [0, 1].map((foot) => ({
      color: colors[NAMES[foot + 1]],
      origin: motion.origin(at, foot),
      force: motion.force(at, foot),
    }));
    const loaded = feet.filter((foot) => seen(foot.origin) && foot.force[1] > 0.02);
    pen.clearRect(0, 0, width, height);
    drawGround(pen, camera, motion.travel(at).map((way, axis) => way + gone[axis]), colors);
    drawShadow(pen, camera, state, points, colors, dark);
    drawTrail(pen, camera, state, motion, at, colors);
    loaded.forEach((foot) => drawContact(pen, camera, foot.origin, foot.color));
    drawPerson(pen, state, points, points.map(camera.project), colors, hollowAt(at / motion.last));
    onPerson({ pen, camera, at, motion, points, colors });
    loaded.forEach((foot) => drawArrow(pen, camera, foot.origin, foot.force, foot.color, colors.paper));
    drawLegend(pen, state, camera, width, height, colors, font);
    onDraw({ at, motion, feet, colors, font });
  }

  const redraw = () => {
    if (!request) request = requestAnimationFrame(step);
  };
  function step(now) {
    request = 0;
    if (playing && visible) {
      at += (Math.min(Math.max(now - before, 0), 100) / 1000) * state.rate_hz * tempo;
      if (at > motion.last) {
        gone = gone.map((way, axis) => way + motion.travel(motion.last)[axis]);
        at %= motion.last;
      }
      before = now;
      redraw();
    }
    draw();
  }
  function setPlaying(next) {
    playing = next;
    before = performance.now();
    parts.play.setAttribute("aria-label", playing ? "Pause" : "Play");
    parts.play.querySelector("path").setAttribute("d", playing ? ICONS.pause : ICONS.play);
    if (!playing) onRest(at);
    redraw();
  }
  function moveTo(frame) {
    at = Math.max(0, Math.min(motion.last, frame));
    redraw();
  }
  /* Another motion, at the frame given; the ground below goes on without a jump. */
  function show(nextState, nextMotion, frame) {
    const way = motion ? motion.travel(at) : [0, 0];
    [state, motion] = [nextState, nextMotion];
    moveTo(frame);
    gone = gone.map((each, axis) => each + way[axis] - motion.travel(at)[axis]);
  }
  function mark(choice, index) {
    choice.buttons.forEach((button, each) => button.setAttribute("aria-pressed", String(each === index)));
  }
  function turn(azimuth, elevation) {
    view.azimuth = azimuth;
    view.elevation = Math.max(-5, Math.min(89, elevation));
    const places = Object.values(VIEWS);
    mark(parts.view, places.findIndex((place) => place[0] === view.azimuth && place[1] === view.elevation));
    redraw();
  }

  parts.play.addEventListener("click", () => setPlaying(!playing));
  parts.tempo.buttons.forEach((button, index) =>
    button.addEventListener("click", () => {
      tempo = TEMPOS[index];
      mark(parts.tempo, index);
    }),
  );
  Object.values(VIEWS).forEach((place, index) =>
    parts.view.buttons[index].addEventListener("click", () => {
      view.zoom = 1;
      turn(...place);
    }),
  );

  let grip = null;
  parts.scene.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    grip = { id: event.pointerId, x: event.clientX, y: event.clientY, moved: 0 };
    parts.scene.setPointerCapture(event.pointerId);
  });
  parts.scene.addEventListener("pointermove", (event) => {
    if (!grip || grip.id !== event.pointerId) return;
    const [dx, dy] = [event.clientX - grip.x, event.clientY - grip.y];
    grip = { ...grip, x: event.clientX, y: event.clientY, moved: grip.moved + Math.abs(dx) + Math.abs(dy) };
    if (grip.moved > 3) turn(view.azimuth - 0.5 * dx, view.elevation + 0.4 * dy);
  });
  const release = (event) => {
    if (grip && event.type === "pointerup" && grip.moved <= 3) setPlaying(!playing);
    grip = null;
  };
  parts.scene.addEventListener("pointerup", release);
  parts.scene.addEventListener("pointercancel", release);
  parts.scene.addEventListener("keydown", (event) => {
    const turns = { ArrowLeft: [-6, 0], ArrowRight: [6, 0], ArrowUp: [0, 4], ArrowDown: [0, -4] }[event.key];
    if (turns) turn(view.azimuth + turns[0], view.elevation + turns[1]);
    else if (event.key === "+" || event.key === "-") {
      view.zoom = Math.max(0.5, Math.min(3, view.zoom * (event.key === "+" ? 1.15 : 1 / 1.15)));
      redraw();
    } else if (event.key === "," || event.key === ".") {
      moveTo(Math.round(at) + (event.key === "." ? 1 : -1));
      setPlaying(false);
    } else if (event.key === " ") setPlaying(!playing);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  const repaint = () => {
    colors = readColors(parts.root);
    font = getComputedStyle(parts.root).fontFamily;
    redraw();
  };
  const themes = new MutationObserver(repaint);
  for (const element of [document.documentElement, document.body])
    themes.observe(element, { attributes: true, attributeFilter: ["data-theme", "data-mode", "data-jp-theme-light", "class"] });
  const sizes = new ResizeObserver(redraw);
  sizes.observe(parts.scene);
  const sight = new IntersectionObserver((entries) => {
    visible = entries[entries.length - 1].isIntersecting;
    before = performance.now();
    if (visible) redraw();
  });
  sight.observe(parts.scene);

  mark(parts.tempo, TEMPOS.indexOf(tempo));
  mark(parts.view, 0);
  const stop = () => {
    playing = false;
    cancelAnimationFrame(request);
    [themes, sizes, sight].forEach((observer) => observer.disconnect());
  };
  return { calm, frame: () => at, isPlaying: () => playing, moveTo, redraw, setPlaying, show, stop };
}
