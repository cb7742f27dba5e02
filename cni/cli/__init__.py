"""The command line `cni`. One file per group of commands; each loads the rooms it needs only when it runs.

Nothing imported here may load ortools, pandas, networkx, sqlalchemy or pydantic: `cni --help` answers at once
(tests/cni/test_start.py holds this).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer import _click

from cni.cli import (
    access,
    allocate,
    audit,
    award,
    bill_analysis,
    circuit_life,
    compare,
    db,
    demo,
    explain,
    init,
    key,
    member,
    network,
    recall,
    request,
    round_contested,
    scenario_report,
    schema,
    serve,
    verify,
    works,
)
from cni.cli.helping import Formatter, Group
from cni.cli.tree import command_of
from cni.config import Settings, use

app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def usage_errors() -> type[Exception]:
    """The error that the command line raises for wrong usage."""
    return _click.exceptions.ClickException


def call(words: Sequence[str]) -> Any:
    """Run the command that the words name; what it returns, an exit code where it is one.

    Raises what the command raises, and `usage_errors()` where the words name none.
    """
    return command_of(app)(args=list(words), prog_name="cni", standalone_mode=False)


def help_of(words: Sequence[str]) -> str:
    """The help of the deepest command that the words name.

    Parsing the words would have Typer load pydantic to convert values that help does not need.
    """
    command: Any = command_of(app)
    context = _told(command, "cni", None)
    for word in words:
        inner = getattr(command, "commands", {}).get(word)
        if inner is None:
            continue
        command = inner
        context = _told(command, word, context)
    return str(command.get_help(context))


def _told(command: Any, name: str, parent: Any) -> Any:
    context = _click.Context(command, info_name=name, parent=parent, **command.context_settings)
    context.formatter_class = Formatter
    return context


def _version(asked: bool) -> None:
    if asked:
        from topology.about import SOFTWARE

        typer.echo(f"{SOFTWARE['name']} {SOFTWARE['version']}")
        raise typer.Exit


@app.callback()
def _globals(
    db: Annotated[
        str | None,
        typer.Option("--db", metavar="URL", help="The database; else CNI_DATABASE_URL, else sqlite:///cni.db here."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No messages on stderr except errors.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    accept_clock: Annotated[
        bool,
        typer.Option("--accept-clock", help="Go on although the clock is behind the audit log; it is noted there."),
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """The rule book of Cooperative Network Infrastructure, made executable.

    Who gets which fibre and why, over which route, what survives a cut, and who owes whom how much.

    Start with: cni demo

    Results go to stdout, messages to stderr; --json gives the document itself.
    Exit codes: 0 done, 1 the answer is no, 2 wrong usage or bad input, 3 stopped before proof, 70 a fault of cni,
    130 interrupted.
    """
    use(Settings.from_call(db, quiet, debug, accept_clock))


for single in (demo, allocate, verify, compare):
    app.command(single.NAME)(single.command)
for group in (network, request, award, circuit_life, works, recall, scenario_report, bill_analysis):
    app.add_typer(group.app, name=group.NAME)
for single in (init, serve):
    app.command(single.NAME)(single.command)
for group in (member, access, round_contested, key, audit, db):
    app.add_typer(group.app, name=group.NAME)
for single in (explain, schema):
    app.command(single.NAME)(single.command)
