"""The life of a round: draft -> open -> closed -> awarded. What a round is decided on is fixed when it is made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Engine, select

from allocation.formats import policy_from_json, policy_to_json
from allocation.policy import Policy
from cni.rounds import networks
from cni.rounds.act import Act, changing
from cni.store.audit import Change
from cni.store.engine import reading
from cni.store.schema import ROUND_STATES, round_, round_state
from topology.canonical import canonical_bytes, digest_of
from topology.problems import bad_input

AFTER = dict(pairwise(ROUND_STATES))
"""The state that follows on each."""


@dataclass(frozen=True, slots=True)
class Round:
    """A round and how far it is. `steps` are (state, time) pairs, oldest first."""

    id: str
    network: int
    on: date
    policy: Policy
    seed: str | None
    steps: tuple[tuple[str, str], ...]

    @property
    def state(self) -> str:
        """The state it is in."""
        return self.steps[-1][0]


def create(
    engine: Engine, act: Act, round_id: str, policy: Policy, *, on: date | None = None, seed: str | None = None
) -> Round:
    """Make a round in state draft, on the newest network; `on` defaults to the network's date, else the act's.

    Raises BadInput where the id is taken or no network was imported.
    """
    body = policy_to_json(policy)
    with changing(engine, act, f"round create {round_id}") as change:
        if _found(change.connection, round_id) is not None:
            raise bad_input("there is a round of this id already.", file="ROUND", value=round_id, code="duplicate_id")
        spine = networks.held(change.connection)
        change.add(
            round_,
            round=round_id,
            network=spine.number,
            on_date=(on or spine.network.as_of or act.at.date()).isoformat(),
            policy=canonical_bytes(body).decode(),
            policy_digest=digest_of(body),
            seed=seed,
        )
        _append_state(change, round_id, 1, "draft")
        return get(change.connection, round_id)


def open_round(engine: Engine, act: Act, round_id: str) -> Round:
    """draft -> open: requests may come in."""
    return _move(engine, act, round_id, "draft")


def close_round(engine: Engine, act: Act, round_id: str) -> Round:
    """open -> closed: the gate; no request comes in any more."""
    return _move(engine, act, round_id, "open")


def _move(engine: Engine, act: Act, round_id: str, state: str) -> Round:
    with changing(engine, act, f"round {AFTER[state]} {round_id}") as change:
        advance(change, round_id, state)
        return get(change.connection, round_id)


def advance(change: Change, round_id: str, state: str) -> None:
    """Move a round on from a state, within a change. Raises BadInput where it is in another."""
    found = require_state(change.connection, round_id, state)
    _append_state(change, round_id, len(found.steps) + 1, AFTER[state])


def _append_state(change: Change, round_id: str, step: int, state: str) -> None:
    change.add(round_state, round=round_id, step=step, state=state, at=change.at)


def require_state(connection: Connection, round_id: str, state: str) -> Round:
    """The round, which must be in a state. Raises BadInput."""
    found = get(connection, round_id)
    if found.state != state:
        raise bad_input(
            f"the round is {found.state}; it must be {state} for this.",
            file="ROUND",
            value=round_id,
            code="wrong_state",
            hint=NEXT.get(found.state, ""),
        )
    return found


NEXT = {
    "draft": "`cni round open ROUND` is next.",
    "open": "`cni request import` adds requests; `cni round close ROUND` is next.",
    "closed": "`cni round award ROUND` is next.",
    "awarded": "`cni round show ROUND` and `cni round explain REQUEST` tell the result.",
}


def state_of(connection: Connection, round_id: str) -> str:
    """The state of a round. Raises BadInput for an unknown one."""
    return get(connection, round_id).state


def get(connection: Connection, round_id: str) -> Round:
    """A round. Raises BadInput for an unknown one."""
    row = _found(connection, round_id)
    if row is None:
        raise bad_input("there is no such round.", file="ROUND", value=round_id, code="unknown_id")
    steps = connection.execute(
        select(round_state.c.state, round_state.c.at)
        .where(round_state.c.round == round_id)
        .order_by(round_state.c.step)
    )
    return Round(
        id=row.round,
        network=row.network,
        on=date.fromisoformat(row.on_date),
        policy=policy_from_json(json.loads(row.policy)),
        seed=row.seed,
        steps=tuple((s.state, s.at) for s in steps),
    )


def _found(connection: Connection, round_id: str) -> Any:
    return connection.execute(select(round_).where(round_.c.round == round_id)).one_or_none()


def list_rounds(engine: Engine) -> tuple[Round, ...]:
    """All rounds, in the order in which they were made."""
    with reading(engine) as connection:
        ids = connection.execute(select(round_.c.round).order_by(round_.c.audit)).scalars().all()
        return tuple(get(connection, each) for each in ids)
