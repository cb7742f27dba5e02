"""A house with years behind it, written through the store's own changes: what commands on it cost is what is measured.

Its first round is a real one, small and decided. The later rounds are that one again with other ids, its award's rows
repeated until there are as many as circuits; they have the size and shape of real rounds, and their digests are not those
of their bytes. Circuits run over routes of the network, over one leg or two, each with the events that lead into service;
most have ended. The same arguments give the same house.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import Engine, select

from allocation.policy import Policy
from allocation.request import Request
from cni.rounds import awards, circuits, creating, life, members, networks, publishing, requests
from cni.rounds.act import Act, changing
from cni.store import schema
from cni.store.audit import Change
from tests.benchmarks.networks import DAY, Size, circuits_on, metro
from topology.canonical import canonical_bytes
from topology.model import Circuit, Network, Organisation

ROOMY = 13_824
"""Strands of a span: the lines of ten years fit, so that no figure is below zero."""


@dataclass(frozen=True, slots=True)
class Years:
    """How much a house holds."""

    size: Size
    rounds: int
    members: int
    circuits: int

    @property
    def a_round(self) -> int:
        """Circuits of one round."""
        return self.circuits // self.rounds


TEN_YEARS = Years(Size(750, 900, 40, 20_000), 40, 200, 20_000)
A_MOMENT = Years(Size(30, 45, 8, 40), 4, 5, 40)


def at(day: date) -> Act:
    """Someone acts at nine on a day."""
    return Act("ann", datetime(day.year, day.month, day.day, 9, tzinfo=timezone.utc))  # noqa: UP017 -- reads as what it is


def network_of(years: Years) -> Network:
    """The network, roomy, without people of its own: those are in the register."""
    made = metro(years.size)
    spans = {i: replace(s, fibre_count=ROOMY) for i, s in made.spans.items()}
    return replace(made, spans=spans, organisations=None)


def build(engine: Engine, years: Years) -> None:
    """Fill an empty house."""
    network = network_of(years)
    names = [f"m{i}" for i in range(years.members)]
    for name in names:
        members.add_member(engine, at(DAY), Organisation(name, f"Member {name}", ("user",)))
    networks.import_network(engine, at(DAY), network, (), "metro")
    made = [replace(c, member=names[i % len(names)]) for i, c in enumerate(circuits_on(network, years.circuits))]
    pattern = first_round(engine, network, names)
    for number in range(1, years.rounds):
        day = DAY + timedelta(days=91 * number)
        with changing(engine, at(day), f"round q{number:02}") as change:
            again(change, pattern, f"q{number:02}", day, years.a_round)
            for circuit in made[number * years.a_round : (number + 1) * years.a_round]:
                put(change, circuit, f"q{number:02}", day)


def first_round(engine: Engine, network: Network, names: list[str]) -> dict[str, Any]:
    """A real round; returns its rows by table."""
    keys, life_of = network.key_nodes, ("q00", DAY)
    creating.create(engine, at(DAY), life_of[0], Policy(), on=DAY, seed="1")
    life.open_round(engine, at(DAY), "q00")
    wishes = [
        Request(f"r{i}", names[i % len(names)], "fibre", a=keys[i % len(keys)], b=keys[(i + 3) % len(keys)], pairs=1)
        for i in range(6)
    ]
    requests.submit(engine, at(DAY), "q00", wishes)
    life.close_round(engine, at(DAY), "q00")
    awards.award_round(engine, at(DAY), "q00")
    publishing.publish(engine, at(DAY), "q00")
    found: dict[str, Any] = {}
    with engine.connect() as connection:
        for table in (schema.round_, schema.notice, schema.award, schema.closing):
            row = connection.execute(select(table)).mappings().one()
            found[table.name] = {k: v for k, v in row.items() if k not in ("audit", "round")}
    return found


def again(change: Change, pattern: dict[str, Any], name: str, day: date, count: int) -> None:
    """The same round under another name, with rows for as many circuits."""
    pack = json.loads(pattern["award"]["body"])
    rows = pack["award"]["requests"]
    pack["award"]["requests"] = [{**rows[i % len(rows)], "request": f"r{i}"} for i in range(count)]
    pack["requests"] = [{**pack["requests"][i % len(rows)], "id": f"r{i}"} for i in range(count)]
    notice = {**json.loads(pattern["notice"]["body"]), "round": name, "circuits_as_of": change.number}
    change.add(schema.round_, round=name, **{**pattern["round"], "on_date": day.isoformat()})
    change.add(schema.notice, round=name, **{**pattern["notice"], "body": canonical_bytes(notice).decode()})
    change.add(schema.closing, round=name, **pattern["closing"])
    change.add(schema.award, round=name, **{**pattern["award"], "body": canonical_bytes(pack).decode()})
    for step, state in enumerate(schema.ROUND_STATES, 1):
        change.add(schema.round_state, round=name, step=step, state=state, at=change.at)


def put(change: Change, circuit: Circuit, round_id: str, day: date) -> None:
    """A circuit of a round: offered, accepted, in service; ended where its term has run out by then."""
    start = max(circuit.start, day)
    lasts = replace(circuit, id=f"{round_id}.{circuit.id}", start=start, end=start + timedelta(days=365 * 2))
    circuits.make(change, lasts, origin="award", round_id=round_id)
    for kind, body in (
        ("offered", {"accept_by": f"{day.isoformat()}T12:00:00+00:00"}),
        ("accepted", {}),
        ("in_service", {"lit_on": start.isoformat()}),
    ):
        circuits.happen(change, lasts.id, kind, day, body)
