"""Arguments and options that several commands share, each with one meaning everywhere."""

from __future__ import annotations

from datetime import date, datetime, timezone
from pathlib import Path
from typing import Annotated

import typer

from cni.cli.helping import Group
from topology.problems import bad_input


def group(help_text: str) -> typer.Typer:
    """A group of commands."""
    return typer.Typer(
        cls=Group,
        help=help_text,
        rich_markup_mode=None,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


Net = Annotated[
    Path, typer.Argument(metavar="NET", help="Network: folder of CSV files, .json (OFDS), .geojson, .gpkg or .kml.")
]
Disclosure = Annotated[
    str | None, typer.Option("--disclosure", metavar="AUDIENCE", help="Cut for public, member or internal (all).")
]
ForMember = Annotated[
    str | None, typer.Option("--for", metavar="MEMBER", help="Cut for members, this one's own things in full.")
]
Circuits = Annotated[
    Path | None, typer.Option("--circuits", "-c", metavar="FILE", help="Live circuits (CSV); none if not given.")
]
NeededCircuits = Annotated[Path, typer.Option("--circuits", "-c", metavar="FILE", help="Live circuits (CSV).")]
Requests = Annotated[Path, typer.Argument(metavar="REQUESTS", help="Requests: .csv, .json or .yaml.")]
PolicyFile = Annotated[
    Path | None, typer.Option("--policy", "-p", metavar="FILE", help="Policy (TOML); defaults if not given.")
]
On = Annotated[
    str | None,
    typer.Option("--on", metavar="DATE", help="Date to look at; else as_of of the network, else today."),
]
FailingSpans = Annotated[list[str] | None, typer.Option("--span", metavar="ID", help="A span that fails; may repeat.")]
FailingNodes = Annotated[list[str] | None, typer.Option("--node", metavar="ID", help="A node that fails; may repeat.")]
FailingGroups = Annotated[
    list[str] | None, typer.Option("--risk-group", metavar="ID", help="A risk group that fails; may repeat.")
]
Top = Annotated[int, typer.Option("--top", metavar="N", help="How many of the worst to list; 0 = all.")]
NetworkOut = Annotated[Path, typer.Argument(metavar="OUT", help="What to write; its suffix says the form.")]
Form = Annotated[
    str, typer.Option("--to", metavar="FORM", help="csv, ofds, geojson, gpkg, kml or netbox; else by suffix.")
]
MapFile = Annotated[Path | None, typer.Option("--map", metavar="FILE", help="Draw what binds on a map: .svg or .html.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result document itself, for programs.")]


def check_top(top: int) -> None:
    """Raise BadInput for a count of rows that is negative."""
    if top < 0:
        raise bad_input("--top must be 0 (all) or a count.", file="--top", value=str(top))


def a_date(text: str | None, option: str) -> date | None:
    """A date given as an option. Raises BadInput where it is none."""
    if text is None:
        return None
    try:
        if len(text) != 10:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise bad_input(
            "this must be a date like 2027-01-31.",
            file=option,
            value=text,
            hint="Maybe day and month are swapped.",
        ) from None


def a_time(text: str, option: str) -> datetime:
    """A date and time given as an option, in UTC. Raises BadInput where it is none."""
    try:
        value = datetime.fromisoformat(text)
        if len(text) < 10:
            raise ValueError
    except ValueError:
        hint = "Without an offset it is UTC."
        raise bad_input("this must be a time like 2027-01-31T12:00:00Z.", file=option, value=text, hint=hint) from None
    utc = timezone.utc  # noqa: UP017 -- reads as what it is
    return (value.replace(tzinfo=utc) if value.tzinfo is None else value.astimezone(utc)).replace(microsecond=0)


def needed_date(text: str, option: str) -> date:
    """A date that must be given. Raises BadInput where it is none."""
    found = a_date(text, option)
    assert found is not None
    return found
