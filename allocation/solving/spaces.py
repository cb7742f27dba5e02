"""The routes that a request may use, as a space that is searched and never listed.

A space knows its ends, its level, its limit in metres and the spans that are open to it. It answers one question exactly: the
least-weight leg (or pair of legs) for any weights on the spans. Spans that lie on no simple leg between the ends are left
out beforehand: those outside the block that a virtual span a-b closes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from allocation.solving.pair_model import PairModel
from topology.routing.constrained import PairRules, constrained_pair, groups_of_leg, nodes_between, without_leg
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
    spans_of_near_pairs,
)

SEARCH_STEPS = 100
"""Lighter legs that are tried for a constrained pair before the model is asked."""

LIST_STEPS = 100_000
"""Lighter legs that are looked at when pairs are listed."""

MEMORY = 64
"""Answers that a space keeps."""

Legs = tuple[SpanList, ...]
"""One leg, or two in the order of (metres, span numbers)."""

Chain = tuple[int, int, SpanList]
"""(node, other node, spans in order from the one to the other) through nodes that nothing else meets at."""


@dataclass(frozen=True, eq=False)
class Space:
    """All ways to route one circuit between two nodes. An instance keeps one object per distinct space, so that answers can be shared."""

    graph: SpanGraph
    a: int
    b: int
    level: str
    limit_m: int | None
    spans: frozenset[int]
    banned_nodes: frozenset[int]
    exempt: frozenset[int]
    searched_once: bool = False  # then it does not pay to leave out the spans that no leg can use

    @cached_property
    def adjacency(self) -> Adjacency:
        """Neighbour lists over the spans that lie on some simple leg from a to b."""
        if self.a in self.banned_nodes or self.b in self.banned_nodes:
            return [[] for _ in self.graph.node_ids]
        whole = self.graph.adjacency(self.spans, self.banned_nodes)
        if self.searched_once:
            return whole
        return self.graph.adjacency(spans_between(whole, self.a, self.b), self.banned_nodes)

    @cached_property
    def chains(self) -> tuple[Chain, ...]:
        """Spans in series as one: what lies between two nodes that are an end of the space or a branching."""
        joints = {self.a, self.b} | {n for n, steps in enumerate(self.adjacency) if len(steps) not in (0, 2)}
        found: list[Chain] = []
        for u in sorted(joints):
            for first, after in self.adjacency[u]:
                spans, at = [first], after
                while at not in joints:
                    span, at = next(step for step in self.adjacency[at] if step[0] != spans[-1])
                    spans.append(span)
                if u != at and (u, spans[0]) < (at, spans[-1]):  # each once; a loop is on no simple leg
                    found.append((u, at, tuple(spans)))
        return tuple(found)

    @property
    def rules(self) -> PairRules:
        """What the two legs may not share."""
        risk = self.level == "risk"
        return PairRules(risk or self.level == "node", risk, self.exempt, self.limit_m)

    @property
    def is_flow(self) -> bool:
        """Whether integer flows describe the space exactly: no limit on metres and no risk groups."""
        return self.limit_m is None and self.level != "risk"

    def cheapest(self, weight: Sequence[int]) -> tuple[int, Legs] | None:
        """Least weight over the space and legs that reach it; None where the space is empty. Exact."""
        if self.is_flow:
            return self._cheapest(weight)
        key = tuple(weight[s] for s in self._ordered)  # a search is dear; the same weights come again
        if key not in self._answers:
            if len(self._answers) >= MEMORY:
                self._answers.clear()
            self._answers[key] = self._cheapest(weight)
        return self._answers[key]

    @cached_property
    def _answers(self) -> dict[tuple[int, ...], tuple[int, Legs] | None]:
        return {}

    @cached_property
    def _ordered(self) -> tuple[int, ...]:
        return tuple(sorted(s for steps in self.adjacency for s, _ in steps))

    def _cheapest(self, weight: Sequence[int]) -> tuple[int, Legs] | None:
        g = self.graph
        if self.level == "none":
            if self.limit_m is None:
                one = shortest_leg(self.adjacency, weight, self.a, self.b)
            else:
                one = limited_leg(self.adjacency, weight, g.length_m, self.limit_m, self.a, self.b)
            return None if one is None else (one[0], (one[1],))
        if self.is_flow:
            two = disjoint_pair(self.adjacency, weight, self.a, self.b, node_disjoint=self.level == "node")
        else:
            try:
                two = constrained_pair(g, self.adjacency, weight, self.a, self.b, self.rules, max_steps=SEARCH_STEPS)
            except SearchLimitError:
                two = self.pair_model.cheapest(weight)
        return None if two is None else (two[0], self.in_order(two[1:]))

    @cached_property
    def pair_model(self) -> PairModel:
        """The space as a model, for the questions that search leaves open."""
        return PairModel(self)

    def in_order(self, legs: Sequence[SpanList]) -> Legs:
        """Legs by (metres, span numbers): the form in which a circuit is written."""
        return tuple(sorted(legs, key=lambda leg: (sum(self.graph.length_m[s] for s in leg), leg)))

    def within(self, weight: Sequence[int], at_most: int) -> Iterator[Legs]:
        """Every leg or pair of legs of weight at most `at_most`, each once, in no stated order.

        Raises SearchLimitError where a pair's lighter leg has more than `LIST_STEPS` candidates.
        """
        lengths = self.graph.length_m
        if self.level == "none":
            for _, leg in legs_in_order(
                self.adjacency, weight, self.a, self.b, length_m=lengths, limit_m=self.limit_m, at_most=at_most
            ):
                yield (leg,)
            return
        near = self.near(weight, at_most)
        adjacency = [[step for step in steps if step[0] in near] for steps in self.adjacency]
        for step, (w, leg) in enumerate(
            legs_in_order(
                adjacency, weight, self.a, self.b, length_m=lengths, limit_m=self.limit_m, at_most=at_most // 2
            )
        ):
            if step > LIST_STEPS:
                raise SearchLimitError
            left = without_leg(self.graph, adjacency, leg, self.a, self.b, self.rules)
            for w2, partner in legs_in_order(
                left, weight, self.a, self.b, length_m=lengths, limit_m=self.limit_m, at_most=at_most - w
            ):
                if (w, leg) < (w2, partner):  # each pair once: from its lighter leg
                    yield self.in_order((leg, partner))

    def near(self, weight: Sequence[int], at_most: int) -> frozenset[int]:
        """A set that holds every span of every way of weight at most `at_most` (limits and risk groups aside)."""
        if self.level == "none":
            from_a, from_b = (distances(self.adjacency, weight, end) for end in (self.a, self.b))
            return frozenset(
                span
                for u, steps in enumerate(self.adjacency)
                for span, v in steps
                if u in from_a and v in from_b and from_a[u] + weight[span] + from_b[v] <= at_most
            )
        node_disjoint = self.rules.node_disjoint
        least = disjoint_pair(self.adjacency, weight, self.a, self.b, node_disjoint=node_disjoint)
        if least is None or least[0] > at_most:
            return frozenset()
        slack = at_most - least[0]
        return spans_of_near_pairs(self.adjacency, weight, self.a, self.b, slack, node_disjoint=node_disjoint)

    def admits(self, legs: Legs) -> bool:
        """Whether the two legs of a pair respect the level (each leg itself is known to be good)."""
        if len(legs) == 1:
            return True
        one, two = legs
        if set(one) & set(two):
            return False
        if self.rules.node_disjoint and nodes_between(self.graph, one, self.a, self.b) & nodes_between(
            self.graph, two, self.a, self.b
        ):
            return False
        if self.level != "risk":
            return True
        g1, g2 = (groups_of_leg(self.graph, leg, self.a, self.b, self.exempt) for leg in legs)
        return g1.isdisjoint(g2)


def spans_between(adjacency: Adjacency, a: int, b: int) -> frozenset[int]:
    """Spans on at least one simple leg from a to b: the block of the virtual span a-b (Hopcroft and Tarjan 1973)."""
    if a == b:
        return frozenset()
    virtual = -1
    order: dict[int, int] = {a: 0}
    low: dict[int, int] = {a: 0}
    stack: list[int] = []

    def steps(u: int) -> Iterator[tuple[int, int]]:
        if u == a:
            yield virtual, b
        elif u == b:
            yield virtual, a
        yield from adjacency[u]

    work = [(a, virtual - 1, steps(a))]
    first_child: int | None = None
    while work:
        u, came_by, left = work[-1]
        for span, v in left:
            if span == came_by:
                continue
            if v not in order:
                if u == a:
                    if first_child is not None:
                        return frozenset()  # a second child of the root is another block; the virtual span came first
                    first_child = v
                order[v] = low[v] = len(order)
                stack.append(span)
                work.append((v, span, steps(v)))
                break
            if order[v] < order[u]:
                stack.append(span)
                low[u] = min(low[u], order[v])
        else:
            work.pop()
            if not work:
                break
            parent = work[-1][0]
            low[parent] = min(low[parent], low[u])
            if low[u] >= order[parent]:  # a block is complete: it ends with the span that led here
                block = []
                while True:
                    block.append(stack.pop())
                    if block[-1] == came_by:
                        break
                if virtual in block:
                    return frozenset(s for s in block if s != virtual)
    return frozenset()
