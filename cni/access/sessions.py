"""Sessions: what a browser holds after a sign-in (rule J5). Their secret is a cookie's; the database has its SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row

from cni.access import issued, people, secrets
from cni.access.issued import Kind, close_at
from cni.access.numbers import next_number
from cni.rounds.act import Act, changing, one_line
from cni.store.audit import Change
from cni.store.schema_access import session as table
from cni.store.schema_access import session_end as ends
from topology.problems import bad_input

ENROL, FULL = "enrol", "full"
LASTS = {ENROL: timedelta(minutes=15), FULL: timedelta(hours=12)}


@dataclass(frozen=True, slots=True)
class Session:
    """`kind`: `enrol` can do nothing but enrol a passkey; `full` is the person. `how`: by what it began ("passkey 2")."""

    number: int
    person: str
    kind: str
    how: str
    started: datetime
    expires: datetime
    ended: datetime | None


def start(change: Change, person_id: str, kind: str, how: str, at: datetime) -> str:
    """Begin a session, within a change; returns its secret, which is told nowhere else.

    Raises BadInput where `how` is no line of at most 200 characters.
    """
    one_line(how, "how")
    secret = secrets.fresh()
    change.add(
        table,
        number=next_number(change, table),
        person=person_id,
        kind=kind,
        digest=secrets.digest(secret),
        how=how,
        started=at.isoformat(timespec="seconds"),
        expires=(at + LASTS[kind]).isoformat(timespec="seconds"),
    )
    return secret


def start_full(engine: Engine, act: Act, person_id: str, how: str) -> str:
    """Begin a full session; returns its secret. Raises BadInput for a person that is unknown or was removed."""
    with changing(engine, act, f"access session {person_id}") as change:
        if people.person(change.connection, person_id) is None:
            raise bad_input("no person has this id.", file="ID", value=person_id, code="unknown_id")
        return start(change, person_id, FULL, how, act.at)


def find(connection: Connection, secret: str, at: datetime) -> Session | None:
    """The session of a secret; None where there is none, it ended or expired, or its person was removed."""
    return issued.find(KIND, connection, secret, at)


def end(engine: Engine, act: Act, number: int, person_id: str | None) -> bool:
    """End a session of a person; `person_id` None (on the command line alone): of anyone. False where it had ended before.

    Raises BadInput where the person has no session of this number.
    """
    return KIND.end(engine, act, number, person_id)


def list_sessions(engine: Engine, person_id: str = "") -> tuple[Session, ...]:
    """Sessions by number, of one person or of all; those that ended too."""
    return KIND.listed(engine, person_id)


def _session(row: Row[Any]) -> Session:
    started, expires = (datetime.fromisoformat(text) for text in (row.started, row.expires))
    ended = None if row.ended is None else datetime.fromisoformat(row.ended)
    return Session(row.number, row.person, row.kind, row.how, started, expires, ended)


KIND = Kind("session", table, ends, "ended", _session, lambda change, held, at: close_at(change, ends, held.number, at))
