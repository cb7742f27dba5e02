"""A scenario as a value: what it starts from, what changes, what fails, and what is asked. `files` reads it from TOML."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from topology.canonical import digest_of
from topology.model import Leg

SCHEMA = "cni.scenario/1"
CIRCUITS = "circuits"
"""What `availability` may say instead of true: circuits and members only, whose figures take no time."""

ASSUMPTIONS = ("worst_case", "impact", "response", "recovery", "confidence")
"""The sentences that a risk register asks of its author; no figure depends on them."""


@dataclass(frozen=True, slots=True)
class Area:
    """A circle: degrees WGS84, radius in km."""

    lat: Decimal
    lon: Decimal
    km: Decimal


@dataclass(frozen=True, slots=True)
class Happening:
    """What fails together, by name; `polygons` are GeoJSON files, from the scenario's folder.

    `per_year`: how often it is reckoned to happen, with its source; `repair_hours`: how long it lasts. They are carried for
    reports, no figure is made of them.
    """

    spans: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    risk_groups: tuple[str, ...] = ()
    contributors: tuple[str, ...] = ()
    areas: tuple[Area, ...] = ()
    polygons: tuple[str, ...] = ()
    per_year: Decimal | None = None
    rate_source: str = ""
    repair_hours: Decimal | None = None

    @property
    def names_something(self) -> bool:
        """Whether anything fails at all."""
        return bool(self.spans or self.nodes or self.risk_groups or self.contributors or self.areas or self.polygons)


@dataclass(frozen=True, slots=True)
class Taken:
    """Strands of a span that its contributor takes back on the scenario's date."""

    span: str
    strands: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A circuit over other legs."""

    circuit: str
    legs: tuple[Leg, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What is otherwise than in the base. `candidates` come with `build`, or with `level`, `budget` or both.

    `budget`: pence; `goal`: class or pairs. `weights` and `carbon` are files as `cni scenario build` takes them.
    """

    candidates: str = ""
    build: tuple[str, ...] = ()
    level: str = ""
    budget: int | None = None
    goal: str = ""
    weights: str = ""
    carbon: str = ""
    recalls: tuple[Taken, ...] = ()
    withdraw: tuple[str, ...] = ()
    moves: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is computed beside the figures that every scenario has. `sweep`: 0, or the order of the failures listed.

    `availability`: False, True, or `CIRCUITS`.
    """

    sweep: int = 0
    availability: bool | str = False
    weak_points: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario. Paths are as written: relative to `folder`, where its file lies.

    `places`: (table, key) -> line in the file, for messages.
    """

    id: str
    network: str
    name: str = ""
    text: str = ""
    circuits: str = ""
    on: date | None = None
    event: Happening = Happening()
    changes: Changes = Changes()
    ask: Asked = Asked()
    assumptions: tuple[tuple[str, str], ...] = ()
    file: str = field(default="", compare=False)
    folder: Path = field(default=Path(), compare=False)
    places: dict[tuple[str, str], int] = field(default_factory=dict, compare=False, repr=False)

    def line(self, table: str, key: str) -> int:
        """The line of a key in the file, 0 where it is not known."""
        return self.places.get((table, key), 0)

    @property
    def digest(self) -> str:
        """SHA-256 of the value: the order of keys and lists in the file and its comments do not count."""
        return digest_of(as_json(self))


def as_json(scenario: Scenario) -> dict[str, Any]:
    """The scenario with the tables and keys of its file; what is empty is left out."""
    event, changes, ask = scenario.event, scenario.changes, scenario.ask
    tables: dict[str, Any] = {
        "base": {
            "network": scenario.network,
            "circuits": scenario.circuits,
            "on": scenario.on.isoformat() if scenario.on else "",
        },
        "event": {
            "spans": list(event.spans),
            "nodes": list(event.nodes),
            "risk_groups": list(event.risk_groups),
            "contributors": list(event.contributors),
            "areas": [{"lat": str(a.lat), "lon": str(a.lon), "km": str(a.km)} for a in event.areas],
            "polygons": list(event.polygons),
            "per_year": _decimal(event.per_year),
            "rate_source": event.rate_source,
            "repair_hours": _decimal(event.repair_hours),
        },
        "changes": {
            "candidates": changes.candidates,
            "build": list(changes.build),
            "level": changes.level,
            "budget": None if changes.budget is None else f"{changes.budget // 100}.{changes.budget % 100:02d}",
            "goal": changes.goal,
            "weights": changes.weights,
            "carbon": changes.carbon,
            "recalls": [{"span": r.span, "strands": r.strands} for r in changes.recalls],
            "withdraw": list(changes.withdraw),
            "moves": [{"circuit": m.circuit, "legs": "|".join(map("+".join, m.legs))} for m in changes.moves],
        },
        "ask": {"sweep": ask.sweep, "availability": ask.availability, "weak_points": ask.weak_points},
        "assumptions": dict(scenario.assumptions),
    }
    full = {name: {k: v for k, v in table.items() if v or v is False} for name, table in tables.items()}
    about = {"id": scenario.id, "name": scenario.name, "text": scenario.text}
    return {
        "schema": SCHEMA,
        **{k: v for k, v in about.items() if v},
        **{name: table for name, table in full.items() if table},
    }


def _decimal(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"
