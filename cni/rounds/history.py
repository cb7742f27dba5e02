"""Reading the audit log."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select

from cni.rounds.database import Check, log_checks
from cni.store.engine import reading
from cni.store.schema import audit as table


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: its number, when, who, what, why, and its digest."""

    number: int
    at: str
    who: str
    what: str
    why: str
    digest: str


def entries(engine: Engine, last: int = 0) -> tuple[Entry, ...]:
    """The newest entries (0 = all), oldest first."""
    columns = (table.c.number, table.c.at, table.c.who, table.c.what, table.c.why, table.c.digest)
    wanted = select(*columns).order_by(table.c.number.desc())
    with reading(engine) as connection:
        rows = connection.execute(wanted.limit(last) if last else wanted).all()
    return tuple(Entry(*row) for row in reversed(rows))


def verified(engine: Engine, head: str | None = None) -> tuple[Check, ...]:
    """Whether rows and log agree, and whether the log has a digest that was noted elsewhere."""
    with reading(engine) as connection:
        return tuple(log_checks(connection, head))
