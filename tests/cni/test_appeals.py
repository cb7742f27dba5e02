"""Rules G6 to G11: publication, appeals with a lot decided again, the end, the waiting list, packs for members and public."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cni.sealed import AFTER, DRAWN, House

DAY_9, DAY_11 = "2027-02-02T09:00:00Z", "2027-02-04T09:00:00Z"


def circuits_of(house: House) -> dict[str, tuple[str, str | None]]:
    """Living circuits of the house: holder and end."""
    from cni.rounds import networks
    from cni.store.engine import open_engine

    held = networks.show(open_engine("sqlite:///cni.db"))
    return {c.id: (c.member, c.end.isoformat() if c.end else None) for c in held.circuits}


def test_publishing_offers_every_grant(published: House) -> None:
    held = circuits_of(published)
    assert set(held) == {"c1", "c2", "q1.r1-1", "q1.r2-1", "q1.r2-2"}
    assert published("round", "publish", "q1").code == 2
    assert published.document("round", "show", "q1")["calendar"]["accept_by"] == "2027-02-07T09:00:00+00:00"


def test_the_next_round_offers_what_is_left(published: House) -> None:
    """Each offer holds its strands: of 2 pairs on da, r1's leg took one and r2 one; de had 3 and r2 took 2 (test data)."""
    published.done("round", "create", "q2")
    spans = {s["id"]: s["pairs"] for s in published.document("round", "notice", "q2")["offer"]["spans"]}
    before = {s["id"]: s["pairs"] for s in published.document("round", "notice", "q1")["offer"]["spans"]}
    award = published.document("round", "show", "q1")["award"]
    granted = {s["span"]: s["granted"] for s in award["spans"]}
    assert spans == {name: before[name] - granted.get(name, 0) for name in before}


def test_an_award_that_no_longer_fits_is_not_published(sealed: House) -> None:
    """Two rounds on the same offer: the second one's grants were sold by the first."""
    sealed.submit("other", "r2,other,fibre,A,E,5,none")
    sealed.done("round", "create", "q2", "--seed", "x")
    sealed.done("round", "open", "q2")
    sealed.done(
        "request", "submit", "--round", "q2", "--id", "z", "--member", "isp", "kind=fibre", "a=A", "b=E", "pairs=5"
    )
    sealed.at(AFTER).done("round", "close", "q1")
    sealed.done("round", "close", "q2")
    sealed.open_together("ann", "bob")
    sealed.award()
    sealed.done("round", "award", "q2")
    sealed.done("round", "publish", "q1")
    refused = sealed("round", "publish", "q2")
    assert (refused.code, "[oversold]" in refused.err) == (2, True)
    assert sealed.document("round", "show", "q2")["state"] == "awarded"


def test_an_appeal_sets_one_lot_aside_and_only_that_is_decided_again(published: House) -> None:
    before = published.document("round", "show", "q1")["award"]
    appeal = ("round", "appeal", "q1", "--member", "other", "--request", "r2")
    assert published(*appeal).code == 2  # no reason
    published.at(DAY_9).done(*appeal, "--why", "the offer of de was wrong")
    assert published("round", "finalise", "q1").code == 2
    published.done("round", "decide", "q1", "appeal-1", "--uphold", "--why", "so it was")
    document = published.document("round", "show", "q1")
    assert (document["state"], document["appeals"][0]["lot"]) == ("set_aside", ["r2"])
    assert {c for c, (_, end) in circuits_of(published).items() if end is None} == {"c1", "c2", "q1.r1-1"}
    published.done("round", "award", "q1")
    after = published.document("round", "show", "q1")
    assert (after["awards"], after["award"]["seed"]) == (2, before["seed"])
    assert [r["request"] for r in after["award"]["requests"]] == ["r2"]
    published.done("round", "publish", "q1")
    assert {"c1", "c2", "q1.r1-1", "q1.r2-1.2", "q1.r2-2.2"} == set(circuits_of(published))
    for attempt in (1, 2):
        published.done("round", "export", "q1", "-o", f"pack-{attempt}.json", "--attempt", attempt)
        published.done("verify", f"pack-{attempt}.json")
        published.done("round", "replay", f"pack-{attempt}.json")
    first, second = (json.loads(Path(f"pack-{n}.json").read_text()) for n in (1, 2))
    assert first["award"] == before
    assert second["round"]["chain"]["previous_pack"] == first["digest"]
    assert {c["id"] for c in second["circuits"]} == {"c1", "c2", "q1.r1-1"}


def test_an_appeal_that_is_dismissed_changes_nothing(published: House) -> None:
    held = circuits_of(published)
    published.done("round", "appeal", "q1", "--member", "other", "--why", "unfair")
    assert published("round", "decide", "q1", "appeal-1", "--uphold", "--why", "x").code == 2  # it names no request
    assert published("round", "decide", "q1", "appeal-1", "--dismiss").code == 2  # no reason
    published.done("round", "decide", "q1", "appeal-1", "--dismiss", "--why", "the lot was drawn as announced")
    assert published("round", "decide", "q1", "appeal-1", "--dismiss", "--why", "again").code == 2
    assert circuits_of(published) == held


def test_an_annulled_round_gives_back_what_it_offered(published: House) -> None:
    published.done("round", "override", "q1", "annul", "--by", "carol", "--why", "the notice was wrong")
    published.done("round", "confirm", 1, "--by", "dave")
    assert set(circuits_of(published)) == {"c1", "c2"}
    assert published("round", "finalise", "q1").code == 2
    published.done("round", "export", "q1", "-o", "pack.json")  # the result stays readable


def test_the_window_closes_and_the_round_ends(published: House) -> None:
    assert published.at(DAY_9)("round", "finalise", "q1").code == 2
    published.at(DAY_11)
    late = published("round", "appeal", "q1", "--member", "other", "--why", "too late")
    assert (late.code, "[late]" in late.err) == (2, True)
    published.done("round", "finalise", "q1")
    assert published.document("round", "show", "q1")["state"] == "final"
    assert published("round", "override", "q1", "annul", "--why", "no").code == 2


def test_the_waiting_list_is_in_published_order(published: House) -> None:
    waiting = published.document("round", "waiting", "q1")["waiting"]
    assert [(w["place"], w["request"], w["waits"]) for w in waiting] == [(1, "r2", 3)]
    assert published.at("2028-02-01T00:00:00Z")("round", "waiting", "q1").code == 2


def exported(house: House) -> tuple[dict[str, Any], dict[str, Any]]:
    """Member pack and public pack."""
    house.done("round", "export", "q1", "-o", "member.json")
    house.done("round", "export", "q1", "-o", "public.json", "--disclosure", "public")
    return json.loads(Path("member.json").read_text()), json.loads(Path("public.json").read_text())


def test_the_public_pack_masks_places_and_keeps_counts(published: House) -> None:
    member, public = exported(published)
    text = Path("public.json").read_text()
    for hidden in ('"a":"A"', '"ab"', '"legs"', '"duct"', member["round"]["salt"]):
        assert hidden in Path("member.json").read_text()
        assert hidden not in text
    assert [(r["request"], r["granted"], r["reasons"]) for r in public["award"]["requests"]] == [
        ("r1", 1, []),
        ("r2", 2, ["fair_share", "span_full"]),
    ]
    assert public["award"]["digest"] == member["award"]["digest"]
    assert public["member_pack"] == member["digest"]


def test_a_public_pack_is_checked_in_part_and_against_the_member_pack_in_full(published: House) -> None:
    member, public = exported(published)
    alone = published("verify", "public.json", "--json")
    assert (alone.code, alone.document["partial"]) == (1, True)
    assert published("verify", "public.json", "--partial").code == 0
    assert published("verify", "public.json", "--against", "member.json").code == 0
    public["award"]["members"][0]["granted"] += 1
    from allocation.files.pack import pack_digest

    public["digest"] = pack_digest(public)
    Path("false.json").write_text(json.dumps(public))
    assert published("verify", "false.json", "--against", "member.json").code == 1
    member["requests"][0]["pairs"] = 9
    Path("other.json").write_text(json.dumps(member))
    assert published("verify", "public.json", "--against", "other.json").code == 1


def test_a_confidential_request_shows_only_that_it_is_there(sealed: House) -> None:
    source = "id,member,kind,a,b,pairs,diversity,confidential\nr1,isp,fibre,A,C,1,node,true\n"
    Path("c.csv").write_text(source)
    key = json.loads(Path("round-key.json").read_text())["recipient"]
    sealed.done("request", "seal", "c.csv", "--round", "q1", "--member", "isp", "--to", key, "-o", "c.age")
    sealed.hand_in("isp", Path("c.age"))
    sealed.at(AFTER).done("round", "close", "q1")
    sealed.open_together("ann", "bob")
    sealed.at(DRAWN).award()
    _, public = exported(sealed)
    (row,) = public["requests"]
    assert set(row) == {"id", "member", "kind", "received", "confidential", "masked"}


def test_a_pack_whose_record_was_changed_is_refused(published: House) -> None:
    """With every digest recomputed: a request exchanged after the gate, one left out, a seed of one's own."""
    from allocation.files.pack import pack_digest

    member, _ = exported(published)

    def verdict(change: Any) -> set[str]:
        pack = json.loads(json.dumps(member))
        change(pack)
        pack["digest"] = pack_digest(pack)
        Path("changed.json").write_text(json.dumps(pack))
        found = published("verify", "changed.json", "--json").document
        return {c["code"] for c in found["checks"] if not c["ok"]}

    assert verdict(lambda p: None) == set()
    assert "lottery" in verdict(lambda p: p["round"]["lottery"].update(public_value="1 2 3 4 5 6"))
    assert "lottery" in verdict(lambda p: p["round"]["lottery"].update(secret="another secret of theirs"))
    assert "gate" in verdict(lambda p: p["round"]["opening"]["submissions"][0].update(digest="0" * 64))
    assert "gate" in verdict(lambda p: p["round"]["opening"]["submissions"][0].update(requests=["r1", "r7"]))
    assert "gate" in verdict(lambda p: p["round"]["opening"]["submissions"].pop())
    assert "gate" in verdict(lambda p: p["round"]["opening"]["submissions"][0].update(requests=[]))


def test_a_replay_on_another_machine_gives_the_same_bytes(published: House, tmp_path: Path) -> None:
    published.done("round", "export", "q1", "-o", "pack.json")
    Path("cni.db").rename("gone.db")
    document = published.document("round", "replay", "pack.json", "-o", "again.json")
    assert document["same"]
    pack, again = json.loads(Path("pack.json").read_text()), json.loads(Path("again.json").read_text())
    assert {k: v for k, v in again.items() if k != "evidence"} == {
        k: v for k, v in pack["award"].items() if k != "evidence"
    }
    published.done("verify", "pack.json")


@pytest.mark.slow
def test_packs_without_their_form_are_bad_input_or_fail_and_never_a_fault_of_ours(published: House) -> None:
    """Each part of the record taken away, or put in another type."""
    from allocation.files.pack import pack_digest

    member, public = exported(published)
    for name, pack, codes in (("member", member, (0, 1, 2)), ("public", public, (0, 1, 2))):
        for part in ("round", "award"):
            for key in sorted(pack[part]):
                for value in (None, 7, [], {}, [None], {"x": 1}):
                    changed = json.loads(json.dumps(pack))
                    changed[part][key] = value
                    changed["digest"] = pack_digest(changed)
                    Path(f"{name}.json").write_text(json.dumps(changed))
                    if part == "round" or name == "public":  # the award of a member pack has tests of its own
                        assert published("verify", f"{name}.json", "--partial").code in codes, (name, part, key, value)
