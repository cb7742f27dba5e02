"""Packages of the Open Fibre Data Standard 0.3 and 0.4 as networks.

The version is guessed from the fields, since the link that names it is often wrong. Fields without a column of ours are
kept as text in the extra column `ofds`, so that writing the package again gives them back.
"""

from __future__ import annotations

import copy
import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from topology.cells import ID, TEXT_LENGTH
from topology.files.lines import MAX_POINTS, line_text, rounded
from topology.files.reading import parse_json, read_text
from topology.files.source import Reading, Report, Row, Rows, Where
from topology.files.tables import printable
from topology.formats.imported import network_of
from topology.formats.json_places import JsonPlaces
from topology.formats.json_places import Path as JsonPath
from topology.formats.ofds_fields import (
    NODE_FIELDS,
    OLD_BUILDINGS,
    ORGANISATION_FIELDS,
    SPAN_FIELDS,
    STANDARD_NAMES,
    Field,
    Json,
    at,
    taken,
    text_of,
    without,
)
from topology.formats.ofds_write import CRS, ILLUSTRATIVE, KEPT, kept_text
from topology.formats.routes_in import joined, turned
from topology.model import Position
from topology.problems import Problems, bad_input

VERSION = re.compile(r"0__([0-9]+)__")
LIST_LIMIT = 12


Locate = Callable[[str, int], Where]
"""(Table, place in its list of the chosen network) -> where the fields of that entity stand; table "" is the network."""


def read_ofds(path: Path, which: str = "", *, metres: bool = False) -> Reading:
    """The network of a package file and the findings about it. `which`: id, identifier or name, where there are several.

    Raises BadInput.
    """
    problems = Problems()
    text = read_text(path, problems)
    value = None if text is None else parse_json(text, path.name, problems)
    problems.raise_errors()
    places = JsonPlaces(text or "", 5)

    def locate(base: JsonPath, table: str, number: int) -> Where:
        entity = (*base, table, number) if table else base
        return lambda name: (path.name, *places.at((*entity, name)))

    return network_of_package(value, path.name, which, metres=metres, locate=locate)


def network_of_package(
    value: Any,
    file: str,
    which: str = "",
    *,
    metres: bool = False,
    locate: Callable[[JsonPath, str, int], Where] | None = None,
) -> Reading:
    """As `read_ofds`, for a JSON value already in memory. `locate`: as `Locate`, after the path of the network."""
    obj, base = _chosen(value, file, which)
    find: Locate = partial(locate, base) if locate else lambda table, number: lambda name: (file, 0, 0)
    report = Report(file, find("", 0))
    rows, foreign = rows_of(obj, file, report, find)
    return network_of(rows, report, foreign=foreign, metres=metres)


def _chosen(value: Any, file: str, which: str) -> tuple[Json, JsonPath]:
    """The network object of a package, or of a file that is one network, and its path there."""
    alone = False
    if isinstance(value, dict) and "networks" not in value and ("nodes" in value or "spans" in value):
        value, alone = {"networks": [value]}, True
    found = value.get("networks") if isinstance(value, dict) else None
    if not isinstance(found, list) or not found or not all(isinstance(each, dict) for each in found):
        text = "This is no OFDS network package: it has no list `networks`."
        hint = "`cni network check` also reads CSV folders, .geojson, .gpkg and .kml."
        raise bad_input(text, file=file, column="networks", code="not_ofds", hint=hint)
    chosen = [
        each for each in found if not which or which in (each.get("id"), each.get("identifier"), each.get("name"))
    ]
    if len(chosen) == 1:
        place = next(number for number, each in enumerate(found) if each is chosen[0])
        return dict(chosen[0]), () if alone else ("networks", place)
    shown = ", ".join(printable(str(each.get("id"))) for each in found[:LIST_LIMIT])
    text = f"The file holds {len(found)} networks: {shown}." if not which else f"There is no single network {which}."
    hint = "Name one with --network ID, of `cni network check` or `convert`."
    raise bad_input(text, file=file, column="networks", code="several_networks", value=which, hint=hint)


def rows_of(obj: Json, file: str, report: Report, locate: Locate) -> tuple[Rows, bool]:
    """Rows of one network object, and whether another program wrote it."""
    obj = copy.deepcopy(obj)
    own = obj.get("cni") if isinstance(obj.get("cni"), dict) else None
    _say_of_head(obj, report, own is not None)
    _no_other_files(obj, file)
    lists = {name: _objects(obj, name, file) for name in ("nodes", "spans", "organisations")}
    for kind in ("nodes", "spans"):
        for entity in lists[kind]:
            upgrade(entity, kind)
    for entity in lists["organisations"]:
        entity["roles"] = [_NEW_ROLES.get(r, r) if isinstance(r, str) else r for r in _list(entity.get("roles"))]
        if not entity["roles"]:
            del entity["roles"]
    names = {str(o.get("id")): o.get("name") for o in lists["organisations"]}
    rows = Rows(file, names=STANDARD_NAMES)
    for number, each in enumerate(lists["nodes"]):
        rows.nodes.append(_node(each, number, locate("nodes", number), names, report))
    for number, each in enumerate(lists["spans"]):
        rows.spans.append(_span(each, number, locate("spans", number), names, report, own is not None))
    unlisted = _list((own or {}).get("unlisted"))
    organisations = [
        _organisation(each, number, locate("organisations", number), report)
        for number, each in enumerate(lists["organisations"])
        if each.get("id") not in unlisted
    ]
    listed = own.get("organisations") is True if own else bool(organisations)
    rows.organisations = organisations if listed else None
    rows.about, rows.risk_groups = _about(obj, own, report, locate("", 0))
    if own is None:
        turned(rows, report)
    return rows, own is None


_NEW_ROLES = {"physicalInfrastructureProvider": "transmissionMediumOwner"}


def upgrade(entity: Json, kind: str) -> None:
    """Fields of 0.3 under their names of 0.4, in place."""
    if "physicalInfrastructureProvider" in entity:
        entity.setdefault("transmissionMediumOwner", entity.pop("physicalInfrastructureProvider"))
    details = entity.get("deploymentDetails")
    if isinstance(details, dict) and isinstance(details.get("description"), str):
        del entity["deploymentDetails"]
        support = entity.setdefault("supportingInfrastructure", {})
        if isinstance(support, dict):
            support.setdefault("description", details["description"])
    types = entity.get("type")
    if kind == "nodes" and isinstance(types, list):
        buildings = [t for t in types if isinstance(t, str) and t in OLD_BUILDINGS]
        support = entity.setdefault("supportingInfrastructure", {}) if buildings else None
        if isinstance(support, dict) and "type" not in support:
            support["type"] = buildings[0]
            entity["type"] = [t for t in types if t not in OLD_BUILDINGS]
            if not entity["type"]:
                del entity["type"]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(obj: Json, name: str, file: str) -> list[Json]:
    value = obj.pop(name, [])
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise bad_input(f"{name} must be a list of objects.", file=file, column=name, code="bad_json")
    return value


def _say_of_head(obj: Json, report: Report, ours: bool) -> None:
    """Notes on what files often get wrong about the network as a whole."""
    crs = obj.pop("crs", None)
    if crs is None:
        text = "No reference system is given (`crs`); longitude and latitude in WGS84 are taken."
        report.add("note", "no_crs", "crs", text)
    elif not isinstance(crs, dict) or crs.get("name") not in (None, CRS["name"], "urn:ogc:def:crs:EPSG::4326"):
        text = "The reference system is not that of the standard; longitude and latitude in WGS84 are taken."
        report.add("warning", "wrong_crs", "crs.name", text, str(at(crs, "name")), f"The standard wants {CRS['name']}.")
    try:
        uuid.UUID(str(obj.get("id")))
    except ValueError:
        text = "The id of the network is no UUID, as the standard wants."
        report.add("note", "id_no_uuid", "id", text, str(obj.get("id") or ""))
    links = [link for link in _list(obj.get("links")) if isinstance(link, dict)]
    described = next((link for link in links if link.get("rel") == "describedby"), None)
    named = VERSION.search(str((described or {}).get("href", "")))
    if not ours and (not named or named[1] not in ("3", "4")):
        text = "No link says which version of the standard the file keeps to; it is guessed from the fields."
        report.add("note", "no_version", "links", text, str((described or {}).get("href", "")))


def _no_other_files(obj: Json, file: str) -> None:
    """Refuse a network whose nodes or spans stand in other files or behind an address: nothing is fetched."""
    for link in _list(obj.get("links")):
        rel = str(link.get("rel", "")) if isinstance(link, dict) else ""
        if rel.rsplit(":", 1)[-1] in ("nodesFile", "spansFile", "nodesAPI", "spansAPI") and "nodes" not in obj:
            text = f"The network keeps its nodes or spans elsewhere ({rel}); nothing is fetched."
            hint = "Put nodes and spans into one package and read that."
            raise bad_input(
                text, file=file, column="links", value=str(link.get("href", "")), code="elsewhere", hint=hint
            )


def _about(obj: Json, own: Json | None, report: Report, where: Where) -> tuple[Json, list[Json]]:
    """What is said of the network as a whole, and its risk groups."""
    about = Row(at(own, "about") if isinstance(at(own, "about"), dict) else {}, "networks", 0, where)
    groups = [dict(g) if isinstance(g, dict) else g for g in _list((own or {}).get("risk_groups"))]
    rest = {k: v for k, v in obj.items() if k not in ("cni", "links")}
    for name, column in (("identifier", "id"), ("name", "name"), ("collectionDate", "as_of")):
        if isinstance(rest.get(name), str) and (column != "id" or ID.fullmatch(rest[name])):
            about[column] = rest.pop(name)
    given = rest.pop("id", None)
    if own is None and isinstance(given, str | int) and str(given):
        about["external_id" if "id" in about or not ID.fullmatch(str(given)) else "id"] = str(given)[:200]
    if rest.get("accuracyDetails") == ILLUSTRATIVE:
        about["illustrative"] = True
        del rest["accuracyDetails"]
    licences = [
        link.get("href") for link in _list(obj.get("links")) if isinstance(link, dict) and link.get("rel") == "license"
    ]
    if "licence" not in about and licences and isinstance(licences[0], str):
        about["licence"] = licences[0][:200]
    _keep(about, rest, "networks", report)
    return about, groups


def _node(obj: Json, number: int, where: Where, names: dict[str, Any], report: Report) -> Row:
    row = Row(taken(obj, NODE_FIELDS), "nodes", number, where)
    place = obj.get("location")
    point = at(place, "coordinates")
    if isinstance(point, list) and len(point) >= 2 and not any(isinstance(each, list | dict) for each in point):
        row["lon"], row["lat"] = text_of(point[0]), text_of(point[1])
        for column in ("lat", "lon"):
            if isinstance(row[column], int) and not isinstance(row[column], bool):
                row[column] = str(row[column])
        if len(point) > 2:
            text = "Positions have a height; it is passed over."
            report.count("note", "height", "nodes.location", text, row.called, row)
    if "power_kw" in row:
        obj.pop("power", None)
    _rest(row, obj, (*NODE_FIELDS, _path("location")), "nodes", names, report)
    return row


def _span(obj: Json, number: int, where: Where, names: dict[str, Any], report: Report, ours: bool) -> Row:
    row = Row(taken(obj, SPAN_FIELDS), "spans", number, where)
    if not ours and (line := _line(obj.get("route"), row, report)) is not None:
        row.pop("route", None)
        row |= {"route": line_text(line)} if line else {"point": True}
    for derived in ("darkFibre", "directed"):
        if isinstance(obj.get(derived), bool) and (derived != "directed" or not obj[derived]):
            del obj[derived]
    if obj.get("transmissionMedium") == ["fibre"]:
        del obj["transmissionMedium"]
    _rest(row, obj, SPAN_FIELDS, "spans", names, report)
    return row


def _line(geometry: Any, row: Row, report: Report) -> tuple[Position, ...] | None:
    """The line of a geometry; empty for a point, None where there is none that can be used."""
    kind, points = at(geometry, "type"), at(geometry, "coordinates")
    if geometry is None:
        return None
    if kind == "Point":
        return ()
    parts = points if kind == "MultiLineString" else [points]
    try:
        lines = [tuple(_position(p) for p in part) for part in parts]
        high = any(len(p) > 2 for part in parts for p in part)
    except (TypeError, ValueError, ArithmeticError, IndexError):
        lines, high = [], False
    line = joined(lines)
    if line is None or len(line) > MAX_POINTS:
        text = f"The route of span {printable(row.called)} is no line, or its pieces do not meet; it is passed over."
        report.add("warning", "route_unusable", "spans.route", text, row.called, row=row)
        return None
    if high:
        text = "Routes have heights; they are passed over."
        report.count("note", "height", "spans.route", text, row.called, row)
    if len(lines) > 1:
        text = "Routes came in pieces and were joined."
        report.count("warning", "route_joined", "spans.route", text, row.called, row)
    return line


def _position(point: Any) -> Position:
    lon, lat = rounded(_finite(point[0])), rounded(_finite(point[1]))
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueError("no degrees")
    return lon, lat


def _finite(value: Any) -> Decimal:
    if isinstance(value, bool | str):
        raise TypeError("no number")
    return Decimal(value)


def _organisation(obj: Json, number: int, where: Where, report: Report) -> Row:
    row = Row(taken(obj, ORGANISATION_FIELDS), "organisations", number, where)
    roles = row.get("roles")
    if isinstance(roles, list) and not all(isinstance(r, str) and ID.fullmatch(r) for r in roles):
        row["roles"] = [r for r in roles if isinstance(r, str) and ID.fullmatch(r)]
    _rest(row, obj, ORGANISATION_FIELDS, "organisations", {}, report)
    return row


def _path(path: str) -> Field:
    return Field(path, (path,), lambda v: {}, lambda o: None)


def _rest(row: Row, obj: Json, fields: tuple[Field, ...], table: str, names: dict[str, Any], report: Report) -> None:
    """Keep in the row what of an entity no column stands for."""
    rest = copy.deepcopy(obj)
    rest.pop("cni", None)
    for field in fields:
        for path in field.paths:
            if at(rest, path) is not None:
                without(rest, path)
    owner = rest.get("transmissionMediumOwner")
    if isinstance(owner, dict) and owner.get("name") is not None and owner["name"] == names.get(str(row.get("owner"))):
        without(rest, "transmissionMediumOwner.name")
    _keep(row, rest, table, report)


def _keep(row: Row, rest: Json, table: str, report: Report) -> None:
    if not rest:
        return
    try:
        text = kept_text(rest)
    except (ValueError, TypeError, RecursionError, ArithmeticError):
        text = ""
    if text and len(text) <= TEXT_LENGTH and KEPT not in row:
        row[KEPT] = text
        said = f"Fields without a column are kept: {', '.join(sorted(rest))}."
        report.count("note", "fields_kept", table, said, row.called, row)
    else:
        said = f"Fields could not be kept: {', '.join(printable(k) for k in sorted(rest))[:200]}."
        report.count("warning", "fields_dropped", table, said, row.called, row)
