"""Numbers of rows: the next one of a table, within a change (changes queue, so no two get the same)."""

from __future__ import annotations

from sqlalchemy import Table, func, select

from cni.store.audit import Change


def next_number(change: Change, table: Table) -> int:
    """The number after the highest one."""
    return int(change.connection.execute(select(func.coalesce(func.max(table.c.number), 0))).scalar_one()) + 1
