"""Renewing a circuit (rule H7): lit, asked for in time, for a term of the policy, where nobody else waits for its strands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Connection, Engine

from allocation.gate import whole_years
from cni.rounds import circuits, packs
from cni.rounds.act import Act
from cni.rounds.circuit_acts import Doing, after, doing
from cni.rounds.circuits import Standing
from cni.rounds.eligible import check_eligible
from cni.rounds.holdings import Holdings
from cni.rounds.lifecycle import is_lit
from cni.rounds.telling import waiting_document
from topology.model import Circuit
from topology.problems import Problems, bad_input
from topology.room import lacking


def renew(engine: Engine, act: Act, circuit_id: str, until: date) -> Standing:
    """The circuit goes on to another day, on the same strands. Raises BadInput with every ground against it."""
    with doing(engine, act, "renew", circuit_id) as it:
        end = it.circuit.end
        if end is None:
            said = "its term is open, so there is nothing to renew."
            raise bad_input(said, file="CIRCUIT", value=circuit_id, code="unchanged")
        check_eligible(it.found.network, it.circuit.member, end, "CIRCUIT")
        _check(it, act, end, until)
        longer = replace(it.circuit, start=end, end=until)
        _check_free(it.found, it.circuit, longer)
        waiting = waiters(it.change.connection, it.found, act, it.circuit)
        if waiting:
            said = f"requests wait for what it holds: {' '.join(waiting)}. Its strands go back into the next round."
            raise bad_input(said, file="CIRCUIT", value=circuit_id, code="others_wait")
        circuits.happen(it.change, circuit_id, "renewed", act.at.date(), {"end": until.isoformat()})
        return after(it.change, circuit_id)


def _check(it: Doing, act: Act, end: date, until: date) -> None:
    problems, name = Problems(), it.circuit.id
    days = it.found.deadlines(it.standing)
    last = end - timedelta(days=days.renewal_days)
    if not is_lit(it.standing):
        hint = f"`cni circuit light {name}` records that it is."
        problems.add("a circuit that is not lit is not renewed.", file="CIRCUIT", value=name, hint=hint, code="idle")
    if act.at.date() > last:
        said = f"a renewal is asked for until {last}, {days.renewal_days} days before the end."
        problems.add(said, file="CIRCUIT", value=name, hint="Ask again in the next round.", code="late")
    terms = terms_of(it.found, it.standing)
    if until <= end:
        problems.add(f"its term ends on {end}.", file="--until", value=until.isoformat(), code="dates_reversed")
    elif terms is not None and whole_years(end, until) not in terms:
        said = f"from {end} the policy has terms of {', '.join(map(str, terms))} years."
        problems.add(said, file="--until", value=until.isoformat(), code="term")
    problems.raise_errors()


def terms_of(found: Holdings, standing: Standing) -> tuple[int, ...] | None:
    """The terms in years that the policy of the circuit's round has, of the newest round else; None where any will do."""
    own = found.rounds.get(standing.round or "")
    deciding = own or found.newest
    return deciding.policy.terms_years if deciding else None


def _check_free(found: Holdings, circuit: Circuit, longer: Circuit) -> None:
    """Raises BadInput where something of the circuit has no room, or another is recorded on its strands, after its end."""
    others = found.others(circuit.id)
    problems = Problems()
    for kind, name in lacking(found.network, others, longer):
        said = f"{kind} {name} has no room for it after {circuit.end}."
        problems.add(said, file="CIRCUIT", value=circuit.id, code="no_room")
    mine = set(_strands(longer))
    for other in others:
        if other.strands and _meet(other, longer) and not mine.isdisjoint(_strands(other)):
            said = f"{other.id} is recorded on its strands after {circuit.end}."
            problems.add(said, file="CIRCUIT", value=circuit.id, code="no_room", hint="`cni network regroom` may help.")
    problems.raise_errors()


def _strands(circuit: Circuit) -> Iterable[tuple[str, int]]:
    for leg, pairs in zip(circuit.legs, circuit.strands, strict=False):
        for span, pair in zip(leg, pairs, strict=False):
            yield from ((span, strand) for strand in pair)


def _meet(one: Circuit, other: Circuit) -> bool:
    return (one.end is None or other.start < one.end) and (other.end is None or one.start < other.end)


def waiters(connection: Connection, found: Holdings, act: Act, circuit: Circuit) -> tuple[str, ...]:
    """Requests of other groups that wait for a span or node of a circuit, by the reasons of their awards, sorted."""
    network = found.network
    group = network.group_of(circuit.member)
    wanted = set(circuit.spans) | {circuit.node} - {""}
    waiting = set()
    for round_id, known in found.rounds.items():
        published = known.published_at
        if published is None or known.state not in ("published", "final", "set_aside"):
            continue
        if act.at >= known.calendar.waits_until(published):
            continue
        lines = {row["request"]: row for pack in packs.packs(connection, round_id) for row in pack["award"]["requests"]}
        for row in waiting_document(connection, round_id, act.at)["waiting"]:
            places = {place for r in lines[row["request"]]["reasons"] for place in (*r["spans"], *r["nodes"])}
            if places & wanted and network.group_of(row["member"]) != group:
                waiting.add(f"{round_id}/{row['request']}")
    return tuple(sorted(waiting))
