"""`cni audit`: what was changed, by whom and why, and whether anything was changed behind the log's back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cni.cli.options import Json, group
from cni.errors import DONE, NO

NAME = "audit"
DIGEST_LENGTH = 64
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
    from cni.rounds.history import entries
    from cni.views.house import log_document, log_view
    from topology.problems import bad_input

    if last < 0:
        raise bad_input("--last must be 0 (all) or a count.", file="--last", value=str(last))
    render.show(log_document(entries(house.engine(), last)), log_view, json)
    return DONE


@app.command()
def verify(
    head: Annotated[
        str | None,
        typer.Option(
            "--head", metavar="FILE", help="A digest noted elsewhere, or a file with some (a round pack too)."
        ),
    ] = None,
    json: Json = False,
) -> int:
    """Recompute the chain and every row's digest; exit 1 names each row that was edited, removed or added.

    With --head also a log that was cut, or written anew from end to end, is found.

    Example: cni audit verify --head q1-pack.json
    """
    from cni.cli import house, render
    from cni.rounds.history import noted_heads, verified
    from cni.views.house import checks_document, checks_view

    found = verified(house.engine(), () if head is None else noted_heads(_text(head)))
    render.show(checks_document("cni.audit_check/1", found), checks_view, json)
    return DONE if all(c.ok for c in found) else NO


def _text(head: str) -> str:
    """A digest as it was typed, else the text of the file. Raises BadInput for a file that cannot be read."""
    from topology.files.reading import read_text
    from topology.problems import Problems

    if len(head) == DIGEST_LENGTH and not Path(head).exists():
        return head
    found = Problems()
    text = read_text(Path(head), found)
    found.raise_errors()
    assert text is not None
    return text
