"""Plays the script on a house: every command on three widths of terminal, without colour, and into a pipe."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from tests.looks.house import Names
from tests.looks.screen import Shown, in_terminal
from tests.looks.script import Scene, scenes

WIDTHS = (50, 80, 120)
MARGIN = 8
"""Columns that may stand before a word that has a line of its own."""

ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Played:
    """A scene on terminals of several widths, on one without colour (80 columns), and what went into a pipe."""

    scene: Scene
    wide: dict[int, Shown]
    plain: Shown
    piped: str
    code: int


def every_command() -> list[tuple[str, ...]]:
    """The path of each group and each command, the program itself first."""
    import typer.main

    from cni.cli import app

    def below(command: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield path
        for name, each in getattr(command, "commands", {}).items():
            yield from below(each, (*path, name))

    return list(below(typer.main.get_command(app), ()))


def missing(names: Names) -> list[str]:
    """Commands that no scene plays."""
    played = [scene.words for scene in scenes(names)]
    every = every_command()
    leaves = [p for p in every if p and not any(o != p and o[: len(p)] == p for o in every)]
    return [" ".join(p) for p in leaves if not any(words[: len(p)] == p for words in played)]


def play(place: Path, names: Names) -> Iterator[Played]:
    """Each scene in order; what it does to the house stays done. AssertionError where a code is not the one expected."""
    for scene in scenes(names):
        words, clock = scene.ready(place), {"CNI_CLOCK": scene.at}
        wide = {columns: _in_copy(words, place, columns, clock) for columns in WIDTHS}
        plain = _in_copy(words, place, 80, {**clock, "NO_COLOR": "1"})
        piped, code = piped_to_file(words, place, clock)
        expected = (2,) if scene.refused else (0, 1, 3)
        assert code in expected, f"{scene.line}: exit {code}\n{piped}"
        if scene.into:
            (place / scene.into).write_text((place / ".out").read_text())
        yield Played(scene, wide, plain, piped, code)


def helps(place: Path) -> Iterator[Played]:
    """The help of the program, of each group and of each command."""
    for number, path in enumerate(every_command()):
        words = (*path, "--help")
        wide = {columns: in_terminal(words, place, columns, {}) for columns in WIDTHS}
        plain = in_terminal(words, place, 80, {"NO_COLOR": "1"})
        piped, code = piped_to_file(words, place, {})
        assert code == 0, path
        yield Played(Scene(number, "", words, False, ""), wide, plain, piped, code)


def _in_copy(words: tuple[str, ...], place: Path, columns: int, environment: dict[str, str]) -> Shown:
    """On a copy of the house, so that it stays as it was."""
    copy = place.with_name(f"{place.name}-copy")
    shutil.copytree(place, copy)
    try:
        return in_terminal(words, copy, columns, environment)
    finally:
        shutil.rmtree(copy)


def piped_to_file(words: tuple[str, ...], place: Path, environment: dict[str, str]) -> tuple[str, int]:
    """Run a command with its results in a file (`.out`); all that it wrote, and its exit code."""
    child = os.fork()
    if child == 0:
        _into_files(words, place, environment)
    _, status = os.waitpid(child, 0)
    text = (place / ".out").read_text("utf-8") + (place / ".err").read_text("utf-8")
    return text, os.waitstatus_to_exitcode(status)


def _into_files(words: tuple[str, ...], place: Path, environment: dict[str, str]) -> NoReturn:
    code = 99
    try:
        os.chdir(place)
        for name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CNI_DATABASE_URL"):
            os.environ.pop(name, None)
        os.environ.update(environment)
        for number, name in ((1, ".out"), (2, ".err")):
            opened = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(opened, number)
        sys.stdout = sys.__stdout__ = os.fdopen(1, "w", encoding="utf-8")  # type: ignore[misc]
        sys.stderr = sys.__stderr__ = os.fdopen(2, "w", encoding="utf-8", buffering=1)  # type: ignore[misc]
        from cni.__main__ import main

        code = main(list(words))
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def faults(played: Played) -> list[str]:
    """What is wrong with the screens of a scene, each fault in a line."""
    found = []
    for columns, shown in played.wide.items():
        found += [f"at {columns} columns: {text}" for text in too_wide(shown.texts, columns)]
    if ESCAPE.search(played.plain.raw.replace("\x1b[2K", "")):
        found.append("an escape code although NO_COLOR is set")
    if "\x1b" in played.piped:
        found.append("an escape code in a pipe")
    if played.plain.texts != played.wide[80].texts and not told_by_chance(played.scene.words):
        found.append("without colour the words are others")
    return found


def told_by_chance(words: tuple[str, ...]) -> bool:
    """Whether a command says something else each time: keys and secrets, and the seconds that something took."""
    return words[:1] == ("key",) or words[:2] in (("round", "secret"), ("request", "seal"), ("request", "submit"))


def too_wide(lines: list[str], columns: int) -> list[str]:
    """Lines that are wider than the screen though each of their words would fit in one of its own.

    A word that fits in no line (an id, a path, a digest) stays whole, so that it can be copied; so do commands and JSON.
    """
    from rich.cells import cell_len

    found = []
    for line in lines:
        words = re.sub(r"`[^`]*`", lambda m: m[0].replace(" ", "\u00b7"), line).split(" ")
        command = re.match(r" *(\$ |cni |age1|\{)", line)
        if cell_len(line) > columns and not command and max(map(cell_len, words)) <= columns - MARGIN:
            found.append(line)
    return found
