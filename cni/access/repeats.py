"""Keys that come with acts, so that a message that is sent twice acts once (rule J9). `cni.rounds.act` writes them."""

from __future__ import annotations

from sqlalchemy import Connection

from cni.rounds.act import digest_under


def found(connection: Connection, who: str, key: str) -> str | None:
    """The digest that came with a key of this person; None where it never came."""
    return digest_under(connection, who, key)
