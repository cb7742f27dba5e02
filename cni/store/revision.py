"""At which revision a database is, found without loading Alembic: every command asks this first."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from cni.errors import StoreError
from cni.store.engine import open_engine, reading

NEWEST = "0004"
"""The revision that this version of the program works with: that of the last migration (a test holds it)."""

TABLE = "alembic_version"


def revision_of(connection: Connection) -> str | None:
    """The revision that a database is at; None for one that holds no house."""
    if not inspect(connection).has_table(TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {TABLE}")).scalars().first()


def require_newest(url: str) -> None:
    """Raise StoreError unless the database is at the revision that this program works with."""
    with reading(open_engine(url)) as connection:
        at = revision_of(connection)
    if at is None:
        raise StoreError("this is no database of cni.", "`cni init` makes one; --db names another.", "not_a_database")
    if at > NEWEST:
        raise StoreError(
            "the database is of a newer version than this program.", "Upgrade the program.", "newer_schema"
        )
    if at != NEWEST:
        raise StoreError(f"the database is at revision {at}, not {NEWEST}.", "`cni db upgrade` mends it.", "old_schema")
