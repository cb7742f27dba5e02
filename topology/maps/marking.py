"""A map that points at things: spans in styles of their own, numbers on what binds, rings on ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from topology.maps.drawing import (
    HEIGHT,
    INSET,
    MAIN,
    SHAPES,
    draw_panel,
    head,
    legend,
    lettering,
    outlined,
    scale_bar,
)
from topology.maps.layout import Box, Point, View, bowed, crowded, extent, on_ground, side_by_side
from topology.maps.styles import GREY, INK, PAPER, RED, Style
from topology.model import Network
from topology.page import page


@dataclass(frozen=True, slots=True)
class Marking:
    """What a map points at: spans in styles of their own, some numbered, two ends ringed, nodes that are full."""

    title: str
    text: str  # a sentence or two below the title
    on: str
    styles: tuple[Style, ...]
    of_span: Mapping[str, Style]
    other: Style
    labels: Mapping[str, str]  # words in the legend for the spans that are numbered
    numbered: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    full: tuple[str, ...] = ()


def marked_map(network: Network, marking: Marking) -> str:
    """The map as SVG text with a marking: each class of spans has a width and dashes, what binds a number, an end a ring."""
    places = on_ground(network.nodes.values())
    rows = _wrapped(marking.text, 118)
    lines = [*head(f"{marking.title}, {marking.on}", rows[0], "", network.illustrative)]
    lines += [lettering((20, 70 + 20 * n), row, 16) for n, row in enumerate(rows[1:], 1)]
    panel = Box(MAIN.x, MAIN.y + 20 * (len(rows) - 1), MAIN.width, MAIN.height - 20 * (len(rows) - 1))
    inset = Box(INSET.x, panel.y, INSET.width, INSET.height)
    top = inset.y + 20
    if places:
        whole = extent(places.values())
        middle = crowded(places, whole)
        inside = {n for n, p in places.items() if middle is not None and middle.holds(p)}
        main = View(whole, panel)
        lines += _marked_panel(network, main, places, marking, set(places) - inside, "main")
        lines += scale_bar(main, panel)
        if middle is not None:
            left, up = main.at((middle.x, middle.y))
            side = middle.width * main.scale
            lines.append(outlined(Box(left, up, side, side), INK, ' stroke-dasharray="4 3"'))
            lines.append(lettering((inset.x + 8, inset.y - 6), "The dashed square, enlarged", 13))
            view = View(middle, inset)
            lines += _marked_panel(network, view, places, marking, inside, "inset")
            lines += [outlined(inset, GREY), *scale_bar(view, inset)]
            top = inset.y + inset.height + 40
    lines += legend(marking.styles, top)
    lines += _marking_legend(marking, top + 26 * (len(marking.styles) + len(SHAPES)) + 10)
    return "\n".join([*lines, "</svg>", ""])


def html_page(svg: str, title: str) -> str:
    """An SVG map as a page that refers to nothing outside itself and runs nothing."""
    return page(title, svg, "body{margin:0}svg{width:100%;height:auto}")


def _wrapped(text: str, width: int) -> list[str]:
    """Text in lines of at most so many letters, three at most."""
    rows = [""]
    for word in text.split():
        if len(rows[-1]) + len(word) + 1 > width and rows[-1]:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    return rows[:3] if len(rows) <= 3 else [*rows[:2], f"{rows[2]} …"]


def _marked_panel(
    network: Network, view: View, places: Mapping[str, Point], marking: Marking, labelled: set[str], name: str
) -> Iterable[str]:
    """A panel of the plain map in the marking's styles, then its numbers and rings on top."""
    pointed = {*marking.ends, *marking.full}
    pointed |= {end for s in marking.numbered for end in (network.spans[s].start, network.spans[s].end)}
    if name == "main":
        pointed &= labelled  # what is enlarged is labelled there
    yield from draw_panel(
        network, view, places, lambda s: marking.of_span.get(s.id, marking.other), labelled, name, pointed
    )
    at = {n: view.at(p) for n, p in places.items()}
    beside = side_by_side(network)
    for number, span_id in enumerate(marking.numbered, 1):
        span = network.spans[span_id]
        middle = bowed(at[span.start], at[span.end], beside[span_id] * 12)
        if view.panel.holds(middle) and (name != "main" or not {span.start, span.end}.isdisjoint(labelled)):
            yield _disc(middle, number)
    for node in (*marking.ends, *marking.full):
        if node in at and view.panel.holds(at[node]):
            yield _ring(at[node], node in marking.full)


def _disc(at: Point, number: int) -> str:
    """A numbered disc on a span that binds."""
    x, y = at
    disc = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="{INK}" stroke="{PAPER}" stroke-width="1.5"/>'
    return disc + lettering((x, y + 4), str(number), 11, weight="bold", anchor="middle", colour=PAPER)


def _ring(at: Point, full: bool) -> str:
    """A double ring for an end; a ring with a stroke through it for a node without room."""
    x, y = at
    inner = f"M{x - 9:.1f} {y + 9:.1f}l18 -18" if full else ""
    rings = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="12" fill="none" stroke="{INK}" stroke-width="2.2"/>'
    more = f'<path d="{inner}" stroke="{RED}" stroke-width="3" fill="none"/>' if full else ""
    return rings + more


def _marking_legend(marking: Marking, top: float) -> Iterable[str]:
    x, y = INSET.x + 8, top + 30
    for shown, full, words in ((marking.ends, False, "an end of the request"), (marking.full, True, "node that binds")):
        if shown:
            yield _ring((x + 27, y - 5), full)
            yield lettering((x + 66, y), words, 14)
            y += 30
    room = max(1, int((HEIGHT - 12 - y) // 22))
    for number, span_id in enumerate(marking.numbered[:room], 1):
        yield _disc((x + 27, y - 5), number)
        yield lettering((x + 66, y), marking.labels.get(span_id, span_id), 14)
        y += 22
