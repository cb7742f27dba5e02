"""Backups: always one SQLite file, whatever kind the database is of, so that any backup can be restored to either kind."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from cni.errors import StoreError
from cni.rounds.database import revision
from cni.store import audit, migrate
from cni.store.copying import copy_rows
from cni.store.engine import database_file, is_shared, open_engine, reading, translated, writing
from cni.store.files import PRIVATE, appear, require_new


@dataclass(frozen=True, slots=True)
class Copied:
    """What a backup or a restored database holds: its revision, and number and digest of the log's last entry."""

    revision: str
    entries: int
    head: str


def backup(url: str, target: Path) -> Copied:
    """Copy the database as it is at one moment, also while others use it, to a new file that only its owner may read.

    Raises StoreError where the file is there already, or cannot be written.
    """
    source = open_engine(url)
    require_new(target, "Name a new one; backups are never overwritten.")
    with reading(source) as connection:
        migrate.require_known(revision(connection))
    found: list[Copied] = []

    def write(part: Path) -> None:
        if is_shared(url):
            _from_server(source, part)
        else:
            _from_file(database_file(url), part)
        with reading(open_engine(f"sqlite:///{part}")) as connection:
            found.append(Copied(revision(connection), *audit.last_of(connection)))

    appear(target, write, PRIVATE)
    return found[0]


def restore(url: str, source: Path) -> Copied:
    """Load a backup into an empty database of either kind, in one transaction, and verify its audit log before the commit.

    Raises StoreError where the database holds anything, where the file is no backup, or where rows and log disagree.
    """
    if not source.is_file():
        raise StoreError(f"there is no backup at {source}.", "`cni db backup FILE` makes one.", "no_database")
    if is_shared(url):
        return _load(open_engine(url), source)
    target = database_file(url)
    require_new(target, "--db names another; a database is never overwritten.")
    found: list[Copied] = []
    appear(target, lambda part: found.append(_load(open_engine(f"sqlite:///{part}", create=True), source)))
    return found[0]


def _load(target: Engine, source: Path) -> Copied:
    """Make the tables at the backup's revision, copy every row, verify."""
    backed_up = open_engine(f"sqlite:///{source}")
    with reading(backed_up) as from_, writing(target) as to:
        migrate.one_at_a_time(to)
        migrate.require_empty(to)
        at = revision(from_)
        migrate.require_known(at)
        migrate.migrate(to, at)
        copy_rows(from_, to)
        faults = audit.verify(to)
        if faults:
            raise StoreError(
                f"the backup does not agree with its audit log: {len(faults)} faults, the first {faults[0].code} at "
                f"{faults[0].where}; nothing was restored.",
                f"`cni audit verify --db sqlite:///{source}` lists them; take an older backup.",
                "bad_backup",
            )
        return Copied(at, *audit.last_of(to))


def _from_server(source: Engine, part: Path) -> None:
    """All rows in one snapshot of the server, into the tables of the same revision."""
    made = open_engine(f"sqlite:///{part}", create=True)
    with reading(source) as from_, writing(made) as to:
        migrate.migrate(to, revision(from_))
        copy_rows(from_, to)


def _from_file(source: Path, part: Path) -> None:
    """Page by page by SQLite's own means, so that the copy also shows what was done to tables and triggers."""
    with translated(), closing(sqlite3.connect(source)) as from_, closing(sqlite3.connect(part)) as to:
        from_.backup(to)
