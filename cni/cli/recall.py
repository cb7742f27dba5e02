"""`cni recall`: strands that a contributor takes back."""

from __future__ import annotations

from typing import Annotated

import typer

from cni.cli.house import By, DryRun, Why
from cni.cli.options import Disclosure, ForMember, Json, group, needed_date
from cni.errors import DONE, NO

NAME = "recall"
app = group("Strands that a contributor takes back: notice, who gives way, what is offered instead.")


@app.command()
def plan(
    span: Annotated[str, typer.Argument(metavar="SPAN", help="The contributor's span.")],
    strands: Annotated[int, typer.Option("--strands", metavar="N", help="How many strands.")],
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="From which day on, for good.")],
    contributor: Annotated[str, typer.Option("--contributor", metavar="MEMBER", help="Whose span it is.")],
    record: Annotated[
        bool, typer.Option("--record", help="Put it on record: circuits end, replacements are offered.")
    ] = False,
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
    json: Json = False,
) -> int:
    """Who gives way when a contributor takes strands back, and over which way each circuit can go on. Changes nothing.

    --record puts it on record. Exit 1 where a circuit has no way round.

    Example: cni recall plan S015 --strands 4 --on 2028-01-01 --contributor bee --record --why "new tram line"
    """
    from cni.cli import house, render
    from cni.rounds.recalls import Asked
    from cni.rounds.recalls import plan as look
    from cni.rounds.recalls import record as write
    from cni.views.recall import recall_document, recall_view

    asked = Asked(span, strands, needed_date(on, "--on"), contributor)
    use = write if record else look
    planned = use(house.engine(), house.act(by, why, dry_run), asked)
    document = recall_document(planned)
    render.show(document, recall_view, json, illustrative=planned.found.network.illustrative)
    left = len(planned.without_replacement)
    if record:
        offered = " ".join(sorted(planned.offered.values()))
        render.note(f"recorded; next: cni circuit accept {offered}" if offered else "recorded")
        return DONE
    of = len(document["affected"])
    gone = f"without a way round: {left} of {of}; " if left else ""
    render.note(f"{gone}nothing is changed; --record puts it on record")
    return NO if left else DONE


@app.command(name="list")
def list_(disclosure: Disclosure = None, for_member: ForMember = None, json: Json = False) -> int:
    """Every recall on record; circuits as members may see them, --for a member's own, --disclosure internal all.

    Example: cni recall list
    """
    from cni.cli import house, render
    from cni.cli.circuit_life import audience_for
    from cni.rounds import holdings
    from cni.views.recall import recalls_document, recalls_view

    audience = audience_for(disclosure, for_member)
    render.show(recalls_document(holdings.read(house.engine()), audience), recalls_view, json)
    return DONE
