"""`cni audit`: what was changed, by whom and why, and whether anything was changed behind the log's back."""

from __future__ import annotations

from typing import Annotated

import typer

from cni.cli.options import Json, group
from cni.errors import DONE, NO

NAME = "audit"
app = group("The log of every change, and its verification.")


@app.command()
def log(
    last: Annotated[int, typer.Option("--last", metavar="N", help="How many entries, the newest; 0 = all.")] = 20,
    json: Json = False,
) -> int:
    """The changes, oldest first, with who, when, why and the digest of each.

    Example: cni audit log --last 5
    """
    from cni.cli import house, render
    from cni.cli.views.house import log_document, log_view
    from cni.rounds.history import entries
    from topology.problems import bad_input

    if last < 0:
        raise bad_input("--last must be 0 (all) or a count.", file="--last", value=str(last))
    render.show(log_document(entries(house.engine(), last)), log_view, json)
    return DONE


@app.command()
def verify(
    head: Annotated[
        str | None, typer.Option("--head", metavar="HEX", help="A digest noted elsewhere that must be in the log.")
    ] = None,
    json: Json = False,
) -> int:
    """Recompute the chain and every row's digest; exit 1 names each row that was edited, removed or added.

    Example: cni audit verify
    """
    from cni.cli import house, render
    from cni.cli.views.house import checks_document, checks_view
    from cni.rounds.history import verified

    found = verified(house.engine(), head)
    render.show(checks_document("cni.audit_check/1", found), checks_view, json)
    return DONE if all(c.ok for c in found) else NO
