"""Rule G8, kind `value`: a public value that was mistyped is put right between award and publication, by two persons."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from allocation.award import allocate
from allocation.seed import seed_from
from cni.rounds import awards, life
from cni.store.engine import open_engine, reading
from tests.cni.sealed import AFTER, DRAWN, VALUE, House

MISTYPED = "3 17 22 40 41 56"
RIGHT = ("--public-value", VALUE, "--by", "carol", "--why", "the last number was mistyped")


@pytest.fixture
def awarded(sealed: House) -> House:
    """A sealed round that was awarded with a mistyped value, and not published."""
    sealed.submit("isp", "r1,isp,fibre,A,C,1,node")
    sealed.submit("other", "r2,other,fibre,A,E,5,none")
    sealed.at(AFTER).done("round", "close", "q1")
    assert sealed.open_together("ann", "cat").code == 0
    sealed.at(DRAWN).done("round", "award", "q1", "--secret-file", "lottery.txt", "--public-value", MISTYPED)
    return sealed


def put_right(house: House) -> None:
    house.done("round", "override", "q1", "value", *RIGHT)
    house.done("round", "confirm", 1, "--by", "dave")


def exported(house: House, name: str, *more: object) -> dict[str, Any]:
    house.done("round", "export", "q1", "-o", name, *more)
    pack = json.loads(Path(name).read_text())
    assert isinstance(pack, dict)
    return pack


def on_record_for_all() -> int:
    """How many awards of the round the portal shows to members."""
    with reading(open_engine("sqlite:///cni.db")) as connection:
        return life.get(connection, "q1").awards_published


def test_two_persons_put_the_value_right_and_the_round_is_decided_anew_on_the_same_inputs(awarded: House) -> None:
    wrong = exported(awarded, "wrong.json")
    put_right(awarded)
    shown = awarded.document("round", "show", "q1")
    assert (shown["state"], shown["award"], shown["awards"]) == ("closed", None, 1)
    awarded.done("round", "award", "q1")
    right, before = exported(awarded, "right.json"), exported(awarded, "before.json", "--attempt", 1)
    assert before == wrong
    assert right["award"]["seed"] == seed_from(right["round"]["lottery"]["secret"], VALUE) != wrong["award"]["seed"]
    assert right["award"]["inputs"] == wrong["award"]["inputs"]
    assert (right["requests"], right["circuits"]) == (wrong["requests"], wrong["circuits"])
    for name in ("wrong.json", "right.json"):
        awarded.done("verify", name)
        awarded.done("round", "replay", name)
    awarded.done("audit", "verify")


def test_both_values_both_digests_and_both_names_stand_in_the_pack(awarded: House) -> None:
    wrong = exported(awarded, "wrong.json")
    put_right(awarded)
    awarded.done("round", "award", "q1")
    right = exported(awarded, "right.json")
    (override,) = right["round"]["overrides"]
    assert override == {
        "number": 1,
        "round": "q1",
        "kind": "value",
        "proposed_by": "carol",
        "confirmed_by": "dave",
        "reason": "the last number was mistyped",
        "body": {
            "public_value": VALUE,
            "instead_of": MISTYPED,
            "source": "state lottery, 23 January 2027",
            "award": wrong["award"]["digest"],
        },
    }
    assert right["round"]["chain"]["previous_pack"] == wrong["digest"]
    assert f"{VALUE} in place of {MISTYPED}" in " ".join(awarded.done("round", "show", "q1").out.split())


def test_the_award_that_was_set_aside_is_neither_published_nor_exported_unasked(awarded: House) -> None:
    put_right(awarded)
    for step in (("publish", "q1"), ("export", "q1", "-o", "x.json")):
        refused = awarded("round", *step)
        assert (refused.code, "[wrong_state]" in refused.err) == (2, True)
    assert "cni round award q1" in awarded("round", "publish", "q1").err


def test_circuits_keep_their_plain_ids_and_an_appeal_afterwards_keeps_the_right_lot(awarded: House) -> None:
    put_right(awarded)
    awarded.done("round", "award", "q1")
    assert on_record_for_all() == 0
    offers = awarded.document("round", "publish", "q1")["offers"]
    assert {o["circuit"] for o in offers} >= {"q1.r1-1"}
    assert not any(o["circuit"].endswith(".2") for o in offers)
    assert on_record_for_all() == 2
    seed = awarded.document("round", "show", "q1")["award"]["seed"]
    awarded.done("round", "appeal", "q1", "--member", "other", "--request", "r2", "--why", "x")
    awarded.done("round", "decide", "q1", "appeal-1", "--uphold", "--why", "y")
    awarded.done("round", "award", "q1")
    assert awarded.document("round", "show", "q1")["award"]["seed"] == seed
    assert on_record_for_all() == 2
    again = awarded.document("round", "publish", "q1")["offers"]
    assert on_record_for_all() == 3
    assert {o["circuit"].rpartition(".")[2] for o in again} == {"2"}
    exported(awarded, "third.json")
    awarded.done("verify", "third.json")


def test_one_person_alone_cannot_do_it(awarded: House) -> None:
    awarded.done("round", "override", "q1", "value", *RIGHT)
    refused = awarded("round", "confirm", 1, "--by", "Carol")
    assert (refused.code, "[second_person]" in refused.err) == (2, True)
    assert awarded.document("round", "show", "q1")["state"] == "awarded"


@pytest.mark.parametrize(("value", "code"), [(MISTYPED, "unchanged"), (" ", "missing_value"), ("a\nb", "bad_value")])
def test_a_value_that_puts_nothing_right_is_refused(awarded: House, value: str, code: str) -> None:
    refused = awarded("round", "override", "q1", "value", "--public-value", value, "--by", "carol", "--why", "x")
    assert (refused.code, f"[{code}]" in refused.err) == (2, True)


def test_after_publication_it_is_refused_and_the_refusal_says_what_is_possible(awarded: House) -> None:
    awarded.done("round", "override", "q1", "value", *RIGHT)
    awarded.done("round", "publish", "q1")
    for words in (("override", "q1", "value", *RIGHT), ("confirm", 1, "--by", "dave")):
        refused = awarded("round", *words)
        assert (refused.code, "[wrong_state]" in refused.err) == (2, True)
        assert "cni round appeal" in refused.err
        assert "annulled" in refused.err


def test_before_the_award_the_value_is_given_to_the_award(sealed: House) -> None:
    sealed.submit("isp", "r1,isp,fibre,A,C,1,node")
    assert sealed("round", "override", "q1", "value", *RIGHT).code == 2
    sealed.at(AFTER).done("round", "close", "q1")
    refused = sealed("round", "override", "q1", "value", *RIGHT)
    assert (refused.code, "cni round award q1 --public-value" in refused.err) == (2, True)


def test_a_second_proposal_for_the_same_award_is_void_once_the_first_was_followed(awarded: House) -> None:
    awarded.done("round", "override", "q1", "value", *RIGHT)
    awarded.done("round", "override", "q1", "value", "--public-value", "9", "--by", "carol", "--why", "x")
    awarded.done("round", "confirm", 1, "--by", "dave")
    assert awarded("round", "confirm", 2, "--by", "dave").code == 2
    awarded.done("round", "award", "q1")
    refused = awarded("round", "confirm", 2, "--by", "dave")
    assert (refused.code, "decided again since" in refused.err) == (2, True)


def test_an_award_that_was_computed_meanwhile_does_not_take_the_place_of_the_one_set_aside(
    sealed: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one process computes, another awards with a wrong value, which two persons put right."""
    sealed.submit("isp", "r1,isp,fibre,A,C,1,node")
    sealed.at(AFTER).done("round", "close", "q1")
    assert sealed.open_together("ann", "cat").code == 0
    sealed.at(DRAWN)
    drawn = ("round", "award", "q1", "--secret-file", "lottery.txt", "--public-value", MISTYPED)
    real = allocate

    def meanwhile(*given: Any, **more: Any) -> Any:
        monkeypatch.setattr(awards, "allocate", real)
        sealed.done(*drawn)
        put_right(sealed)
        return real(*given, **more)

    monkeypatch.setattr(awards, "allocate", meanwhile)
    refused = sealed(*drawn)
    assert (refused.code, "[changed_meanwhile]" in refused.err) == (2, True), refused.err
    assert sealed.document("round", "show", "q1")["state"] == "closed"


def test_the_secret_stays_as_it_was(awarded: House) -> None:
    put_right(awarded)
    for more in (("--secret-withheld",), ("--public-value", MISTYPED)):
        refused = awarded("round", "award", "q1", *more)
        assert (refused.code, "the draw on record counts" in " ".join(refused.err.split())) == (2, True)
    awarded.done("round", "award", "q1", "--secret-file", "lottery.txt", "--public-value", VALUE)


def test_a_round_without_a_public_value_has_none_to_put_right(house: Any) -> None:
    for words in (("close", "q1"), ("award", "q1")):
        assert house("round", *words).code == 0
    refused = house("round", "override", "q1", "value", *RIGHT)
    assert (refused.code, "[no_seed]" in refused.err) == (2, True)


def test_a_pack_whose_override_was_changed_does_not_verify(awarded: House) -> None:
    from allocation.files.pack import pack_digest

    put_right(awarded)
    awarded.done("round", "award", "q1")
    awarded.done("round", "publish", "q1")
    pack = exported(awarded, "pack.json")
    public = exported(awarded, "public.json", "--disclosure", "public")
    (told,) = public["round"]["overrides"]
    assert (told["proposed_by"], told["confirmed_by"], told["body"]["instead_of"]) == ("carol", "dave", MISTYPED)
    awarded.done("verify", "public.json", "--against", "pack.json")

    def faults(change: Any) -> set[str]:
        changed = json.loads(json.dumps(pack))
        change(changed["round"])
        changed["digest"] = pack_digest(changed)
        Path("changed.json").write_text(json.dumps(changed))
        found = awarded("verify", "changed.json", "--json").document
        return {c["code"] for c in found["checks"] if not c["ok"]}

    assert faults(lambda r: None) == set()
    assert faults(lambda r: r["overrides"][0]["body"].update(public_value=MISTYPED)) == {"lottery"}
    assert faults(lambda r: r["overrides"][0]["body"].update(source="a friend")) == {"lottery"}
    assert faults(lambda r: r["overrides"][0].update(confirmed_by="carol")) == {"lottery"}
    assert faults(lambda r: r["overrides"].clear()) == {"lottery"}
    second = {"number": 2, "kind": "value", "proposed_by": "a", "confirmed_by": "b"}
    body = {**pack["round"]["overrides"][0]["body"], "instead_of": "7"}
    assert faults(lambda r: r["overrides"].append({**second, "body": body})) == {"lottery"}
