"""The notation of the forms of documents, and JSON Schemas (2020-12) made from it.

`{"name": form}` is an object that has at least these keys; more may be added without a new schema number. `[form]` is a
list, a tuple one of several forms. Text is one of the words below. A name that ends in `?` may be missing or null.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

WORDS: dict[str, dict[str, Any]] = {
    "id": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    "text": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "count": {"type": "integer", "minimum": 0},
    "pence": {"type": "integer"},
    "integer": {"type": "integer"},
    "flag": {"type": "boolean"},
    "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "decimal": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    "three places": {"type": "string", "pattern": r"^[0-9]+\.[0-9]{3}$"},
    "proof": {"enum": ["optimal", "bounded"]},
    "build proof": {"enum": ["optimal", "bounded", "infeasible"]},
    "kind": {"enum": ["fibre", "colocation"]},
    "level": {"enum": ["error", "warning", "note"]},
    "any": {},
}


def compiled(form: Any) -> dict[str, Any]:
    """The JSON Schema of a form. Raises KeyError for text that is none of the words."""
    match form:
        case str():
            return dict(WORDS[form])
        case tuple():
            return {"anyOf": [compiled(inner) for inner in form]}
        case [inner]:
            return {"type": "array", "items": compiled(inner)}
    properties, required = {}, []
    for name, inner in form.items():
        plain = name.removesuffix("?")
        made = compiled(inner)
        if plain == name:
            required.append(name)
        elif made:
            made = {"anyOf": [made, {"type": "null"}]}
        properties[plain] = made
    return {"type": "object", "properties": properties, "required": sorted(required)}


KINDS: dict[str, type] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def faults(value: Any, schema: dict[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    """(place, what is wrong) wherever a value does not keep to a schema of the forms made here."""
    if "anyOf" in schema:
        if all(next(faults(value, each), None) for each in schema["anyOf"]):
            yield place, "has none of the forms that it may have"
    elif "const" in schema or "enum" in schema:
        allowed = schema.get("enum", [schema.get("const")])
        if value not in allowed:
            yield place, f"must be {' or '.join(map(str, allowed))}"
    elif (kind := schema.get("type")) is not None:
        if not isinstance(value, KINDS[kind]) or (kind == "integer" and isinstance(value, bool)):
            yield place, f"must be of type {kind}"
        else:
            yield from _inner_faults(value, schema, place)


def _inner_faults(value: Any, schema: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
    """Faults within a value of the right type."""
    if isinstance(value, dict):
        for name in schema["required"]:
            if name not in value:
                yield f"{place}.{name}".lstrip("."), "is missing"
        for name in schema["properties"].keys() & value.keys():
            yield from faults(value[name], schema["properties"][name], f"{place}.{name}".lstrip("."))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from faults(item, schema["items"], f"{place}[{number}]")
    elif "pattern" in schema and not re.search(schema["pattern"], value):
        yield place, "is not written as it must be"
    elif "minimum" in schema and value < schema["minimum"]:
        yield place, f"must be at least {schema['minimum']}"
    elif schema.get("format") == "date" and not _is_day(value):
        yield place, "must be a date"


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False
