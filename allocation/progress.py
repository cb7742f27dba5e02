"""What a caller is told while a round is being solved."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One message: the stage, the least bound proved so far and the value found so far."""

    stage: str
    level: int
    bound: int
    found: int
