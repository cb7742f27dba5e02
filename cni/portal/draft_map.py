"""The spine as a small drawing that stands in a page, so that its script can mark the ways of a draft.

Each span and node has its id as `data-id`; looks are in `static/user.css`. It tells nothing that the table beside it does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from markupsafe import Markup, escape

from topology.maps.drawing import span_paths
from topology.maps.layout import Box, Ground, Point, View, extent, on_ground
from topology.model import Network, Node, Span

WIDTH = 1000.0
MARGIN = 20.0
WELL_KNOWN = ("data_centre", "exchange")
"""Types of nodes that are filled and named first."""

LABEL = "Map of the spine. The ways that are found for a request are marked on it; the table tells the same."


def draft_map(network: Network) -> Markup:
    """The drawing as SVG; an empty text where nothing can be drawn."""
    places = on_ground(network.nodes.values())
    if not places:
        return Markup("")
    whole = extent(places.values())
    height = WIDTH * whole.height / whole.width
    view = View(whole, Box(MARGIN, MARGIN, WIDTH - 2 * MARGIN, height - 2 * MARGIN))
    at = {name: view.at(place) for name, place in places.items()}
    head = Markup('<svg class="draft-map" viewBox="0 0 {} {}" role="img" aria-label="{}">')
    return Markup("\n").join(
        [
            head.format(f"{WIDTH:g}", f"{height:.0f}", LABEL),
            *_spans(network, view, at),
            *_nodes(network, at),
            Markup("</svg>"),
        ]
    )


def _spans(network: Network, view: View, at: Mapping[str, Point]) -> Iterator[Markup]:
    ways = span_paths(network, view, at, Ground.under(network.nodes.values()))
    for span in sorted(network.spans.values(), key=lambda s: s.id):
        line = Markup('<path data-id="{}" d="{}"><title>{}</title></path>')
        yield line.format(span.id, ways[span.id], _words(span))


def _words(span: Span) -> str:
    return f"{span.id}: {span.start} to {span.end}, {span.length_m / 1000:.1f} km"


def _nodes(network: Network, at: Mapping[str, Point]) -> Iterator[Markup]:
    for node in sorted(network.nodes.values(), key=lambda n: (n.type in WELL_KNOWN, n.id)):
        x, y = at[node.id]
        mark = Markup('<g data-id="{}"{} transform="translate({} {})"><circle r="4"><title>{}</title></circle>{}</g>')
        key = Markup(' class="key"') if node.type in WELL_KNOWN else Markup("")
        text = Markup('<text x="7" y="4">{}</text>').format(node.id)
        yield mark.format(node.id, key, f"{x:.1f}", f"{y:.1f}", escape(_name(node)), text)


def _name(node: Node) -> str:
    return f"{node.id} {node.name}".strip()
