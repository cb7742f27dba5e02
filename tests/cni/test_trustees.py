"""Rule G5 and docs/trustees.md: any two of three open, none alone; what to do when a key is lost; the way of a letter."""

from __future__ import annotations

import base64
import json
from itertools import combinations
from pathlib import Path

import pyrage
import pytest
from pyrage import x25519

from allocation.seed import seed_from
from cni.sealing import digest_of_file
from tests.cni.sealed import AFTER, GATE, TRUSTEES, VALUE, House

ROW = "r1,isp,fibre,A,C,1,node"


def closed(house: House) -> House:
    """A round with one submission, closed."""
    house.submit("isp", ROW)
    house.at(AFTER).done("round", "close", "q1")
    return house


@pytest.mark.parametrize("pair", list(combinations(TRUSTEES, 2)))
def test_any_two_open(sealed: House, pair: tuple[str, str]) -> None:
    """So a round survives the loss of any one key."""
    assert closed(sealed).open_together(*pair).code == 0
    assert [r["id"] for r in sealed.document("request", "list", "--round", "q1")["requests"]] == ["r1"]


@pytest.mark.parametrize("alone", TRUSTEES)
def test_none_opens_alone(sealed: House, alone: str) -> None:
    closed(sealed)
    for keys in ((alone,), (alone, alone)):
        done = sealed.open_together(*keys)
        assert (done.code, "[too_few_trustees]" in done.err) == (2, True)
    assert sealed.document("request", "list", "--round", "q1")["requests"] == []


def test_one_key_opens_no_share_with_the_standard_tool_either(sealed: House) -> None:
    """Each share is two age layers for two different trustees."""
    document = json.loads(Path("round-key.json").read_text())
    identities = {name: x25519.Identity.from_str(Path(f"{name}.key").read_text().splitlines()[1]) for name in TRUSTEES}
    for share in document["shares"]:
        inner = pyrage.decrypt(base64.b64decode(share["age"]), [identities[share["first"]]])
        assert b"AGE-SECRET-KEY" not in inner
        assert b"AGE-SECRET-KEY-1" in pyrage.decrypt(inner, [identities[share["second"]]])
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(inner, [identities[share["first"]]])


def test_a_stranger_opens_nothing(sealed: House) -> None:
    sealed.done("key", "new", "eve.key")
    closed(sealed)
    assert "none of the trustees'" in sealed.open_together("ann", "eve").err


def test_two_who_cannot_meet_pass_on_a_half(sealed: House) -> None:
    sealed.done("key", "half", "round-key.json", "-i", "ann.key", "-o", "half.json")
    assert "AGE-SECRET-KEY" not in Path("half.json").read_text()
    assert sealed("key", "half", "round-key.json", "-i", "cat.key", "-o", "other.json").code == 2  # last of the three
    closed(sealed)
    assert sealed("round", "unseal", "q1", "--half", "half.json", "-i", "ann.key").code == 2
    sealed.done("round", "unseal", "q1", "--half", "half.json", "-i", "cat.key")
    assert [r["id"] for r in sealed.document("request", "list", "--round", "q1")["requests"]] == ["r1"]


def test_two_lost_keys_annul_the_round_and_it_is_made_anew(sealed: House) -> None:
    closed(sealed)
    sealed.done("round", "override", "q1", "annul", "--by", "carol", "--why", "two trustees lost their keys")
    sealed.done("round", "confirm", 1, "--by", "dave")
    assert sealed.document("round", "show", "q1")["state"] == "annulled"
    assert sealed("round", "award", "q1").code == 2
    sealed.done("round", "create", "q2", "--key", "round-key.json")
    sealed.done("round", "open", "q2")
    sealed.submit("isp", ROW, round_id="q2")


def test_a_lost_lottery_secret_leaves_the_public_value(sealed: House) -> None:
    closed(sealed).open_together("ann", "bob")
    Path("lottery.txt").unlink()
    sealed.done("round", "award", "q1", "--secret-withheld", "--public-value", VALUE)
    assert sealed.document("round", "show", "q1")["award"]["seed"] == seed_from(None, VALUE)


def test_a_letter_takes_its_place_in_the_list_and_is_read_only_at_the_opening(sealed: House) -> None:
    sealed.submit("isp", ROW)
    receipt = sealed.document("request", "submit", "--round", "q1", "--member", "other", "--envelope", "seal 004711")
    assert (receipt["number"], receipt["digest"]) == (2, digest_of_file(b"seal 004711"))
    sealed.document("request", "submit", "--round", "q1", "--member", "third", "--envelope", "seal 004712")
    listed = sealed.at(AFTER).document("round", "close", "q1")["receipts"]
    assert [(r["number"], r["paper"]) for r in listed] == [(1, False), (2, True), (3, True)]
    Path("letter.csv").write_text("id,member,kind,a,b,pairs\nr2,other,fibre,A,E,5\n")
    found = sealed.open_together("ann", "bob", more=("--paper", "2=letter.csv", "--json")).document["submissions"]
    assert [s["requests"] for s in found] == [["r1"], ["r2"], []]
    assert found[2]["refused"]["code"] == "unreadable"
    award = sealed.award()
    assert {r["request"] for r in award["requests"]} == {"r1", "r2"}


def test_a_late_file_is_let_in_only_by_two_people_and_before_the_opening(sealed: House) -> None:
    late = sealed.seal("other", "r2,other,fibre,A,E,5,none")
    digest = digest_of_file(late.read_bytes())
    submit = ("request", "submit", "--round", "q1", "--member", "other", "--sealed", late)
    closed(sealed)
    assert sealed(*submit).code == 2
    words = ("round", "override", "q1", "admit", "--digest", digest)
    assert sealed(*words, "--by", "carol").code == 2  # no reason
    sealed.done(*words, "--by", "carol", "--why", "the portal was down from 11:50, ticket 7")
    assert sealed(*submit).code == 2  # not confirmed yet
    same = sealed("round", "confirm", 1, "--by", "Carol")
    assert (same.code, "[second_person]" in same.err) == (2, True)
    sealed.done("round", "confirm", 1, "--by", "dave")
    sealed.done(*submit)
    found = sealed.open_together("ann", "bob", more=("--json",)).document["submissions"]
    assert [s["requests"] for s in found] == [["r1"], ["r2"]]
    award = sealed.award()
    assert {r["request"] for r in award["requests"] if r["granted"]} == {"r1", "r2"}  # not late by rule A7 either


def test_a_gate_is_moved_later_by_two_people_and_never_earlier(sealed: House) -> None:
    words = ("round", "override", "q1", "postpone", "--by", "carol", "--why", "strike")
    assert "[only_later]" in sealed(*words, "--gate", "2027-01-15T00:00:00Z").err
    sealed.done(*words, "--gate", "2027-01-22T12:00:00Z")
    sealed.done("round", "confirm", 1, "--by", "dave")
    assert sealed.document("round", "show", "q1")["calendar"]["gate"] == "2027-01-22T12:00:00+00:00"
    assert sealed.document("round", "notice", "q1")["calendar"]["gate"] == GATE.replace("Z", "+00:00")  # as published
    sealed.at(AFTER).submit("isp", ROW)
    assert sealed("round", "close", "q1").code == 2
    sealed.at("2027-01-22T12:00:01Z").done("round", "close", "q1")
    sealed.open_together("ann", "bob")
    assert sealed.award()["requests"][0]["granted"] == 1  # in time by the gate as it was moved


def test_keys_are_for_their_owner_only_and_never_overwritten(sealed: House) -> None:
    for name in (*(f"{t}.key" for t in TRUSTEES), "lottery.txt"):
        assert Path(name).stat().st_mode & 0o077 == 0
    before = Path("ann.key").read_text()
    assert sealed("key", "new", "ann.key").code == 2
    assert Path("ann.key").read_text() == before
    assert sealed("round", "secret", "lottery.txt").code == 2
    secret = before.splitlines()[1]
    wrong = sealed("round", "unseal", "q1", "-i", "ann.key", "-i", "lottery.txt")
    assert secret not in wrong.err + wrong.out
    assert Path("lottery.txt").read_text().strip() not in wrong.err + wrong.out
