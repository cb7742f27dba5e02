"""Making, upgrading, checking and copying the database itself."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from cni.errors import StoreError
from cni.store import audit, migrate
from cni.store.engine import database_file, open_engine, reading, translated


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a database: what was looked at, whether all is well, and what is not."""

    code: str
    ok: bool
    where: str
    text: str


def init(url: str) -> str:
    """Make a database; returns its revision. Raises StoreError where there is a file already."""
    file = database_file(url)
    if file.exists():
        raise StoreError(f"there is a file {file} already.", "`cni db upgrade` brings an older database up to date.")
    return migrate.upgrade(url, create=True)[1]


def upgrade(url: str) -> tuple[str, str]:
    """Bring a database to the newest revision; returns those before and after. Raises StoreError."""
    before, after = migrate.upgrade(url)
    return before or "none", after


def check(url: str) -> tuple[Check, ...]:
    """Integrity, references, tables and triggers as a fresh database has them, and every row against the audit log."""
    with reading(open_engine(url)) as connection:
        at = migrate.revision_of(connection)
        if at is None:
            raise StoreError(
                "this is no database of cni.", "`cni init` makes one; --db names another.", "not_a_database"
            )
        damage = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check")) if row[0] != "ok"]
        broken = [f"{row[0]}:{row[1]}" for row in connection.execute(text("PRAGMA foreign_key_check"))]
        found = [
            Check("integrity", not damage, "", "; ".join(damage[:5]) or "the file is whole"),
            Check("references", not broken, " ".join(broken[:10]), "rows refer to rows that are there"),
            _revision(at),
            *_schema(connection, at),
            *log_checks(connection),
        ]
    return tuple(found)


def _revision(at: str) -> Check:
    newest = migrate.newest()
    return Check("revision", at == newest, at, f"this program works with {newest}")


def _schema(connection: Connection, at: str) -> list[Check]:
    """Each table and trigger against those that the migrations make in an empty database."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = f"sqlite:///{folder}/fresh.db"
        migrate.upgrade(fresh, create=True, to=at)
        with reading(open_engine(fresh)) as other:
            expected = _statements(other)
    held = _statements(connection)
    wrong = sorted(name for name in expected.keys() | held.keys() if expected.get(name) != held.get(name))
    said = "tables, checks and triggers are those of the migrations"
    return [Check("schema", not wrong, " ".join(wrong), said if not wrong else "missing, added or changed")]


def _statements(connection: Connection) -> dict[str, str]:
    rows = connection.execute(text("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    return {f"{kind}:{name}": " ".join(sql.split()) for kind, name, sql in rows}


def log_checks(connection: Connection, head: str | None = None) -> list[Check]:
    """Every fault that the audit log shows, or one check that says all is well."""
    faults = audit.verify(connection, head)
    return [Check(f.code, False, f.where, f.text) for f in faults] or [
        Check("audit", True, "", "every row is as the audit log says")
    ]


def backup(url: str, target: Path) -> None:
    """Copy the database, also while others use it, to a new file. Raises StoreError where that is there already."""
    source = database_file(url)
    if not source.is_file():
        raise StoreError(
            f"there is no database at {source}.", "`cni init` makes one; --db names another.", "no_database"
        )
    if target.exists():
        raise StoreError(f"there is a file {target} already.", "Name a new one; backups are never overwritten.")
    if not target.parent.is_dir():
        raise StoreError(f"there is no folder {target.parent}.", "Make it first.")
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        with translated(), closing(sqlite3.connect(source)) as from_, closing(sqlite3.connect(part)) as to:
            from_.backup(to)
            to.execute("PRAGMA journal_mode=DELETE")
        os.link(part, target)  # unlike a rename this never replaces a file that came in between
    except sqlite3.Error as error:
        raise StoreError(f"the backup failed: {error}.") from error
    finally:
        part.unlink(missing_ok=True)
