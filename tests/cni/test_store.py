"""The database: all of a change or nothing, history never overwritten, anything done behind the log's back is found."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Integer, create_engine, text

from cni.rounds import database
from cni.store import migrate
from cni.store.engine import open_engine, reading
from cni.store.schema import APPEND_ONLY, metadata
from tests.cni.helpers import ROOT, Cni, run


def tables(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables."""
    with sqlite3.connect(file) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr) for name in names}


def test_models_and_migrations_make_the_same_tables(tmp_path: Path) -> None:
    """Names, columns, types, STRICT, checks and references alike: a check lost in a migration shows here."""
    url = f"sqlite:///{tmp_path}/migrated.db"
    migrate.upgrade(url, create=True)
    modelled = create_engine(f"sqlite:///{tmp_path}/modelled.db")
    metadata.create_all(modelled)
    with reading(open_engine(url)) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    wanted = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name != 'alembic_version'"
    with sqlite3.connect(tmp_path / "migrated.db") as one, sqlite3.connect(tmp_path / "modelled.db") as other:
        first, second = ({n: parts(sql) for n, sql in c.execute(wanted)} for c in (one, other))
    assert first == second


def parts(sql: str) -> list[str]:
    """The lines of a CREATE TABLE, in an order of their own: both say the constraints in different orders."""
    return sorted(line.strip(" ,\t") for line in sql.splitlines())


@pytest.mark.parametrize("table", [t.name for t in APPEND_ONLY])
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "REPLACE"])
def test_rows_cannot_be_changed_or_removed(house: Cni, table: str, verb: str) -> None:
    with sqlite3.connect("cni.db") as connection:  # a row to try it on, whatever its columns say
        if not connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]:
            columns = metadata.tables[table].columns
            connection.execute("PRAGMA ignore_check_constraints=ON")
            places = ", ".join("1" if isinstance(c.type, Integer) else "'x'" for c in columns)
            connection.execute(f"INSERT INTO {table} VALUES ({places})")
    column = {t.name: next(iter(t.columns)).name for t in APPEND_ONLY}[table]
    statement = {
        "UPDATE": f"UPDATE {table} SET {column} = {column}",
        "DELETE": f"DELETE FROM {table}",
        "REPLACE": f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    }[verb]
    with open_engine("sqlite:///cni.db").connect() as connection:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        with pytest.raises(Exception, match="never changed"):
            connection.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE member SET roles = 'user contributor' WHERE member = 'isp'", "row_edited"),
        ("UPDATE request SET body = replace(body, '1', '2')", "row_edited"),
        ("UPDATE round SET seed = 'mine'", "row_edited"),
        ("DELETE FROM request WHERE request = 'r1'", "row_removed"),
        ("INSERT INTO member VALUES ('me', 1, 'Me', 'user', '', NULL, NULL, 1)", "row_added"),
        ("UPDATE audit SET who = 'somebody' WHERE number = 2", "entry_edited"),
        ("UPDATE audit SET body = replace(body, 'first', 'other')", "entry_edited"),
        ("DELETE FROM audit WHERE number = 2", "entry_missing"),
        ("DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)", "tail_cut"),
    ],
)
def test_what_is_done_behind_the_logs_back_is_found(house: Cni, statement: str, code: str) -> None:
    assert house("audit", "verify").code == 0
    with sqlite3.connect("cni.db") as connection:  # someone with the file, who drops the triggers first
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(statement)
    done = house("audit", "verify", "--json")
    assert done.code == 1
    assert code in {c["code"] for c in done.document["checks"]}
    check = house("db", "check", "--json")
    assert check.code == 1
    assert "schema" in {c["code"] for c in check.document["checks"] if not c["ok"]}


def test_a_cut_log_with_its_counter_mended_is_found_by_a_head_noted_elsewhere(house: Cni) -> None:
    head = house("audit", "log", "--json").document["entries"][-1]["digest"]
    shutil.copy("cni.db", "old.db")
    assert house("audit", "verify", "--head", head).code == 0
    assert house("audit", "verify", "--head", "0" * 63 + "1").code == 1
    assert house("round", "close", "q1").code == 0
    newer = house("audit", "log", "--json").document["entries"][-1]["digest"]
    assert house("audit", "verify", "--head", newer, "--db", "sqlite:///old.db").code == 1


def test_each_version_of_a_member_stays(cni: Cni) -> None:
    cni("init")
    assert cni("member", "add", "isp", "--name", "One").code == 0
    assert cni("member", "add", "isp", "--name", "Two").code == 2
    assert cni("member", "add", "isp", "--name", "One", "--replace").code == 2
    assert cni("member", "add", "isp", "--name", "Two", "--replace", "--by", "Ann", "--why", "renamed").code == 0
    assert [v["name"] for v in cni("member", "show", "isp", "--json").document["versions"]] == ["One", "Two"]
    assert [m["name"] for m in cni("member", "list", "--json").document["members"]] == ["Two"]
    entry = cni("audit", "log", "--json").document["entries"][-1]
    assert (entry["who"], entry["why"], entry["what"]) == ("Ann", "renamed", "member isp")


def test_importing_the_same_network_again_changes_nothing(house: Cni) -> None:
    before = tables(Path("cni.db"))
    assert house("network", "import", "net", "--circuits", "circuits.csv").code == 0
    assert tables(Path("cni.db")) == before
    assert house("network", "import", "net").code == 0
    assert [v["number"] for v in house("network", "history", "--json").document["versions"]] == [1, 2]


@pytest.mark.parametrize(
    "words",
    [
        ("round", "create", "q1"),
        ("round", "create", "q 2"),
        ("round", "create", "q2", "--policy", "tariff.toml"),
        ("round", "open", "q1"),
        ("round", "open", "q9"),
        ("round", "award", "q1"),
        ("round", "explain", "r1"),
        ("round", "explain", "r1", "--round", "q1"),
        ("request", "import", "requests.csv", "--round", "q1"),
        ("request", "import", "requests.csv", "--round", "q9"),
        ("request", "import", "circuits.csv", "--round", "q1"),
        ("request", "submit", "--round", "q1", "--id", "r9", "--member", "isp", "kind=fibre", "a=A", "b=Z", "pairs=1"),
        ("request", "submit", "--round", "q1", "--id", "r9", "--member", "isp", "kind=fibre", "a=A", "b=B", "pears=1"),
        ("request", "submit", "--round", "q1", "--id", "r9", "--member", "isp", "kind=fibre", "a"),
        ("request", "submit", "--round", "q1", "--id", "r1", "--member", "isp", "kind=fibre", "a=A", "b=B", "pairs=1"),
        ("network", "import", "nowhere"),
        ("network", "show", "--version", "7"),
        ("member", "add", "x", "--from", "2027-02-01", "--to", "2027-01-01"),
        ("member", "add", "x", "--roles", "king"),
        ("member", "add", "x", "--by", "two\nlines"),
        ("member", "show", "nobody"),
        ("init",),
        ("db", "backup", "cni.db"),
        ("db", "backup", "nowhere/x.db"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_changes_nothing(house: Cni, words: tuple[str, ...]) -> None:
    before = tables(Path("cni.db"))
    done = house(*words)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err
    assert tables(Path("cni.db")) == before


def test_one_bad_row_keeps_all_requests_out(house: Cni) -> None:
    Path("more.csv").write_text("id,member,kind,a,b,pairs\nr8,isp,fibre,A,B,1\nr9,isp,fibre,A,Z,1\n")
    assert house("request", "import", "more.csv", "--round", "q1").code == 2
    rows = house("request", "list", "--round", "q1", "--json").document["requests"]
    assert [r["id"] for r in rows] == ["r1", "r2"]


def test_a_request_can_be_replaced_while_the_round_is_open_and_its_history_stays(house: Cni) -> None:
    words = (
        "request",
        "submit",
        "--round",
        "q1",
        "--id",
        "r1",
        "--member",
        "isp",
        "--replace",
        "kind=fibre",
        "a=A",
        "b=B",
    )
    assert house(*words, "pairs=3").code == 0
    before = house("request", "list", "--round", "q1", "--json").document["requests"]
    assert [(r["id"], r["version"], "pairs" in r) for r in before] == [("r1", 2, False), ("r2", 1, False)]
    assert len(tables(Path("cni.db"))["request"]) == 3
    house("round", "close", "q1")
    rows = house("request", "list", "--round", "q1", "--json").document["requests"]
    assert [(r["id"], r["pairs"], r["version"]) for r in rows] == [("r1", 3, 2), ("r2", 5, 1)]
    assert house(*words, "pairs=4").code == 2


KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from cni.__main__ import main
left = int(sys.argv[1])
@event.listens_for(Engine, "after_cursor_execute")
def after(connection, cursor, statement, *_):
    global left
    if statement.lstrip()[:6] in ("INSERT", "UPDATE"):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_process_killed_in_the_middle_leaves_nothing_and_the_same_command_works_again(house: Cni, after: int) -> None:
    Path("more.csv").write_text("id,member,kind,a,b,pairs\nr8,isp,fibre,A,B,1\nr9,isp,fibre,A,C,1\n")
    before = tables(Path("cni.db"))
    words = ["request", "import", "more.csv", "--round", "q1"]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(after), *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert tables(Path("cni.db")) == before
    assert house("db", "check").code == 0
    assert house(*words).code == 0
    assert house("audit", "verify").code == 0


def test_two_processes_that_write_at_once_lose_nothing(house: Cni, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cni", "member", "add"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen([*command, f"m{i}"], env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        for i in range(4)
    ]
    assert [p.wait(timeout=60) for p in running] == [0] * 4
    for process in running:
        process.communicate()
    assert {f"m{i}" for i in range(4)} <= {m["id"] for m in house("member", "list", "--json").document["members"]}
    assert house("audit", "verify").code == 0


def test_a_backup_is_a_whole_database(house: Cni) -> None:
    assert house("db", "backup", "copy.db").code == 0
    assert house("db", "check", "--db", "sqlite:///copy.db").code == 0
    assert tables(Path("copy.db")) == tables(Path("cni.db"))


def test_a_database_of_another_program_is_left_alone(cni: Cni) -> None:
    with sqlite3.connect("other.db") as connection:
        connection.execute("CREATE TABLE theirs (x)")
    before = tables(Path("other.db"))
    for words in (("db", "upgrade"), ("db", "check"), ("member", "list"), ("init",)):
        assert cni(*words, "--db", "sqlite:///other.db").code == 2
    assert tables(Path("other.db")) == before


def test_a_newer_database_is_refused(house: Cni) -> None:
    with sqlite3.connect("cni.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for words in (("db", "upgrade"), ("member", "list")):
        done = house(*words)
        assert done.code == 2
        assert "Traceback" not in done.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_database_can_be_read_but_not_written(house: Cni) -> None:
    Path("cni.db").chmod(0o444)
    assert house("member", "list").code == 0
    assert house("member", "add", "x").code == 2


def test_init_makes_a_database_at_the_newest_revision(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    assert database.init(url) == migrate.newest()
    assert all(c.ok for c in database.check(url))


def test_the_database_is_found_by_the_environment_too(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    assert run("init", folder=tmp_path, CNI_DATABASE_URL=url).code == 0
    assert (tmp_path / "x.db").exists()
