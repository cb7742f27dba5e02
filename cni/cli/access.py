"""`cni access`: who may come in by `cni serve`, and what lets them in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cni.cli.house import By, DryRun, Why
from cni.cli.options import Json, group
from cni.errors import DONE

if TYPE_CHECKING:
    from sqlalchemy import Engine

NAME = "access"
app = group("Who may come in by the web, and their passkeys, sessions and tokens.")

Id = Annotated[str, typer.Argument(metavar="ID", help="The person.")]
Of = Annotated[str, typer.Option("--person", metavar="ID", help="Of this person alone.")]


@app.command()
def add(
    id: Annotated[str, typer.Argument(metavar="ID", help="Letters, digits, . _ -; at most 64.")],
    email: Annotated[str, typer.Option("--email", metavar="ADDRESS", help="Where sign-in links are sent.")],
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="Name as it is written.")] = "",
    member: Annotated[str, typer.Option("--member", metavar="ID", help="For whom they act; none if not given.")] = "",
    role: Annotated[
        list[str] | None, typer.Option("--role", metavar="WORD", help="coordinator or auditor; may be repeated.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Append a new version of a person.")] = False,
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
    json: Json = False,
) -> int:
    """Register a person, who can then sign in with a link that is mailed.

    Example: cni access add ann --name "Ann Ash" --email ann@bobbin.example --member bobbin
    """
    from cni.access.people import Person, add_person
    from cni.cli import house, render

    wanted = Person(id, name, email, member, tuple(role or ()))
    version = add_person(house.engine(), house.act(by, why, dry_run), wanted, replace=replace)
    return _told(id, f"registered: {id} (version {version})", json, render)


@app.command()
def remove(id: Id, dry_run: DryRun = False, by: By = None, why: Why = "", json: Json = False) -> int:
    """End a person's access: links, passkeys, sessions and tokens. What they did stays on record.

    Example: cni access remove ann --why "left Bobbin"
    """
    from cni.access.people import remove_person
    from cni.cli import house, render

    version = remove_person(house.engine(), house.act(by, why, dry_run), id)
    return _told(id, f"removed: {id} (version {version})", json, render)


def _told(person: str, note: str, json: bool, render: Any) -> int:
    from cni.access.people import list_people
    from cni.cli import house
    from cni.views.access import people_document, people_view

    if json:
        found = [p for p in list_people(house.engine()) if p.id == person]
        render.show(people_document(found), people_view, json)
    render.note(note)
    return DONE


@app.command(name="list")
def list_(json: Json = False) -> int:
    """Everyone who may come in, for which member, with which roles of the house.

    Example: cni access list
    """
    from cni.access.people import list_people
    from cni.cli import house, render
    from cni.views.access import people_document, people_view

    render.show(people_document(list_people(house.engine())), people_view, json)
    return DONE


@app.command()
def passkeys(person: Of = "", json: Json = False) -> int:
    """Passkeys, with the numbers by which they can be ended.

    Example: cni access passkeys --person ann
    """
    from cni.cli import house, render
    from cni.views import access as views

    render.show(_document("passkey", house.engine(), person), views.passkeys_view, json)
    return DONE


@app.command()
def sessions(person: Of = "", json: Json = False) -> int:
    """Sessions, with the numbers by which they can be ended.

    Example: cni access sessions
    """
    from cni.cli import house, render
    from cni.views import access as views

    document = _document("session", house.engine(), person)
    render.show(document, lambda d: views.sessions_view(d, house.now()), json)
    return DONE


@app.command()
def tokens(person: Of = "", json: Json = False) -> int:
    """Tokens, with their scopes and the numbers by which they can be ended; secrets are stored nowhere.

    Example: cni access tokens --person ann --json
    """
    from cni.cli import house, render
    from cni.views import access as views

    document = _document("token", house.engine(), person)
    render.show(document, lambda d: views.tokens_view(d, house.now()), json)
    return DONE


@app.command()
def end(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="session, token or passkey.")],
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Its number.")],
    dry_run: DryRun = False,
    by: By = None,
    why: Why = "",
    json: Json = False,
) -> int:
    """End a session, a token, or a passkey with the sessions that began with it, at once.

    Example: cni access end token 3 --why "laptop stolen"
    """
    from cni.access.passkeys import remove_passkey
    from cni.access.sessions import end as end_session
    from cni.access.tokens import end as end_token
    from cni.cli import house, render
    from topology.problems import bad_input

    uses = {"session": end_session, "token": end_token, "passkey": remove_passkey}
    if kind not in uses:
        raise bad_input(f"KIND is one of {', '.join(uses)}.", file="KIND", value=kind)
    engine = house.engine()
    if not uses[kind](engine, house.act(by, why, dry_run), number, None):
        raise bad_input("it had ended before.", file="NUMBER", value=str(number), code="unchanged")
    if json:
        render.show(_document(kind, engine, "", number), lambda _: (), json)
    render.note(f"ended: {kind} {number}")
    return DONE


def _document(kind: str, engine: Engine, person: str, number: int | None = None) -> dict[str, Any]:
    """Passkeys, sessions or tokens of a person, or of all; or the one of a number."""
    from cni.access.passkeys import list_passkeys
    from cni.access.sessions import list_sessions
    from cni.access.tokens import list_tokens
    from cni.views import access as views

    def chosen(found: Any) -> list[Any]:
        return [each for each in found if number in (None, each.number)]

    if kind == "passkey":
        return views.passkeys_document(chosen(list_passkeys(engine, person)))
    if kind == "session":
        return views.sessions_document(chosen(list_sessions(engine, person)))
    return views.tokens_document(chosen(list_tokens(engine, person)))
