"""How connection reports and regroom proposals are shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cni.views.blocks import Block, Fields, Heading, Para, table


def strand_words(strand: dict[str, Any]) -> str:
    """`13 (tube 2 orange, 1 blue)`."""
    return f"{strand['number']} (tube {strand['tube']} {strand['tube_colour']}, {strand['place']} {strand['colour']})"


def sheet_view(document: dict[str, Any]) -> Iterator[Block]:
    """Each circuit with its strands and splices; with a node asked for, its ports and splices alone."""
    code = document["colours"]
    yield Para(f"Colours: {code['code']}, {code['strands_per_tube']} strands a tube; on {document['on']}.", "quiet")
    if document["node"]:
        for node in document["nodes"]:
            yield from _node(node)
        if not document["nodes"]:
            yield Para(f"No circuit ends at or passes {document['node']}.")
    else:
        for sheet in document["circuits"]:
            yield from _circuit(sheet)
        if document["disclosure"] == "member" and document["circuits"]:
            yield Para(ROUNDED, "quiet")
    for lack in document["unplaced"]:
        text = f"{lack['circuit']}, leg {lack['leg']}: no two strands of {lack['span']} are free for its whole term."
        yield Para(text, "bad")


ROUNDED = (
    "Lengths are those that members see: each span up to the next 100 m, and the loss from that. Award and invoice have "
    "the metres of the ways themselves."
)


def _circuit(sheet: dict[str, Any]) -> Iterator[Block]:
    yield Heading(f"Circuit {sheet['circuit']}")
    state = "as recorded" if sheet["recorded"] else "proposed, not yet recorded"
    yield Fields(
        (
            ("member", sheet["member"]),
            ("term", f"{sheet['start']} to {sheet['end'] or 'open'}"),
            ("strands", state),
        )
    )
    for leg in sheet["legs"]:
        loss = leg["loss_db"]
        yield Fields(
            (
                (f"leg {leg['leg']}", f"{leg['a']} to {leg['b']}, {leg['length_km']} km"),
                ("loss", f"1310 nm {loss['1310']} dB, 1550 nm {loss['1550']} dB"),
                ("splices", f"{len(leg['splices'])}, of them crossed {leg['cross_splices']}"),
                *((("split", " ".join(leg["not_neighbours"])),) if leg["not_neighbours"] else ()),
            )
        )
        if not leg["placed"]:
            continue
        rows = [(s["span"], s["from"], s["to"], *(strand_words(n) for n in s["strands"])) for s in leg["spans"]]
        yield table("span from to ~strand_A ~strand_B", rows)
        yield Heading(f"Ports and splices of leg {leg['leg']}, in the order of the way")
        yield table("at work span ~from span ~to", _work(leg))


def _work(leg: dict[str, Any]) -> list[tuple[object, ...]]:
    start, end = leg["ports"]
    rows: list[tuple[object, ...]] = [
        (start["node"], "port", "-", f"port {p['port']}", start["span"], strand_words(p)) for p in start["ports"]
    ]
    rows += [(s["node"], *_splice(s)) for s in leg["splices"]]
    return rows + [(end["node"], "port", end["span"], strand_words(p), "-", f"port {p['port']}") for p in end["ports"]]


def _splice(splice: dict[str, Any]) -> tuple[str, ...]:
    work = "straight" if splice["straight"] else "CROSSED"
    return work, splice["span_in"], strand_words(splice["from"]), splice["span_out"], strand_words(splice["to"])


def _node(node: dict[str, Any]) -> Iterator[Block]:
    yield Heading(f"Node {node['node']}, {node['name']}")
    rows: list[tuple[object, ...]] = [
        (f"{p['circuit']}/{p['leg']}", "port", p["span"], strand_words(p), "-", f"port {p['port']}")
        for p in node["ports"]
    ]
    rows += [(f"{s['circuit']}/{s['leg']}", *_splice(s)) for s in node["splices"]]
    yield table("circuit/leg work span ~from span ~to", rows)


GOALS = {"fewest_moves": "Fewest moves", "straight": "Fewest crossed splices"}


def regroom_view(document: dict[str, Any]) -> Iterator[Block]:
    """The route, what is free on it, and the moves that make a continuous pair of it."""
    yield Heading(f"A continuous pair from {document['a']} to {document['b']}")
    if document["route"] is None:
        yield Para(f"No route has a spare pair on every span. {document['certificate']['text']}", "bad")
        return
    route = document["route"]
    spans = " ".join(route["spans"])
    yield Fields((("route", f"{route['length_km']} km"), ("  nodes", " ".join(route["nodes"])), ("  spans", spans)))
    yield table("span ~free", [(f["span"], ranges(f["strands"])) for f in document["free"]])
    if document["pairs"]:
        crossed = f"; crossed splices: {document['cross_splices']}" if document["cross_splices"] else ""
        yield Para(f"Nothing need move: {_pairs(route['spans'], document['pairs'])}{crossed}.", "good")
    for proposal in document["proposals"]:
        moved = " ".join(proposal["circuits"])
        yield Heading(f"{GOALS[proposal['goal']]}: {moved}")
        rows = [(m["circuit"], m["leg"], m["span"], _dash(m["before"]), _dash(m["after"])) for m in proposal["moves"]]
        yield table("circuit >leg span from to", rows)
        moved_crossed = proposal["cross_splices_of_moved"]
        yield Para(
            f"Splices made anew: {proposal['splices']}; crossed ones of what moves: {moved_crossed['before']} before, "
            f"{moved_crossed['after']} after. Then: {_pairs(route['spans'], proposal['pairs'])}; crossed splices: "
            f"{proposal['cross_splices']}."
        )
    if not document["proposals"] and not document["pairs"]:
        yield Para("No moves within the spans free a continuous pair on this route.", "bad")
    other = document["other_route"]
    if other:
        yield Para(f"Without moves: {other['length_km']} km by {' '.join(other['spans'])}.")


def _dash(pair: list[int]) -> str:
    return "-".join(map(str, pair))


def _pairs(spans: list[str], pairs: list[list[int]]) -> str:
    return ", ".join(f"{s} {_dash(p)}" for s, p in zip(spans, pairs, strict=True))


def ranges(numbers: list[int]) -> str:
    """Rising numbers as `1-4 7`.

    >>> ranges([1, 2, 3, 7])
    '1-3 7'
    """
    parts: list[list[int]] = []
    for n in numbers:
        if parts and parts[-1][-1] == n - 1:
            parts[-1] = [parts[-1][0], n]
        else:
            parts.append([n])
    return " ".join("-".join(map(str, p)) for p in parts)
