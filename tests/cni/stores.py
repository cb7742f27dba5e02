"""The same house on both kinds of database, for tests that hold on either."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.pool import NullPool

from cni.rounds import backups, database
from cni.store.engine import is_shared
from cni.store.schema import APPEND_ONLY
from tests.cni.helpers import Cni
from tests.cni.postgres import Server

KINDS = ("sqlite", "postgresql")
Rows = dict[str, list[tuple[object, ...]]]


@dataclass(frozen=True)
class Store:
    """A database of a test."""

    url: str

    @property
    def kind(self) -> str:
        return "postgresql" if is_shared(self.url) else "sqlite"

    def plain(self) -> Engine:
        """The database as another program opens it: without our settings, references unchecked."""
        engine = create_engine(self.url, poolclass=NullPool)
        if self.kind == "postgresql":
            return engine

        @event.listens_for(engine, "connect")
        def _(raw: object, _record: object) -> None:
            raw.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]

        return engine

    def rows(self) -> Rows:
        """All rows of all tables."""
        with self.plain().connect() as connection:
            names = inspect(connection).get_table_names()
            found = {n: [tuple(r) for r in connection.execute(text(f'SELECT * FROM "{n}"'))] for n in names}
        return {name: sorted(rows, key=repr) for name, rows in found.items()}

    def behind_the_log(self, *statements: str) -> None:
        """What someone does who has the database and drops the triggers first."""
        with self.plain().begin() as connection:
            for name, table in self.triggers():
                on = f' ON "{table}"' if self.kind == "postgresql" else ""
                connection.execute(text(f"DROP TRIGGER {name}{on}"))
            for statement in statements:
                connection.execute(text(statement.replace(":", "\\:")))  # no parameters

    def triggers(self) -> list[tuple[str, str]]:
        """Name and table of each trigger."""
        wanted = {
            "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
            "postgresql": "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal",
        }[self.kind]
        with self.plain().connect() as connection:
            return [(row[0], row[1].strip('"')) for row in connection.execute(text(wanted))]


def all_is_well(store: Store) -> bool:
    """Whether every check of the database passes."""
    return all(c.ok for c in database.check(store.url))


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn."""
    return str(request.param)


@pytest.fixture(scope="session")
def built_shared(built: Path, server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The house of `built` on PostgreSQL, as a template; moved there as a person would move it."""
    url = server.create()
    copy = tmp_path_factory.mktemp("moved") / "copy.db"
    backups.backup(f"sqlite:///{built}/cni.db", copy)
    backups.restore(url, copy)
    return url


@pytest.fixture
def store(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    """A database with the house of `built`."""
    if kind == "sqlite":
        built: Path = request.getfixturevalue("built")
        shutil.copy(built / "cni.db", tmp_path / "cni.db")
        yield Store(f"sqlite:///{tmp_path}/cni.db")
        return
    server: Server = request.getfixturevalue("server")
    made = Store(server.create(request.getfixturevalue("built_shared")))
    yield made
    server.drop(made.url)


@pytest.fixture
def empty(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A URL where a database can be made."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path}/new.db"
    else:
        yield request.getfixturevalue("empty_postgres")


@pytest.fixture
def at_home(cni: Cni, built: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> Cni:
    """`cni` in a folder with the input files of `built`, on the database `store`."""
    for item in built.iterdir():
        if item.name.startswith("cni.db"):
            continue
        (shutil.copytree if item.is_dir() else shutil.copy)(item, cni.folder / item.name)
    monkeypatch.setenv("CNI_DATABASE_URL", store.url)
    return cni


FIRST_COLUMN = {t.name: next(iter(t.columns)).name for t in APPEND_ONLY}
