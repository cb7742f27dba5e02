"""What of a scenario's result may be shown to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scenarios.changes import Changed
from scenarios.loading import Loaded


@dataclass(frozen=True, slots=True)
class Cut:
    """A scenario as an audience may see it."""

    loaded: Loaded
    changed: Changed
    audience: str = "internal"
    left_out: dict[str, Any] | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is left out."""
        return self.audience == "internal"

    def event_json(self) -> dict[str, Any] | None:
        """What fails, by id."""
        return None if self.loaded.event is None else self.loaded.event.as_json()

    def event_text(self) -> str:
        """What fails, in words."""
        named = self.loaded.scenario.event
        parts = [("span", named.spans), ("node", named.nodes), ("risk group", named.risk_groups)]
        said = [f"{what} {name}" for what, names in parts for name in names]
        said += [f"all that {name} owns" for name in named.contributors]
        said += [f"{a.km} km around {a.lat}, {a.lon}" for a in named.areas]
        return "; ".join([*said, *(f"the area of {name}" for name in named.polygons)])

    def changes_json(self) -> list[dict[str, Any]]:
        """What is otherwise."""
        return [
            {"kind": c.kind, "text": c.text, "spans": list(c.spans), "circuits": list(c.circuits)}
            for c in self.changed.changes
        ]

    def shown(self, key: str, document: dict[str, Any] | None) -> dict[str, Any] | None:
        """A document of the result."""
        return document


def cut_for(loaded: Loaded, changed: Changed, audience: str) -> Cut:
    """A scenario after its changes, cut for an audience."""
    return Cut(loaded, changed, audience)
