"""A plain map as SVG: the spine in one layer of colours, with title, legend, scale bar, date and the illustrative label.

Nothing but the file itself is needed to view it. What a layer shows: `map_styles.py`. A crowded centre is drawn again,
enlarged. A span is drawn along its route where that is known, else straight.
The same inputs give the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import Any

from topology.map_context import Context, simplified
from topology.map_layout import Box, Ground, Point, View, bowed, crowded, extent, on_ground, place_labels, side_by_side
from topology.map_styles import GREY, INK, PAPER, RED, Layer, Style, award_layer, plain_layer, spare_layer
from topology.model import Network, Node, Position, Span
from topology.offer import Offer
from topology.page import page

WIDTH, HEIGHT = 1400, 1000
MAIN = Box(20, 90, 890, 850)
INSET = Box(930, 90, 450, 450)
OUTLINE = "#c4c4c4"
THINNER = 0.5  # of the widths, where there are many nodes
MANY_NODES = 150  # above, only key nodes are labelled
SHAPES = (
    ("data_centre", "data centre"),
    ("exchange", "exchange"),
    ("other", "other node"),
    ("key", "key node (filled)"),
    ("away", "not in service"),
)

Classify = Callable[[Span], Style]


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
    lines = [*_head(f"{marking.title}, {marking.on}", rows[0], "", network.illustrative)]
    lines += [_text((20, 70 + 20 * n), row, 16) for n, row in enumerate(rows[1:], 1)]
    panel = Box(MAIN.x, MAIN.y + 20 * (len(rows) - 1), MAIN.width, MAIN.height - 20 * (len(rows) - 1))
    inset = Box(INSET.x, panel.y, INSET.width, INSET.height)
    top = inset.y + 20
    if places:
        whole = extent(places.values())
        middle = crowded(places, whole)
        inside = {n for n, p in places.items() if middle is not None and middle.holds(p)}
        main = View(whole, panel)
        lines += _marked_panel(network, main, places, marking, set(places) - inside, "main")
        lines += _scale_bar(main, panel)
        if middle is not None:
            left, up = main.at((middle.x, middle.y))
            side = middle.width * main.scale
            lines.append(_box(Box(left, up, side, side), INK, ' stroke-dasharray="4 3"'))
            lines.append(_text((inset.x + 8, inset.y - 6), "The dashed square, enlarged", 13))
            view = View(middle, inset)
            lines += _marked_panel(network, view, places, marking, inside, "inset")
            lines += [_box(inset, GREY), *_scale_bar(view, inset)]
            top = inset.y + inset.height + 40
    lines += _legend(marking.styles, top)
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
    yield from _panel(
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
    return disc + _text((x, y + 4), str(number), 11, weight="bold", anchor="middle", colour=PAPER)


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
            yield _text((x + 66, y), words, 14)
            y += 30
    room = max(1, int((HEIGHT - 12 - y) // 22))
    for number, span_id in enumerate(marking.numbered[:room], 1):
        yield _disc((x + 27, y - 5), number)
        yield _text((x + 66, y), marking.labels.get(span_id, span_id), 14)
        y += 22


def svg_map(
    network: Network,
    *,
    layer: Layer | None = None,
    offer: Offer | None = None,
    award: Mapping[str, Any] | None = None,
    title: str | None = None,
    context: Context | None = None,
) -> str:
    """The map as SVG text, in a `layer`; else with an `award` (`cni.award/1`) by what was granted, with an `offer` by spare."""
    layer = layer or _layer_of(network, offer, award)
    places = on_ground(network.nodes.values())
    legend_top = INSET.y + 20
    lines = [*_head(title or network.name or network.id or "Network", layer.heading, layer.on, network.illustrative)]
    if places:
        whole = extent(places.values())
        middle = crowded(places, whole)
        main = View(whole, MAIN)
        inside = {n for n, p in places.items() if middle is not None and middle.holds(p)}
        lines += _panel(network, main, places, layer.style, set(places) - inside, "main", (), layer.lost, context)
        lines += _scale_bar(main, MAIN)
        if middle is not None:
            lines += _frame(main, middle)
            view = View(middle, INSET)
            lines += _panel(network, view, places, layer.style, inside, "inset", (), layer.lost, context)
            lines += [_box(INSET, GREY), *_scale_bar(view, INSET)]
            legend_top = INSET.y + INSET.height + 40
    else:
        lines.append(_text((60, 160), "There is no node to draw.", 16))
    lines += _legend(layer.styles, legend_top)
    lines += _sources(sources(network, context))
    return "\n".join([*lines, "</svg>", ""])


def sources(network: Network, context: Context | None) -> str:
    """Whose the data and the outlines are, as it must stand on every map."""
    said = [f"Data: {network.licence}."] if network.licence else []
    return " ".join([*said, *([f"Outlines: {context.licence}"] if context else [])])


def _sources(words: str) -> Iterable[str]:
    """Licence lines below the map, whole, in a smaller type where they are long."""
    size = 11 if len(words) <= 4 * 140 else 7
    for n, row in enumerate(wrap(words, 140 * 11 // size)):
        yield _text((20, 956 + (size + 2) * n), row, size)


def _layer_of(network: Network, offer: Offer | None, award: Mapping[str, Any] | None) -> Layer:
    if award is not None:
        return award_layer(network, award)
    if offer is not None:
        return spare_layer(network, pairs_of(offer), offer.on)
    return plain_layer(network)


def pairs_of(offer: Offer) -> dict[str, int]:
    """Spare pairs by span on the offer's first day."""
    return {row.id: row.pairs for row in reversed(offer.spans)}


def _head(title: str, heading: str, on: str, illustrative: bool) -> Iterable[str]:
    size = 26 if len(title) <= 70 else max(11, 26 * 70 // len(title))
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    yield f'  font-family="DejaVu Sans, Verdana, Arial, sans-serif" fill="{INK}" role="img" aria-labelledby="title">'
    yield f'<title id="title">{escape(title)}: {escape(heading)}</title>'
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>'
    yield _text((20, 42), title, size, weight="bold")
    yield _text((20, 70), f"{heading}{f', {on}' if on else ''}", 16)
    if illustrative:
        yield f'<rect x="{WIDTH - 204}" y="54" width="184" height="26" fill="{INK}"/>'
        yield _text((WIDTH - 112, 73), "ILLUSTRATIVE", 16, weight="bold", anchor="middle", colour=PAPER)


def _text(
    at: Point, text: str, size: float, *, weight: str = "", anchor: str = "", colour: str = "", halo: bool = False
) -> str:
    more = f' font-weight="{weight}"' if weight else ""
    more += f' text-anchor="{anchor}"' if anchor else ""
    more += f' fill="{colour}"' if colour else ""
    more += f' stroke="{PAPER}" stroke-width="3" paint-order="stroke" stroke-linejoin="round"' if halo else ""
    return f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" font-size="{size:g}"{more}>{escape(text)}</text>'


def _box(box: Box, colour: str, extra: str = "") -> str:
    return (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" '
        f'fill="none" stroke="{colour}" stroke-width="1.5"{extra}/>'
    )


def _frame(view: View, middle: Box) -> Iterable[str]:
    """The outline, on the main map, of what is enlarged, and the words that say so."""
    left, top = view.at((middle.x, middle.y))
    side = middle.width * view.scale
    yield _box(Box(left, top, side, side), INK, ' stroke-dasharray="4 3"')
    yield _text((INSET.x + 8, INSET.y - 6), "The dashed square, enlarged", 13)


def _panel(
    network: Network,
    view: View,
    places: Mapping[str, Point],
    style_of: Classify,
    labelled: set[str],
    name: str,
    pointed: Iterable[str] = (),
    lost: Iterable[str] = (),
    context: Context | None = None,
) -> Iterable[str]:
    """One window on the map. `pointed`: nodes that are labelled before all others; `lost`: those that are crossed out."""
    panel, first = view.panel, set(pointed)
    yield f'<clipPath id="{name}"><rect x="{panel.x}" y="{panel.y}" width="{panel.width}" height="{panel.height}"/></clipPath>'
    yield f'<g clip-path="url(#{name})">'
    at = {n: view.at(p) for n, p in places.items()}
    ground = Ground.under(network.nodes.values())
    if context is not None:
        path = "".join(outline(line, ground, view) for line in context.lines)
        yield f'<path d="{path}" fill="none" stroke="{OUTLINE}" stroke-width="1"/>'
    ways = span_paths(network, view, at, ground)
    thin = THINNER if len(network.nodes) > MANY_NODES else 1.0
    for span in sorted(network.spans.values(), key=lambda s: (style_of(s).width, s.id)):
        yield _line(span, style_of(span), ways[span.id], thin)
    yield "</g>"
    seen = {n: p for n, p in at.items() if panel.holds(p)}
    wanted = [n for n in seen if n in first or (n in labelled and (network.nodes[n].key or len(seen) <= MANY_NODES))]
    wanted.sort(key=lambda n: (n not in first, not network.nodes[n].key, n))
    crowd = [network.nodes[n] for n in sorted(seen) if not network.nodes[n].key]
    yield from (_mark(node, at[node.id], thin) for node in crowd)
    size = 12.0 if len(wanted) <= 80 else 9.0
    texts = {n: n if len(n) <= 14 else n[:13] + "…" for n in wanted}
    marks = seen if thin == 1.0 else {n: seen[n] for n in wanted}  # among many small marks a label may lie on some
    for label, place in place_labels(marks, wanted, texts, size, panel).items():
        weight = "bold" if network.nodes[label].key else ""
        yield _text(place, texts[label], size, weight=weight, halo=True)
    yield from (_mark(network.nodes[n], at[n], 1.0) for n in sorted(seen) if network.nodes[n].key)
    for name in sorted(set(lost) & seen.keys()):
        yield _cross(at[name])


def _line(span: Span, style: Style, path: str, thin: float) -> str:
    dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
    words = f"{span.id} {span.name}: {span.start} to {span.end}, {span.length_m / 1000:.3f} km, {style.words}"
    return (
        f'<path d="{path}" fill="none" stroke="{style.colour}" stroke-width="{style.width * thin:g}"{dash}>'
        f"<title>{escape(words)}</title></path>"
    )


def span_paths(network: Network, view: View, at: Mapping[str, Point], ground: Ground) -> dict[str, str]:
    """Span id -> its line as SVG path data: along its route where that is known, else straight; parallel ones side by side."""
    beside = side_by_side(network)
    return {
        s.id: outline(s.route, ground, view) if s.route else _straight(at[s.start], at[s.end], beside[s.id])
        for s in network.spans.values()
    }


def _straight(a: Point, b: Point, beside: float) -> str:
    if not beside:
        return f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}"
    x, y = bowed(a, b, beside * 24)  # a curve passes half as far from the line as its control point
    return f"M{a[0]:.1f} {a[1]:.1f}Q{x:.1f} {y:.1f} {b[0]:.1f} {b[1]:.1f}"


def outline(line: Iterable[Position], ground: Ground, view: View) -> str:
    """A line on the ground as SVG path data, to half a pixel; nothing where it lies outside the panel."""
    points = [view.at(ground.at(p)) for p in line]
    panel = view.panel
    box = Box(min(x for x, _ in points), min(y for _, y in points), 0, 0)
    size = max(x for x, _ in points) - box.x, max(y for _, y in points) - box.y
    if not Box(box.x - 1, box.y - 1, size[0] + 2, size[1] + 2).meets(panel):
        return ""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in simplified(points, 0.5))


def _cross(at: Point) -> str:
    x, y = at
    return f'<path d="M{x - 8:.1f} {y - 8:.1f}l16 16m0 -16l-16 16" stroke="{RED}" stroke-width="3" fill="none"/>'


def _mark(node: Node, at: Point, thin: float) -> str:
    kind = node.type if node.type in ("data_centre", "exchange") else "other"
    mark = shape(kind, at, node.key, node.in_service)
    x, y = at
    small = "" if thin == 1.0 else f' transform="translate({x * (1 - thin):.1f} {y * (1 - thin):.1f}) scale({thin:g})"'
    return f"<g{small}>{mark}<title>{escape(f'{node.id} {node.name}')}</title></g>"


def shape(kind: str, at: Point, key: bool, in_service: bool = True) -> str:
    """The mark of a kind of node."""
    x, y = at
    fill = INK if key else PAPER
    dash = "" if in_service else ' stroke-dasharray="2 2"'
    look = f'fill="{fill}" stroke="{INK}" stroke-width="1.6"{dash}'
    if kind == "data_centre":
        return f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" {look}/>'
    if kind == "exchange":
        return f'<path d="M{x:.1f} {y - 6.5:.1f}l6.5 6.5l-6.5 6.5l-6.5 -6.5z" {look}/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{5 if key else 4}" {look}/>'


def _scale_bar(view: View, panel: Box) -> Iterable[str]:
    """A bar of a round length, at most a quarter of the panel wide."""
    longest = panel.width / 4 / view.scale
    metres = max(m for e in range(8) for m in (10**e, 2 * 10**e, 5 * 10**e) if m <= max(longest, 1))
    width = metres * view.scale
    x, y = panel.x + 14, panel.y + panel.height - 14
    yield f'<path d="M{x:.1f} {y - 6:.1f}v6h{width:.1f}v-6" fill="none" stroke="{INK}" stroke-width="2"/>'
    words = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
    yield _text((x + width + 6, y), words, 13, halo=True)


def _legend(styles: tuple[Style, ...], top: float) -> Iterable[str]:
    x = INSET.x + 8
    yield _text((x, top), "Legend", 16, weight="bold")
    y = top
    for style in styles:
        y += 26
        dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
        line = f'<path d="M{x:.1f} {y - 5:.1f}h54" stroke="{style.colour}" stroke-width="{style.width:g}"{dash}/>'
        yield line
        yield _text((x + 66, y), style.words, 14)
    y += 10
    for kind, words in SHAPES:
        y += 26
        yield shape(kind, (x + 27, y - 5), kind == "key", kind != "away")
        yield _text((x + 66, y), words, 14)
