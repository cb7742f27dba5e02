"""What a command shows, as values: views make blocks from documents, `render` alone prints them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that opens a part."""

    text: str


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph, wrapped to the width. `mark`: "" plain, "good", "bad", "quiet" or "command" (never wrapped)."""

    text: str
    mark: str = ""
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `right` aligns numbers; `wrap` may fold its text; the highest `drop` goes first where width lacks."""

    title: str
    right: bool = False
    wrap: bool = False
    drop: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under titles. Below 60 columns, where it does not fit as it is, each row becomes a record of lines.

    `deal`: where it does not fit, its columns are instead dealt to several tables, one below the other, each with the first.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str = "none"
    more: str = ""  # said below: what was left out, and how to see it
    deal: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """A short list of names and values."""

    items: tuple[tuple[str, str], ...]


Block = Heading | Para | Table | Fields


def table(titles: str, rows: Sequence[tuple[object, ...]], *, empty: str = "none", more: str = "") -> Table:
    """A table from a line of titles: `>` before one aligns right, `~` lets it wrap, trailing `*` and `**` may be dropped.

    >>> [c.title for c in table("id >pairs ~why*", []).columns]
    ['id', 'pairs', 'why']
    """
    columns = []
    for word in titles.split():
        name = word.lstrip(">~")
        drop = len(name) - len(name.rstrip("*"))
        head = word[: len(word) - len(name)]
        columns.append(Column(name.rstrip("*").replace("_", " "), ">" in head, "~" in head, drop))
    return Table(tuple(columns), tuple(tuple(str(cell) for cell in row) for row in rows), empty, more)


def chain(ids: Sequence[str]) -> str:
    """Ids one after the other, joined by dashes; where an id holds a dash itself, by blanks and a dash.

    >>> chain(["MA1", "BOL"]), chain(["con-north", "BOL"])
    ('MA1-BOL', 'con-north - BOL')
    """
    return (" - " if any("-" in each for each in ids) else "-").join(ids)


def three_digits(value: float) -> str:
    """A figure to three digits, as people write it: no powers of ten.

    >>> three_digits(1127.4), three_digits(25.24), three_digits(0.00491), three_digits(0.0)
    ('1,130', '25.2', '0.00491', '0')
    """
    text = f"{value:.3g}"
    return format(Decimal(text), ",f") if "e" in text else text
