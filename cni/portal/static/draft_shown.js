// What the server says of a draft, shown where it belongs: faults at their fields, what a request could get, ways on the map.

import { control } from "./draft_rows.js";

const UNITS = { fibre: ["pair", "pairs"], colocation: ["rack unit", "rack units"] };
const asked = new WeakSet(); // fields that their reader has left once: only they are told that they are empty

/** From now on a field counts as one that was left. */
export function left(input) {
  asked.add(input);
}

/** An element with a text. */
export function made(tag, text, name = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (name) element.className = name;
  return element;
}

/** Tie a control to its hint, and to what is said of it. */
export function describe(input, said = "") {
  const ids = [input.dataset.hint, said].filter(Boolean).join(" ");
  if (ids) input.setAttribute("aria-describedby", ids);
  else input.removeAttribute("aria-describedby");
}

/** Take away what was said at the fields of a row. */
export function clear(row) {
  for (const input of row.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    describe(input);
  }
  for (const said of row.querySelectorAll(".at-field")) said.remove();
}

/** Say each finding at its field. Returns how many must be mended, how many fields are still empty, and what has no field. */
export function findings(rows, found) {
  rows.forEach(clear);
  let wrong = 0;
  let empty = 0;
  const others = [];
  for (const each of found) {
    const row = rows[each.line - 1];
    const input = row && control(row, each.column);
    if (!input) others.push(each.text);
    if (each.level === "note") continue;
    if (each.code === "missing_value" && input && !asked.has(input)) empty += 1;
    else wrong += 1;
    if (input && (each.code !== "missing_value" || asked.has(input))) tell(input, each.text);
  }
  return { wrong, empty, others };
}

function tell(input, text) {
  if (input.hasAttribute("aria-invalid")) return; // one at a time: the first names the cause
  const said = made("p", text, "fault-text at-field");
  said.id = `${input.id}-fault`;
  input.after(said);
  input.setAttribute("aria-invalid", "true");
  describe(input, said.id);
  const more = input.closest("details");
  if (more) more.open = true;
}

/** What a request could get if nobody else asked, with the reasons where that is nothing. */
export function outcome(row, request, alone) {
  const place = row.querySelector('[data-show="outcome"]');
  place.replaceChildren();
  place.hidden = !alone;
  if (!alone) return;
  const wanted = request.kind === "fibre" ? request.pairs : request.rack_units;
  const [one, many] = UNITS[request.kind];
  const words = `Alone it could get ${alone.grantable} of ${wanted} ${wanted === 1 ? one : many}.`;
  place.className = `outcome ${alone.grantable >= wanted ? "good" : alone.grantable ? "" : "bad"}`;
  place.append(made("p", words));
  const list = document.createElement("ul");
  for (const reason of alone.reasons) list.append(made("li", reason.text));
  if (alone.reasons.length) place.append(list);
  if (alone.grantable) place.append(made("p", "What you get depends on who else asks.", "quiet"));
}

/** The table of ways: a line for each level, with a button that shows it on the map. Returns the buttons by level. */
export function ways(body, levels, answers, choose) {
  body.replaceChildren();
  const buttons = {};
  for (const [level, words] of levels) {
    const pair = answers[level].pairs[0];
    const row = document.createElement("tr");
    const head = made("th", words);
    head.scope = "row";
    const cell = document.createElement("td");
    if (pair.routes.length) {
      buttons[level] = made("button", "Show", "second");
      buttons[level].type = "button";
      buttons[level].setAttribute("aria-label", `Show on the map: ${words}`);
      buttons[level].addEventListener("click", () => choose(level));
      cell.append(buttons[level]);
    }
    row.append(head, made("td", pair.routes.length ? lengths(pair) : `none: ${pair.certificate?.text ?? ""}`), cell);
    body.append(row);
  }
  return buttons;
}

function lengths(pair) {
  return pair.routes.map((route) => `${Number(route.length_km).toFixed(1)} km`).join(" and ");
}

/** Mark the ways of an answer on the map, and bring them near. */
export function mark(svg, pair) {
  for (const part of svg.querySelectorAll(".way-1, .way-2, .on, .end")) part.classList.remove("way-1", "way-2", "on", "end");
  const at = (id) => svg.querySelector(`[data-id="${CSS.escape(id)}"]`);
  const marked = [];
  pair.routes.forEach((route, number) => {
    for (const id of route.spans) {
      const line = at(id);
      line?.classList.add(`way-${number + 1}`);
      if (line) marked.push(line);
    }
    for (const id of route.nodes) at(id)?.classList.add("on");
  });
  for (const id of [pair.a, pair.b]) at(id)?.classList.add("end");
  near(svg, marked);
}

/** Show what is marked, with some room around it; without any, the whole map. */
export function near(svg, marked) {
  svg.dataset.whole ??= svg.getAttribute("viewBox");
  svg.setAttribute("viewBox", marked.length ? around(svg, marked) : svg.dataset.whole);
  letter(svg);
}

function around(svg, marked) {
  const boxes = marked.map((line) => line.getBBox());
  const left = Math.min(...boxes.map((b) => b.x));
  const top = Math.min(...boxes.map((b) => b.y));
  const right = Math.max(...boxes.map((b) => b.x + b.width));
  const bottom = Math.max(...boxes.map((b) => b.y + b.height));
  const [, , wide, high] = svg.dataset.whole.split(" ").map(Number);
  const scale = Math.min(1, Math.max((right - left) / wide, (bottom - top) / high, 0.15) * 1.35);
  const [w, h] = [wide * scale, high * scale];
  return [(left + right - w) / 2, (top + bottom - h) / 2, w, h].map((n) => n.toFixed(1)).join(" ");
}

/** Letters and dots in the size in which they can be read, whatever part is shown; a label that would lie on another is left out. */
export function letter(svg) {
  const [, , wide, high] = svg.getAttribute("viewBox").split(" ").map(Number);
  const box = svg.getBoundingClientRect();
  if (!box.width || !box.height) return;
  const unit = Math.max(wide / box.width, high / box.height); // of the drawing, for a pixel
  for (const dot of svg.querySelectorAll("circle")) dot.setAttribute("r", (4.5 * unit).toFixed(2));
  const texts = [...svg.querySelectorAll("text")].sort((one, other) => rank(one) - rank(other));
  const placed = [];
  for (const text of texts) {
    text.setAttribute("font-size", (13 * unit).toFixed(2));
    text.setAttribute("x", (7 * unit).toFixed(2));
    text.setAttribute("y", (4.5 * unit).toFixed(2));
    const own = text.getBoundingClientRect();
    const crowded = placed.some((b) => b.left < own.right && own.left < b.right && b.top < own.bottom && own.top < b.bottom);
    text.classList.toggle("crowded", crowded);
    if (!crowded && own.width) placed.push(own);
  }
}

function rank(text) {
  const { classList } = text.parentElement;
  return ["end", "on", "key"].findIndex((name) => classList.contains(name)) + 1 || 9;
}
