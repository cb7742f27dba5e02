// The draft of a member's requests: kept in this browser, checked while its writer types, sealed here, handed in.
// The draft goes to the server for the check alone, and not where its writer says no. What is handed in is the sealed file.

import { keep, recalled, save } from "./draft_kept.js";
import { control, endsOf, fill, read, rowsOf, show } from "./draft_rows.js";
import { clear, describe, findings, left, letter, made, mark, near, outcome, ways } from "./draft_shown.js";
import { digest, documentOf, seal } from "./seal.js";

const WAIT_MS = 400;
const NO_ANSWER = "The portal did not answer. See whether you are connected; your draft is safe in this browser.";
const page = document.getElementById("draft");
const { round, member, prefix, recipient, on, terms } = page.dataset;
const KEPT = `cni-draft/${round}/${member}`;
const CHECK = "cni-draft-check";
const API = `/api/v1/rounds/${encodeURIComponent(round)}`;

const part = (name) => page.querySelector(`[data-part="${name}"]`);
const shown = (name) => page.querySelector(`[data-show="${name}"]`);
const button = (name) => page.querySelector(`[data-do="${name}"]`);
const form = part("rows");
const svg = part("map").querySelector("svg");
const rows = () => [...form.querySelectorAll(".wish")];
const requests = () => rows().map((row) => read(row, member));

const state = { count: 0, timer: 0, asked: 0, wrong: 0, sealing: 0, ways: "", current: null, sealed: null, receipt: null, running: Promise.resolve() };
const answers = new Map(); // ways that were asked for before

// -- rows -----------------------------------------------------------------------------------------------------------

function addRow(found) {
  const row = document.getElementById("row").content.cloneNode(true).querySelector(".wish");
  state.count += 1;
  for (const input of row.querySelectorAll("[data-field]")) {
    input.id = `r${state.count}-${input.dataset.field}`;
    const field = input.closest(".field");
    const [label, hint] = [field?.querySelector("label"), field?.querySelector(".hint")];
    if (label) label.htmlFor = input.id;
    if (hint) {
      hint.id = input.dataset.hint = `${input.id}-hint`;
      describe(input);
    }
  }
  control(row, "end").append(...endsOf(on, terms).map(([value, words]) => new Option(words, value)));
  form.append(row);
  fill(row, found ?? { id: freeName(), kind: "fibre", pairs: 1, end: control(row, "end").options[0].value });
  const remove = row.querySelector('[data-do="remove"]');
  remove.addEventListener("click", () => removeRow(row));
  name(row);
  return row;
}

function name(row) {
  row.querySelector('[data-do="remove"]').setAttribute("aria-label", `Remove request ${control(row, "id").value}`);
}

function freeName() {
  const taken = new Set(rows().map((row) => control(row, "id").value));
  let number = 1;
  while (taken.has(`${prefix}-${number}`)) number += 1;
  return `${prefix}-${number}`;
}

function removeRow(row) {
  row.remove();
  if (state.current === row) state.current = null;
  changed();
  button("add").focus();
}

// -- keeping --------------------------------------------------------------------------------------------------------

function remember(key, text) {
  if (!keep(key, text)) say("This browser keeps nothing; save your draft as a file.");
}

async function openFile(event) {
  const [file] = event.target.files;
  if (!file) return;
  try {
    const found = rowsOf(await file.text());
    rows().forEach((row) => row.remove());
    found.forEach(addRow);
    fault("");
    changed();
  } catch (error) {
    fault(error instanceof TypeError ? error.message : "The file could not be read.");
  }
  event.target.value = "";
}

function forget() {
  clearTimeout(state.timer);
  rows().forEach((row) => row.remove());
  addRow();
  remember(KEPT, null);
  unseal();
  say("The draft is forgotten.");
}

// -- checking -------------------------------------------------------------------------------------------------------

function changed() {
  remember(KEPT, JSON.stringify(requests()));
  unseal();
  clearTimeout(state.timer);
  if (!button("check").checked) return;
  state.timer = setTimeout(check, WAIT_MS);
}

async function ask(address, options) {
  let answer;
  try {
    answer = await fetch(address, options);
  } catch {
    throw new Error(NO_ANSWER);
  }
  const type = answer.headers.get("content-type") ?? "";
  const found = type.includes("json") ? await answer.json() : {};
  if (answer.status === 401) throw new Error("You are no longer signed in. Sign in in another tab, then go on here; your draft is safe.");
  if (!answer.ok) throw new Error(found.detail ?? NO_ANSWER);
  return found;
}

/** One check at a time; of those that wait only the newest is made. */
function check() {
  const number = (state.asked += 1);
  state.running = state.running.then(() => (number === state.asked ? checkNow(number) : undefined));
  return state.running;
}

async function checkNow(number) {
  const sent = requests();
  const asked = rows();
  if (!sent.length) return say("There is no request yet.");
  shown("state").textContent ||= "Checking.";
  try {
    const body = JSON.stringify({ requests: sent });
    const options = { method: "POST", headers: { "content-type": "application/json" }, body };
    const found = await ask(`${API}/check`, options);
    if (number !== state.asked) return;
    told(asked, sent, found);
    await findWays();
  } catch (error) {
    if (number === state.asked) say(error.message);
  }
}

function told(asked, sent, found) {
  const { wrong, empty, others } = findings(asked, found.findings);
  state.wrong = wrong + empty;
  const alone = new Map(found.alone.map((each) => [each.request, each]));
  asked.forEach((row, n) => outcome(row, sent[n], alone.get(sent[n].id)));
  shown("others").replaceChildren(...others.map((text) => made("li", text)));
  shown("others").hidden = !others.length;
  const fields = (count) => (count === 1 ? "1 field" : `${count} fields`);
  if (wrong) say(`${fields(wrong)} to mend.`);
  else if (empty) say(`${fields(empty)} still empty.`);
  else say("Checked: nothing to mend.");
}

function say(text) {
  if (shown("state").textContent !== text) shown("state").textContent = text;
}

// -- ways -----------------------------------------------------------------------------------------------------------

function currentRow() {
  if (!state.current?.isConnected) state.current = rows().find((row) => control(row, "kind").value === "fibre") ?? null;
  return state.current;
}

async function findWays() {
  const row = currentRow();
  if (!row || control(row, "kind").value !== "fibre") return;
  const { a, b, max_km: longest = "", diversity = "none", id = "" } = read(row, member);
  const nodes = new Set([...document.getElementById("places").options].map((o) => o.value));
  if (!nodes.has(a) || !nodes.has(b) || a === b || !/^[\d.]*$/.test(longest)) return;
  const key = [a, b, longest].join(" ");
  state.ways = key;
  const levels = [...control(row, "diversity").options].map((o) => [o.value, o.textContent]);
  try {
    if (!answers.has(key)) {
      const found = {};
      for (const [level] of levels) {
        const query = new URLSearchParams({ a, b, diversity: level, max_km: longest });
        found[level] = await ask(`${API}/routes?${query}`);
      }
      answers.set(key, found);
    }
  } catch (error) {
    return void (shown("ways-lead").textContent = error.message);
  }
  if (state.ways === key) showWays(answers.get(key), levels, diversity, `${a} to ${b}`, id);
}

function showWays(found, levels, diversity, between, id) {
  const choose = (level) => {
    mark(svg, found[level].pairs[0]);
    for (const [each, one] of Object.entries(buttons)) one.setAttribute("aria-pressed", String(each === level));
    button("whole").hidden = false;
  };
  const table = part("ways-table");
  const buttons = ways(table.querySelector("tbody"), levels, found, choose);
  table.hidden = false;
  const limit = found.none.pairs[0].a ? ` for request ${id}` : "";
  shown("ways-lead").textContent = `The shortest ways from ${between}${limit}, by how safe they are:`;
  const best = found[diversity]?.pairs[0].routes.length ? diversity : "none";
  if (svg && found[best].pairs[0].routes.length) choose(best);
}

// -- sealing --------------------------------------------------------------------------------------------------------

function fault(text) {
  shown("fault").textContent = text;
  shown("fault").hidden = !text;
}

function unseal() {
  state.sealed = null;
  state.sealing += 1;
  part("sealed").hidden = true;
  fault("");
}

async function sealNow() {
  unseal();
  part("receipt").hidden = true;
  if (!rows().length) return fault("There is no request to seal.");
  if (button("check").checked) {
    form.querySelectorAll("[data-field]").forEach(left);
    clearTimeout(state.timer);
    state.wrong = -1;
    await check();
    if (state.wrong) return fault(state.wrong < 0 ? shown("state").textContent : "Mend what is marked first. Then seal again.");
  }
  const number = state.sealing;
  try {
    const bytes = await seal(documentOf(round, member, requests()), recipient);
    const made = { bytes, digest: await digest(bytes) };
    if (number !== state.sealing) return; // the draft was changed meanwhile
    state.sealed = made;
  } catch (error) {
    return fault(error.message);
  }
  shown("digest").textContent = state.sealed.digest;
  shown("sealed-head").textContent = `Sealed${button("check").checked ? "" : " without a check"}, not yet handed in`;
  shown("size").textContent = `${state.sealed.bytes.length} bytes`;
  button("send").disabled = false;
  part("sealed").hidden = false;
  shown("sealed-head").focus();
}

async function send() {
  const { sealed } = state;
  if (!sealed) return;
  button("send").disabled = true;
  fault("");
  try {
    const headers = { "content-type": "application/octet-stream", "idempotency-key": sealed.digest };
    const receipt = await ask(`${API}/submissions`, { method: "POST", headers, body: sealed.bytes });
    received(receipt, sealed.digest);
  } catch (error) {
    fault(error.message);
    button("send").disabled = false;
  }
}

function received(receipt, expected) {
  state.receipt = receipt;
  const same = receipt.digest === expected;
  const at = receipt.received.replace("T", ", ").replace(/:\d\d\+00:00$/, " UTC");
  shown("receipt-head").textContent = same ? `Handed in: receipt ${receipt.number}` : "The digests differ";
  shown("receipt-words").textContent = same
    ? `The server had the file on ${at}, and names the same SHA-256 that this browser computed.`
    : `The server names another digest (${receipt.digest}). Keep this page, save the sealed file, and tell the coordinator.`;
  shown("receipt-link").href = `/me/receipts/${encodeURIComponent(round)}/${receipt.number}`;
  part("sealed").hidden = same;
  part("receipt").hidden = false;
  part("receipt").classList.toggle("fault", !same);
  shown("receipt-head").focus();
}

// -- beginning ------------------------------------------------------------------------------------------------------

/** A place's name, or a part of it that no other has, becomes its id. */
function placeOf(input) {
  const typed = input.value.trim().toLowerCase();
  const options = [...document.getElementById("places").options].map((o) => [o.value, o.textContent.trim().toLowerCase()]);
  const parts = typed.length < 3 ? [] : options.filter(([, words]) => words.includes(typed));
  const one = options.find(([id, words]) => id.toLowerCase() === typed || words === typed) ?? (parts.length === 1 ? parts[0] : null);
  if (one) [input.value] = one;
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", (event) => {
  const row = event.target.closest(".wish");
  show(row);
  name(row);
  changed();
});
form.addEventListener("focusin", (event) => {
  state.current = event.target.closest(".wish") ?? state.current;
});
form.addEventListener("change", (event) => {
  if (event.target.getAttribute("list") === "places") placeOf(event.target);
  if (event.target.dataset.field) left(event.target);
  changed();
});
button("check").addEventListener("change", () => {
  remember(CHECK, button("check").checked ? null : "no");
  say("");
  if (!button("check").checked) rows().forEach((row) => (clear(row), outcome(row, {}, null)));
  state.asked += 1;
  changed();
});
button("add").addEventListener("click", () => {
  const row = addRow();
  state.current = row;
  changed();
  control(row, "kind").focus();
});
button("seal").addEventListener("click", sealNow);
button("send").addEventListener("click", send);
button("keep").addEventListener("click", () => state.sealed && save(state.sealed.bytes, `${round}-${member}.age`, "application/octet-stream"));
button("save-receipt").addEventListener("click", () =>
  save(JSON.stringify(state.receipt), `${round}-receipt-${state.receipt.number}.json`, "application/json"),
);
button("save").addEventListener("click", () => save(JSON.stringify({ requests: requests() }, null, 1), `${round}-${member}.json`, "application/json"));
button("forget").addEventListener("click", forget);
button("open").addEventListener("change", openFile);
button("whole").addEventListener("click", () => near(svg, []));

button("check").checked = recalled(CHECK) !== "no";
try {
  rowsOf(recalled(KEPT) ?? "[]").forEach(addRow);
} catch {
  remember(KEPT, null);
}
if (!rows().length) addRow();
else changed();
page.hidden = false;
if (svg) new ResizeObserver(() => letter(svg)).observe(svg);
