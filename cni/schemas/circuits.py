"""Schemas of what is told of circuits, works and recalls, in the notation of `cni.schemas.notation`."""

from __future__ import annotations

from typing import Any

CIRCUIT_ROW = {
    "circuit": "id",
    "member": "id",
    "state": "text",
    "start": "date",
    "end?": "date",
    "a": "id",
    "b": "id",
    "legs": [["id"]],
    "node?": "id",
    "rack_units": "count",
    "power_w": "count",
    "origin": "text",
    "round?": "id",
    "request?": "id",
    "lit_on?": "date",
    "accept_by?": "text",
    "strands": [[["count"]]],
}

WORKS = {
    "works": "id",
    "state": "text",
    "version": "count",
    "from": "text",
    "to": "text",
    "spans": ["id"],
    "nodes": ["id"],
    "risk_groups": ["id"],
    "why": "text",
    "disclosure": "text",
    "for?": "id",
    "tell": [
        {
            "circuit": "id",
            "member": "id",
            "lost": ["count"],
            "stays": ["count"],
            "down": "flag",
            "both_legs": "flag",
            "asks": "flag",
            "agreed": "flag",
            "with": ["id"],
        }
    ],
    "refused": ["id"],
}

MEMBER = {
    "id": "id",
    "name": "text",
    "roles": ["text"],
    "group": "text",
    "member_from?": "date",
    "member_to?": "date",
}

FORMS: dict[str, tuple[str, Any]] = {
    "cni.circuits/1": (
        "circuits with their states on a day",
        {"disclosure": "text", "for?": "id", "circuits": [CIRCUIT_ROW]},
    ),
    "cni.circuit/1": (
        "one circuit with all that happened to it",
        {
            **CIRCUIT_ROW,
            "events": [{"kind": "text", "on": "date", "recorded_at": "text", "audit": "count", "body": "any"}],
            "next": "text",
            "replaces?": "id",
        },
    ),
    "cni.works/1": ("planned works, and who must be told", WORKS),
    "cni.works_list/1": ("all planned works", {"disclosure": "text", "works": [WORKS]}),
    "cni.recall/1": (
        "what a contributor takes back, who gives way and what is offered instead",
        {
            "span": "id",
            "strands": "count",
            "contributor": "id",
            "notice_days": "count",
            "spare": "count",
            "recorded": "flag",
            "affected": [
                {
                    "place": "count",
                    "circuit": "id",
                    "member": "id",
                    "state": "text",
                    "lit": "flag",
                    "ends": "date",
                    "end?": "date",
                    "diversity": "text",
                    "replacement?": {
                        "circuit": "id",
                        "legs": [["id"]],
                        "new_legs": ["count"],
                        "length_km": ["three places"],
                    },
                    "certificate?": "any",
                }
            ],
            "without_replacement": ["id"],
        },
    ),
    "cni.recalls/1": (
        "recalls on record",
        {
            "disclosure": "text",
            "for?": "id",
            "recalls": [
                {
                    "span": "id",
                    "contributor": "id",
                    "on": "date",
                    "strands": "count",
                    "circuits": [{"circuit": "id", "member": "id", "replacement?": "id"}],
                }
            ],
        },
    ),
    "cni.due/1": (
        "what falls due, and who must be told",
        {
            "disclosure": "text",
            "for?": "id",
            "due": [{"kind": "text", "circuit": "id", "member": "id", "by": "date", "text": "text", "warned": "flag"}],
            "tell": [{"member": "id", "circuits": ["id"]}],
        },
    ),
    "cni.members/1": (
        "the register with each member's standing on a day",
        {"members": [{**MEMBER, "standing": "text"}], "groups": [{"group": "id", "members": ["id"]}]},
    ),
    "cni.member/1": (
        "every version of one member",
        {"versions": [{**MEMBER, "version": "count", "audit": "count"}]},
    ),
}
