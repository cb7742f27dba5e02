"""The seed of the lot (rules E): a secret committed to before opening, and a public value that nobody could know then."""

from __future__ import annotations

import hashlib

from topology.problems import bad_input

SHORTEST_SECRET = 16
"""Characters; a shorter secret could be found from its hash by trying."""


def commitment_of(secret: str) -> str:
    """Lower-case hex SHA-256 of a secret's UTF-8 bytes: what is published before requests come in (rule E1).

    Raises BadInput for a secret of fewer than 16 characters.
    """
    if len(secret) < SHORTEST_SECRET:
        said = f"the lottery's secret must have at least {SHORTEST_SECRET} characters."
        raise bad_input(said, file="secret", code="short_secret", hint="`cni round secret FILE` makes one.")
    return _sha256(secret)


def seed_from(secret: str | None, public_value: str | None) -> str:
    """The seed: lower-case hex SHA-256 of secret, LF, public value; of the one that there is where the other is not.

    A secret that is withheld leaves the public value alone (rule E2), so that withholding it cannot choose between two
    lots once the public value is known. Raises BadInput where there is neither.
    """
    parts = [part for part in (secret, public_value) if part]
    if not parts:
        raise bad_input("there is neither a secret nor a public value to draw the lot from.", code="no_seed")
    return _sha256("\n".join(parts))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
