"""The published forms of all documents, as JSON Schemas (2020-12), gathered from the files beside this one."""

from __future__ import annotations

from typing import Any

from cni.schemas import access, awards, billing, circuits, network, reports, rounds, scenarios, settlement, strands
from cni.schemas.notation import compiled, faults
from topology.formats import ofds_schema

__all__ = ["SCHEMAS", "faults", "json_schema"]

FORMS = {**awards.FORMS, **network.FORMS, **strands.FORMS, **settlement.FORMS}
"""Documents made from files, whose digests they have."""
HOUSE = {**rounds.FORMS, **circuits.FORMS, **scenarios.FORMS, **reports.FORMS, **billing.FORMS, **access.FORMS}
"""Documents of the house: made from the database, so without digests of input files."""
HEAD = {"software": {"name": "text", "version": "text"}}

SCHEMAS: dict[str, str] = {
    **{name: title for name, (title, _) in {**FORMS, **HOUSE}.items()},
    ofds_schema.NAME: ofds_schema.TITLE,
}
"""The documents that have a schema, with what each holds."""


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of a document. Raises KeyError for an unknown name."""
    if name == ofds_schema.NAME:
        return ofds_schema.json_schema()
    title, form = {**FORMS, **HOUSE}[name]
    inputs = {} if name in HOUSE else {"inputs": "any"}
    head = {} if name == "cni.pack/1" else {**HEAD, **inputs, "on?": "any"}
    made = compiled({**head, **form})
    made["properties"]["schema"] = {"const": name}
    made["required"] = sorted([*made["required"], "schema"])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"{name}: {title}", **made}
