"""Pairs by search: the least, ties decided, the same from both ends, and the same as the solver's."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.fibre_manchester import folder
from tests.builders import network
from tests.strategies import many, spines
from tests.topology.test_routes import all_legs, diverse, oracle_total
from topology.files.csv_folder import read_network
from topology.routing.disjoint import decided
from topology.routing.diversity import shared
from topology.routing.exact_pairs import binding_groups, exact_pair
from topology.routing.pair_flow import tie_weights, total
from topology.routing.pair_search import PairSearch, TooManyStepsError
from topology.routing.quick_pairs import PairFinder

LEVELS = st.sampled_from(["span", "node", "risk"])
LIMITS = st.one_of(st.none(), st.integers(1, 12).map(lambda km: km * 1000))


@settings(max_examples=many(200), deadline=None)
@given(spines(most_spans=11), LEVELS, LIMITS)
def test_the_least_pair_of_all_is_found_with_ties_decided(net, level, limit):
    """Of all pairs tried one by one the one of least weight, the lighter leg first; none where none fits."""
    a, b = sorted(net.nodes)[:2]
    found = PairSearch(net).pair(a, b, level, limit, binding_groups(net, a, b))
    weights = tie_weights(net)
    legs = [leg for leg in all_legs(net, a, b) if limit is None or net.length_m(leg) <= limit]
    pairs = [p for p in combinations(legs, 2) if diverse(net, a, b, *p, level)]
    assert (found is None) == (not pairs)
    if found is not None:
        assert diverse(net, a, b, *found, level)
        assert limit is None or max(map(net.length_m, found)) <= limit
        least = min(sum(total(weights, leg) for leg in p) for p in pairs)
        assert [total(weights, leg) for leg in found] == sorted(total(weights, leg) for leg in found)
        assert sum(total(weights, leg) for leg in found) == least


@settings(max_examples=many(100), deadline=None)
@given(spines(most_spans=11), LEVELS, LIMITS)
def test_the_pair_does_not_depend_on_which_end_is_named_first(net, level, limit):
    a, b = sorted(net.nodes)[:2]
    groups, search = binding_groups(net, a, b), PairSearch(net)
    there, back = search.pair(a, b, level, limit, groups), search.pair(b, a, level, limit, groups)
    if level != "span" or there is None or back is None:  # legs that cross can be told apart in two ways
        assert there == (None if back is None else tuple(leg[::-1] for leg in back))


@settings(max_examples=many(100), deadline=None)
@given(spines(most_spans=11), st.sampled_from(["node", "risk"]), LIMITS, st.booleans())
def test_the_solver_says_the_same_where_the_search_gives_up(net, level, limit, gives_up):
    a, b = sorted(net.nodes)[:2]
    finder = PairFinder(net)
    if gives_up:
        finder.search = _GivesUp(net)
    found = decided(finder, a, b, level, limit)
    assert (None if found is None else sum(map(net.length_m, found))) == oracle_total(net, a, b, level, limit)


class _GivesUp(PairSearch):
    def pair(self, *_args, **_more):
        raise TooManyStepsError


def test_a_search_without_steps_gives_up():
    with pytest.raises(TooManyStepsError):
        PairSearch(network("s A B 1", "t A B 2")).pair("A", "B", "span", None, (), budgets=(0,))


def test_the_illustrative_spine_gets_the_solver_s_pairs():
    """A sample of the pairs of key nodes to which the risk groups object; all are compared in the slow test."""
    assert _compared(every=25) > 5


@pytest.mark.slow
def test_the_illustrative_spine_gets_the_solver_s_pairs_throughout():
    assert _compared(every=1) > 100


def _compared(every: int) -> int:
    here = read_network(folder() / "network")[0].at(date(2027, 1, 4))
    finder, compared = PairFinder(here), 0
    for a, b in list(combinations(here.key_nodes, 2))[::every]:
        easy = finder.pair(a, b, "node")
        if isinstance(easy, list) or not shared(here, a, b, easy, "risk"):
            continue
        assert decided(finder, a, b, "risk", None) == exact_pair(here, a, b, "risk", None)
        compared += 1
    return compared
