"""Appeals (rule G7): lodged while the window is open, decided with a reason; one that is upheld sets one lot aside.

The lot is the set of requests that the decision names, closed under group, bundle and family; the grants outside it stand.
It is decided again on what the kept grants leave, as a round of its own: same network, policy and seed, with the kept grants
as circuits. Rows that a person copied wrongly may be put right with the decision (`cni.rounds.correcting`). The earlier result
stays in the record.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine, select

from allocation.request import Request
from cni.rounds import circuits, correcting, life, members, requests
from cni.rounds.act import Act, changing
from cni.rounds.life import Round
from cni.store.audit import Change
from cni.store.engine import reading
from cni.store.schema import SET_ASIDE
from cni.store.schema import appeal as table
from topology.canonical import canonical_bytes
from topology.model import Circuit, Network
from topology.problems import Problems, bad_input

LODGED, DECIDED = 1, 2


@dataclass(frozen=True, slots=True)
class Appeal:
    """`state` is lodged, upheld or dismissed; `lot` holds the requests that an upheld one sets aside.

    `corrected`: the rows that the decision put right, each with `request`, `before` and `after`. `decided_by` is empty until
    somebody has decided, and for decisions of versions that did not keep it.
    """

    appeal: str
    member: str
    reason: str
    requests: tuple[str, ...]
    state: str
    decision: str
    lot: tuple[str, ...]
    corrected: tuple[dict[str, Any], ...] = ()
    decided_by: str = ""

    def as_json(self) -> dict[str, Any]:
        """As in a pack and on the screen."""
        return {name: _plain(getattr(self, name)) for name in self.__slots__}


def _plain(value: str | tuple[Any, ...]) -> str | list[Any]:
    return list(value) if isinstance(value, tuple) else value


def lodge(engine: Engine, act: Act, round_id: str, member: str, wanted: Iterable[str] = ()) -> Appeal:
    """Appeal against a published award. Raises BadInput after the window, and without a reason."""
    if not act.why.strip():
        raise bad_input("an appeal needs a reason.", file="--why", code="missing_value")
    with changing(engine, act, f"round appeal {round_id}") as change:
        found = life.require_state(change.connection, round_id, "published")
        assert found.published_at is not None
        end = found.calendar.appeals_end(found.published_at)
        if act.at >= end:
            raise bad_input(f"appeals were heard until {end.isoformat()}.", file="ROUND", value=round_id, code="late")
        members.require(change.connection, member, "--member")
        named = _known(change.connection, round_id, wanted)
        name = f"appeal-{len(of_round(change.connection, round_id)) + 1}"
        body = canonical_bytes({"requests": named}).decode()
        row = {"round": round_id, "appeal": name, "member": member, "reason": act.why, "body": body}
        change.add(table, **row, step=LODGED, state="lodged")
        return of_round(change.connection, round_id)[-1]


def decide(
    engine: Engine,
    act: Act,
    round_id: str,
    appeal: str,
    *,
    uphold: bool,
    named: Iterable[str] = (),
    rows: Collection[Request] = (),
) -> Appeal:
    """Uphold an appeal, which sets aside the lot of the requests `named` (else those of the appeal), or dismiss it.

    `rows` puts right what a person copied wrongly of these requests (`correcting.correct`). Raises BadInput without a
    reason, where it was decided before, where an upheld one names no request, and for rows that put nothing right.
    """
    correcting.refuse_without_uphold(rows, uphold=uphold)
    if not act.why.strip():
        raise bad_input("a decision needs a reason.", file="--why", code="missing_value")
    with changing(engine, act, f"round decide {round_id} {appeal}") as change:
        found = life.require_state(change.connection, round_id, "published")
        before = _lodged(change.connection, round_id, appeal)
        lot: list[str] = []
        corrected: list[dict[str, Any]] = []
        if uphold:
            asked = _known(change.connection, round_id, named) or list(before.requests)
            if not asked:
                hint = "Name them with --set-aside."
                raise bad_input("the appeal names no request to set aside.", file="--set-aside", hint=hint)
            lot = _set_aside(change, found, asked)
            if rows:
                corrected = correcting.correct(change, found, asked, rows)
                change.what += f"; corrected: {' '.join(c['request'] for c in corrected)}"
        told = {"lot": lot, "decided_by": act.who, **({"corrected": corrected} if corrected else {})}
        body = canonical_bytes(told).decode()
        row = {"round": round_id, "appeal": appeal, "member": before.member, "reason": act.why, "body": body}
        change.add(table, **row, step=DECIDED, state="upheld" if uphold else "dismissed")
        if uphold:
            life.advance(change, round_id, "published", SET_ASIDE)
        return next(a for a in of_round(change.connection, round_id) if a.appeal == appeal)


def _set_aside(change: Change, found: Round, asked: list[str]) -> list[str]:
    """End the offers of the lot, and return its requests."""
    rows = [s.request for s in requests.current(change.connection, found.id)]
    network = life.spine_of(change.connection, found).network
    lot = closed_lot(rows, asked, network)
    end_offers(change, found, lot)
    return sorted(lot)


def end_offers(change: Change, found: Round, lot: frozenset[str] | None) -> None:
    """Set aside the offers of a lot, or all of a round's, so that they hold nothing from their first day on."""
    for standing in offered(change.connection, found):
        if (lot is None or standing.circuit.request in lot) and not _is_set_aside(standing):
            circuits.happen(change, standing.circuit.id, "set_aside", standing.granted.start, {"round": found.id})


def closed_lot(rows: Iterable[Request], asked: Iterable[str], network: Network) -> frozenset[str]:
    """The requests named and all that share a group with one of them; bundles and families lie within a group."""
    known = network.organisations or {}
    group = {r.id: (known[r.member].group or r.member) if r.member in known else r.member for r in rows}
    groups = {group[name] for name in asked}
    return frozenset(name for name in group if group[name] in groups)


def offered(connection: Connection, found: Round) -> tuple[circuits.Standing, ...]:
    """The circuits that a round's awards offered, set aside or not."""
    spine = life.spine_of(connection, found)
    every = circuits.standing_circuits(connection, (), spine.network)
    return tuple(s for s in every if s.round == found.id and s.origin == "award")


def _is_set_aside(standing: circuits.Standing) -> bool:
    return any(e.kind == SET_ASIDE for e in standing.events)


def kept(connection: Connection, found: Round) -> tuple[Circuit, ...]:
    """The grants of a round that stand while a lot of it is decided again, with the dates that they were granted for."""
    return tuple(s.granted for s in offered(connection, found) if not _is_set_aside(s))


def _known(connection: Connection, round_id: str, named: Iterable[str]) -> list[str]:
    held = {s.request.id for s in requests.current(connection, round_id)}
    found, wanted = Problems(), sorted(set(named))
    for name in wanted:
        if name not in held:
            found.add("the round has no request of this id.", file="--request", value=name, code="unknown_id")
    found.raise_errors()
    return wanted


def _lodged(connection: Connection, round_id: str, appeal: str) -> Appeal:
    for each in of_round(connection, round_id):
        if each.appeal == appeal:
            if each.state != "lodged":
                raise bad_input(f"it was {each.state} before.", file="APPEAL", value=appeal, code="unchanged")
            return each
    raise bad_input("the round has no appeal of this id.", file="APPEAL", value=appeal, code="unknown_id")


def of_round(connection: Connection, round_id: str) -> tuple[Appeal, ...]:
    """The appeals of a round, in the order in which they were lodged."""
    made: dict[str, Appeal] = {}
    wanted = select(table).where(table.c.round == round_id).order_by(table.c.audit)
    for row in connection.execute(wanted):
        body = json.loads(row.body)
        if row.step == LODGED:
            made[row.appeal] = Appeal(row.appeal, row.member, row.reason, tuple(body["requests"]), row.state, "", ())
        else:
            one = made[row.appeal]
            made[row.appeal] = replace(
                one,
                state=row.state,
                decision=row.reason,
                lot=tuple(body["lot"]),
                corrected=tuple(body.get("corrected", ())),
                decided_by=body.get("decided_by", ""),
            )
    return tuple(made.values())


def last_upheld(connection: Connection, round_id: str) -> Appeal:
    """The appeal that set aside what is to be decided again."""
    return [a for a in of_round(connection, round_id) if a.state == "upheld"][-1]


def list_appeals(engine: Engine, round_id: str) -> tuple[Appeal, ...]:
    """The appeals of a round. Raises BadInput for an unknown one."""
    with reading(engine) as connection:
        life.state_of(connection, round_id)
        return of_round(connection, round_id)
