"""A coordinator's overrides (rule G8): a reason, a second person, and a place in the record. Nothing else bends a round.

`postpone` moves a date of the calendar later; `admit` lets in a sealed submission, named by its digest, that came after
the gate; `value` puts right the lottery's public value between award and publication (`cni.rounds.redrawing`); `annul` ends
a round that is not final.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from allocation.policy import Policy
from cni.rounds.calendar import Calendar
from cni.store.engine import reading
from cni.store.schema import override as table
from topology.problems import bad_input

KINDS = ("postpone", "admit", "value", "annul")
PROPOSED, CONFIRMED = 1, 2


@dataclass(frozen=True, slots=True)
class Override:
    """`confirmed_by` is empty until the second person has spoken."""

    number: int
    round: str
    kind: str
    body: dict[str, Any]
    proposed_by: str
    reason: str
    confirmed_by: str = ""

    def as_json(self) -> dict[str, Any]:
        """As in a pack and on the screen."""
        return {name: getattr(self, name) for name in self.__slots__}


def by_number(connection: Connection, number: int) -> Override:
    """One override. Raises BadInput for an unknown number."""
    found = _all(connection, table.c.number == number)
    if not found:
        raise bad_input("there is no such override.", file="NUMBER", value=str(number), code="unknown_id")
    return found[0]


def of_round(connection: Connection, round_id: str) -> tuple[Override, ...]:
    """All overrides of a round, confirmed or not, in order."""
    return _all(connection, table.c.round == round_id)


def _all(connection: Connection, condition: Any) -> tuple[Override, ...]:
    made: dict[int, Override] = {}
    for row in connection.execute(select(table).where(condition).order_by(table.c.number, table.c.step)):
        if row.step == PROPOSED:
            made[row.number] = Override(row.number, row.round, row.kind, json.loads(row.body), row.who, row.reason)
        else:
            made[row.number] = replace(made[row.number], confirmed_by=row.who)
    return tuple(made.values())


def admitted(connection: Connection, round_id: str) -> frozenset[str]:
    """Digests of late submissions that are let in."""
    return frozenset(o.body["digest"] for o in of_round(connection, round_id) if o.kind == "admit" and o.confirmed_by)


def value_in_force(connection: Connection, round_id: str) -> Override | None:
    """The last confirmed override of the lottery's public value; None where the value stands as it was first given."""
    made = [o for o in of_round(connection, round_id) if o.kind == "value" and o.confirmed_by]
    return made[-1] if made else None


def calendar_of(connection: Connection, round_id: str, published: Calendar) -> Calendar:
    """The calendar as confirmed overrides have moved it."""
    for _, body in _postponed(connection, round_id):
        published = published.moved(body)
    return published


def gates_moved(connection: Connection, round_id: str) -> tuple[tuple[int, datetime], ...]:
    """Each gate that a confirmed override set, with the audit entry that confirmed it, in order."""
    moved = _postponed(connection, round_id)
    return tuple((entry, datetime.fromisoformat(body["gate"])) for entry, body in moved if "gate" in body)


def policy_of(connection: Connection, round_id: str, policy: Policy) -> Policy:
    """The policy with the gate as confirmed overrides have moved it."""
    gates = gates_moved(connection, round_id)
    return replace(policy, gate_closes=gates[-1][1]) if gates else policy


def _postponed(connection: Connection, round_id: str) -> list[tuple[int, dict[str, Any]]]:
    """What confirmed overrides moved, each with the audit entry that confirmed it, in the order in which they were confirmed.

    Each was held against the calendar of that moment and could only move it later; in another order one would move it back.
    """
    of_round = (table.c.round == round_id) & (table.c.kind == "postpone") & (table.c.step == CONFIRMED)
    rows = connection.execute(select(table.c.audit, table.c.body).where(of_round).order_by(table.c.audit))
    return [(row.audit, json.loads(row.body)) for row in rows]


def list_overrides(engine: Engine, round_id: str) -> tuple[Override, ...]:
    """All overrides of a round."""
    with reading(engine) as connection:
        return of_round(connection, round_id)
