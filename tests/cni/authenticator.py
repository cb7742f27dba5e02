"""An authenticator in software: passkeys with real P-256 keys, and answers as a browser sends them.

By the W3C's Web Authentication, Level 2: client data (section 5.8.1), authenticator data (6.1), attestation "none" (8.7).
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """Holds one passkey. `counts`: whether it has a counter; many have none and always say 0."""

    origin: str = "http://localhost:8470"
    counts: bool = True
    verifies: bool = True
    counter: int = 0
    handle: str = ""
    rp: str = ""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: os.urandom(32))

    def enrol(self, options: str, **changes: Any) -> str:
        """The answer to `navigator.credentials.create`; `changes` put other values into the client data."""
        asked = json.loads(options)
        self.handle, self.rp = asked["user"]["id"], asked["rp"]["id"]
        client = self._client("webauthn.create", asked["challenge"], changes)
        public = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + cbor2.dumps(cose)
        data = self._data(ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer({"clientDataJSON": _b64(client), "attestationObject": _b64(attestation)})

    def sign_in(self, options: str, **changes: Any) -> str:
        """The answer to `navigator.credentials.get`."""
        client = self._client("webauthn.get", json.loads(options)["challenge"], changes)
        data = self._data(0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": _b64(client),
                "authenticatorData": _b64(data),
                "signature": _b64(signature),
                "userHandle": self.handle,
            }
        )

    def _client(self, kind: str, challenge: str, changes: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, **changes}).encode()

    def _data(self, flags: int) -> bytes:
        self.counter += self.counts
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.rp.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _answer(self, response: dict[str, str]) -> str:
        name = _b64(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def _b64(data: bytes) -> str:
    made = bytes_to_base64url(data)
    assert base64url_to_bytes(made) == data
    return made
