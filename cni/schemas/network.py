"""Forms of what is told of a network, and of requests held against it, in the notation of `cni.schemas.notation`."""

from __future__ import annotations

from typing import Any

from cni.schemas.parts import LEG, REASON

FINDINGS = [
    {
        "code": "text",
        "level": "level",
        "file": "text",
        "line": "count",
        "character": "count",
        "column": "text",
        "value": "text",
        "text": "text",
    }
]
ROOM = {"installed": "count", "reserved": "count", "live": "count", "offered": "count"}

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "cni.offer/1": (
        "what is spare, with the figures behind it",
        {
            "spans": [
                {
                    "id": "id",
                    "from": "date",
                    "installed": "count",
                    "own_use": "count",
                    "reserve": "count",
                    "maintenance_spare": "count",
                    "live": "count",
                    "offered": "count",
                    "pairs": "count",
                    "recalled": "count",
                    "technical": "count",
                    "set_aside": "count",
                    "sold": "count",
                    "returned": "count",
                    "changes": [{"what": "text", "circuit?": "id", "strands": "integer"}],
                    "stranded": ["id"],
                }
            ],
            "nodes": [{"id": "id", "from": "date", "rack_units": ROOM, "power_w": ROOM}],
        },
    ),
    "cni.check/1": ("findings about a network", {"findings": [{**FINDINGS[0], "fix": "text"}]}),
    "cni.request_check/1": (
        "findings about requests, and what each could be granted alone",
        {"findings": FINDINGS, "alone": [{"request": "id", "grantable": "count", "reasons": [REASON]}]},
    ),
    "cni.routes/1": (
        "routes between nodes, or why there are none",
        {
            "pairs": [
                {
                    "a": "id",
                    "b": "id",
                    "diversity": "text",
                    "routes": [LEG],
                    "total_km?": "any",
                    "exempt": [{"kind": "text", "id": "id"}],
                    "shared": [{"kind": "text", "id": "id"}],
                    "certificate?": {
                        "kind": "text",
                        "spans": ["id"],
                        "nodes": ["id"],
                        "risk_groups": ["id"],
                        "text": "text",
                        "lifts": [{"risk_groups": ["id"], "total_km": "three places"}],
                    },
                    "rechecked?": {"verdict": "text", "text": "text"},
                }
            ]
        },
    ),
}
