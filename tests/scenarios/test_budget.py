"""Builds within a budget against the enumeration of all sets of candidates that it pays."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import combinations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.builds.budget import Budget, most_pairs
from scenarios.builds.budget_disjoint import DisjointBudget
from scenarios.builds.build import Plan, budget_document
from scenarios.builds.surviving import with_candidates
from tests.builders import DAY, network
from tests.scenarios.test_build import candidate, protected
from tests.strategies import many, spines


def heaviest_set(net, pairs, weights) -> int:
    """The greatest weight of key nodes all of whose pairs are among some pairs."""
    graph = nx.Graph()
    graph.add_nodes_from(net.key_nodes)
    graph.add_edges_from(pairs)
    return max((sum(weights.get(k, 1) for k in clique) for clique in nx.find_cliques(graph)), default=0)


@settings(max_examples=many(80), deadline=None)
@given(st.data())
@pytest.mark.parametrize("level", ["survives", "disjoint"])
def test_no_set_of_candidates_within_the_budget_does_better(level, data):
    net = data.draw(spines(6))
    names = sorted(net.nodes)
    options = []
    for i in range(data.draw(st.integers(0, 5))):
        a, b = data.draw(st.lists(st.sampled_from(names), min_size=2, max_size=2, unique=True))
        groups = data.draw(st.sampled_from(["", "g1", "g2", "new"]))
        options.append(candidate(f"x{i}", a, b, data.draw(st.integers(0, 5)), groups))
    weights = data.draw(st.dictionaries(st.sampled_from(net.key_nodes), st.integers(0, 4))) if net.key_nodes else {}
    pence = data.draw(st.integers(0, 12))
    heavy, values, costs = [], [], []
    for n in range(len(options) + 1):
        for some in combinations(options, n):
            if sum(c.cost_pence for c in some) <= pence:
                pairs = protected(with_candidates(net, some), level)
                heavy.append(heaviest_set(net, pairs, weights))
                values.append(sum(weights.get(a, 1) * weights.get(b, 1) for a, b in pairs))
                costs.append(sum(c.cost_pence for c in some))
    task = (Budget if level == "survives" else DisjointBudget)(net, options, weights=weights)
    by_class, by_pairs = task.best("class", pence), task.best("pairs", pence)
    assert (by_class.weight, by_class.weight_bound, by_class.proved) == (max(heavy), max(heavy), True)
    assert by_class.value <= max(values) <= by_class.value_bound
    assert by_pairs.value == by_pairs.value_bound == max(values)
    least = min(cost for cost, weight in zip(costs, heavy, strict=True) if weight == max(heavy))
    assert by_class.cost_pence == least
    assert by_pairs.cost_pence == min(cost for cost, value in zip(costs, values, strict=True) if value == max(values))
    for found in (by_class, by_pairs):
        lean = task.lean(found)
        pairs = protected(with_candidates(net, [options[i] for i in lean]), level)
        assert set(combinations(found.members, 2)) <= pairs
        assert len(pairs) == found.pairs
        assert found.cost_pence <= pence


def test_a_small_budget_closes_the_smaller_ring():
    """A chain A-B-C-D-E; one candidate closes A-B-C for 3 pounds, one the whole chain for 9."""
    net = network("ab A B 1", "bc B C 1", "cd C D 1", "de D E 1", key="A B C D E")
    options = [candidate("all", "A", "E", 900), candidate("some", "A", "C", 300)]
    small = budget_document(Plan(net, options, DAY), "class", 500)
    assert (small["chosen"], small["class"]["members"], small["cost_pence"]) == (["some"], ["A", "B", "C"], 300)
    assert [reason.split(":")[0] for reason in small["reasons"]] == ["some"]
    whole = budget_document(Plan(net, options, DAY), "class", 1000, points=2)
    assert (whole["chosen"], whole["class"]["size"], whole["proof"]) == (["all"], 5, "optimal")
    assert [(p["budget_pence"], p["class_size"]) for p in whole["curve"]] == [(500, 3), (1000, 5)]


def test_carbon_is_summed_and_what_has_no_figure_is_counted():
    net = network("ab A B 1", key="A B")
    option = replace(candidate("x", "A", "B", 1), carbon_kg=Decimal("14.5"), carbon_source="a study")
    document = budget_document(Plan(net, [option], DAY), "pairs", 1)
    assert document["carbon"] == {
        "kg": "14.500",
        "without": 0,
        "sources": ["a study"],
        "by_construction": [{"construction": "", "metres": 1000, "kg": "14.500"}],
    }


def test_pairs_of_classes_of_a_size():
    assert [most_pairs([1] * n, most) for n, most in ((30, 16), (30, 23), (5, 1), (0, 0))] == [211, 274, 0, 0]
