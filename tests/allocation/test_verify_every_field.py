"""Every field of a pack changed in turn is refused by digest; every decision of an award, with the digest mended, by rule (C4)."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import pytest

from allocation.files.pack import make_pack
from allocation.verify import verify_pack
from tests.allocation.rounds import Round, a_round, ask, codes, counts, granted, rack
from tests.allocation.test_verify_awards import award_part, check, failures, places, with_change
from tests.allocation.test_verify_decisions import line, refusals
from tests.builders import circuit, network, node
from topology.canonical import digest_of
from topology.model import Organisation
from topology.problems import BadInput

ROLES = {"m1": (), "m2": (), "m3": ("school",), "m4": (), "m5": (), "owner": ("contributor",)}

NOT_CHECKED = {
    "text": "sentences are presentation; codes, places, clauses and lifts are held",
    "repeatable": "leaves no trace in an award",
    "unique": "whether the ids were proved leaves no trace; that it is not claimed where an objective is open is held",
    "version": "an award of another version is noted, not refused",
    "fairness": "held by its own tests",
}
"""Last key of what may be changed without a failing check; `verify` lists it as unchecked or notes it."""


def everything() -> Round:
    """A ring with a spur whose funding is for schools; every kind of request; a mixed bundle; rooms that lack units and watts."""
    people = [Organisation(name, roles=tuple(sorted({*roles, "user"}))) for name, roles in ROLES.items()]
    net = network(
        "s1 A B 1 strands=4",
        "s2 B C 1 strands=4",
        "s3 C D 2 strands=4",
        "s4 D A 2 strands=4",
        "s5 B D 3 strands=2 groups=duct",
        "s6 C E 1 strands=2 groups=duct funding_conditions=school",
        nodes=[node("A", rack_units=6, power_w=2000), node("C", rack_units=2, power_w=900)],
        organisations=people,
    )
    return a_round(
        net,
        ask("r1 m1 A-C 2 diversity=node"),
        ask("r2 m2 A-C 2"),
        ask("r3 m3 A-C 3 min_pairs=2"),
        ask("r4 m4 B-D 1 max_km=1.5"),
        ask("r5 m1 A-E 1 rank=2"),
        ask("r6 m3 A-E 1 rank=1"),
        ask("b1 m5 A-C 1 bundle=x"),
        rack("b2 m5 C 2 bundle=x watts=800"),
        ask("f1 m4 C-A 1 max_km=2"),
        ask("f2 m4 C-A 1 alternative_of=f1"),
        rack("k1 m1 A 4 watts=1500"),
        rack("k2 m2 A 4 partial watts=800"),
        ask("late m2 A-B 1 end=2026-01-01"),
        circuits=[circuit("c1", "s1", "m4")],
    )


@cache
def made() -> tuple[Round, dict[str, Any]]:
    this = everything()
    return this, this.award()


def test_the_round_has_every_kind_of_decision():
    this, award = made()
    assert failures(check(this, award, full=True)) == []
    assert {codes(award, r)[0] for r in ("r4", "late", "k2")} == {"over_distance", "term", "node_full"}
    assert "funding" in codes(award, "r5")
    assert (granted(award)["b1"], granted(award)["b2"]) == (1, 2)
    assert {code for r in granted(award) for code in codes(award, r)} >= {
        "drawn_lot",
        "fair_share",
        "family",
        "power_full",
    }


# -- every field of a pack ---------------------------------------------------------------------------------------------


def short() -> Round:
    """One span, a mixed bundle, a refused request and a live circuit, so that a pack is short and has every part."""
    return a_round(
        network("s A B 1 strands=6 funding_conditions=m1", nodes=[node("A", rack_units=2, power_w=500)]),
        ask("r m1 A-B 1 bundle=x"),
        rack("k m1 A 2 watts=400 bundle=x"),
        ask("q m2 A-B 1"),
        circuits=[circuit("c1", "s", "m3")],
    )


def test_a_pack_with_any_field_changed_or_gone_is_refused():
    """The network, circuits, requests, policy, award, evidence and the words around them: nothing is outside the digest."""
    this = short()
    pack = make_pack(this.award(), this.network, this.circuits, this.requests, this.policy, "c" * 64)
    assert verify_pack(pack)["ok"]
    paths = places(pack)
    assert {path[0] for path in paths} == set(pack)
    for path in paths:
        for change in ({}, {"drop": True}):
            assert not passes(with_change(pack, path, **change)), path


def passes(pack: dict[str, Any]) -> bool:
    """Whether a pack is accepted; one that cannot be opened is not."""
    try:
        return bool(verify_pack(pack)["ok"])
    except BadInput:
        return False


def test_a_pack_with_an_input_changed_and_its_own_digest_mended_is_refused_by_the_award():
    """The award carries the digest of each input."""
    this = short()
    pack = make_pack(this.award(), this.network, this.circuits, this.requests, this.policy)
    for part in ("network", "circuits", "requests", "policy"):
        for path in places({part: pack[part]}):
            other = with_change(pack, path)
            other["digest"] = digest_of({k: v for k, v in other.items() if k != "digest"})
            assert not passes(other), path


# -- every decision of an award ----------------------------------------------------------------------------------------


def other_values(value: Any) -> list[Any]:
    """Values of the same type that are not this one: one more, one less, the opposite, the last entry gone."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, *([value - 1] if value else [])]
    if isinstance(value, str):
        return [f"{value}x"]
    return [value[:-1]] if isinstance(value, list) and value else ["x"] if value is None else []


def decisions(award: dict[str, Any]) -> list[tuple[tuple[Any, ...], Any]]:
    """Every changed value with its path, evidence and digest aside."""
    body = {k: v for k, v in award.items() if k not in ("evidence", "digest", "fairness")}
    return [
        (path, value)
        for path in places(body)
        if path[-1] not in NOT_CHECKED
        for value in other_values(award_part(award, path))
    ]


def refused_everywhere(part: int, parts: int) -> None:
    this, award = made()
    for path, value in decisions(award)[part::parts]:
        found = refusals(this, with_change(award, path, put=value))
        assert found, (path, value)
        assert not any(f.startswith("digest") for f in found), path


@pytest.mark.parametrize("part", [0, 5])
def test_a_changed_decision_is_refused_by_rule(part):
    """Some of them; the slow test below takes them all."""
    refused_everywhere(part, 16)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(16))
def test_every_changed_decision_is_refused_by_rule(part):
    refused_everywhere(part, 16)


# -- decisions that hang together, each place named -------------------------------------------------------------------------


def without(award: dict[str, Any], *requests: str) -> dict[str, Any]:
    """The award with some requests granted nothing; figures are left as they were (they fail too)."""
    other = copy.deepcopy(award)
    for name in requests:
        line(other, name).update(granted=0, circuits=[])
    return other


def test_half_a_mixed_bundle_is_refused():
    this, award = made()
    assert "A5 bundle x of m5" in refusals(this, without(award, "b2"))
    assert "A5 bundle x of m5" in refusals(this, without(award, "b1"))
    both = refusals(this, without(award, "b1", "b2"))
    assert {"B6 request b1", "B6 request b2"} <= set(both)


def test_a_pair_on_a_funded_span_is_refused_for_a_member_that_it_does_not_name():
    this, award = made()
    other = without(award, "r6")
    circuits = copy.deepcopy(line(award, "r6")["circuits"])
    line(other, "r5").update(granted=1, circuits=circuits, reasons=[], alternative=None)
    assert "A6 request r5 circuit 1" in refusals(this, other)


def drop_reason(award: dict[str, Any], request: str, code: str) -> dict[str, Any]:
    other = copy.deepcopy(award)
    entry = line(other, request)
    entry["reasons"] = [reason for reason in entry["reasons"] if reason["code"] != code]
    return other


@pytest.mark.parametrize(
    ("request_id", "code"),
    [
        ("r5", "funding"),
        ("r5", "span_full"),
        ("k2", "power_full"),
        ("k2", "node_full"),
        ("f2", "family"),
        ("late", "term"),
    ],
)
def test_a_cause_left_out_is_refused(request_id, code):
    this, award = made()
    assert f"D2 request {request_id}" in refusals(this, drop_reason(award, request_id, code))


def test_a_cause_that_is_none_is_refused():
    """r2 lacks room; funding is none of its causes, on whatever span."""
    this, award = made()
    other = copy.deepcopy(award)
    funding = next(reason for reason in line(award, "r5")["reasons"] if reason["code"] == "funding")
    line(other, "r2")["reasons"].insert(1, copy.deepcopy(funding))
    assert "D2 request r2" in refusals(this, other)
    moved = copy.deepcopy(award)
    next(reason for reason in line(moved, "r5")["reasons"] if reason["code"] == "funding")["spans"] = ["s1"]
    assert "D2 request r5" in refusals(this, moved)


def test_every_witness_is_needed_and_every_grant_in_it_is_held_to_the_clauses():
    this, award = made()
    witnesses = award["evidence"]["witnesses"]
    assert witnesses
    for number, witness in enumerate(witnesses):
        gone = copy.deepcopy(award)
        del gone["evidence"]["witnesses"][number]
        assert f"D3 request {witness['request']}" in refusals(this, gone)
        for place, grant in enumerate(witness["award"]):
            more = copy.deepcopy(award)
            entry = more["evidence"]["witnesses"][number]["award"][place]
            entry["granted"] += 100
            assert refusals(this, more), grant


def test_a_level_that_is_claimed_too_high_or_too_low_is_refused_at_each_level():
    this, award = made()
    for number, level in enumerate(award["levels"]):
        for change in (-1, 1):
            for key in ("members", "bound"):
                other = copy.deepcopy(award)
                if level[key] + change < 0:
                    continue
                other["levels"][number][key] += change
                assert any(f.startswith("B1 ") for f in refusals(this, other)), (level, key, change)
    assert counts(award)[-1] == counts(award, "colocation")[-1] == 0


def test_each_objective_is_recomputed():
    this, award = made()
    for objective in award["objectives"]:
        other = copy.deepcopy(award)
        entry = next(o for o in other["objectives"] if o["name"] == objective["name"])
        for key in ("value", "bound"):
            held = entry[key]
            entry[key] = held + 1 if isinstance(held, int) else [held[0] + 1, *held[1:]]
        found = refusals(this, other)
        assert f"B2-B5 objective {objective['name']}" in found


def test_watts_and_rack_units_are_held_to_the_proportion():
    this, award = made()
    other = copy.deepcopy(award)
    line(other, "k2")["circuits"][0]["power_w"] -= 100
    assert "figures request k2" in refusals(this, other)
    more = copy.deepcopy(award)
    line(more, "k2").update(granted=3, circuits=[{"node": "A", "rack_units": 3, "power_w": 600}])
    assert "A3 node A" in refusals(this, more)
