"""Making, upgrading and checking the database itself."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, inspect, text

from cni.errors import StoreError
from cni.store import audit, migrate
from cni.store.describe import Description, described, freshly_migrated
from cni.store.engine import database_file, is_shared, open_engine, reading, translated, writing
from cni.store.files import appear, require_new
from cni.store.revision import NEWEST, revision_of
from cni.store.schema import metadata


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a database: what was looked at, whether all is well, and what is not."""

    code: str
    ok: bool
    where: str
    text: str


def init(url: str) -> str:
    """Make a database; returns its revision. On PostgreSQL it must be there and empty, on SQLite there must be no file.

    Raises StoreError otherwise.
    """
    if is_shared(url):
        with writing(open_engine(url)) as connection:
            migrate.one_at_a_time(connection)
            migrate.require_empty(connection)
            return migrate.migrate(connection)
    file = database_file(url)
    require_new(file, "`cni db upgrade` brings an older database up to date.")
    appear(file, lambda part: _made(f"sqlite:///{part}"))
    return NEWEST


def _made(url: str) -> None:
    migrate.upgrade(url, create=True)


def upgrade(url: str) -> tuple[str, str]:
    """Bring a database to the newest revision; returns those before and after. Raises StoreError."""
    before, after = migrate.upgrade(url)
    return before or "none", after


def check(url: str) -> tuple[Check, ...]:
    """Integrity, references, tables and triggers as a fresh database has them, and every row against the audit log.

    A database of an older revision is held against the migrations up to that. Raises StoreError where it is none of cni.
    """
    engine = open_engine(url)
    with reading(engine) as connection:
        at = revision(connection)
        migrate.require_known(at)
        found = [_integrity(connection), _references(connection), _revision(at)]
        held = described(connection)
        log = log_checks(connection)
    return (*found, _schema(held, _expected(engine, at)), *log)


def revision(connection: Connection) -> str:
    """The revision of a house. Raises StoreError where there is none."""
    at = revision_of(connection)
    if at is None:
        raise StoreError("this is no database of cni.", "`cni init` makes one; --db names another.", "not_a_database")
    return at


def _integrity(connection: Connection) -> Check:
    if connection.dialect.name == "sqlite":
        damage = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check")) if row[0] != "ok"]
        return Check("integrity", not damage, "", "; ".join(damage[:5]) or "the file is whole")
    wanted = "SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()"
    failures = connection.execute(text(wanted)).scalar_one()
    keeps = connection.execute(text("SHOW data_checksums")).scalar_one() == "on"
    said = "the server met no page with a wrong checksum" if keeps else "the server keeps no checksums of its pages"
    return Check("integrity", not failures, "", f"{failures} pages with a wrong checksum" if failures else said)


def _references(connection: Connection) -> Check:
    """Rows that refer to rows that are not there; constraints may have been dropped, so none is trusted."""
    there = set(inspect(connection).get_table_names())
    broken = sorted(name for name, wanted in _orphans(there) if connection.execute(text(wanted)).scalar_one())
    return Check("references", not broken, " ".join(broken[:10]), "rows refer to rows that are there")


def _orphans(there: set[str]) -> Iterator[tuple[str, str]]:
    """For each reference between tables a query that counts rows without the row that they name."""
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            to = key.column
            if {table.name, to.table.name} <= there:
                column = f'"{table.name}"."{key.parent.name}"'
                match = f'SELECT 1 FROM "{to.table.name}" AS named WHERE named."{to.name}" = {column}'
                yield (
                    f"{table.name}.{key.parent.name}",
                    f'SELECT count(*) FROM "{table.name}" WHERE {column} IS NOT NULL AND NOT EXISTS ({match})',
                )


def _revision(at: str) -> Check:
    return Check("revision", at == NEWEST, at, f"this program works with {NEWEST}")


def _expected(engine: Engine, at: str) -> Description:
    """What the migrations make: in a temporary file, or on the same server in a schema that is rolled back."""
    if engine.dialect.name == "postgresql":
        with translated(), engine.connect() as connection, connection.begin() as undone:
            made = freshly_migrated(connection, at)
            undone.rollback()
            return made
    with tempfile.TemporaryDirectory() as folder:
        fresh = open_engine(f"sqlite:///{folder}/fresh.db", create=True, foreign_keys=False)
        with writing(fresh) as connection:
            return freshly_migrated(connection, at)


def _schema(held: Description, expected: Description) -> Check:
    """Each table, check, index and trigger against those that the migrations make in an empty database."""
    wrong = sorted(name for name in expected.keys() | held.keys() if expected.get(name) != held.get(name))
    said = "tables, checks, indexes and triggers are those of the migrations"
    return Check("schema", not wrong, " ".join(wrong), said if not wrong else "missing, added or changed")


def log_checks(connection: Connection, heads: Iterable[str] = ()) -> list[Check]:
    """Every fault that the audit log shows, or one check that says all is well. `heads`: digests that it must have."""
    faults = audit.verify(connection, heads)
    return [Check(f.code, False, f.where, f.text) for f in faults] or [
        Check("audit", True, "", "every row is as the audit log says")
    ]
