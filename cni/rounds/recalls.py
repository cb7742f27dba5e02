"""A contributor's recall in the database (rules H9): notice, order, replacements that are offered, the network anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import Connection, Engine

from allocation.files.requests import requests_from_json
from allocation.request import Request
from cni.rounds import circuits, networks, packs
from cni.rounds.act import Act, changing
from cni.rounds.circuits import Standing
from cni.rounds.holdings import Holdings, load, record_lapses
from cni.rounds.lifecycle import LIVE, is_lit, state_on
from cni.rounds.recall_plan import Affected, Holder, Recall, plan_recall, with_recall
from cni.rounds.replacing import Wish, level_of
from cni.store.audit import Change
from cni.store.engine import reading
from topology.files.references import near
from topology.model import Circuit
from topology.problems import Problems

RECALLED = "recalled"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a contributor asks back: so many strands of a span from a day on, for good."""

    span: str
    strands: int
    on: date
    contributor: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A recall as it would be or was recorded; `offered`: circuit id -> id of what is offered in its place."""

    asked: Asked
    recall: Recall
    found: Holdings
    offered: Mapping[str, str]
    notice_days: int
    recorded: bool = False

    @property
    def without_replacement(self) -> tuple[Affected, ...]:
        """Circuits for which there is no way round."""
        return tuple(a for a in self.recall.affected if not a.instead.legs)


def plan(engine: Engine, act: Act, asked: Asked) -> Planned:
    """What a recall would do; nothing is written. Raises BadInput as `record`."""
    with reading(engine) as connection:
        return _planned(connection, act, asked)


def record(engine: Engine, act: Act, asked: Asked) -> Planned:
    """Put a recall on record: the network's next version has it, circuits end, replacements are offered.

    Raises BadInput for a span that is not the contributor's, for too short a notice, and for more strands than are offered.
    """
    with changing(engine, act, f"recall {asked.strands} strands of {asked.span} on {asked.on}") as change:
        record_lapses(change, act, load(change.connection))
        planned = _planned(change.connection, act, asked)
        _write(change, act, planned)
        return replace(planned, recorded=True)


def _planned(connection: Connection, act: Act, asked: Asked) -> Planned:
    found = load(connection)
    _check(found, act, asked)
    live = [s for s in found.standings.values() if s.holds_anything and state_on(s, act.at) in LIVE]
    wishes = wishes_of(connection, found, [s for s in live if asked.span in s.circuit.spans])
    holders = [Holder(s.circuit, state_on(s, act.at), is_lit(s)) for s in live]
    recall = plan_recall(found.network, holders, asked.span, asked.strands, asked.on, wishes)
    offered = {
        a.holder.circuit.id: found.following(a.holder.circuit.id, "r") for a in recall.affected if a.instead.legs
    }
    return Planned(asked, recall, found, offered, found.default.recall_days)


def _check(found: Holdings, act: Act, asked: Asked) -> None:
    problems, spans = Problems(), found.network.spans
    span = spans.get(asked.span)
    if span is None:
        hint = near(asked.span, spans)
        problems.add("there is no such span.", file="SPAN", value=asked.span, hint=hint, code="unknown_id")
    elif span.owner != asked.contributor:
        said = f"the span is not {asked.contributor}'s."
        problems.add(said, file="--contributor", value=asked.contributor, code="not_owner")
    else:
        kept = span.own_use + span.reserve + span.maintenance_spare + sum(n for _, n in span.recalls)
        if not 0 < asked.strands <= span.fibre_count - kept:
            said = f"{span.id} offers {span.fibre_count - kept} strands that are not recalled yet; 1 to so many can be."
            problems.add(said, file="--strands", value=str(asked.strands), code="too_many")
    first = act.at.date() + timedelta(days=found.default.recall_days)
    if asked.on < first:
        said = f"a recall needs {found.default.recall_days} days of notice: not before {first}."
        problems.add(said, file="--on", value=asked.on.isoformat(), code="short_notice")
    problems.raise_errors()


def wishes_of(connection: Connection, found: Holdings, standings: list[Standing]) -> dict[str, Wish]:
    """What circuits were asked for with, where a round of the house knows their request."""
    known: dict[str, dict[str, Request]] = {}
    wishes = {}
    for standing in standings:
        name = standing.round or ""
        if name and name not in known:
            rows = [r for pack in packs.packs(connection, name) for r in requests_from_json(pack["requests"])]
            known[name] = {r.id: r for r in rows}
        request = known.get(name, {}).get(standing.circuit.request)
        if request is not None:
            wishes[standing.circuit.id] = _wish(found, standing, request)
    return wishes


def _wish(found: Holdings, standing: Standing, request: Request) -> Wish:
    level = request.diversity
    if len(standing.circuit.legs) == 2 and level == "none":
        level = level_of(found.network, standing.circuit)
    return Wish(
        level,
        request.max_m,
        request.max_loss_db,
        request.wavelength_nm,
        request.avoid,
        request.diverse_from,
        found.rounds[standing.round or ""].policy.optics,
    )


def _write(change: Change, act: Act, planned: Planned) -> None:
    asked = planned.asked
    filed, rows = networks.newest_file(change.connection)
    network = with_recall(filed, asked.span, asked.strands, asked.on)
    networks.append_version(change, network, rows, f"recall {asked.span}")
    for affected in planned.recall.affected:
        name = affected.holder.circuit.id
        instead = planned.offered.get(name)
        body = {
            "span": asked.span,
            "recall": asked.on.isoformat(),
            "strands_recalled": asked.strands,
            "contributor": asked.contributor,
            "circuit": instead,
            "certificate": affected.instead.certificate.text if affected.instead.certificate else None,
        }
        circuits.happen(change, name, RECALLED, affected.ends, body)
        if instead is not None:
            standing = planned.found.find(name)
            circuits.make(change, replacing(affected, instead), origin="recall", round_id=standing.round)
            days = planned.found.deadlines(standing).accept_days
            until = (act.at + timedelta(days=days)).isoformat()
            circuits.happen(change, instead, "offered", act.at.date(), {"accept_by": until, "from": name})


def replacing(affected: Affected, name: str) -> Circuit:
    """The circuit that is offered in the place of one that was recalled: new legs, the same holder, price and end."""
    old = affected.holder.circuit
    start = max(affected.ends, old.start)
    return replace(old, id=name, start=start, legs=affected.instead.legs, strands=(), lit_on=None, state="")
