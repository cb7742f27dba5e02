"""Circuits of the house, and what happened to each: an event a row; what holds now follows from them (rules H).

A circuit comes from a file (`network import --circuits`) or is made by the house: offered when an award is published, or
born of a transfer or a recall. Events say the rest. Only the dates that follow from them decide whether a circuit holds
strands: an offer holds them until it lapses, so that no other round can sell them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, or_, select

from cni.store.audit import Change
from cni.store.schema import audit
from cni.store.schema import circuit as table
from cni.store.schema import circuit_event as events_table
from topology.canonical import canonical_bytes
from topology.files.json_form import circuits_to_json
from topology.files.kept import kept_circuits
from topology.files.strand_cells import strands_of_text
from topology.model import Circuit, Network

ENDING = frozenset(("lapsed", "ceased", "surrendered", "transferred", "recalled", "set_aside"))
"""Events from whose date on a circuit holds nothing."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: `kind` holds from the day `on`; `body` carries its particulars; `at` is when it was recorded.

    `at` is None within the change that writes it.
    """

    kind: str
    on: date
    body: Mapping[str, Any]
    audit: int
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A circuit with its events. `circuit` has the dates that follow from them, `granted` those that it began with.

    `origin`: file, award, transfer or recall. `accept_by`: until when an offer may be accepted (exclusive); None where it
    never was one.
    """

    circuit: Circuit
    origin: str
    round: str | None
    events: tuple[Event, ...]
    granted: Circuit
    accept_by: datetime | None = None

    @property
    def holds_anything(self) -> bool:
        """Whether there is a day on which it holds strands or room."""
        return self.circuit.end is None or self.circuit.end > self.circuit.start


@dataclass(frozen=True, slots=True)
class Scope:
    """Which circuits are asked for, so that the others need not be read; None means all.

    `members`: those that began with one of them. `day`: those that may hold something on that day or later (what ended
    before may be left out; what is left is told exactly). `ids`: those named.
    """

    members: frozenset[str] | None = None
    day: date | None = None
    ids: frozenset[str] | None = None

    def keeps(self, circuit: Circuit) -> bool:
        """Whether a circuit of the file is asked for; its events may still end it."""
        return (self.members is None or circuit.member in self.members) and (self.ids is None or circuit.id in self.ids)

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same of circuits that the house made, and of what ended them."""
        found: list[ColumnElement[bool]] = []
        if self.members is not None:
            found.append(table.c.member.in_(sorted(self.members)))
        if self.ids is not None:
            found.append(table.c.circuit.in_(sorted(self.ids)))
        if self.day is not None:
            text = self.day.isoformat()
            mine = events_table.c.circuit == table.c.circuit
            over = exists().where(mine, events_table.c.kind.in_(sorted(ENDING)), events_table.c.on_date <= text)
            renewed = exists().where(mine, events_table.c.kind == "renewed")
            found += [~over, or_(table.c.end_on.is_(None), table.c.end_on > text, renewed)]
        return found


EVERY = Scope()


def standing_circuits(
    connection: Connection,
    filed: Iterable[Circuit],
    network: Network,
    as_of: int | None = None,
    scope: Scope = EVERY,
) -> tuple[Standing, ...]:
    """Every circuit of the house, by id: those of the file (`filed`) and those it made, with all events.

    `as_of`: leave out what was written after this audit entry. `scope`: which are asked for.
    """
    events = _events(connection, as_of, scope)
    found = [_standing(c, "file", None, events.get(c.id, ())) for c in filed if scope.keeps(c)]
    wanted = select(table.c.circuit, table.c.origin, table.c.round, table.c.body).where(*scope.conditions())
    if as_of is not None:
        wanted = wanted.where(table.c.audit <= as_of)
    rows = connection.execute(wanted).all()
    made = kept_circuits(_values(row.body for row in rows))
    found += [_standing(made[name], origin, round_id, events.get(name, ())) for name, origin, round_id, _ in rows]
    return tuple(sorted(found, key=lambda s: s.circuit.id))


def _values(bodies: Iterable[str]) -> list[dict[str, Any]]:
    """JSON objects from their texts; in one go, which takes a third of the time."""
    return list(json.loads(f"[{','.join(bodies)}]"))


def made_rows(connection: Connection) -> list[dict[str, Any]]:
    """Every circuit that the house made, as JSON rows with the dates that it began with."""
    return _values(connection.execute(select(table.c.body).order_by(table.c.circuit)).scalars())


def living(
    connection: Connection, filed: Iterable[Circuit], network: Network, as_of: int | None = None
) -> tuple[Circuit, ...]:
    """Every circuit that holds something on some day, with its dates as events have set them, by id."""
    return tuple(s.circuit for s in standing_circuits(connection, filed, network, as_of) if s.holds_anything)


def _events(connection: Connection, as_of: int | None, scope: Scope) -> dict[str, list[Event]]:
    columns = (events_table.c[name] for name in ("circuit", "kind", "on_date", "body", "audit"))
    wanted = select(*columns).order_by(events_table.c.circuit, events_table.c.step)
    if scope != EVERY:
        asked = select(table.c.circuit).where(*scope.conditions())
        filed = ~exists().where(table.c.circuit == events_table.c.circuit)
        wanted = wanted.where(or_(events_table.c.circuit.in_(asked), filed))
    if as_of is not None:
        wanted = wanted.where(events_table.c.audit <= as_of)
    rows = connection.execute(wanted).all()
    entries = {row.audit for row in rows}
    numbers = select(audit.c.number, audit.c.at)
    if len(entries) < 500:
        numbers = numbers.where(audit.c.number.in_(sorted(entries)))
    times = {n: datetime.fromisoformat(at) for n, at in connection.execute(numbers)}
    found: dict[str, list[Event]] = {}
    for (name, kind, on, _, entry), body in zip(rows, _values(row.body for row in rows), strict=True):
        found.setdefault(name, []).append(Event(kind, _day(on), body, entry, times.get(entry)))
    return found


_day: Callable[[str], date] = lru_cache(maxsize=10_000)(date.fromisoformat)


def _standing(granted: Circuit, origin: str, round_id: str | None, events: Iterable[Event]) -> Standing:
    """The circuit with the end, the strands and the lit date that its events give it."""
    end, strands, lit_on, accept_by = granted.end, granted.strands, granted.lit_on, None
    events = tuple(events)
    for event in events:
        body = event.body
        if event.kind == "offered":
            accept_by = datetime.fromisoformat(body["accept_by"])
        elif event.kind == "renewed":
            end = _day(body["end"]) if body["end"] else None
        elif event.kind in ENDING:
            over = max(event.on, granted.start)
            end = over if end is None else min(over, end)
        if body.get("strands"):
            strands = strands_of_text(body["strands"])
        if body.get("lit_on"):
            lit_on = _day(body["lit_on"])
    now = (end, strands, lit_on)
    dated = (
        granted
        if now == (granted.end, granted.strands, granted.lit_on)
        else replace(granted, end=end, strands=strands, lit_on=lit_on)
    )
    return Standing(dated, origin, round_id, events, granted, accept_by)


def make(change: Change, circuit: Circuit, *, origin: str, round_id: str | None = None) -> None:
    """Add a circuit that the house makes, within a change."""
    change.add(
        table,
        circuit=circuit.id,
        member=circuit.member,
        start_on=circuit.start.isoformat(),
        end_on=None if circuit.end is None else circuit.end.isoformat(),
        round=round_id,
        origin=origin,
        body=canonical_bytes(circuits_to_json([circuit])[0]).decode(),
    )


def happen(change: Change, circuit_id: str, kind: str, on: date, body: Mapping[str, Any] | None = None) -> None:
    """Add an event, within a change."""
    steps = select(events_table.c.step).where(events_table.c.circuit == circuit_id)
    step = len(change.connection.execute(steps).all()) + 1
    text = canonical_bytes(dict(body or {})).decode()
    change.add(events_table, circuit=circuit_id, step=step, kind=kind, on_date=on.isoformat(), body=text)
