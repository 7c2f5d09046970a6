/* A long table to search, narrow and sort. Columns have words once each with their places, or whole numbers of their
   last decimal; null is a dash. Rows come as pages, so that thousands of them cost nothing until they are asked for. */

function addTo(parent, name, attributes = {}, text = "") {
  const child = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) child.setAttribute(key, value);
  if (text) child.textContent = text;
  parent.appendChild(child);
  return child;
}

function sayNumber(column, row) {
  const whole = column.numbers[row];
  if (whole === null) return "\u2013";
  const value = whole / 10 ** column.decimals;
  const digits = { minimumFractionDigits: column.decimals, maximumFractionDigits: column.decimals };
  return value.toLocaleString("en-US", digits).replace("-", "\u2212");
}

const sayCell = (column, row) => (column.words ? column.words[column.places[row]] : sayNumber(column, row));

/* Order of two rows; dashes come last whichever way the column is sorted. */
function compareRows(column, descending) {
  const values = column.words ? column.places.map((place) => column.words[place]) : column.numbers;
  const sign = descending ? -1 : 1;
  return (one, other) => {
    const [a, b] = [values[one], values[other]];
    if (a === null || b === null) return (a === null) - (b === null) || one - other;
    const order = column.words ? a.localeCompare(b, "en", { numeric: true }) : a - b;
    return sign * order || one - other;
  };
}

function addControls(parent, state, byName, changed) {
  const bar = addTo(parent, "div", { class: "controls" });
  const searched = byName[state.search];
  const field = addTo(addTo(bar, "label", {}, `${searched.head} `), "input", { type: "search", placeholder: "search" });
  field.addEventListener("input", changed);
  const menus = state.filters.map((name) => {
    const menu = addTo(addTo(bar, "label", {}, `${byName[name].head} `), "select");
    addTo(menu, "option", { value: "" }, "all");
    [...byName[name].words].sort().forEach((word) => addTo(menu, "option", { value: word }, word));
    menu.addEventListener("change", changed);
    return { column: byName[name], menu };
  });
  const matches = (row) => {
    const found = sayCell(searched, row).toLowerCase();
    return (
      field.value.toLowerCase().replace(/_/g, " ").split(/\s+/).every((word) => found.includes(word)) &&
      menus.every(({ column, menu }) => !menu.value || sayCell(column, row) === menu.value)
    );
  };
  return { matches, count: addTo(bar, "span", { class: "count", role: "status" }) };
}

function addHeads(table, state, shown, sortBy) {
  const row = addTo(addTo(table, "thead"), "tr");
  return shown.map(({ name, column }) => {
    const cell = addTo(row, "th", { scope: "col", class: column.numbers ? "number" : "" });
    const button = addTo(cell, "button", { type: "button" }, column.head);
    if (state.intervals[name]) addTo(button, "small", {}, " [interval]");
    button.addEventListener("click", () => sortBy(name));
    return { name, cell };
  });
}

function fillRow(line, state, byName, shown, row) {
  for (const { name, column } of shown) {
    const cell = addTo(line, "td", { class: column.numbers ? "number" : "" }, sayCell(column, row));
    const ends = (state.intervals[name] || []).map((end) => sayCell(byName[end], row));
    if (ends.length) addTo(cell, "small", {}, ` [${ends.join(", ")}]`);
  }
}

function render({ model, el }) {
  const state = model.get("state");
  const byName = Object.fromEntries(state.names.map((name, place) => [name, state.columns[place]]));
  const shown = state.names.map((name) => ({ name, column: byName[name] })).filter(({ column }) => !column.hidden);
  const first = state.columns[0];
  const everything = (first.places || first.numbers).map((_, row) => row);
  const now = { sort: state.sort, descending: true, rows: [], drawn: 0 };

  const root = addTo(el, "div", { class: "gaitbook-browser" });
  const controls = addControls(root, state, byName, update);
  const frame = addTo(root, "div", { class: "gaitbook-table", role: "region", tabindex: "0", "aria-label": state.caption });
  const table = addTo(frame, "table");
  addTo(table, "caption", {}, state.caption);
  const heads = addHeads(table, state, shown, (name) => {
    now.descending = now.sort === name ? !now.descending : Boolean(byName[name].numbers);
    now.sort = name;
    update();
  });
  const body = addTo(table, "tbody");
  const more = addTo(root, "button", { type: "button", class: "more" }, "Show more rows");
  more.addEventListener("click", drawMore);

  function drawMore() {
    for (const row of now.rows.slice(now.drawn, now.drawn + state.page)) fillRow(addTo(body, "tr"), state, byName, shown, row);
    now.drawn = Math.min(now.drawn + state.page, now.rows.length);
    more.hidden = now.drawn === now.rows.length;
    if (!now.rows.length) addTo(addTo(body, "tr"), "td", { colspan: shown.length }, "nothing to list");
    const [count, total] = [now.rows.length, everything.length].map((number) => number.toLocaleString("en-US"));
    controls.count.textContent = `${now.drawn.toLocaleString("en-US")} shown of ${count} found among ${total}`;
  }
  function update() {
    now.rows = everything.filter(controls.matches).sort(compareRows(byName[now.sort], now.descending));
    now.drawn = 0;
    body.textContent = "";
    for (const { name, cell } of heads) {
      if (name === now.sort) cell.setAttribute("aria-sort", now.descending ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    }
    drawMore();
  }
  update();
}

export default { render };
