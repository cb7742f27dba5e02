"""`cni compare`: two awards side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cni.cli.options import Json
from cni.errors import DONE

NAME = "compare"


def command(
    before: Annotated[Path, typer.Argument(metavar="AWARD", help="An award or a round pack.")],
    after: Annotated[Path, typer.Argument(metavar="AWARD", help="The other one.")],
    json: Json = False,
) -> int:
    """Who gains, who loses and why, between two awards: what another policy, network or request list would have done.

    With two round packs the policy keys, requests, spans and circuits that differ are named too.

    Example: cni compare award.json award-with-cap-0.3.json
    """
    from allocation.compare import compare
    from cni.cli import files, render
    from cni.views.compare import compare_view

    found = [files.read_document(path, "cni.award/1", "cni.pack/1") for path in (before, after)]
    packs = (found[0], found[1]) if all(d["schema"] == "cni.pack/1" for d in found) else None
    document = compare(_award(found[0]), _award(found[1]), packs)
    render.show(document, compare_view, json, illustrative=document["illustrative"])
    return DONE


def _award(document: dict[str, Any]) -> dict[str, Any]:
    """The award itself, or the one of a pack."""
    held: dict[str, Any] = document["award"] if document["schema"] == "cni.pack/1" else document
    return held
