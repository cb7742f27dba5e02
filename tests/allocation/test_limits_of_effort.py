"""A limit never yields nothing: the best award so far, its bounds, and nothing wasted (rules B6 and C3)."""

from __future__ import annotations

import pytest

from allocation.award import allocate
from allocation.solving.linear import CpSatModel, Linear
from allocation.verify import verify_award
from tests.allocation.rounds import Round, a_round, ask, codes, granted, random_round
from tests.builders import DAY, network


def limited(this: Round, **limit: float) -> dict:
    """The award of a round under a limit, accepted by the verifier."""
    award = allocate(this.network, this.circuits, this.requests, this.policy, on=DAY, seed="s", **limit)
    checked = verify_award(award, this.network, this.circuits, this.requests, this.policy)
    assert checked["ok"], [c for c in checked["checks"] if not c["ok"]]
    return award


@pytest.mark.parametrize("seed", range(7000, 7012))
def test_no_time_at_all_still_gives_an_award_that_verifies(seed):
    """C3, B6: what fits is granted, also bundles and minimums; the award says that a wall limit cut it."""
    award = limited(random_round(seed), time_limit_s=0.0)
    assert not award["repeatable"]
    assert all(level["members"] <= level["bound"] for level in award["levels"])
    assert award["levels"][-1]["bound"] == 0


@pytest.mark.parametrize("seed", range(7000, 7006))
def test_no_effort_gives_an_award_that_verifies_and_repeats(seed):
    """C3: effort is counted in steps, so the same limit gives the same award."""
    this = random_round(seed)
    award = limited(this, effort=0)
    assert award["repeatable"]
    assert award["digest"] == limited(this, effort=0)["digest"]


def test_a_bundle_that_fits_is_granted_even_without_time():
    """B6: a bundle's least increment is the whole bundle."""
    this = a_round(network("s A B 1", "t B C 1"), ask("r1 m1 A-B 1 bundle=x"), ask("r2 m1 B-C 2 bundle=x"))
    assert granted(limited(this, time_limit_s=0.0)) == {"r1": 1, "r2": 2}


def test_of_two_equal_ways_the_smaller_code_is_told():
    """D2: one lift either way (one more pair, or the minimum dropped), the same metres; below_minimum comes first."""
    this = a_round(network("s A B 1 strands=4"), ask("r1 m1 A-B 3 min_pairs=3"), ask("r2 m2 A-B 1"))
    assert codes(this.award(), "r1") == ["below_minimum"]


def test_many_equal_routes_are_settled_to_the_last_id():
    """B5: twelve parallel spans and eight pairs are too many orders for one objective; they are settled in parts."""
    spans = [f"s{n:02d} A B 1 strands=2" for n in range(12)]
    award = a_round(network(*spans), ask("r1 m1 A-B 8")).award()
    assert award["unique"]
    used = [circuit["legs"][0]["spans"][0] for circuit in award["requests"][0]["circuits"]]
    assert used == [f"s{n:02d}" for n in range(8)]


def test_an_engine_that_did_not_begin_has_no_bound():
    """C1: a bound read off a search without effort would be a guess."""
    linear = Linear()
    x = linear.variable(0, 5)
    linear.row({x: 2}, high=7)
    assert CpSatModel(linear).maximise({x: 1}, effort=0.0).bound in (None, 3, 5)
