"""Forms of connection reports and of moves of strands, in the notation of `cni.schemas.notation`."""

from __future__ import annotations

from typing import Any

from cni.schemas.parts import LEG

STRAND = {"number": "count", "tube": "count", "tube_colour": "text", "place": "count", "colour": "text"}
SPLICE = {"node": "id", "span_in": "id", "span_out": "id", "from": STRAND, "to": STRAND, "straight": "flag"}

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "cni.sheet/1": (
        "connection reports and splice schedules",
        {
            "network": "text",
            "node?": "id",
            "for?": "id",
            "disclosure": "text",
            "colours": {"code": "text", "sequence": ["text"], "strands_per_tube": "count"},
            "circuits": [
                {
                    "circuit": "id",
                    "member": "id",
                    "start": "date",
                    "end?": "date",
                    "recorded": "flag",
                    "legs": [
                        {
                            "leg": "count",
                            "a": "id",
                            "b": "id",
                            "nodes": ["id"],
                            "length_km": "three places",
                            "loss_db": {"1310": "three places", "1550": "three places"},
                            "placed": "flag",
                            "cross_splices": "count",
                            "not_neighbours": ["id"],
                            "spans": [
                                {
                                    "span": "id",
                                    "name": "text",
                                    "from": "id",
                                    "to": "id",
                                    "length_km": "three places",
                                    "fibre_count": "count",
                                    "strands": [STRAND],
                                }
                            ],
                            "ports": [{"node": "id", "span": "id", "ports": [{"port": "text", **STRAND}]}],
                            "splices": [SPLICE],
                        }
                    ],
                }
            ],
            "nodes": [
                {
                    "node": "id",
                    "name": "text",
                    "ports": [{"circuit": "id", "leg": "count", "span": "id", "port": "text", **STRAND}],
                    "splices": [{"circuit": "id", "leg": "count", **SPLICE}],
                }
            ],
            "unplaced": [{"circuit": "id", "leg": "count", "span": "id"}],
        },
    ),
    "cni.regroom/1": (
        "the fewest moves that free a continuous pair",
        {
            "a": "id",
            "b": "id",
            "route?": LEG,
            "free?": [{"span": "id", "strands": ["count"]}],
            "pairs?": [["count"]],
            "cross_splices?": "count",
            "proposals": [
                {
                    "goal": "text",
                    "pairs": [["count"]],
                    "cross_splices": "count",
                    "circuits": ["id"],
                    "splices": "count",
                    "cross_splices_of_moved": {"before": "count", "after": "count"},
                    "moves": [{"circuit": "id", "leg": "count", "span": "id", "before": ["count"], "after": ["count"]}],
                }
            ],
            "other_route?": "any",
            "certificate?": "any",
        },
    ),
}
