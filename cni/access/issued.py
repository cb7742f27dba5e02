"""What was issued to a person and may have ended: passkeys, sessions, tokens (rules J4 to J6). An end is a row of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection, Engine, Row, Select, Table, select

from cni.access import people, secrets
from cni.rounds.act import Act, changing
from cni.store.audit import Change
from cni.store.engine import reading
from topology.problems import bad_input


class Issued(Protocol):
    """What every kind has."""

    @property
    def number(self) -> int:
        """By which it can be ended."""

    @property
    def person(self) -> str:
        """Whom it lets in."""

    @property
    def ended(self) -> object:
        """True in a condition where it has ended."""


class Lasting(Issued, Protocol):
    """What also ends by itself."""

    @property
    def expires(self) -> datetime:
        """When it is over."""


Held = TypeVar("Held", bound=Issued)
LastingHeld = TypeVar("LastingHeld", bound=Lasting)


def close_at(change: Change, ends: Table, number: int, at: datetime) -> None:
    """End one of a kind whose ends are rows with their time."""
    change.add(ends, number=number, ended=at.isoformat(timespec="seconds"))


@dataclass(frozen=True, slots=True)
class Kind(Generic[Held]):
    """One kind: `word` is its name in messages and in the log, `mark` the column of `ends` that tells that one has ended.

    `read` makes the value of a row of `rows()`; `close` writes what ends one, within a change.
    """

    word: str
    table: Table
    ends: Table
    mark: str
    read: Callable[[Row[Any]], Held]
    close: Callable[[Change, Held, datetime], None]

    def rows(self) -> Select[Any]:
        """All that were issued, each with a column `ended`, which is null where it has not."""
        ended = self.ends.c[self.mark].label("ended")
        joined = self.table.outerjoin(self.ends, self.ends.c.number == self.table.c.number)
        return select(self.table, ended).select_from(joined)

    def listed(self, engine: Engine, person_id: str = "") -> tuple[Held, ...]:
        """By number, of one person or of all; those that ended too."""
        wanted = self.rows().order_by(self.table.c.number)
        with reading(engine) as connection:
            rows = connection.execute(wanted.where(self.table.c.person == person_id) if person_id else wanted)
            return tuple(self.read(row) for row in rows)

    def end(self, engine: Engine, act: Act, number: int, person_id: str | None) -> bool:
        """End one of a person; `person_id` None (on the command line alone): of anyone. False where it had ended before.

        Raises BadInput where the person has none of this number.
        """
        with reading(engine) as connection:
            if self._needed(connection, number, person_id).ended:
                return False
        with changing(engine, act, f"access end {self.word} {number}") as change:
            held = self._needed(change.connection, number, person_id)  # another may have ended it in between
            if not held.ended:
                self.close(change, held, act.at)
        return True

    def _needed(self, connection: Connection, number: int, person_id: str | None) -> Held:
        row = connection.execute(self.rows().where(self.table.c.number == number)).one_or_none()
        if row is None or person_id not in (None, row.person):
            said = f"there is no {self.word} of this number."
            raise bad_input(said, file="NUMBER", value=str(number), code="unknown_id")
        return self.read(row)


def live(held: Lasting, at: datetime) -> bool:
    """Whether it lets its person in at a time: it was not ended and is not over."""
    return not held.ended and at < held.expires


def find(kind: Kind[LastingHeld], connection: Connection, secret: str, at: datetime) -> LastingHeld | None:
    """The one with a secret; None where there is none, it ended or is over, or its person was removed."""
    row = connection.execute(kind.rows().where(kind.table.c.digest == secrets.digest(secret))).one_or_none()
    if row is None:
        return None
    held = kind.read(row)
    return held if live(held, at) and people.person(connection, held.person) is not None else None
