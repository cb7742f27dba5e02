"""What a terminal shows of a command: run in a terminal of its own, read as a terminal reads it.

A small terminal: colours and weights (SGR), carriage return, wiping a line; a line longer than the screen goes on in the next.
Anything else that begins with ESC is an error, for `cni` sends nothing else.
"""

from __future__ import annotations

import os
import pty
import re
import signal
import struct
import sys
import termios
from collections.abc import Callable
from dataclasses import dataclass, replace
from fcntl import ioctl
from pathlib import Path
from typing import Any, NoReturn, TextIO

from rich.cells import cell_len
from rich.text import Text

LONGEST_S = 600
PIECE = re.compile(r"\x1b\[(?P<sgr>[0-9;]*)m|\x1b\[2K|\r\n|[\r\n]|(?P<text>[^\x1b\r\n]+)")


@dataclass(frozen=True, slots=True)
class Look:
    """How a letter is set. `colour`: "" or a name of `COLOURS`."""

    bold: bool = False
    dim: bool = False
    colour: str = ""


COLOURS = {31: "red", 32: "green", 33: "yellow", 34: "blue", 35: "magenta", 36: "cyan"}
Line = list[tuple[str, Look]]
"""Pieces of a line, each set in one look."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a command left on a screen so many columns wide, and its exit code."""

    columns: int
    lines: tuple[tuple[tuple[str, Look], ...], ...]
    code: int
    raw: str

    @property
    def texts(self) -> list[str]:
        """The lines as the command wrote them, without looks."""
        return ["".join(text for text, _ in line) for line in self.lines]


MARK = re.compile("\0([0-9]+)\0\n?")


def in_terminal(
    words: tuple[str, ...],
    place: Path,
    columns: int,
    environment: dict[str, str],
    also: tuple[int, ...] = (),
) -> Shown:
    """Run a command in a terminal of so many columns, in a folder, as a child of this process.

    `also`: it says everything once more for each of these widths, behind a mark (`at_widths` takes them apart).
    """
    child, terminal = pty.fork()
    if child == 0:
        _be_the_command(words, place, columns, environment, also)
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    data = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # the child has closed its end
            break
        if not piece:
            break
        data += piece
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    raw = data.decode("utf-8", "backslashreplace")
    lines = () if also else tuple(map(tuple, read(raw)))
    return Shown(columns, lines, os.waitstatus_to_exitcode(status), raw)


def at_widths(raw: str, columns: int) -> dict[int, list[str]]:
    """The lines of each width, from what a command wrote that says everything several times."""
    found: dict[int, str] = {}
    for piece, width in zip(MARK.split(raw)[::2], ("0", *MARK.split(raw)[1::2]), strict=True):
        found[int(width) or columns] = found.get(int(width) or columns, "") + piece
    return {width: ["".join(t for t, _ in line) for line in read(text)] for width, text in found.items()}


def _say_it_all_again(also: tuple[int, ...]) -> None:
    """Have `render` write everything once for each width."""
    from cni.cli import render

    def again(write: Callable[..., None], stream: Callable[[], TextIO]) -> Callable[..., None]:
        def each(first: Any, *more: Any, **named: Any) -> None:
            kept = first if isinstance(first, Text) else list(first)
            for width in also:
                os.environ["COLUMNS"] = str(width)
                stream().write(f"\0{width}\0")
                write(kept, *more, **named)
            stream().write("\0" + "0\0")
            stream().flush()

        return each

    render.out = again(render.out, lambda: sys.stdout)
    render._say = again(render._say, lambda: sys.stderr)


def _be_the_command(
    words: tuple[str, ...], place: Path, columns: int, environment: dict[str, str], also: tuple[int, ...]
) -> NoReturn:
    """In the child: its streams are the terminal."""
    code = 99
    try:
        signal.alarm(LONGEST_S)
        ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        os.chdir(place)
        for name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CNI_DATABASE_URL"):
            os.environ.pop(name, None)
        os.environ.update(TERM="xterm-256color", **environment)
        sys.stdin = sys.__stdin__ = os.fdopen(0)  # type: ignore[misc]
        sys.stdout = sys.__stdout__ = os.fdopen(1, "w", encoding="utf-8")  # type: ignore[misc]
        sys.stderr = sys.__stderr__ = os.fdopen(2, "w", encoding="utf-8", buffering=1)  # type: ignore[misc]
        if also:
            _say_it_all_again(also)
        from cni.__main__ import main

        code = main(list(words))
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def read(raw: str) -> list[Line]:
    """Lines as they stand at the end; ValueError for what a terminal would have to guess at."""
    lines: list[Line] = [[]]
    look, wiped, at = Look(), False, 0
    while at < len(raw):
        found = PIECE.match(raw, at)
        if found is None:
            raise ValueError(f"not understood: {raw[at : at + 20]!r}")
        at = found.end()
        if found["sgr"] is not None:
            look = _changed(look, found["sgr"])
        elif found["text"] is not None:
            if wiped:
                lines[-1] = []
            lines[-1].append((found["text"], look))
            wiped = False
        elif found[0].endswith("\n"):
            lines.append([])
            wiped = False
        elif found[0] == "\x1b[2K":
            lines[-1] = []
        else:
            wiped = True
    return lines if lines[-1] else lines[:-1]


def _changed(look: Look, codes: str) -> Look:
    for code in map(int, (codes or "0").split(";")):
        if code == 0:
            look = Look()
        elif code == 1:
            look = replace(look, bold=True)
        elif code == 2:
            look = replace(look, dim=True)
        elif code in COLOURS:
            look = replace(look, colour=COLOURS[code])
        else:
            raise ValueError(f"a look that nobody drew: {code}")
    return look


def rows(shown: Shown) -> list[Line]:
    """The lines as the screen has them: what is longer goes on in the next row."""
    return [row for line in shown.lines for row in _folded(line, shown.columns)]


def _folded(line: tuple[tuple[str, Look], ...], columns: int) -> list[Line]:
    made: list[Line] = [[]]
    room = columns
    for text, look in line:
        for letter in text:
            size = cell_len(letter)
            if size > room:
                made.append([])
                room = columns
            if made[-1] and made[-1][-1][1] == look:
                made[-1][-1] = (made[-1][-1][0] + letter, look)
            else:
                made[-1].append((letter, look))
            room -= size
    return made
