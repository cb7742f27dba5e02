"""Lifts: what stands in the way of a request, and by how much (rule D2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from topology.quantities import as_thousands, three_places

CLAUSES = {"cap": "member_cap", "entrant": "entrant_reserve", "tranche": "tranche", "funding": "funding"}
"""Kind of row -> reason code of the clause that it stands for."""

CLAUSE_NAMES = {
    "member_cap": "A6 cap.share, cap.floor_pairs or max_pairs_per_member of the span",
    "entrant_reserve": "A6 entrant.reserve_pairs",
    "tranche": "A6 tranche.share",
    "funding": "A6 funding_conditions of the span",
    "block_size": "A6 blocks.max_pairs",
    "late": "A7 gate.closes",
    "term": "A7 terms.years",
    "not_eligible": "A7",
    "bundle_partner": "A5",
    "below_minimum": "A5",
    "family": "A5",
    "span_full": "A3",
    "node_full": "A3",
    "power_full": "A3",
    "over_distance": "A2",
    "over_loss": "A2",
    "avoid": "A2",
    "diverse_from": "A2",
    "no_route": "A1",
    "no_diverse_route": "A1",
}


@dataclass(frozen=True, slots=True, order=True)
class Lift:
    """One thing lifted. `code`: the reason it belongs to; `kind`: what is lifted; `by`: how much (see `as_json`)."""

    code: str
    kind: str
    id: str = ""
    by: int = 0
    exact: Decimal | None = None

    def as_json(self) -> dict[str, Any]:
        """The lift as an award shows it, with its unit in the key."""
        if self.kind == "span":
            return {"kind": "span", "id": self.id, "pairs": self.by}
        if self.kind == "rack":
            return {"kind": "node", "id": self.id, "rack_units": self.by}
        if self.kind == "power":
            return {"kind": "node", "id": self.id, "power_w": self.by}
        if self.kind == "max_km":
            return {"kind": "max_km", "to_km": as_thousands(self.by)}
        if self.kind == "max_loss_db":
            return {"kind": "max_loss_db", "to_db": three_places(self.exact or Decimal(0))}
        if self.kind == "route":
            return {"kind": "route", "id": self.id, "legs": self.by}
        return {"kind": self.kind, "id": self.id}


def bonus(lifts: Iterable[Lift], kind: str) -> dict[str, int]:
    """Place -> how much is added there by the lifts of a kind."""
    return {lift.id: lift.by for lift in lifts if lift.kind == kind}
