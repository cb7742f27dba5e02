"""The books: every entry balances and the database holds it, years reconcile, and each check finds what it is for."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import text

from tests.cni.billed import CIRCUITS, Q1, YEAR, Bills
from tests.cni.postgres import Server
from tests.cni.stores import Store


def test_a_year_of_quarters_reconciles_with_the_year_in_one(bills: Bills) -> None:
    """Cumulative rounding: what four quarters bill is what the year would have billed."""
    year = bills.document("bill", "preview", "--live", "--period", "2027-01-01/2028-01-01")
    for period in YEAR:
        bills.final(period)
    held = bills.balances()
    assert -held["income:charges"] == year["settlement"]["charges_pence"]
    assert sum(held.values()) == 0
    assert held["surplus"] == -held["margin"] - held.get("unallocated", 0)
    assert held["income:charges"] + held["expense:fees"] + held["surplus"] == 0
    statements = sum(
        d["total_pence"]
        for n in range(1, 5)
        for d in bills.document("bill", "show", n)["documents"]
        if d["kind"] == "invoice"
    )
    assert statements == sum(pence for name, pence in held.items() if name.startswith("receivable:"))
    assert bills.well()


def test_a_closed_year_that_is_corrected_reconciles_again(bills: Bills) -> None:
    for period in YEAR:
        bills.final(period)
    bills.circuits(CIRCUITS.replace("c3,other,2027-02-10,2030-02-10", "c3,other,2027-02-10,2027-05-10"))
    for period in YEAR:
        done = bills("bill", "run", "--period", period, "--by", "ann", "--json")
        if "nothing new" not in done.err:
            bills.finalised(done.document["run"])
    assert all(bills.document("bill", "preview", "--live", "--period", p)["documents"] == [] for p in YEAR)
    assert bills.well()


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        (["(99, 1, 'a', 5, 1)", "(99, 2, 'b', -4, 1)"], "add up to 0"),
        (["(99, 1, 'a', 5, 1)"], "add up to 0"),
        (["(99, 1, 'a', 0, 1)", "(99, 2, 'b', 0, 1)"], "add up to 0"),
    ],
    ids=["unbalanced", "one line", "a line that is not counted"],
)
def test_the_database_refuses_an_entry_that_does_not_balance(bills: Bills, rows: list[str], wanted: str) -> None:
    bills.final()
    with pytest.raises(Exception, match=wanted):
        put(bills, *(f"entry_line VALUES {row}" for row in rows), ENTRY)


ENTRY = "entry VALUES (99, 'settlement', '2031-01-01', 1, NULL, 'x', 1, 1)"


def put(bills: Bills, *rows: str) -> None:
    """Insert rows in one transaction, as someone who has the database."""
    with bills.store.plain().begin() as connection:
        for row in rows:
            connection.execute(text(f"INSERT INTO {row}"))


def test_the_database_refuses_a_line_after_its_entry_and_pence_that_are_no_integers(bills: Bills) -> None:
    bills.final()
    with pytest.raises(Exception, match="no more lines"):
        put(bills, "entry_line VALUES (1, 9, 'a', 0, 1)")
    with pytest.raises(Exception, match=r"(?i)integer|cannot store|bigint"):
        put(bills, "entry_line VALUES (99, 1, 'a', 'half', 1)")


def test_postgresql_refuses_a_line_without_an_entry(bills: Bills) -> None:
    bills.final()
    alone = "entry_line VALUES (99, 1, 'a', 0, 1)"
    if bills.store.kind == "postgresql":
        with pytest.raises(Exception, match="add up to 0"):
            put(bills, alone)
    else:  # no trigger of SQLite waits for the commit; the checks find it
        put(bills, alone)
        assert failing(bills) >= {"bill_balance"}
        assert bills("audit", "verify").code == 1


def test_large_sums_fit(bills: Bills) -> None:
    """More pence than 32 bits hold."""
    bills.tariff("90000")
    bills.final()
    assert max(bills.balances().values()) > 2**31
    assert bills.well()


def failing(bills: Bills) -> set[str]:
    """The checks that fail."""
    return {c["code"] for c in bills("bill", "check", "--json").document["checks"] if not c["ok"]}


@pytest.mark.parametrize(
    ("statement", "codes"),
    [
        ("UPDATE entry_line SET pence = pence + 1 WHERE entry = 1 AND place = 1", {"bill_balance", "bill_accounts"}),
        ("UPDATE entry_line SET account = 'receivable:other' WHERE account = 'receivable:isp'", {"bill_accounts"}),
        ("DELETE FROM entry WHERE number = 1", {"bill_balance", "bill_documents"}),
        ("UPDATE bill_document SET net_pence = net_pence + 1 WHERE number = 'INV-000001'", {"bill_digests"}),
        ("UPDATE bill_document SET body = replace(body, 'Canal', 'Kanal')", {"bill_digests"}),
        ("UPDATE bill_draft SET body = replace(body, 'isp', 'psi')", set()),
        ("UPDATE counter SET value = value + 1 WHERE name = 'number/INV'", {"bill_numbers"}),
        ("UPDATE bill_run SET body = replace(body, '\"balance_pence\":0', '\"balance_pence\":1')", {"bill_digests"}),
        ("UPDATE entry_line SET pence = 0 WHERE account IN ('surplus', 'margin')", {"bill_surplus"}),
    ],
)
def test_what_is_done_behind_the_books_back_is_found(bills: Bills, statement: str, codes: set[str]) -> None:
    bills.final()
    assert failing(bills) == set()
    bills.store.behind_the_log(statement)
    assert failing(bills) >= codes
    if "counter" not in statement:
        assert bills("audit", "verify").code == 1


def test_a_circuit_that_is_not_billed_is_found(bills: Bills) -> None:
    """A document turned back leaves days that nobody is billed for, until its period is run again."""
    bills.final()
    bills.finalised(bills.document("bill", "credit", "INV-000002", "--why", "test", "--by", "ann")["run"])
    assert failing(bills) == {"bill_coverage"}
    bills.final(Q1)
    assert failing(bills) == set()


def test_books_survive_a_backup_and_a_move(bills: Bills, server: Server) -> None:
    """Triggers stand while rows are copied, so lines must come before their entries; and numbers go on where they were."""
    bills.final()
    before = bills.balances()
    bills.done("db", "backup", "kept.db")
    for url in ("sqlite:///again.db", server.create()):
        bills.done("db", "restore", "kept.db", "--db", url)
        again = Bills(bills.cni, Store(url))
        assert again.balances() == before
        assert bills("db", "check", "--db", url).code == 0
        os.environ["CNI_DATABASE_URL"] = url
        assert again.well()
        assert again.final(YEAR[1])["documents"][0]["number"] == "INV-000003"


def test_the_trial_balance_is_shown(bills: Bills) -> None:
    bills.final()
    found = bills.document("bill", "check")
    assert {row["account"]: row["pence"] for row in found["accounts"]} == bills.balances()
    assert "Trial balance" in bills("bill", "check").out
