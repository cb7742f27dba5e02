"""The database: all of a change or nothing, history never overwritten, anything done behind the log's back is found.

All of it on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Integer, text

from cni.rounds.history import noted_heads
from cni.store.audit import GENESIS, verify
from cni.store.engine import open_engine, reading
from cni.store.schema import APPEND_ONLY, metadata
from tests.cni.helpers import Cni
from tests.cni.stores import FIRST_COLUMN, Store, all_is_well
from topology.canonical import canonical_bytes, digest_of


@pytest.mark.parametrize("table", [t.name for t in APPEND_ONLY])
def test_rows_cannot_be_changed_or_removed(store: Store, table: str) -> None:
    """By no statement that a client can send: each is refused by a trigger, and nothing has changed."""
    put_a_row(store, table)
    before, column = store.rows(), FIRST_COLUMN[table]
    statements = [f'UPDATE "{table}" SET {column} = {column}', f'DELETE FROM "{table}"']
    statements.append(
        f'TRUNCATE "{table}" CASCADE'
        if store.kind == "postgresql"
        else f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
    )
    for statement in statements:
        with open_engine(store.url).connect() as connection:
            if store.kind == "sqlite":
                connection.execute(text("PRAGMA ignore_check_constraints=ON"))  # for the row that was put there
            with pytest.raises(Exception, match="never changed"):
                connection.execute(text(statement))
    assert store.rows() == before


def put_a_row(store: Store, table: str) -> None:
    """A row to try it on, whatever its checks say."""
    with store.plain().begin() as connection:
        if connection.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one():
            return
        if store.kind == "postgresql":
            checks = "SELECT conname FROM pg_constraint WHERE conrelid = to_regclass(:table) AND contype IN ('c', 'f')"
            for name in connection.execute(text(checks), {"table": table}).scalars().all():
                connection.execute(text(f'ALTER TABLE "{table}" DROP CONSTRAINT {name}'))
        else:
            connection.execute(text("PRAGMA ignore_check_constraints=ON"))
        for name in {"entry": ["entry_balanced"], "entry_line": ["entry_has_entry"]}.get(table, ()):
            if store.kind == "postgresql" or table == "entry":
                connection.execute(
                    text(f"DROP TRIGGER {name}" + (f" ON {table}" if store.kind == "postgresql" else ""))
                )
        values = ", ".join("1" if isinstance(c.type, Integer) else "'x'" for c in metadata.tables[table].columns)
        connection.execute(text(f'INSERT INTO "{table}" VALUES ({values})'))


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        (["UPDATE member SET roles = 'user contributor' WHERE member = 'isp'"], "row_edited"),
        (["UPDATE request SET body = replace(body, '1', '2')"], "row_edited"),
        (["UPDATE round SET seed = 'mine'"], "row_edited"),
        (["DELETE FROM request WHERE request = 'r1'"], "row_removed"),
        (["INSERT INTO member VALUES ('me', 1, 'Me', 'user', '', NULL, NULL, 1)"], "row_added"),
        (["UPDATE audit SET who = 'somebody' WHERE number = 2"], "entry_edited"),
        (["UPDATE audit SET body = replace(body, 'first', 'other')"], "entry_edited"),
        (["UPDATE audit SET body = '{\"rows\":[{}]}' WHERE number = 2"], "entry_edited"),
        (["UPDATE audit SET body = '{\"rows\":NaN}' WHERE number = 2"], "entry_edited"),
        (["UPDATE audit SET body = 'gone' WHERE number = 2"], "entry_edited"),
        (
            [
                "UPDATE audit SET number = 900 WHERE number = 2",
                "UPDATE audit SET number = 2 WHERE number = 3",
                "UPDATE audit SET number = 3 WHERE number = 900",
            ],
            "chain_broken",
        ),
        (["DELETE FROM audit WHERE number = 2"], "entry_missing"),
        (["DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)"], "tail_cut"),
        (["UPDATE counter SET value = value - 1"], "tail_cut"),
        (["DELETE FROM counter"], "tail_cut"),
    ],
    ids=lambda v: v if isinstance(v, str) else v[0][:40],
)
def test_what_is_done_behind_the_logs_back_is_found(
    at_home: Cni, store: Store, statements: list[str], code: str
) -> None:
    assert at_home("audit", "verify").code == 0
    unreferenced(store)
    store.behind_the_log(*statements)
    done = at_home("audit", "verify", "--json")
    assert done.code == 1
    assert code in {c["code"] for c in done.document["checks"]}
    check = at_home("db", "check", "--json")
    assert check.code == 1
    assert "schema" in {c["code"] for c in check.document["checks"] if not c["ok"]}


def unreferenced(store: Store) -> None:
    """Someone who may drop triggers may drop references too; SQLite without our settings does not look at them."""
    if store.kind == "sqlite":
        return
    wanted = "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'"
    with store.plain().begin() as connection:
        for table, name in connection.execute(text(wanted)).all():
            connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))


def test_only_the_triggers_dropped_is_found_by_the_check(at_home: Cni, store: Store) -> None:
    store.behind_the_log()
    assert at_home("audit", "verify").code == 0
    check = at_home("db", "check", "--json").document
    assert [c["code"] for c in check["checks"] if not c["ok"]] == ["schema"]


def test_a_trigger_that_is_switched_off_is_found(at_home: Cni, store: Store) -> None:
    """PostgreSQL can keep a trigger and not run it, and can hide rows by a policy."""
    if store.kind == "sqlite":
        return  # has neither
    assert all_is_well(store)
    for statement, name in (
        ("ALTER TABLE member DISABLE TRIGGER append_only_member_row", "trigger:append_only_member_row"),
        ("ALTER TABLE member ENABLE ROW LEVEL SECURITY", "table:member"),
        ("CREATE RULE nothing AS ON INSERT TO award DO INSTEAD NOTHING", "table:award"),
    ):
        with store.plain().begin() as connection:
            connection.execute(text(statement))
        wrong = [c for c in at_home("db", "check", "--json").document["checks"] if not c["ok"]]
        assert name in wrong[0]["where"].split()


def test_a_reference_to_nothing_is_found_although_the_constraint_is_gone(at_home: Cni, store: Store) -> None:
    unreferenced(store)
    store.behind_the_log("DELETE FROM round WHERE round = 'q1'")
    wrong = {c["code"]: c["where"] for c in at_home("db", "check", "--json").document["checks"] if not c["ok"]}
    assert "request.round" in wrong["references"]


def test_a_cut_log_with_its_counter_mended_is_found_by_a_head_noted_elsewhere(at_home: Cni, store: Store) -> None:
    before = at_home("audit", "log", "--json").document["entries"][-1]["digest"]
    assert at_home("audit", "verify", "--head", before).code == 0
    assert at_home("audit", "verify", "--head", "0" * 63 + "1").code == 1
    assert at_home("member", "add", "late").code == 0
    newer = at_home("audit", "log", "--json").out
    Path("heads.json").write_text(newer)
    unreferenced(store)
    store.behind_the_log(
        "DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)",
        "DELETE FROM member WHERE member = 'late'",
        f"UPDATE counter SET value = value - 1, head = '{before}'",
    )
    assert at_home("audit", "verify").code == 0
    done = at_home("audit", "verify", "--head", "heads.json", "--json")
    assert (done.code, done.document["checks"][0]["code"]) == (1, "head_unknown")


def test_a_log_written_anew_from_end_to_end_is_found_by_a_head_noted_elsewhere(at_home: Cni, store: Store) -> None:
    """Whoever edits a row, its digest, and every entry after it leaves a chain that holds; a noted head does not fit it."""
    noted = at_home("audit", "log", "--json").document["entries"][-1]["digest"]
    unreferenced(store)
    store.behind_the_log("UPDATE member SET name = 'Somebody' WHERE member = 'isp'")
    forge(store)
    assert at_home("audit", "verify").code == 0
    assert at_home("audit", "verify", "--head", noted).code == 1


def forge(store: Store) -> None:
    """Recompute every digest of the log."""
    with store.plain().begin() as connection:
        rows = {
            row.member: digest_of(dict(row._mapping)) for row in connection.execute(text("SELECT * FROM member")).all()
        }
        head = GENESIS
        for number, body in connection.execute(text("SELECT number, body FROM audit ORDER BY number")).all():
            value = json.loads(body)
            value["previous"] = head
            for row in value["rows"]:
                if row["table"] == "member":
                    row["digest"] = rows[row["key"].partition("/")[0]]
            was, head = head, digest_of(value)
            connection.execute(
                text("UPDATE audit SET body = :body, previous = :was, digest = :head WHERE number = :number"),
                {"body": canonical_bytes(value).decode(), "was": was, "head": head, "number": number},
            )
        connection.execute(text("UPDATE counter SET head = :head"), {"head": head})


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ('{"schema": "cni.pack/1", "digest": "%a", "round": {"chain": {"audit_head": "%b"}}}', 1),
        ('{"schema": "cni.audit_log/1", "entries": [{"digest": "%a"}, {"digest": "%b"}]}', 2),
        ("minutes of 2 May: head %a\nminutes of 9 May: head %b\n", 2),
        ("%b", 1),
    ],
)
def test_heads_are_read_from_packs_logs_and_texts(words: str, count: int) -> None:
    found = noted_heads(words.replace("%a", "a" * 64).replace("%b", "b" * 64))
    assert len(found) == count
    assert found[-1] == "b" * 64


@pytest.mark.parametrize("words", ["", "{}", '{"digest": "' + "a" * 64 + '"}', "a" * 63])
def test_a_text_without_a_head_is_bad_input(at_home: Cni, kind: str, words: str) -> None:
    Path("head.txt").write_text(words)
    done = at_home("audit", "verify", "--head", "head.txt")
    assert (done.code, done.out) == (2, "")
    assert at_home("audit", "verify", "--head", "nowhere.txt").code == 2


def test_a_clock_that_jumps_back_is_noticed(at_home: Cni, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two minutes are let pass, as between two machines: the log's times then stand still. More is refused, or noted."""
    monkeypatch.setenv("CNI_CLOCK", "2031-01-01T12:00:00Z")
    assert at_home("member", "add", "m1").code == 0
    monkeypatch.setenv("CNI_CLOCK", "2031-01-01T11:59:00Z")
    assert at_home("member", "add", "m2").code == 0
    monkeypatch.setenv("CNI_CLOCK", "2030-12-31T12:00:00Z")
    before = store.rows()
    refused = at_home("member", "add", "m3")
    assert refused.code == 2
    assert "--accept-clock" in refused.err
    assert store.rows() == before
    assert at_home("--accept-clock", "member", "add", "m3").code == 0
    entries = at_home("audit", "log", "--json").document["entries"][-3:]
    assert [e["at"][:16] for e in entries] == ["2031-01-01T12:00", "2031-01-01T12:00", "2030-12-31T12:00"]
    with reading(open_engine(store.url)) as connection:
        assert verify(connection) == []
        bodies = connection.execute(text("SELECT body FROM audit ORDER BY number DESC LIMIT 2")).scalars().all()
    assert [json.loads(body)["clock"] for body in bodies] == ["behind", "given"]


def test_each_version_of_a_member_stays(cni: Cni, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNI_DATABASE_URL", empty)
    assert cni("init").code == 0
    assert cni("member", "add", "isp", "--name", "One").code == 0
    assert cni("member", "add", "isp", "--name", "Two").code == 2
    assert cni("member", "add", "isp", "--name", "One", "--replace").code == 2
    assert cni("member", "add", "isp", "--name", "Two", "--replace", "--by", "Ann", "--why", "renamed").code == 0
    assert [v["name"] for v in cni("member", "show", "isp", "--json").document["versions"]] == ["One", "Two"]
    assert [m["name"] for m in cni("member", "list", "--json").document["members"]] == ["Two"]
    entry = cni("audit", "log", "--json").document["entries"][-1]
    assert (entry["who"], entry["why"], entry["what"]) == ("Ann", "renamed", "member isp")


def test_importing_the_same_network_again_changes_nothing(at_home: Cni, store: Store) -> None:
    before = store.rows()
    assert at_home("network", "import", "net", "--circuits", "circuits.csv").code == 0
    assert store.rows() == before
    assert at_home("network", "import", "net").code == 0
    assert [v["number"] for v in at_home("network", "history", "--json").document["versions"]] == [1]


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
        ("db", "backup", "requests.csv"),
        ("db", "restore", "requests.csv"),
        ("db", "restore", "nowhere.db"),
        ("db", "backup", "nowhere/x.db"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_changes_nothing(at_home: Cni, store: Store, words: tuple[str, ...]) -> None:
    before = store.rows()
    done = at_home(*words)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err
    assert store.rows() == before


def test_one_bad_row_keeps_all_requests_out(at_home: Cni, kind: str) -> None:
    Path("more.csv").write_text("id,member,kind,a,b,pairs\nr8,isp,fibre,A,B,1\nr9,isp,fibre,A,Z,1\n")
    assert at_home("request", "import", "more.csv", "--round", "q1").code == 2
    rows = at_home("request", "list", "--round", "q1", "--json").document["requests"]
    assert [r["id"] for r in rows] == ["r1", "r2"]


def test_a_request_can_be_replaced_while_the_round_is_open_and_its_history_stays(at_home: Cni, store: Store) -> None:
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
    assert at_home(*words, "pairs=3").code == 0
    before = at_home("request", "list", "--round", "q1", "--json").document["requests"]
    assert [(r["id"], r["version"], "pairs" in r) for r in before] == [("r1", 2, False), ("r2", 1, False)]
    assert len(store.rows()["request"]) == 3
    at_home("round", "close", "q1")
    rows = at_home("request", "list", "--round", "q1", "--json").document["requests"]
    assert [(r["id"], r["pairs"], r["version"]) for r in rows] == [("r1", 3, 2), ("r2", 5, 1)]
    assert at_home(*words, "pairs=4").code == 2
