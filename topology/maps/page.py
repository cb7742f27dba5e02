"""The map as one HTML page: the same drawing as the SVG, with pan, zoom, search, layers, a filtering legend and a table.

It makes no request (`page.py`). All layers stand in the page as classes of each span, so that the reader can choose; what an
audience may not see must not be in them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from topology.maps.context import Context
from topology.maps.drawing import LOST, MANY_NODES, SHAPES, cross, outline, shape, span_paths
from topology.maps.layout import Box, Ground, Point, View, extent, on_ground, short
from topology.maps.plain import sources
from topology.maps.styles import Layer, Style
from topology.model import Network, Node, Span
from topology.page import page

WIDTH = 1400.0
PARTS = Path(__file__).with_name("page_parts")


@dataclass(frozen=True, slots=True)
class MapParts:
    """What a map page is made of, for who serves its style and its script as files of their own."""

    title: str
    body: str
    style: str
    script: str


def map_page(
    network: Network, layers: Sequence[Layer], *, title: str | None = None, context: Context | None = None
) -> str:
    """The page, which opens with the first layer. Raises ValueError where no layer is given."""
    made = map_parts(network, layers, title=title, context=context)
    return page(made.title, made.body, made.style, made.script)


def map_parts(
    network: Network, layers: Sequence[Layer], *, title: str | None = None, context: Context | None = None
) -> MapParts:
    """The parts of the page. Raises ValueError where no layer is given."""
    if not layers:
        raise ValueError("a map needs at least one layer")
    name = title or network.name or network.id or "Network"
    style = (PARTS / "map.css").read_text(encoding="utf-8") + "".join(_rules(layers))
    script = (PARTS / "map.js").read_text(encoding="utf-8")
    body = "".join(
        (*_head(network, layers, name), *_drawing(network, layers, context), *_side(network, layers, context))
    )
    return MapParts(name, body, style, script)


def _rules(layers: Sequence[Layer]) -> Iterator[str]:
    for layer in layers:
        for place, style in enumerate(layer.styles):
            dash = f";stroke-dasharray:{style.dash.replace(' ', ',')}" if style.dash else ""
            look = f"{{stroke:{style.colour};stroke-width:calc(var(--w,1)*{style.width:g}px){dash}}}"
            yield f'[data-layer="{layer.key}"] .{layer.key}{place},.{layer.key}{place}.line{look}'


def _head(network: Network, layers: Sequence[Layer], name: str) -> Iterator[str]:
    label = '<span class="label">ILLUSTRATIVE</span>' if network.illustrative else ""
    yield f"<header><h1>{escape(name)}{label}</h1>"
    for n, layer in enumerate(layers):
        on = f", {layer.on}" if layer.on else ""
        yield f'<p data-of="{layer.key}"{" hidden" if n else ""}>{escape(layer.heading)}{on}</p>'
    yield "</header>\n"


def _drawing(network: Network, layers: Sequence[Layer], context: Context | None) -> Iterator[str]:
    places = on_ground(network.nodes.values())
    ground = Ground.under(network.nodes.values())
    whole = extent(places.values()) if places else Box(0, 0, 1000, 700)
    view = View(whole, Box(0, 0, WIDTH, WIDTH * whole.height / whole.width))
    at = {n: view.at(p) for n, p in places.items()}
    far = "far" if len(network.nodes) > MANY_NODES else ""
    words = "Map of the network. Arrow keys move it, plus and minus zoom, 0 shows all, slash searches."
    yield f'<main><svg id="map" class="{far}" data-layer="{layers[0].key}" data-metre="{view.scale:.9f}" tabindex="0" '
    yield f'viewBox="0 0 {WIDTH:g} {view.panel.height:.0f}" role="application" aria-label="{words}">\n'
    if context is not None:
        yield f'<path class="x" d="{"".join(outline(line, ground, view) for line in context.lines)}"/>\n'
    ways = span_paths(network, view, at, ground)
    yield "<g>\n"
    for span in sorted(network.spans.values(), key=lambda s: (layers[0].style(s).width, s.id)):
        yield _span(span, ways[span.id], layers)
    yield "</g>\n<g>\n"
    lost = {name for layer in layers for name in layer.lost}
    for node in sorted(network.nodes.values(), key=lambda n: (n.key, n.id)):
        yield _node(node, at[node.id], node.id in lost)
    yield "</g></svg>\n"
    yield '<div id="tools"><button id="in" aria-label="zoom in">+</button><button id="out" aria-label="zoom out">−</button>'
    yield '<button id="all" aria-label="show all">⤢</button></div>\n'
    yield '<div id="scale"><span id="bar"></span><span id="barwords"></span></div></main>\n'


def _span(span: Span, path: str, layers: Sequence[Layer]) -> str:
    classes = " ".join(f"{layer.key}{layer.of_span[span.id]}" for layer in layers)
    details = "".join(
        f' data-{layer.key}="{escape(layer.detail[span.id])}"' for layer in layers if span.id in layer.detail
    )
    words = f"{span.id} {span.name}".strip() + f": {span.start} to {span.end}, {span.length_m / 1000:.3f} km"
    words += f", {span.owner}" if span.owner else ""
    told = f"<title>{escape(words)}</title>"
    return f'<path data-id="{escape(span.id)}" class="s {classes}" d="{path}"{_groups(span)}{details}>{told}</path>\n'


def _groups(thing: Span | Node) -> str:
    return f' data-g="{escape(" ".join(thing.risk_groups))}"' if thing.risk_groups else ""


def _node(node: Node, at: Point, lost: bool) -> str:
    kinds = " ".join(k for k, yes in (("k", node.key), ("away", not node.in_service)) if yes)
    cross = '<path class="lost" d="M-8-8l16 16m0-16l-16 16"/>' if lost else ""
    kind = node.type.replace("_", " ")
    words = f"{node.id} {node.name}".strip() + (f", {kind}" if kind else "")
    x, y = at
    return (
        f'<g data-id="{escape(node.id)}" class="n {kinds}" data-x="{x:.1f}" data-y="{y:.1f}"{_groups(node)} '
        f'transform="translate({x:.1f} {y:.1f})"><title>{escape(words)}</title><g>{_mark(node)}{cross}'
        f'<text x="8" y="4">{escape(short(node.id))}</text></g></g>\n'
    )


def _mark(node: Node) -> str:
    if node.type == "data_centre":
        return '<path d="M-5-5h10v10h-10z"/>'
    return '<path d="M0-6.5l6.5 6.5l-6.5 6.5l-6.5-6.5z"/>' if node.type == "exchange" else '<circle r="4.5"/>'


def _side(network: Network, layers: Sequence[Layer], context: Context | None) -> Iterator[str]:
    yield '<aside><form id="search" role="search"><label>Find a node, span or risk group (key /)'
    yield '<input id="find" type="search" autocomplete="off" spellcheck="false"></label></form><ul id="results"></ul>\n'
    yield '<section id="card" aria-live="polite"></section>\n<label class="pick">Colours show <select id="layer" autocomplete="off">'
    yield "".join(f'<option value="{layer.key}">{escape(layer.heading)}</option>' for layer in layers)
    yield "</select></label>\n<h2>Legend</h2>\n"
    for n, layer in enumerate(layers):
        yield f'<ul class="key" data-of="{layer.key}"{" hidden" if n else ""}>'
        counts = Counter(layer.of_span.values())
        yield "".join(_entry(layer.key, i, style, counts[i]) for i, style in enumerate(layer.styles))
        yield LOST_ENTRY if layer.lost else ""
        yield "</ul>\n"
    yield '<ul class="marks">' + "".join(_shape_entry(kind, words) for kind, words in SHAPES) + "</ul>\n"
    shown = [("no-labels", "labels"), ("no-nodes", "nodes that are not key")]
    shown += [("no-outlines", "outlines")] if context else []
    boxes = (
        f'<li><label><input type="checkbox" checked autocomplete="off" data-hide="{c}"> {w}</label></li>'
        for c, w in shown
    )
    yield f'<h2 class="screen">Shown</h2><ul id="shown">{"".join(boxes)}</ul>\n'
    yield '<details id="table"><summary>All spans as a table</summary><table><thead><tr><th>span<th>what<th>colour</tr></thead>'
    yield '<tbody id="rows"></tbody></table></details></aside>\n'
    counted = f"{len(network.nodes)} nodes, {len(network.spans)} spans. Positions as given; scale true at the middle of the map."
    yield f"<footer>{counted} {escape(sources(network, context))}</footer>\n"


LOST_ENTRY = (
    f'<li class="lost-mark"><svg width="54" height="18" aria-hidden="true">{shape("other", (27, 9), False)}'
    f"{cross((27, 9))}</svg>{LOST}</li>"
)


def _entry(key: str, place: int, style: Style, count: int) -> str:
    line = f'<svg width="54" height="12" aria-hidden="true"><path class="line {key}{place}" d="M0 6h54"/></svg>'
    box = f'<input type="checkbox" checked autocomplete="off" data-class="{key}{place}">'
    return f'<li><label>{box}{line}<span><span class="w">{escape(style.words)}</span> ({count})</span></label></li>'


def _shape_entry(kind: str, words: str) -> str:
    drawn = shape(kind, (27, 8), kind == "key", kind != "away")
    return f'<li><svg width="54" height="16" aria-hidden="true">{drawn}</svg>{words}</li>'
