"""Triggers that refuse to change or remove rows, on SQLite and on PostgreSQL.

They stop accidents. What slips past (a client that dropped them, one without `recursive_triggers`) is found by
`cni audit verify`. Migrations call this, also after a batch recreation, which drops a table's triggers.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

FUNCTION = "cni_append_only"


def append_only(connection: Connection, table: str) -> None:
    """From now on rows of the table are only ever added."""
    if connection.dialect.name == "postgresql":
        _postgresql(connection, table)
    else:
        _sqlite(connection, table)


def _sqlite(connection: Connection, table: str) -> None:
    for verb in ("UPDATE", "DELETE"):
        connection.exec_driver_sql(
            f"CREATE TRIGGER append_only_{table}_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed or removed'); END"
        )


def _postgresql(connection: Connection, table: str) -> None:
    connection.execute(
        text(
            f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
            "USING MESSAGE = 'rows of ' || TG_TABLE_NAME || ' are never changed or removed'; END $$"
        )
    )
    for when, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        name = f"append_only_{table}_{each.lower()}"
        connection.execute(
            text(f'CREATE TRIGGER {name} BEFORE {when} ON "{table}" FOR EACH {each} EXECUTE FUNCTION {FUNCTION}()')
        )
