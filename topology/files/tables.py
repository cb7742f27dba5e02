"""Tables of typed columns: the checks on the way in, the text on the way out (`table_text`), the documentation, from one list.

A `Table` names its columns and the dataclass that a row becomes. Rows come from CSV, JSON or YAML as named texts; every
cell that is wrong becomes a `Problem` with file, line (the header is line 1; a row that spans lines counts from its
first), column, value, what was expected and a hint. Unknown columns are kept in `extra` and reported as a note.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

from topology.cells import POSITIVE, TEXT, CellError, Kind, cell_text
from topology.files.reading import MAX_ROWS, read_text
from topology.problems import Problems

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file: its name, what may stand in it, the attribute it fills, unit and meaning."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    unit: str = ""
    attribute: str = ""
    served: bool = True
    may_be_empty: bool = False  # a required column whose cells may be empty

    @property
    def fills(self) -> str:
        """The attribute that the column fills."""
        return self.attribute or self.name


@dataclass(frozen=True)
class Table(Generic[T]):
    """The columns of one file and the dataclass (with an `extra` attribute) that a row becomes."""

    file: str
    make: Callable[..., T]
    columns: tuple[Column, ...]

    def default(self, column: Column) -> Any:
        """The value of an empty cell: the default of the dataclass."""
        return self._defaults.get(column.fills, "")

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        made = fields(self.make)  # type: ignore[arg-type]  # `make` is a dataclass
        return {item.name: item.default for item in made if item.default is not MISSING}

    def documentation(self) -> list[dict[str, str]]:
        """One entry per column: name, type, required, default, unit, meaning. The reference in docs is made from it."""
        return [
            {
                "column": c.name,
                "type": c.kind.words,
                "required": "yes" if c.required else "no",
                "default": self._shown_default(c),
                "unit": c.unit,
                "meaning": c.meaning,
            }
            for c in self.columns
        ]

    def _shown_default(self, column: Column) -> str:
        """The default as text; empty where an empty cell means "not given"."""
        value = self.default(column)
        unset = value in (None, "", ()) or (column.kind is POSITIVE and value == 0)
        return "" if column.required or unset else cell_text(column.kind.show(value))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stood and what was written there (defaults filled in), so that later checks can point at it."""

    file: str
    line: int
    cells: Mapping[str, str]

    def add(self, problems: Problems, text: str, column: str = "", **more: str) -> None:
        """Record a problem of this row; the value shown is the text of the cell."""
        more.setdefault("value", self.cells.get(column, ""))
        problems.add(text, file=self.file, line=self.line, column=column, **more)


@dataclass(frozen=True, slots=True)
class Row(Place, Generic[T]):
    """A row that could be read, with what it became."""

    item: T


@dataclass(slots=True)
class Sheet(Generic[T]):
    """The rows of a file that could be read; and the place of every row and line of every id, also of those that not."""

    rows: list[Row[T]] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)

    @property
    def items(self) -> list[T]:
        """What the rows became, in the order of the file."""
        return [row.item for row in self.rows]


Record = tuple[int, Mapping[str, Any]]
"""A line number and named cells, as text (CSV, YAML) or JSON values."""


def read_csv(path: Path, table: Table[T], problems: Problems, defaults: Mapping[str, str] | None = None) -> Sheet[T]:
    """The rows of a CSV file (RFC 4180, header required). Faults go to `problems`; what could be read is returned."""
    text = read_text(path, problems, wanted=table.file)
    if text is None:
        return Sheet()
    return read_csv_text(text, path.name, table, problems, defaults)


def read_csv_text(
    text: str, file: str, table: Table[T], problems: Problems, defaults: Mapping[str, str] | None = None
) -> Sheet[T]:
    """As `read_csv`, for text already in memory."""
    records = csv_records(text, file, problems)
    first = next(records, None)
    if first is None:
        return Sheet()
    header = [name.strip() for name in first[1]]
    if not check_header(header, file, first[0], table, problems, defaults or {}):
        return Sheet()
    ragged: list[tuple[int, list[str]]] = []
    rows = _named(header, records, file, problems, ragged)
    sheet = typed_rows(rows, file, table, problems, defaults, header_line=first[0])
    if "id" in header:  # so that rows that point at a ragged one are not called dangling
        at = header.index("id")
        for line, record in ragged:
            if len(record) > at:
                sheet.ids.setdefault(record[at].strip(), line)
    return sheet


def csv_records(text: str, file: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Records with the line on which each begins; empty lines are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    before = 0
    try:
        for count, record in enumerate(reader):
            if count > MAX_ROWS:
                problems.add(f"The file has more than {MAX_ROWS} rows.", file=file, line=before, code="file_too_large")
                return
            if record and (len(record) > 1 or record[0].strip()):
                yield before + 1, record
            before = reader.line_num
    except csv.Error as error:
        hint = "Maybe a quotation mark is not closed." if "end of data" in str(error) else ""
        problems.add(f"This is not CSV: {error}.", file=file, line=before + 1, code="syntax", hint=hint)


def check_header(
    header: Sequence[str],
    file: str,
    line: int,
    table: Table[Any],
    problems: Problems,
    defaults: Mapping[str, str],
) -> bool:
    """Whether the columns can be read: none missing, none twice, none without a name."""
    good = True
    known = {c.name for c in table.columns}
    for place, name in enumerate(header, 1):
        if not name:
            problems.add(f"Column {place} has no name.", file=file, line=line, code="nameless_column")
            good = False
        elif header.index(name) < place - 1:
            problems.add(f"The column {name} stands twice.", file=file, line=line, column=name, code="duplicate_column")
            good = False
    for column in table.columns:
        if column.required and column.name not in header and column.name not in defaults:
            hint = _header_hint(column.name, [h for h in header if h not in known])
            text = f"The column {column.name} is missing."
            problems.add(text, file=file, line=line, column=column.name, code="missing_column", hint=hint)
            good = False
    return good


def _header_hint(name: str, others: Sequence[str]) -> str:
    for mark, words in ((";", "semicolons"), ("\t", "tabs")):
        if any(mark in other for other in others):
            return f"Maybe the file is separated by {words}; commas are expected."
    same = [o for o in others if o.lower() == name]
    close = same or get_close_matches(name, others, 1, 0.7)
    return f"Maybe {close[0]!r} is meant." if close else ""


def _named(
    header: Sequence[str],
    records: Iterable[tuple[int, list[str]]],
    file: str,
    problems: Problems,
    ragged: list[tuple[int, list[str]]],
) -> Iterator[Record]:
    for line, record in records:
        if not any(cell.strip() for cell in record):
            problems.add("The row is empty; it was passed over.", file=file, line=line, code="empty_row", level="note")
        elif len(record) != len(header):
            ragged.append((line, record))
            text = f"The row has {len(record)} cells, the header {len(header)}."
            hint = "Maybe a text with a comma lacks its quotation marks." if len(record) > len(header) else ""
            problems.add(text, file=file, line=line, code="ragged_row", hint=hint)
        else:
            yield line, dict(zip(header, record, strict=True))


def typed_rows(
    records: Iterable[Record],
    file: str,
    table: Table[T],
    problems: Problems,
    defaults: Mapping[str, str] | None = None,
    header_line: int = 0,
) -> Sheet[T]:
    """Rows from named cells; unknown names go to `extra`, an `id` that stands twice is a problem."""
    sheet: Sheet[T] = Sheet()
    unknown: dict[str, int] = {}
    known = {c.name for c in table.columns}
    for line, cells in records:
        texts = _as_texts(cells, file, line, table, problems)
        for name, default in (defaults or {}).items():
            if not texts.get(name, "").strip():
                texts[name] = default
        sheet.places.append(Place(file, line, texts))
        for name in cells:
            if name not in known:
                unknown.setdefault(name, line)
        values = _typed(texts, file, line, table, problems)
        extra = _extra(texts, known, file, line, problems)
        _note_id(texts, file, line, sheet, problems)
        if values is not None and extra is not None:
            sheet.rows.append(Row(file, line, texts, table.make(**values, extra=extra)))
    for name in sorted(unknown):
        close = get_close_matches(name, sorted(known), 1, 0.8)
        hint = f"Maybe {close[0]} is meant." if close else ""
        text = f"The column {name} is unknown; it is kept."
        at = header_line or unknown[name]
        problems.add(text, file=file, line=at, column=name, code="unknown_column", level="note", hint=hint)
    return sheet


def _note_id(texts: Mapping[str, str], file: str, line: int, sheet: Sheet[Any], problems: Problems) -> None:
    name = texts.get("id", "").strip()
    if name in sheet.ids:
        text = f"The id {name} stands twice, first on line {sheet.ids[name]}."
        problems.add(text, file=file, line=line, column="id", value=name, code="duplicate_id")
    elif name:
        sheet.ids[name] = line


def _as_texts(cells: Mapping[str, Any], file: str, line: int, table: Table[Any], problems: Problems) -> dict[str, str]:
    lists = {c.name for c in table.columns if c.kind.show is list or c.kind.name == "items"}
    texts = {}
    for name, value in cells.items():
        if isinstance(value, str):
            texts[name] = value
        elif value is None:
            texts[name] = ""
        elif isinstance(value, bool | int):
            texts[name] = cell_text(value)
        elif isinstance(value, Decimal | float):
            texts[name] = str(value)
        elif isinstance(value, list) and name in lists and all(isinstance(v, str) for v in value):
            texts[name] = " ".join(value)
        else:
            what = "list" if isinstance(value, list) else "object"
            problems.add(f"A single value is expected, not a {what}.", file=file, line=line, column=name, value=what)
    return texts


def _typed(
    texts: Mapping[str, str],
    file: str,
    line: int,
    table: Table[Any],
    problems: Problems,
) -> dict[str, Any] | None:
    values: dict[str, Any] | None = {}
    for column in table.columns:
        text = texts.get(column.name, "")
        if not text.strip():
            if column.required and not column.may_be_empty:
                said = f"{column.name} is empty."
                problems.add(said, file=file, line=line, column=column.name, code="missing_value")
                values = None
            continue
        if not column.served:
            said = f"This version does not serve the column {column.name} yet."
            problems.add(said, file=file, line=line, column=column.name, value=text, code="not_served")
            continue
        try:
            value = column.kind.read(text if column.kind.name in ("name", "text") else text.strip())
        except CellError as error:
            shown = text if len(text) <= 80 else text[:77] + "..."
            problems.add(
                error.text,
                file=file,
                line=line,
                column=column.name,
                value=printable(shown),
                hint=error.hint,
                code=error.code,
            )
            values = None
        else:
            if values is not None:
                values[column.fills] = value
    return values


def _extra(
    texts: Mapping[str, str], known: set[str], file: str, line: int, problems: Problems
) -> tuple[tuple[str, str], ...] | None:
    kept = []
    for name in sorted(texts):
        if name in known or not texts[name]:
            continue
        try:
            kept.append((TEXT.read(name), TEXT.read(texts[name])))
        except CellError as error:
            value = printable(texts[name])
            problems.add(error.text, file=file, line=line, column=printable(name), value=value, code=error.code)
            return None
    return tuple(kept)


def printable(text: str) -> str:
    """Text that is safe to print: what is not printable is shown as its escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
