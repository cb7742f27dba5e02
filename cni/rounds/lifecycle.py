"""The life of a circuit as rules without a database (rules H1 to H5): its state on a day, and which act is allowed when.

offered -> accepted -> in service -> ceased, surrendered, transferred, recalled or expired; an offer that is not taken up
lapses, and an appeal can set it aside. A circuit of an imported file counts as in service from the beginning.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from itertools import count

from cni.rounds.circuits import ENDING, Event, Standing
from topology.problems import BadInput, bad_input

OFFERED, ACCEPTED, IN_SERVICE = "offered", "accepted", "in_service"
LAPSED, EXPIRED, SET_ASIDE = "lapsed", "expired", "set_aside"
INSTEAD_OF = "instead_of"
"""Key of an event that corrects the lit date: the day that was on record before."""

LONGEST_ID = 64
LIVE = (OFFERED, ACCEPTED, IN_SERVICE)
STATES = (*LIVE, LAPSED, "ceased", "surrendered", "transferred", "recalled", SET_ASIDE, EXPIRED)

ALLOWED: Mapping[str, tuple[str, ...]] = {
    "accept": (OFFERED,),
    "decline": (OFFERED,),
    "light": (ACCEPTED, IN_SERVICE),
    "cease": (IN_SERVICE,),
    "surrender": (ACCEPTED, IN_SERVICE),
    "transfer": (ACCEPTED, IN_SERVICE),
    "renew": (IN_SERVICE,),
    "recall": LIVE,
}
"""Which state each act asks for (rule H2)."""

NEXT: Mapping[str, str] = {
    OFFERED: "`cni circuit accept CIRCUIT` takes it up, `cni circuit decline CIRCUIT` does not.",
    ACCEPTED: "`cni circuit light CIRCUIT` puts it into service, `cni circuit surrender CIRCUIT` hands it back.",
    IN_SERVICE: "`cni circuit sheet CIRCUIT` prints its strands and splices; `cni circuit cease CIRCUIT` or `renew` at its end.",
    LAPSED: "It holds nothing any more; a request in the next round asks again.",
    EXPIRED: "Its term is over; a request in the next round asks again.",
    SET_ASIDE: "Its lot was set aside on appeal; what is decided again has an id of its own: `cni circuit list`.",
    "transferred": "Another member holds it now; `cni circuit show CIRCUIT` names the circuit that follows.",
    "recalled": "`cni circuit show CIRCUIT` names the circuit that is offered in its place.",
}
"""What can be done next in a state."""


def state_on(standing: Standing, at: datetime) -> str:
    """The state of a circuit at a time, from what is on record (rule H1).

    An end counts from its day on, a lot that was set aside at once. An offer has lapsed from `accept_by` on, a circuit is
    expired from its last day on, whether or not anybody has recorded it.
    """
    day = at.date()
    if (end := _ended(standing, day)) is not None:
        return end.kind
    state = {"file": IN_SERVICE, "transfer": ACCEPTED}.get(standing.origin, OFFERED)
    for event in _uncorrected(standing.events):
        if event.kind in (ACCEPTED, IN_SERVICE) and event.on <= day:
            state = event.kind
    if state == OFFERED and standing.accept_by is not None and at >= standing.accept_by:
        return LAPSED
    if standing.circuit.end is not None and standing.circuit.end <= day:
        return EXPIRED
    return state


def _uncorrected(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """The events without lit dates that a later one corrects (rule H4): on the wrong day nothing happened."""
    last = max((place for place, event in enumerate(events) if INSTEAD_OF in event.body), default=0)
    return tuple(e for place, e in enumerate(events) if place >= last or "lit_on" not in e.body)


def _ended(standing: Standing, day: date) -> Event | None:
    ends = [e for e in standing.events if e.kind == SET_ASIDE or (e.kind in ENDING and e.on <= day)]
    return min(ends, key=lambda e: (e.kind != SET_ASIDE, e.on, e.audit), default=None)


def end_on_record(standing: Standing) -> Event | None:
    """The event that ends a circuit first, past or to come; None where only its term does."""
    ends = [e for e in standing.events if e.kind in ENDING]
    return min(ends, key=lambda e: (e.on, e.audit), default=None)


def is_lit(standing: Standing) -> bool:
    """Whether anybody recorded that the circuit was put to use."""
    return standing.circuit.lit_on is not None


def light_by(standing: Standing, days: int) -> date:
    """The day from which a circuit that is not lit is called idle (rule H6)."""
    begun = [e.on for e in standing.events if e.kind == ACCEPTED]
    return max([standing.circuit.start, *begun]) + timedelta(days=days)


def refusal(act: str, standing: Standing, at: datetime) -> BadInput | None:
    """Why an act is not allowed at a time, with the state and what can be done next; None where it is allowed (rule H2)."""
    state, wanted = state_on(standing, at), ALLOWED[act]
    name = standing.circuit.id
    if state not in wanted:
        asked = " or ".join(wanted).replace("_", " ")
        said = f"the circuit is {state.replace('_', ' ')}; to {act} it, it must be {asked}."
        hint = NEXT.get(state, "It has ended.").replace("CIRCUIT", name)
        return bad_input(said, file="CIRCUIT", value=name, code="wrong_state", hint=hint)
    ends = end_on_record(standing)
    if act in ("renew", "transfer", "cease", "surrender") and ends is not None:
        said = f"its end is on record: {ends.kind.replace('_', ' ')} on {ends.on}."
        hint = f"`cni circuit show {name}` tells what happened."
        return bad_input(said, file="CIRCUIT", value=name, code="wrong_state", hint=hint)
    return None


def require(act: str, standing: Standing, at: datetime) -> None:
    """Raises BadInput where an act is not allowed at a time."""
    if (found := refusal(act, standing, at)) is not None:
        raise found


def check_day(act: str, standing: Standing, on: date, today: date) -> None:
    """Raises BadInput for a day on which a circuit cannot end: before today, or when it has ended anyway (rule H4)."""
    if on < today:
        said = f"a circuit ends today ({today}) at the earliest: what was used stays on record."
        raise bad_input(said, file="--on", value=on.isoformat(), code="late")
    end = standing.circuit.end
    if end is not None and on >= end:
        raise bad_input(f"its term ends on {end} anyway.", file="--on", value=on.isoformat(), code="unchanged")


def following_id(circuit_id: str, letter: str, taken: Collection[str]) -> str:
    """A free id for what follows on a circuit: `c-1.t1` after a transfer, `c-1.t2` after the next, `c-1.r1` after a recall."""
    base = re.sub(rf"\.{letter}[0-9]+$", "", circuit_id)
    for number in count(1):
        name = f"{base}.{letter}{number}"
        if len(name) > LONGEST_ID:
            name = f"{base[:20]}.{hashlib.sha256(name.encode()).hexdigest()[:40]}"
        if name not in taken:
            return name
    raise AssertionError
