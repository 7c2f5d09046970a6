/* Curves as vector images: places on the screen, ticks, paths and the stops of a slider. Explorers import from here. */

const SVG = "http://www.w3.org/2000/svg";
export const MARGIN = { left: 44, right: 14, top: 10, bottom: 34 };

export function add(parent, name, attributes = {}, text = "") {
  const inSvg = name === "svg" || parent.namespaceURI === SVG;
  const child = inSvg ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) child.setAttribute(key, value);
  if (text) child.textContent = text;
  parent.appendChild(child);
  return child;
}

export const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
export const withMinus = (text) => text.replace(/^-/, "\u2212");

export function extent(lists) {
  let [low, high] = [Infinity, -Infinity];
  for (const list of lists) {
    for (const value of list) {
      if (!isNumber(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

export function niceTicks([low, high], count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.7);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const places = Math.max(0, ...[step, 10 * step].map((value) => (String(+value.toPrecision(3)).split(".")[1] || "").length));
  return Array.from({ length: last - first + 1 }, (_, k) => {
    const value = (first + k) * step;
    return { value, text: withMinus((value === 0 ? 0 : value).toFixed(places)) };
  });
}

/* Path through the points, broken where one is missing. */
export function linePath(xs, ys, toX, toY) {
  let path = "";
  let down = false;
  xs.forEach((x, k) => {
    if (isNumber(ys[k])) path += `${down ? "L" : "M"}${toX(x).toFixed(1)} ${toY(ys[k]).toFixed(1)}`;
    down = isNumber(ys[k]);
  });
  return path;
}

/* Area between two curves, in pieces where one of them is missing. */
export function bandPath(xs, lows, highs, toX, toY) {
  const runs = [[]];
  xs.forEach((x, k) => {
    if (isNumber(lows[k]) && isNumber(highs[k])) runs[runs.length - 1].push(k);
    else runs.push([]);
  });
  const place = (x, y) => `${toX(x).toFixed(1)} ${toY(y).toFixed(1)}`;
  return runs
    .filter((run) => run.length > 1)
    .map((run) => {
      const upper = run.map((k) => place(xs[k], highs[k]));
      const lower = run.map((k) => place(xs[k], lows[k])).reverse();
      return `M${upper.concat(lower).join("L")}Z`;
    })
    .join("");
}

export function settingText(setting, index) {
  return setting.unit ? `${setting.texts[index]} ${setting.unit}` : setting.texts[index];
}

export function axisTitle(axis) {
  return axis.unit ? `${axis.name} (${axis.unit})` : axis.name;
}

/* Names of the series, each with a sample of its line. */
export function drawKey(parent, series, note) {
  const legend = add(parent, "div", { class: "gaitbook-explorer-legend" });
  for (const each of series) {
    const entry = add(legend, "span");
    const sample = add(entry, "svg", { width: 26, height: 10, "aria-hidden": "true" });
    const line = add(sample, "line", { x1: 1, x2: 25, y1: 5, y2: 5, "stroke-width": each.width });
    line.style.stroke = each.color;
    if (each.dash) line.setAttribute("stroke-dasharray", each.dash);
    entry.appendChild(document.createTextNode(each.name));
  }
  add(legend, "span", { class: "gaitbook-explorer-muted" }, note);
}

export function drawStops(parent, state, index, width) {
  const count = state.setting.texts.length;
  const room = (width - MARGIN.left - MARGIN.right) / Math.max(1, count - 1);
  const longest = Math.max(...state.setting.texts.map((text) => text.length));
  const every = Math.max(1, Math.ceil((longest * 7.5 + 6) / room));
  parent.replaceChildren();
  state.setting.texts.forEach((text, k) => {
    if (k !== index && (k % every || Math.abs(k - index) < (every > 1 ? every : 0))) return;
    const place = MARGIN.left + (count > 1 ? k / (count - 1) : 0.5) * (width - MARGIN.left - MARGIN.right);
    const stop = add(parent, "span", k === index ? { class: "now" } : {}, text);
    stop.style.left = `${place}px`;
  });
}
