"""Sealing requests to a round (rule G3): age files, a round key that any two of three trustees open, and none alone.

The round's secret is wrapped once for each pair of trustees, one age layer inside the other: no secret-sharing code of our
own, and `age -d` alone undoes it. Format: age-encryption.org/v1, by pyrage. Sealed texts are padded to a multiple of 4096
bytes, because the length of a file tells how much is asked for.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

import pyrage
from pyrage import x25519

from topology.about import SOFTWARE
from topology.problems import bad_input

KEY_SCHEMA, HALF_SCHEMA, REQUESTS_SCHEMA = "cni.round_key/1", "cni.round_key_half/1", "cni.sealed/1"
TRUSTEES, NEEDED = 3, 2
BLOCK = 4096
LARGEST = 1 << 20
"""Bytes of a sealed file."""

Document = dict[str, Any]


def new_identity() -> tuple[str, str]:
    """A new secret key and its public recipient, as age writes them (AGE-SECRET-KEY-1..., age1...)."""
    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def recipient_of(secret: str) -> str:
    """The public recipient of a secret key. Raises BadInput for text that is none."""
    return str(_identity(secret, "--identity").to_public())


def _identity(text: str, where: str) -> x25519.Identity:
    lines = [line.strip() for line in text.splitlines()]
    for line in lines:
        if line.startswith("AGE-SECRET-KEY-1"):
            try:
                return x25519.Identity.from_str(line)
            except pyrage.IdentityError:
                break
    raise bad_input("this holds no age secret key.", file=where, code="bad_key", hint="`cni key new FILE` makes one.")


def _recipient(text: str, where: str) -> x25519.Recipient:
    try:
        return x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError:
        said = "this is no age recipient (age1...)."
        raise bad_input(said, file=where, value=text[:80], code="bad_key") from None


def round_key(trustees: Mapping[str, str]) -> Document:
    """The key of a round as a public document: its recipient, and its secret wrapped for each pair of trustees.

    `trustees`: three names with their recipients. The secret itself is forgotten. Raises BadInput.
    """
    if len(trustees) != TRUSTEES:
        raise bad_input(f"a round has {TRUSTEES} trustees.", file="--trustee", value=str(len(trustees)))
    recipients = {name: _recipient(text, "--trustee") for name, text in sorted(trustees.items())}
    if len({text.strip() for text in trustees.values()}) != TRUSTEES:
        raise bad_input("two trustees have the same key.", file="--trustee", code="duplicate_id")
    secret, recipient = new_identity()
    shares = []
    for first, second in combinations(recipients, NEEDED):
        inner = pyrage.encrypt(secret.encode(), [recipients[second]])
        shares.append({"first": first, "second": second, "age": _text(pyrage.encrypt(inner, [recipients[first]]))})
    return {
        "schema": KEY_SCHEMA,
        "software": SOFTWARE,
        "recipient": recipient,
        "trustees": {name: text.strip() for name, text in sorted(trustees.items())},
        "shares": shares,
    }


def half_open(key: Document, identity: str) -> list[Document]:
    """What one trustee takes off: the outer layer of each share that begins with them, still closed to the second.

    Raises BadInput where the identity is none of the trustees', or is the second of every pair.
    """
    name = _trustee(key, identity)
    return [
        {"schema": HALF_SCHEMA, "recipient": key["recipient"], "second": share["second"], "age": _text(outer)}
        for share in key["shares"]
        if share["first"] == name
        for outer in [_decrypt(_bytes(share["age"]), identity)]
        if outer is not None
    ]


def open_half(half: Document, identity: str) -> str:
    """The round's secret from a half that another trustee passed on. Raises BadInput."""
    secret = _decrypt(_bytes(half.get("age", "")), identity) if half.get("schema") == HALF_SCHEMA else None
    return _checked(secret, half.get("recipient", ""))


def opens(half: Document, identity: str) -> bool:
    """Whether a half is for this key. Raises BadInput for a key that is none, or a half that is no base64."""
    return half.get("schema") == HALF_SCHEMA and _decrypt(_bytes(str(half.get("age", ""))), identity) is not None


def open_together(key: Document, identities: Iterable[str]) -> str:
    """The round's secret from two trustees' keys. Raises BadInput with fewer, and with keys that are no trustees'."""
    held = {_trustee(key, identity): identity for identity in identities}
    if len(held) < NEEDED:
        said = f"{NEEDED} of the trustees {', '.join(key['trustees'])} are needed; {len(held)} is here."
        raise bad_input(said, file="--identity", code="too_few_trustees")
    share = next(s for s in key["shares"] if s["first"] in held and s["second"] in held)
    outer = _decrypt(_bytes(share["age"]), held[share["first"]])
    return _checked(None if outer is None else _decrypt(outer, held[share["second"]]), key["recipient"])


def _trustee(key: Document, identity: str) -> str:
    recipient = recipient_of(identity)
    for name, text in key["trustees"].items():
        if text == recipient:
            return str(name)
    said = f"this key is none of the trustees' ({', '.join(key['trustees'])})."
    raise bad_input(said, file="--identity", value=recipient, code="bad_key")


def _checked(secret: bytes | None, recipient: str) -> str:
    if secret is None or recipient_of(secret.decode()) != recipient:
        raise bad_input("the share does not open to this round's key.", file="--identity", code="bad_key")
    return secret.decode()


def seal(text: bytes, recipient: str) -> bytes:
    """Text padded with spaces to a multiple of 4096 bytes and encrypted to the round. Raises BadInput."""
    padded = text + b" " * (-len(text) % BLOCK)
    sealed = bytes(pyrage.encrypt(padded, [_recipient(recipient, "--to")]))
    if len(sealed) > LARGEST:
        raise bad_input(f"a sealed file has at most {LARGEST} bytes.", value=str(len(sealed)), code="file_too_large")
    return sealed


def unseal(sealed: bytes, secret: str) -> bytes | None:
    """The text of a sealed file; None where it does not open with this key. Raises BadInput for a key that is none."""
    return _decrypt(sealed, secret)


def digest_of_file(data: bytes) -> str:
    """Lower-case hex SHA-256 of the sealed bytes: what a receipt names."""
    return hashlib.sha256(data).hexdigest()


def looks_sealed(data: bytes) -> bool:
    """Whether the bytes begin as an age file does (binary or armoured)."""
    return data.startswith((b"age-encryption.org/v1\n", b"-----BEGIN AGE ENCRYPTED FILE-----"))


def _decrypt(data: bytes, secret: str) -> bytes | None:
    try:
        return bytes(pyrage.decrypt(data, [_identity(secret, "--identity")]))
    except pyrage.DecryptError:
        return None


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise bad_input("a share is no base64.", code="bad_key") from None


def key_document(value: Any, where: str) -> Document:
    """A round key as read from a file. Raises BadInput for anything else."""
    ok = (
        isinstance(value, dict)
        and value.get("schema") == KEY_SCHEMA
        and isinstance(value.get("trustees"), dict)
        and isinstance(value.get("shares"), list)
        and len(value["trustees"]) == TRUSTEES
    )
    if not ok:
        said = f"this is no round key ({KEY_SCHEMA})."
        raise bad_input(said, file=where, code="bad_key", hint="`cni key round` makes one.")
    _recipient(str(value.get("recipient", "")), where)
    return dict(value)
