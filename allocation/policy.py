"""The rule book as data: everything that a general meeting may vote on, with the defaults of interfaces.

Shares are exact decimals. Without a policy file the clauses of A6 are off and all else holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from topology.optics import Optics

TIES = ("lot", "rank", "metres")


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Days that the rule book gives, from whatever starts them. They decide no award; `cni/rounds` holds people to them."""

    appeal_days: int = 10  # from publication
    accept_days: int = 14  # from publication; an offer that is not accepted lapses
    waiting_days: int = 365  # from publication; until then an unmet request keeps its place
    light_days: int = 180  # from the start; a circuit that is not lit by then is called idle
    warn_days: int = 30  # before any of these dates a warning is due
    renewal_days: int = 90  # before the end; a renewal must be asked for by then
    recall_days: int = 180  # notice that a contributor gives
    works_days: int = 10  # notice of planned works


@dataclass(frozen=True, slots=True)
class Policy:
    """The clauses of one version of the rule book. None means "clause off"."""

    version: str = ""
    valid_from: date | None = None
    unit: str = "circuit"  # or "leg": what one fibre unit is
    count_live: bool = False
    cap_share: Decimal | None = None
    cap_floor_pairs: int = 0
    entrant_reserve_pairs: int | None = None
    tranche_share: Decimal | None = None
    ties: tuple[str, ...] = TIES
    block_max_pairs: int | None = None
    gate_closes: datetime | None = None
    terms_years: tuple[int, ...] | None = None
    optics: Optics = field(default_factory=Optics)
    deadlines: Deadlines = field(default_factory=Deadlines)
    fees: tuple[tuple[str, str], ...] = ()  # the [fees] table as text, kept whole for the pack; billing reads it
