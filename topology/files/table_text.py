"""Rows on the way out: as JSON values and as CSV, from the same columns that they were read by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from topology.cells import Cell, cell_text
from topology.files.tables import Table


def row_cells(item: Any, table: Table[Any]) -> dict[str, Cell]:
    """One row as JSON values, fields that hold their default left out; unknown columns stand beside the known."""
    cells: dict[str, Cell] = {}
    for column in table.columns:
        value = getattr(item, column.fills)
        if (column.required and value is not None) or value != table.default(column):
            cells[column.name] = column.kind.show(value)
    return {**cells, **dict(item.extra)}


def csv_text(items: Iterable[Any], table: Table[Any]) -> str:
    """Rows sorted by id as CSV with a line feed after each; columns that no row uses are left out."""
    rows = [row_cells(item, table) for item in sorted(items, key=lambda i: str(i.id))]
    used = {name for row in rows for name in row}
    known = [c.name for c in table.columns if c.required or c.name in used]
    header = [*known, *sorted(used - {c.name for c in table.columns})]
    lines = [header, *([cell_text(row.get(name, "")) for name in header] for row in rows)]
    return "".join(",".join(map(quoted, line)) + "\n" for line in lines)


def quoted(text: str) -> str:
    """A CSV cell, in quotation marks where RFC 4180 wants them; the same bytes on every version of Python."""
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n') else text


def reference(table: Table[Any]) -> str:
    """The columns of a file as a Markdown table, for the documentation."""
    rows = ["| column | what may stand there | unit | default | meaning |", "|---|---|---|---|---|"]
    for entry in table.documentation():
        name = f"**`{entry['column']}`**" if entry["required"] == "yes" else f"`{entry['column']}`"
        rows.append(f"| {name} | {entry['type']} | {entry['unit']} | {entry['default']} | {entry['meaning']} |")
    return "\n".join(rows) + "\n"
