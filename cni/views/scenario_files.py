"""How scenario files and their comparison are shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cni.views.blocks import Block, Column, Fields, Heading, Para, Table, three_digits

PENCE = 100
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_BY_NAME, LONGEST_NAME = 3, 20
"""Above so many scenarios, or letters of an id, columns have letters, explained above the table, so that it fits a window of 80."""


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
    """Figures down, scenarios across; what no scenario has a figure for is left out, and of several what is 0 in all of them."""
    compare = document["compare"]
    names = compare["columns"]
    long = len(names) > MOST_BY_NAME or max(map(len, names)) > LONGEST_NAME
    lettered = long and len(names) <= len(LETTERS)
    titles = ["figure", *(LETTERS[: len(names)] if lettered else names)]
    rows = [
        (words(row), *(_value(row["figure"], value) for value in row["values"]))
        for row in compare["rows"]
        if any(value is not None for value in row["values"])
    ]
    nothing = [row[0] for row in rows if len(names) > 1 and set(row[1:]) == {"0"}]
    rows = [row for row in rows if row[0] not in nothing]
    yield Heading("Figures" if len(names) == 1 else "Side by side")
    if lettered:
        yield Fields(tuple(zip(LETTERS, names, strict=False)))
    yield Table(tuple(Column(title, n > 0) for n, title in enumerate(titles)), tuple(rows), deal=True)
    if nothing:
        yield Para(f"0 in each, left out: {', '.join(nothing)}.", "quiet")
    said = (
        "Protected: survive any one failure, after the changes, without the event. Minutes: over circuits, at rate x1."
    )
    yield Para(said, "quiet")
    for text in dict.fromkeys(s["left_out"]["text"] for s in document["scenarios"] if s["left_out"]):
        yield Para(text)


WORDS = {
    "circuits": "circuits",
    "circuits_down": "circuits down",
    "circuits_one_leg": "circuits on one leg",
    "circuits_restorable": "restorable",
    "members": "members",
    "members_hit": "members hit",
    "key_pairs": "key pairs",
    "key_pairs_lost": "key pairs lost",
    "key_pairs_protected": "key pairs protected",
    "singles_with_key_loss": "singles that part",
    "only_together": "only together",
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
        return f"{value // PENCE:,}" if value % PENCE == 0 else f"{value // PENCE:,}.{value % PENCE:02d}"
    if figure == "carbon_kg":
        whole, _, rest = value.partition(".")
        return f"{int(whole):,}" + (f".{rest}" if rest.strip("0") else "")
    if figure == "minutes_year":
        low, high = (three_digits(value[end]) for end in ("low", "high"))
        return low if low == high else f"{low} to {high}"
    if isinstance(value, dict):
        return str(value["low"]) if value["low"] == value["high"] else f"{value['low']} to {value['high']}"
    return str(value)
