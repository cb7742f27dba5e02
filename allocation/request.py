"""What a member asks for: pairs of fibre between two nodes, or room and power at one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

DIVERSITY = ("none", "span", "node", "risk")
"""From weakest to strongest; each includes those before it."""

Item = tuple[str, str]
"""("span" | "node" | "group" | "circuit", id): what `avoid` and `diverse_from` name."""


@dataclass(frozen=True, slots=True)
class Request:
    """One row of a round. Lengths in metres, power in watts; None and "" mean "not given".

    `min_pairs` is None where not given: then 1 outside a bundle and all pairs within one. `start` None means the round's
    date, `end` None means open.
    """

    id: str
    member: str
    kind: str  # "fibre" or "colocation"
    a: str = ""
    b: str = ""
    pairs: int = 0
    min_pairs: int | None = None
    diversity: str = "none"
    max_m: int | None = None
    max_loss_db: Decimal | None = None
    wavelength_nm: int | None = None
    same_route: bool = False
    avoid: tuple[Item, ...] = ()
    diverse_from: tuple[Item, ...] = ()
    node: str = ""
    rack_units: int = 0
    power_w: int = 0
    partial: bool = False
    start: date | None = None
    end: date | None = None
    rank: int | None = None
    bundle: str = ""
    alternative_of: str = ""
    received: datetime | None = None
    confidential: bool = False
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def is_fibre(self) -> bool:
        """Whether the request is for fibre (else for colocation)."""
        return self.kind == "fibre"

    @property
    def legs(self) -> int:
        """Legs of each circuit: two where diversity is asked for."""
        return 1 if self.diversity == "none" else 2

    @property
    def wanted(self) -> int:
        """Pairs, or rack units, asked for."""
        return self.pairs if self.is_fibre else self.rack_units

    @property
    def least(self) -> int:
        """Fewest pairs or rack units that may be granted, if any are (rule A5)."""
        if not self.is_fibre:
            return 1 if self.partial else self.rack_units
        if self.min_pairs is not None:
            return self.min_pairs
        return self.pairs if self.bundle else 1

    def watts_for(self, rack_units: int) -> int:
        """Watts that go with so many of the rack units: in proportion, rounded up (rules A)."""
        return -(-self.power_w * rack_units // self.rack_units) if self.rack_units else 0
