"""How scenario files and their comparison are shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cni.cli.blocks import Block, Column, Fields, Heading, Para, Table

PENCE = 100
NARROW_FROM = 4
"""From so many scenarios on, each is shown as a record where the window is narrow."""


def run_view(document: dict[str, Any]) -> Iterator[Block]:
    """Each scenario with its event and changes, then all side by side."""
    for scenario in document["scenarios"]:
        yield Heading(f"{scenario['name'] or scenario['id']}, {scenario['on']}")
        if scenario["text"]:
            yield Para(scenario["text"])
        yield Fields(tuple(_about(scenario)))
    yield from compare_view(document)


def _about(scenario: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "scenario", scenario["id"]
    for change in scenario["changes"]:
        yield "change", change["text"]
    if scenario["event_text"]:
        yield "event", scenario["event_text"]
    if scenario["per_year"]:
        yield "how often", f"{scenario['per_year']['value']} a year ({scenario['per_year']['source']})"
    if scenario["repair_hours"]:
        yield "repaired in", f"{scenario['repair_hours']} hours"


def compare_view(document: dict[str, Any]) -> Iterator[Block]:
    """Figures down, scenarios across; what no scenario has a figure for is left out."""
    compare = document["compare"]
    titles = ["figure", *compare["columns"]]
    rows = [
        (words(row), *(_value(row["figure"], value) for value in row["values"]))
        for row in compare["rows"]
        if any(value is not None for value in row["values"])
    ]
    yield Heading("Figures" if len(compare["columns"]) == 1 else "Side by side")
    yield Table(tuple(Column(title, n > 0, n == 0) for n, title in enumerate(titles)), tuple(rows))
    yield Para("Protected: that survive any one failure, after the changes, without the event.", "quiet")


WORDS = {
    "circuits": "circuits",
    "circuits_down": "circuits down",
    "circuits_one_leg": "circuits on one leg",
    "circuits_restorable": "restorable over spare",
    "members": "members",
    "members_hit": "members hit",
    "key_pairs": "key pairs",
    "key_pairs_lost": "key pairs lost",
    "key_pairs_protected": "key pairs protected",
    "singles_with_key_loss": "single failures that part",
    "only_together": "doubles, only together",
    "minutes_year": "minutes down a year",
    "cost_pence": "cost, GBP",
    "carbon_kg": "carbon, kg CO2e",
}


def words(row: dict[str, Any]) -> str:
    """A figure as people say it."""
    return WORDS.get(str(row["figure"]), str(row["figure"]).replace("_", " "))


def _value(figure: str, value: Any) -> str:
    if value is None:
        return "-"
    if figure == "cost_pence":
        return f"{value // PENCE:,}.{value % PENCE:02d}"
    if figure == "minutes_year":
        low, high = (f"{value[end]:.3g}" for end in ("low", "high"))
        return low if low == high else f"{low} to {high}"
    if isinstance(value, dict):
        return str(value["low"]) if value["low"] == value["high"] else f"{value['low']} to {value['high']}"
    return str(value)
