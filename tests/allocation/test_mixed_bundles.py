"""Bundles of fibre and colocation: whole or not at all, over both kinds (rule A5)."""

from __future__ import annotations

import pytest

from allocation.verify import verify_award
from tests.allocation.rounds import Round, a_round, ask, codes, counts, granted, lifts, rack
from tests.builders import network, node
from topology.model import Network


def spine(units: int = 8, strands: int = 4, *more: str) -> Network:
    """One span A-B, and rack units at A."""
    return network(f"s A B 1 strands={strands}", *more, nodes=[node("A", rack_units=units, power_w=4000)])


def failures(this: Round, award: dict) -> list[str]:
    result = verify_award(award, this.network, this.circuits, this.requests, this.policy, full=True)
    return [f"{c['code']} {c['where']}" for c in result["checks"] if not c["ok"]]


@pytest.mark.parametrize(
    ("units", "strands", "expected"), [(4, 2, {"k": 4, "r": 1}), (3, 2, {"k": 0, "r": 0}), (4, 0, {"k": 0, "r": 0})]
)
def test_both_kinds_are_granted_or_neither(units, strands, expected):
    this = a_round(spine(units, strands), ask("r m A-B 1 bundle=x"), rack("k m A 4 bundle=x"))
    award = this.award()
    assert granted(award) == expected
    assert (award["proof"], award["unique"]) == ("optimal", True)
    assert failures(this, award) == []


def test_a_partial_row_needs_one_rack_unit_only():
    this = a_round(spine(3), ask("r m A-B 1 bundle=x"), rack("k m A 4 bundle=x partial"))
    assert granted(this.award()) == {"k": 3, "r": 1}
    assert granted(a_round(spine(0), *this.requests).award()) == {"k": 0, "r": 0}


def test_rack_units_decide_a_fibre_level():
    """Fibre is settled first. Four rack units: two bundles at A cannot both be granted, so the level count of fibre is 1."""
    rows = [x for m in "mn" for x in (ask(f"r{m} {m} A-B 1 bundle={m}"), rack(f"k{m} {m} A 4 bundle={m}"))]
    this = a_round(spine(4), *rows)
    award = this.award()
    assert (counts(award), counts(award, "colocation")) == ([1, 0], [1, 1, 1, 1, 0])
    assert failures(this, award) == []


def test_fibre_comes_first_when_the_bundle_costs_rack_units():
    """A fibre group more at level 1 takes all four rack units from a group that would have had them alone."""
    this = a_round(spine(4), ask("r m A-B 1 bundle=x"), rack("k m A 4 bundle=x"), rack("j n A 4"))
    assert granted(this.award()) == {"j": 0, "k": 4, "r": 1}


def test_what_the_partner_lacks_is_a_condition_and_what_it_lacks_itself_is_room():
    this = a_round(spine(3), ask("r m A-B 1 bundle=x"), rack("k m A 4 bundle=x"))
    award = this.award()
    assert codes(award, "r") == ["bundle_partner"]
    assert codes(award, "k") == ["node_full", "fair_share"]
    assert lifts(award, "k") == [{"kind": "node", "id": "A", "rack_units": 1}]
    offers = {
        line["request"]: (line["alternative"]["change"], line["alternative"]["pairs"]) for line in award["requests"]
    }
    assert offers == {"k": ("fewer_rack_units", 3), "r": ("without_bundle", 1)}


def test_without_its_bundle_a_room_is_offered_whole():
    """No strand for r, and eight rack units free: k alone would fit."""
    this = a_round(spine(8, 0), ask("r m A-B 1 bundle=x"), rack("k m A 4 bundle=x"))
    award = this.award()
    line = next(line for line in award["requests"] if line["request"] == "k")
    assert (line["alternative"]["change"], line["alternative"]["pairs"]) == ("without_bundle", 4)
    assert failures(this, award) == []


def test_of_two_mixed_bundles_of_one_group_its_own_order_decides():
    """Both bundles need the one pair and all four rack units: to have y granted, both rows of x have to go (D3, `own_rank`)."""
    rows = [x for b in "xy" for x in (ask(f"r{b} m A-B 1 bundle={b}"), rack(f"k{b} m A 4 bundle={b}"))]
    this = a_round(spine(4, 2), *rows)
    award = this.award()
    assert granted(award) == {"kx": 4, "ky": 0, "rx": 1, "ry": 0}
    assert codes(award, "ry")[-1] == codes(award, "ky")[-1] == "own_rank"
    assert failures(this, award) == []
