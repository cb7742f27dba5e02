"""`cni member`: the register."""

from __future__ import annotations

from typing import Annotated

import typer

from cni.cli.house import By, DryRun, Why
from cni.cli.options import Json, a_date, group, needed_date
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
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
) -> int:
    """Register a member.

    Example: cni member add bobbin --name "Bobbin Broadband" --roles user --from 2027-01-01
    """
    from cni.cli import house, render
    from cni.rounds.leaving import register
    from cni.rounds.members import from_cells

    cells = {"id": id, "name": name, "roles": roles, "group": group, "member_from": from_, "member_to": to}
    organisation = from_cells({column: text for column, text in cells.items() if text})
    version = register(house.engine(), house.act(by, why, dry_run), organisation, new=not replace)
    render.note(f"registered: {id} (version {version})")
    return DONE


@app.command()
def leave(
    id: Annotated[str, typer.Argument(metavar="ID", help="The member.")],
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="First day no longer a member.")],
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
    json: Json = False,
) -> int:
    """End a membership. Refused, naming each circuit, while the member holds anything or its spans carry circuits then.

    Example: cni member leave bobbin --on 2028-01-01 --why "merged with carder"
    """
    from cni.cli import house
    from cni.rounds.leaving import leave as use

    use(house.engine(), house.act(by, why, dry_run), id, needed_date(on, "--on"))
    return _told(id, f"leaves: {id} on {on}; next: cni member list --on {on}", json)


@app.command()
def join(
    id: Annotated[str, typer.Argument(metavar="ID", help="The member.")],
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="First day of membership.")],
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
    json: Json = False,
) -> int:
    """Begin a membership anew that had ended; name, roles and group stay.

    Example: cni member join bobbin --on 2029-01-01
    """
    from cni.cli import house
    from cni.rounds.leaving import join as use

    use(house.engine(), house.act(by, why, dry_run), id, needed_date(on, "--on"))
    return _told(id, f"joins: {id} on {on}; next: cni member show {id}", json)


def _told(member: str, note: str, json: bool) -> int:
    from cni.cli import house, render
    from cni.rounds.members import show_member
    from cni.views.house import member_document, member_view

    if json:
        render.show(member_document(show_member(house.engine(), member)), member_view, json)
    render.note(note)
    return DONE


@app.command(name="list")
def list_(
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="Standing on this day; today if not given.")
    ] = None,
    json: Json = False,
) -> int:
    """All members with their standing on a day, and the groups that connected members share.

    Example: cni member list --on 2028-01-01
    """
    from cni.cli import house, render
    from cni.rounds.members import list_members
    from cni.views.house import members_document, members_view

    day = a_date(on, "--on") or house.today()
    render.show(members_document(list_members(house.engine()), day), members_view, json)
    return DONE


@app.command()
def show(id: Annotated[str, typer.Argument(metavar="ID", help="The member.")], json: Json = False) -> int:
    """One member, with every version and the audit entry that wrote it.

    Example: cni member show bobbin
    """
    from cni.cli import house, render
    from cni.rounds.members import show_member
    from cni.views.house import member_document, member_view

    render.show(member_document(show_member(house.engine(), id)), member_view, json)
    return DONE
