"""Least-weight legs and disjoint pairs on integer arrays, against trying every leg of small multigraphs."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from allocation.solving.spaces import Space, spans_between
from tests.builders import network, node
from topology.model import Network, Span
from topology.routing.constrained import PairRules, constrained_pair, groups_of_leg, nodes_between
from topology.routing.graph import (
    Adjacency,
    SearchLimitError,
    SpanGraph,
    SpanList,
    disjoint_pair,
    distances,
    legs_in_order,
    limited_leg,
    shortest_leg,
)

BLOCKS = 10
EACH = 40

blocks = pytest.mark.parametrize("block", range(BLOCKS))


class Case:
    """A random multigraph of 2 to 7 nodes, two ends, weights with zeros, and all its simple legs."""

    def __init__(self, seed: int) -> None:
        draw = random.Random(seed)
        size = draw.randint(2, 7)
        nodes = [
            node(f"n{i}", risk_groups=(f"g{draw.randrange(4)}",) if draw.random() < 0.2 else ()) for i in range(size)
        ]
        spans = []
        for k in range(draw.randint(1, 12)):
            a, b = draw.sample(range(size), 2)
            held = (f"g{draw.randrange(4)}",) if draw.random() < 0.5 else ()
            spans.append(Span(f"s{k:02d}", f"n{a}", f"n{b}", "o", 10, draw.randint(1, 9), risk_groups=held))
        self.graph = SpanGraph.of(Network.build(nodes, spans))
        self.adjacency: Adjacency = self.graph.adjacency()
        self.weight = [draw.choice([0, 0, 1, 2, 5, 7]) for _ in spans]
        self.a, self.b = draw.sample(range(size), 2)
        self.limit_m = draw.randint(3, 25)
        self.legs = list(self._walk(self.a, frozenset((self.a,)), ()))

    def _walk(self, at: int, seen: frozenset[int], leg: SpanList):
        if at == self.b:
            yield leg
            return
        for span, other in self.adjacency[at]:
            if other not in seen:
                yield from self._walk(other, seen | {other}, (*leg, span))

    def weigh(self, *legs: SpanList) -> int:
        return sum(self.weight[s] for leg in legs for s in leg)

    def metres(self, leg: SpanList) -> int:
        return sum(self.graph.length_m[s] for s in leg)

    def good(self, one: SpanList, two: SpanList, rules: PairRules) -> bool:
        """Whether two legs respect the rules, from first principles."""
        g, a, b = self.graph, self.a, self.b
        if set(one) & set(two) or (rules.limit_m is not None and max(map(self.metres, (one, two))) > rules.limit_m):
            return False
        if (rules.node_disjoint or rules.risk) and nodes_between(g, one, a, b) & nodes_between(g, two, a, b):
            return False
        shared = groups_of_leg(g, one, a, b, rules.exempt) & groups_of_leg(g, two, a, b, rules.exempt)
        return not (rules.risk and shared)

    def least_pair(self, rules: PairRules) -> int | None:
        good = (p for p in combinations(self.legs, 2) if self.good(*p, rules))
        return min((self.weigh(*p) for p in good), default=None)


def cases(block: int, each: int = EACH) -> list[Case]:
    return [Case(seed) for seed in range(block * each, (block + 1) * each)]


@blocks
def test_one_leg_is_of_least_weight(block):
    for c in cases(block):
        found = shortest_leg(c.adjacency, c.weight, c.a, c.b)
        assert (found and found[0]) == min((c.weigh(leg) for leg in c.legs), default=None)
        if found:
            assert found[1] in c.legs
            assert distances(c.adjacency, c.weight, c.a)[c.b] == found[0] == c.weigh(found[1])


@blocks
def test_one_leg_within_a_limit_is_of_least_weight(block):
    for c in cases(block):
        found = limited_leg(c.adjacency, c.weight, c.graph.length_m, c.limit_m, c.a, c.b)
        near = [leg for leg in c.legs if c.metres(leg) <= c.limit_m]
        assert (found and found[0]) == min((c.weigh(leg) for leg in near), default=None)
        if found:
            assert found[1] in near
            assert c.weigh(found[1]) == found[0]


@blocks
@pytest.mark.parametrize("node_disjoint", [False, True])
def test_a_disjoint_pair_is_of_least_weight(block, node_disjoint):
    rules = PairRules(node_disjoint=node_disjoint)
    for c in cases(block):
        found = disjoint_pair(c.adjacency, c.weight, c.a, c.b, node_disjoint=node_disjoint)
        assert (found and found[0]) == c.least_pair(rules)
        if found:
            assert {found[1], found[2]} <= set(c.legs)
            assert c.good(found[1], found[2], rules)
            assert c.weigh(found[1], found[2]) == found[0]


@blocks
@pytest.mark.parametrize("kind", ["limit", "node limit", "risk", "risk limit exempt"])
def test_a_pair_under_rules_is_of_least_weight(block, kind):
    for c in cases(block, 4 * EACH):  # most are settled by the relaxation; enough must not be
        rules = PairRules(
            node_disjoint="node" in kind or "risk" in kind,
            risk="risk" in kind,
            exempt=frozenset({0} if "exempt" in kind else ()),
            limit_m=c.limit_m if "limit" in kind else None,
        )
        found = constrained_pair(c.graph, c.adjacency, c.weight, c.a, c.b, rules)
        assert (found and found[0]) == c.least_pair(rules)
        if found:
            assert {found[1], found[2]} <= set(c.legs)
            assert c.good(found[1], found[2], rules)
            assert c.weigh(found[1], found[2]) == found[0]


@blocks
def test_legs_come_in_order_of_weight_each_once(block):
    for c in cases(block):
        found = list(legs_in_order(c.adjacency, c.weight, c.a, c.b))
        assert sorted(leg for _, leg in found) == sorted(c.legs)
        assert [w for w, _ in found] == sorted(c.weigh(leg) for leg in c.legs)
        some = legs_in_order(c.adjacency, c.weight, c.a, c.b, length_m=c.graph.length_m, limit_m=c.limit_m, at_most=6)
        want = [leg for leg in c.legs if c.metres(leg) <= c.limit_m and c.weigh(leg) <= 6]
        assert sorted(leg for _, leg in some) == sorted(want)


@blocks
def test_the_spans_between_two_nodes_are_those_of_some_leg(block):
    for c in cases(block):
        assert spans_between(c.adjacency, c.a, c.b) == {s for leg in c.legs for s in leg}


@blocks
@pytest.mark.parametrize("level", ["none", "span", "node", "risk"])
def test_a_space_lists_all_that_is_light_enough_each_once(block, level):
    """What allocation enumerates near an optimum: every leg or pair up to a weight, and its least."""
    for c in cases(block)[:20]:
        every = frozenset(range(len(c.weight)))
        space = Space(c.graph, c.a, c.b, level, None, every, frozenset(), frozenset())
        if level == "none":
            want = {(leg,) for leg in c.legs}
        else:
            rules = PairRules(node_disjoint=level != "span", risk=level == "risk")
            want = {space.in_order(p) for p in combinations(c.legs, 2) if c.good(*p, rules)}
        light = {legs for legs in want if c.weigh(*legs) <= 9}
        found = list(space.within(c.weight, 9))
        assert len(found) == len(set(found))
        assert set(found) == light
        least = space.cheapest(c.weight)
        assert (least and least[0]) == min((c.weigh(*legs) for legs in want), default=None)


def test_the_trap_where_deleting_the_shortest_leg_leaves_none():
    """A X Y B is shortest and blocks both others; the pair goes around it."""
    graph = SpanGraph.of(network("ax A X 1", "xy X Y 1", "yb Y B 1", "ay A Y 2", "xb X B 2"))
    a, b = graph.node_ids.index("A"), graph.node_ids.index("B")
    found = disjoint_pair(graph.adjacency(), graph.length_m, a, b, node_disjoint=True)
    assert found is not None
    names = sorted(tuple(graph.span_ids[s] for s in leg) for leg in found[1:])
    assert (found[0], names) == (6000, [("ax", "xb"), ("ay", "yb")])


def test_a_search_that_passes_its_bound_says_so():
    """The nearest pair shares a group, so lighter legs are tried; with no step allowed the answer is not known."""
    graph = SpanGraph.of(network("s A B 1 groups=d", "t A B 2 groups=d", "u A B 3"))
    rules = PairRules(node_disjoint=True, risk=True)
    found = constrained_pair(graph, graph.adjacency(), graph.length_m, 0, 1, rules)
    assert found is not None
    assert found[0] == 4000
    with pytest.raises(SearchLimitError):
        constrained_pair(graph, graph.adjacency(), graph.length_m, 0, 1, rules, max_steps=0)
