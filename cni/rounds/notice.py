"""The notice of a round: everything that is fixed and published before anybody may ask (rules G1, G12).

The offer with its four figures per span, the policy, the calendar, the hash of the lottery's secret and the key that
requests are sealed to. Its digest stands in the audit log from the moment the round is made.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from allocation.files.requests import policy_to_json
from allocation.policy import Policy
from cni.rounds.act import one_line
from cni.rounds.calendar import Calendar, calendar_of
from cni.rounds.networks import Held
from cni.store.audit import Change
from cni.store.json_text import without
from cni.store.schema import notice as table
from topology.about import SOFTWARE
from topology.canonical import canonical_bytes, digest_of
from topology.offer import offer_document
from topology.problems import bad_input

SCHEMA = "cni.notice/1"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a coordinator says when making a round, beside the policy. All may be left out.

    `commitment`: hash of the lottery's secret; `public_source`: where the public value will come from; `key`: the round
    key document (`cni.round_key/1`) that requests are sealed to. Only a `gate` given here is held to by the clock; one that
    stands in the policy alone decides, when the round is awarded, which requests were late (rule A7).
    """

    opens: datetime | None = None
    gate: datetime | None = None
    commitment: str | None = None
    public_source: str | None = None
    key: dict[str, Any] | None = None


def policy_with_gate(policy: Policy, terms: Terms) -> Policy:
    """The policy with the round's own gate, where it has one: the award's rule of lateness and the gate are one."""
    return policy if terms.gate is None else replace(policy, gate_closes=terms.gate)


def write(change: Change, round_id: str, spine: Held, policy: Policy, on: date, seed: str | None, terms: Terms) -> None:
    """Fix the notice of a new round, within its change. Raises BadInput where the terms do not fit together."""
    one_line(terms.public_source or "", "--public-source")
    lottery = {"commitment": terms.commitment, "public_source": terms.public_source, "seed": seed}
    if seed is not None and (terms.commitment or terms.public_source):
        raise bad_input("a seed that is known leaves nothing to commit to.", file="--seed", hint="Leave --seed out.")
    calendar = calendar_of(policy.deadlines, terms.opens, terms.gate)
    body = {
        "schema": SCHEMA,
        "software": SOFTWARE,
        "round": round_id,
        "on": on.isoformat(),
        "made_at": change.at,
        "network_version": spine.number,
        "network_digest": spine.digest,
        "circuits_as_of": change.number,
        "policy": policy_to_json(policy),
        "calendar": calendar.as_json(),
        "lottery": lottery,
        "key": terms.key,
        "offer": offer_document(spine.network, spine.circuits, on),
    }
    change.add(table, round=round_id, body=canonical_bytes(body).decode(), digest=digest_of(body))


def read(connection: Connection, round_id: str) -> dict[str, Any] | None:
    """The notice of a round; None for a round of an older version of the program, which had none."""
    body = connection.execute(select(table.c.body).where(table.c.round == round_id)).scalar_one_or_none()
    return None if body is None else dict(json.loads(body))


def read_head(connection: Connection, round_id: str) -> dict[str, Any] | None:
    """The notice without its offer, which is nearly all of it and not needed where many rounds are looked at."""
    body = without(connection, table.c.body, "offer")
    found = connection.execute(select(body).where(table.c.round == round_id)).scalar_one_or_none()
    return None if found is None else dict(json.loads(found))


def calendar(notice: dict[str, Any] | None) -> Calendar:
    """The calendar as it was published."""
    return Calendar() if notice is None else Calendar().moved(notice["calendar"])
