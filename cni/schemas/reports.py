"""Forms of the results of scenario files, in the notation of `cni.schemas.notation`."""

from __future__ import annotations

from typing import Any

FIGURE_NAMES = ("circuits", "circuits_down", "circuits_one_leg", "circuits_restorable", "members", "members_hit")
PAIR_NAMES = ("key_pairs", "key_pairs_lost", "singles_with_key_loss")
BOUNDS = {"low": "any", "high": "any"}

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "cni.scenario_run/1": (
        "scenarios with their figures, and side by side",
        {
            "disclosure": "text",
            "illustrative": "flag",
            "scenarios": [
                {
                    "id": "id",
                    "name": "text",
                    "text": "text",
                    "file": "text",
                    "on": "date",
                    "event?": {"spans": ["id"], "nodes": ["id"], "risk_groups": ["id"]},
                    "event_text": "text",
                    "per_year?": {"value": "decimal", "source": "text"},
                    "repair_hours?": "decimal",
                    "changes": [{"kind": "text", "text": "text"}],
                    "assumptions": "any",
                    "figures": {
                        **dict.fromkeys((*FIGURE_NAMES, *PAIR_NAMES), "count"),
                        "key_pairs_protected": {"low": "count", "high": "count"},
                        "only_together?": "count",
                        "minutes_year?": BOUNDS,
                        "cost_pence?": "pence",
                        "carbon_kg?": "three places",
                    },
                    **dict.fromkeys(("fail?", "sweep?", "availability?", "weak_points?", "build?"), "any"),
                    "commands": "any",
                }
            ],
            "compare": {
                "columns": ["id"],
                "rows": [{"figure": "text", "unit": "text", "text": "text", "values": "any"}],
            },
        },
    ),
}
