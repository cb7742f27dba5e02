"""Every disc of a given radius, exactly: the finite list of what any such disc hits at most.

A span is hit when the disc's centre lies within the radius of it: in the stadium around each straight piece of its line. Stadiums
are convex, so whatever some disc hits is also hit by one whose centre is a place where the borders of two of its stadiums cross,
or, where the borders do not cross, any point of the innermost. So it is enough to try these places (Tapolcai et al., Fast
enumeration of regional link failures). Sets that lie within another are left out: a larger set never does less harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, islice, pairwise
from math import acos, cos, hypot, radians, sin, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios.failures.events import Event, Point, broken_by, key_pairs, line_of, on_service, plane_at
from topology.about import SOFTWARE
from topology.geo import EARTH_RADIUS_M
from topology.model import Circuit, Network
from topology.offer import inputs_of

Hit = frozenset[tuple[str, str]]
CHUNK = 8192
SLACK = 1e-6
"""Metres by which a border point may lie outside by rounding and still count as on the border."""


@dataclass(frozen=True, slots=True)
class Disc:
    """A centre (lat, lon to six places) and what a disc there hits."""

    lat: str
    lon: str
    event: Event


@dataclass(frozen=True, slots=True)
class _Piece:
    """A straight piece of a span (or a node, as a piece of no length)."""

    kind: str
    name: str
    a: Point
    b: Point


def discs(network: Network, radius_km: float) -> tuple[Disc, ...]:
    """The largest sets of spans and nodes that a disc of the radius hits, each with one centre, by centre."""
    radius = radius_km * 1000
    lat = sum(n.lat for n in network.nodes.values()) / max(1, len(network.nodes))
    lon = sum(n.lon for n in network.nodes.values()) / max(1, len(network.nodes))
    flat = plane_at(lat, lon)
    pieces = [_Piece("node", n.id, p, p) for n in network.nodes.values() for p in [flat(n.lon, n.lat)]]
    pieces += [
        _Piece("span", s.id, a, b) for s in network.spans.values() for a, b in pairwise(line_of(network, s, flat))
    ]
    found = _hits(pieces, radius)
    largest = _largest(found)
    scale = 1 / (radians(1) * EARTH_RADIUS_M)
    made = [
        Disc(
            f"{lat + y * scale:.6f}",
            f"{lon + x * scale / cos(radians(lat)):.6f}",
            Event(
                spans=tuple(sorted(name for kind, name in hit if kind == "span")),
                nodes=tuple(sorted(name for kind, name in hit if kind == "node")),
            ),
        )
        for hit, (x, y) in found.items()
        if hit in largest
    ]
    return tuple(sorted(made, key=lambda d: (d.lat, d.lon, d.event.spans)))


def _hits(pieces: Sequence[_Piece], radius: float) -> dict[Hit, Point]:
    """What each place that is enough to try hits, with the first such place by its coordinates."""
    names = sorted({(p.kind, p.name) for p in pieces})
    number = {name: i for i, name in enumerate(names)}
    owner = np.array([number[p.kind, p.name] for p in pieces])
    found: dict[bytes, Point] = {}
    centres = _centres(pieces, _Grid(pieces, radius), radius)
    while chunk := list(islice(centres, CHUNK)):
        places = np.array(chunk)
        near = _distances(places, pieces) <= radius + SLACK
        hit = np.zeros((len(chunk), len(names)), dtype=bool)
        for column, piece in enumerate(owner):
            hit[:, piece] |= near[:, column]
        packed = np.packbits(hit, axis=1)
        rows, first = np.unique(packed, axis=0, return_index=True)
        for row, index in zip(rows, first, strict=True):
            same = places[(packed == row).all(axis=1)] if len(rows) < len(chunk) else places[[index]]
            least = min(map(tuple, same.tolist()))
            key = row.tobytes()
            found[key] = min(found.get(key, least), least)
    named: dict[Hit, Point] = {}
    for key, place in found.items():
        bits = np.unpackbits(np.frombuffer(key, dtype=np.uint8))[: len(names)]
        if bits.any():
            named[frozenset(names[i] for i in np.flatnonzero(bits))] = place
    return named


def _distances(places: NDArray[np.float64], pieces: Sequence[_Piece]) -> NDArray[np.float64]:
    """Metres from each place to each piece."""
    a, b = (np.array([getattr(p, end) for p in pieces]) for end in ("a", "b"))
    along = b - a
    square = (along**2).sum(axis=1)
    found = np.empty((len(places), len(pieces)))
    for i in range(len(pieces)):
        off = places - a[i]
        t = np.clip(off @ along[i] / square[i], 0, 1) if square[i] else np.zeros(len(places))
        found[:, i] = np.hypot(off[:, 0] - t * along[i, 0], off[:, 1] - t * along[i, 1])
    return found


def _largest(found: dict[Hit, Point]) -> frozenset[Hit]:
    """The sets that lie within no other."""
    by_item: dict[tuple[str, str], list[Hit]] = {}
    kept = []
    for hit in sorted(found, key=lambda h: (-len(h), sorted(h))):
        rarest = min(hit, key=lambda item: len(by_item.get(item, ())))
        if not any(hit < other for other in by_item.get(rarest, ())):
            kept.append(hit)
            for item in hit:
                by_item.setdefault(item, []).append(hit)
    return frozenset(kept)


class _Grid:
    """Pieces by square cells, so that only near ones are looked at."""

    def __init__(self, pieces: Sequence[_Piece], radius: float) -> None:
        self.side = max(radius * 2, 200.0)
        self.cells: dict[tuple[int, int], list[_Piece]] = {}
        for piece in pieces:
            for cell in self._covered(piece, radius):
                self.cells.setdefault(cell, []).append(piece)

    def _covered(self, piece: _Piece, radius: float) -> Iterator[tuple[int, int]]:
        (x0, y0), (x1, y1) = ((f(piece.a[0], piece.b[0]), f(piece.a[1], piece.b[1])) for f in (min, max))
        reach = radius + 2 * SLACK
        for i in range(int((x0 - reach) // self.side), int((x1 + reach) // self.side) + 1):
            for j in range(int((y0 - reach) // self.side), int((y1 + reach) // self.side) + 1):
                yield i, j


def _centres(pieces: Sequence[_Piece], grid: _Grid, radius: float) -> Iterator[Point]:
    for piece in pieces:
        yield piece.a
        yield ((piece.a[0] + piece.b[0]) / 2, (piece.a[1] + piece.b[1]) / 2)
    seen = set()
    for cell in grid.cells.values():
        for one, two in combinations(cell, 2):
            key = (id(one), id(two))
            if key not in seen:
                seen.add(key)
                yield from _crossings(one, two, radius)


def _crossings(one: _Piece, two: _Piece, radius: float) -> Iterator[Point]:
    """Where the borders of two stadiums cross: lines with lines, lines with circles, circles with circles."""
    mine, theirs = _borders(one, radius), _borders(two, radius)
    for a, b in mine:
        for c, d in theirs:
            yield from _line_line(a, b, c, d)
        for centre in (two.a, two.b):
            yield from _line_circle(a, b, centre, radius)
    for centre in (one.a, one.b):
        for c, d in theirs:
            yield from _line_circle(c, d, centre, radius)
        for other in (two.a, two.b):
            yield from _circle_circle(centre, other, radius)


def _borders(piece: _Piece, radius: float) -> list[tuple[Point, Point]]:
    """The two straight sides of a stadium."""
    dx, dy = piece.b[0] - piece.a[0], piece.b[1] - piece.a[1]
    length = hypot(dx, dy)
    if not length:
        return []
    nx, ny = -dy / length * radius, dx / length * radius
    return [
        ((piece.a[0] + sign * nx, piece.a[1] + sign * ny), (piece.b[0] + sign * nx, piece.b[1] + sign * ny))
        for sign in (1, -1)
    ]


def _line_line(a: Point, b: Point, c: Point, d: Point) -> Iterator[Point]:
    ux, uy, vx, vy = b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]
    across = ux * vy - uy * vx
    if across:
        t = ((c[0] - a[0]) * vy - (c[1] - a[1]) * vx) / across
        if -1e-9 <= t <= 1 + 1e-9:
            yield a[0] + t * ux, a[1] + t * uy


def _line_circle(a: Point, b: Point, centre: Point, radius: float) -> Iterator[Point]:
    ux, uy = b[0] - a[0], b[1] - a[1]
    length = hypot(ux, uy)
    along = ((centre[0] - a[0]) * ux + (centre[1] - a[1]) * uy) / length
    off = hypot(centre[0] - a[0] - along * ux / length, centre[1] - a[1] - along * uy / length)
    if off <= radius + SLACK:
        half = sqrt(max(0.0, radius * radius - off * off))
        for t in (along - half, along + half):
            if -SLACK <= t <= length + SLACK:
                yield a[0] + t * ux / length, a[1] + t * uy / length


def _circle_circle(a: Point, b: Point, radius: float) -> Iterator[Point]:
    apart = hypot(b[0] - a[0], b[1] - a[1])
    if 0 < apart <= 2 * radius + SLACK:
        turn = acos(min(1.0, apart / (2 * radius)))
        ux, uy = (b[0] - a[0]) / apart * radius, (b[1] - a[1]) / apart * radius
        for angle in (turn, -turn):
            yield a[0] + ux * cos(angle) - uy * sin(angle), a[1] + ux * sin(angle) + uy * cos(angle)


def discs_document(
    network: Network, circuits: Iterable[Circuit], on: date, radius_km: float, top: int = 20
) -> dict[str, Any]:
    """The worst discs of a radius as `cni.discs/1`, with the lists behind the counts; `top` 0 means all."""
    live = tuple(circuits)
    here, held = on_service(network, live, on)
    before = key_pairs(here)
    rows = []
    for disc in discs(here, radius_km):
        broken = broken_by(here, disc.event)
        everywhere = broken_by(network, disc.event)
        down = [c for c in held if everywhere.circuit(c)]
        lost = sorted(before - key_pairs(here, broken))
        rows.append(
            {
                "lat": disc.lat,
                "lon": disc.lon,
                "spans": list(disc.event.spans),
                "nodes": list(disc.event.nodes),
                "circuits": [c.id for c in down],
                "members": sorted({c.member for c in down}),
                "key_pairs": [list(pair) for pair in lost],
            }
        )
    rows.sort(key=lambda r: (-len(r["key_pairs"]), -len(r["circuits"]), -len(r["members"]), r["lat"], r["lon"]))
    return {
        "schema": "cni.discs/1",
        "software": SOFTWARE,
        "inputs": inputs_of(network, live),
        "on": on.isoformat(),
        "illustrative": network.illustrative,
        "radius_km": f"{radius_km:.3f}",
        "sets": len(rows),
        "discs": rows[: top or None],
    }
