"""Routes from other people's files: pieces joined, direction turned, and held against the nodes they join."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from topology.cells import CellError
from topology.files.lines import line_text, read_line
from topology.files.source import Cells, Report, Rows
from topology.geo import between_m, line_m
from topology.model import Network, Position
from topology.quantities import as_thousands

OFF_NODE_M = 100
SURELY_METRES = 300  # no cable is 300 times its route; kilometres that are metres are about 1,000 times


def number_of(value: Any) -> Decimal | None:
    """A plain number of a cell; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal(10) ** 15 else None


def line_of(row: Cells) -> tuple[Position, ...]:
    """The route of a row; empty where it has none that can be read."""
    try:
        return read_line(row["route"]) if row.get("route") else ()
    except (CellError, TypeError):
        return ()


def compare_routes(network: Network, rows: Rows, report: Report) -> None:
    """Say where a route does not reach its nodes, and where a length looks like metres."""
    stands = {str(row.get("id")): row for row in rows.spans}
    for span in network.spans.values():
        if not span.route:
            continue
        row = stands.get(span.id)
        start, end = network.nodes[span.start], network.nodes[span.end]
        for node, point in ((start, span.route[0]), (end, span.route[-1])):
            if (metres := between_m((node.lon, node.lat), point)) > OFF_NODE_M:
                text = f"The route of span {span.id} ends {metres:,.0f} m from node {node.id}."
                report.add("warning", "route_off_node", "spans.route", text, span.id, row=row)
        along = line_m(span.route)
        if along and span.length_m > SURELY_METRES * along:
            text = f"Span {span.id} is {as_thousands(span.length_m)} km long, its route {along / 1000:.3f} km."
            hint = "Maybe the lengths are metres; `cni network convert --lengths m` reads them so."
            column = f"spans.{rows.names.get('length_km', 'length_km')}"
            report.add("warning", "length_in_metres", column, text, as_thousands(span.length_m), hint, row)


def turned(rows: Rows, report: Report) -> None:
    """Turn routes that run from the end of their span to its start, in place."""
    places = {str(row.get("id")): (number_of(row.get("lat")), number_of(row.get("lon"))) for row in rows.nodes}
    for row in rows.spans:
        line = line_of(row)
        start = places.get(str(row.get("start")), (None, None))
        if not line or start[0] is None or start[1] is None:
            continue
        here = float(start[1]), float(start[0])
        first, last = between_m(here, line[0]), between_m(here, line[-1])
        if first > OFF_NODE_M and last <= OFF_NODE_M:
            row["route"] = line_text(line[::-1])
            text = "Routes run from the end of their span to its start; they are turned."
            report.count("note", "route_turned", "spans.route", text, row.called, row)


def joined(parts: Iterable[tuple[Position, ...]], tolerance_m: float = 5.0) -> tuple[Position, ...] | None:
    """One line made of pieces whose ends meet within a tolerance, turned where need be; None where they do not meet."""
    left = [part for part in parts if len(part) > 1]
    if not left:
        return None
    line = left.pop(0)
    while left:
        for place, part in enumerate(left):
            for piece in (part, part[::-1]):
                if between_m(line[-1], piece[0]) <= tolerance_m:
                    line = (*line, *piece[(1 if line[-1] == piece[0] else 0) :])
                    break
                if between_m(piece[-1], line[0]) <= tolerance_m:
                    line = (*piece, *line[(1 if line[0] == piece[-1] else 0) :])
                    break
            else:
                continue
            left.pop(place)
            break
        else:
            return None
    return line
