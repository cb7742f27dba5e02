"""What runs are computed from: dated versions of tariff, fee policy and facts, only ever appended (rule F20)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, select

from billing.facts import NO_FACTS, Facts, facts_from_json
from billing.fees.policy import FeePolicy, fee_policy_from
from billing.tariff import Tariff
from cni.bills.values import tariff_from_json
from cni.rounds.act import Act, changing
from cni.store.engine import reading
from cni.store.schema_billing import bill_input as table
from topology.canonical import canonical_bytes, digest_of
from topology.problems import bad_input

TARIFF, POLICY, FACTS = "tariff", "policy", "facts"
KINDS = (TARIFF, POLICY, FACTS)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a tariff, a policy or the facts. `valid_from` None: from the beginning."""

    kind: str
    number: int
    version: str
    valid_from: date | None
    source: str
    digest: str
    audit: int

    def as_json(self) -> dict[str, Any]:
        """As lists show it."""
        return {
            "kind": self.kind,
            "number": self.number,
            "version": self.version,
            "valid_from": None if self.valid_from is None else self.valid_from.isoformat(),
            "source": self.source,
            "digest": self.digest,
            "audit": self.audit,
        }


def append(
    engine: Engine,
    act: Act,
    kind: str,
    body: Mapping[str, Any],
    source: str,
    valid_from: date | None,
    version: str = "",
) -> tuple[Version, bool]:
    """Append a version; returns it, and whether anything was written: what holds already is not written again.

    Raises BadInput `changed_meanwhile` where another import of the same came in between.
    """
    digest = digest_of(body)
    since = "" if valid_from is None else valid_from.isoformat()
    with reading(engine) as connection:
        if (same := _same(connection, kind, digest, since)) is not None:
            return same, False
    with changing(engine, act, f"bill {kind} import {source}") as change:
        if _same(change.connection, kind, digest, since) is not None:
            raise bad_input("another import of the same came in between.", code="changed_meanwhile")
        number = len(versions(change.connection, kind)) + 1
        text = canonical_bytes(dict(body)).decode()
        change.add(
            table,
            kind=kind,
            number=number,
            version=version,
            valid_from=since,
            source=source,
            body=text,
            digest=digest,
        )
        return Version(kind, number, version, valid_from, source, digest, change.number), True


def _same(connection: Connection, kind: str, digest: str, since: str) -> Version | None:
    held = versions(connection, kind)
    last = held[-1] if held else None
    same = last is not None and (last.digest, last.valid_from) == (digest, _day(since))
    return last if same else None


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def versions(connection: Connection, kind: str = "", known_at: int | None = None) -> tuple[Version, ...]:
    """Versions of a kind (all where empty), oldest first; with `known_at` those written by that audit entry."""
    columns = (table.c[n] for n in ("kind", "number", "version", "valid_from", "source", "digest", "audit"))
    wanted = select(*columns).order_by(table.c.audit)
    if kind:
        wanted = wanted.where(table.c.kind == kind)
    if known_at is not None:
        wanted = wanted.where(table.c.audit <= known_at)
    return tuple(Version(k, n, v, _day(f), s, d, a) for k, n, v, f, s, d, a in connection.execute(wanted))


def version_of(connection: Connection, kind: str, number: int) -> Version:
    """A version by its number. Raises BadInput where there is none."""
    found = next((v for v in versions(connection, kind) if v.number == number), None)
    if found is None:
        hint = f"`cni bill {kind} list`"
        raise bad_input(
            f"there is no {kind} of this number.", file="N", value=str(number), code="unknown_id", hint=hint
        )
    return found


def list_versions(engine: Engine) -> tuple[Version, ...]:
    """Every version of every kind, oldest first."""
    with reading(engine) as connection:
        return versions(connection)


def that_holds(connection: Connection, kind: str, on: date, known_at: int) -> Version | None:
    """The version for a period that begins on a day: of those valid by then the latest, of equal ones the last imported."""
    fits = [v for v in versions(connection, kind, known_at) if v.valid_from is None or v.valid_from <= on]
    return max(fits, key=lambda v: (v.valid_from or date.min, v.number), default=None)


def body_of(connection: Connection, kind: str, number: int) -> dict[str, Any]:
    """The value of a version. Raises BadInput where there is none."""
    number = version_of(connection, kind, number).number
    wanted = select(table.c.body).where(table.c.kind == kind, table.c.number == number)
    value = json.loads(connection.execute(wanted).scalar_one())
    assert isinstance(value, dict)
    return value


def tariff_of(connection: Connection, number: int) -> Tariff:
    """A version of the tariff. Raises BadInput where there is none of this number."""
    return tariff_from_json(body_of(connection, TARIFF, number))


def policy_of(connection: Connection, number: int) -> FeePolicy:
    """A version of the fee policy; number 0: no fees, margin or reserve. Raises BadInput where there is none of this number."""
    return fee_policy_from(body_of(connection, POLICY, number)) if number else FeePolicy()


def facts_of(connection: Connection, number: int) -> Facts:
    """A version of the facts; number 0: no facts. Raises BadInput where there is none of this number."""
    return facts_from_json(body_of(connection, FACTS, number)) if number else NO_FACTS
