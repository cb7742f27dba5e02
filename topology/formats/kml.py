"""A network as KML 2.2 (OGC 12-007r2) for Google Earth and contractors, and KML of any kind as a network.

Written: a folder of nodes and one of spans, coloured by spare pairs (width says the same again). Every cell stands in
`ExtendedData` for people, and all cells of a row in one value `cni` for machines, so that our own files come back whole.
A span without a route is drawn as the straight line between its ends.

Read, from others: a point is a node, a line is a span, its pieces joined. Ends are the nearest points within 100 m; where
there is none, a node is made, and said. What lies behind a NetworkLink is not fetched.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from topology.cells import cell_text
from topology.disclosure import band, offered_strands
from topology.files.columns import NODES, ORGANISATIONS, RISK_GROUPS, SPANS
from topology.files.csv_folder import about_cells
from topology.files.json_form import rows_to_json
from topology.files.lines import line_text, rounded
from topology.files.reading import parse_json
from topology.files.source import Cells, Reading, Report, Row, Rows
from topology.files.table_text import row_cells
from topology.formats.imported import network_of, wrong_numbers
from topology.formats.ofds_write import ILLUSTRATIVE
from topology.formats.routes_in import OFF_NODE_M, joined
from topology.formats.safe_xml import Element, read_xml
from topology.geo import between_m
from topology.model import Network, Position, Span
from topology.problems import BadInput, Problem, Problems, bad_input

SCHEMA = "cni.kml/1"
STYLES = {9: ("ffb27200", 5), 3: ("ffe9b456", 4), 1: ("ff009fe6", 3), 0: ("ff005ed5", 2)}
"""Least pairs of a band -> colour (alpha, blue, green, red, as KML wants) and width in pixels."""
SAME_PLACE_M = 10


# Out


def kml_bytes(network: Network) -> bytes:
    """The KML of a network; the same network gives the same bytes."""
    about: Cells = {"schema": SCHEMA, "about": about_cells(network)}
    about["risk_groups"] = rows_to_json(network.risk_groups.values(), RISK_GROUPS)
    if network.organisations is not None:
        about["organisations"] = rows_to_json(network.organisations.values(), ORGANISATIONS)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<kml xmlns="http://www.opengis.net/kml/2.2">',
        f"<Document><name>{_safe(network.name or network.id or 'network')}</name>",
        *([f"<description>{ILLUSTRATIVE}</description>"] if network.illustrative else []),
        *_styles(),
        _data({}, about),
        "<Folder><name>nodes</name>",
        *(_node(row_cells(n, NODES)) for n in network.nodes.values()),
        "</Folder><Folder><name>spans</name>",
        *(_span(s, network) for s in network.spans.values()),
        "</Folder></Document></kml>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _styles() -> Iterable[str]:
    yield '<Style id="node"><IconStyle><scale>0.6</scale></IconStyle><LabelStyle><scale>0.7</scale></LabelStyle></Style>'
    for least, (colour, width) in STYLES.items():
        look = f"<LineStyle><color>{colour}</color><width>{width}</width></LineStyle>"
        yield f'<Style id="spare-{least}">{look}</Style>'


def _safe(text: str) -> str:
    """Text for XML: marks escaped, what XML 1.0 cannot hold shown as a replacement character."""
    kept = "".join(c if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff") else "\ufffd" for c in text)
    return escape(kept)


def _data(shown: Mapping[str, Any], whole: Cells) -> str:
    values = [(key, cell_text(cell)) for key, cell in shown.items() if key not in ("id", "name", "lat", "lon", "route")]
    values.append(("cni", json.dumps(whole, sort_keys=True, separators=(",", ":"))))
    cells = "".join(f"<Data name={quoteattr(_safe_name(k))}><value>{_safe(v)}</value></Data>" for k, v in values)
    return f"<ExtendedData>{cells}</ExtendedData>"


def _safe_name(text: str) -> str:
    return "".join(c if c >= " " and c not in "\ufffe\uffff" else " " for c in text)


def _node(row: Cells) -> str:
    point = f"<Point><coordinates>{row['lon']},{row['lat']}</coordinates></Point>"
    return f"<Placemark><name>{_safe(row['name'])}</name><styleUrl>#node</styleUrl>{_data(row, row)}{point}</Placemark>"


def _span(span: Span, network: Network) -> str:
    row: Cells = row_cells(span, SPANS)
    row.pop("route", None)
    start, end = network.nodes[span.start], network.nodes[span.end]
    line = span.route or ((start.lon, start.lat), (end.lon, end.lat))
    points = " ".join(f"{lon!r},{lat!r}" for lon, lat in line)
    pairs = offered_strands(span) // 2
    shown = {**row, "spare_pairs": pairs, "geometry_is": "route" if span.route else "straight line"}
    return (
        f"<Placemark><name>{_safe(span.name or span.id)}</name><styleUrl>#spare-{band(pairs)[0]}</styleUrl>"
        f"{_data(shown, {**row, 'straight': not span.route})}"
        f"<LineString><tessellate>1</tessellate><coordinates>{points}</coordinates></LineString></Placemark>"
    )


# In


def read_kml(path: Path, *, metres: bool = False) -> Reading:
    """The network of a KML file and the findings about it. Raises BadInput."""
    problems = Problems()
    root = read_xml(path, problems)
    problems.raise_errors()
    if root is None or root.name != "kml":
        raise bad_input("This is no KML: its first element is not kml.", file=path.name, code="syntax")
    report, rows = Report(path.name), Rows(path.name)
    whole = _whole(root, path.name)
    for place, mark in enumerate(_placemarks(root, report), 1):
        _take(mark, place, rows, report, ours=bool(whole))
    if whole:
        rows.about, rows.risk_groups = whole.get("about", {}), whole.get("risk_groups", [])
        rows.organisations = whole.get("organisations")
    else:
        _find_ends(rows, report)
    return network_of(rows, report, foreign=not whole, metres=metres)


def _whole(root: Element, file: str) -> Cells:
    """What our own files say of the network as a whole; empty for files of others."""
    document = root.first("Document")
    value = _cells(document, file).get("cni") if document else None
    return value if isinstance(value, dict) and value.get("schema") == SCHEMA else {}


def _placemarks(root: Element, report: Report) -> Iterable[Element]:
    """All placemarks, in the order of the file."""
    left = [root]
    while left:
        element = left.pop()
        if element.name == "Placemark":
            yield element
        elif element.name == "NetworkLink":
            text = "Links to other files are not followed."
            report.count("note", "network_link", "NetworkLink", text, element.said("name"), _at(element, report.file))
        left.extend(reversed(element.children if element.name != "Placemark" else []))


def _cells(element: Element, file: str) -> Cells:
    """The values of ExtendedData, in either of its two forms; `cni` as the JSON value that it is."""
    made: Cells = {}
    for data in element.all("ExtendedData"):
        for each in data.all("Data"):
            made[each.attributes.get("name", "")] = each.said("value")
        for schema in data.all("SchemaData"):
            made |= {each.attributes.get("name", ""): each.text.strip() for each in schema.all("SimpleData")}
    text = made.get("cni")
    if isinstance(text, str):
        problems = Problems()
        made["cni"] = parse_json(text, file, problems)
        problems.raise_errors()
    return made


def _at(element: Element, file: str, cells: Cells | None = None, table: str = "placemarks", number: int = 0) -> Row:
    """Cells with the line of their element."""
    return Row(cells or {}, table, number, lambda name: (file, element.line, 0))


def _take(mark: Element, place: int, rows: Rows, report: Report, *, ours: bool) -> None:
    """A placemark as a row of nodes or spans."""
    cells = _cells(mark, rows.file)
    own = cells.get("cni")
    parts, kind = _geometry(mark, mark.said("name"), report)
    table = rows.nodes if kind == "Point" else rows.spans
    row = _at(
        mark,
        rows.file,
        own if ours and isinstance(own, dict) else None,
        "nodes" if kind == "Point" else "spans",
        len(table),
    )
    if not row:
        row |= {key: value for key, value in cells.items() if key not in ("cni", "") and value != ""}
        row.setdefault("id", mark.attributes.get("id") or f"placemark-{place}")
        row.setdefault("name", mark.said("name"))
    elif (named := mark.said("name")) not in (_read_back(str(row.get("name") or row.get("id", ""))), ""):
        row["name"] = named  # someone gave it another name in their program
    row.setdefault("id", f"placemark-{place}")  # ours, with its id taken out
    straight = row.pop("straight", False)
    if kind == "Point" and len(parts) == 1:
        row["lon"], row["lat"] = parts[0][0]
        rows.nodes.append(row)
    elif kind == "LineString":
        _take_line(row, parts, straight, rows, report)
    else:
        text = "Placemarks that are neither a point nor a line are passed over."
        report.count("note", "not_a_line", "Placemark", text, mark.said("name"), row)


def _read_back(text: str) -> str:
    return "".join(c if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff") else "\ufffd" for c in text).strip()


def _take_line(row: Row, parts: list[list[tuple[str, str]]], straight: bool, rows: Rows, report: Report) -> None:
    name = str(row["id"])
    lines = [tuple((rounded(float(lon)), rounded(float(lat))) for lon, lat in part) for part in parts]
    line = joined(lines)
    if line is None:
        text = "The pieces of a line do not meet; it is passed over."
        report.add("error", "route_unusable", "coordinates", text, name, row=row)
        return
    if len(lines) > 1:
        text = "Routes came in pieces and were joined."
        report.count("warning", "route_joined", "coordinates", text, name, row)
    if not (straight and len(line) == 2):
        row["route"] = line_text(line)
    rows.spans.append(row)


def _geometry(mark: Element, name: str, report: Report) -> tuple[list[list[tuple[str, str]]], str]:
    """The parts of a placemark's geometry as texts of longitude and latitude, and its kind."""
    found, left = [], [child for child in mark.children if child.name != "ExtendedData"]
    while left:
        element = left.pop(0)
        if element.name in ("Point", "LineString"):
            found.append((element.name, _coordinates(element, name, report)))
        elif element.name == "MultiGeometry":
            left = [*element.children, *left]
    kinds = {kind for kind, part in found if part}
    return [part for _, part in found if part], kinds.pop() if len(kinds) == 1 else ""


def _coordinates(element: Element, name: str, report: Report) -> list[tuple[str, str]]:
    made, here = [], _at(element, report.file)
    for word in element.said("coordinates").split():
        numbers = word.split(",")
        try:
            lon, lat = float(numbers[0]), float(numbers[1])
        except (ValueError, IndexError):
            report.add("warning", "route_unusable", "coordinates", "Coordinates cannot be read.", word, row=here)
            return []
        if guess := wrong_numbers(lat, lon):
            text = f"{name or 'A placemark'} lies at {lat}, {lon}: no degrees."
            where = report.file, element.line, "coordinates"
            raise BadInput([Problem(*where, word, text, guess, "not_degrees")])
        if len(numbers) > 2 and float(numbers[2] or 0) != 0:
            said = "Positions have a height; it is passed over."
            report.count("note", "height", "coordinates", said, name, here)
        made.append((numbers[0].strip(), numbers[1].strip()))
    return made


def _find_ends(rows: Rows, report: Report) -> None:
    """Give each line the nearest nodes as its ends; where there is none within 100 m, make one."""
    places: list[tuple[Position, str]] = [((float(n["lon"]), float(n["lat"])), str(n["id"])) for n in rows.nodes]
    given = len(places)
    for row in rows.spans:
        if not row.get("route"):
            continue
        points = row["route"][len("LINESTRING (") : -1].split(", ")
        for column, text in (("start", points[0]), ("end", points[-1])):
            if row.get(column):
                continue
            lon, lat = (float(word) for word in text.split())
            row[column] = _nearest((lon, lat), places, given) or _made((lon, lat), places, rows, report, row)


def _nearest(point: Position, places: list[tuple[Position, str]], given: int) -> str:
    near = [
        (metres, name)
        for number, (place, name) in enumerate(places)
        if (metres := between_m(point, place)) <= (OFF_NODE_M if number < given else SAME_PLACE_M)
    ]
    return min(near)[1] if near else ""


def _made(point: Position, places: list[tuple[Position, str]], rows: Rows, report: Report, span: Row) -> str:
    name = f"end-{len(places) + 1}"
    places.append((point, name))
    made = {"id": name, "name": name, "lon": repr(point[0]), "lat": repr(point[1])}
    rows.nodes.append(Row(made, "nodes", len(rows.nodes), span.where))
    report.count("warning", "node_made", "coordinates", "Nodes were made at ends of lines without a point.", name, span)
    return name
