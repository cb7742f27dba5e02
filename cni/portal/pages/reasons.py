"""Why a request got what it got, as every page shows it: the same for the member that asked and for whoever checks it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi.responses import Response

from cni.portal.asking import explained, pack_of_request, parts_of
from cni.portal.desk import Desk
from cni.portal.pages.shown import Part, plain
from cni.portal.visitors import Visitor
from cni.views.blocks import Block, Heading, Para, table
from cni.views.explanation import explain_view, holders, marking, room_words
from topology.maps.marking import marked_map

Document = dict[str, Any]
BINDS, WHY = "Where it binds (marked #)", "Why not more"
"""Sections of `explain_view` that a page shows as tables: the drawing is for a terminal, and the map stands beside it."""


def reason_parts(found: Document) -> list[Part]:
    """The explanation section by section, but for its first paragraph, which is the lead."""
    parts: list[Part] = []
    for block in plain(explain_view(found))[1:]:
        if isinstance(block, Heading):
            parts.append(Part(block.text))
        else:
            parts = parts or [Part()]
            parts[-1] = replace(parts[-1], blocks=[*parts[-1].blocks, block])
    return [_as_table(part, found) for part in parts]


def map_values(found: Document, address: str) -> dict[str, str]:
    """What `reason.html` needs to show the map that is at an address; room in a rack has none."""
    return {
        "map": f"{address}/map.svg" if found["a"] else "",
        "alt": f"Map of request {found['request']}. {found['summary']}",
    }


def reason_map(desk: Desk, visitor: Visitor, round_id: str, request_id: str) -> Response:
    """The map (SVG): what was granted, and where it binds. Raises Refusal for a request that the round did not decide."""
    found, pack = explained(desk, visitor, round_id, request_id), pack_of_request(desk, visitor, round_id, request_id)
    network = parts_of(desk, pack).network
    groups = {
        g: tuple(name for kind, name in members if kind == "span") for g, members in network.members_of_group.items()
    }
    text = desk.kept(("marked", pack["digest"], request_id), lambda _: marked_map(network, marking(found, groups)))
    return Response(text, media_type="image/svg+xml")


def _as_table(part: Part, found: Document) -> Part:
    if part.heading == BINDS:
        return Part("Where it binds", _binding(found))
    if part.heading == WHY:
        rows = [(n, r["text"], r.get("clause") or "-", r["code"]) for n, r in enumerate(found["reasons"], 1)]
        return Part(WHY, [table("no ~reason ~rule code", rows)], {"code": "/explain/{}"})
    return part


def _binding(found: Document) -> list[Block]:
    """What binds, with its figures and who holds it."""
    blocks: list[Block] = []
    if spans := found["binding_spans"]:
        figures = [(s["offered"], s["granted"], s["left"], holders(s["held"], "pairs") or "-") for s in spans]
        places = [(s["span"], f"{s['start']} to {s['end']}", s["name"] or "-") for s in spans]
        rows = [(*place, *row) for place, row in zip(places, figures, strict=True)]
        blocks.append(table("span between ~name >offered >granted >left ~held_by", rows))
    if nodes := found["binding_nodes"]:
        rooms = [
            (n["node"], n["name"] or "-", "; ".join(room_words(n)) or "-", holders(n["held"], "rack_units") or "-")
            for n in nodes
        ]
        blocks.append(table("place ~name ~room ~held_by", rooms))
    if groups := found["risk_groups"]:
        blocks.append(Para(f"Every way passes these risks: {', '.join(groups)}."))
    return blocks
