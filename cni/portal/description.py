"""The API's own description: OpenAPI 3.1 with the published schemas of the house's documents as its components."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from cni.schemas.published import SCHEMAS, json_schema
from cni.views.blocks import Table, table

ABOUT = (
    "The use-cases of the command line for programs: the same documents, the same checks, the same codes. "
    "Sign in with a token (header `Authorization: Bearer cni_...`), made on the page Access. What changes something takes an "
    "`Idempotency-Key`: the same key with the same content acts once. Lists come in pages (`limit`, `after`). "
    "Errors are problem details (RFC 9457) with the codes that `cni explain` tells of."
)
PROBLEM = "Problem"
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "problems"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "problems": {"type": "array", "items": {"type": "object"}},
    },
}


def component(schema: str) -> str:
    """The name of a document's schema among the components: cni.award/1 -> Award1."""
    name, _, number = schema.removeprefix("cni.").partition("/")
    return "".join(part.capitalize() for part in name.replace(".", "_").split("_")) + number


PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "what went wrong, with its code",
        "content": {"application/problem+json": {"schema": {"$ref": f"#/components/schemas/{PROBLEM}"}}},
    }
}


def returns(schema: str, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route that answers with a document of the house, or with problem details."""
    reference = {"$ref": f"#/components/schemas/{component(schema)}"}
    return {
        status: {"description": f"`{schema}`", "content": {"application/json": {"schema": reference}}},
        **PROBLEMS,
    }


def described(app: FastAPI) -> dict[str, Any]:
    """The description, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            openapi_version="3.1.0",
        )
        named = made.setdefault("components", {}).setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            named.pop(unused, None)
        for operation in (o for path in made["paths"].values() for o in path.values()):
            operation["responses"].pop("422", None)
            if operation["operationId"] not in OPEN:
                operation["security"] = [{"token": []}, {"session": []}]
        named[PROBLEM] = PROBLEM_SCHEMA
        for name in sorted(_named_in(made["paths"]) & BY_COMPONENT.keys()):
            named[name] = _own(BY_COMPONENT[name])
        made["components"]["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": "__Host-cni"},
        }
        app.openapi_schema = made
    return app.openapi_schema


OPEN = ("list_rounds", "public_pack")
"""Operations that need neither token nor session."""

BY_COMPONENT = {component(schema): schema for schema in SCHEMAS}


def _own(schema: str) -> dict[str, Any]:
    """A schema as it stands among others: without the head of a document of its own; its title would name classes of clients."""
    made = json_schema(schema)
    kept = {k: v for k, v in made.items() if k not in ("$schema", "$id", "title")}
    return {**kept, "description": made.get("title", "")}


def _named_in(value: Any) -> set[str]:
    """Every component that a value refers to."""
    if isinstance(value, dict):
        own = {value["$ref"].rpartition("/")[2]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(_named_in(v) for v in value.values())) if value else own
    if isinstance(value, list):
        return set().union(*(_named_in(v) for v in value)) if value else set()
    return set()


def operations(described_as: dict[str, Any]) -> list[Table]:
    """The operations of a description as a table: method, address, what it does."""
    rows = [
        (method.upper(), path, operation.get("description") or operation.get("summary", ""))
        for path, each in described_as["paths"].items()
        for method, operation in each.items()
    ]
    return [table("method ~address ~what_it_does", rows)]
