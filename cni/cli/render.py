"""The only place that prints. Results go to stdout, everything else to stderr; data is never read as markup.

Width is the terminal's (or COLUMNS, or 80). Below 60 columns tables that would have to fold become records; columns that
may be dropped are dropped before anything is folded, and ids are never shortened. NO_COLOR and pipes get no colour (rich sees to that).
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from cni.cli.folding import clean as clean
from cni.cli.folding import folded, gathered
from cni.cli.layout import GAP, dealt, first, fitting, narrow, widths
from cni.config import settings
from cni.views.blocks import Block, Column, Fields, Heading, Para, Table
from topology.canonical import canonical_bytes
from topology.problems import Problem

RECORDS_BELOW = 60
MOST_ROWS, MOST_RECORDS = 200, 50
"""Of a table in a terminal: nobody reads on. A pipe or a file gets all."""
LONGEST_VALUE = 200
BELOW = 2
"""Columns before a value that stands below its name."""
STYLES = {"good": "green", "bad": "red", "quiet": "dim", "command": "cyan"}
LEVELS = {"error": "bold red", "warning": "yellow", "note": "dim"}


def width() -> int:
    """Columns to fill."""
    return max(20, shutil.get_terminal_size((80, 24)).columns)


class _Console(Console):
    """rich ends the process with exit 1 where the reader has gone away; 1 means "no", so ours goes on in silence."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        _silence()


def _silence() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _console(*, error: bool = False) -> Console:
    return _Console(
        stderr=error,
        markup=False,
        highlight=False,
        emoji=False,
        soft_wrap=False,
        width=width(),
        legacy_windows=False,
        color_system=None if os.environ.get("NO_COLOR") else "auto",  # rich alone would leave bold and dim
    )


def _written(write: Callable[[], Any]) -> None:
    """Write; where the reader has gone away (`| head`), go on in silence, so that the exit code stays true."""
    try:
        write()
    except BrokenPipeError:
        _silence()


ILLUSTRATIVE = "Illustrative data: invented for planning and tests, not a record of any real network."


def show(
    document: dict[str, Any],
    view: Callable[[dict[str, Any]], Iterable[Block]],
    as_json: bool,
    *,
    illustrative: bool = False,
) -> None:
    """A result: the document itself in canonical bytes, or its view for people; invented figures are called so."""
    if as_json:
        put(canonical_bytes(document) + b"\n")
    else:
        out([*view(document), *([Para(ILLUSTRATIVE, "quiet")] if illustrative else [])])


def put(data: bytes) -> None:
    """Bytes to stdout as they are."""

    def write() -> None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.flush()

    _written(write)


def plain(text: str) -> None:
    """One line of text to stdout, for programs and for copying."""
    put(f"{text}\n".encode())


def out(blocks: Iterable[Block]) -> None:
    """Blocks to stdout."""
    console = _console()

    def write() -> None:
        before: Block | None = None
        for block in blocks:
            _print(console, block, before)
            before = block
        sys.stdout.flush()

    _written(write)


def note(text: str) -> None:
    """A message on stderr, unless --quiet."""
    if not settings().quiet:
        said = f"dry run, nothing was changed: {text}" if settings().dry_run else text
        _say(Text(clean(said), style="dim"))


def complain(text: str, hint: str = "") -> None:
    """An error on stderr, with how to mend it."""
    line = Text()
    line.append("error: ", style="bold red")
    line.append(clean(text))
    _say(line, hang=2)
    if hint:
        _say(Text(clean(hint)), indent=2)


def _say(text: Text, *, head: str = "", indent: int = 0, hang: int = 0) -> None:
    """A line on stderr after a head; in a terminal folded between words, else whole, so that programs find it in one line.

    `indent`: columns before each line, the head among them; `hang`: more of them before each line but the first.
    """
    console, indent = _console(error=True), max(indent, len(head))
    lines = [text]
    if console.is_terminal:
        lines = [text[a:b] for a, b in folded(text.plain, console.width - indent, hang)] or [text]
    for number, line in enumerate(lines):
        before = head.rjust(indent) if number == 0 else " " * (indent + hang)
        console.print(Text(before, style=text.style).append_text(line), soft_wrap=True)


def problems(found: Sequence[Problem], *, closing: bool = True) -> None:
    """Every problem of an input on stderr: place, text, the value, and what may mend it."""
    for problem in found:
        line = Text(clean(str(problem)))
        level = "" if problem.level == "error" else f"{problem.level}: "  # said too, not by its colour alone
        line.append(f" [{level}{problem.code}]", LEVELS[problem.level])
        _say(line, hang=2)
        if problem.value:
            _say(Text(_short(clean(problem.value)), style="dim"), head="    | ")
        if problem.hint:
            _say(Text(clean(problem.hint)), head="    = ")
    if closing and found:
        count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
        _say(Text(f"{count}; nothing was changed. `cni explain {found[0].code}` tells what it means."))


def _short(value: str) -> str:
    return value if len(value) <= LONGEST_VALUE else f"{value[: LONGEST_VALUE - 1]}…"


def remarks(found: Sequence[Problem]) -> None:
    """Warnings and notes of an input that can be used, on stderr unless --quiet: at most ten, then how many more."""
    if settings().quiet or not found:
        return
    problems(found[:10], closing=False)
    if len(found) > 10:
        note(f"and {len(found) - 10} more; `cni network check` lists them all")


def _print(console: Console, block: Block, before: Block | None = None) -> None:
    match block:
        case Heading(text):
            console.print()
            _paragraph(console, clean(text), "bold")
        case Para(text, "command", indent):
            console.print(Text(" " * indent + clean(text), style=STYLES["command"]), soft_wrap=True)
        case Para(text, mark, indent):
            _paragraph(console, clean(text), STYLES.get(mark, ""), indent)
        case Fields(items):
            _print_fields(console, items)
        case Table():
            _print_table(console, block, before)


def _paragraph(console: Console, text: str, style: str, indent: int = 0) -> None:
    """A text folded between words; a command or an id stays whole, so that it can be copied."""
    for part in text.split("\n"):
        for start, end in folded(part, console.width - indent) or [(0, 0)]:
            console.print(Text(" " * indent + part[start:end], style=style), soft_wrap=True)


def _print_fields(console: Console, items: Sequence[tuple[str, str]], indent: int = 0) -> None:
    """Names in one column, values folded beside them, or below where a word of theirs fits only there."""
    longest = max((cell_len(name) for name, _ in items), default=0) + 2
    for name, value in items:
        head = " " * indent + clean(name).ljust(longest)
        room, text = max(console.width - longest - indent, 10), clean(value)
        left = longest + indent
        if room < max(map(cell_len, text.split()), default=0) <= console.width - indent - BELOW:
            console.print(Text(head.rstrip(), style="bold"), soft_wrap=True)  # what fits below its name, not beside it
            head, left, room = " " * (indent + BELOW), indent + BELOW, console.width - indent - BELOW
        lines = _lines(text, room)
        for number, line in enumerate(lines or [Text("")]):
            whole = Text().append(head if number == 0 else " " * left, style="bold")
            whole.append_text(line)
            whole.rstrip()
            console.print(whole, soft_wrap=True)


def _lines(value: str, room: int) -> Sequence[Text]:
    """Folded between words; a value that is one long word (a digest, a key) stays whole, so that it can be copied."""
    if value.split() and max(map(cell_len, value.split())) > room:
        return [Text(line) for line in gathered(value, room)]
    if cell_len(value) <= room:  # blanks before a sum, which stands to the right, stay too
        return [Text(value)]
    return [Text(value[start:end]) for start, end in folded(value, room)]


def _print_table(console: Console, table: Table, before: Block | None) -> None:
    if isinstance(before, Table):
        console.print()
    if not table.rows:
        console.print(Text(table.empty, style="dim"), soft_wrap=True)
    else:
        kept = fitting(table, console.width) if console.width >= RECORDS_BELOW else narrow(table, console.width)
        most = MOST_RECORDS if kept is None and not table.deal else MOST_ROWS
        shown, left = first(table, most) if console.is_terminal else (table, 0)
        if kept is None and table.deal:
            for number, columns in enumerate(dealt(table, console.width)):
                if number:
                    console.print()
                _print_rows(console, shown, columns)
        elif kept is None:
            if isinstance(before, Fields):  # else its first record would seem to go on with them
                console.print()
            _print_records(console, shown)
        else:
            _print_rows(console, shown, kept)
            lacking = [c.title for i, c in enumerate(table.columns) if i not in kept]
            if lacking:
                _print(console, Para(f"no room for: {', '.join(lacking)}", "quiet"))
        if left:
            _print(console, Para(f"and {left:,} more rows; a pipe (| less) or a file gets all of them", "quiet"))
    if table.more:
        _print(console, Para(table.more, "quiet"))


def _print_rows(console: Console, table: Table, kept: list[int]) -> None:
    sizes = widths(table, kept, console.width)
    columns = [table.columns[i] for i in kept]
    _print_row(console, columns, sizes, [c.title for c in columns], style="bold")
    for row in table.rows:
        _print_row(console, columns, sizes, [row[i] for i in kept])


def _print_row(
    console: Console, columns: Sequence[Column], widths: Sequence[int], cells: Sequence[str], style: str = ""
) -> None:
    """One row, over several lines where a cell folds; no blanks at the end of a line."""
    folded = [
        [line.plain.rstrip() for line in Text(clean(cell)).wrap(console, size)] if column.wrap else [clean(cell)]
        for column, size, cell in zip(columns, widths, cells, strict=True)
    ]
    for number in range(max(map(len, folded))):
        parts = [lines[number] if number < len(lines) else "" for lines in folded]
        padded = [
            " " * (size - cell_len(part)) + part if column.right else part + " " * (size - cell_len(part))
            for column, size, part in zip(columns, widths, parts, strict=True)
        ]
        console.print(Text(GAP.join(padded).rstrip(), style=style), soft_wrap=True)


def _print_records(console: Console, table: Table) -> None:
    for number, row in enumerate(table.rows):
        if number:
            console.print()
        pairs = [(c.title, cell) for c, cell in zip(table.columns, row, strict=True) if cell not in ("", "-")]
        _print_fields(console, pairs)
