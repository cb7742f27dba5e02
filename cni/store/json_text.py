"""JSON documents in text columns: looking into them where they are, in the words of each kind of database."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Text, cast, func
from sqlalchemy.dialects.postgresql import JSONB


def without(connection: Connection, column: ColumnElement[str], key: str) -> ColumnElement[str]:
    """The document without one of its keys; what it is is told, not its bytes."""
    if connection.dialect.name == "postgresql":
        return cast(cast(column, JSONB).op("-")(key), Text)
    return func.json_remove(column, f"$.{key}")
