"""The database itself: made, checked, copied and moved, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import traceback
from pathlib import Path

import pytest
from sqlalchemy import text

from cni.errors import CniError, StoreError
from cni.explanations.codes import EXPLANATIONS
from cni.rounds import backups, database
from cni.store import engine as engines
from cni.store.describe import described
from cni.store.engine import database_name, open_engine, reading
from cni.store.revision import NEWEST
from cni.store.schema import metadata
from tests.cni.helpers import Cni, run
from tests.cni.postgres import Server
from tests.cni.stores import Store, all_is_well

COUNTED = {"audit", "member", "network", "round", "round_state", "request"}


def test_models_and_migrations_make_the_same_tables(empty: str, tmp_path: Path, server: Server, kind: str) -> None:
    """Columns, types, checks, references and indexes alike: a check lost in a migration shows here."""
    database.init(empty)
    modelled = server.create() if kind == "postgresql" else f"sqlite:///{tmp_path}/modelled.db"
    metadata.create_all(open_engine(modelled, create=True))
    with reading(open_engine(empty)) as one, reading(open_engine(modelled)) as other:
        migrated, made = described(one), described(other)
    ours = ("trigger:", "function:", "table:alembic", "column:alembic", "constraint:alembic", "index:alembic")
    assert {n: parts(s) for n, s in migrated.items() if not n.startswith(ours)} == {
        n: parts(s) for n, s in made.items() if not n.startswith(ours)
    }
    assert {n.partition(":")[0] for n in made} >= {"table", "index"}


def parts(sql: str) -> list[str]:
    """The parts of a definition, in an order of their own: models and migrations say constraints in different orders."""
    found = (
        part.strip(" ()")
        for part in sql.replace("CONSTRAINT", ",CONSTRAINT").replace(") STRICT", ", STRICT").split(",")
    )
    return sorted(part for part in found if part)


def test_init_makes_a_database_at_the_newest_revision_and_none_twice(empty: str) -> None:
    assert database.init(empty) == NEWEST
    assert all_is_well(Store(empty))
    with pytest.raises(StoreError) as refused:
        database.init(empty)
    assert refused.value.code == "not_empty"


def test_init_says_what_it_made_without_its_password(cni: Cni, empty_postgres: str) -> None:
    secret = empty_postgres.replace("postgres@", "postgres:hunter2@")
    done = cni("init", "--db", f"{secret}&password=hunter3")
    assert done.code == 0
    assert "made: postgresql://postgres:***@/" in done.err
    assert "hunter" not in done.err


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:hunter2@127.0.0.1:1/cni",
        "postgresql://u@127.0.0.1:1/cni?password=hunter2",
        "postgresql://u:hunter2@nowhere.invalid/cni",
        "postgresql://u:hunter2@host:port/cni",
        "postgresql://u:hunter2/more@host/cni",
        "postgresql://u:1hunter2:x@host:5x/cni",
        "mysql://u:hunter2@host/cni",
        "hunter2",
    ],
)
@pytest.mark.parametrize("words", [("member", "list"), ("init",), ("db", "check"), ("db", "backup", "x.db")])
def test_a_password_is_never_shown(cni: Cni, url: str, words: tuple[str, ...]) -> None:
    done = cni(*words, "--db", url)
    assert (done.code, done.out) == (2, "")
    assert "hunter2" not in done.err
    assert "hunter2" not in with_debug(cni, *words, "--db", url).replace(f"'{url}'", "")


def with_debug(cni: Cni, *words: str) -> str:
    """All that a command writes with --debug: the traceback as Python prints it, of errors behind errors too."""
    if words[0] == "member":  # here as a person sees it, in a process of its own
        return str(run(*words, "--debug", folder=cni.folder))
    with pytest.raises(CniError) as raised:
        cni(*words, "--debug")
    return "".join(traceback.format_exception(raised.value))


def test_the_name_of_a_server_is_shown_with_host_and_database_only() -> None:
    assert database_name("postgresql://ann:x@db:5433/cni?sslmode=require&passfile=/p&password=y") == (
        "postgresql://ann:***@db:5433/cni?sslmode=require"
    )


def test_a_server_without_that_database_and_one_that_is_not_ours(cni: Cni, empty_postgres: str) -> None:
    missing = cni("member", "list", "--db", empty_postgres.replace("cni_test", "cni_nowhere"))
    assert missing.code == 2
    assert "createdb" in missing.err
    assert cni("member", "list", "--db", empty_postgres).code == 2
    with Store(empty_postgres).plain().begin() as connection:
        connection.execute(text("CREATE TABLE theirs (x integer)"))
    before = Store(empty_postgres).rows()
    for words in (("db", "upgrade"), ("db", "check"), ("member", "list"), ("init",), ("db", "backup", "x.db")):
        assert cni(*words, "--db", empty_postgres).code == 2
    assert Store(empty_postgres).rows() == before
    assert not Path("x.db").exists()


def test_a_file_of_another_program_is_left_alone(cni: Cni) -> None:
    with sqlite3.connect("other.db") as connection:
        connection.execute("CREATE TABLE theirs (x)")
    before = Store("sqlite:///other.db").rows()
    for words in (("db", "upgrade"), ("db", "check"), ("member", "list"), ("init",), ("db", "backup", "x.db")):
        assert cni(*words, "--db", "sqlite:///other.db").code == 2
    assert Store("sqlite:///other.db").rows() == before
    assert not Path("x.db").exists()
    Path("letter.txt").write_text("Dear Sir or Madam, this is no database but a letter of some length.\n" * 20)
    for words in (("db", "upgrade"), ("db", "check"), ("member", "list")):
        assert cni(*words, "--db", "sqlite:///letter.txt").code == 2


def test_a_newer_database_is_refused(at_home: Cni, store: Store) -> None:
    with store.plain().begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for words in (("db", "upgrade"), ("member", "list"), ("db", "check"), ("db", "backup", "x.db")):
        done = at_home(*words)
        assert done.code == 2
        assert "Traceback" not in done.err


def test_the_check_leaves_nothing_behind(store: Store) -> None:
    """On PostgreSQL it makes the tables a second time, in a schema that is rolled back."""
    assert all_is_well(store)
    if store.kind == "postgresql":
        with store.plain().connect() as connection:
            wanted = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'cni%'"
            assert connection.execute(text(wanted)).scalar_one() == 0


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("DROP INDEX ix_circuit_member", "ix_circuit_member"),
        ("CREATE INDEX ix_more ON member (name)", "ix_more"),
        ("ALTER TABLE member ADD COLUMN shoe text", "member"),
        ("CREATE TABLE more (x text)", "more"),
    ],
)
def test_the_check_names_what_is_missing_added_or_changed(store: Store, statement: str, name: str) -> None:
    with store.plain().begin() as connection:
        connection.execute(text(statement))
    (schema,) = [c for c in database.check(store.url) if c.code == "schema"]
    assert not schema.ok
    assert name in schema.where


def test_a_backup_can_be_restored_to_either_kind(store: Store, server: Server, tmp_path: Path) -> None:
    """SQLite to PostgreSQL and back: each row stays, the log holds, the tables are those of the migrations."""
    backup = tmp_path / "backup.db"
    made = backups.backup(store.url, backup)
    assert made.entries == len(store.rows()["audit"])
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    for url in (f"sqlite:///{tmp_path}/again.db", server.create()):
        assert backups.restore(url, backup) == made
        assert Store(url).rows() == store.rows()
        assert all_is_well(Store(url))
        second = tmp_path / f"second-{Store(url).kind}.db"
        assert backups.backup(url, second) == made
        assert Store(f"sqlite:///{second}").rows() == store.rows()
        assert all_is_well(Store(f"sqlite:///{second}"))
    assert {name for name, rows in store.rows().items() if rows} >= COUNTED
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []


def test_a_restored_house_goes_on(at_home: Cni, empty: str, store: Store) -> None:
    assert at_home("db", "backup", "copy.db").code == 0
    restored = at_home("db", "restore", "copy.db", "--db", empty)
    assert restored.code == 0
    assert at_home("audit", "log", "--json").document["entries"][-1]["digest"] in restored.err
    assert at_home("member", "add", "later", "--db", empty).code == 0
    assert at_home("db", "check", "--db", empty).code == 0


def test_nothing_is_restored_over_anything(at_home: Cni, store: Store, empty: str, tmp_path: Path) -> None:
    assert at_home("db", "backup", "copy.db").code == 0
    assert at_home("db", "backup", "copy.db").code == 2
    before = store.rows()
    assert at_home("db", "restore", "copy.db").code == 2
    assert store.rows() == before
    assert at_home("db", "restore", "copy.db", "--db", empty).code == 0
    assert at_home("db", "restore", "copy.db", "--db", empty).code == 2


@pytest.mark.parametrize("damage", ["UPDATE member SET name = 'x'", "DELETE FROM request", "DELETE FROM audit"])
def test_a_backup_that_was_edited_is_not_restored(
    at_home: Cni, store: Store, empty: str, damage: str, kind: str
) -> None:
    assert at_home("db", "backup", "copy.db").code == 0
    Store("sqlite:///copy.db").behind_the_log(damage)
    done = at_home("db", "restore", "copy.db", "--db", empty)
    assert done.code == 2
    if kind == "sqlite":
        assert not Path("new.db").exists()
    else:
        assert Store(empty).rows() == {}
    assert at_home("init", "--db", empty).code == 0


def test_what_is_no_backup_is_not_restored(cni: Cni, empty: str) -> None:
    Path("letter.txt").write_text("no database, and long enough for one to be looked for in it\n" * 50)
    sqlite3.connect("other.db").execute("CREATE TABLE theirs (x)")
    Path("nothing.db").write_bytes(b"")
    for name in ("letter.txt", "other.db", "nothing.db", "missing.db", "."):
        done = cni("db", "restore", name, "--db", empty)
        assert (done.code, done.out) == (2, ""), name
        assert "Traceback" not in done.err


def test_a_backup_of_a_house_in_use_has_whole_changes_only(at_home: Cni, store: Store) -> None:
    """What another process has written but not committed is not in it."""
    with open_engine(store.url).execution_options(writes=True).begin() as connection:
        connection.execute(text("UPDATE counter SET value = value + 1"))
        assert at_home("db", "backup", "copy.db").code == 0
        connection.rollback()
    assert all_is_well(Store("sqlite:///copy.db"))


def test_the_database_is_found_by_the_environment_too(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    assert run("init", folder=tmp_path, CNI_DATABASE_URL=url).code == 0
    assert (tmp_path / "x.db").exists()


def test_each_error_of_the_database_is_explained() -> None:
    said = {row[-1] for row in engines.SAYINGS} | {row[-1] for row in engines.BY_STATE.values()}
    said |= {"not_empty", "bad_backup", "bad_url", "not_served", "no_database", "no_head"}
    assert not said - EXPLANATIONS.keys()


def test_copies_are_only_their_owners_to_read(at_home: Cni, kind: str) -> None:
    """A backup holds sealed requests and every circuit."""
    was = os.umask(0)
    try:
        assert at_home("db", "backup", "copy.db").code == 0
    finally:
        os.umask(was)
    assert stat.S_IMODE(Path("copy.db").stat().st_mode) == 0o600
    shutil.copy("copy.db", "other.db")
