"""Outlines behind a map (boroughs, rivers) from GeoJSON, never drawn without the licence line that goes with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot
from pathlib import Path
from typing import Any

from topology.files.reading import read_json
from topology.maps.layout import Point
from topology.model import Position
from topology.problems import Problems, bad_input

MOST_POINTS = 500_000
DEPTH = {"LineString": 0, "Polygon": 1, "MultiLineString": 1, "MultiPolygon": 2}
"""How many lists lie around the lines of a geometry."""


@dataclass(frozen=True, slots=True)
class Context:
    """Lines in WGS84 (lon, lat), and the words that must stand wherever they are drawn."""

    lines: tuple[tuple[Position, ...], ...]
    licence: str


def read_context(path: Path, licence: str = "") -> Context:
    """Lines and outlines of a GeoJSON file; points are passed over. Raises BadInput.

    `licence`: else the member `licence` (or `license`, `attribution`) of the file, text or a list of texts.
    """
    found = Problems()
    value = read_json(path, found)
    found.raise_errors()
    words = licence or (_licence(value) if isinstance(value, dict) else "")
    if not words:
        text = "the outlines carry no licence line, and none may be drawn without."
        hint = "--context-licence TEXT gives it, or a member `licence` in the file."
        raise bad_input(text, file=path.name, column="licence", hint=hint, code="missing_value")
    try:
        lines = tuple(tuple(_position(p) for p in line) for g in _geometries(value) for line in _lines(g))
    except (TypeError, ValueError, KeyError, AttributeError, IndexError):
        raise bad_input("this is no GeoJSON with lines or outlines.", file=path.name, code="not_geojson") from None
    if sum(map(len, lines)) > MOST_POINTS:
        raise bad_input(
            f"more than {MOST_POINTS} points.", file=path.name, code="too_long", hint="Simplify the outlines."
        )
    return Context(tuple(line for line in lines if len(line) > 1), words)


def _licence(value: dict[str, Any]) -> str:
    for name in ("licence", "license", "attribution"):
        words = value.get(name)
        if isinstance(words, list):
            words = " ".join(str(w) for w in words)
        if isinstance(words, str) and words.strip():
            return " ".join(words.split())
    return ""


def _geometries(value: Any) -> Iterator[Any]:
    kind = value["type"]
    if kind == "FeatureCollection":
        for feature in value["features"]:
            yield from _geometries(feature)
    elif kind == "Feature":
        if value["geometry"] is not None:
            yield from _geometries(value["geometry"])
    elif kind == "GeometryCollection":
        for inner in value["geometries"]:
            yield from _geometries(inner)
    elif kind in DEPTH:
        yield value
    elif kind not in ("Point", "MultiPoint"):
        raise ValueError(kind)


def _lines(geometry: Any) -> list[Any]:
    lines = [geometry["coordinates"]]
    for _ in range(DEPTH[geometry["type"]]):
        lines = [inner for outer in lines for inner in outer]
    return lines


def _position(point: Any) -> Position:
    lon, lat = float(point[0]), float(point[1])
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueError("no degrees")
    return lon, lat


def simplified(line: list[Point], tolerance: float) -> list[Point]:
    """The line without points that lie less than a tolerance off it (Douglas and Peucker, Cartographica 10 (1973))."""
    keep = {0, len(line) - 1}
    todo = [(0, len(line) - 1)]
    while todo:
        first, last = todo.pop()
        far, at = tolerance, -1
        for i in range(first + 1, last):
            off = _off(line[i], line[first], line[last])
            if off > far:
                far, at = off, i
        if at >= 0:
            keep.add(at)
            todo += [(first, at), (at, last)]
    return [line[i] for i in sorted(keep)]


def _off(p: Point, a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    t = max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / square)) if square else 0.0
    return hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy)
