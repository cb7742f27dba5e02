"""Which columns of a table fit a window, and how wide each is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rich.cells import cell_len

from cni.cli.folding import clean
from cni.views.blocks import Table

GAP = "  "


def full(table: Table, index: int) -> int:
    """The width at which nothing of a column folds."""
    return max([cell_len(table.columns[index].title), *(cell_len(clean(row[index])) for row in table.rows)])


def least_width(table: Table, index: int) -> int:
    """The width below which a column cannot go: all of it, or where it may fold its longest word, within reason."""
    column, whole = table.columns[index], full(table, index)
    if not column.wrap:
        return whole
    words = [cell_len(word) for row in table.rows for word in clean(row[index]).split()]
    return min(whole, max([cell_len(column.title), 14, *words]))


def fitting(table: Table, room: int, least: Callable[[Table, int], int] = least_width) -> list[int] | None:
    """Indexes of the columns that fit, dropping those that may be dropped; None where even the rest does not fit."""
    kept = list(range(len(table.columns)))
    while sum(least(table, i) for i in kept) + len(GAP) * (len(kept) - 1) > room:
        droppable = [i for i in kept if table.columns[i].drop]
        if not droppable:
            return None
        kept.remove(max(droppable, key=lambda i: (table.columns[i].drop, i)))
    return kept


def narrow(table: Table, room: int) -> list[int] | None:
    """The same in a narrow window, where nothing is folded: what does not fit so becomes records."""
    return fitting(table, room, full)


def dealt(table: Table, room: int) -> list[list[int]]:
    """Indexes of columns in groups that fit, each beginning with the first column."""
    groups: list[list[int]] = []
    for index in range(1, len(table.columns)):
        wider = [*(groups[-1] if groups else [0]), index]
        fits = sum(full(table, i) for i in wider) + len(GAP) * (len(wider) - 1) <= room
        if groups and fits:
            groups[-1] = wider
        else:
            groups.append([0, index])
    return groups


def widths(table: Table, kept: list[int], room: int) -> list[int]:
    """The width of each column: the least, then what is left over goes to those that fold, evenly."""
    widths = {i: least_width(table, i) for i in kept}
    left = room - sum(widths.values()) - len(GAP) * (len(kept) - 1)
    hungry = [i for i in kept if widths[i] < full(table, i)]
    while left > 0 and hungry:
        for i in hungry[:left]:
            widths[i] += 1
            left -= 1
        hungry = [i for i in hungry if widths[i] < full(table, i)]
    return [widths[i] for i in kept]


def first(table: Table, most: int) -> tuple[Table, int]:
    """The table up to a number of rows, and how many it leaves out; one that is hardly longer is not cut."""
    if len(table.rows) <= most + most // 4:
        return table, 0
    return replace(table, rows=table.rows[:most]), len(table.rows) - most
