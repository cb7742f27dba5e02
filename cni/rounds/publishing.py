"""Publishing an award, which makes its offers, and ending a round (rules G6, G9)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine

from allocation.award import award_circuits
from allocation.files.pack import open_pack
from cni.rounds import appeals, circuits, life, networks, packs
from cni.rounds.act import Act, changing
from cni.rounds.life import Round
from topology.model import Circuit
from topology.offer import make_offer
from topology.problems import BadInput, bad_input


@dataclass(frozen=True, slots=True)
class Published:
    """A round after publication, and the circuits that it offers."""

    round: Round
    offers: tuple[Circuit, ...]


def publish(engine: Engine, act: Act, round_id: str) -> Published:
    """awarded -> published: every grant becomes an offered circuit, which holds its strands until it lapses.

    Raises BadInput where what is granted no longer fits beside the circuits that live now: nothing is sold twice.
    """
    with changing(engine, act, f"round publish {round_id}") as change:
        life.require_state(change.connection, round_id, "awarded")
        pack = packs.pack_of(change.connection, round_id)
        found = life.advance(change, round_id, "awarded", "published")
        offers = tuple(_named(c, round_id, _times_published(found)) for c in _granted(pack, found))
        _check_room(change.connection, offers, found)
        for circuit in offers:
            circuits.make(change, circuit, origin="award", round_id=round_id)
            accept_by = found.calendar.accept_by(_published_at(found)).isoformat()
            circuits.happen(change, circuit.id, "offered", act.at.date(), {"accept_by": accept_by})
        return Published(found, offers)


def _times_published(found: Round) -> int:
    return sum(state == "published" for state, _ in found.steps)


def _published_at(found: Round) -> Any:
    assert found.published_at is not None
    return found.published_at


def _granted(pack: dict[str, Any], found: Round) -> tuple[Circuit, ...]:
    return award_circuits(pack["award"], open_pack(pack).requests, found.on, None)


def _named(circuit: Circuit, round_id: str, time: int) -> Circuit:
    """The circuit with the id that it keeps for life: round, request, number; `.2` where it is offered after an appeal."""
    again = f".{time}" if time > 1 else ""
    name = f"{round_id}.{circuit.id}{again}"
    if len(name) > 64:
        name = f"{round_id[:20]}.{hashlib.sha256(name.encode()).hexdigest()[:40]}"
    return replace(circuit, id=name)


def _check_room(connection: Connection, offers: tuple[Circuit, ...], found: Round) -> None:
    held = networks.held(connection)
    try:
        make_offer(held.network, (*held.circuits, *offers), found.on)
    except BadInput as bad:
        first = bad.problems[0]
        raise bad_input(
            f"what the award grants no longer fits beside the circuits that live now: {first.text}",
            file="ROUND",
            value=found.id,
            code="oversold",
            hint="Another round or a recall took the strands since the notice. Annul the round by an override, and make it anew.",
        ) from None


def finalise(engine: Engine, act: Act, round_id: str) -> Round:
    """published -> final: after the appeal window, with every appeal decided. Raises BadInput before."""
    with changing(engine, act, f"round finalise {round_id}") as change:
        found = life.require_state(change.connection, round_id, "published")
        end = found.calendar.appeals_end(_published_at(found))
        if act.at < end:
            raise bad_input(
                f"appeals are heard until {end.isoformat()}.", file="ROUND", value=round_id, code="too_early"
            )
        waiting = [a.appeal for a in appeals.of_round(change.connection, round_id) if a.state == "lodged"]
        if waiting:
            said = f"not decided yet: {' '.join(waiting)}."
            raise bad_input(
                said, file="ROUND", value=round_id, code="wrong_state", hint="`cni round decide` does that."
            )
        return life.advance(change, round_id, "published", "final")
