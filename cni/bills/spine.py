"""Which circuits of the house are billed, as the database knew them at an audit entry (rule F21)."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection, func, select

from cni.rounds.circuits import Standing, standing_circuits
from cni.rounds.lifecycle import ACCEPTED, IN_SERVICE, LAPSED, SET_ASIDE, end_on_record
from cni.store.schema import network as table
from topology.files.json_form import network_from_json
from topology.files.kept import kept_circuits
from topology.model import Circuit, Network
from topology.problems import bad_input

OFFERS = ("award", "recall")
"""Origins of circuits that begin as an offer."""


@dataclass(frozen=True, slots=True)
class Spine:
    """A version of the network, and the circuits that are billed in a period, by id."""

    version: int
    network: Network
    circuits: tuple[Circuit, ...]


def version_at(connection: Connection, known_at: int) -> int:
    """The newest network as known at an audit entry. Raises BadInput where there was none."""
    found = connection.execute(select(func.max(table.c.number)).where(table.c.audit <= known_at)).scalar_one()
    if found is None:
        said = "no network was imported by then."
        raise bad_input(said, code="no_network", hint="`cni network import NET` does that.")
    return int(found)


def spine_at(connection: Connection, version: int, known_at: int, start: date, end: date) -> Spine:
    """The network of a version, and the circuits to bill in [start, end) as known at an audit entry."""
    row = connection.execute(select(table.c.body, table.c.circuits).where(table.c.number == version)).one()
    network = network_from_json(json.loads(row.body))
    filed = kept_circuits(json.loads(row.circuits)).values()
    every = standing_circuits(connection, filed, network, known_at)
    billed = (billable(standing) for standing in every)
    return Spine(version, network, tuple(c for c in billed if c is not None and _meets(c, start, end)))


def _meets(circuit: Circuit, start: date, end: date) -> bool:
    return circuit.start < end and (circuit.end is None or circuit.end > start)


def billable(standing: Standing) -> Circuit | None:
    """A circuit as it is billed: from its start, once it was accepted; None for offers, and for what lapsed or was set aside.

    `term_end` is the end that was agreed first, where events gave it another: a price by term does not change when a circuit is
    handed back, transferred, recalled or renewed. `state` names the event that ends it, if one does.
    """
    kinds = {event.kind for event in standing.events}
    if not standing.holds_anything or kinds & {LAPSED, SET_ASIDE}:
        return None
    if standing.origin in OFFERS and not kinds & {ACCEPTED, IN_SERVICE}:
        return None
    circuit, agreed = standing.circuit, standing.granted.term_end or standing.granted.end
    ended = end_on_record(standing)
    return replace(
        circuit,
        term_end=agreed if agreed != circuit.end else standing.granted.term_end,
        state="" if ended is None else ended.kind,
        lit_on=None,
        strands=(),
    )
