"""Shared risk that nobody recorded, proposed from geometry: spans that run side by side and share no risk group.

Two spans run side by side where their lines lie within `within_m` of each other over at least `over_m`. A line is the span's
`route` where it is known, else the straight line between its ends, and it is said which. The stretch is exact for lines on
a plane: the part of a piece of one line that lies in the capsule around a piece of the other is one interval. Two lines that
only cross are beside each other for about 2 `within_m`, so `over_m` should be more than that.

A proposal, never a fact: what lies in one duct is for a person to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import ceil, cos, floor, hypot, radians, sqrt

from topology.geo import EARTH_RADIUS_M
from topology.model import Network, Position, Span

WITHIN_M, OVER_M = 25, 200
MOST = 200
"""Proposals that are listed, longest first; what is more is counted."""
GONE = ("inactive", "decommissioned")

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Beside:
    """Two spans (`one` before `other` by id) that lie beside each other over `length_m`, `distance_m` off on average.

    `kind`: `parallel_no_group` joins the same two nodes, `same_exit` begins at a node of both, else `runs_beside`.
    `routed`: how many of the two have a known route.
    """

    one: str
    other: str
    kind: str
    distance_m: int
    length_m: int
    routed: int


def beside(network: Network, within_m: int = WITHIN_M, over_m: int = OVER_M) -> tuple[Beside, ...]:
    """Every two spans without a common risk group that run side by side, longest stretch first.

    Raises ValueError where a distance is not positive.
    """
    if within_m < 1 or over_m < 1:
        raise ValueError("both distances must be at least 1 metre")
    spans = {s.id: s for s in network.spans.values() if s.status not in GONE}
    lines = _lines(network, spans.values())
    found = []
    for one, other in sorted(_near(lines, within_m)):
        a, b = spans[one], spans[other]
        if set(a.risk_groups).isdisjoint(b.risk_groups):
            length, off = min(
                _stretch(lines[one], lines[other], within_m), _stretch(lines[other], lines[one], within_m)
            )
            if length >= over_m:
                routed = bool(a.route) + bool(b.route)
                found.append(Beside(one, other, _kind(a, b), round(off), round(length), routed))
    return tuple(sorted(found, key=lambda p: (-p.length_m, p.one, p.other)))


def _kind(a: Span, b: Span) -> str:
    shared = {a.start, a.end} & {b.start, b.end}
    return ("runs_beside", "same_exit", "parallel_no_group")[len(shared)]


def _lines(network: Network, spans: Iterable[Span]) -> dict[str, tuple[Point, ...]]:
    """Span id -> its line in metres on a plane that is true at the middle latitude."""
    ends = network.nodes
    shape = {s.id: s.route or tuple((ends[n].lon, ends[n].lat) for n in (s.start, s.end)) for s in spans}
    every = [lat for line in shape.values() for _, lat in line]
    middle = (min(every) + max(every)) / 2 if every else 0.0
    degree = radians(1) * EARTH_RADIUS_M

    def flat(at: Position) -> Point:
        return at[0] * degree * cos(radians(middle)), at[1] * degree

    return {name: tuple(flat(p) for p in line) for name, line in shape.items()}


def _near(lines: dict[str, tuple[Point, ...]], within: int) -> set[tuple[str, str]]:
    """Pairs of lines that may come within a distance: those that share a square of a grid.

    Each line is sampled every half square and put into all squares near a sample, so that no pair is missed.
    """
    total = sum(hypot(b[0] - a[0], b[1] - a[1]) for line in lines.values() for a, b in pairwise(line))
    side = max(4.0 * within, 250.0, total / (40 * len(lines) or 1))
    reach = within / 2 + side / 4
    squares: dict[tuple[int, int], set[str]] = {}
    for name, line in lines.items():
        for a, b in pairwise(line):
            steps = max(1, ceil(2 * hypot(b[0] - a[0], b[1] - a[1]) / side))
            for i in range(steps + 1):
                x, y = a[0] + (b[0] - a[0]) * i / steps, a[1] + (b[1] - a[1]) * i / steps
                for column in range(floor((x - reach) / side), floor((x + reach) / side) + 1):
                    for row in range(floor((y - reach) / side), floor((y + reach) / side) + 1):
                        squares.setdefault((column, row), set()).add(name)
    return {pair for held in squares.values() for pair in combinations(sorted(held), 2)}


def _stretch(line: tuple[Point, ...], other: tuple[Point, ...], within: int) -> tuple[float, float]:
    """Metres of `line` that lie within a distance of `other`, and how far off they are on average."""
    metres, sum_off = 0.0, 0.0
    for a, b in pairwise(line):
        length = hypot(b[0] - a[0], b[1] - a[1])
        parts = sorted(part for c, d in pairwise(other) if length and (part := _inside(a, b, c, d, within)))
        for start, end in _joined(parts):
            at = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for t in (start, (start + end) / 2, end)]
            metres += length * (end - start)
            sum_off += length * (end - start) * sum(_off_line(p, other) for p in at) / len(at)
    return metres, sum_off / metres if metres else 0.0


def _joined(parts: Iterable[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Sorted intervals with those that overlap made one."""
    held: tuple[float, float] | None = None
    for start, end in parts:
        if held is None:
            held = start, end
        elif start <= held[1]:
            held = held[0], max(held[1], end)
        else:
            yield held
            held = start, end
    if held is not None:
        yield held


def _inside(a: Point, b: Point, c: Point, d: Point, within: int) -> tuple[float, float] | None:
    """The part [s, t] of the piece a-b (0 at a, 1 at b) within a distance of the piece c-d.

    The points within a distance of a piece are a box and two discs; their union is convex, so the part is one interval.
    """
    parts = [_in_disc(a, b, c, within), _in_disc(a, b, d, within), _in_box(a, b, c, d, within)]
    met = [part for part in parts if part]
    return (min(p[0] for p in met), max(p[1] for p in met)) if met else None


def _in_disc(a: Point, b: Point, centre: Point, radius: float) -> tuple[float, float] | None:
    dx, dy, px, py = b[0] - a[0], b[1] - a[1], a[0] - centre[0], a[1] - centre[1]
    square, half = dx * dx + dy * dy, dx * px + dy * py
    under = half * half - square * (px * px + py * py - radius * radius)
    if under < 0 or not square:
        return None
    root = sqrt(under)
    return _cut((-half - root) / square, (-half + root) / square)


def _in_box(a: Point, b: Point, c: Point, d: Point, within: float) -> tuple[float, float] | None:
    """The part of a-b beside c-d: between its two ends, and no farther off than a distance."""
    length = hypot(d[0] - c[0], d[1] - c[1])
    if not length:
        return None
    ux, uy = (d[0] - c[0]) / length, (d[1] - c[1]) / length
    low, high = 0.0, 1.0
    for direction, least, most in (((ux, uy), 0.0, length), ((-uy, ux), -within, within)):
        start = (a[0] - c[0]) * direction[0] + (a[1] - c[1]) * direction[1]
        step = (b[0] - a[0]) * direction[0] + (b[1] - a[1]) * direction[1]
        if not step:
            if not least <= start <= most:
                return None
            continue
        one, two = sorted(((least - start) / step, (most - start) / step))
        low, high = max(low, one), min(high, two)
    return _cut(low, high)


def _cut(low: float, high: float) -> tuple[float, float] | None:
    low, high = max(0.0, low), min(1.0, high)
    return (low, high) if low < high else None


def _off_line(p: Point, line: tuple[Point, ...]) -> float:
    return min(_off(p, c, d) for c, d in pairwise(line))


def _off(p: Point, c: Point, d: Point) -> float:
    dx, dy = d[0] - c[0], d[1] - c[1]
    square = dx * dx + dy * dy
    t = max(0.0, min(1.0, ((p[0] - c[0]) * dx + (p[1] - c[1]) * dy) / square)) if square else 0.0
    return hypot(p[0] - c[0] - t * dx, p[1] - c[1] - t * dy)
