"""Copying all rows from one database to another of either kind."""

from __future__ import annotations

from sqlalchemy import Connection, MetaData, Table, insert, select

from cni.store.schema import counter

BATCH = 500
VERSION = "alembic_version"


def copy_rows(source: Connection, target: Connection) -> None:
    """Copy every row of every table; the target must hold the tables of the same revision, and no rows but counters.

    Tables are read from the source itself, so that a database of an older revision can be copied as well.
    """
    found = MetaData()
    found.reflect(bind=source)
    target.execute(counter.delete())  # the migrations begin with a counter at 0
    for table in found.sorted_tables:
        if table.name != VERSION:
            _copy(source, target, table)


def _copy(source: Connection, target: Connection, table: Table) -> None:
    order = list(table.primary_key.columns)
    rows = source.execution_options(stream_results=True).execute(select(table).order_by(*order))
    for batch in rows.partitions(BATCH):
        target.execute(insert(table), [dict(row._mapping) for row in batch])
