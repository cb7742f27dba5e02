"""The life of a round (rules G1 to G9), one transaction a step.

draft -> open -> closed -> awarded -> published -> final; an appeal that is upheld goes from published over set_aside back to
awarded; an override can annul a round before it is final, and puts an award whose public value was mistyped back to closed.
What a round is decided on is fixed when it is made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from allocation.files.requests import policy_from_json
from allocation.policy import Policy
from cni.rounds import networks, notice, overrides, receipts
from cni.rounds.act import Act, changing
from cni.rounds.calendar import Calendar
from cni.store.audit import Change
from cni.store.engine import reading
from cni.store.schema import ANNULLED, SET_ASIDE, round_, round_state
from topology.files.references import near
from topology.problems import bad_input

AFTER: Mapping[str, tuple[str, ...]] = {
    "draft": ("open", ANNULLED),
    "open": ("closed", ANNULLED),
    "closed": ("awarded", ANNULLED),
    "awarded": ("published", "closed", ANNULLED),
    "published": ("final", SET_ASIDE, ANNULLED),
    SET_ASIDE: ("awarded", ANNULLED),
    "final": (),
    ANNULLED: (),
}
"""The states that may follow on each."""

NEXT = {
    "draft": "`cni round open ROUND` is next.",
    "open": "`cni request submit` hands requests in; after the gate `cni round close ROUND` is next.",
    "closed": "`cni round award ROUND` is next.",
    "awarded": "`cni round show ROUND` and `cni round explain REQUEST` tell the result; `cni round publish ROUND` is next.",
    "published": "`cni circuit accept CIRCUIT` takes up an offer; `cni round finalise ROUND` ends the round after its appeals.",
    SET_ASIDE: "`cni round award ROUND` decides again what was set aside.",
    "final": "",
    ANNULLED: "",
}


@dataclass(frozen=True, slots=True)
class Round:
    """A round and how far it is. `steps` are (state, time) pairs, oldest first; `notice` is what was published before.

    `calendar` is the notice's, as overrides on record have moved it.
    """

    id: str
    network: int
    on: date
    policy: Policy
    seed: str | None
    steps: tuple[tuple[str, str], ...]
    notice: dict[str, Any] | None
    calendar: Calendar

    @property
    def state(self) -> str:
        """The state it is in."""
        return self.steps[-1][0]

    @property
    def as_of(self) -> int:
        """The audit entry as of which circuits count; 0 in rounds without a notice: those of the import alone."""
        return 0 if self.notice is None else int(self.notice["circuits_as_of"])

    @property
    def published_at(self) -> datetime | None:
        """When the award was last published."""
        times = [at for state, at in self.steps if state == "published"]
        return datetime.fromisoformat(times[-1]) if times else None

    @property
    def awards_published(self) -> int:
        """How many of its awards, oldest first, are on record for all: those up to the last one that was published.

        One that was set aside before its publication (rule G8, `value`) comes with the award that took its place.
        """
        states = [state for state, _ in self.steps]
        last = max((place for place, state in enumerate(states) if state == "published"), default=0)
        return states[:last].count("awarded")

    @property
    def is_sealed(self) -> bool:
        """Whether requests come sealed to a key."""
        return bool(self.notice and self.notice["key"])


def open_round(engine: Engine, act: Act, round_id: str) -> Round:
    """draft -> open: requests may come in. Raises BadInput before the time in the notice (rule G2)."""
    with changing(engine, act, f"round open {round_id}") as change:
        found = require_state(change.connection, round_id, "draft")
        opens = found.calendar.opens
        if opens is not None and act.at < opens:
            raise bad_input(f"the round opens at {opens.isoformat()}.", file="ROUND", value=round_id, code="too_early")
        return advance(change, round_id, "draft", "open")


def close_round(engine: Engine, act: Act, round_id: str) -> Round:
    """open -> closed: the gate. The ordered digests of all that came in are fixed before anything is opened (rule G4).

    Raises BadInput before the gate: nobody can close it early.
    """
    with changing(engine, act, f"round closed {round_id}") as change:
        found = require_state(change.connection, round_id, "open")
        if found.calendar.gate is not None and not found.calendar.is_past_gate(act.at):
            said = f"the gate is open until {found.calendar.gate.isoformat()}."
            raise bad_input(
                said, file="ROUND", value=round_id, code="too_early", hint="An override can only move it later."
            )
        receipts.fix(change, round_id)
        return advance(change, round_id, "open", "closed")


def advance(change: Change, round_id: str, state: str, to: str) -> Round:
    """Move a round on from a state, within a change. Raises BadInput where it is in another."""
    found = require_state(change.connection, round_id, state)
    assert to in AFTER[state]
    append_state(change, round_id, len(found.steps) + 1, to)
    return get(change.connection, round_id)


def append_state(change: Change, round_id: str, step: int, state: str) -> None:
    """Write a step of a round down, within a change."""
    change.add(round_state, round=round_id, step=step, state=state, at=change.at)


def require_state(connection: Connection, round_id: str, *states: str) -> Round:
    """The round, which must be in one of the states. Raises BadInput."""
    found = get(connection, round_id)
    if found.state not in states:
        raise bad_input(
            f"the round is {found.state.replace('_', ' ')}; it must be {' or '.join(states).replace('_', ' ')} for this.",
            file="ROUND",
            value=round_id,
            code="wrong_state",
            hint=NEXT.get(found.state, "").replace("ROUND", round_id),
        )
    return found


def state_of(connection: Connection, round_id: str) -> str:
    """The state of a round. Raises BadInput for an unknown one."""
    return get(connection, round_id).state


def get(connection: Connection, round_id: str, *, whole: bool = True) -> Round:
    """A round; its notice without the offer where not `whole`. Raises BadInput for an unknown one."""
    row = find(connection, round_id)
    if row is None:
        known = dict.fromkeys(connection.execute(select(round_.c.round).order_by(round_.c.audit)).scalars())
        hint = near(round_id, known) or "`cni round show` lists them."
        raise bad_input("there is no such round.", file="ROUND", value=round_id, code="unknown_id", hint=hint)
    steps = connection.execute(
        select(round_state.c.state, round_state.c.at)
        .where(round_state.c.round == round_id)
        .order_by(round_state.c.step)
    )
    fixed = notice.read(connection, round_id) if whole else notice.read_head(connection, round_id)
    return Round(
        id=row.round,
        network=row.network,
        on=date.fromisoformat(row.on_date),
        policy=overrides.policy_of(connection, round_id, policy_from_json(json.loads(row.policy))),
        seed=row.seed,
        steps=tuple((s.state, s.at) for s in steps),
        notice=fixed,
        calendar=overrides.calendar_of(connection, round_id, notice.calendar(fixed)),
    )


def find(connection: Connection, round_id: str) -> Any:
    """The row of a round, None for an unknown one."""
    return connection.execute(select(round_).where(round_.c.round == round_id)).one_or_none()


def spine_of(connection: Connection, found: Round) -> networks.Held:
    """What a round is decided on: its network, and the circuits as they were when its notice was made."""
    return networks.held(connection, found.network, as_of=found.as_of)


def list_rounds(engine: Engine) -> tuple[Round, ...]:
    """All rounds, in the order in which they were made."""
    with reading(engine) as connection:
        ids = connection.execute(select(round_.c.round).order_by(round_.c.audit)).scalars().all()
        return tuple(get(connection, each, whole=False) for each in ids)
