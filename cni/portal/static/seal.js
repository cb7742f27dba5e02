// Sealing in the browser (rule G3): what `cni request seal` does, so that no server sees a request before its round's gate.
// The plain text is, byte for byte, that of the command line: RFC 8785, padded with spaces to a multiple of 4096 bytes.

import { Encrypter } from "./vendor/age.js";

export const SCHEMA = "cni.sealed/1";
const BLOCK = 4096; // cni/sealing.py: the length of a file would tell how much is asked for
const LARGEST = 1 << 20; // bytes of a sealed file that the server takes
const RECIPIENT = /^age1[02-9ac-hj-np-z]{58}$/; // X25519 alone: the server opens no other kind
const LONE_SURROGATE = /\p{Surrogate}/u;

/** The document that is sealed: requests as JSON rows (fields that hold their default left out), sorted by id. */
export function documentOf(round, member, requests) {
  const rows = [...requests].sort((one, other) => (one.id < other.id ? -1 : one.id > other.id ? 1 : 0));
  return { schema: SCHEMA, round, member, requests: rows };
}

/** RFC 8785 text of a JSON value. Throws TypeError for what is no JSON, RangeError for integers of 2^53 or more. */
export function canonical(value) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return numberText(value);
  if (typeof value === "string") return stringText(value);
  if (Array.isArray(value)) return `[${Array.from(value, canonical).join(",")}]`;
  if (typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    // the default order of sort() is that of UTF-16 code units, which RFC 8785 asks for
    const members = Object.keys(value).sort().map((key) => `${stringText(key)}:${canonical(value[key])}`);
    return `{${members.join(",")}}`;
  }
  throw new TypeError(`no JSON value: ${typeof value}`);
}

function numberText(value) {
  if (!Number.isFinite(value)) throw new TypeError("a number must be finite");
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw new RangeError("an integer must be below 2^53");
  return JSON.stringify(value);
}

function stringText(value) {
  if (LONE_SURROGATE.test(value)) throw new TypeError("a text must be well-formed Unicode");
  return JSON.stringify(value);
}

/** The bytes that are encrypted: canonical JSON with spaces after it, to a multiple of 4096 bytes. */
export function padded(document) {
  const text = new TextEncoder().encode(canonical(document));
  const bytes = new Uint8Array(Math.ceil(text.length / BLOCK) * BLOCK).fill(0x20);
  bytes.set(text);
  return bytes;
}

/** A document sealed to a round's key (age1...): an age file as bytes. Throws an Error that says what is wrong, in words. */
export async function seal(document, recipient) {
  const to = recipient.trim();
  if (!RECIPIENT.test(to)) throw new TypeError("The round's key is no age recipient (age1 and 58 characters).");
  const encrypter = new Encrypter();
  encrypter.addRecipient(to); // throws where the check characters do not match
  const sealed = await encrypter.encrypt(padded(document));
  if (sealed.length > LARGEST) throw new RangeError(`A sealed file has at most ${LARGEST} bytes; this one has ${sealed.length}.`);
  return sealed;
}

/** Lower-case hex SHA-256 of bytes: what the receipt of a sealed file names. */
export async function digest(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
