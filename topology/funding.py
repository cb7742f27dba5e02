"""Conditions that public funding put on a span: who may be granted new pairs there, and until when.

A cell of `funding_conditions` is a list of words separated by spaces. `until:DATE` says that the conditions lapse on DATE; every
other word names a role, an organisation or a member group. What follows from it is rule A6 (docs/rules/a-granted.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from topology.cells import DAY_KIND, ID, TEXT, CellError

UNTIL = "until"
SERVED = f"The served key is {UNTIL}:DATE."


@dataclass(frozen=True, slots=True)
class FundingConditions:
    """`names`: roles, organisations and groups that may be granted new pairs; `until`: the day on which all that lapses."""

    names: tuple[str, ...]
    until: date | None = None

    def __str__(self) -> str:
        return " ".join([*self.names, *([f"{UNTIL}:{self.until}"] if self.until else [])])


@lru_cache(maxsize=4096)
def read_funding(text: str) -> FundingConditions | None:
    """The conditions in a cell, names sorted; None where it is empty. Raises `CellError` where a word cannot be read."""
    names: set[str] = set()
    until: date | None = None
    for word in text.split():
        key, colon, value = word.partition(":")
        if not colon:
            if not ID.fullmatch(word):
                raise CellError("Each word is a role, an organisation's id, a group's id, or until:DATE.")
            names.add(word)
        elif key != UNTIL:
            raise CellError(f"The key {key} of a funding condition is not served.", SERVED)
        elif until is not None:
            raise CellError(f"{UNTIL}: stands twice.", "One day ends all conditions of a span.")
        else:
            until = _day(value)
    if until is not None and not names:
        raise CellError(
            f"Beside {UNTIL}: there must be at least one name.", "Name who may be granted pairs until then."
        )
    return FundingConditions(tuple(sorted(names)), until) if names else None


def _day(text: str) -> date:
    try:
        day = DAY_KIND.read(text)
    except CellError as error:
        raise CellError(f"{UNTIL}:{text} is no date. {error.text}", error.hint) from None
    assert isinstance(day, date)
    return day


def funding_text(text: str) -> str:
    """The text of a cell as it stands, once it has been read as conditions. Raises `CellError`."""
    kept = str(TEXT.read(text))
    read_funding(kept)
    return kept
