"""JSON documents in text columns: looking into them where they are."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, func


def without(connection: Connection, column: ColumnElement[str], key: str) -> ColumnElement[str]:
    """The document without a key that is large and not needed; what it says is told, not its bytes.

    SQLite leaves the key out. PostgreSQL tells all of it: turning text into its own JSON first takes it longer than us.
    """
    return column if connection.dialect.name == "postgresql" else func.json_remove(column, f"$.{key}")
