"""Rules G1 to G6: what is fixed before, what nobody reads before the gate, what is refused by rule."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from allocation.seed import commitment_of, seed_from
from tests.cni.sealed import AFTER, DRAWN, DURING, GATE, OPENS, VALUE, House
from tests.cni.stores import Store


def test_the_notice_fixes_offer_policy_calendar_lottery_and_key(sealed: House) -> None:
    """12 strands less 4 own, 2 reserve and 2 live leave 2 pairs on each span of the ring (test data)."""
    notice = sealed.document("round", "notice", "q1")
    span = next(s for s in notice["offer"]["spans"] if s["id"] == "ab")
    figures = ("installed", "own_use", "reserve", "live", "offered", "pairs")
    assert [span[name] for name in figures] == [12, 4, 2, 2, 4, 2]
    assert notice["calendar"]["gate"] == "2027-01-20T12:00:00+00:00"
    assert notice["lottery"]["commitment"] == commitment_of(Path("lottery.txt").read_text().strip())
    assert notice["key"]["recipient"].startswith("age1")
    secret = Path("lottery.txt").read_text().strip()
    assert secret not in Path("cni.db").read_bytes().decode("latin-1")


def test_the_clock_opens_and_closes(sealed: House) -> None:
    sealed.at("2027-01-02T00:00:00Z")
    assert sealed("round", "open", "q1").code == 2
    sealed.at(GATE)
    early = sealed("round", "close", "q1")
    assert (early.code, "gate is open until" in early.err) == (2, True)
    one = sealed.seal("isp", "r1,isp,fibre,A,C,1,none")
    sealed.at(AFTER)  # the gate is past, though nobody has closed the round yet
    late = sealed("request", "submit", "--round", "q1", "--member", "isp", "--sealed", one)
    assert (late.code, "[late]" in late.err) == (2, True)
    assert sealed("request", "withdraw", "--round", "q1", "--member", "isp", "--number", 1).code == 2
    sealed.done("round", "close", "q1")


def test_a_round_does_not_open_before_its_time(sealed: House) -> None:
    sealed.done("round", "create", "q2", "--opens", OPENS, "--gate", GATE)
    sealed.at("2027-01-10T10:00:01Z")
    sealed.done("round", "create", "q3", "--opens", "2027-02-01", "--gate", "2027-03-01")
    assert "[too_early]" in sealed("round", "open", "q3").err
    bad = sealed("round", "create", "q4", "--opens", "2027-03-01", "--gate", "2027-02-01")
    assert (bad.code, "--gate" in bad.err) == (2, True)


def test_before_the_gate_nobody_reads_a_request(sealed: House) -> None:
    """Not by any command, not in the file of the database, not from two submissions of different length."""
    small = sealed.submit("isp", "r1,isp,fibre,A,C,1,node")
    rows = [f"r{n},other,fibre,A,E,5,none" for n in range(2, 40)]
    large = sealed.submit("other", *rows)
    assert abs(small["size"] - large["size"]) < 512  # both padded to 4096; what differs is age's own random header
    for words in (("request", "list", "--round", "q1"), ("round", "receipts", "q1"), ("round", "show", "q1")):
        for more in ((), ("--json",)):
            assert "r1" not in sealed.done(*words, *more).out.replace("q1", "")
    stored = Path("cni.db").read_bytes()
    assert b"fibre,A" not in stored
    assert b'"a":"A"' not in stored
    assert sealed.open_together("ann", "bob").code == 2  # the gate is still open
    assert sealed("request", "import", "requests.csv", "--round", "q1").code == 2


def test_receipts_and_the_list_of_the_gate_agree(sealed: House) -> None:
    receipts = [sealed.submit("isp", "r1,isp,fibre,A,C,1,none"), sealed.submit("other", "r2,other,fibre,A,E,1,none")]
    assert [r["number"] for r in receipts] == [1, 2]
    again = sealed("request", "submit", "--round", "q1", "--member", "isp", "--sealed", "isp-0.age")
    assert (again.code, "[duplicate_id]" in again.err) == (2, True)
    listed = sealed.at(AFTER).document("round", "close", "q1")["receipts"]
    assert [r["digest"] for r in listed] == [r["digest"] for r in receipts]
    with sqlite3.connect("cni.db") as connection:
        (body,) = connection.execute("SELECT body FROM closing").fetchone()
    assert [s["digest"] for s in json.loads(body)["sealed"]] == [r["digest"] for r in receipts]


def test_what_was_taken_back_is_never_opened(sealed: House) -> None:
    first = sealed.submit("isp", "r1,isp,fibre,A,C,1,none")
    assert sealed("request", "withdraw", "--round", "q1", "--member", "other", "--number", 1).code == 2
    sealed.done("request", "withdraw", "--round", "q1", "--member", "isp", "--number", first["number"])
    assert sealed("request", "withdraw", "--round", "q1", "--member", "isp", "--number", 1).code == 2
    sealed.submit("isp", "r1,isp,fibre,A,C,2,none")
    sealed.at(AFTER).done("round", "close", "q1")
    assert sealed.open_together("ann", "bob").code == 0
    rows = sealed.document("request", "list", "--round", "q1")["requests"]
    assert [(r["id"], r["pairs"]) for r in rows] == [("r1", 2)]


def test_what_does_not_open_or_parse_is_refused_by_its_rule_and_takes_nobody_with_it(sealed: House) -> None:
    """One bad submission of every kind among good ones."""
    other_key = sealed.done("key", "new", "stranger.key").out.strip()
    sealed.submit("isp", "r1,isp,fibre,A,C,1,node")
    sealed.hand_in("isp", sealed.seal("isp", "x1,isp,fibre,A,C,1,node", to=other_key))
    broken = bytearray(sealed.seal("isp", "x2,isp,fibre,A,C,1,node").read_bytes())
    broken[-1] ^= 1
    Path("broken.age").write_bytes(broken)
    sealed.hand_in("isp", Path("broken.age"))
    plain(sealed, "plain.age", b"id,member,kind,a,b,pairs\nx3,isp,fibre,A,NOWHERE,1\n")
    sealed.hand_in("isp", Path("plain.age"))
    sealed.hand_in("isp", sealed.seal("other", "x4,other,fibre,A,C,1,node"))
    sealed.hand_in("isp", sealed.seal("isp", "x5,isp,fibre,A,C,1,node", round_id="q9"))
    sealed.hand_in("isp", sealed.seal("isp", "r1,isp,fibre,A,B,1,none"))
    plain(sealed, "good.age", b"id,member,kind,a,b,pairs\nr2,other,fibre,A,E,5\n")
    sealed.hand_in("other", Path("good.age"))
    plain(sealed, "noise.age", b"\xff\xfe\x00 nothing")
    sealed.hand_in("third", Path("noise.age"))
    sealed.at(AFTER).done("round", "close", "q1")
    found = sealed.open_together("bob", "cat", more=("--json",)).document["submissions"]
    codes = [s["refused"]["code"] if s["refused"] else "" for s in found]
    expected = ["", "unreadable", "unreadable", "unparsable", "wrong_member", "wrong_round", "duplicate_id", ""]
    assert codes == [*expected, "unparsable"]
    assert "NOWHERE" in found[3]["refused"]["text"]
    rows = sealed.document("request", "list", "--round", "q1")["requests"]
    assert [(r["id"], r["received"]) for r in rows] == [("r1", DURING), ("r2", DURING)]


def plain(house: House, name: str, text: bytes) -> None:
    """Sealed by a member with plain age, without our program's envelope."""
    import pyrage
    from pyrage import x25519

    key = json.loads(Path("round-key.json").read_text())["recipient"]
    Path(name).write_bytes(pyrage.encrypt(text, [x25519.Recipient.from_str(key)]))


def test_the_seed_follows_from_secret_and_public_value(sealed: House) -> None:
    sealed.submit("isp", "r1,isp,fibre,A,C,1,node")
    sealed.at(AFTER).done("round", "close", "q1")
    assert sealed("round", "award", "q1").code == 2  # still sealed
    sealed.open_together("ann", "bob")
    sealed.at(DRAWN)
    Path("wrong.txt").write_text("a secret of somebody else\n")
    for words in (
        (),
        ("--secret-file", "lottery.txt"),
        ("--public-value", VALUE),
        ("--secret-file", "wrong.txt", "--public-value", VALUE),
    ):
        assert sealed("round", "award", "q1", *words).code == 2
    award = sealed.award()
    assert award["seed"] == seed_from(Path("lottery.txt").read_text().strip(), VALUE)


def test_a_withheld_secret_leaves_the_public_value_alone(sealed: House) -> None:
    sealed.submit("isp", "r1,isp,fibre,A,C,1,node")
    sealed.at(AFTER).done("round", "close", "q1")
    sealed.open_together("ann", "bob")
    sealed.done("round", "award", "q1", "--secret-withheld", "--public-value", VALUE)
    assert sealed.document("round", "show", "q1")["award"]["seed"] == seed_from(None, VALUE)


@pytest.mark.parametrize("words", [("round", "open", "q2"), ("round", "create", "q3", "--seed", "x")])
def test_a_dry_run_says_what_it_would_do_and_changes_nothing(sealed: House, words: tuple[str, ...]) -> None:
    sealed.done("round", "create", "q2", "--seed", "y")
    before = Store("sqlite:///cni.db").rows()
    done = sealed.done(*words, "--dry-run")
    assert done.err.startswith("dry run, nothing was changed: ")
    assert Store("sqlite:///cni.db").rows() == before
    sealed.done(*words)


def test_every_entry_made_under_a_given_clock_says_so(sealed: House) -> None:
    with sqlite3.connect("cni.db") as connection:
        bodies = [json.loads(body) for (body,) in connection.execute("SELECT body FROM audit")]
    assert {b["clock"] for b in bodies} == {"given"}
    assert sealed("audit", "verify").code == 0


def test_a_clock_that_jumps_back_is_noticed(sealed: House) -> None:
    sealed.at("2027-01-01T00:00:00Z")
    refused = sealed("member", "add", "late")
    assert (refused.code, "the clock says" in refused.err) == (2, True)
    sealed.done("--accept-clock", "member", "add", "late")
    with sqlite3.connect("cni.db") as connection:
        (body,) = connection.execute("SELECT body FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    assert json.loads(body)["clock"] == "behind"
    assert sealed("audit", "verify").code == 0
