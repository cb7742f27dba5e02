"""`cni --help` answers at once: nothing heavy is loaded for help."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer
import typer.main

from cni.cli import app, help_of
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


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_a_help_with_an_example(path: tuple[str, ...]) -> None:
    text = help_of([*path, "--help"])
    command = typer.main.get_command(app)
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
