"""The standard's own validator, and the references that it does not look at."""

from __future__ import annotations

import json
from typing import Any

from libcoveofds.jsonschemavalidate import JSONSchemaValidator
from libcoveofds.python_validate import PythonValidate
from libcoveofds.schema import OFDSSchema

UNUSED = "node_not_used_in_any_spans"  # true of the networks themselves


def faults(value: dict[str, Any]) -> list[Any]:
    """What the standard's own validator finds in a package."""
    schema = OFDSSchema()
    found = [fault.json() for fault in JSONSchemaValidator(schema).validate(value)]
    checks = PythonValidate(schema).validate(json.loads(json.dumps(value)))
    return [*found, *(check for check in checks if check["type"] != UNUSED)]


def dangling(value: dict[str, Any]) -> list[str]:
    """References to owners and nodes that lead nowhere: libcoveofds 0.10 does not look at owners of 0.4."""
    found = []
    for network in value["networks"]:
        organisations = {o["id"]: o.get("name") for o in network.get("organisations", [])}
        nodes = {n["id"] for n in network.get("nodes", [])}
        for entity in [*network.get("nodes", []), *network.get("spans", [])]:
            owner = entity.get("transmissionMediumOwner")
            if owner and (owner["id"] not in organisations or owner.get("name") != organisations[owner["id"]]):
                found.append(owner["id"])
            found += [entity[end] for end in ("start", "end") if end in entity and entity[end] not in nodes]
    return found
