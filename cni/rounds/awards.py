"""Deciding a closed round, deciding again what an appeal set aside, and telling afterwards what was decided."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from allocation.award import allocate
from allocation.files.pack import make_pack
from allocation.policy import Policy
from allocation.request import Request
from allocation.seed import commitment_of, seed_from
from cni.rounds import appeals, life, opening, overrides, receipts, requests
from cni.rounds.act import Act, changing
from cni.rounds.life import Round
from cni.rounds.packs import Pack, chain_of, packs
from cni.store.engine import reading
from cni.store.schema import SET_ASIDE, rerun
from cni.store.schema import award as first
from topology.canonical import canonical_bytes
from topology.model import Circuit, Network
from topology.problems import bad_input


@dataclass(frozen=True, slots=True)
class Draw:
    """What the lot is drawn from (rules E): the secret that was committed to, or that it is withheld; the public value."""

    secret: str | None = None
    withheld: bool = False
    public_value: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that an award is computed from, as it stood in one snapshot of the database."""

    round: Round
    attempt: int
    network: Network
    circuits: tuple[Circuit, ...]
    requests: tuple[Request, ...]
    policy: Policy
    record: dict[str, Any]


def award_round(
    engine: Engine,
    act: Act,
    round_id: str,
    *,
    draw: Draw | None = None,
    effort: int | None = None,
    time_limit_s: float | None = None,
    progress: Callable[[Any], None] | None = None,
) -> Pack:
    """Decide a closed round, or the lot that an appeal set aside, and keep the complete pack; returns the pack (rule G6).

    The work is done outside any transaction, on what was fixed when the round closed; then one transaction writes the pack
    and the new state, unless another process was quicker. Raises BadInput where the round is not closed, was not opened,
    or the draw is not the one that was announced.
    """
    with reading(engine) as connection:
        asked = _question(connection, round_id)
        corrected = overrides.value_in_force(connection, round_id)
        seed, lottery = _drawn(asked.round, draw or Draw(), _pack_before(connection, asked), corrected)
        chain = chain_of(connection, round_id)
    award = allocate(
        asked.network,
        asked.circuits,
        asked.requests,
        asked.policy,
        on=asked.round.on,
        seed=seed,
        effort=effort,
        time_limit_s=time_limit_s,
        progress=progress,
    )
    record = {**asked.record, "lottery": lottery, "chain": chain, "salt": secrets.token_hex(32)}
    pack = make_pack(
        award, asked.network, asked.circuits, asked.requests, asked.policy, lottery["commitment"], record=record
    )
    with changing(engine, act, f"round award {round_id}") as change:
        life.advance(change, round_id, asked.round.state, "awarded")
        if len(packs(change.connection, round_id)) + 1 != asked.attempt:  # awarded and put back to closed since
            said, hint = "it was awarded and set aside in between.", f"`cni round award {round_id}` decides it anew."
            raise bad_input(said, file="ROUND", value=round_id, code="changed_meanwhile", hint=hint)
        values = {"digest": award["digest"], "proof": award["proof"], "body": canonical_bytes(pack).decode()}
        if asked.attempt == 1:
            change.add(first, round=round_id, **values)
        else:
            change.add(rerun, round=round_id, attempt=asked.attempt, appeal=_cause(change.connection, asked), **values)
    return pack


def _question(connection: Connection, round_id: str) -> Question:
    found = life.require_state(connection, round_id, "closed", SET_ASIDE)
    if found.is_sealed and not receipts.is_opened(connection, round_id):
        said = "its requests are still sealed."
        hint = "`cni round unseal ROUND --identity ANN.KEY --identity BOB.KEY` opens them."
        raise bad_input(said, file="ROUND", value=round_id, code="wrong_state", hint=hint)
    spine = life.spine_of(connection, found)
    rows = tuple(s.request for s in requests.current(connection, round_id))
    attempt = len(packs(connection, round_id)) + 1
    circuits, lot = spine.circuits, None
    if found.state == SET_ASIDE:
        lot = appeals.last_upheld(connection, round_id).lot
        rows = tuple(r for r in rows if r.id in lot)
        circuits = tuple(sorted((*circuits, *appeals.kept(connection, found)), key=lambda c: c.id))
    record = {
        "id": round_id,
        "attempt": attempt,
        "lot": sorted(lot) if lot is not None else None,
        "notice": found.notice,
        "calendar": found.calendar.as_json(),
        "closing": receipts.closing_of(connection, round_id),
        "opening": opening.read(connection, round_id),
        "overrides": [o.as_json() for o in overrides.of_round(connection, round_id)],
        "appeals": [a.as_json() for a in appeals.of_round(connection, round_id)],
    }
    return Question(found, attempt, spine.network, circuits, rows, found.policy, record)


def _cause(connection: Connection, asked: Question) -> str:
    """What made it be decided again: the appeal, or the override of the public value."""
    if asked.round.state == SET_ASIDE:
        return appeals.last_upheld(connection, asked.round.id).appeal
    override = overrides.value_in_force(connection, asked.round.id)
    assert override is not None  # nothing else leads from an award back to closed
    return f"override-{override.number}"


def _pack_before(connection: Connection, asked: Question) -> Pack | None:
    """The pack of the award before, where this is not the first one: a lot is drawn once."""
    return packs(connection, asked.round.id)[-1] if asked.attempt > 1 else None


def _drawn(
    found: Round, draw: Draw, before: Pack | None, corrected: overrides.Override | None
) -> tuple[str | None, dict[str, Any]]:
    """The seed, and what the pack says of the lottery. Raises BadInput where the draw is not as announced (rules E)."""
    if before is not None:
        return _drawn_before(draw, before, corrected)
    said = (found.notice or {}).get("lottery") or {}
    commitment, source = said.get("commitment"), said.get("public_source")
    lottery = {
        "commitment": commitment,
        "public_source": source,
        "secret": draw.secret,
        "public_value": draw.public_value,
    }
    if not commitment and not source:
        if draw.secret or draw.public_value or draw.withheld:
            raise bad_input("the notice announced no lottery.", file="--secret-file", hint="The round's seed is fixed.")
        return found.seed, lottery
    _check_draw(draw, commitment, source)
    return seed_from(draw.secret, draw.public_value), lottery


def _drawn_before(draw: Draw, before: Pack, corrected: overrides.Override | None) -> tuple[str | None, dict[str, Any]]:
    """The draw of the award before, with the public value as an override put it right. Raises BadInput for another one."""
    lottery = dict(before["round"]["lottery"])
    if corrected is not None:
        lottery["public_value"] = corrected.body["public_value"]
    for option, given, stands in (
        ("--secret-file", draw.secret, lottery.get("secret")),
        ("--public-value", draw.public_value, lottery.get("public_value")),
        ("--secret-withheld", draw.withheld or None, lottery.get("secret") is None or None),
    ):
        if given is not None and given != stands:
            said, hint = "the lot was drawn before, with another one.", "Leave it out: the draw on record counts."
            raise bad_input(said, file=option, code="wrong_secret" if option == "--secret-file" else "", hint=hint)
    if corrected is None:
        return before["award"]["seed"], lottery
    return seed_from(lottery["secret"], lottery["public_value"]), lottery


def _check_draw(draw: Draw, commitment: str | None, source: str | None) -> None:
    if commitment and draw.withheld and not source:
        raise bad_input("no public value was announced; without the secret there is no lot.", file="--secret-withheld")
    if commitment and not draw.secret and not draw.withheld:
        hint = "If it is withheld, --secret-withheld lets the public value decide alone (rule E2)."
        raise bad_input("the lottery's secret is needed.", file="--secret-file", code="missing_value", hint=hint)
    if draw.secret and (not commitment or commitment_of(draw.secret) != commitment):
        raise bad_input("it is not the secret that was committed to.", file="--secret-file", code="wrong_secret")
    if bool(source) != bool(draw.public_value):
        text = f"the public value is needed; its source is {source}." if source else "no public value was announced."
        raise bad_input(text, file="--public-value", code="missing_value")
