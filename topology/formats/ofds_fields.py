"""How our columns and the fields of the Open Fibre Data Standard 0.4 stand for each other.

A `Field` writes a cell as standard fields and reads it back. What the standard cannot hold exactly goes into the entity's
`cni` object. On the way in, a cell of `cni` counts only while the standard fields beside it are those that it would write:
whoever edits the standard fields with other tools is believed.

Source of names and codes: network schema and code lists of OFDS 0.3.0 and 0.4.0, Open-Telecoms-Data/open-fibre-data-standard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from topology.cells import CellError
from topology.files.lines import line_text, read_line, rounded
from topology.quantities import as_thousands, thousandths

Json = dict[str, Any]

NODE_TYPES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "data_centre": (("pop",), "dataCentre"),
    "exchange": (("pop",), "exchange"),
    "pop": (("pop",), ""),
    "ixp": (("ixp",), ""),
    "cabinet": (("aggregationPoint",), "cabinet"),
    "chamber": ((), "cableWell"),
    "customer_site": (("customerPremises",), "building"),
}
"""Our node type -> function codes and the code of the building."""

BUILDINGS = {"dataCentre": "data_centre", "exchange": "exchange", "cabinet": "cabinet", "cableWell": "chamber"}
OLD_BUILDINGS = frozenset(
    ("dataCentre", "exchange", "cabinet", "cableWell", "tower", "substation", "pole", "pylon", "building")
)
"""Codes that were node types in 0.3 and are supporting infrastructure in 0.4."""

DEPLOYMENTS: Mapping[str, tuple[str, str]] = {
    "duct": ("belowGround", "duct"),
    "pipe": ("belowGround", "pipe"),
    "buried": ("belowGround", "none"),
    "underground": ("belowGround", ""),
    "trough": ("aboveGround", "trough"),
    "pole": ("aboveGround", "pole"),
    "pylon": ("aboveGround", "pylon"),
    "aerial": ("aboveGround", ""),
}
"""Our deployment -> deployment code and code of the supporting infrastructure."""

STATUSES = {
    "operational": "operational",
    "planned": "planned",
    "proposed": "proposed",
    "under_construction": "underConstruction",
    "inactive": "inactive",
    "decommissioned": "decommissioned",
}
ROLES = {"contributor": "transmissionMediumOwner", "user": "networkProvider", "investor": "funder"}
FIBRE = re.compile(r"(G\.(?:651\.1|65[2-7]))((?:\.[A-Z]\d?)?)")
LOOSE_FIBRE = re.compile(r"\s*G[. ]?(651\.1|65[2-7])[. ]?([A-Da-d]\d?)?\s*")


@dataclass(frozen=True, slots=True)
class Field:
    """One column: the paths of the standard that it owns, and both ways. `read` gives None where nothing stands there."""

    column: str
    paths: tuple[str, ...]
    write: Callable[[Any], Json]
    read: Callable[[Json], Any]


def at(value: Any, path: str) -> Any:
    """What stands at a dotted path; None where nothing does."""
    for word in path.split("."):
        value = value.get(word) if isinstance(value, dict) else None
    return value


def without(value: Json, path: str) -> None:
    """Take away what stands at a dotted path, and objects that this empties."""
    first, _, rest = path.partition(".")
    if rest and isinstance(value.get(first), dict):
        without(value[first], rest)
        if value[first]:
            return
    value.pop(first, None)


def merged(*objects: Json) -> Json:
    """Objects laid over each other, later ones on top, objects within them too."""
    made: Json = {}
    for each in objects:
        for key, value in each.items():
            below = made.get(key)
            made[key] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return made


def text_of(value: Any) -> Any:
    """A JSON value as a cell: numbers keep their digits, anything but a single value stays for the checks to refuse."""
    return str(value) if isinstance(value, Decimal | float) else value


def _plain(column: str, path: str) -> Field:
    return Field(column, (path,), lambda v: {path: v}, lambda o: text_of(o.get(path)))


def _owner(obj: Json) -> Any:
    return text_of(at(obj, "transmissionMediumOwner.id"))


def _type_write(word: Any) -> Json:
    own = () if word in OLD_BUILDINGS else (word,)  # as a type it would be read as one of 0.3
    functions, building = NODE_TYPES.get(word, (own, ""))
    made: Json = {"type": list(functions)} if functions else {}
    return {**made, "supportingInfrastructure": {"type": building}} if building else made


def _type_read(obj: Json) -> Any:
    functions, building = _words(obj.get("type")), _support(obj)
    for word, (given, within) in NODE_TYPES.items():
        if list(given) == functions and within == building:
            return word
    if building in BUILDINGS:
        return BUILDINGS[building]
    known = next((word for word in ("ixp", "pop") if word in functions), None)
    return known or (functions[0] if functions else building or None)


def _support(obj: Json) -> str:
    value = at(obj, "supportingInfrastructure.type")
    return value if isinstance(value, str) else ""


def _words(value: Any) -> list[str]:
    """A list of codes: as a list, or as text with semicolons (the flat GeoJSON form)."""
    if isinstance(value, str):
        value = value.split(";")
    return [str(v).strip() for v in value if str(v).strip()] if isinstance(value, list) else []


def _status_read(obj: Json) -> Any:
    value = obj.get("status")
    return next((ours for ours, theirs in STATUSES.items() if theirs == value), value)


def _deployment_write(word: Any) -> Json:
    ground, support = DEPLOYMENTS.get(word, ("", word))
    made: Json = {"deployment": [ground]} if ground else {}
    return {**made, "supportingInfrastructure": {"type": support}} if support else made


def _deployment_read(obj: Json) -> Any:
    grounds, support = _words(obj.get("deployment")), _support(obj)
    for word, (ground, within) in DEPLOYMENTS.items():
        if within == support and ([ground] == grounds or (support and not grounds)):
            return word
    if support and support != "none":
        return support
    return {"belowGround": "underground", "aboveGround": "aerial"}.get(grounds[0], grounds[0]) if grounds else None


def _fibre_write(word: Any) -> Json:
    found = FIBRE.fullmatch(str(word))
    if not found:
        return {"fibreTypeDetails": {"fibreSubtype": word}}
    return {"fibreType": found[1], **({"fibreTypeDetails": {"fibreSubtype": word}} if found[2] else {})}


def _fibre_read(obj: Json) -> Any:
    return text_of(at(obj, "fibreTypeDetails.fibreSubtype") or obj.get("fibreType"))


def tidy_fibre(word: str) -> str:
    """`G652D` or `g.652 d` as `G.652.D`; other words as they are."""
    found = LOOSE_FIBRE.fullmatch(word.upper())
    return f"G.{found[1]}" + (f".{found[2]}" if found[2] else "") if found else word


def _length_write(text: Any) -> Json:
    return {"fibreLength": float(Decimal(text))}


def _length_read(obj: Json) -> Any:
    """Kilometres to whole metres where they are a plain number; else as they stand, for the checks to refuse."""
    value = obj.get("fibreLength")
    if isinstance(value, Decimal | float | int) and not isinstance(value, bool) and 0 <= value < 10**9:
        return as_thousands(thousandths(Decimal(str(value))))
    return text_of(value)


def _count_write(count: Any) -> Json:
    return {"fibreCount": count}


def _roles_read(obj: Json) -> Any:
    back = {theirs: ours for ours, theirs in ROLES.items()}
    return sorted({back.get(word, word) for word in _words(obj.get("roles"))}) or None


def _route_write(text: Any) -> Json:
    return {"route": {"type": "LineString", "coordinates": [list(point) for point in read_line(text)]}}


def _route_read(obj: Json) -> Any:
    """The route as our text; None where there is none or it is no line (`imported` has said so then)."""
    points = at(obj, "route.coordinates")
    try:
        return line_text(tuple((rounded(p[0]), rounded(p[1])) for p in points)) if points else None
    except (TypeError, ValueError, IndexError, KeyError, ArithmeticError, CellError):
        return None


STATUS = Field("status", ("status",), lambda v: {"status": STATUSES[v]} if v in STATUSES else {}, _status_read)
OWNER = Field("owner", ("transmissionMediumOwner.id",), lambda v: {"transmissionMediumOwner": {"id": v}}, _owner)
ID, NAME = _plain("id", "id"), _plain("name", "name")

NODE_FIELDS = (
    ID,
    NAME,
    Field("type", ("type", "supportingInfrastructure.type"), _type_write, _type_read),
    STATUS,
    OWNER,
    Field(
        "building",
        ("supportingInfrastructure.description",),
        lambda v: {"supportingInfrastructure": {"description": v}},
        lambda o: text_of(at(o, "supportingInfrastructure.description")),
    ),
)
SPAN_FIELDS = (
    ID,
    NAME,
    _plain("start", "start"),
    _plain("end", "end"),
    STATUS,
    OWNER,
    Field("fibre_count", ("fibreCount",), _count_write, lambda o: text_of(o.get("fibreCount"))),
    Field("length_km", ("fibreLength",), _length_write, _length_read),
    _plain("ready_for_service", "readyForServiceDate"),
    Field("deployment", ("deployment", "supportingInfrastructure.type"), _deployment_write, _deployment_read),
    Field("fibre_type", ("fibreType", "fibreTypeDetails.fibreSubtype"), _fibre_write, _fibre_read),
    Field("route", ("route",), _route_write, _route_read),
)
ORGANISATION_FIELDS = (
    ID,
    NAME,
    Field("roles", ("roles",), lambda v: {"roles": [ROLES.get(w, w) for w in v]}, _roles_read),
)
STANDARD_NAMES = {
    f.column: f.paths[0] for f in (*NODE_FIELDS, *SPAN_FIELDS, *ORGANISATION_FIELDS) if f.paths[0] != f.column
} | {"lat": "location", "lon": "location"}
"""Our column -> the field of the standard, for messages about standard files."""


def written(row: Mapping[str, Any], fields: tuple[Field, ...]) -> tuple[Json, Json]:
    """A row as standard fields, and what of it they cannot give back."""
    obj = merged(*(field.write(row[field.column]) for field in fields if field.column in row))
    back = {field.column: field.read(obj) for field in fields}
    return obj, {key: value for key, value in row.items() if not _same(back.get(key), value)}


def taken(obj: Json, fields: tuple[Field, ...]) -> Json:
    """The row of an entity: its standard fields, and its `cni` object where that still fits them."""
    cni = obj.get("cni")
    row = dict(cni) if isinstance(cni, dict) else {}
    for field in fields:
        mine = row.pop(field.column, None)
        if mine is not None and _fits(mine, obj, field):
            row[field.column] = mine
        elif (theirs := field.read(obj)) is not None:
            row[field.column] = theirs
    return row


def _fits(value: Any, obj: Json, field: Field) -> bool:
    try:
        made = field.write(value)
    except (TypeError, ValueError, ArithmeticError):
        return False
    return all(_same(at(made, path), at(obj, path)) for path in field.paths)


def _same(one: Any, two: Any) -> bool:
    """Whether two JSON values say the same, numbers by value."""
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(_same(a, b) for a, b in zip(one, two, strict=True))
    numbers = (int, float, Decimal)
    if isinstance(one, numbers) and isinstance(two, numbers):
        return float(one) == float(two)
    return bool(one == two)
