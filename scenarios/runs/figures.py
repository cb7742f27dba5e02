"""The figures of a scenario, and the table that sets several scenarios side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from scenarios.builds.surviving import conditions, unprotected
from scenarios.failures.events import on_service
from scenarios.runs.changes import Changed
from scenarios.runs.loading import Loaded

FIGURES: tuple[tuple[str, str, str], ...] = (
    ("circuits", "circuits", "circuits that hold on the date, before the changes"),
    ("circuits_down", "circuits", "down by the event, or without a leg by the changes"),
    ("circuits_one_leg", "circuits", "with one of two legs left"),
    ("circuits_restorable", "circuits", "that spare could bring back after the event (rules I)"),
    ("members", "members", "that hold a circuit"),
    ("members_hit", "members", "with a circuit down"),
    ("key_pairs", "key pairs", "pairs of key nodes"),
    ("key_pairs_lost", "key pairs", "parted by the event"),
    ("key_pairs_protected", "key pairs", "that survive any one failure of a span, node or risk group"),
    ("singles_with_key_loss", "failures", "single failures that part key pairs"),
    ("only_together", "failures", "double failures that part more than the worse of the two alone"),
    ("minutes_year", "minutes a year", "expected downtime, summed over circuits, at rate x1"),
    ("cost_pence", "pence", "cost of what is built"),
    ("carbon_kg", "kg CO2e", "embodied carbon of what is built, where a figure is given"),
)
"""Every figure: key, unit, and what it counts, in the order in which tables show them."""


def figures_of(loaded: Loaded, changed: Changed, parts: Mapping[str, Any]) -> dict[str, Any]:
    """The figures by key. `parts`: the documents fail, sweep and availability, and the totals of the single failures.

    Counts are of the network after the changes; those of an event are of the event on that network. None where a figure was
    not asked for. Key pairs are protected, and failures swept, without the event.
    """
    fail, sweep, availability = parts["fail"], parts["sweep"], parts["availability"]
    here, _ = on_service(changed.network, (), loaded.on)
    pairs = len(here.key_nodes) * (len(here.key_nodes) - 1) // 2
    safe = pairs - len(unprotected(conditions(here, ()), ()))
    live = [c for c in loaded.circuits if c.holds_on(loaded.on)]
    down = {c.id for c in changed.lost} | set(fail["circuits_down"] if fail else ())
    one_leg = (set(changed.fallen) | set(fail["circuits_one_leg"] if fail else ())) - down
    return {
        "circuits": len(live),
        "circuits_down": len(down),
        "circuits_one_leg": len(one_leg),
        "circuits_restorable": len(fail["restorable"]) if fail else 0,
        "members": len({c.member for c in live}),
        "members_hit": len({c.member for c in changed.lost} | set(fail["members_hit"] if fail else ())),
        "key_pairs": pairs,
        "key_pairs_lost": len(fail["key_pairs_lost"]) if fail else 0,
        "key_pairs_protected": {"low": safe, "high": safe},
        "singles_with_key_loss": parts["singles"]["singles_with_key_loss"],
        "only_together": sweep["totals"]["only_together"] if sweep and loaded.scenario.ask.sweep == 2 else None,
        "minutes_year": minutes(availability["circuits"]) if availability else None,
        "cost_pence": changed.cost_pence,
        "carbon_kg": changed.carbon_kg,
    }


def minutes(circuits: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Minutes a year over circuits at scale 1, in the order of ids, so that the sum is the same everywhere."""
    rows = [c["minutes_year"] for c in circuits if c["scale"] == "1"]
    return {end: float(sum(row[end] for row in rows)) for end in ("low", "high")}


def compared(scenarios: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Figures down, scenarios across."""
    across = list(scenarios)
    rows = [
        {"figure": key, "unit": unit, "text": text, "values": [s["figures"][key] for s in across]}
        for key, unit, text in FIGURES
    ]
    return {"columns": [s["id"] for s in across], "rows": rows}
