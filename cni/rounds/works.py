"""Planned works in the database (rules H8): planned with notice, refused where a diverse circuit would lose both legs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, select

from cni.rounds.act import Act, changing, refuse_repeat
from cni.rounds.circuits import Standing
from cni.rounds.holdings import Holdings, load
from cni.rounds.lifecycle import ACCEPTED, IN_SERVICE, state_on
from cni.rounds.outages import Outage, Works, moments, outage
from cni.store.audit import Change
from cni.store.engine import reading
from cni.store.schema import works as table
from topology.canonical import canonical_bytes
from topology.files.references import near
from topology.problems import Problems, bad_input

PLANNED, CANCELLED = "planned", "cancelled"


@dataclass(frozen=True, slots=True)
class Row:
    """Works as they are on record, with the version and state that hold."""

    works: Works
    version: int
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class Told:
    """Works with what they do: to whom it must be told, and for which circuits they are refused."""

    row: Row
    outages: tuple[Outage, ...]
    found: Holdings

    @property
    def refused(self) -> tuple[Outage, ...]:
        """Circuits that would lose both legs, or are down without their holders' word."""
        agreed = self.row.works.agreed
        return tuple(o for o in self.outages if o.both or (o.asks and o.circuit.id not in agreed))


def plan(engine: Engine, act: Act, works: Works) -> Told:
    """Put works on record, unless a circuit stands against them; what is returned says so (`refused`), nothing is written then.

    Raises BadInput for ids that are unknown, times that are swapped, too short a notice, and an id that is planned already.
    """
    with reading(engine) as connection:
        refuse_repeat(connection, act)
        told = _considered(connection, act, works)
    if told.refused:
        return told
    with changing(engine, act, f"works plan {works.id}") as change:
        told = _considered(change.connection, act, works)
        if told.refused:
            raise bad_input("a circuit came in between.", file="ID", value=works.id, code="changed_meanwhile")
        _write(change, told.row, [_tell(o) for o in told.outages])
        return told


def _considered(connection: Connection, act: Act, works: Works) -> Told:
    found = load(connection)
    before = {r.works.id: r for r in rows(connection)}
    _check(found, before, act, works)
    version = before[works.id].version + 1 if works.id in before else 1
    return Told(Row(works, version, PLANNED, act.why), effects(found, before.values(), works), found)


def _check(found: Holdings, before: Mapping[str, Row], act: Act, works: Works) -> None:
    problems, network = Problems(), found.network
    for option, named, known in (
        ("--span", works.spans, network.spans),
        ("--node", works.nodes, network.nodes),
        ("--group", works.risk_groups, network.risk_groups),
        ("--agreed", works.agreed, found.standings),
    ):
        for name in sorted(set(named) - set(known)):
            said = f"there is no such {option.removeprefix('--').replace('agreed', 'circuit')}."
            problems.add(said, file=option, value=name, hint=near(name, known), code="unknown_id")
    if not works.spans | works.nodes | works.risk_groups:
        problems.add("name what is out of use: --span, --node or --group.", file="--span", code="missing_value")
    if works.end <= works.start:
        problems.add("--to must be after --from.", file="--to", value=works.end.isoformat(), code="dates_reversed")
    notice = found.default.works_days
    if works.start < act.at + timedelta(days=notice):
        said = (
            f"planned works need {notice} days of notice: not before {(act.at + timedelta(days=notice)).isoformat()}."
        )
        problems.add(said, file="--from", value=works.start.isoformat(), code="short_notice")
    if works.id in before and before[works.id].state == PLANNED:
        hint = f"`cni works cancel {works.id}` calls them off."
        problems.add("works of this id are planned.", file="ID", value=works.id, hint=hint, code="duplicate_id")
    problems.raise_errors()


def effects(found: Holdings, planned: Iterable[Row], works: Works) -> tuple[Outage, ...]:
    """What works do to each circuit that they touch, at worst, with other works that overlap; by circuit id."""
    others = [r.works for r in planned if r.state == PLANNED]
    worst: dict[str, Outage] = {}
    touched = [s for s in found.standings.values() if _lives(s, works) and outage(found.network, s.circuit, [works])]
    for at, active in moments(works, others):
        for standing in touched:
            if state_on(standing, at) not in (ACCEPTED, IN_SERVICE) or not standing.circuit.holds_on(at.date()):
                continue
            now = outage(found.network, standing.circuit, active)
            assert now is not None
            beside = tuple(sorted(w.id for w in active if w.id != works.id and _takes_part(found, standing, w)))
            now = replace(now, beside=beside if now.down else ())
            agreed = {name for w in active for name in w.agreed}
            if now.asks and now.circuit.id in agreed and now.circuit.id not in works.agreed:
                now = replace(
                    now, asks=False
                )  # its holder agreed to the other works, which are under way all the while
            held = worst.get(now.circuit.id)
            if held is None or _weight(now) > _weight(held):
                worst[now.circuit.id] = now
    return tuple(worst[name] for name in sorted(worst))


def _lives(standing: Standing, works: Works) -> bool:
    circuit = standing.circuit
    return circuit.start <= works.end.date() and (circuit.end is None or works.start.date() < circuit.end)


def _takes_part(found: Holdings, standing: Standing, works: Works) -> bool:
    return outage(found.network, standing.circuit, [works]) is not None


def _weight(one: Outage) -> tuple[bool, bool, bool, int]:
    return one.both, one.asks, one.down, len(one.lost)


def _tell(one: Outage) -> dict[str, Any]:
    return {
        "circuit": one.circuit.id,
        "member": one.circuit.member,
        "lost": list(one.lost),
        "stays": list(one.stays),
        "down": one.down,
    }


def _write(change: Change, row: Row, tell: list[dict[str, Any]]) -> None:
    works = row.works
    body = {
        "spans": sorted(works.spans),
        "nodes": sorted(works.nodes),
        "risk_groups": sorted(works.risk_groups),
        "agreed": sorted(works.agreed),
        "why": row.why,
        "tell": tell,
    }
    change.add(
        table,
        works=works.id,
        version=row.version,
        from_at=works.start.isoformat(),
        to_at=works.end.isoformat(),
        state=row.state,
        body=canonical_bytes(body).decode(),
    )


def cancel(engine: Engine, act: Act, works_id: str) -> Told:
    """Call works off that are planned and not over. Raises BadInput."""
    with changing(engine, act, f"works cancel {works_id}") as change:
        row = _one(change.connection, works_id)
        if row.state == CANCELLED or row.works.end <= act.at:
            said = "they were called off before." if row.state == CANCELLED else "they are over."
            raise bad_input(said, file="ID", value=works_id, code="unchanged")
        found, before = load(change.connection), rows(change.connection)
        done = replace(row, version=row.version + 1, state=CANCELLED, why=act.why)
        outages = effects(found, before, row.works)
        _write(change, done, [_tell(o) for o in outages])
        return Told(done, outages, found)


def rows(connection: Connection) -> tuple[Row, ...]:
    """All works as they stand now, by start, then id."""
    newest: dict[str, Row] = {}
    for row in connection.execute(select(table).order_by(table.c.works, table.c.version)):
        body = json.loads(row.body)
        sets = {k: frozenset(body[k]) for k in ("spans", "nodes", "risk_groups", "agreed")}
        made = Works(row.works, datetime.fromisoformat(row.from_at), datetime.fromisoformat(row.to_at), **sets)
        newest[row.works] = Row(made, row.version, row.state, body["why"])
    return tuple(sorted(newest.values(), key=lambda r: (r.works.start, r.works.id)))


def _one(connection: Connection, works_id: str) -> Row:
    known = {r.works.id: r for r in rows(connection)}
    if works_id not in known:
        hint = near(works_id, known)
        raise bad_input("there are no such works.", file="ID", value=works_id, hint=hint, code="unknown_id")
    return known[works_id]


def show(engine: Engine, works_id: str) -> Told:
    """Works with what they do as things are now. Raises BadInput for an unknown id."""
    with reading(engine) as connection:
        row, found = _one(connection, works_id), load(connection)
        return Told(row, effects(found, rows(connection), row.works), found)


def list_works(engine: Engine) -> tuple[Told, ...]:
    """All works, planned and called off, by start, with what they do."""
    with reading(engine) as connection:
        found, every = load(connection), rows(connection)
        return tuple(Told(row, effects(found, every, row.works), found) for row in every)
