"""The lot: one ticket per group, by a rule that anyone can recompute (rule B2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.lottery import drawn_order, lot_of
from tests.allocation.rounds import a_round, ask, granted
from tests.builders import network

# From a shell: printf 'spring\nalpha' | sha256sum
KNOWN = {
    ("spring", "alpha"): "3deaa87bdf4bc0c7663898099a10f90c6b7987e00afee1e79a9726bd936eaad4",
    (None, "alpha"): "456570b2fb6ff58f4852be0c4f18715d285a24b5757f7c06e7a0d5c8ef4a709e",
}


@pytest.mark.parametrize("pair", sorted(KNOWN, key=str))
def test_a_ticket_is_the_hash_of_seed_newline_group(pair):
    assert lot_of(*pair) == KNOWN[pair]


def test_no_seed_is_the_empty_seed():
    assert lot_of(None, "m1") == lot_of("", "m1")
    this = a_round(network("s A B 1 strands=2"), ask("r1 m1 A-B 1"), ask("r2 m2 A-B 1"))
    without, empty = this.award(None), this.award("")
    assert granted(without) == granted(empty)
    assert (without["seed"], empty["seed"]) == (None, "")


@given(st.text(), st.sets(st.text(min_size=1), min_size=1))
def test_the_order_is_by_ticket_whatever_order_the_groups_come_in(seed, groups):
    order = drawn_order(seed, sorted(groups))
    assert order == drawn_order(seed, sorted(groups, reverse=True))
    assert sorted(order) == sorted(groups)
    assert [lot_of(seed, g) for g in order] == sorted(lot_of(seed, g) for g in groups)


@pytest.mark.parametrize("seed", ["a", "b", "c", "d"])
def test_the_group_drawn_first_gets_the_last_pair(seed):
    this = a_round(network("s A B 1 strands=2"), *(ask(f"r{n} m{n} A-B 1") for n in range(4)))
    first = drawn_order(seed, [f"m{n}" for n in range(4)])[0]
    assert granted(this.award(seed)) == {f"r{n}": int(first == f"m{n}") for n in range(4)}
