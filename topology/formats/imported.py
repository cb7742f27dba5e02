"""Networks from files that other people made: what real files get wrong is mended where that is safe, and always said.

A reader of a format fills `Rows` (cells by our column names, as in the JSON form) and calls `network_of`. What is mended
here: ids, missing figures, rounding, the direction of routes. What cannot be mended is left out, with a finding of level
error, so that the rest can be looked at: leaving a span out never offers what is not there. Missing strands count as 0,
so that nothing can be granted on them. What makes the whole file doubtful (a projection that is not WGS84) is bad input.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from topology.cells import ID, CellError
from topology.formats.json_form import network_from_json
from topology.formats.lines import line_text, read_line, rounded
from topology.formats.ofds_fields import tidy_fibre
from topology.geo import between_m, line_m
from topology.model import Network, Position
from topology.problems import BadInput, Problem, Problems
from topology.quantities import as_thousands
from topology.tables import printable

Cells = dict[str, Any]
OFF_NODE_M = 100
SURELY_METRES = 300  # no cable is 300 times its route; kilometres that are metres are about 1,000 times
UNKNOWN_OWNER, UNKNOWN_TYPE = "unknown", "unspecified"
SHOWN = 5


@dataclass
class Rows:
    """What a reader found: cells by column name, and how the tables are called in the source."""

    file: str
    about: Cells = field(default_factory=dict)
    nodes: list[Cells] = field(default_factory=list)
    spans: list[Cells] = field(default_factory=list)
    risk_groups: list[Cells] = field(default_factory=list)
    organisations: list[Cells] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    """Our column -> the word of the source, for messages."""


@dataclass
class Report:
    """Findings of reading; those that say the same of many things are said once, with how many and the first few."""

    file: str
    said: list[Problem] = field(default_factory=list)
    counted: dict[tuple[str, str, str, str, str], list[str]] = field(default_factory=dict)

    def add(self, level: str, code: str, column: str, text: str, value: str = "", hint: str = "") -> None:
        """One finding."""
        self.said.append(Problem(self.file, 0, column, printable(value)[:80], text, hint, code, level))

    def count(self, level: str, code: str, column: str, text: str, name: str, hint: str = "") -> None:
        """The same finding about one more thing."""
        self.counted.setdefault((level, code, column, text, hint), []).append(name)

    def problems(self) -> tuple[Problem, ...]:
        """All findings, sorted."""
        made = list(self.said)
        for (level, code, column, text, hint), names in self.counted.items():
            shown = ", ".join(printable(n)[:64] for n in names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
            made.append(Problem(self.file, 0, column, shown, f"{text} ({len(names)})", hint, code, level))
        return tuple(sorted(made))


def network_of(rows: Rows, report: Report, *, foreign: bool, metres: bool = False) -> Network:
    """The network. `foreign`: not written by this program, so mend first. `metres`: lengths of the source are metres.

    Raises BadInput with every fault, named in the words of the source.
    """
    if metres:
        for span in rows.spans:
            span["length_km"] = _in_km(span.get("length_km"))
    if foreign:
        mend(rows, report)
    value: Cells = {"about": rows.about, "nodes": rows.nodes, "spans": rows.spans, "risk_groups": rows.risk_groups}
    if rows.organisations is not None:
        value["organisations"] = rows.organisations
    try:
        network = network_from_json(value)
    except BadInput as error:
        raise BadInput(_in_words_of(rows, p) for p in error.problems) from None
    compare_routes(network, report)
    return network


def _in_words_of(rows: Rows, problem: Problem) -> Problem:
    place = f"{problem.file}[{problem.line - 1}]" if problem.line else problem.file
    column = ".".join(word for word in (place, rows.names.get(problem.column, problem.column)) if word)
    return replace(problem, file=rows.file, line=0, column=column)


def _in_km(value: Any) -> Any:
    number = _number(value)
    return value if number is None else str(number / 1000)


def mend(rows: Rows, report: Report) -> None:
    """Make rows of a foreign file readable, in place."""
    _mend_ids(rows, report)
    _mend_nodes(rows, report)
    _mend_spans(rows, report)
    _mend_organisations(rows, report)


# Ids


def _mend_ids(rows: Rows, report: Report) -> None:
    tables = {"nodes": rows.nodes, "spans": rows.spans, "organisations": rows.organisations or []}
    renamed: dict[str, dict[str, str]] = {}
    for name, table in tables.items():
        taken = {str(row.get("id", "")) for row in table}
        renamed[name] = {}
        for row in table:
            given = row.get("id")
            if given is None or isinstance(given, bool | list | dict):
                continue
            if not isinstance(given, str):
                report.count("note", "id_not_text", f"{name}.id", "Ids are numbers; they are read as text.", str(given))
            row["id"] = _good_id(str(given), taken, renamed[name])
            if row["id"] != str(given):
                row.setdefault("external_id", str(given)[:200])
                text = "Ids have other characters than A-Z a-z 0-9 . _ - and were changed."
                report.count("note", "id_changed", f"{name}.id", text, str(given))
    for row in rows.spans:
        for end in ("start", "end"):
            row[end] = _referred(row.get(end), renamed["nodes"])
    owners = renamed["organisations"]
    for row in (*rows.nodes, *rows.spans):
        if row.get("owner") is not None:
            owner = _referred(row["owner"], owners)
            row["owner"] = owner if ID.fullmatch(owner) else _good_id(owner, set(), owners)


def _good_id(given: str, taken: set[str], renamed: dict[str, str]) -> str:
    if ID.fullmatch(given):
        return given
    if given not in renamed:
        plain = unicodedata.normalize("NFKD", given).encode("ascii", "ignore").decode()
        made = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-")[:64]
        if not made or made in taken:
            made = f"{made[:50]}-{hashlib.sha256(given.encode('utf-8', 'replace')).hexdigest()[:12]}".strip("-")
        taken.add(made)
        renamed[given] = made
    return renamed[given]


def _referred(given: Any, renamed: Mapping[str, str]) -> str:
    text = "" if given is None or isinstance(given, bool | list | dict) else str(given)
    return renamed.get(text, text)


# Nodes


def _mend_nodes(rows: Rows, report: Report) -> None:
    problems = Problems()
    kept = []
    for row in rows.nodes:
        name = str(row.get("id", ""))
        if row.get("lat") is None or row.get("lon") is None:
            text = f"The node {printable(name)} has no position; it is left out."
            report.add("error", "no_position", f"nodes.{rows.names.get('lat', 'lat')}", text, name)
            continue
        _mend_position(row, name, rows, report, problems)
        if not str(row.get("name") or "").strip():
            row["name"] = name
            report.count("note", "no_name", "nodes.name", "Nodes have no name; their ids are taken.", name)
        if not str(row.get("type") or "").strip():
            row["type"] = UNKNOWN_TYPE
            report.count("note", "no_type", "nodes.type", f"Nodes have no type; `{UNKNOWN_TYPE}` is taken.", name)
        kept.append(row)
    problems.raise_errors()
    rows.nodes[:] = kept
    for name, count in sorted(Counter(str(row["name"]) for row in kept).items()):
        if count > 1:
            report.count("note", "same_name", "nodes.name", "Several nodes have the same name; the ids differ.", name)


def _mend_position(row: Cells, name: str, rows: Rows, report: Report, problems: Problems) -> None:
    lat, lon = _number(row["lat"]), _number(row["lon"])
    if lat is None or lon is None:
        return  # the checks of cells refuse it
    if guess := wrong_numbers(float(lat), float(lon)):
        text = f"The node {printable(name)} lies at {lat}, {lon}: no degrees."
        column = f"nodes.{rows.names.get('lat', 'lat')}"
        problems.add(text, file=rows.file, column=column, value=f"{lat} {lon}", hint=guess, code="not_degrees")
        return
    for key, value in (("lat", lat), ("lon", lon)):
        short = rounded(value)
        if Decimal(repr(short)) != value:
            text = "Positions have more than six decimals; they are rounded to six (0.11 m)."
            report.count("note", "decimals", "nodes", text, name)
        row[key] = repr(short)


def wrong_numbers(lat: float, lon: float) -> str:
    """What two numbers that are no degrees probably are; empty where they are degrees."""
    if abs(lat) <= 90 and abs(lon) <= 180:
        return ""
    if abs(lat) <= 180 and abs(lon) <= 90:
        return "Maybe latitude and longitude are swapped."
    if 0 <= lon <= 700_000 and 0 <= lat <= 1_300_000:
        return "Maybe these are metres of the British National Grid (EPSG:27700); save the file in WGS84 (EPSG:4326)."
    return "Maybe these are metres of a map projection (EPSG:3857 ...); save the file in WGS84 (EPSG:4326)."


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal(10) ** 15 else None


# Spans


def _mend_spans(rows: Rows, report: Report) -> None:
    places: dict[str, Position] = {}
    for row in rows.nodes:
        lat, lon = _number(row["lat"]), _number(row["lon"])
        if lat is not None and lon is not None:
            places[str(row.get("id"))] = float(lon), float(lat)
    known = {str(row.get("id")) for row in rows.nodes}
    rows.spans[:] = [row for row in rows.spans if _has_ends(row, known, places, report)]
    for row in rows.spans:
        name = str(row.get("id", ""))
        _mend_figures(row, name, places, rows, report)
        if not str(row.get("owner") or "").strip():
            row["owner"] = UNKNOWN_OWNER
            text = f"Spans have no owner; `{UNKNOWN_OWNER}` is taken."
            report.count("note", "no_owner", f"spans.{rows.names.get('owner', 'owner')}", text, name)
        given = str(row.get("fibre_type") or "")
        if given and (tidy := tidy_fibre(given)) != given:
            row["fibre_type"] = tidy
            report.count("note", "fibre_type_tidied", "spans.fibreType", f"Fibre types are written {tidy}.", name)


def _has_ends(row: Cells, known: set[str], places: Mapping[str, Position], report: Report) -> bool:
    name, start, end = str(row.get("id", "")), row["start"], row["end"]
    shown = printable(name)
    if row.pop("point", None):
        report.add("error", "point_as_span", "spans", f"The span {shown} is a point; it is left out.", name)
    elif not start or not end:
        text, hint = f"The span {shown} lacks an end; it is left out.", _nearest(row, places)
        report.add("error", "span_without_end", "spans.start" if not start else "spans.end", text, name, hint)
    elif start == end:
        report.add("error", "self_loop", "spans.end", f"The span {shown} starts and ends at one node; left out.", name)
    elif missing := [each for each in (start, end) if each not in known]:
        text = f"The span {shown} ends at {printable(missing[0])}, which is no node of the file; it is left out."
        report.add("error", "dangling", "spans.start" if missing[0] == start else "spans.end", text, missing[0])
    else:
        return True
    return False


def _line(row: Cells) -> tuple[Position, ...]:
    try:
        return read_line(row["route"]) if row.get("route") else ()
    except (CellError, TypeError):
        return ()


def _nearest(row: Cells, places: Mapping[str, Position]) -> str:
    """A hint that names the nodes at which the route ends."""
    line = _line(row)
    if not line or not places:
        return ""
    near = []
    for point in (line[0], line[-1]):
        metres, name = min((between_m(point, place), name) for name, place in places.items())
        if metres <= OFF_NODE_M:
            near.append(f"{name} ({metres:.0f} m)")
    return f"Maybe its ends are {' and '.join(near)}." if near else ""


def _mend_figures(row: Cells, name: str, places: Mapping[str, Position], rows: Rows, report: Report) -> None:
    if row.get("fibre_count") in (None, ""):
        row["fibre_count"] = 0
        text = "Spans have no number of strands; 0 is taken, so nothing can be granted on them."
        report.count("warning", "no_strand_count", f"spans.{rows.names.get('fibre_count', 'fibre_count')}", text, name)
    if row.get("length_km") in (None, "") and row["start"] in places and row["end"] in places:
        line = _line(row)
        metres = line_m(line or (places[row["start"]], places[row["end"]]))
        row["length_km"] = as_thousands(round(metres))
        row["length_from"] = "route" if line else "straight line"
        text = f"Spans have no length; that of the {row['length_from']} is taken."
        report.count("warning", "no_length", f"spans.{rows.names.get('length_km', 'length_km')}", text, name)


def _mend_organisations(rows: Rows, report: Report) -> None:
    if rows.organisations is None:
        return
    listed = {str(row.get("id")) for row in rows.organisations}
    named: dict[str, list[str]] = {}
    for row in rows.organisations:
        name = str(row.get("name") or "").strip()
        if name:
            named.setdefault(name, []).append(str(row.get("id")))
        else:
            row.pop("name", None)
            report.count("note", "no_name", "organisations.name", "Organisations have no name.", str(row.get("id")))
    for name, ids in sorted(named.items()):
        if len(set(ids)) > 1:
            text = f"{printable(name)} stands under {len(ids)} ids: {', '.join(ids[:SHOWN])}."
            report.add(
                "warning", "same_organisation", "organisations.name", text, name, "Maybe they are one; merge them."
            )
    for owner in sorted({str(row["owner"]) for row in (*rows.nodes, *rows.spans) if row.get("owner")} - listed):
        rows.organisations.append({"id": owner, "roles": ["contributor"]})
        report.count("note", "owner_not_listed", "organisations", "Owners are not listed; they are added.", owner)


# Routes against what they join


def compare_routes(network: Network, report: Report) -> None:
    """Say where a route does not reach its nodes, and where a length looks like metres."""
    for span in network.spans.values():
        if not span.route:
            continue
        start, end = network.nodes[span.start], network.nodes[span.end]
        for node, point in ((start, span.route[0]), (end, span.route[-1])):
            if (metres := between_m((node.lon, node.lat), point)) > OFF_NODE_M:
                text = f"The route of span {span.id} ends {metres:,.0f} m from node {node.id}."
                report.add("warning", "route_off_node", "spans.route", text, span.id)
        along = line_m(span.route)
        if along and span.length_m > SURELY_METRES * along:
            text = f"Span {span.id} is {as_thousands(span.length_m)} km long, its route {along / 1000:.3f} km."
            hint = "Maybe the lengths are metres; `cni network convert --lengths m` reads them so."
            report.add("warning", "length_in_metres", "spans.length_km", text, as_thousands(span.length_m), hint)


def turned(rows: Rows, report: Report) -> None:
    """Turn routes that run from the end of their span to its start, in place."""
    places = {str(row.get("id")): (_number(row.get("lat")), _number(row.get("lon"))) for row in rows.nodes}
    for row in rows.spans:
        line = _line(row)
        start = places.get(str(row.get("start")), (None, None))
        if not line or start[0] is None or start[1] is None:
            continue
        here = float(start[1]), float(start[0])
        first, last = between_m(here, line[0]), between_m(here, line[-1])
        if first > OFF_NODE_M and last <= OFF_NODE_M:
            row["route"] = line_text(line[::-1])
            text = "Routes run from the end of their span to its start; they are turned."
            report.count("note", "route_turned", "spans.route", text, str(row.get("id")))


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
