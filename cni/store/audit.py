"""The audit log: one entry per change, chained by digest, and the check that finds any row edited, removed or added.

An entry's body is canonical JSON: number, time, who, what, why, the digest of the entry before it, and for each row that
the change wrote its table, key and digest. The head of the chain stands in `counter`; printed or published elsewhere it
also shows a cut tail.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert, inspect, select, text

from cni.errors import StoreError
from cni.store.engine import writing
from cni.store.schema import AUDITED, audit, counter
from topology.canonical import canonical_bytes, digest_of

GENESIS = "0" * 64
SERIES = "audit"


@dataclass(slots=True)
class Change:
    """One change in progress: what it writes goes through `add`, so that its audit entry names every row.

    `digest` is that of its entry, once it is closed; before that it is empty.
    """

    connection: Connection
    number: int
    previous: str
    at: str
    who: str
    what: str
    why: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    clock: str = ""
    digest: str = ""

    def add(self, table: Table, **values: Any) -> None:
        """Append one row."""
        row = {**values, "audit": self.number}
        self.connection.execute(insert(table).values(row))
        self.rows.append({"table": table.name, "key": key_of(table, row), "digest": digest_of(row)})

    def add_all(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        """Append many rows of one table, in one go."""
        made = [{**row, "audit": self.number} for row in rows]
        if made:
            self.connection.execute(insert(table), made)
        self.rows += [{"table": table.name, "key": key_of(table, row), "digest": digest_of(row)} for row in made]

    def close(self) -> str:
        """Write the audit entry and move the head; returns the digest."""
        body = {
            "number": self.number,
            "at": self.at,
            "who": self.who,
            "what": self.what,
            "why": self.why,
            "previous": self.previous,
            "rows": self.rows,
            **({"clock": self.clock} if self.clock else {}),
        }
        digest = digest_of(body)
        entry = {k: body[k] for k in ("number", "at", "who", "what", "why", "previous")}
        self.connection.execute(insert(audit).values(**entry, body=canonical_bytes(body).decode(), digest=digest))
        self.connection.execute(counter.update().where(counter.c.name == SERIES).values(head=digest))
        self.digest = digest
        return digest


BEHIND = timedelta(minutes=2)
"""How far behind the last entry a clock may be: processes that waited for one another, clocks of two machines."""


class _Undone(Exception):  # noqa: N818 -- no fault: a dry run ends so
    """Ends the transaction of a dry run."""


@contextmanager
def change(
    engine: Engine,
    *,
    who: str,
    what: str,
    why: str,
    at: datetime,
    clock_given: bool = False,
    accept_clock: bool = False,
    dry_run: bool = False,
) -> Iterator[Change]:
    """One transaction with its audit entry: all of it is written, or nothing is.

    The log's times never run backwards: an entry that is less than two minutes behind the last one carries that one's time.
    Raises StoreError for a clock that is further behind, unless `accept_clock`; then the entry says so.
    """
    with suppress(_Undone), writing(engine) as connection:
        number, head = connection.execute(
            text("UPDATE counter SET value = value + 1 WHERE name = :name RETURNING value, head"), {"name": SERIES}
        ).one()
        at, clock = _in_order(connection, at, accept_clock=accept_clock)
        clock = clock or ("given" if clock_given else "")
        made = Change(connection, number, head, at.isoformat(timespec="seconds"), who, what, why, clock=clock)
        yield made
        made.close()
        if dry_run:
            raise _Undone


def _in_order(connection: Connection, at: datetime, *, accept_clock: bool) -> tuple[datetime, str]:
    """The time to write, and what to say about the clock."""
    last = connection.execute(select(audit.c.at).order_by(audit.c.number.desc()).limit(1)).scalar_one_or_none()
    if last is None or at >= (before := datetime.fromisoformat(last)):
        return at, ""
    if before - at <= BEHIND:
        return before, ""
    if accept_clock:
        return at, "behind"
    raise StoreError(
        f"the clock says {at.isoformat(timespec='seconds')}, but the log's last entry is of {last}.",
        "Set the clock right. If the earlier entry's time was wrong, --accept-clock (before the command) goes on; the log notes it.",
        "clock_back",
    )


def head_of(connection: Connection) -> str:
    """The digest of the last entry."""
    return str(connection.execute(select(counter.c.head).where(counter.c.name == SERIES)).scalar_one())


def last_of(connection: Connection) -> tuple[int, str]:
    """Number and digest of the last entry; 0 and GENESIS where there is none."""
    wanted = select(audit.c.number, audit.c.digest).order_by(audit.c.number.desc()).limit(1)
    found = connection.execute(wanted).one_or_none()
    return (0, GENESIS) if found is None else (found.number, found.digest)


def key_of(table: Table, row: dict[str, Any]) -> str:
    """The primary key of a row as text."""
    return "/".join(str(row[column.name]) for column in table.primary_key.columns)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that the log does not agree with: which row, and what is wrong."""

    code: str
    where: str
    text: str


def verify(connection: Connection, expected_heads: Iterable[str] = ()) -> list[Fault]:
    """Every place where rows and log disagree; empty where all is well. `expected_heads`: digests noted elsewhere."""
    entries = [dict(row._mapping) for row in connection.execute(select(audit).order_by(audit.c.number))]
    faults, named = list(_chain_faults(entries)), dict[tuple[str, str], str]()
    for entry in entries:
        named.update(_named(_body(entry)))
    faults += _head_faults(connection, entries, expected_heads)
    there = set(inspect(connection).get_table_names())  # an older revision has fewer
    for table in AUDITED:
        if table.name in there:
            faults += _row_faults(connection, table, named)
    faults += [Fault("row_removed", f"{t}:{key}", "the log names a row that is not there") for t, key in sorted(named)]
    return faults


def _body(entry: dict[str, Any]) -> dict[str, Any]:
    try:
        value = json.loads(entry["body"])
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _named(body: dict[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    """The rows that an entry names; of an edited body those that can still be read."""
    rows = body.get("rows")
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and all(isinstance(row.get(k), str) for k in ("table", "key", "digest")):
            yield (row["table"], row["key"]), row["digest"]


def _stands(entry: dict[str, Any], body: dict[str, Any]) -> bool:
    """Whether a body is canonical and has the digest beside it."""
    try:
        return (digest_of(body), canonical_bytes(body).decode()) == (entry["digest"], entry["body"])
    except ValueError:  # a number that canonical JSON refuses: nothing of ours
        return False


def _chain_faults(entries: list[dict[str, Any]]) -> Iterator[Fault]:
    previous = GENESIS
    for expected, entry in enumerate(entries, 1):
        where, body = f"audit:{entry['number']}", _body(entry)
        if entry["number"] != expected:
            yield Fault("entry_missing", f"audit:{expected}", "an entry is missing before this one")
            return
        if not _stands(entry, body):
            yield Fault("entry_edited", where, "the body does not have the digest that is written beside it")
        if any(body.get(k) != entry[k] for k in ("number", "at", "who", "what", "why", "previous")):
            yield Fault("entry_edited", where, "a column says something else than the body")
        if entry["previous"] != previous:
            yield Fault("chain_broken", where, "the entry does not follow on the one before it")
        previous = entry["digest"]


def _head_faults(connection: Connection, entries: list[dict[str, Any]], expected: Iterable[str]) -> Iterator[Fault]:
    value, head = connection.execute(
        select(counter.c.value, counter.c.head).where(counter.c.name == SERIES)
    ).one_or_none() or (0, GENESIS)
    last = entries[-1]["digest"] if entries else GENESIS
    if value != len(entries) or head != last:
        yield Fault("tail_cut", f"audit:{len(entries) + 1}", f"{value} entries were written, {len(entries)} are there")
    known = {GENESIS, *(e["digest"] for e in entries)}
    for digest in sorted(set(expected) - known):
        yield Fault("head_unknown", "audit", f"the digest {digest} that was noted is not in the log")


def _row_faults(connection: Connection, table: Table, named: dict[tuple[str, str], str]) -> Iterator[Fault]:
    for found in connection.execute(select(table)):
        row = dict(found._mapping)
        key = key_of(table, row)
        digest = named.pop((table.name, key), None)
        if digest is None:
            yield Fault("row_added", f"{table.name}:{key}", "no entry of the log wrote this row")
        elif digest != digest_of(row):
            yield Fault("row_edited", f"{table.name}:{key}", "the row is not as it was written")
