"""`cni --help` answers at once: nothing heavy is loaded for help."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import typer
import typer.main

from cni.cli import app, help_of
from cni.cli.tree import command_of
from tests.cni.helpers import ROOT

HEAVY = ("ortools", "pandas", "networkx", "sqlalchemy", "pydantic", "numpy", "rich", "alembic")


def every_command(command: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    inner = getattr(command, "commands", {})
    return [path, *(found for name, each in inner.items() for found in every_command(each, (*path, name)))]


COMMANDS = every_command(typer.main.get_command(app))


@pytest.mark.parametrize("words", [("--help",), ("network", "offer", "--help"), ("round", "--help"), ("--version",)])
def test_help_loads_nothing_heavy(words: tuple[str, ...]) -> None:
    program = (
        "import sys; sys.argv = ['cni', *sys.argv[1:]]; from cni.__main__ import main; main();"
        f"sys.stderr.write(' '.join(sorted({{m.split('.')[0] for m in sys.modules}} & set({HEAVY!r}))))"
    )
    done = subprocess.run([sys.executable, "-c", program, *words], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout
    if words != ("--version",):  # parsing an option has Typer load pydantic
        assert done.stderr == ""
    else:
        assert set(done.stderr.split()) <= {"pydantic"}


def told(command: object, path: tuple[str, ...] = ()) -> list[tuple[object, ...]]:
    """All that Typer knows of each command, in order."""
    inner = getattr(command, "commands", {})
    own = {key: value for key, value in vars(command).items() if key not in ("commands", "params", "callback")}
    params = [vars(each) for each in command.params]  # type: ignore[attr-defined]
    runs = getattr(command.callback, "__wrapped__", None)  # type: ignore[attr-defined]
    this = (path, type(command), runs, re.sub(r"0x[0-9a-f]+", "", repr((own, params))))
    return [this, *(found for name, each in inner.items() for found in told(each, (*path, name)))]


def test_commands_made_one_by_one_are_those_that_typer_makes() -> None:
    command_of.cache_clear()  # a command that was asked for help keeps its option
    assert told(command_of(app)) == told(typer.main.get_command(app))


def test_one_command_makes_no_other() -> None:
    command_of.cache_clear()
    help_of(["round", "show", "--help"])
    tree = command_of(app)
    assert set(tree.commands._made) == {"round"}
    assert set(tree.commands["round"].commands._made) == {"show"}
    assert "network" in tree.commands
    assert set(tree.commands._made) == {"round"}


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_a_help_with_an_example(path: tuple[str, ...]) -> None:
    text = help_of([*path, "--help"])
    command = command_of(app)
    for name in path:
        command = command.commands[name]  # type: ignore[attr-defined]  # groups have it
    if hasattr(command, "commands"):
        assert all(each.help for each in command.commands.values())
    else:
        assert f"Example: cni {' '.join(path)}" in text


def test_every_command_with_a_result_has_json() -> None:
    silent = {
        "init",
        "convert",
        "export",
        "map",
        "circuits",
        "upgrade",
        "backup",
        "restore",
        "import",
        "add",
        "create",
        "open",
        "close",
        "submit",
        "seal",
        "withdraw",
        "new",
        "round",
        "half",
        "inputs",
        "secret",
        "appeal",
        "decide",
        "override",
        "confirm",
        "finalise",
        "report",
        "serve",
    }
    for path in COMMANDS:
        text = help_of([*path, "--help"])
        if path and "Commands:" not in text and path[-1] not in silent and path != ("demo",):
            assert "--json" in text, path
