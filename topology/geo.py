"""Distances on the globe."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

from topology.model import Network, Node, Position, Span

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius (IUGG). A sphere is within 0.6 % of the ellipsoid, which the tolerances of the checks allow for."""


def between_m(a: Position, b: Position) -> float:
    """Metres along the great circle between two positions (haversine formula on a sphere)."""
    lat_a, lat_b = radians(a[1]), radians(b[1])
    rise, turn = sin((lat_b - lat_a) / 2), sin(radians(b[0] - a[0]) / 2)
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(rise * rise + cos(lat_a) * cos(lat_b) * turn * turn)))


def straight_m(a: Node, b: Node) -> float:
    """Metres along the great circle between two nodes."""
    return between_m((a.lon, a.lat), (b.lon, b.lat))


def line_m(line: Sequence[Position]) -> float:
    """Metres along a line on the ground."""
    return sum(between_m(a, b) for a, b in pairwise(line))


def span_straight_m(network: Network, span: Span) -> float:
    """Metres of the straight line between the ends of a span."""
    return straight_m(network.nodes[span.start], network.nodes[span.end])
