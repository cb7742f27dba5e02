"""What is wrong with an input, so that a person can mend it: file, line, column, value, text, hint.

All problems of an input are gathered before anything is said (`Problems`), then raised together as `BadInput`.
Codes are stable words; `cni explain CODE` tells what each means.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong. `line` counts from 1 with the header as line 1, 0 where no line applies.

    `character` is the place in the line, from 1, where the source is no table (JSON); else 0.
    """

    file: str
    line: int
    column: str
    value: str
    text: str
    hint: str = ""
    code: str = "bad_value"
    level: str = "error"  # "error", "warning" or "note"
    character: int = 0

    def as_json(self) -> dict[str, object]:
        """The finding as `cni.check/1` shows it."""
        return {
            "code": self.code,
            "level": self.level,
            "file": self.file,
            "line": self.line,
            "character": self.character,
            "column": self.column,
            "value": self.value,
            "text": self.text + (f" {self.hint}" if self.hint else ""),
        }

    def __str__(self) -> str:
        place = place_text(self.file, self.line, self.character, self.column)
        return f"{place}: {self.text}" if place else self.text


def place_text(file: str, line: int, character: int, column: str) -> str:
    """`file:line:character:column`, without what is not known."""
    return ":".join(part for part in (file, str(line or ""), str(character or ""), column) if part)


class BadInput(Exception):  # noqa: N818 -- "bad input" is the word of the interfaces
    """The input cannot be used. Carries every `Problem` that was found, sorted by place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(p) for p in self.problems))


def bad_input(
    text: str,
    *,
    file: str = "",
    line: int = 0,
    column: str = "",
    value: str = "",
    hint: str = "",
    code: str = "bad_value",
) -> BadInput:
    """A `BadInput` of one problem."""
    return BadInput([Problem(file, line, column, value, text, hint, code)])


@dataclass(slots=True)
class Problems:
    """A gatherer: errors stop the reading at the end, warnings and notes travel with the result."""

    found: list[Problem] = field(default_factory=list)

    def add(
        self,
        text: str,
        *,
        file: str = "",
        line: int = 0,
        column: str = "",
        value: str = "",
        hint: str = "",
        code: str = "bad_value",
        level: str = "error",
    ) -> None:
        """Record one problem and go on."""
        self.found.append(Problem(file, line, column, value, text, hint, code, level))

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems of level error, sorted by place."""
        return tuple(sorted(p for p in self.found if p.level == "error"))

    @property
    def remarks(self) -> tuple[Problem, ...]:
        """Warnings and notes, sorted by place."""
        return tuple(sorted(p for p in self.found if p.level != "error"))

    def raise_errors(self) -> None:
        """Raise `BadInput` with every error found so far, if there is one."""
        if self.errors:
            raise BadInput(self.errors)
