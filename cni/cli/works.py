"""`cni works`: planned works on the spine."""

from __future__ import annotations

from typing import Annotated

import typer

from cni.cli.house import By, DryRun, Why
from cni.cli.options import Disclosure, ForMember, Json, a_time, group
from cni.errors import DONE, NO

NAME = "works"
app = group("Planned works: what may go out of use when, and who must be told.")

Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the works.")]


@app.command()
def plan(
    works_id: Id,
    from_: Annotated[str, typer.Option("--from", metavar="TIME", help="Begin; without an offset it is UTC.")],
    to: Annotated[str, typer.Option("--to", metavar="TIME", help="End.")],
    span: Annotated[list[str] | None, typer.Option("--span", metavar="ID", help="A span out of use.")] = None,
    node: Annotated[list[str] | None, typer.Option("--node", metavar="ID", help="A node out of use.")] = None,
    risk_group: Annotated[
        list[str] | None, typer.Option("--group", metavar="ID", help="All that is in a risk group.")
    ] = None,
    agreed: Annotated[
        list[str] | None,
        typer.Option("--agreed", metavar="CIRCUIT", help="Its holder agreed that it is down: works at its own end."),
    ] = None,
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
    json: Json = False,
) -> int:
    """Plan works, and list who must be told. Exit 1, and nothing is planned, where a circuit would lose both of its legs.

    Example: cni works plan w-12 --span S015 --from 2027-05-02T22:00:00Z --to 2027-05-03T05:00:00Z --why "duct repair"
    """
    from cni.cli import house, render
    from cni.cli.names import an_id
    from cni.rounds.outages import Works
    from cni.rounds.works import plan as use
    from cni.views.holdings import Audience
    from cni.views.works import works_document, works_view

    wanted = Works(
        an_id(works_id, "ID"),
        a_time(from_, "--from"),
        a_time(to, "--to"),
        frozenset(span or ()),
        frozenset(node or ()),
        frozenset(risk_group or ()),
        frozenset(agreed or ()),
    )
    told = use(house.engine(), house.act(by, why, dry_run), wanted)
    document = works_document(told, Audience())
    if told.refused:
        document["state"] = "refused"
    render.show(document, works_view, json, illustrative=told.found.network.illustrative)
    if told.refused:
        render.note(f"refused: {' '.join(document['refused'])}; nothing is planned")
        return NO
    render.note(f"planned: {works_id}, {len(document['tell'])} circuits to tell of; next: cni works show {works_id}")
    return DONE


@app.command()
def cancel(works_id: Id, dry_run: DryRun = False, by: By = None, why: Why = "", json: Json = False) -> int:
    """Call planned works off, and list who must be told.

    Example: cni works cancel w-12 --why "crew ill"
    """
    from cni.cli import house, render
    from cni.rounds.works import cancel as use
    from cni.views.holdings import Audience
    from cni.views.works import works_document, works_view

    told = use(house.engine(), house.act(by, why, dry_run), works_id)
    render.show(works_document(told, Audience()), works_view, json, illustrative=told.found.network.illustrative)
    render.note(f"called off: {works_id}")
    return DONE


@app.command(name="list")
def list_(disclosure: Disclosure = None, for_member: ForMember = None, json: Json = False) -> int:
    """All works, those called off too; circuits as members may see them, --for a member's own, --disclosure internal all.

    Example: cni works list --for bobbin
    """
    from cni.cli import house, render
    from cni.cli.circuit_life import audience_for
    from cni.rounds.works import list_works
    from cni.views.works import works_list_document, works_list_view

    audience = audience_for(disclosure, for_member)
    render.show(works_list_document(list_works(house.engine()), audience), works_list_view, json)
    return DONE


@app.command()
def show(works_id: Id, disclosure: Disclosure = None, for_member: ForMember = None, json: Json = False) -> int:
    """One works with who must be told, as circuits are now.

    Example: cni works show w-12 --disclosure internal
    """
    from cni.cli import house, render
    from cni.cli.circuit_life import audience_for, say_codes
    from cni.rounds.works import show as use
    from cni.views.works import works_document, works_view

    audience = audience_for(disclosure, for_member)
    told = use(house.engine(), works_id)
    say_codes(audience)
    document = works_document(told, audience)
    render.show(document, works_view, json, illustrative=told.found.network.illustrative)
    return DONE
