"""Forms of the results about what breaks and what to build, in the notation of `cni.schemas.notation`."""

from __future__ import annotations

from typing import Any

INTERVAL = {"low": "any", "high": "any"}
DOWNTIME = {"scale": "decimal", "unavailability": INTERVAL, "minutes_year": INTERVAL, "closed": "flag"}
CONCENTRATION = {"operators": "count", "held": "count", "hhi?": "decimal", "as_if_equal?": "decimal"}
CUT = {
    "disclosure?": "text",
    "left_out?": {"nodes": "count", "spans": "count", "circuits": "count", "text": "text"},
}
CARBON = {
    "kg": "three places",
    "without": "count",
    "sources": ["text"],
    "by_construction": [{"construction": "text", "metres": "count", "kg": "three places"}],
}

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "cni.fail/1": (
        "the effect of one event",
        {
            "event": {"spans": ["id"], "nodes": ["id"], "risk_groups": ["id"]},
            "circuits_down": ["id"],
            "circuits_one_leg": ["id"],
            "members_hit": ["id"],
            "key_pairs_lost": [["id"]],
            **CUT,
            "restorable": [{"circuit": "id", "legs": [["id"]]}],
            "restoration": {
                "rules": "text",
                "proof": "proof",
                "seed": "text",
                "order": ["id"],
                "classes": [
                    {
                        "class": "text",
                        "down": "count",
                        "alone": "count",
                        "restored": "count",
                        "bound": "count",
                        "greedy": "count",
                    }
                ],
            },
        },
    ),
    "cni.sweep/1": (
        "the effects of every single (and double) failure",
        {
            "events": [
                {
                    "event": ["text"],
                    "circuits_down": "count",
                    "members_hit": "count",
                    "key_pairs_lost": "count",
                    "only_together": "flag",
                }
            ],
            **CUT,
            "totals": {"singles": "count", "singles_with_key_loss": "count"},
        },
    ),
    "cni.availability/1": (
        "expected downtime of circuits, members and key pairs at three scales of the failure rates",
        {
            "circuits": [{"id": "id", **DOWNTIME}],
            "members": [{"id": "id", **DOWNTIME}],
            "key_pairs": [{"a": "id", "b": "id", **DOWNTIME}],
            "closed": "flag",
            **CUT,
            "defaults": "any",
            "credits?": {
                "rule": "text",
                "circuits": [
                    {
                        "id": "id",
                        "member": "id",
                        "scale": "decimal",
                        "annual_pence": "count",
                        "at_most_pence": "count",
                    }
                ],
                "members": [{"id": "id", "scale": "decimal", "at_most_pence": "count"}],
                "total": [{"scale": "decimal", "at_most_pence": "count"}],
            },
        },
    ),
    "cni.builds/1": (
        "the cheapest spans to build, with proof and why each is needed",
        {
            "level": "text",
            "proof": "build proof",
            "chosen": ["id"],
            "cost_pence": "count",
            "bound_pence": "count",
            "key_pairs_protected_before": {"low": "count", "high": "count"},
            "key_pairs_protected_after": {"low": "count", "high": "count"},
            "reasons": ["text"],
            "witness?": "any",
            "carbon": CARBON,
            **CUT,
            "alternatives?": [
                {
                    "chosen": ["id"],
                    "cost_pence": "count",
                    "bound_pence": "count",
                    "proof": "build proof",
                    "carbon": CARBON,
                }
            ],
            "goal?": "text",
            "budget_pence?": "count",
            "class?": {"members": ["id"], "size": "count", "weight": "count", "bound": "count"},
            "weighted_pairs?": {"value": "count", "bound": "count"},
            "requests?": {
                "of": "count",
                "before": {"low": "count", "high": "count"},
                "after": {"low": "count", "high": "count"},
                "granted": ["id"],
                "gained": ["id"],
            },
            "curve?": "any",
        },
    ),
    "cni.discs/1": (
        "what a disc of a radius can hit, wherever it lies",
        {
            "radius_km": "three places",
            "sets": "count",
            **CUT,
            "discs": [
                {
                    "lat": "decimal",
                    "lon": "decimal",
                    "spans": ["id"],
                    "nodes": ["id"],
                    "circuits": ["id"],
                    "members": ["id"],
                    "key_pairs": [["id"]],
                }
            ],
        },
    ),
    "cni.weak_points/1": (
        "bridges, cut nodes, parting risk groups, operators per node",
        {
            "bridges": "any",
            "cut_nodes": "any",
            "risk_groups": "any",
            "operators": [{"node": "id", "count": "count"}],
            "commercial": {
                "over_all": CONCENTRATION,
                "nodes": [{"node": "id", **CONCENTRATION}],
                "key_pairs": [{"a": "id", "b": "id", "at_both_ends": "count", **CONCENTRATION}],
                "contributors": [
                    {
                        "contributor": "id",
                        "spans": "count",
                        "metres": "count",
                        "circuits_down": ["id"],
                        "members_hit": ["id"],
                        "key_pairs_lost": "count",
                    }
                ],
                "circuits": [{"circuit": "id", "uses": ["id"], "needs": ["id"]}],
            },
            **CUT,
            "history?": [
                {
                    "on": "date",
                    "version": "count",
                    "spans": "count",
                    "bridges": "count",
                    "cut_nodes": "count",
                    "risk_groups": "count",
                    "nodes_without_operator": "count",
                    "nodes_with_one_operator": "count",
                    "key_pairs_with_circuit": "count",
                    "key_pairs": "count",
                    **CONCENTRATION,
                }
            ],
        },
    ),
}
