"""How one request of an award is explained: in words, as a small drawing, and on a map."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cni.views.award import UNITS, alternative_text
from cni.views.blocks import Block, Fields, Heading, Para
from topology.maps.marking import Marking
from topology.maps.styles import Style

CAUSE_ROUTE = Style("a route that was granted", "#0072b2", 5.0)
CAUSE_BINDING = Style("span that binds (numbered)", "#d55e00", 5.5, "9 4")
CAUSE_GROUP = Style("in the risk group that binds", "#e69f00", 4.2, "3 3")
OTHER = Style("other span", "#8a8a8a", 1.4)


def explain_view(document: dict[str, Any]) -> Iterator[Block]:
    """First one plain sentence; then the picture, the reasons with their figures, and what would have made it possible."""
    unit = UNITS.get(document["kind"], "units")
    head = f"{document['request']} of {document['member']}: {document['granted']} of {document['requested']} {unit}"
    yield Heading(head)
    yield Para(document["summary"])
    yield from _circuits(document)
    picture = drawing(document)
    if picture:
        yield Heading("Where it binds (marked #)")
        yield Fields(tuple(picture))
    if document["reasons"]:
        yield Heading("Why not more")
    for reason in document["reasons"]:
        yield Para(f"{reason['code']}: {reason['text']}", indent=2)
        if reason.get("clause"):
            yield Para(f"rule {reason['clause']}", "quiet", indent=4)
    if document["would_help"]:
        yield Heading("What would have made it possible")
        every = document["would_help"]
        rest = "that alone suffices" if len(every) == 1 else "together they suffice, and none can be left out"
        yield Para(f"{_together(every)}: {rest}.", indent=2)
    if document["alternative"]:
        yield Heading("Nearest thing that is free")
        yield Para(alternative_text(document["alternative"]), indent=2)
    elif document["reasons"]:
        yield Para("No nearer wish is free.", "quiet")


def _together(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _circuits(document: dict[str, Any]) -> Iterator[Block]:
    """What was granted: routes with km and dB, or room."""
    rows: list[tuple[str, str]] = []
    for number, circuit in enumerate(document["circuits"], 1):
        for k, leg in enumerate(circuit.get("legs", ()), 1):
            name = f"circuit {number}" + (f" leg {k}" if len(circuit["legs"]) > 1 else "")
            rows.append((name, f"{' '.join(leg['nodes'])} ({leg['length_km']} km, {leg['loss_db']} dB)"))
        if "node" in circuit:
            words = f"{circuit['rack_units']} U and {circuit['power_w']} W at {circuit['node']}"
            rows.append((f"room {number}", words))
    if rows:
        yield Heading("Granted")
        yield Fields(tuple(rows))


# -- the drawing ----------------------------------------------------------------------------------------------------


def drawing(document: dict[str, Any]) -> list[tuple[str, str]]:
    """From one end of the request to the other, only what binds in between: marks, and beside each its words."""
    spans, nodes, groups = document["binding_spans"], document["binding_nodes"], document["risk_groups"]
    if not (spans or nodes or groups):
        return []
    size = max(len(n) for n in (document["a"], document["b"], *(node["node"] for node in nodes)))

    def mark(sign: str, name: str = "") -> str:
        return f"  {name:>{size}} {sign}"

    if not document["b"]:
        return [line for node in nodes for line in _node_lines(node, mark)]
    lines: list[tuple[str, str]] = [_end(document, "a", mark), (mark(":"), "")]
    for group in groups:
        lines += [(mark("#"), f"risk group {group}: every way passes it"), (mark(":"), "")]
    for span in spans:
        lines += [(mark("#"), text) for text in _span_words(span)]
        lines.append((mark(":"), ""))
    for node in nodes:
        if node["node"] not in (document["a"], document["b"]):
            lines += [(mark("#", node["node"]), f"{node['name']}: every way passes it".lstrip(": ")), (mark(":"), "")]
    return [*lines, _end(document, "b", mark)]


Mark = Callable[..., str]


def _end(document: dict[str, Any], which: str, mark: Mark) -> tuple[str, str]:
    """One end of the request; marked as binding where it is the end itself that is not there."""
    bad = any(node["node"] == document[which] for node in document["binding_nodes"])
    words = "one end of the request" if which == "a" else "the other end"
    return mark("#" if bad else "o", document[which]), f"{words}: here it binds" if bad else words


STATE = {
    "no_route": "every way passes it",
    "no_diverse_route": "every way passes it",
    "member_cap": "the group's cap is reached",
    "entrant_reserve": "what is left is reserved for groups new to it",
    "tranche": "what is left is reserved for newcomers",
    "funding": "its funding admits others only",
}


def _span_words(span: dict[str, Any]) -> list[str]:
    """A span's ends, name and figures; what binds there beside lack of room; who holds it."""
    name = f"{span['span']} {span['start']} to {span['end']} {span['name']}".strip()
    figures = f"{span['offered']} offered, {span['granted']} granted, {span['left']} left"
    states = list(dict.fromkeys(STATE[code] for code in span["codes"] if code in STATE))
    return [
        name,
        "; ".join([figures, *states]),
        *([f"held by {holders(span['held'], 'pairs')}"] if span["held"] else []),
    ]


def holders(held: list[dict[str, Any]], unit: str) -> str:
    """`weft 2, heron 1`: the most first, members of a group with the group's name. `unit`: which figure of a row counts."""
    table: dict[str, int] = {}
    for row in held:
        name = row["member"] if row["member"] == row["group"] else f"{row['member']} (group {row['group']})"
        table[name] = table.get(name, 0) + row[unit]
    return ", ".join(f"{name} {amount}" for name, amount in sorted(table.items(), key=lambda x: (-x[1], x[0])))


def _node_lines(node: dict[str, Any], mark: Mark) -> Iterator[tuple[str, str]]:
    """A node that lacks room: its figures and who holds them."""
    yield mark("#", node["node"]), node["name"]
    for words in room_words(node):
        yield mark("#"), words
    if node["held"]:
        yield mark("#"), f"held by {holders(node['held'], 'rack_units')}"


def room_words(node: dict[str, Any]) -> Iterator[str]:
    """The figures of what a node lacks: rack units, power in watts."""
    for key, unit in (("rack_units", "U"), ("power_w", "W")):
        if f := node[key]:
            yield f"{f['offered']} {unit} offered, {f['granted']} granted, {f['left']} left"


# -- the map --------------------------------------------------------------------------------------------------------


def marking(document: dict[str, Any], spans_of_group: Mapping[str, tuple[str, ...]]) -> Marking:
    """What the map of an explanation marks: granted routes, binding spans with their figures, cuts, and the two ends."""
    styles: dict[str, Style] = {}
    for group in document["risk_groups"]:
        styles.update(dict.fromkeys(spans_of_group.get(group, ()), CAUSE_GROUP))
    for circuit in document["circuits"]:
        for leg in circuit.get("legs", ()):
            styles.update(dict.fromkeys(leg["spans"], CAUSE_ROUTE))
    styles.update({s["span"]: CAUSE_BINDING for s in document["binding_spans"]})
    used = [style for style in (CAUSE_ROUTE, CAUSE_BINDING, CAUSE_GROUP) if style in styles.values()]
    unit = UNITS.get(document["kind"], "units")
    return Marking(
        title=f"{document['request']} of {document['member']}: {document['granted']} of {document['requested']} {unit}",
        text=document["summary"],
        on=document["on"],
        styles=(*used, OTHER),
        of_span=styles,
        other=OTHER,
        labels={
            s["span"]: f"{s['span']} {s['start']} to {s['end']}: {s['offered']} offered, {s['left']} left"
            for s in document["binding_spans"]
        },
        numbered=tuple(s["span"] for s in document["binding_spans"]),
        ends=tuple(n for n in (document["a"], document["b"]) if n),
        full=tuple(n["node"] for n in document["binding_nodes"]),
    )
