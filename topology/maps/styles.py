"""What a map can show of spans: layers, each with classes that differ in width or dash as well as in colour.

Colours are from the palette of Okabe and Ito, which people with colour-blindness tell apart; on paper without colour the
width and the dashes still say the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from topology.disclosure import BANDS
from topology.model import Network, Span

INK, PAPER, GREY = "#1a1a1a", "#ffffff", "#8a8a8a"
BLUE, SKY, ORANGE, RED, GREEN, PURPLE = "#0072b2", "#56b4e9", "#e69f00", "#d55e00", "#009e73", "#cc79a7"
LAYERS = ("spare", "owner", "risk", "award", "failure")


@dataclass(frozen=True, slots=True)
class Style:
    """How a class of spans is drawn, and its words in the legend."""

    words: str
    colour: str
    width: float
    dash: str = ""


PLAIN = Style("span", "#555555", 2.2)
SPARE = tuple(
    Style(words, *look)
    for (_, words), look in zip(
        BANDS, ((BLUE, 5.0, ""), (SKY, 3.6, ""), (ORANGE, 2.4, ""), (RED, 1.8, "5 3")), strict=True
    )
)
"""The bands of spare are those that the public sees, so that maps for all audiences have one legend."""
AWARD = (
    Style("4 pairs granted or more", BLUE, 5.0),
    Style("1 to 3 pairs granted", SKY, 3.2),
    Style("granted, and nothing is left", RED, 3.6, "7 3"),
    Style("nothing granted", GREY, 1.4),
)
RISK = (
    Style("shares a group with 4 spans or more", RED, 5.0),
    Style("shares a group with 1 to 3 spans", ORANGE, 3.4, "9 3"),
    Style("in a group of its own", SKY, 2.6),
    Style("no risk group recorded", INK, 1.4, "2 3"),
)
FAILURE = (
    Style("broken", RED, 5.0, "3 3"),
    Style("whole, carries a circuit that is down", ORANGE, 4.0, "10 3"),
    Style("whole, but cut off", PURPLE, 3.0, "2 3"),
    Style("works", BLUE, 1.8),
)
AWAY = Style("not in service", GREY, 1.2, "2 4")
OWNERS = tuple(
    Style("", colour, width, dash)
    for colour, width, dash in (
        (BLUE, 4.0, ""),
        (ORANGE, 3.2, "9 3"),
        (GREEN, 3.2, "3 3"),
        (PURPLE, 3.6, "12 3 3 3"),
        (RED, 2.0, ""),
        (INK, 2.0, "7 3"),
        (SKY, 2.4, "2 3"),
        ("#8c6d00", 2.0, "12 3 2 3"),
    )
)
OTHERS = Style("other owners", GREY, 1.6)


@dataclass(frozen=True)
class Layer:
    """One way to colour the spans. `of_span`: id -> place in `styles`; `detail`: what a card says more of a span."""

    key: str
    heading: str
    on: str
    styles: tuple[Style, ...]
    of_span: Mapping[str, int]
    detail: Mapping[str, str] = field(default_factory=dict)
    lost: Collection[str] = ()  # nodes that are crossed out

    def style(self, span: Span) -> Style:
        """How a span is drawn."""
        return self.styles[self.of_span[span.id]]


def _layer(
    key: str,
    heading: str,
    on: str,
    styles: tuple[Style, ...],
    network: Network,
    place: Callable[[Span], int | None],
    **more: Any,
) -> Layer:
    """A layer from the place of each span in service; the last style is for those that are not (None)."""
    last = len(styles)
    of_span = {s.id: last if (found := place(s)) is None else found for s in network.spans.values()}
    return Layer(key, heading, on, (*styles, AWAY), of_span, **more)


def plain_layer(network: Network) -> Layer:
    """Spans as they are: in service or not."""
    on = network.as_of.isoformat() if network.as_of else ""
    return _layer(
        "plain", "Spans and nodes", on, (PLAIN,), network, lambda s: 0 if s.status in ("", "operational") else None
    )


def spare_layer(network: Network, pairs: Mapping[str, int], on: date, exact: bool = True) -> Layer:
    """Spare pairs by span id, in bands; with `exact` a card tells the number, else the band only."""

    def place(span: Span) -> int | None:
        if not span.in_service(on):
            return None
        return next(i for i, (least, _) in enumerate(BANDS) if least <= max(0, pairs.get(span.id, 0)))

    detail = {s: f"{n} spare pair{'' if n == 1 else 's'}" for s, n in pairs.items()} if exact else {}
    return _layer("spare", "Spare pairs on each span", on.isoformat(), SPARE, network, place, detail=detail)


def owner_layer(network: Network, on: date) -> Layer:
    """The eight owners of most spans each in a look of their own, the others in one."""
    here = [s for s in network.spans.values() if s.in_service(on)]
    counts = Counter(s.owner or "no owner named" for s in here)
    first = sorted(counts, key=lambda o: (-counts[o], o))[: len(OWNERS)]
    styles = tuple(Style(o, s.colour, s.width, s.dash) for o, s in zip(first, OWNERS, strict=False))
    styles += (OTHERS,) if len(counts) > len(OWNERS) else ()
    at = {owner: i for i, owner in enumerate(first)}

    def place(span: Span) -> int | None:
        return at.get(span.owner or "no owner named", len(first)) if span.in_service(on) else None

    return _layer("owner", "Spans by owner", on.isoformat(), styles, network, place)


def risk_layer(network: Network, on: date) -> Layer:
    """How many other spans in service stand or fall with each, by the greatest of its risk groups."""
    here = {s.id: s for s in network.spans.values() if s.in_service(on)}
    held: Counter[str] = Counter(g for s in here.values() for g in s.risk_groups)

    def place(span: Span) -> int | None:
        if span.id not in here:
            return None
        if not span.risk_groups:
            return 3
        others = max(held[g] for g in span.risk_groups) - 1
        return 0 if others >= 4 else 1 if others else 2

    return _layer("risk", "Recorded shared risk of each span", on.isoformat(), RISK, network, place)


def award_layer(network: Network, award: Mapping[str, Any]) -> Layer:
    """Pairs granted, from a `cni.award/1` document."""
    rows = {row["span"]: row for row in award["spans"]}

    def place(span: Span) -> int | None:
        row = rows.get(span.id)
        if row is None:
            return None
        if not row["granted"]:
            return 3
        return 2 if not row["left"] else 0 if row["granted"] >= 4 else 1

    detail = {name: f"{row['granted']} granted, {row['left']} left" for name, row in rows.items()}
    on = str(award.get("on", network.as_of or ""))
    return _layer("award", "Pairs granted in the round", on, AWARD, network, place, detail=detail)


@dataclass(frozen=True, slots=True)
class Damage:
    """What an event does: spans and nodes that break, spans that carry what is down, nodes cut off from the most."""

    words: str
    spans: frozenset[str]
    nodes: frozenset[str]
    carrying: frozenset[str] = frozenset()
    cut_off: frozenset[str] = frozenset()


def failure_layer(network: Network, damage: Damage, on: date) -> Layer:
    """What works after an event and what does not."""

    def place(span: Span) -> int | None:
        if not span.in_service(on):
            return None
        if span.id in damage.spans:
            return 0
        if span.id in damage.carrying:
            return 1
        return 2 if {span.start, span.end} <= damage.cut_off else 3

    return _layer(
        "failure", f"If this fails: {damage.words}", on.isoformat(), FAILURE, network, place, lost=damage.nodes
    )
