"""Lines on the ground as text: `LINESTRING (lon lat, lon lat)`, the well-known text of OGC 06-103r4 that GIS programs read.

Positions are longitude, latitude in WGS84 degrees. A third number (height) is passed over: the spine is flat.
"""

from __future__ import annotations

import re
from decimal import Decimal

from topology.cells import LATITUDE, LONGITUDE, CellError, Kind
from topology.model import Position

PLACES = 6
"""Decimals of positions read from other formats: 0.000001 degrees are 0.11 m, below what any survey of ducts gives."""

MAX_POINTS = 5_000  # so that a cell stays below the 131,072 characters that CSV readers take by default
TEXT = re.compile(r"\s*LINESTRING\s*(?:Z\s*)?\(([^()]*)\)\s*", re.IGNORECASE)


def rounded(degrees: Decimal | float) -> float:
    """Degrees to six decimals, without a negative zero."""
    return round(float(degrees), PLACES) + 0.0


def line_text(line: tuple[Position, ...]) -> str:
    """The line as well-known text."""
    return "LINESTRING (" + ", ".join(f"{lon!r} {lat!r}" for lon, lat in line) + ")"


def read_line(text: str) -> tuple[Position, ...]:
    """A line of two points or more, to six decimals. Raises `CellError`."""
    found = TEXT.fullmatch(text)
    if not found:
        raise CellError("A line is written as LINESTRING (lon lat, lon lat).", "A line has one part.")
    points = found[1].split(",")
    if not 2 <= len(points) <= MAX_POINTS:
        raise CellError(f"A line has 2 to {MAX_POINTS} points, not {len(points)}.")
    return tuple(_position(point) for point in points)


def _position(text: str) -> Position:
    words = text.split()
    if len(words) not in (2, 3):
        raise CellError("Each point of a line is longitude and latitude, separated by a space.")
    return rounded(LONGITUDE.read(words[0])), rounded(LATITUDE.read(words[1]))


LINE = Kind("line", "LINESTRING (lon lat, lon lat), 2 to 5,000 points", read_line, line_text)
