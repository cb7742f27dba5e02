"""`cni explain`: what a code means."""

from __future__ import annotations

from typing import Annotated

import typer

from cni.cli.options import Json
from cni.errors import DONE

NAME = "explain"


def command(
    code: Annotated[str, typer.Argument(metavar="CODE", help="A code such as span_full; the list if not given.")] = "",
    json: Json = False,
) -> int:
    """What a reason, check or error code means, with an example.

    Example: cni explain span_full
    """
    from cni.cli import render
    from cni.explanations.codes import EXPLANATIONS, KINDS
    from cni.views.blocks import Fields, Heading, Para, table
    from topology.problems import bad_input

    if not code:
        rows = [(e.code, KINDS[e.kind], e.meaning.split(". ")[0].rstrip(".")) for e in EXPLANATIONS.values()]
        document = {"schema": "cni.explanations/1", "codes": [e.as_json() for e in EXPLANATIONS.values()]}
        render.show(document, lambda _: [table("code kind* ~meaning", list(rows))], json)
        return DONE
    if code not in EXPLANATIONS:
        from difflib import get_close_matches

        near = get_close_matches(code, EXPLANATIONS, n=3)
        hint = f"Maybe {' or '.join(near)}." if near else "`cni explain` lists them all."
        raise bad_input("there is no such code.", file="CODE", value=code, hint=hint, code="unknown_id")
    found = EXPLANATIONS[code]
    items = (("kind", KINDS[found.kind]), ("example", found.example), ("what to do", found.remedy))
    render.show(
        {"schema": "cni.explanation/1", **found.as_json()},
        lambda _: [Heading(found.code), Para(found.meaning), Fields(tuple(i for i in items if i[1]))],
        json,
    )
    return DONE
