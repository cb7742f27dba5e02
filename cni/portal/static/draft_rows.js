// Requests as rows of a form, and as the JSON rows that `cni request check` and `cni request seal` read.
// What holds its default is left out, so that the sealed text is that of the command line.

const NUMBERS = ["pairs", "min_pairs", "rack_units", "rank"];
const THOUSANDS = ["max_km", "power_kw"];
const LISTS = ["avoid", "diverse_from"];
const FLAGS = ["same_route", "partial", "confidential"];
const OF = {
  fibre: ["a", "b", "pairs", "min_pairs", "diversity", "max_km", "same_route", "avoid", "diverse_from"],
  colocation: ["node", "rack_units", "power_kw", "partial"],
};
const COMMON = ["id", "kind", "end", "rank", "bundle", "alternative_of", "confidential"];
const PASSED_ON = { fibre: ["start", "max_loss_db", "wavelength_nm"], colocation: ["start"] };
const known = new WeakMap(); // what a row brought from a file and the form does not show

/** The control of a field in a row; null where the form does not show it. */
export function control(row, name) {
  return row.querySelector(`[data-field="${name}"]`);
}

/** The JSON row of a form's row. What cannot be read stays as it was typed, so that the check can name it. */
export function read(row, member) {
  const kind = control(row, "kind").value;
  const found = { member };
  for (const name of [...COMMON, ...OF[kind]]) {
    const value = valueOf(control(row, name), name);
    if (value !== undefined) found[name] = value;
  }
  for (const name of PASSED_ON[kind]) {
    const value = known.get(row)?.[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function valueOf(input, name) {
  if (FLAGS.includes(name)) return input.checked || undefined;
  const text = input.value.trim();
  if (text === "" && input.validity?.badInput) return "not a number";
  if (text === "" || (name === "diversity" && text === "none")) return undefined;
  if (NUMBERS.includes(name)) return /^\d{1,9}$/.test(text) ? Number(text) : text;
  if (THOUSANDS.includes(name)) return threePlaces(text);
  return LISTS.includes(name) ? text.split(/\s+/) : text;
}

function threePlaces(text) {
  const [, whole, part] = /^0*(\d{1,9})(?:\.(\d{0,3}))?$/.exec(text) ?? [];
  return whole === undefined ? text : `${whole}.${(part ?? "").padEnd(3, "0")}`;
}

/** Fill a form's row from a JSON row. */
export function fill(row, found) {
  known.set(row, found);
  for (const input of row.querySelectorAll("[data-field]")) {
    const value = found[input.dataset.field];
    if (input.type === "checkbox") input.checked = value === true || value === "true";
    else if (Array.isArray(value)) input.value = value.join(" ");
    else if (value !== undefined && value !== null) {
      if (input.tagName === "SELECT" && ![...input.options].some((o) => o.value === String(value))) {
        input.append(new Option(input.dataset.field === "end" ? `until ${value}` : String(value), String(value)));
      }
      input.value = String(value);
    }
  }
  show(row);
}

/** Show the fields of the row's kind and its name. */
export function show(row) {
  const kind = control(row, "kind").value;
  for (const part of row.querySelectorAll("[data-kind]")) part.hidden = part.dataset.kind !== kind;
  row.querySelector('[data-show="name"]').textContent = control(row, "id").value;
}

/** The rows of a request file: a list of objects, or an object with the list under `requests`. Throws TypeError. */
export function rowsOf(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TypeError("This file is no JSON.");
  }
  const rows = Array.isArray(value) ? value : value?.requests;
  if (!Array.isArray(rows) || !rows.every((r) => r !== null && typeof r === "object" && !Array.isArray(r))) {
    throw new TypeError("This file holds no list of requests.");
  }
  return rows;
}

/** The ends of terms that a round has: value and words. No term given: the request stays open. */
export function endsOf(on, terms) {
  const years = terms.split(" ").filter(Boolean);
  if (!years.length) return [["", "no end"]];
  return years.map((count) => {
    const end = new Date(`${on}T00:00:00Z`);
    const day = end.getUTCDate();
    end.setUTCFullYear(end.getUTCFullYear() + Number(count));
    if (end.getUTCDate() !== day) end.setUTCDate(0); // 29 February ends on the 28th
    return [end.toISOString().slice(0, 10), count === "1" ? "1 year" : `${count} years`];
  });
}
