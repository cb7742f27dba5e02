"""Events: what fails together, and what that leaves.

A span fails when it is named, when it is in a risk group that fails, or when one of its ends fails. A circuit is down
when all its legs hold a failed span, or, for colocation, when its node failed. A pair of key nodes is lost when it was
joined before and is parted after, or one of its ends failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, hypot, radians
from typing import Any

from scenarios.failures.joining import parts_of
from topology.files.references import near
from topology.geo import EARTH_RADIUS_M
from topology.model import Circuit, Network, Span
from topology.problems import Problems, bad_input


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


Point = tuple[float, float]


def area_event(network: Network, lat: float, lon: float, radius_km: float) -> Event:
    """All nodes in a circle and all spans that come into it, on the plane that touches its centre.

    A span lies along its route where one is recorded, else on the straight line between its ends.
    """
    radius = radius_km * 1000
    flat = plane_at(lat, lon)
    nodes = [n.id for n in network.nodes.values() if hypot(*flat(n.lon, n.lat)) <= radius]
    spans = [s.id for s in network.spans.values() if _nearest(line_of(network, s, flat)) <= radius]
    return make_event(network, spans=spans, nodes=nodes)


def polygon_event(network: Network, ring: Sequence[Point]) -> Event:
    """All nodes in a polygon and all spans that come into it; `ring`: its corners as (lon, lat), first not repeated.

    Raises `BadInput` for fewer than three corners.
    """
    if len(ring) < 3:
        raise bad_input("A polygon has three corners or more.", column="polygon", value=str(len(ring)))
    flat = plane_at(sum(y for _, y in ring) / len(ring), sum(x for x, _ in ring) / len(ring))
    corners = [flat(x, y) for x, y in ring]
    sides = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    nodes = [n.id for n in network.nodes.values() if _inside(flat(n.lon, n.lat), sides)]
    spans = [
        s.id
        for s in network.spans.values()
        if any(
            _inside(a, sides) or any(_cross(a, b, c, d) for c, d in sides)
            for a, b in pairwise(line_of(network, s, flat))
        )
        or _inside(line_of(network, s, flat)[-1], sides)
    ]
    return make_event(network, spans=spans, nodes=nodes)


def withdrawal_event(network: Network, contributor: str) -> Event:
    """Everything that one contributor owns. Raises `BadInput` for one that owns nothing."""
    spans = [s.id for s in network.spans.values() if s.owner == contributor]
    nodes = [n.id for n in network.nodes.values() if n.owner == contributor]
    if not spans and not nodes:
        owners = {s.owner: s for s in network.spans.values()}
        hint = near(contributor, owners)
        said = f"{contributor} owns no span and no node."
        raise bad_input(said, column="contributor", value=contributor, code="dangling", hint=hint)
    return make_event(network, spans=spans, nodes=nodes)


def together(*events: Event) -> Event:
    """One event of several."""
    return Event(
        tuple(sorted({s for e in events for s in e.spans})),
        tuple(sorted({n for e in events for n in e.nodes})),
        tuple(sorted({g for e in events for g in e.risk_groups})),
    )


def plane_at(lat: float, lon: float) -> Callable[[float, float], Point]:
    """Metres east and north of a point, for places within some tens of kilometres."""
    scale, shrink = radians(1) * EARTH_RADIUS_M, cos(radians(lat))
    return lambda x, y: ((x - lon) * scale * shrink, (y - lat) * scale)


def line_of(network: Network, span: Span, flat: Callable[[float, float], Point]) -> list[Point]:
    """A span's route on the plane, else the straight line between its ends."""
    if span.route:
        return [flat(x, y) for x, y in span.route]
    ends = (network.nodes[span.start], network.nodes[span.end])
    return [flat(n.lon, n.lat) for n in ends]


def _nearest(line: Sequence[Point]) -> float:
    """From the origin to a line."""
    return min(_distance(a, b) for a, b in pairwise(line))


def _distance(a: Point, b: Point) -> float:
    """From the origin to the straight line between two points."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    along = 0.0 if square == 0 else max(0.0, min(1.0, -(a[0] * dx + a[1] * dy) / square))
    return hypot(a[0] + along * dx, a[1] + along * dy)


def _inside(point: Point, sides: Iterable[tuple[Point, Point]]) -> bool:
    """Whether a point lies in a polygon: a ray from it crosses the sides an odd number of times."""
    x, y = point
    odd = False
    for (ax, ay), (bx, by) in sides:
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            odd = not odd
    return odd


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether two straight lines cross or touch."""

    def turn(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return turn(a, b, c) * turn(a, b, d) <= 0 and turn(c, d, a) * turn(c, d, b) <= 0 and _boxes(a, b, c, d)


def _boxes(a: Point, b: Point, c: Point, d: Point) -> bool:
    return all(max(min(a[i], b[i]), min(c[i], d[i])) <= min(max(a[i], b[i]), max(c[i], d[i])) for i in (0, 1))


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
    left = [n for n in network.nodes if n not in broken.nodes]
    found = parts_of(left, ((s.start, s.end) for s in network.spans.values() if s.id not in broken.spans))
    least: dict[str, str] = {}
    for node, part in found.items():
        least[part] = min(node, least.get(part, node))
    return {node: least[part] for node, part in found.items()}


NOTHING = Broken(frozenset(), frozenset())


def key_pairs(network: Network, broken: Broken = NOTHING) -> set[tuple[str, str]]:
    """The pairs of key nodes that are joined after an event."""
    part = parts(network, broken)
    keys = [k for k in network.key_nodes if k in part]
    return {(a, b) for i, a in enumerate(keys) for b in keys[i + 1 :] if part[a] == part[b]}


def on_service(network: Network, circuits: Iterable[Circuit], on: Any) -> tuple[Network, tuple[Circuit, ...]]:
    """What is in service, and the circuits that are held, on a date."""
    return network.at(on), tuple(sorted((c for c in circuits if c.holds_on(on)), key=lambda c: c.id))
