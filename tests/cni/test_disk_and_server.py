"""A full disk, a folder that cannot be written, a server that goes away: a clear error, exit 2, and nothing changed."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from cni.errors import StoreError
from cni.rounds.act import Act, changing
from cni.store.engine import open_engine, reading, translated, writing
from cni.store.schema import member
from tests.cni.helpers import ROOT, Cni, Outcome
from tests.cni.stores import Store, all_is_well
from tests.cni.test_killed import CLOCK, MORE

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2


def bound_by_permissions() -> None:
    """In a child: root gives up writing where permissions forbid it, so that the test says the same for every user."""
    if os.geteuid() == 0:
        for power in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            if ctypes.CDLL(None, use_errno=True).prctl(PR_CAPBSET_DROP, power, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "root cannot give up its powers here")


def files_up_to(size: int) -> Callable[[], None]:
    """In a child: no file may grow over this many bytes, as on a disk that is full."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def child(folder: Path, *words: str, before: Callable[[], None]) -> Outcome:
    """`cni` in a process that something befalls before it starts."""
    found = subprocess.run(
        [sys.executable, "-m", "cni", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CNI_CLOCK": CLOCK},
        preexec_fn=before,
        capture_output=True,
        text=True,
        check=False,
    )
    return Outcome(found.returncode, found.stdout, found.stderr)


def is_clear(done: Outcome, *words: str) -> None:
    """One error of ours, no traceback, and what it is about."""
    assert (done.code, done.out) == (2, ""), done.err
    assert "Traceback" not in done.err
    assert any(word in done.err for word in words), done.err


@pytest.mark.parametrize("room", [0, 8192, 20_000])
def test_a_full_disk_changes_nothing(house: Cni, room: int) -> None:
    """Whether the file, its log or a copy finds no room."""
    Path("more.csv").write_text(MORE)
    store = Store("sqlite:///cni.db")
    before, full = store.rows(), files_up_to(room)
    words = ("request", "import", "more.csv", "--round", "q1")
    is_clear(child(house.folder, *words, before=full), "full", "disk", "unable to open", "opened")
    is_clear(
        child(house.folder, "db", "backup", "copy.db", before=full), "full", "disk", "copy failed", "opened", "large"
    )
    assert not Path("copy.db").exists()
    assert not list(Path().glob(".copy*"))
    assert store.rows() == before
    assert all_is_well(store)
    assert house(*words).code == 0


def test_a_database_at_its_largest_changes_nothing(house: Cni) -> None:
    """SQLite's own limit says what a full disk says."""
    store = Store("sqlite:///cni.db")
    before = store.rows()
    with pytest.raises(StoreError) as refused:
        write_too_much(store.url)
    assert refused.value.code == "disk_full"
    assert store.rows() == before
    assert all_is_well(store)


ANN = Act("ann", datetime.fromisoformat(CLOCK))
A_MEMBER = {"version": 1, "roles": "user", "member_group": "", "member_from": None, "member_to": None}


def write_too_much(url: str) -> None:
    """More than the pages that the file has, which it may not outgrow."""
    with changing(open_engine(url), ANN, "too much") as change:
        pages = change.connection.execute(text("PRAGMA page_count")).scalar_one()
        change.connection.execute(text(f"PRAGMA max_page_count={pages}"))
        for number in range(2000):
            change.add(member, member=f"m{number}", name="x" * 200, **A_MEMBER)


@pytest.mark.parametrize("what", ["file", "folder", "both"])
def test_a_read_only_database_is_read_and_not_written(house: Cni, what: str) -> None:
    store = Store("sqlite:///cni.db")
    before = store.rows()
    store.plain().dispose()
    Path("copies").mkdir()
    if what != "folder":
        Path("cni.db").chmod(0o444)
    if what != "file":
        house.folder.chmod(0o555)
    try:
        is_clear(child(house.folder, "member", "add", "x", before=bound_by_permissions), "read-only", "opened")
        listed = child(house.folder, "member", "list", before=bound_by_permissions)
        if listed.code:  # without a place for its log, SQLite cannot read what is in write-ahead mode
            is_clear(listed, "read-only", "opened")
        if what != "file":
            is_clear(child(house.folder, "db", "backup", "x.db", before=bound_by_permissions), "ermission", "opened")
            is_clear(child(house.folder, "init", "--db", "sqlite:///n.db", before=bound_by_permissions), "ermission")
    finally:
        house.folder.chmod(0o755)
        Path("cni.db").chmod(0o644)
    assert store.rows() == before
    assert all_is_well(store)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("53100", "disk_full"),
        ("53300", "locked"),
        ("55P03", "locked"),
        ("40P01", "locked"),
        ("25006", "read_only"),
        ("42501", "no_login"),
        ("57P01", "no_server"),
        ("57P03", "no_server"),
        ("08006", "no_server"),
        ("XX001", "damaged"),
    ],
)
def test_errors_of_a_server_are_told_in_our_words(state: str, code: str) -> None:
    """By SQLSTATE (PostgreSQL's documentation, appendix A), whatever language the server speaks."""
    original = psycopg.errors.lookup(state)("etwas ging schief")
    with pytest.raises(StoreError) as said, translated():
        raise OperationalError("INSERT", {}, original)
    assert said.value.code == code


def gone(url: str) -> None:
    """End every other session on the database, as a server does that stops."""
    with Store(url).plain().connect() as connection:
        wanted = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid != pg_backend_pid()"
        )
        connection.execute(text(wanted))


def cut_off_while_writing(url: str) -> None:
    with changing(open_engine(url), ANN, "cut off") as change:
        change.add(member, member="m1", name="", **A_MEMBER)
        gone(url)


def cut_off_at_the_commit(url: str) -> None:
    engine = open_engine(url)
    event.listen(engine, "commit", lambda _: gone(url))
    with changing(engine, ANN, "cut off") as change:
        change.add(member, member="m1", name="", **A_MEMBER)


def cut_off_while_reading(url: str) -> None:
    with reading(open_engine(url)) as connection:
        gone(url)
        connection.execute(text("SELECT 1"))


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_server_that_goes_away_in_the_middle_changes_nothing(store: Store) -> None:
    before = store.rows()
    for work in (cut_off_while_writing, cut_off_at_the_commit, cut_off_while_reading):
        with pytest.raises(StoreError) as said:
            work(store.url)
        assert said.value.code == "no_server"
    assert store.rows() == before
    assert all_is_well(store)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_login_that_may_only_read_is_told_so(at_home: Cni, store: Store) -> None:
    """With the rights of docs/database.md a reader can read, and a writer can do all but change what is written."""
    name = store.url.rpartition("/")[2].partition("?")[0]
    with store.plain().begin() as connection:
        for role in (f"{name}_reader", f"{name}_writer"):
            connection.execute(text(f"CREATE ROLE {role} LOGIN"))
            connection.execute(text(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"))
        connection.execute(text(f"GRANT INSERT ON ALL TABLES IN SCHEMA public TO {name}_writer"))
        connection.execute(text(f"GRANT UPDATE ON counter TO {name}_writer"))
        connection.execute(text(f"REVOKE INSERT ON alembic_version FROM {name}_writer"))
    reader, writer = (store.url.replace("postgres@", f"{name}_{what}@") for what in ("reader", "writer"))
    try:
        before = store.rows()
        assert at_home("member", "list", "--db", reader).code == 0
        assert at_home("audit", "verify", "--db", reader).code == 0
        is_clear(at_home("member", "add", "x", "--db", reader), "may not")
        assert store.rows() == before
        assert at_home("member", "add", "x", "--db", writer).code == 0
        for words in (
            ("tariff", "import", "tariff.toml"),
            ("run", "--period", "2027-01-01/2027-04-01", "--by", "ann"),
            ("review", "1", "--by", "bob"),
            ("finalise", "1", "--accept-missing", "a test"),
            ("check",),
        ):
            assert at_home("bill", *words, "--db", writer).code == 0, words
        is_clear(at_home("db", "check", "--db", writer), "may not")
        for statement in ("UPDATE member SET name = 'x'", "DELETE FROM audit", "DROP TRIGGER x ON member"):
            with pytest.raises(StoreError), writing(open_engine(writer)) as connection:
                connection.execute(text(statement))
        assert all_is_well(store)
    finally:
        with store.plain().begin() as connection:
            for role in (f"{name}_reader", f"{name}_writer"):
                connection.execute(text(f"DROP OWNED BY {role}"))
                connection.execute(text(f"DROP ROLE {role}"))


def test_a_process_that_holds_the_database_too_long_is_told_of(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer waits, then says that it waited; nothing of it is written."""
    monkeypatch.setattr("cni.store.engine.BUSY_MS", 200)
    with writing(open_engine(store.url)) as holder:
        holder.execute(text("UPDATE counter SET value = value"))
        with pytest.raises(StoreError) as said, changing(open_engine(store.url), ANN, "second"):
            pass
    assert said.value.code == "locked"
    assert all_is_well(store)
