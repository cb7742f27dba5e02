"""Documents and views of people, passkeys, sessions and tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cni.views.blocks import Block, table
from topology.about import SOFTWARE

if TYPE_CHECKING:
    from cni.access.passkeys import Passkey
    from cni.access.people import Person
    from cni.access.sessions import Session
    from cni.access.tokens import Token

Document = dict[str, Any]


def _head(name: str) -> Document:
    return {"schema": name, "software": SOFTWARE}


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def people_document(people: Iterable[Person]) -> Document:
    """People as they are registered now."""
    fields = ("id", "name", "email", "member", "active", "version")
    rows = [{**{f: getattr(p, f) for f in fields}, "roles": list(p.roles)} for p in people]
    return {**_head("cni.people/1"), "people": rows}


def people_view(document: Document) -> Iterator[Block]:
    """Who may come in, for which member, with which roles of the house."""
    rows = [
        (
            p["id"],
            p["name"],
            p["email"],
            p["member"] or "-",
            " ".join(p["roles"]) or "-",
            "may come in" if p["active"] else "removed",
        )
        for p in document["people"]
    ]
    yield table("id ~name* ~e-mail member ~roles state", rows, empty="nobody")


def passkeys_document(passkeys: Iterable[Passkey]) -> Document:
    """Passkeys without their keys."""
    fields = ("number", "person", "name", "ended")
    rows = [{**{f: getattr(p, f) for f in fields}, "made": _iso(p.made)} for p in passkeys]
    return {**_head("cni.passkeys/1"), "passkeys": rows}


def passkeys_view(document: Document) -> Iterator[Block]:
    """Each passkey, and whether it has ended."""
    rows = [
        (p["number"], p["person"], p["name"], p["made"][:19], "ended" if p["ended"] else "holds")
        for p in document["passkeys"]
    ]
    yield table(">number person ~name made* state", rows, empty="no passkey")


def sessions_document(sessions: Iterable[Session]) -> Document:
    """Sessions without their secrets."""
    fields = ("number", "person", "kind", "how")
    times = ("started", "expires", "ended")
    rows = [{**{f: getattr(s, f) for f in fields}, **{t: _iso(getattr(s, t)) for t in times}} for s in sessions]
    return {**_head("cni.sessions/1"), "sessions": rows}


def sessions_view(document: Document, at: datetime) -> Iterator[Block]:
    """Each session, by what it began, and whether it holds at a time."""
    rows = [
        (s["number"], s["person"], s["kind"], s["how"], s["started"][:19], _state(s, at)) for s in document["sessions"]
    ]
    yield table(">number person kind ~how began* ~state", rows, empty="no session")


def tokens_document(tokens: Iterable[Token]) -> Document:
    """Tokens without their secrets."""
    fields = ("number", "person", "name")
    times = ("made", "expires", "ended")
    rows = [
        {**{f: getattr(t, f) for f in fields}, "scopes": list(t.scopes), **{n: _iso(getattr(t, n)) for n in times}}
        for t in tokens
    ]
    return {**_head("cni.tokens/1"), "tokens": rows}


def tokens_view(document: Document, at: datetime) -> Iterator[Block]:
    """Each token with its scopes, and whether it holds at a time."""
    rows = [
        (t["number"], t["person"], t["name"], " ".join(t["scopes"]), t["made"][:10], _state(t, at))
        for t in document["tokens"]
    ]
    yield table(">number person ~name ~scopes made* ~state", rows, empty="no token")


def _state(row: Document, at: datetime) -> str:
    if row["ended"]:
        return f"ended {row['ended'][:19]}"
    over = datetime.fromisoformat(row["expires"]) <= at
    return f"{'over since' if over else 'until'} {row['expires'][:19]}"
