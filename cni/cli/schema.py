"""`cni schema`: the published form of every result document."""

from __future__ import annotations

from typing import Annotated

import typer

from cni.cli.options import Json
from cni.errors import DONE

NAME = "schema"


def command(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A schema such as cni.award/1; the list if not given.")
    ] = "",
    json: Json = False,
) -> int:
    """List the result documents, or print the JSON Schema (2020-12) of one.

    Example: cni schema cni.settlement/1
    """
    from cni.cli import render
    from cni.schemas.published import SCHEMAS, json_schema
    from cni.views.blocks import table
    from topology.canonical import canonical_bytes
    from topology.problems import bad_input

    if not name:
        titles = sorted(SCHEMAS.items())
        document = {"schema": "cni.schemas/1", "schemas": [{"name": key, "title": title} for key, title in titles]}
        render.show(document, lambda _: [table("schema ~what", list(titles))], json)
        return DONE
    if name not in SCHEMAS:
        raise bad_input(
            "there is no such schema.", file="NAME", value=name, hint="`cni schema` lists them.", code="unknown_id"
        )
    render.put(canonical_bytes(json_schema(name)) + b"\n")
    return DONE
