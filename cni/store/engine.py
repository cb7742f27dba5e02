"""The one place that opens a database, with the settings without which SQLite loses writes or forgets foreign keys.

Writers begin with BEGIN IMMEDIATE: two processes that read first and write later would otherwise end in "database is
locked". Writers therefore read inside the transaction in which they write.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.pool import NullPool

from cni.errors import StoreError

APPLICATION_ID = 0x434E4931  # "CNI1", so that another program's database is recognised as such
BUSY_MS = 30_000


def parsed_url(text: str) -> URL:
    """The URL of a database. Raises StoreError for text that is none and for servers that are not served yet."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise StoreError(
            "--db is not a database URL.", "Maybe sqlite:///cni.db is meant (three slashes, then the path).", "bad_url"
        ) from None
    if url.get_backend_name() != "sqlite":
        raise StoreError(
            f"databases of kind {url.get_backend_name()} are not served yet; sqlite is.", code="not_served"
        )
    if not url.database or url.database == ":memory:":
        raise StoreError("--db names no file.", "Give a path: sqlite:///cni.db.", "bad_url")
    return url


def database_file(text: str) -> Path:
    """The file of a SQLite URL."""
    database = parsed_url(text).database
    assert database is not None
    return Path(database)


def open_engine(text: str, *, create: bool = False, foreign_keys: bool = True) -> Engine:
    """An engine on the database, which must exist unless `create`. Raises StoreError."""
    url, file = parsed_url(text), database_file(text)
    if not create and not file.is_file():
        raise StoreError(f"there is no database at {file}.", "`cni init` makes one; --db names another.", "no_database")
    if create and not file.parent.is_dir():
        raise StoreError(f"there is no folder {file.parent}.", "Make it first.", "no_database")
    engine = create_engine(url, poolclass=NullPool)
    event.listen(engine, "connect", lambda raw, _: _set_up(raw, foreign_keys=foreign_keys))
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(raw: Any, *, foreign_keys: bool) -> None:
    raw.isolation_level = None  # SQLAlchemy's begin event, not the driver, opens transactions
    cursor = raw.cursor()
    try:
        for pragma in (
            f"busy_timeout={BUSY_MS}",
            "synchronous=FULL",
            f"foreign_keys={'ON' if foreign_keys else 'OFF'}",
            "recursive_triggers=ON",  # else INSERT OR REPLACE slips past the append-only triggers
            "trusted_schema=OFF",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        _write_ahead(cursor)
    finally:
        cursor.close()


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """WAL where the file can be written; a read-only database is read as it is."""
    if cursor.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        return
    try:
        cursor.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as error:
        if "readonly" not in str(error):
            raise


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A stable snapshot to read from. Raises StoreError where the database cannot be read."""
    with translated(), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes: all of it, or nothing. Raises StoreError where the database cannot be written."""
    with translated(), engine.execution_options(writes=True).begin() as connection:
        yield connection


SAYINGS = (
    ("file is not a database", "it is not a SQLite database.", "Maybe --db names another file.", "not_a_database"),
    ("unable to open", "it cannot be opened.", "See to its folder and permissions.", "no_database"),
    ("readonly", "it is read-only.", "See to the permissions of the file and of its folder.", "read_only"),
    ("locked", f"another process has held it for {BUSY_MS // 1000} s.", "Try again when that has ended.", "locked"),
    ("full", "the disk is full.", "Make room; nothing was changed.", "disk_full"),
    ("disk I/O", "the disk reported an error; nothing was changed.", "See to the disk.", "disk"),
    ("no such table", "it is no database of cni, or of an older version.", "`cni db upgrade` may help.", "old_schema"),
    ("no such column", "it is of another version.", "`cni db upgrade` may help.", "old_schema"),
    ("malformed", "it is damaged.", "Restore a backup (`cni db backup` makes them).", "damaged"),
)


@contextmanager
def translated() -> Iterator[None]:
    """Database errors that a person can mend, as StoreError; a broken constraint stays a fault of ours."""
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        for part, said, hint, code in SAYINGS:
            if part in str(error.orig):
                raise StoreError(f"the database: {said}", hint, code) from error
        raise
