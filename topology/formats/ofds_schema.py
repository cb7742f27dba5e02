"""The published form of the `cni` objects in our OFDS files: what they may hold, from the column tables."""

from __future__ import annotations

from typing import Any

from topology.files.columns import NODES, ORGANISATIONS, RISK_GROUPS, SPANS
from topology.files.csv_folder import ABOUT
from topology.files.tables import Column, Table

NAME = "cni.ofds/1"
TITLE = "the `cni` object of each entity in an OFDS package: what the standard has no field for"
TYPES: dict[str, dict[str, Any]] = {
    "count": {"type": "integer", "minimum": 0},
    "flag": {"type": "boolean"},
    "ids": {"type": "array", "items": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}},
    "date": {"type": "string", "format": "date"},
}


def json_schema() -> dict[str, Any]:
    """A JSON Schema (2020-12) for a whole OFDS package that looks only at its `cni` objects."""
    entities: dict[str, Table[Any]] = {"nodes": NODES, "spans": SPANS, "organisations": ORGANISATIONS}
    lists = {name: {"type": "array", "items": _holds(_row(table))} for name, table in entities.items()}
    network = {
        "type": "object",
        "properties": {
            "about": {
                "type": "object",
                "properties": {key: TYPES.get(kind.name, {"type": "string"}) for key, (kind, _) in ABOUT.items()},
                "additionalProperties": {"type": "string"},
            },
            "risk_groups": {"type": "array", "items": _row(RISK_GROUPS)},
            "organisations": {"type": "boolean", "description": "whether the network lists its members"},
            "unlisted": {
                "type": "array",
                "items": {"type": "string"},
                "description": "organisations that stand in the package only so that owners refer to something",
            },
        },
        "required": ["about", "organisations"],
    }
    whole = _holds(network)
    whole["properties"] |= lists
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{NAME}: {TITLE}",
        "type": "object",
        "properties": {"networks": {"type": "array", "items": whole}},
        "required": ["networks"],
    }


def _holds(cni: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {"cni": cni}}


def _row(table: Table[Any]) -> dict[str, Any]:
    """An object of cells; none is required, since the standard fields hold the rest. Unknown columns are text."""
    return {
        "type": "object",
        "properties": {column.name: _cell(column) for column in table.columns},
        "additionalProperties": {"type": "string"},
    }


def _cell(column: Column) -> dict[str, Any]:
    unit = f" ({column.unit})" if column.unit else ""
    return {**TYPES.get(column.kind.name, {"type": "string"}), "description": column.meaning + unit}
