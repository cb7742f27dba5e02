"""Making an override: one person proposes, a second confirms (rule G8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from cni.rounds import appeals, life, redrawing
from cni.rounds.act import Act, changing
from cni.rounds.calendar import Calendar
from cni.rounds.life import Round
from cni.rounds.overrides import CONFIRMED, PROPOSED, Override, by_number
from cni.store.schema import ANNULLED
from cni.store.schema import override as table
from topology.canonical import canonical_bytes
from topology.problems import bad_input


def propose(engine: Engine, act: Act, round_id: str, kind: str, body: dict[str, Any]) -> Override:
    """The first person's word. Raises BadInput without a reason, for a round in the wrong state, and for moves to earlier.

    Of kind `value` the body is given as `{"public_value": TEXT}`; what it stands in place of is added here.
    """
    if not act.why.strip():
        raise bad_input("an override needs a reason.", file="--why", code="missing_value")
    with changing(engine, act, f"round override {round_id} {kind}") as change:
        found = life.get(change.connection, round_id)
        if kind == "value":
            body = redrawing.body_of(change.connection, found, body["public_value"])
        _check(change.connection, found, kind, body, act.at)
        number = change.connection.execute(select(func.max(table.c.number))).scalar_one() or 0
        text = canonical_bytes(body).decode()
        change.add(
            table, number=number + 1, step=PROPOSED, round=round_id, kind=kind, who=act.who, reason=act.why, body=text
        )
    return Override(number + 1, round_id, kind, body, act.who, act.why)


def confirm(engine: Engine, act: Act, number: int) -> Override:
    """The second person's word, by which the override holds. Raises BadInput where the two are one, or it came too late."""
    with changing(engine, act, f"round confirm {number}") as change:
        found = by_number(change.connection, number)
        if found.confirmed_by:
            raise bad_input(
                f"it was confirmed by {found.confirmed_by} already.", value=str(number), code="duplicate_id"
            )
        if act.who.casefold() == found.proposed_by.casefold():
            said = f"{found.proposed_by} proposed it; a second person must confirm it."
            raise bad_input(said, file="--by", value=act.who, code="second_person")
        round_ = life.get(change.connection, found.round)
        _check(change.connection, round_, found.kind, found.body, act.at)
        text = canonical_bytes(found.body).decode()
        change.add(
            table,
            number=number,
            step=CONFIRMED,
            round=found.round,
            kind=found.kind,
            who=act.who,
            reason=act.why,
            body=text,
        )
        if found.kind == "annul":
            appeals.end_offers(change, round_, None)
            life.advance(change, found.round, round_.state, ANNULLED)
        if found.kind == "value":  # its requests stay as they were; only the lot is drawn anew
            life.advance(change, found.round, "awarded", "closed")
    return replace(found, confirmed_by=act.who)


def _check(connection: Connection, found: Round, kind: str, body: dict[str, Any], at: datetime) -> None:
    """Raise BadInput where an override of this kind does not fit the round's state or calendar."""
    if kind == "value":
        redrawing.check(connection, found, body)
        return
    allowed = {
        "postpone": ("draft", "open", "published"),
        "admit": ("open", "closed"),
        "annul": ("draft", "open", "closed", "awarded", "published", "set_aside"),
    }[kind]
    if found.state not in allowed:
        said = f"the round is {found.state}; {kind} is for one that is {' or '.join(allowed)}."
        raise bad_input(said, file="ROUND", value=found.id, code="wrong_state")
    if kind == "postpone":
        _check_later(found.calendar, found.state, body, at)


def _check_later(calendar: Calendar, state: str, body: dict[str, Any], at: datetime) -> None:
    moved = calendar.moved(body)
    for name, value in body.items():
        before, after = getattr(calendar, name), getattr(moved, name)
        if before is None or after <= before:
            said = f"{name} is {before or 'not set'}; an override can only move it later."
            raise bad_input(said, file=f"--{name.replace('_', '-')}", value=str(value), code="only_later")
        if name in ("opens", "gate") and state != ("draft" if name == "opens" else state):
            raise bad_input("the round is open already.", file="--opens", value=str(value), code="wrong_state")
    if "gate" in body and (state == "published" or calendar.is_past_gate(at)):
        raise bad_input("the gate is closed already.", file="--gate", value=body["gate"], code="wrong_state")
