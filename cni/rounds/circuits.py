"""Circuits of the house, and what happened to each: an event a row; what holds now follows from them (rules H).

A circuit comes from a file (`network import --circuits`) or is made by the house: offered when an award is published, or
born of a transfer or a recall. Events say the rest. Only the dates that follow from them decide whether a circuit holds
strands: an offer holds them until it lapses, so that no other round can sell them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from cni.store.audit import Change
from cni.store.schema import audit
from cni.store.schema import circuit as table
from cni.store.schema import circuit_event as events_table
from topology.canonical import canonical_bytes
from topology.formats.json_form import circuits_from_json, circuits_to_json
from topology.formats.strand_cells import strands_of_text
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


def standing_circuits(
    connection: Connection, filed: Iterable[Circuit], network: Network, as_of: int | None = None
) -> tuple[Standing, ...]:
    """Every circuit of the house, by id: those of the file (`filed`) and those it made, with all events.

    `as_of`: leave out what was written after this audit entry.
    """
    events = _events(connection, as_of)
    found = [Standing(c, "file", None, tuple(events.get(c.id, ())), c) for c in filed]
    wanted = select(table).order_by(table.c.circuit)
    if as_of is not None:
        wanted = wanted.where(table.c.audit <= as_of)
    rows = connection.execute(wanted).all()
    bare = replace(network, organisations=None)  # holders are in the register, which may know more than the file
    made = circuits_from_json([json.loads(row.body) for row in rows], bare)
    by_id = {c.id: c for c in made}
    found += [
        Standing(by_id[row.circuit], row.origin, row.round, tuple(events.get(row.circuit, ())), by_id[row.circuit])
        for row in rows
    ]
    return tuple(sorted((_dated(s) for s in found), key=lambda s: s.circuit.id))


def made_rows(connection: Connection) -> list[dict[str, Any]]:
    """Every circuit that the house made, as JSON rows with the dates that it began with."""
    return [json.loads(body) for body in connection.execute(select(table.c.body).order_by(table.c.circuit)).scalars()]


def living(
    connection: Connection, filed: Iterable[Circuit], network: Network, as_of: int | None = None
) -> tuple[Circuit, ...]:
    """Every circuit that holds something on some day, with its dates as events have set them, by id."""
    return tuple(s.circuit for s in standing_circuits(connection, filed, network, as_of) if s.holds_anything)


def _events(connection: Connection, as_of: int | None) -> dict[str, list[Event]]:
    joined = events_table.outerjoin(audit, events_table.c.audit == audit.c.number)  # its own entry is written last
    wanted = select(events_table, audit.c.at).select_from(joined).order_by(events_table.c.circuit, events_table.c.step)
    if as_of is not None:
        wanted = wanted.where(events_table.c.audit <= as_of)
    found: dict[str, list[Event]] = {}
    for row in connection.execute(wanted):
        day, at = date.fromisoformat(row.on_date), datetime.fromisoformat(row.at) if row.at else None
        event = Event(row.kind, day, json.loads(row.body), row.audit, at)
        found.setdefault(row.circuit, []).append(event)
    return found


def _dated(standing: Standing) -> Standing:
    """The circuit with the end, the strands and the lit date that its events give it."""
    circuit, accept_by = standing.circuit, standing.accept_by
    for event in standing.events:
        if event.kind == "offered":
            accept_by = datetime.fromisoformat(event.body["accept_by"])
        elif event.kind == "renewed":
            circuit = replace(circuit, end=date.fromisoformat(event.body["end"]) if event.body["end"] else None)
        elif event.kind in ENDING:
            end = max(event.on, circuit.start)
            circuit = replace(circuit, end=end if circuit.end is None else min(end, circuit.end))
        if event.body.get("strands"):
            circuit = replace(circuit, strands=strands_of_text(event.body["strands"]))
        if event.body.get("lit_on"):
            circuit = replace(circuit, lit_on=date.fromisoformat(event.body["lit_on"]))
    return replace(standing, circuit=circuit, accept_by=accept_by)


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
