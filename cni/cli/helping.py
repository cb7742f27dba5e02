"""How help is set: no sentence is cut short in a list of commands, and an example can be copied as it stands."""

from __future__ import annotations

import re
from typing import Any

from typer import _click
from typer.core import TyperGroup

WORD = re.compile(r"""(?:"[^"]*"|'[^']*'|[^\s"'])+""")
OPTION = re.compile(r"--?[a-z][\w-]*")
EXAMPLE = "Example: "


class Group(TyperGroup):
    """A group whose list has the whole first sentence of each command; Typer's own cuts it at the edge of the screen."""

    def format_commands(self, ctx: _click.Context, formatter: Any) -> None:
        """Write the list, in the order in which the commands were registered."""
        rows = [(name, first_sentence(self.commands[name].help or "")) for name in self.list_commands(ctx)]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)


def first_sentence(text: str) -> str:
    """A text up to the end of its first sentence, on one line."""
    return re.split(r"(?<=\.)\s", " ".join(text.partition("\n\n")[0].split()), maxsplit=1)[0]


class Formatter(_click.HelpFormatter):
    """Breaks an example between its words only, each break with the mark by which a shell reads on."""

    def write_text(self, text: str) -> None:
        """Write paragraphs; as Typer does, but for those that are examples."""
        room = self.width - self.current_indent
        super().write_text("\n\n".join(_set(each, room) for each in text.split("\n\n")))


def _set(paragraph: str, room: int) -> str:
    if not paragraph.startswith(EXAMPLE):
        return paragraph
    return "\b\n" + "\n".join(broken(" ".join(paragraph.split()), room))


def broken(command: str, room: int) -> list[str]:
    """A command on as many lines as it needs, none longer than `room` characters where words allow it."""
    lines: list[str] = []
    line = ""
    for word in _together(WORD.findall(command), room - len("    \\")):
        longer = f"{line} {word}" if line else word
        if line and len(longer) > room - len(" \\"):
            lines.append(f"{line} \\")
            longer = f"  {word}"
        line = longer
    return [*lines, line]


def _together(words: list[str], room: int) -> list[str]:
    """The words, an option with its value where both have room in one line."""
    made: list[str] = []
    for word in words:
        both = f"{made[-1]} {word}" if made else word
        if made and OPTION.fullmatch(made[-1]) and not word.startswith("-") and len(both) <= room:
            made[-1] = both
        else:
            made.append(word)
    return made
