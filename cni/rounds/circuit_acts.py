"""What a member or the coordinator does with a circuit (rules H2 to H5), one transaction an act.

Each act also records the offers that have run out by then, so that nothing is decided on strands that are free again.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Engine

from cni.rounds import circuits
from cni.rounds.act import Act, changing
from cni.rounds.circuits import Standing
from cni.rounds.eligible import check_eligible, check_span_terms
from cni.rounds.holdings import Holdings, load, record_lapses
from cni.rounds.lifecycle import ACCEPTED, IN_SERVICE, INSTEAD_OF, check_day, is_lit, require, state_on
from cni.store.audit import Change
from topology.files.strand_cells import text_of_strands
from topology.model import Circuit
from topology.problems import bad_input
from topology.strands.laying import plan_strands, with_strands

LARGEST_REPORT = 1 << 20
"""Bytes of a measured report that is kept with a circuit."""


@dataclass(slots=True)
class Doing:
    """An act in progress: what it writes, all that is held, and the circuit that it is about."""

    change: Change
    found: Holdings
    standing: Standing

    @property
    def circuit(self) -> Circuit:
        """The circuit as it is before the act."""
        return self.standing.circuit


@contextmanager
def doing(engine: Engine, act: Act, name: str, circuit_id: str) -> Iterator[Doing]:
    """One change about one circuit, which must be in a state that allows the act. Raises BadInput."""
    with changing(engine, act, f"circuit {name} {circuit_id}") as change:
        found = load(change.connection)
        standing = found.find(circuit_id)
        require(name, standing, act.at)
        lapsed = record_lapses(change, act, found)
        if lapsed:
            change.what += f"; lapsed: {' '.join(s.circuit.id for s in lapsed)}"
            found = load(change.connection)
        yield Doing(change, found, standing)


def after(change: Change, circuit_id: str) -> Standing:
    """A circuit as it is after an act."""
    return load(change.connection).find(circuit_id)


def accept(engine: Engine, act: Act, circuit_id: str) -> Standing:
    """offered -> accepted. The strands that the circuit lies on are fixed now, so that they never shift (rule H3)."""
    with doing(engine, act, "accept", circuit_id) as it:
        circuits.happen(it.change, circuit_id, ACCEPTED, act.at.date(), _strands(it))
        return after(it.change, circuit_id)


def _strands(it: Doing) -> dict[str, str]:
    """The strands of a circuit as an event's body; nothing for colocation, or where a leg finds none (a regroom helps)."""
    if not it.circuit.is_fibre:
        return {}
    (laid,) = with_strands([it.circuit], plan_strands(it.found.network, it.found.held.circuits))
    return {"strands": text_of_strands(laid.strands)} if laid.strands else {}


def decline(engine: Engine, act: Act, circuit_id: str) -> Standing:
    """offered -> lapsed, at once: the member does not take it up."""
    with doing(engine, act, "decline", circuit_id) as it:
        circuits.happen(it.change, circuit_id, "lapsed", act.at.date(), {"declined": True})
        return after(it.change, circuit_id)


def lapse(engine: Engine, act: Act) -> tuple[Standing, ...]:
    """Record every offer that has run out. Raises BadInput where there is none."""
    with changing(engine, act, "circuit lapse") as change:
        lapsed = record_lapses(change, act, load(change.connection))
        if not lapsed:
            raise bad_input("no offer has run out that is not recorded as lapsed.", code="unchanged")
        change.what += f": {' '.join(s.circuit.id for s in lapsed)}"
        now = load(change.connection)
        return tuple(now.find(s.circuit.id) for s in lapsed)


def light(
    engine: Engine, act: Act, circuit_id: str, lit_on: date | None = None, report: tuple[str, bytes] | None = None
) -> Standing:
    """accepted -> in service: it was put to use on a day, today by default, with a measured report as (name, bytes).

    Raises BadInput before the round is final, for a day in the future or before the circuit begins, where it is lit
    already, and where no strands could be fixed for it.
    """
    day = lit_on or act.at.date()
    with doing(engine, act, "light", circuit_id) as it:
        _check_light(it, day, act.at.date())
        body: dict[str, object] = {"lit_on": day.isoformat()}
        if it.circuit.is_fibre and not it.circuit.strands:
            strands = _strands(it)
            if not strands:
                raise bad_input(
                    "no two strands are free for its whole term on every span, so there is nothing to light.",
                    file="CIRCUIT",
                    value=circuit_id,
                    code="no_free_strands",
                    hint="`cni network regroom` says which circuits to move.",
                )
            body |= strands
        if report is not None:
            body["report"] = _kept(*report)
        circuits.happen(it.change, circuit_id, IN_SERVICE, day, body)
        return after(it.change, circuit_id)


def correct_light(
    engine: Engine, act: Act, circuit_id: str, lit_on: date, report: tuple[str, bytes] | None = None
) -> Standing:
    """Another day than the one on record on which a circuit was lit, with the reason; both stay on record (rule H4).

    Raises BadInput without a reason, where it is not lit, for the day that is on record (unless a report comes with it), and
    for a day in the future or before the circuit began; one that was transferred began with its first holder.
    """
    if not act.why.strip():
        raise bad_input("a correction needs a reason.", file="--why", code="missing_value")
    with doing(engine, act, "light", circuit_id) as it:
        before = it.circuit.lit_on
        if before is None:
            hint = f"`cni circuit light {circuit_id} --lit DATE` records when it was."
            raise bad_input("it is not lit.", file="CIRCUIT", value=circuit_id, code="wrong_state", hint=hint)
        if lit_on == before and report is None:
            raise bad_input(f"it was lit on {before}.", file="--lit", value=before.isoformat(), code="unchanged")
        check_lit_day(lit_on, _began(it), act.at.date())
        body: dict[str, object] = {"lit_on": lit_on.isoformat(), INSTEAD_OF: before.isoformat(), "why": act.why}
        if report is not None:
            body["report"] = _kept(*report)
        it.change.what += f"; lit on {lit_on} in place of {before}"
        circuits.happen(it.change, circuit_id, IN_SERVICE, max(lit_on, it.circuit.start), body)
        return after(it.change, circuit_id)


def _began(it: Doing) -> date:
    """The first day of a circuit; of one that was transferred lit, that of the circuit which it goes on from."""
    standing = it.standing
    while came := [str(e.body["from"]) for e in standing.events if "from" in e.body and "lit_on" in e.body]:
        standing = it.found.find(came[0])
    return standing.circuit.start


def _check_light(it: Doing, day: date, today: date) -> None:
    if not it.found.is_final(it.standing):
        raise bad_input(
            f"round {it.standing.round} is not final yet: an appeal can still set the grant aside.",
            file="CIRCUIT",
            value=it.circuit.id,
            code="too_early",
            hint=f"`cni round finalise {it.standing.round}` ends it after the appeal window.",
        )
    if is_lit(it.standing):
        said, hint = (
            f"it was lit on {it.circuit.lit_on}.",
            f"Where that is wrong: `cni circuit light {it.circuit.id} --lit DATE --correct --why TEXT`.",
        )
        raise bad_input(said, file="CIRCUIT", value=it.circuit.id, code="unchanged", hint=hint)
    check_lit_day(day, it.circuit.start, today)


def check_lit_day(day: date, began: date, today: date) -> None:
    """Raises BadInput for a day on which a circuit cannot have been lit: after today, or before it began (rule H4)."""
    if day > today:
        raise bad_input("the day on which it was lit is not in the future.", file="--lit", value=day.isoformat())
    if day < began:
        said = f"the circuit begins on {began}."
        raise bad_input(said, file="--lit", value=day.isoformat(), code="too_early")


def _kept(name: str, data: bytes) -> dict[str, object]:
    digest = hashlib.sha256(data).hexdigest()
    return {"name": name, "sha256": digest, "bytes": len(data), "content": base64.b64encode(data).decode()}


def cease(engine: Engine, act: Act, circuit_id: str, on: date) -> Standing:
    """in service -> ceased, from a day on: the member's order ends."""
    return _end(engine, act, "cease", "ceased", circuit_id, on)


def surrender(engine: Engine, act: Act, circuit_id: str, on: date) -> Standing:
    """accepted or in service -> surrendered, from a day on: the strands go back to the pool before the term is over."""
    return _end(engine, act, "surrender", "surrendered", circuit_id, on)


def _end(engine: Engine, act: Act, name: str, kind: str, circuit_id: str, on: date) -> Standing:
    with doing(engine, act, name, circuit_id) as it:
        check_day(name, it.standing, on, act.at.date())
        circuits.happen(it.change, circuit_id, kind, on, {})
        return after(it.change, circuit_id)


def transfer(engine: Engine, act: Act, circuit_id: str, to: str, on: date) -> tuple[Standing, Standing]:
    """The circuit goes to another member from a day on: same legs, strands, price and end, under a new id (rule H5).

    Returns the old and the new circuit. Raises BadInput where the other member may not hold it.
    """
    with doing(engine, act, "transfer", circuit_id) as it:
        check_day("transfer", it.standing, on, act.at.date())
        if not it.found.is_final(it.standing):
            said = f"round {it.standing.round} is not final yet: an appeal can still set the grant aside."
            raise bad_input(said, file="CIRCUIT", value=circuit_id, code="too_early")
        if to == it.circuit.member:
            raise bad_input("it is this member's already.", file="--to", value=to, code="unchanged")
        check_eligible(it.found.network, to, on, "--to")
        first = max(on, it.circuit.start)
        name = it.found.following(circuit_id, "t")
        made = replace(it.circuit, id=name, member=to, start=first, strands=(), lit_on=None)
        check_span_terms(it.found, made, circuit_id)
        kept = _strands(it)
        circuits.happen(it.change, circuit_id, "transferred", on, {"to": to, "circuit": name, **kept})
        circuits.make(it.change, made, origin="transfer", round_id=it.standing.round)
        kind = IN_SERVICE if state_on(it.standing, act.at) == IN_SERVICE else ACCEPTED
        lit = {"lit_on": it.circuit.lit_on.isoformat()} if it.circuit.lit_on else {}
        circuits.happen(it.change, name, kind, on, {"from": circuit_id, **kept, **lit})
        now = load(it.change.connection)
        return now.find(circuit_id), now.find(name)
