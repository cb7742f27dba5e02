"""JSON Schemas (2020-12) of the result documents."""

from __future__ import annotations

from typing import Any

SCHEMAS: dict[str, dict[str, Any]] = {}


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of a document."""
    return SCHEMAS[name]
