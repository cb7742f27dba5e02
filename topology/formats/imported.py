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
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from topology.cells import ID
from topology.files.json_form import network_from_json
from topology.files.lines import rounded
from topology.files.source import SHOWN, Cells, Placed, Places, Reading, Report, Row, Rows
from topology.files.tables import printable
from topology.formats.ofds_fields import tidy_fibre
from topology.formats.routes_in import OFF_NODE_M, compare_routes, line_of, number_of
from topology.geo import between_m, line_m
from topology.model import Position
from topology.problems import BadInput, Problem, Problems
from topology.quantities import as_thousands

UNKNOWN_OWNER, UNKNOWN_TYPE = "unknown", "unspecified"


def network_of(rows: Rows, report: Report, *, foreign: bool, metres: bool = False) -> Reading:
    """The network, the findings and their places. `foreign`: not written by this program, so mend first.

    `metres`: lengths of the source are metres. Raises BadInput with every fault, named in the words of the source.
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
    compare_routes(network, rows, report)
    return Reading(network, report.problems(), _places(rows))


def _places(rows: Rows) -> Places:
    """Where each node and span stands, by our columns."""

    def found(row: Row) -> Placed:
        def placed(column: str) -> tuple[str, int, int, str]:
            name = rows.names.get(column, column)
            return *row.where(name), f"{row.table}.{name}"

        return placed

    tables = {"nodes.csv": rows.nodes, "spans.csv": rows.spans}
    return {
        (file, str(row.get("id"))): found(row)
        for file, table in tables.items()
        for row in table
        if isinstance(row, Row)
    }


def _in_words_of(rows: Rows, problem: Problem) -> Problem:
    """A fault of a row as of its place in the source, whatever was left out ahead of it."""
    name = rows.names.get(problem.column, problem.column)
    table = rows.table(problem.file)
    row = table[problem.line - 1] if 0 < problem.line <= len(table) else None
    if not isinstance(row, Row):
        place = f"{problem.file}[{problem.line - 1}]" if problem.line else problem.file
        return replace(problem, file=rows.file, line=0, column=".".join(word for word in (place, name) if word))
    file, line, character = row.where(name)
    column = ".".join(word for word in (f"{row.table}[{row.number}]", name) if word)
    text = FIRST.sub(lambda found: f"first at {_shown(table[int(found[1]) - 1])}.", problem.text)
    return replace(problem, file=file, line=line, character=character, column=column, text=text)


FIRST = re.compile(r"first on line ([0-9]+)\.$")


def _shown(row: Row) -> str:
    _, line, character = row.where("id")
    where = f"line {line}" + (f", character {character}" if character else "") if line else ""
    return ", ".join(part for part in (f"{row.table}[{row.number}]", where) if part)


def _in_km(value: Any) -> Any:
    number = number_of(value)
    return value if number is None else str(number / 1000)


def mend(rows: Rows, report: Report) -> None:
    """Make rows of a foreign file readable, in place."""
    _mend_ids(rows, report)
    _mend_nodes(rows, report)
    _mend_spans(rows, report)
    _mend_organisations(rows, report)


# Ids


def _mend_ids(rows: Rows, report: Report) -> None:
    tables: dict[str, list[Row]] = {"nodes": rows.nodes, "spans": rows.spans, "organisations": rows.organisations or []}
    renamed: dict[str, dict[str, str]] = {}
    for name, table in tables.items():
        taken = {str(row.get("id", "")) for row in table}
        renamed[name] = {}
        for row in table:
            given = row.get("id")
            if given is None or isinstance(given, bool | list | dict):
                continue
            if not isinstance(given, str):
                report.count(
                    "note", "id_not_text", f"{name}.id", "Ids are numbers; they are read as text.", str(given), row
                )
            row["id"] = _good_id(str(given), taken, renamed[name])
            if row["id"] != str(given):
                row.setdefault("external_id", str(given)[:200])
                text = "Ids have other characters than A-Z a-z 0-9 . _ - and were changed."
                report.count("note", "id_changed", f"{name}.id", text, str(given), row)
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
        name = row.called
        if row.get("lat") is None or row.get("lon") is None:
            text = f"The node {printable(name)} has no position; it is left out."
            report.add("error", "no_position", f"nodes.{rows.names.get('lat', 'lat')}", text, name, row=row)
            continue
        _mend_position(row, name, rows, report, problems)
        if not str(row.get("name") or "").strip():
            row["name"] = name
            report.count("note", "no_name", "nodes.name", "Nodes have no name; their ids are taken.", name, row)
        if not str(row.get("type") or "").strip():
            row["type"] = UNKNOWN_TYPE
            report.count("note", "no_type", "nodes.type", f"Nodes have no type; `{UNKNOWN_TYPE}` is taken.", name, row)
        kept.append(row)
    problems.raise_errors()
    rows.nodes[:] = kept
    named: dict[str, list[Row]] = {}
    for row in kept:
        named.setdefault(str(row["name"]), []).append(row)
    for name, others in sorted(named.items()):
        if len(others) > 1:
            text = "Several nodes have the same name; the ids differ."
            report.count("note", "same_name", "nodes.name", text, name, others[1])


def _mend_position(row: Row, name: str, rows: Rows, report: Report, problems: Problems) -> None:
    lat, lon = number_of(row["lat"]), number_of(row["lon"])
    if lat is None or lon is None:
        return  # the checks of cells refuse it
    if guess := wrong_numbers(float(lat), float(lon)):
        text = f"The node {printable(name)} lies at {lat}, {lon}: no degrees."
        column = f"nodes.{rows.names.get('lat', 'lat')}"
        file, line, character = row.where(rows.names.get("lat", "lat"))
        found = f"{lat} {lon}"
        problems.found.append(Problem(file, line, column, found, text, guess, "not_degrees", "error", character))
        return
    for key, value in (("lat", lat), ("lon", lon)):
        short = rounded(value)
        if Decimal(repr(short)) != value:
            text = "Positions have more than six decimals; they are rounded to six (0.11 m)."
            report.count("note", "decimals", f"nodes.{rows.names.get(key, key)}", text, name, row)
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


# Spans


def _mend_spans(rows: Rows, report: Report) -> None:
    places: dict[str, Position] = {}
    for row in rows.nodes:
        lat, lon = number_of(row["lat"]), number_of(row["lon"])
        if lat is not None and lon is not None:
            places[str(row.get("id"))] = float(lon), float(lat)
    known = {str(row.get("id")) for row in rows.nodes}
    rows.spans[:] = [row for row in rows.spans if _has_ends(row, known, places, report)]
    for row in rows.spans:
        name = row.called
        _mend_figures(row, name, places, rows, report)
        if not str(row.get("owner") or "").strip():
            row["owner"] = UNKNOWN_OWNER
            text = f"Spans have no owner; `{UNKNOWN_OWNER}` is taken."
            report.count("note", "no_owner", f"spans.{rows.names.get('owner', 'owner')}", text, name, row)
        given = str(row.get("fibre_type") or "")
        if given and (tidy := tidy_fibre(given)) != given:
            row["fibre_type"] = tidy
            report.count("note", "fibre_type_tidied", "spans.fibreType", f"Fibre types are written {tidy}.", name, row)


def _has_ends(row: Row, known: set[str], places: Mapping[str, Position], report: Report) -> bool:
    name, start, end = row.called, row["start"], row["end"]
    shown = printable(name)
    if row.pop("point", None):
        report.add("error", "point_as_span", "spans", f"The span {shown} is a point; it is left out.", name, row=row)
    elif not start or not end:
        text, hint = f"The span {shown} lacks an end; it is left out.", _nearest(row, places)
        report.add("error", "span_without_end", "spans.start" if not start else "spans.end", text, name, hint, row)
    elif start == end:
        text = f"The span {shown} starts and ends at one node; it is left out."
        report.add("error", "self_loop", "spans.end", text, name, row=row)
    elif missing := [each for each in (start, end) if each not in known]:
        text = f"The span {shown} ends at {printable(missing[0])}, which is no node of the file; it is left out."
        column = "spans.start" if missing[0] == start else "spans.end"
        report.add("error", "dangling", column, text, missing[0], row=row)
    else:
        return True
    return False


def _nearest(row: Cells, places: Mapping[str, Position]) -> str:
    """A hint that names the nodes at which the route ends."""
    line = line_of(row)
    if not line or not places:
        return ""
    near = []
    for point in (line[0], line[-1]):
        metres, name = min((between_m(point, place), name) for name, place in places.items())
        if metres <= OFF_NODE_M:
            near.append(f"{name} ({metres:.0f} m)")
    return f"Maybe its ends are {' and '.join(near)}." if near else ""


def _mend_figures(row: Row, name: str, places: Mapping[str, Position], rows: Rows, report: Report) -> None:
    if row.get("fibre_count") in (None, ""):
        row["fibre_count"] = 0
        text = "Spans have no number of strands; 0 is taken, so nothing can be granted on them."
        report.count(
            "warning", "no_strand_count", f"spans.{rows.names.get('fibre_count', 'fibre_count')}", text, name, row
        )
    if row.get("length_km") in (None, "") and row["start"] in places and row["end"] in places:
        line = line_of(row)
        metres = line_m(line or (places[row["start"]], places[row["end"]]))
        row["length_km"] = as_thousands(round(metres))
        row["length_from"] = "route" if line else "straight line"
        text = f"Spans have no length; that of the {row['length_from']} is taken."
        report.count("warning", "no_length", f"spans.{rows.names.get('length_km', 'length_km')}", text, name, row)


def _mend_organisations(rows: Rows, report: Report) -> None:
    if rows.organisations is None:
        return
    listed = {str(row.get("id")) for row in rows.organisations}
    named: dict[str, list[Row]] = {}
    for row in rows.organisations:
        name = str(row.get("name") or "").strip()
        if name:
            named.setdefault(name, []).append(row)
        else:
            row.pop("name", None)
            report.count("note", "no_name", "organisations.name", "Organisations have no name.", row.called, row)
    for name, those in sorted(named.items()):
        ids = list(dict.fromkeys(row.called for row in those))
        if len(ids) > 1:
            text = f"{printable(name)} stands under {len(ids)} ids: {', '.join(ids[:SHOWN])}."
            hint = "Maybe they are one; merge them."
            report.add("warning", "same_organisation", "organisations.name", text, name, hint, those[1])
    used: dict[str, Row] = {}
    for row in (*rows.nodes, *rows.spans):
        if row.get("owner"):
            used.setdefault(str(row["owner"]), row)
    for owner in sorted(used.keys() - listed):
        made = {"id": owner, "roles": ["contributor"]}
        rows.organisations.append(Row(made, "organisations", len(rows.organisations), used[owner].where))
        column = f"{used[owner].table}.{rows.names.get('owner', 'owner')}"
        report.count("note", "owner_not_listed", column, "Owners are not listed; they are added.", owner, used[owner])
