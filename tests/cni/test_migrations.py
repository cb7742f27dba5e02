"""Each migration from the first schema on, with data in it, on SQLite and on PostgreSQL.

`data/house_0001.json` holds every row of a house that the program made when revision 0001 was its newest: versions of a
member, a network with circuits, an awarded round and one that is open.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, event, insert

from cni.errors import StoreError
from cni.rounds import backups, database
from cni.store import migrate
from cni.store.engine import open_engine, reading, writing
from cni.store.revision import NEWEST
from tests.cni.helpers import ROOT, Cni
from tests.cni.postgres import Server
from tests.cni.stores import Store, all_is_well

REVISIONS = [s.revision for s in reversed(list(ScriptDirectory.from_config(migrate.config()).walk_revisions()))]
FIRST = json.loads((ROOT / "tests" / "cni" / "data" / "house_0001.json").read_text(encoding="utf-8"))


def test_the_program_knows_its_newest_revision() -> None:
    assert REVISIONS[-1] == NEWEST


def old_house(url: str) -> Store:
    """The house of revision 0001."""
    migrate.upgrade(url, create=True, to="0001")
    with writing(open_engine(url)) as connection:
        tables = MetaData()
        tables.reflect(bind=connection)
        connection.execute(tables.tables["counter"].delete())
        for table in tables.sorted_tables:
            if FIRST.get(table.name):
                connection.execute(insert(table), FIRST[table.name])
    return Store(url)


def kept(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> Iterator[tuple[str, list[Any], list[Any]]]:
    """Rows of each table of an earlier state, with those of the later one."""
    for name, rows in before.items():
        if name != "alembic_version":
            yield name, rows, after[name]


def test_a_house_of_the_first_revision_comes_through_every_migration(empty: str) -> None:
    """One revision after another: rows stay as they are, the log holds, the tables are those of the migrations."""
    store = old_house(empty)
    before = store.rows()
    assert {c.code for c in database.check(empty) if not c.ok} == {"revision"}
    for revision in REVISIONS[1:]:
        assert migrate.upgrade(empty, to=revision)[1] == revision
        assert {c.code for c in database.check(empty) if not c.ok} <= {"revision"}
        for name, was, now in kept(before, store.rows()):
            assert was == now, name
    assert all_is_well(store)
    assert {n: len(r) for n, r in before.items() if r} == {
        n: len(r) for n, r in {**FIRST, "alembic_version": [0]}.items()
    }


def test_commands_work_on_a_house_that_was_upgraded(cni: Cni, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNI_DATABASE_URL", empty)
    old_house(empty)
    refused = cni("member", "list")
    assert refused.code == 2
    assert "cni db upgrade" in refused.err
    assert "upgraded from 0001" in cni("db", "upgrade").err
    assert "up to date" in cni("db", "upgrade").err
    assert [v["name"] for v in cni("member", "show", "isp", "--json").document["versions"]] == ["Isp", "I.S.P."]
    assert cni("round", "show", "q1", "--json").document["state"] == "awarded"
    assert cni("round", "explain", "r2", "--round", "q1").code == 0
    assert [r["id"] for r in cni("request", "list", "--round", "q2", "--json").document["requests"]] == ["r3"]
    for words in (
        ("member", "add", "new"),
        ("round", "close", "q2"),
        ("round", "award", "q2"),
        ("db", "check"),
        ("audit", "verify"),
    ):
        assert cni(*words).code == 0, words


def test_a_backup_of_an_old_house_is_of_its_revision(
    empty: str, kind: str, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One makes a backup before an upgrade; restored, it can be upgraded too."""
    store = old_house(empty)
    folder = tmp_path_factory.mktemp("old")
    made = backups.backup(empty, folder / "old.db")
    assert made.revision == "0001"
    for url in (f"sqlite:///{folder}/again.db", server.create()):
        assert backups.restore(url, folder / "old.db") == made
        assert Store(url).rows() == store.rows()
        assert database.upgrade(url) == ("0001", NEWEST)
        assert all_is_well(Store(url))


def test_a_migration_that_fails_leaves_the_house_as_it_was(empty: str) -> None:
    """All migrations are one transaction, on PostgreSQL as on SQLite."""
    store = old_house(empty)
    before = store.rows()

    def fail(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "ix_circuit_member" in statement and "CREATE INDEX" in statement:
            raise RuntimeError

    event.listen(Engine, "before_cursor_execute", fail)
    try:
        with pytest.raises(RuntimeError):
            migrate.upgrade(empty)
    finally:
        event.remove(Engine, "before_cursor_execute", fail)
    assert store.rows() == before
    assert {c.code for c in database.check(empty) if not c.ok} == {"revision"}
    assert database.upgrade(empty)[1] == NEWEST
    assert all_is_well(store)


def test_a_revision_that_nobody_knows_is_not_checked(empty: str) -> None:
    old_house(empty)
    with reading(open_engine(empty)) as connection:
        assert database.revision(connection) == "0001"
    with pytest.raises(StoreError):
        migrate.require_known("0000")
