"""The outer rings of the polygons of a GeoJSON file: areas that fail as a whole, a flood or a blackout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scenarios.failures.events import Point
from topology.files.reading import read_json
from topology.problems import Problems, bad_input

Ring = tuple[Point, ...]


def read_rings(path: Path) -> tuple[Ring, ...]:
    """The rings, corners as (lon, lat), the first not repeated. Raises BadInput, also for a file without a polygon."""
    found = Problems()
    value = read_json(path, found)
    found.raise_errors()
    rings = tuple(_ring(places, path.name) for places in _outer(value))
    if not rings:
        said, hint = "The file holds no polygon.", "A GeoJSON Polygon or MultiPolygon is needed."
        raise bad_input(said, file=path.name, code="bad_json", hint=hint)
    return rings


def _outer(value: Any) -> Iterator[Any]:
    """The corners of each polygon's first ring, as they stand in the file."""
    if isinstance(value, list):
        for part in value:
            yield from _outer(part)
    elif isinstance(value, dict):
        places = value.get("coordinates")
        if value.get("type") == "Polygon" and isinstance(places, list) and places:
            yield places[0]
        elif value.get("type") == "MultiPolygon" and isinstance(places, list):
            yield from (part[0] for part in places if isinstance(part, list) and part)
        else:
            for key in ("features", "geometry", "geometries"):
                yield from _outer(value.get(key))


def _ring(places: Any, file: str) -> Ring:
    try:
        ring = tuple((float(place[0]), float(place[1])) for place in places)
    except (TypeError, ValueError, IndexError, KeyError):
        raise bad_input("A corner of the polygon is no position.", file=file, code="bad_json") from None
    if any(not (-180 <= x <= 180 and -90 <= y <= 90) for x, y in ring):
        raise bad_input("A corner is no longitude and latitude.", file=file, code="bad_json")
    ring = ring[:-1] if len(ring) > 1 and ring[0] == ring[-1] else ring
    if len(ring) < 3:
        raise bad_input("A polygon has three corners or more.", file=file, value=str(len(ring)), code="bad_json")
    return ring
