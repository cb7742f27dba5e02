"""When a round opens, closes, and may be appealed against: fixed in its notice, moved only by an override on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from topology.problems import Problems

APPEAL_DAYS, ACCEPT_DAYS, WAITING_DAYS = 10, 14, 365
"""Defaults in days; a policy's [calendar] or the round's own notice says otherwise."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Times are in UTC; None means that only a command opens or closes.

    `appeal_days` and `accept_days` run from publication, `waiting_days` too: until then an unmet request keeps its place.
    """

    opens: datetime | None = None
    gate: datetime | None = None
    appeal_days: int = APPEAL_DAYS
    accept_days: int = ACCEPT_DAYS
    waiting_days: int = WAITING_DAYS

    def is_past_gate(self, at: datetime) -> bool:
        """Whether the gate is closed by the clock; at the very moment of the gate it is not yet (rule A7)."""
        return self.gate is not None and at > self.gate

    def appeals_end(self, published: datetime) -> datetime:
        """Until when an award that was published then may be appealed against (exclusive)."""
        return published + timedelta(days=self.appeal_days)

    def accept_by(self, published: datetime) -> datetime:
        """Until when an offer that was published then may be accepted (exclusive)."""
        return published + timedelta(days=self.accept_days)

    def as_json(self) -> dict[str, Any]:
        """As in the notice."""
        return {
            "opens": _text(self.opens),
            "gate": _text(self.gate),
            "appeal_days": self.appeal_days,
            "accept_days": self.accept_days,
            "waiting_days": self.waiting_days,
        }

    def moved(self, changes: Mapping[str, Any]) -> Calendar:
        """The calendar after an override."""
        values: dict[str, Any] = {k: _time(v) if k in ("opens", "gate") else v for k, v in changes.items()}
        return replace(self, **values)


def calendar_from_json(value: Mapping[str, Any]) -> Calendar:
    """The calendar of a notice."""
    return Calendar().moved(value)


def check_calendar(calendar: Calendar) -> None:
    """Raise BadInput with everything that is wrong with a calendar."""
    found = Problems()
    if calendar.opens and calendar.gate and calendar.gate <= calendar.opens:
        found.add("the gate must be after the opening.", file="--gate", value=_text(calendar.gate) or "")
    for name in ("appeal_days", "accept_days", "waiting_days"):
        days = getattr(calendar, name)
        if not 0 <= days <= 3660:
            option = f"--{name.replace('_', '-')}"
            found.add("a count of days is from 0 to 3660.", file=option, value=str(days))
    found.raise_errors()


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
