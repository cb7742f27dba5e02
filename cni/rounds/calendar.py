"""When a round opens, closes, and may be appealed against: fixed in its notice, moved only by an override on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from allocation.policy import Deadlines
from topology.problems import bad_input

PLAIN = Deadlines()
MOVABLE = ("opens", "gate", "appeal_days", "accept_days", "waiting_days")


@dataclass(frozen=True, slots=True)
class Calendar:
    """Times are in UTC; None means that only a command opens or closes. The days run from publication."""

    opens: datetime | None = None
    gate: datetime | None = None
    appeal_days: int = PLAIN.appeal_days
    accept_days: int = PLAIN.accept_days
    waiting_days: int = PLAIN.waiting_days

    def __post_init__(self) -> None:
        """Raises BadInput where the gate is not after the opening."""
        if self.opens and self.gate and self.gate <= self.opens:
            said = f"the gate must be after the opening ({self.opens.isoformat()})."
            raise bad_input(said, file="--gate", value=self.gate.isoformat())

    def is_past_gate(self, at: datetime) -> bool:
        """Whether the gate is closed by the clock; at the very moment of the gate it is not yet (rule A7)."""
        return self.gate is not None and at > self.gate

    def appeals_end(self, published: datetime) -> datetime:
        """Until when an award that was published then may be appealed against (exclusive)."""
        return published + timedelta(days=self.appeal_days)

    def accept_by(self, published: datetime) -> datetime:
        """Until when an offer that was published then may be accepted (exclusive)."""
        return published + timedelta(days=self.accept_days)

    def waits_until(self, published: datetime) -> datetime:
        """Until when an unmet request keeps its place (exclusive)."""
        return published + timedelta(days=self.waiting_days)

    def as_json(self) -> dict[str, Any]:
        """As in the notice."""
        return {name: _plain(getattr(self, name)) for name in MOVABLE}

    def moved(self, changes: Mapping[str, Any]) -> Calendar:
        """The calendar with some of its keys as in `changes`. Raises BadInput where they do not fit together."""
        values: dict[str, Any] = {k: _time(v) if k in ("opens", "gate") else v for k, v in changes.items()}
        return replace(self, **values)


def calendar_of(deadlines: Deadlines, opens: datetime | None, gate: datetime | None) -> Calendar:
    """A new round's calendar. Raises BadInput where the gate is not after the opening."""
    return Calendar(opens, gate, deadlines.appeal_days, deadlines.accept_days, deadlines.waiting_days)


def _plain(value: datetime | int | None) -> str | int | None:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
