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


BALANCE = "cni_entry"
UNBALANCED = "the lines of an entry add up to 0 and are all there"
SEALED = "an entry takes no more lines"


def balanced(connection: Connection) -> None:
    """From now on an entry of the books is only taken with lines that add up to 0, and no line after its entry.

    PostgreSQL also refuses, at the commit, a line without an entry; SQLite has no trigger that waits for it, and
    `cni bill check` finds one.
    """
    if connection.dialect.name == "postgresql":
        _postgresql_balance(connection)
    else:
        _sqlite_balance(connection)


def _sqlite_balance(connection: Connection) -> None:
    of_entry = "FROM entry_line WHERE entry_line.entry = NEW.number"
    connection.exec_driver_sql(
        f"CREATE TRIGGER entry_balanced BEFORE INSERT ON entry WHEN (SELECT count(*) {of_entry}) <> NEW.lines "
        f"OR (SELECT coalesce(sum(pence), 1) {of_entry}) <> 0 BEGIN SELECT RAISE(ABORT, '{UNBALANCED}'); END"
    )
    connection.exec_driver_sql(
        "CREATE TRIGGER entry_sealed BEFORE INSERT ON entry_line "
        "WHEN EXISTS (SELECT 1 FROM entry WHERE entry.number = NEW.entry) "
        f"BEGIN SELECT RAISE(ABORT, '{SEALED}'); END"
    )


def _postgresql_balance(connection: Connection) -> None:
    of_entry = "FROM entry_line WHERE entry_line.entry = NEW.number"
    bodies = {
        "balanced": f"IF (SELECT count(*) {of_entry}) <> NEW.lines OR (SELECT coalesce(sum(pence), 1) {of_entry}) <> 0 "
        f"THEN RAISE EXCEPTION '{UNBALANCED}'; END IF;",
        "sealed": "IF EXISTS (SELECT 1 FROM entry WHERE entry.number = NEW.entry) "
        f"THEN RAISE EXCEPTION '{SEALED}'; END IF;",
        "has_entry": "IF NOT EXISTS (SELECT 1 FROM entry WHERE entry.number = NEW.entry) "
        f"THEN RAISE EXCEPTION '{UNBALANCED}'; END IF;",
    }
    for name, body in bodies.items():
        connection.execute(
            text(
                f"CREATE OR REPLACE FUNCTION {BALANCE}_{name}() RETURNS trigger LANGUAGE plpgsql "
                f"AS $$ BEGIN {body} RETURN NEW; END $$"
            )
        )
    for name, table in (("balanced", "entry"), ("sealed", "entry_line")):
        connection.execute(
            text(
                f"CREATE TRIGGER entry_{name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {BALANCE}_{name}()"
            )
        )
    connection.execute(
        text(
            "CREATE CONSTRAINT TRIGGER entry_has_entry AFTER INSERT ON entry_line DEFERRABLE INITIALLY DEFERRED "
            f"FOR EACH ROW EXECUTE FUNCTION {BALANCE}_has_entry()"
        )
    )
