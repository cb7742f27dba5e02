"""Deciding a closed round, and telling afterwards what was decided."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, select

from allocation.award import allocate
from allocation.pack import make_pack
from cni.rounds import life, networks, requests
from cni.rounds.act import Act, changing
from cni.store.engine import reading
from cni.store.schema import award as table
from topology.canonical import canonical_bytes
from topology.problems import bad_input


def award_round(
    engine: Engine,
    act: Act,
    round_id: str,
    *,
    effort: int | None = None,
    time_limit_s: float | None = None,
    progress: Callable[[Any], None] | None = None,
) -> dict[str, Any]:
    """Decide a closed round and keep its complete pack; returns the pack.

    The work is done outside any transaction, on what was fixed when the round closed; then one transaction writes the pack
    and the new state, unless another process was quicker. Raises BadInput where the round is not closed.
    """
    with reading(engine) as connection:
        found = life.require_state(connection, round_id, "closed")
        spine = networks.held(connection, found.network)
        rows = tuple(s.request for s in requests.current(connection, round_id))
    award = allocate(
        spine.network,
        spine.circuits,
        rows,
        found.policy,
        on=found.on,
        seed=found.seed,
        effort=effort,
        time_limit_s=time_limit_s,
        progress=progress,
    )
    pack = make_pack(award, spine.network, spine.circuits, rows, found.policy)
    with changing(engine, act, f"round award {round_id}") as change:
        life.advance(change, round_id, "closed")
        body = canonical_bytes(pack).decode()
        change.add(table, round=round_id, digest=award["digest"], proof=award["proof"], body=body)
    return pack


def pack_of(connection: Connection, round_id: str) -> dict[str, Any]:
    """The pack of an awarded round. Raises BadInput where there is none."""
    life.require_state(connection, round_id, "awarded")
    value: dict[str, Any] = json.loads(
        connection.execute(select(table.c.body).where(table.c.round == round_id)).scalar_one()
    )
    return value


def read_pack(engine: Engine, round_id: str) -> dict[str, Any]:
    """The pack of an awarded round. Raises BadInput where there is none."""
    with reading(engine) as connection:
        return pack_of(connection, round_id)


def deciding_pack(engine: Engine, request_id: str, round_id: str | None = None) -> tuple[str, dict[str, Any]]:
    """The round that decided a request and its pack: of the round named, else of the last award that knows it.

    Raises BadInput where no award knows the request.
    """
    with reading(engine) as connection:
        ids = (
            [round_id]
            if round_id
            else connection.execute(select(table.c.round).order_by(table.c.audit.desc())).scalars()
        )
        for each in ids:
            pack = pack_of(connection, each)
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
