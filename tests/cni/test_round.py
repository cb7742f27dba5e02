"""A round in the database from its gate to its award, and the same round from files."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cni.helpers import Cni
from tests.cni.stores import Store


@pytest.fixture
def awarded(house: Cni) -> Cni:
    assert house("round", "close", "q1").code == 0
    assert house("round", "award", "q1", "--pack", "pack.json").code == 0
    return house


def test_the_award_is_kept_and_told(awarded: Cni) -> None:
    document = awarded("round", "show", "q1", "--json").document
    assert [s["state"] for s in document["steps"]] == ["draft", "open", "closed", "awarded"]
    assert {r["request"]: r["granted"] for r in document["award"]["requests"]} == {"r1": 1, "r2": 2}
    assert "optimal" in awarded("round", "show", "q1").out
    assert awarded("round", "show").out.split()[-5:-3] == ["q1", "awarded"]


def test_explain_gives_the_reasons_in_words(awarded: Cni) -> None:
    """12 - 4 - 2 strands less a live pair leave 2 pairs on each span of the ring; r1 takes one of each, so r2 gets 2."""
    done = awarded("round", "explain", "r2")
    assert done.code == 0
    assert "r2 of other: 2 of 5 pairs" in done.out
    assert "span_full" in done.out
    assert awarded("round", "explain", "r2", "--round", "q1", "--json").document["request"] == "r2"
    assert awarded("round", "explain", "r9").code == 2


def test_a_round_is_awarded_once(awarded: Cni) -> None:
    before = Store("sqlite:///cni.db").rows()
    assert awarded("round", "award", "q1").code == 2
    assert awarded("round", "close", "q1").code == 2
    assert Store("sqlite:///cni.db").rows() == before
    assert awarded("audit", "verify").code == 0


def test_the_database_and_the_files_of_its_pack_give_the_same_award(awarded: Cni) -> None:
    """Whoever has the inputs gets the same digest without the database."""
    from allocation.files.pack import open_pack
    from allocation.files.requests import write_requests_csv
    from topology.files.circuits import write_circuits
    from topology.files.csv_folder import write_network

    pack = json.loads(Path("pack.json").read_text())
    opened = open_pack(pack)
    Path("again").mkdir()
    write_network(opened.network, Path("again/net"))
    Path("again/circuits.csv").write_text(write_circuits(opened.circuits))
    Path("again/requests.csv").write_text(write_requests_csv(opened.requests))
    words = ("again/net", "again/requests.csv", "--circuits", "again/circuits.csv", "--policy", "policy.toml")
    assert awarded("allocate", *words, "--json").document["digest"] == pack["award"]["digest"]


def test_the_pack_verifies_and_a_changed_one_does_not(awarded: Cni) -> None:
    assert awarded("verify", "pack.json").code == 0
    pack = json.loads(Path("pack.json").read_text())
    assert awarded("verify", "pack.json", "--digest", pack["award"]["digest"]).code == 0
    assert awarded("verify", "pack.json", "--digest", "0" * 64).code == 1
    pack["award"]["requests"][0]["granted"] += 1
    Path("forged.json").write_text(json.dumps(pack))
    done = awarded("verify", "forged.json", "--json")
    assert done.code in (1, 2)
    assert "Traceback" not in done.err


def test_granted_circuits_come_out_as_a_file_that_bills(awarded: Cni) -> None:
    words = ("award", "circuits", "pack.json", "--start", "2027-02-01", "--end", "2030-02-01", "-o", "granted.csv")
    assert awarded(*words).code == 0
    assert len(Path("granted.csv").read_text().splitlines()) == 1 + 3
    bill = ("bill", "preview", "net", "--circuits", "granted.csv", "--tariff", "tariff.toml", "--policy", "policy.toml")
    done = awarded(*bill, "--period", "2027-01-01/2027-04-01", "--json")
    assert done.document["balance_pence"] == 0
    assert {c["days"] for c in done.document["charges"]} == {59}
    for bad in (("--start", "2030-01-01", "--end", "2027-01-01"), ("--start", "soon")):
        assert awarded("award", "circuits", "pack.json", *bad).code == 2


def test_an_edited_award_is_found(awarded: Cni) -> None:
    with sqlite3.connect("cni.db") as connection:
        connection.execute("DROP TRIGGER append_only_award_update")
        connection.execute("UPDATE award SET proof = 'bounded'")
    done = awarded("audit", "verify", "--json")
    assert (done.code, [c["where"] for c in done.document["checks"]]) == (1, ["award:q1"])
