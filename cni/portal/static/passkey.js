// Passkeys (W3C Web Authentication Level 3): a page's buttons with data-passkey="enrol" or "sign-in" do what they say.
//
// A button may carry data-to (where to go on to); for enrolling, an element with data-passkey="name" holds what the passkey is
// to be called. What goes wrong is told in words in the page's element with role="alert".
//
//   POST /sign-in/enrol/options    {}                  -> options for navigator.credentials.create, as JSON
//   POST /sign-in/enrol            {name, credential, to?}  -> {to}
//   POST /sign-in/passkey/options  {}                  -> options for navigator.credentials.get, as JSON
//   POST /sign-in/passkey          {credential, to?}        -> {to}

const DEEDS = {
  enrol: {
    address: "/sign-in/enrol",
    ask: async (options) => navigator.credentials.create({ publicKey: creationOptions(options) }),
  },
  "sign-in": {
    address: "/sign-in/passkey",
    ask: async (options) => navigator.credentials.get({ publicKey: requestOptions(options) }),
  },
};

const TOLD = {
  NotAllowedError: "No passkey came back: it was cancelled, took too long, or this device holds none for this site. Try again.",
  InvalidStateError: "This device already holds a passkey of yours for this site. Sign in with it.",
  SecurityError: "This page was opened under another address than the one that passkeys are made for.",
  NotSupportedError: "This device cannot make a passkey of a kind that we accept.",
  ConstraintError: "This device cannot check that it is you: set up a screen lock, fingerprint or PIN on it, then try again.",
  AbortError: "It was cancelled. Try again.",
};
const NO_PASSKEYS = "This browser offers no passkeys here. Use a newer one, or a phone or a security key.";
const NO_ANSWER = "The portal did not answer. See whether you are connected, then try again.";

class Told extends Error {}

/** Bytes of base64url text without padding. */
export function bytesOf(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

/** Base64url text, without padding, of bytes. */
export function textOf(buffer) {
  const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const opened = (each) => ({ ...each, id: bytesOf(each.id) });

/** Options as navigator.credentials.create takes them. */
export function creationOptions(options) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const excludeCredentials = (options.excludeCredentials ?? []).map(opened);
  return { ...options, challenge: bytesOf(options.challenge), user: opened(options.user), excludeCredentials };
}

/** Options as navigator.credentials.get takes them. */
export function requestOptions(options) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return { ...options, challenge: bytesOf(options.challenge), allowCredentials: (options.allowCredentials ?? []).map(opened) };
}

/** What the authenticator answered, as JSON (section 5.1 of the specification: RegistrationResponseJSON and its pair). */
export function answerOf(credential) {
  if (credential.toJSON) return credential.toJSON();
  const { response } = credential;
  const told = { clientDataJSON: textOf(response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[part]) told[part] = textOf(response[part]);
  }
  if (response.getTransports) told.transports = response.getTransports();
  return {
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: told,
  };
}

async function post(address, value) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CNI": "1" };
  const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(value) }).catch(() => {
    throw new Told(NO_ANSWER);
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Told(inWords(said, answer));
  return said;
}

function inWords(said, answer) {
  const rows = Array.isArray(said.problems) ? said.problems : [];
  const words = rows.flatMap((row) => [row.text, row.hint]).filter(Boolean);
  const wait = Number(answer.headers.get("Retry-After"));
  if (wait > 0) words.push(`Try again in ${wait} seconds.`);
  return words.join(" ") || said.detail || `The portal refused this (${answer.status}).`;
}

/** A path of this site, or else the person's first page: an answer never sends anyone to another site. */
function ownPath(text) {
  const found = new URL(text || "/me", location.origin);
  return found.origin === location.origin ? found.pathname + found.search : "/me";
}

function tell(words) {
  const box = document.querySelector('[role="alert"]');
  box.textContent = words;
  box.hidden = !words;
}

async function run(button, deed) {
  const options = await post(`${deed.address}/options`, {});
  const credential = await deed.ask(options);
  if (credential === null) throw new Told(TOLD.NotAllowedError);
  const sent = { credential: answerOf(credential) };
  const name = document.querySelector('[data-passkey="name"]');
  if (name) sent.name = name.value;
  if (button.dataset.to) sent.to = button.dataset.to;
  const done = await post(deed.address, sent);
  location.assign(ownPath(done.to));
}

async function pressed(button) {
  if (button.getAttribute("aria-busy") === "true") return; // not `disabled`, which would take the focus away
  button.setAttribute("aria-busy", "true");
  tell("");
  try {
    await run(button, DEEDS[button.dataset.passkey]);
  } catch (error) {
    tell(error instanceof Told ? error.message : (TOLD[error.name] ?? `The passkey could not be used: ${error.message}`));
  } finally {
    button.removeAttribute("aria-busy");
  }
}

for (const button of document.querySelectorAll('button[data-passkey="enrol"], button[data-passkey="sign-in"]')) {
  if (globalThis.PublicKeyCredential === undefined) {
    button.disabled = true;
    tell(NO_PASSKEYS);
  } else {
    button.addEventListener("click", (event) => {
      event.preventDefault(); // the button may stand in a form
      pressed(button);
    });
  }
}
