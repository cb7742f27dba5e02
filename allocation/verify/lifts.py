"""What a reason lifts, read from an award and checked against the code that it stands under (rule D2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from topology.quantities import thousandths

HALF_PLACE = Decimal("0.0005")
"""Losses are compared unrounded and printed to three places, half up: so much may be lost in print."""

CLAUSES = {"member_cap": "cap", "entrant_reserve": "entrant", "tranche": "tranche", "funding": "funding"}
GATES = ("not_eligible", "late", "term", "block_size")
HOLDERS = {"own_rank": "B3", "drawn_lot": "B2", "fair_share": "B1", "shorter_routes": "B4", "undecided": "C"}
"""Codes of rule D3, each with the rule that its clause names."""

CAUSES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "no_route": ("A1", ("kind", "id", "legs"), "route"),
    "no_diverse_route": ("A1", ("kind", "id", "legs"), "route"),
    "over_distance": ("A2", ("kind", "to_km"), "max_km"),
    "over_loss": ("A2", ("kind", "to_db"), "max_loss_db"),
    "avoid": ("A2", ("kind", "id"), "avoid"),
    "diverse_from": ("A2", ("kind", "id"), "diverse_from"),
    "span_full": ("A3", ("kind", "id", "pairs"), "span"),
    "node_full": ("A3", ("kind", "id", "rack_units"), "node"),
    "power_full": ("A3", ("kind", "id", "power_w"), "node"),
    "member_cap": ("A6", ("kind", "id"), "clause"),
    "entrant_reserve": ("A6", ("kind", "id"), "clause"),
    "tranche": ("A6", ("kind", "id"), "clause"),
    "funding": ("A6", ("kind", "id"), "clause"),
    "block_size": ("A6", ("kind", "id"), "gate"),
    "not_eligible": ("A7", ("kind", "id"), "gate"),
    "late": ("A7", ("kind", "id"), "gate"),
    "term": ("A7", ("kind", "id"), "gate"),
    "bundle_partner": ("A5", ("kind", "id"), "condition"),
    "below_minimum": ("A5", ("kind", "id"), "condition"),
    "family": ("A5", ("kind", "id"), "condition"),
}
"""Code -> the rule that its clause names first, the keys of its lifts, and their kind."""

NAMED = {
    "member_cap": "A6 cap.share, cap.floor_pairs or max_pairs_per_member of the span",
    "entrant_reserve": "A6 entrant.reserve_pairs",
    "tranche": "A6 tranche.share",
    "funding": "A6 funding_conditions of the span",
    "block_size": "A6 blocks.max_pairs",
    "late": "A7 gate.closes",
    "term": "A7 terms.years",
}
"""Code -> its clause, where that is more than the rule: the policy's key or the column."""

CONDITIONS = {"bundle_partner": "bundle", "below_minimum": "min_pairs", "family": "family"}


@dataclass(frozen=True, slots=True)
class Lift:
    """One thing lifted. `by`: pairs, units, watts, legs, or metres of a limit; `db` of a limit on loss."""

    code: str
    kind: str
    id: str = ""
    by: int = 0
    db: Decimal = Decimal(0)

    def __str__(self) -> str:
        return f"{self.code} {self.id}".strip()


@dataclass(frozen=True)
class Lifted:
    """Several lifts as the questions that the placing asks of them."""

    lifts: tuple[Lift, ...] = ()
    pairs: Mapping[str, int] = field(default_factory=dict)
    rack_units: Mapping[str, int] = field(default_factory=dict)
    power_w: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, lifts: Iterable[Lift]) -> Lifted:
        """The lifts together."""
        held = tuple(lifts)

        def added(code: str) -> dict[str, int]:
            return {lift.id: lift.by for lift in held if lift.code == code}

        return cls(held, added("span_full"), added("node_full"), added("power_full"))

    def has(self, code: str) -> bool:
        """Whether a lift of a code is among them."""
        return any(lift.code == code for lift in self.lifts)

    def find(self, kind: str) -> Lift | None:
        """The first lift of a kind."""
        return next((lift for lift in self.lifts if lift.kind == kind), None)

    @property
    def items(self) -> frozenset[tuple[str, str]]:
        """("avoid" or "diverse_from", item as "kind:id") that are allowed."""
        return frozenset((lift.kind, lift.id) for lift in self.lifts if lift.kind in ("avoid", "diverse_from"))

    @property
    def missing(self) -> int:
        """Legs that are added straight from a to b."""
        return sum(lift.by for lift in self.lifts if lift.kind == "route")

    @property
    def dropped(self) -> frozenset[str]:
        """Kinds of row whose clause is not applied."""
        return frozenset(CLAUSES[lift.code] for lift in self.lifts if lift.code in CLAUSES)


def read_lift(code: str, value: Mapping[str, Any]) -> Lift | str:
    """The lift of a reason, or what is wrong with it in words."""
    _, keys, kind = CAUSES[code]
    if set(value) != set(keys) or value["kind"] != kind:
        return f"A lift under {code} has the keys {' '.join(keys)} and the kind {kind}; this one is {dict(value)}."
    name = str(value.get("id", ""))
    if code in (*CLAUSES, *GATES) and name != code:
        return f"A lift under {code} names {name}."
    if code in CONDITIONS and name != CONDITIONS[code]:
        return f"A lift under {code} names {name}, not {CONDITIONS[code]}."
    by = next((value[k] for k in ("pairs", "rack_units", "power_w", "legs") if k in value), 0)
    if kind in ("span", "node", "route") and by < 1:
        return f"A lift under {code} lifts nothing."
    if "to_km" in value:
        by = thousandths(value["to_km"])
    return Lift(code, kind, name, by, Decimal(value["to_db"]) if "to_db" in value else Decimal(0))
