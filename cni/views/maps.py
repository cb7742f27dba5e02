"""Which layers of the map may be drawn for whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from topology.maps.styles import Layer
    from topology.model import Circuit, Network

AUDIENCES = {
    "spare": ("public", "member", "internal"),
    "owner": ("public", "member", "internal"),
    "risk": ("member", "internal"),
    "award": ("member", "internal"),
    "failure": ("internal",),
}
"""Who may see which layer. The public sees spare as bands, owners that consent; members see groups as codes."""


def plain_layers(
    whole: Network, shown: Network, circuits: Iterable[Circuit], on: date, audience: str
) -> dict[str, Layer]:
    """The layers that a network alone has figures for, by name; `shown` is what of the whole the audience may see."""
    from topology.maps.styles import owner_layer, risk_layer

    made = {"spare": _spare(whole, shown, circuits, on, audience), "owner": owner_layer(shown, on)}
    if audience in AUDIENCES["risk"]:
        made["risk"] = risk_layer(shown, on)
    return made


def _spare(whole: Network, shown: Network, circuits: Iterable[Circuit], on: date, audience: str) -> Layer:
    """Spare pairs; the public's are the bands of the cut network, which no circuit moves."""
    from topology.maps.plain import pairs_of
    from topology.maps.styles import spare_layer
    from topology.offer import make_offer

    public = audience == "public"
    offer = make_offer(shown, (), on) if public else make_offer(whole, tuple(circuits), on)
    pairs = pairs_of(offer)
    return spare_layer(shown, {s: pairs[s] for s in shown.spans if s in pairs}, on, not public)
