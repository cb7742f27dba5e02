"""A plain map as SVG: the spine in one layer of colours, with title, legend, scale bar, date and the illustrative label.

Nothing but the file itself is needed to view it. What a layer shows: `map_styles.py`. A crowded centre is drawn again,
enlarged. A span is drawn along its route where that is known, else straight.
The same inputs give the same text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import wrap
from typing import Any

from topology.maps.context import Context
from topology.maps.drawing import INSET, MAIN, draw_panel, frame, head, legend, lettering, outlined, scale_bar
from topology.maps.layout import View, crowded, extent, on_ground
from topology.maps.styles import GREY, Layer, award_layer, plain_layer, spare_layer
from topology.model import Network
from topology.offer import Offer


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
    lines = [*head(title or network.name or network.id or "Network", layer.heading, layer.on, network.illustrative)]
    if places:
        whole = extent(places.values())
        middle = crowded(places, whole)
        main = View(whole, MAIN)
        inside = {n for n, p in places.items() if middle is not None and middle.holds(p)}
        lines += draw_panel(network, main, places, layer.style, set(places) - inside, "main", (), layer.lost, context)
        lines += scale_bar(main, MAIN)
        if middle is not None:
            lines += frame(main, middle)
            view = View(middle, INSET)
            lines += draw_panel(network, view, places, layer.style, inside, "inset", (), layer.lost, context)
            lines += [outlined(INSET, GREY), *scale_bar(view, INSET)]
            legend_top = INSET.y + INSET.height + 40
    else:
        lines.append(lettering((60, 160), "There is no node to draw.", 16))
    lines += legend(layer.styles, legend_top, bool(layer.lost))
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
        yield lettering((20, 956 + (size + 2) * n), row, size)


def _layer_of(network: Network, offer: Offer | None, award: Mapping[str, Any] | None) -> Layer:
    if award is not None:
        return award_layer(network, award)
    if offer is not None:
        return spare_layer(network, pairs_of(offer), offer.on)
    return plain_layer(network)


def pairs_of(offer: Offer) -> dict[str, int]:
    """Spare pairs by span on the offer's first day."""
    return {row.id: row.pairs for row in reversed(offer.spans)}
