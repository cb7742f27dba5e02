"""The one place that opens a database: SQLite by default, PostgreSQL where a co-operative shares one.

SQLite gets the settings without which it loses writes or forgets foreign keys. Its writers begin with BEGIN IMMEDIATE: two
processes that read first and write later would otherwise end in "database is locked". PostgreSQL's writers run at READ
COMMITTED and take the row of the audit counter first (`cni.store.audit`), which puts them in a queue. On both, writers read
inside the transaction in which they write, and readers see one snapshot.
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
SERVED = "sqlite and postgresql"
SHOWN = frozenset(("host", "port", "dbname", "user", "sslmode"))
"""What of a URL's query may be shown; libpq takes passwords there too."""


def parsed_url(text: str) -> URL:
    """The URL of a database. Raises StoreError for text that is none and for servers that are not served."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # whose own text would show parts of a password
        raise StoreError(
            "--db is not a database URL.", "Maybe sqlite:///cni.db is meant (three slashes, then the path).", "bad_url"
        ) from None
    kind = url.get_backend_name()
    if kind == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise StoreError(f"databases of kind {kind} are not served; {SERVED} are.", code="not_served")
    if not url.database or url.database == ":memory:":
        raise StoreError("--db names no file.", "Give a path: sqlite:///cni.db.", "bad_url")
    return url


def is_shared(text: str) -> bool:
    """Whether a URL names a server (PostgreSQL) rather than a file."""
    return parsed_url(text).get_backend_name() == "postgresql"


def database_name(text: str) -> str:
    """The database in words that may be shown: the file, or the URL without its password."""
    url = parsed_url(text)
    if not is_shared(text):
        return str(url.database)
    shown = url.set(drivername="postgresql", query={k: v for k, v in url.query.items() if k in SHOWN})
    return shown.render_as_string(hide_password=True)


def database_file(text: str) -> Path:
    """The file of a SQLite URL. Raises StoreError for a server's."""
    url = parsed_url(text)
    if url.get_backend_name() != "sqlite" or url.database is None:
        raise StoreError("the database is no file.", "This needs a sqlite URL.", "bad_url")
    return Path(url.database)


def open_engine(text: str, *, create: bool = False, foreign_keys: bool = True) -> Engine:
    """An engine on the database, which must exist unless `create` (a server's database always must). Raises StoreError."""
    url = parsed_url(text)
    if is_shared(text):
        return create_engine(url, poolclass=NullPool, isolation_level="READ COMMITTED")
    file = database_file(text)
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
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with translated(), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes: all of it, or nothing. Raises StoreError where the database cannot be written."""
    with translated(), engine.execution_options(writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":  # as SQLite's busy_timeout: a writer that hangs is told of
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {BUSY_MS}")
        yield connection


GONE = (
    "the server cannot be reached, or went away.",
    "See that it runs and --db names it; `cni audit log` shows what was written.",
    "no_server",
)
SAYINGS = (
    ("file is not a database", "it is not a SQLite database.", "Maybe --db names another file.", "not_a_database"),
    ("unable to open", "it cannot be opened.", "See to its folder and permissions.", "no_database"),
    ("read-only transaction", "it is read-only.", "See to the rights of the login.", "read_only"),
    ("readonly", "it is read-only.", "See to the permissions of the file and of its folder.", "read_only"),
    ("locked", f"another process has held it for {BUSY_MS // 1000} s.", "Try again when that has ended.", "locked"),
    ("disk is full", "the disk is full.", "Make room; nothing was changed.", "disk_full"),
    ("No space left", "the disk is full.", "Make room; nothing was changed.", "disk_full"),
    ("disk I/O", "the disk reported an error; nothing was changed.", "See to the disk.", "disk"),
    ("no such table", "it is no database of cni, or of an older version.", "`cni db upgrade` may help.", "old_schema"),
    ("no such column", "it is of another version.", "`cni db upgrade` may help.", "old_schema"),
    ("Could not decode", "it is damaged.", "Restore a backup (`cni db restore`).", "damaged"),
    ("malformed", "it is damaged.", "Restore a backup (`cni db restore`).", "damaged"),
    ("password authentication", "the server refused the login.", "See to user and password.", "no_login"),
    ("no password supplied", "the server wants a password.", "Put it in the URL or in PGPASSWORD.", "no_login"),
    ("permission denied", "the login may not do this.", "See to the rights of the login.", "no_login"),
    ('role "', "the server refused the login.", "See to user and password.", "no_login"),
    ("does not exist", "there is none of this name on the server.", "Make it with createdb first.", "no_database"),
    ("connection", *GONE),
    ("resolve host", *GONE),
)
TOO_LARGE = ("a number is larger than any that it keeps.", "See that numbers are what was meant.", "too_large")
BY_STATE = {
    "22003": TOO_LARGE,
    "42P01": ("it is no database of cni, or of an older version.", "`cni db upgrade` may help.", "old_schema"),
    "42703": ("it is of another version.", "`cni db upgrade` may help.", "old_schema"),
    "3D000": ("there is none of this name on the server.", "Make it with createdb first.", "no_database"),
    "28P01": ("the server refused the login.", "See to user and password.", "no_login"),
    "42501": ("the login may not do this.", "See to the rights of the login.", "no_login"),
    "53100": ("the server's disk is full.", "Make room; nothing was changed.", "disk_full"),
    "55P03": (f"another process has held it for {BUSY_MS // 1000} s.", "Try again when that has ended.", "locked"),
    "40P01": ("two processes waited for each other.", "Try again; nothing was changed.", "locked"),
    "25006": ("it is read-only.", "See to the rights of the login, or name the first server.", "read_only"),
    **dict.fromkeys(("57P01", "57P02", "57P03", "08000", "08001", "08003", "08004", "08006", "08007"), GONE),
    "XX001": ("it is damaged.", "Restore a backup (`cni db restore`).", "damaged"),
    "XX002": ("it is damaged.", "Restore a backup (`cni db restore`).", "damaged"),
    "53300": ("the server has no connection left.", "Try again later.", "locked"),
}
"""Errors of PostgreSQL by SQLSTATE (its documentation, appendix A)."""


@contextmanager
def translated() -> Iterator[None]:
    """Raises database errors that a person can mend as StoreError; a broken constraint stays a fault of ours."""
    try:
        yield
    except OverflowError as error:  # of Python's driver for SQLite; PostgreSQL tells the same by a state
        raise StoreError(f"the database: {TOO_LARGE[0]}", *TOO_LARGE[1:]) from error
    except IntegrityError:
        raise
    except DBAPIError as error:
        by_state = BY_STATE.get(getattr(error.orig, "sqlstate", None) or "")
        if by_state is not None:
            raise StoreError(f"the database: {by_state[0]}", by_state[1], by_state[2]) from error
        for part, said, hint, code in SAYINGS:
            if part in str(error.orig):
                raise StoreError(f"the database: {said}", hint, code) from error
        raise
