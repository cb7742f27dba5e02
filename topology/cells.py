"""What may stand in one cell: ids, counts, kilometres, dates and so on, as text and as typed values.

A `Kind` reads a cell's text and shows a value again: as text in CSV, and as text, integer, true/false or list in JSON.
What is shown reads back as the same value. Numbers go through `Decimal` or `int` only; NaN and infinities are refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

from topology.quantities import as_thousands, thousandths

Cell = str | int | bool | list[str]
"""A value as JSON shows it."""

ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
DECIMAL = re.compile(r"[+-]?([0-9]{1,12}(\.[0-9]{0,12})?|\.[0-9]{1,12})")
NUMBER = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})?")
COUNT = re.compile(r"[0-9]{1,9}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(DAY.pattern + r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?")
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2028\u2029\u2066\u2067\u2068\u2069\ufeff")
NAME_LENGTH, TEXT_LENGTH = 200, 10_000
MOST = 1e15


class CellError(ValueError):
    """A cell that cannot be read: what was expected, and a hint."""

    def __init__(self, text: str, hint: str = "", code: str = "bad_value") -> None:
        super().__init__(text)
        self.text, self.hint, self.code = text, hint, code


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of cell. `read` raises `CellError`; `show` gives the JSON form; `words` say what is expected."""

    name: str
    words: str
    read: Callable[[str], Any]
    show: Callable[[Any], Cell] = str


def cell_text(cell: Cell) -> str:
    """A JSON cell as CSV text."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return " ".join(cell) if isinstance(cell, list) else str(cell)


def clean(text: str, *, lines: bool = False, length: int = NAME_LENGTH) -> str:
    """Text in NFC. Raises `CellError` for control, escape and direction characters, lone surrogates, or too much."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n") if lines else text)
    if len(text) > length:
        raise CellError(f"The text must have at most {length} characters, not {len(text)}.", code="too_long")
    for char in text:
        if lines and char in "\n\t":
            continue
        if char in BIDI or unicodedata.category(char) in ("Cc", "Cs"):
            raise CellError(
                f"The text holds the character U+{ord(char):04X}, which could hide what is written.",
                code="bad_character",
            )
    return text


def _id(text: str) -> str:
    if not ID.fullmatch(text):
        raise CellError("An id has 1 to 64 of the characters A-Z a-z 0-9 . _ -", code="bad_id")
    return text


def _count(text: str) -> int:
    if COUNT.fullmatch(text):
        return int(text)
    hint = ""
    if re.fullmatch(r"[0-9]{1,9}\.0*", text):
        hint = f"Maybe {text.split('.')[0]} is meant."
    raise CellError("A whole number, 0 or more, is expected.", hint)


def _positive(text: str) -> int:
    value = _count(text)
    if value < 1:
        raise CellError("A whole number, 1 or more, is expected.")
    return value


def _plain(text: str, pattern: re.Pattern[str] = DECIMAL) -> Decimal:
    if pattern.fullmatch(text):
        return Decimal(text)
    hint = f"Maybe {text.replace(',', '.')} is meant." if re.fullmatch(r"[0-9]+,[0-9]+", text) else ""
    raise CellError("A decimal number is expected.", hint)


def _decimal(text: str) -> Decimal:
    value = _plain(text)
    if value < 0:
        raise CellError("A number of 0 or more is expected.")
    return abs(value)  # "-0" too


def _thousandths(text: str) -> int:
    return thousandths(_decimal(text))


def _number(text: str) -> float:
    value = float(_plain(text, NUMBER))
    if not 0 <= value < MOST:
        raise CellError("A number of 0 or more is expected.")
    return abs(value)


def _degrees(limit: int) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = float(_plain(text, NUMBER))
        if not -limit <= value <= limit:
            raise CellError(f"Degrees must be between -{limit} and {limit}.", "Maybe lat and lon are swapped.")
        return value + 0.0  # no negative zero

    return read


def decimal_text(value: Decimal) -> str:
    """A decimal without exponent and without trailing zeros, so that 0.50 and 0.5 are one value: one text."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def _flag(text: str) -> bool:
    if (value := FLAGS.get(text.lower())) is None:
        raise CellError("true or false is expected (also 1 or 0, yes or no).")
    return value


def _day(text: str) -> date:
    if not DAY.fullmatch(text):
        raise CellError("A date is written as year-month-day: 2027-01-31.")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CellError(f"There is no such day: {error}.") from error


def _moment(text: str) -> datetime:
    if not MOMENT.fullmatch(text):
        raise CellError("A date and time is written as 2027-01-31T12:00:00Z.")
    try:
        value = datetime.fromisoformat(text)
        return value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)  # noqa: UP017 -- reads as what it is
    except (ValueError, OverflowError) as error:
        raise CellError(f"There is no such date and time: {error}.") from error


def _moment_text(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def _ids(text: str) -> tuple[str, ...]:
    return tuple(sorted({_id(word) for word in text.split()}))


ITEMS = ("span", "node", "group", "circuit")


def _items(text: str) -> tuple[tuple[str, str], ...]:
    found = set()
    for word in text.split():
        kind, colon, name = word.partition(":")
        if not colon or kind not in ITEMS:
            raise CellError(f"{word} must be one of span:ID node:ID group:ID circuit:ID.")
        found.add((kind, _id(name)))
    return tuple(sorted(found))


def choice(*words: str) -> Kind:
    """One of a few words."""

    def read(text: str) -> str:
        if text not in words:
            from difflib import get_close_matches

            close = get_close_matches(text.lower(), words, 1)
            raise CellError(f"One of {', '.join(words)} is expected.", f"Maybe {close[0]} is meant." if close else "")
        return text

    return Kind("choice", " or ".join(words), read)


def one_of(values: Iterable[int]) -> Kind:
    """One of a few whole numbers."""
    allowed = tuple(values)

    def read(text: str) -> int:
        value = _count(text)
        if value not in allowed:
            raise CellError(f"One of {', '.join(map(str, allowed))} is expected.")
        return value

    return Kind("choice", " or ".join(map(str, allowed)), read, int)


IDENTIFIER = Kind("id", "an id", _id)
NAME = Kind("name", "one line of text", clean)
TEXT = Kind("text", "text", lambda t: clean(t, lines=True, length=TEXT_LENGTH))
WHOLE = Kind("count", "a whole number, 0 or more", _count, int)
POSITIVE = Kind("count", "a whole number, 1 or more", _positive, int)
THOUSANDS = Kind("decimal", "a decimal, read to three places, half up", _thousandths, as_thousands)
EXACT = Kind("decimal", "a decimal, 0 or more", _decimal, decimal_text)
NUMBER_KIND = Kind("number", "a number, 0 or more", _number, repr)
LATITUDE = Kind("degrees", "degrees, -90 to 90", _degrees(90), repr)
LONGITUDE = Kind("degrees", "degrees, -180 to 180", _degrees(180), repr)
FLAG = Kind("flag", "true or false", _flag, bool)
DAY_KIND = Kind("date", "a date, 2027-01-31", _day)
MOMENT_KIND = Kind("moment", "a date and time; without an offset it is UTC", _moment, _moment_text)
ID_LIST = Kind("ids", "ids separated by spaces", _ids, list)
ITEM_LIST = Kind("items", "span:ID node:ID group:ID circuit:ID", _items, lambda v: [f"{k}:{i}" for k, i in v])
