"""Receipts of sealed submissions (rule G4): the time is when the house had the bytes, tied to an entry of the log."""

from __future__ import annotations

import json
from pathlib import Path

from cni.schemas.published import faults, json_schema
from tests.cni.sealed import AFTER, DRAWN, DURING, GATE, House

MINUTE_AFTER = "2027-01-20T12:01:00Z"


def test_a_file_that_waited_for_another_entry_past_the_gate_came_in_time(sealed: House) -> None:
    """An entry with a time after the gate was written while it waited: its own entry has that time, the receipt has not.

    The file counts as received at the gate, so that rule A7 does not refuse it.
    """
    sealed.at(MINUTE_AFTER).done("member", "add", "between")
    receipt = sealed.at(GATE).submit("isp", "r1,isp,fibre,A,C,1,node")
    entry = sealed.document("audit", "log")["entries"][-1]
    assert (receipt["received"], entry["at"][:19]) == ("2027-01-20T12:00:00+00:00", MINUTE_AFTER[:19])
    sealed.at(MINUTE_AFTER).done("round", "close", "q1")
    assert sealed.open_together("ann", "cat").code == 0
    award = sealed.at(DRAWN).award()
    assert [(r["request"], r["granted"]) for r in award["requests"]] == [("r1", 1)]
    sealed.done("round", "publish", "q1")
    sealed.done("round", "export", "q1", "-o", "pack.json")
    assert sealed("verify", "pack.json").code == 0


def test_a_receipt_names_the_entry_of_the_log_that_wrote_it(sealed: House) -> None:
    receipt = sealed.submit("isp", "r1,isp,fibre,A,C,1,none")
    entry = sealed.document("audit", "log")["entries"][-1]
    assert (receipt["entry"], receipt["entry_digest"]) == (entry["number"], entry["digest"])
    assert receipt["gate"] == "2027-01-20T12:00:00+00:00"
    assert list(faults(receipt, json_schema("cni.receipt/1"))) == []
    sealed.submit("other", "r2,other,fibre,A,E,1,none")
    listed = sealed.document("round", "receipts", "q1")
    assert listed["receipts"][0] == {k: v for k, v in receipt.items() if k in listed["receipts"][0]}
    assert list(faults(listed, json_schema("cni.receipts/1"))) == []
    sealed.done("request", "withdraw", "--round", "q1", "--member", "isp", "--number", "1")
    after = sealed.document("round", "receipts", "q1")["receipts"][0]
    assert after == {**listed["receipts"][0], "withdrawn": True}


def test_a_receipt_says_the_gate_as_it_stood_then(sealed: House) -> None:
    """An override that is confirmed later moves the gate for what comes later; what was given stays as it was."""
    sealed.submit("isp", "r1,isp,fibre,A,C,1,none")
    words = ("round", "override", "q1", "postpone", "--gate", "2027-01-22T12:00:00Z")
    sealed.done(*words, "--why", "a holiday", "--by", "one")
    sealed.submit("isp", "r2,isp,fibre,A,C,1,none")
    sealed.done("round", "confirm", "1", "--by", "two")
    late = sealed.at(AFTER).submit("other", "r3,other,fibre,A,E,1,none")
    gates = [r["gate"][:10] for r in sealed.document("round", "receipts", "q1")["receipts"]]
    assert gates == ["2027-01-20", "2027-01-20", "2027-01-22"]
    assert late["gate"][:10] == "2027-01-22"


def test_of_two_postponements_the_later_date_holds_whoever_spoke_first(sealed: House) -> None:
    """Proposed 25 January, then 23; confirmed 23, then 25: the gate is the 25th, for receipts as for the clock."""
    words = ("round", "override", "q1", "postpone", "--why", "a strike", "--by", "one", "--gate")
    for day in ("25", "23"):
        sealed.done(*words, f"2027-01-{day}T12:00:00Z")
    gates = []
    for number in ("2", "1"):
        sealed.done("round", "confirm", number, "--by", "two")
        gates.append(sealed.submit("isp", f"r{number},isp,fibre,A,C,1,none")["gate"][:10])
    assert gates == ["2027-01-23", "2027-01-25"]
    receipt = sealed.at("2027-01-24T12:00:00Z").submit("other", "r3,other,fibre,A,E,1,none")
    assert receipt["gate"][:10] == "2027-01-25"
    listed = sealed.document("round", "receipts", "q1")["receipts"]
    assert [r["gate"][8:10] for r in listed] == ["23", "25", "25"]


def test_the_log_is_held_against_a_receipt(sealed: House) -> None:
    receipt = sealed.submit("isp", "r1,isp,fibre,A,C,1,none")
    Path("receipt.json").write_text(json.dumps(receipt))
    assert sealed("audit", "verify", "--head", "receipt.json").code == 0
    Path("receipt.json").write_text(json.dumps({**receipt, "entry_digest": "0" * 63 + "1"}))
    assert sealed("audit", "verify", "--head", "receipt.json").code == 1


def test_a_dry_run_gives_no_receipt_that_the_log_knows(sealed: House) -> None:
    before = sealed.document("audit", "log")["entries"]
    file = sealed.seal("isp", "r1,isp,fibre,A,C,1,none")
    words = ("request", "submit", "--round", "q1", "--member", "isp", "--sealed", file, "--dry-run")
    receipt = sealed.at(DURING).document(*words)
    entries = sealed.document("audit", "log")["entries"]
    assert receipt["entry_digest"] not in {e["digest"] for e in entries}
    assert json.dumps(entries) == json.dumps(before)
