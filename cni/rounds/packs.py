"""The packs of a round, as they were kept. Reading them needs no solver."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Engine, select

from cni.rounds import life
from cni.store.audit import head_of
from cni.store.engine import reading
from cni.store.schema import award as first
from cni.store.schema import rerun
from topology.problems import bad_input

Pack = dict[str, Any]


def chain_of(connection: Connection, round_id: str) -> dict[str, Any]:
    """What ties a pack to the house's history: the head of the audit log, and the pack before."""
    before = packs(connection, round_id)
    last = connection.execute(
        select(first.c.body).where(first.c.round != round_id).order_by(first.c.audit.desc()).limit(1)
    ).scalar_one_or_none()
    previous = before[-1]["digest"] if before else json.loads(last)["digest"] if last else None
    return {"audit_head": head_of(connection), "previous_pack": previous}


def packs(connection: Connection, round_id: str) -> tuple[Pack, ...]:
    """The packs of a round, the first award's and those of re-runs, oldest first."""
    rows = connection.execute(select(first.c.body).where(first.c.round == round_id)).scalars().all()
    again = connection.execute(select(rerun.c.body).where(rerun.c.round == round_id).order_by(rerun.c.attempt))
    return tuple(json.loads(body) for body in (*rows, *again.scalars()))


def pack_of(connection: Connection, round_id: str, attempt: int | None = None) -> Pack:
    """The pack of an awarded round, the last one by default. Raises BadInput where there is none."""
    found = packs(connection, round_id)
    is_open = attempt is None and found and life.state_of(connection, round_id) == "closed"
    if not found or is_open:  # an override set the last one aside, and it was not decided again yet
        life.require_state(connection, round_id, "awarded", "published", "final")
    if not 1 <= (attempt or len(found)) <= len(found):
        raise bad_input(f"the round has {len(found)} awards.", file="--attempt", value=str(attempt), code="unknown_id")
    return found[(attempt or len(found)) - 1]


def read_pack(engine: Engine, round_id: str, attempt: int | None = None) -> Pack:
    """The pack of an awarded round. Raises BadInput where there is none."""
    with reading(engine) as connection:
        return pack_of(connection, round_id, attempt)


def deciding_pack(engine: Engine, request_id: str, round_id: str | None = None) -> tuple[str, Pack]:
    """The round that decided a request and its pack: of the round named, else of the last award that knows it.

    Raises BadInput where no award knows the request.
    """
    with reading(engine) as connection:
        ids = (
            [round_id]
            if round_id
            else connection.execute(select(first.c.round).order_by(first.c.audit.desc())).scalars()
        )
        for each in ids:
            if round_id:
                pack_of(connection, each)
            for pack in reversed(packs(connection, each)):
                if any(r["request"] == request_id for r in pack["award"]["requests"]):
                    return each, pack
    where = f"round {round_id}" if round_id else "any awarded round"
    raise bad_input(
        f"there is no request of this id in {where}.",
        file="REQUEST",
        value=request_id,
        code="unknown_id",
        hint="`cni request list --round ROUND` lists them.",
    )
