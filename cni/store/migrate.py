"""Making and upgrading the database, by Alembic driven from code: no ini file, one transaction.

Batch recreation of a table drops its triggers and, with foreign keys on, would delete children; so migrations run with
foreign keys off, check them before the commit, and write the triggers themselves.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from cni.errors import StoreError
from cni.store.engine import APPLICATION_ID, open_engine, writing
from cni.store.revision import revision_of

FOLDER = Path(__file__).parent / "migrations"


def config() -> Config:
    """Alembic's settings, made here rather than in a file."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return made


def upgrade(url: str, *, create: bool = False, to: str = "head") -> tuple[str | None, str]:
    """Bring a database to the newest revision (or make it); returns the revisions before and after.

    Raises StoreError where the database holds something else, or is newer than this program.
    """
    with writing(open_engine(url, create=create, foreign_keys=False)) as connection:
        one_at_a_time(connection)
        before = revision_of(connection)
        _check_ours(connection, before)
        after = migrate(connection, to)
    return before, after


def one_at_a_time(connection: Connection) -> None:
    """Whoever else makes or migrates the same database waits until this transaction ends; SQLite holds that by itself."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({APPLICATION_ID})"))


def migrate(connection: Connection, to: str = "head") -> str:
    """Run the migrations that are missing, in the connection's transaction; returns the revision that it is at then."""
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, to)
    if connection.dialect.name == "sqlite":
        _finish_sqlite(connection)
    after = revision_of(connection)
    assert after is not None
    return after


def require_empty(connection: Connection) -> None:
    """Raise StoreError where a database holds anything already."""
    if revision_of(connection) is not None:
        raise StoreError("the database holds a house already.", "`cni db upgrade` brings it up to date.", "not_empty")
    _check_ours(connection, None)


def _finish_sqlite(connection: Connection) -> None:
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        raise AssertionError(f"the migration broke references: {broken[:3]}")
    connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")


def _check_ours(connection: Connection, before: str | None) -> None:
    if before is not None:
        require_known(before)
    if before is None and inspect(connection).get_table_names():
        raise StoreError("it is a database of another program.", "Name another one with --db.", "not_a_database")


def require_known(revision: str) -> None:
    """Raise StoreError for a revision that this program does not know, which is then a newer one."""
    if revision not in {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}:
        raise StoreError(
            "the database is of a newer version than this program.", "Upgrade the program.", "newer_schema"
        )
