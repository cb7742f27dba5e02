"""`cni member`: the register."""

from __future__ import annotations

from typing import Annotated

import typer

from cni.cli.house import By, Why
from cni.cli.options import Json, group
from cni.errors import DONE

NAME = "member"
app = group("The register of members.")


@app.command()
def add(
    id: Annotated[str, typer.Argument(metavar="ID", help="Letters, digits, . _ -; at most 64.")],
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="Name as it is written.")] = "",
    roles: Annotated[
        str, typer.Option("--roles", metavar="WORDS", help="contributor, user, investor; spaces between.")
    ] = "user",
    group: Annotated[
        str, typer.Option("--group", metavar="ID", help="Connected members share one, and count as one.")
    ] = "",
    from_: Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day of membership.")] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="DATE", help="First day no longer a member.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Append a new version of a member.")] = False,
    by: By = None,
    why: Why = "",
) -> int:
    """Register a member.

    Example: cni member add bobbin --name "Bobbin Broadband" --roles user --from 2027-01-01
    """
    from cni.cli import house, render
    from cni.rounds.members import add_member, from_cells

    cells = {"id": id, "name": name, "roles": roles, "group": group, "member_from": from_, "member_to": to}
    organisation = from_cells({column: text for column, text in cells.items() if text})
    version = add_member(house.engine(), house.act(by, why), organisation, replace=replace)
    render.note(f"registered: {id} (version {version})")
    return DONE


@app.command(name="list")
def list_(json: Json = False) -> int:
    """All members as they are now.

    Example: cni member list
    """
    from cni.cli import house, render
    from cni.cli.views.house import members_document, members_view
    from cni.rounds.members import list_members

    render.show(members_document(list_members(house.engine())), members_view, json)
    return DONE


@app.command()
def show(id: Annotated[str, typer.Argument(metavar="ID", help="The member.")], json: Json = False) -> int:
    """One member, with every version and the audit entry that wrote it.

    Example: cni member show bobbin
    """
    from cni.cli import house, render
    from cni.cli.views.house import member_document, member_view
    from cni.rounds.members import show_member

    render.show(member_document(show_member(house.engine(), id)), member_view, json)
    return DONE
