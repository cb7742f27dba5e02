"""Tokens: what a program of a person holds (rule J6). Shown once; the database has their SHA-256."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row

from cni.access import issued, people, secrets
from cni.access.issued import Kind, close_at
from cni.access.numbers import next_number
from cni.access.people import Person
from cni.rounds.act import Act, changing
from cni.store.schema_access import token as table
from cni.store.schema_access import token_end as ends
from topology.problems import Problems, bad_input

PREFIX = "cni_"
READ = "read"
SCOPES = (READ, "submit", "circuits", "works")
"""`read` is implied by each of the others; `works` is for coordinators."""
LONGEST_NAME = 80
LONGEST_LIFE = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Token:
    """`scopes` in the order of `SCOPES`, `read` always among them."""

    number: int
    person: str
    name: str
    scopes: tuple[str, ...]
    made: datetime
    expires: datetime
    ended: datetime | None


def make(
    engine: Engine, act: Act, person_id: str, name: str, scopes: Iterable[str], expires: datetime
) -> tuple[Token, str]:
    """A new token and its secret, which can never be shown again.

    Raises BadInput with every fault: an unknown person, no name, an unknown scope, `works` for one who is no coordinator,
    an end that is past or more than 366 days ahead.
    """
    wanted = set(scopes)
    with changing(engine, act, f"access token {person_id}") as change:
        person = people.person(change.connection, person_id)
        if person is None:
            raise bad_input("no person has this id.", file="ID", value=person_id, code="unknown_id")
        _check(person, name.strip(), wanted, act.at, expires)
        made = Token(
            next_number(change, table),
            person_id,
            name.strip(),
            tuple(s for s in SCOPES if s in {READ, *wanted}),
            act.at,
            expires,
            None,
        )
        secret = PREFIX + secrets.fresh()
        change.add(
            table,
            number=made.number,
            person=person_id,
            name=made.name,
            scopes=" ".join(made.scopes),
            digest=secrets.digest(secret),
            made=made.made.isoformat(timespec="seconds"),
            expires=made.expires.isoformat(timespec="seconds"),
        )
        return made, secret


def _check(person: Person, name: str, scopes: set[str], at: datetime, expires: datetime) -> None:
    found = Problems()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        found.add(
            f"A token has a name: one line of at most {LONGEST_NAME} characters.",
            file="name",
            value=name[:LONGEST_NAME],
        )
    for scope in sorted(scopes - set(SCOPES)):
        said = f"A scope is one of {', '.join(SCOPES)}."
        found.add(said, file="scopes", value=scope[:LONGEST_NAME], code="unknown_scope")
    if "works" in scopes and "coordinator" not in person.roles:
        found.add("This scope is for coordinators.", file="scopes", value="works", code="unknown_scope")
    if not at < expires <= at + LONGEST_LIFE:
        said = f"A token ends after now, and at most {LONGEST_LIFE.days} days ahead."
        found.add(said, file="expires", value=expires.isoformat(timespec="seconds"))
    found.raise_errors()


def find(connection: Connection, secret: str, at: datetime) -> Token | None:
    """The token of a secret; None where there is none, it ended or expired, or its person was removed."""
    return issued.find(KIND, connection, secret, at)


def end(engine: Engine, act: Act, number: int, person_id: str | None) -> bool:
    """End a token of a person; `person_id` None (on the command line alone): of anyone. False where it had ended before.

    Raises BadInput where the person has no token of this number.
    """
    return KIND.end(engine, act, number, person_id)


def list_tokens(engine: Engine, person_id: str = "") -> tuple[Token, ...]:
    """Tokens by number, of one person or of all; those that ended too. None shows a secret."""
    return KIND.listed(engine, person_id)


def _token(row: Row[Any]) -> Token:
    made, expires = (datetime.fromisoformat(text) for text in (row.made, row.expires))
    ended = None if row.ended is None else datetime.fromisoformat(row.ended)
    return Token(row.number, row.person, row.name, tuple(row.scopes.split()), made, expires, ended)


KIND = Kind("token", table, ends, "ended", _token, lambda change, held, at: close_at(change, ends, held.number, at))
