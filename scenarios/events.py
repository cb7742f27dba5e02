"""Events: what fails together, and what that leaves.

A span fails when it is named, when it is in a risk group that fails, or when one of its ends fails. A circuit is down
when all its legs hold a failed span, or, for colocation, when its node failed. A pair of key nodes is lost when it was
joined before and is parted after, or one of its ends failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import cos, hypot, radians
from typing import Any

from topology.formats.references import near
from topology.geo import EARTH_RADIUS_M
from topology.model import Circuit, Network
from topology.problems import Problems


@dataclass(frozen=True, slots=True)
class Event:
    """One event by what it is named after: spans, nodes, risk groups (ids, sorted)."""

    spans: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    risk_groups: tuple[str, ...] = ()

    def as_json(self) -> dict[str, list[str]]:
        """The event as results show it."""
        return {"spans": list(self.spans), "nodes": list(self.nodes), "risk_groups": list(self.risk_groups)}


def make_event(
    network: Network, *, spans: Iterable[str] = (), nodes: Iterable[str] = (), risk_groups: Iterable[str] = ()
) -> Event:
    """An event from ids in any order. Raises `BadInput` for each id that the network does not know."""
    problems = Problems()
    parts = []
    known_parts: tuple[tuple[str, Iterable[str], Mapping[str, object]], ...] = (
        ("span", spans, network.spans),
        ("node", nodes, network.nodes),
        ("risk group", risk_groups, network.risk_groups),
    )
    for kind, names, known in known_parts:
        wanted = tuple(sorted(set(names)))
        for name in wanted:
            if name not in known:
                hint = near(name, known)
                problems.add(f"There is no {kind} {name}.", column=kind, value=name, code="dangling", hint=hint)
        parts.append(wanted)
    problems.raise_errors()
    return Event(*parts)


def area_event(network: Network, lat: float, lon: float, radius_km: float) -> Event:
    """All nodes in a circle and all spans whose straight line crosses it (drawn on the plane that touches its centre)."""
    scale = radians(1) * EARTH_RADIUS_M
    radius = radius_km * 1000
    at = {n.id: ((n.lon - lon) * scale * cos(radians(lat)), (n.lat - lat) * scale) for n in network.nodes.values()}
    nodes = [n for n, (x, y) in at.items() if hypot(x, y) <= radius]
    spans = [s.id for s in network.spans.values() if _distance(at[s.start], at[s.end]) <= radius]
    return make_event(network, spans=spans, nodes=nodes)


def _distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    """From the origin to the straight line between two points."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    along = 0.0 if square == 0 else max(0.0, min(1.0, -(a[0] * dx + a[1] * dy) / square))
    return hypot(a[0] + along * dx, a[1] + along * dy)


@dataclass(frozen=True, slots=True)
class Broken:
    """The nodes and spans that an event takes out."""

    nodes: frozenset[str]
    spans: frozenset[str]

    def leg(self, leg: Iterable[str]) -> bool:
        """Whether a leg is cut."""
        return not self.spans.isdisjoint(leg)

    def circuit(self, circuit: Circuit) -> bool:
        """Whether a circuit is down."""
        if not circuit.is_fibre:
            return circuit.node in self.nodes
        return all(self.leg(leg) for leg in circuit.legs)


def broken_by(network: Network, event: Event) -> Broken:
    """What an event takes out of a network."""
    left = network.without(spans=event.spans, nodes=event.nodes, risk_groups=event.risk_groups)
    nodes, spans = network.nodes.keys() - left.nodes.keys(), network.spans.keys() - left.spans.keys()
    return Broken(frozenset(nodes), frozenset(spans))


def parts(network: Network, broken: Broken) -> dict[str, str]:
    """Node id -> the smallest id of the part that it is in, for the nodes that are left."""
    above = {n: n for n in network.nodes if n not in broken.nodes}

    def top(node: str) -> str:
        while above[node] != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    for span in network.spans.values():
        if span.id not in broken.spans:
            a, b = sorted((top(span.start), top(span.end)))
            above[b] = a
    return {node: top(node) for node in above}


NOTHING = Broken(frozenset(), frozenset())


def key_pairs(network: Network, broken: Broken = NOTHING) -> set[tuple[str, str]]:
    """The pairs of key nodes that are joined after an event."""
    part = parts(network, broken)
    keys = [k for k in network.key_nodes if k in part]
    return {(a, b) for i, a in enumerate(keys) for b in keys[i + 1 :] if part[a] == part[b]}


def on_service(network: Network, circuits: Iterable[Circuit], on: Any) -> tuple[Network, tuple[Circuit, ...]]:
    """What is in service, and the circuits that are held, on a date."""
    return network.at(on), tuple(sorted((c for c in circuits if c.holds_on(on)), key=lambda c: c.id))
