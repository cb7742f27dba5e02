"""Making a round: what it will be decided on is fixed in its notice (rule G1). Above rounds and circuits, since it counts both."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine

from allocation.files.requests import policy_to_json
from allocation.policy import Policy
from cni.rounds import holdings, life, networks, notice
from cni.rounds.act import Act, changing
from cni.rounds.notice import Terms, policy_with_gate
from cni.store.audit import Change
from cni.store.schema import round_
from topology.canonical import canonical_bytes, digest_of
from topology.problems import bad_input

TAKEN = (
    "Its notice stands (`cni round notice ROUND`). Where that is wrong, `cni round override ROUND annul --why TEXT`, "
    "then make another round under another id."
)


def create(
    engine: Engine,
    act: Act,
    round_id: str,
    policy: Policy,
    *,
    on: date | None = None,
    seed: str | None = None,
    terms: Terms | None = None,
) -> life.Round:
    """Make a round in state draft, on the newest network; `on` defaults to the network's date, else the act's (rule G1).

    Raises BadInput where the id is taken, no network was imported, or the terms do not fit together.
    """
    terms = terms or Terms()
    policy = policy_with_gate(policy, terms)
    body = policy_to_json(policy)
    with changing(engine, act, f"round create {round_id}") as change:
        if life.find(change.connection, round_id) is not None:
            said, hint = "there is a round of this id already.", TAKEN.replace("ROUND", round_id)
            raise bad_input(said, file="ROUND", value=round_id, code="duplicate_id", hint=hint)
        _record_lapses(change, act)
        spine = networks.held(change.connection)
        day = on or spine.network.as_of or act.at.date()
        change.add(
            round_,
            round=round_id,
            network=spine.number,
            on_date=day.isoformat(),
            policy=canonical_bytes(body).decode(),
            policy_digest=digest_of(body),
            seed=seed,
        )
        notice.write(change, round_id, spine, policy, day, seed, terms)
        life.append_state(change, round_id, 1, "draft")
        return life.get(change.connection, round_id)


def _record_lapses(change: Change, act: Act) -> None:
    """Offers that have run out by now are on record before the notice counts what is free (rule H2)."""
    if lapsed := holdings.record_lapses(change, act, holdings.load(change.connection)):
        change.what += f"; lapsed: {' '.join(s.circuit.id for s in lapsed)}"
