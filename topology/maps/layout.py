"""Where things go on a map: projection, the enlarged centre, parallel spans side by side, labels that do not overlap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import cos, hypot, radians

from topology.geo import EARTH_RADIUS_M
from topology.model import Network, Node, Position

Point = tuple[float, float]
LONGEST_LABEL = 14
LETTER = 0.74  # width of a bold capital over the font size, for placing labels


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: left, top, width, height, in pixels or metres."""

    x: float
    y: float
    width: float
    height: float

    def holds(self, point: Point) -> bool:
        """Whether a point lies inside."""
        return self.x <= point[0] <= self.x + self.width and self.y <= point[1] <= self.y + self.height

    def meets(self, other: Box) -> bool:
        """Whether two rectangles overlap."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


@dataclass(frozen=True, slots=True)
class View:
    """A window on the ground (metres, y downwards) drawn into a panel (pixels), one scale both ways."""

    ground: Box
    panel: Box

    @property
    def scale(self) -> float:
        """Pixels per metre."""
        return min(self.panel.width / self.ground.width, self.panel.height / self.ground.height)

    def at(self, point: Point) -> Point:
        """Pixels of a point on the ground; the window is centred in the panel."""
        scale = self.scale
        left = self.panel.x + (self.panel.width - self.ground.width * scale) / 2
        top = self.panel.y + (self.panel.height - self.ground.height * scale) / 2
        return left + (point[0] - self.ground.x) * scale, top + (point[1] - self.ground.y) * scale


@dataclass(frozen=True, slots=True)
class Ground:
    """A plane (equirectangular, true at its middle latitude): metres east and south of its middle."""

    lat: float
    lon: float

    @classmethod
    def under(cls, nodes: Iterable[Node]) -> Ground:
        """The plane whose middle is that of the nodes."""
        listed = list(nodes)
        if not listed:
            return cls(0.0, 0.0)
        lats, lons = [n.lat for n in listed], [n.lon for n in listed]
        return cls((min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2)

    def at(self, position: Position) -> Point:
        """Metres of a position (lon, lat)."""
        degree = radians(1) * EARTH_RADIUS_M
        return (position[0] - self.lon) * degree * cos(radians(self.lat)), (self.lat - position[1]) * degree


def short(name: str) -> str:
    """An id as a label; what is longer than a label is cut, and says so. Its title has all of it."""
    return name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"


def on_ground(nodes: Iterable[Node]) -> dict[str, Point]:
    """Node id -> metres east and south of the middle of all."""
    listed = list(nodes)
    ground = Ground.under(listed)
    return {n.id: ground.at((n.lon, n.lat)) for n in listed}


def extent(places: Iterable[Point], margin: float = 0.04, least_m: float = 1000.0) -> Box:
    """The rectangle around points, with a margin on each side."""
    xs, ys = zip(*places, strict=True)
    side = max(max(xs) - min(xs), max(ys) - min(ys), least_m)
    width, height = (max(max(v) - min(v), least_m / 2) + 2 * margin * side for v in (xs, ys))
    middle = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    return Box(middle[0] - width / 2, middle[1] - height / 2, width, height)


def crowded(places: Mapping[str, Point], whole: Box, part: float = 5.0) -> Box | None:
    """The square, a `part`th of the whole, that holds most nodes; None where less than a fifth of them, or under 8, are in it."""
    side = max(whole.width, whole.height) / part
    best: tuple[int, str] = (0, "")
    for name in sorted(places):
        x, y = places[name]
        window = Box(x - side / 2, y - side / 2, side, side)
        count = sum(window.holds(p) for p in places.values())
        if count > best[0]:
            best = count, name
    if best[0] < max(8, len(places) / 5):
        return None
    x, y = places[best[1]]
    inside = [p for p in places.values() if Box(x - side / 2, y - side / 2, side, side).holds(p)]
    tight = extent(inside, margin=0.08)
    side = max(tight.width, tight.height)
    middle = tight.x + tight.width / 2, tight.y + tight.height / 2
    return Box(middle[0] - side / 2, middle[1] - side / 2, side, side)


def side_by_side(network: Network) -> dict[str, float]:
    """Span id -> how far it is drawn beside the straight line, in line widths: parallel spans spread out evenly."""
    pairs: dict[tuple[str, str], list[str]] = {}
    for span in network.spans.values():
        low, high = sorted((span.start, span.end))
        pairs.setdefault((low, high), []).append(span.id)
    return {name: i - (len(names) - 1) / 2 for names in pairs.values() for i, name in enumerate(names)}


def bowed(a: Point, b: Point, by: float) -> Point:
    """The middle of a line, moved sideways by some pixels."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = hypot(dx, dy) or 1.0
    return (a[0] + b[0]) / 2 - dy / length * by, (a[1] + b[1]) / 2 + dx / length * by


def place_labels(
    marks: Mapping[str, Point], wanted: Iterable[str], texts: Mapping[str, str], size: float, panel: Box
) -> dict[str, Point]:
    """Where each label begins (its left end, on its base line): the first of eight places around the mark that is free
    and inside the panel.

    `wanted` in order of importance; a label that finds no free place is left out.
    """
    taken = [Box(x - 5, y - 5, 10, 10) for x, y in marks.values()]
    found: dict[str, Point] = {}
    for name in wanted:
        x, y = marks[name]
        width, gap = len(texts[name]) * size * LETTER, 7.0
        for left, base in (
            (x + gap, y + size * 0.35),
            (x - gap - width, y + size * 0.35),
            (x - width / 2, y - gap),
            (x - width / 2, y + gap + size * 0.8),
            (x + gap * 0.8, y - gap * 0.7),
            (x + gap * 0.8, y + gap * 0.7 + size * 0.8),
            (x - gap * 0.8 - width, y - gap * 0.7),
            (x - gap * 0.8 - width, y + gap * 0.7 + size * 0.8),
        ):
            box = Box(left, base - size * 0.8, width, size)
            inside = panel.holds((box.x, box.y)) and panel.holds((box.x + box.width, box.y + box.height))
            if inside and not any(box.meets(other) for other in taken):
                taken.append(box)
                found[name] = left, base
                break
    return found
