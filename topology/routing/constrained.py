"""Two legs of least weight under limits on metres and on shared risk: the pair that plain flow cannot find, by search. Exact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from topology.routing.graph import (
    Adjacency,
    SearchLimitError,
    SpanGraph,
    SpanList,
    bits_of,
    disjoint_pair,
    legs_in_order,
    limited_leg,
    shortest_leg,
)


@dataclass(frozen=True)
class PairRules:
    """What two legs may not share beyond spans, and how long each may be.

    `node_disjoint`: no node but the ends. `risk`: no group, `exempt` group numbers aside. `limit_m`: metres of each leg.
    """

    node_disjoint: bool = False
    risk: bool = False
    exempt: frozenset[int] = frozenset()
    limit_m: int | None = None


def groups_of_leg(graph: SpanGraph, leg: Iterable[int], a: int, b: int, exempt: frozenset[int]) -> frozenset[int]:
    """Risk groups of a leg's spans and of the nodes between its ends, exempt groups aside."""
    found: set[int] = set()
    for span in leg:
        found |= graph.groups_of_span[span]
        for node in graph.ends[span]:
            if node not in (a, b):
                found |= graph.groups_of_node[node]
    return frozenset(found - exempt)


def nodes_between(graph: SpanGraph, leg: Iterable[int], a: int, b: int) -> frozenset[int]:
    """The nodes that a leg passes, its ends aside."""
    return frozenset(n for span in leg for n in graph.ends[span]) - {a, b}


def _fits(graph: SpanGraph, legs: Sequence[SpanList], a: int, b: int, rules: PairRules) -> bool:
    if rules.limit_m is not None and any(sum(graph.length_m[s] for s in leg) > rules.limit_m for leg in legs):
        return False
    if not rules.risk:
        return True
    one, two = (groups_of_leg(graph, leg, a, b, rules.exempt) for leg in legs)
    return one.isdisjoint(two)


def without_leg(graph: SpanGraph, adjacency: Adjacency, leg: SpanList, a: int, b: int, rules: PairRules) -> Adjacency:
    """What is left for the second leg: no span of the first, and by rule none of its nodes and groups."""
    banned = nodes_between(graph, leg, a, b) if rules.node_disjoint or rules.risk else frozenset()
    groups = bits_of(groups_of_leg(graph, leg, a, b, rules.exempt)) if rules.risk else 0
    of_span, of_node = graph.group_bits
    closed = [n in banned or (n not in (a, b) and groups & of_node[n] != 0) for n in range(len(adjacency))]
    return [
        []
        if closed[u]
        else [(span, v) for span, v in steps if not closed[v] and span not in leg and not groups & of_span[span]]
        for u, steps in enumerate(adjacency)
    ]


def constrained_pair(
    graph: SpanGraph,
    adjacency: Adjacency,
    weight: Sequence[int],
    a: int,
    b: int,
    rules: PairRules,
    *,
    max_steps: int = 20_000,
) -> tuple[int, SpanList, SpanList] | None:
    """Two legs of least total weight under `rules`, or None where none exist. Exact.

    The pair without limit and groups is a relaxation: where it fits it is the answer, where it does not exist nothing does.
    Else the lighter leg is tried in order of weight and the best partner found for each; no leg heavier than half of the best
    pair can be the lighter one. Raises SearchLimitError after `max_steps` lighter legs.
    """
    node_disjoint = rules.node_disjoint or rules.risk
    relaxed = disjoint_pair(adjacency, weight, a, b, node_disjoint=node_disjoint)
    if relaxed is None or _fits(graph, relaxed[1:], a, b, rules):
        return relaxed
    best: tuple[int, SpanList, SpanList] | None = None
    lighter = legs_in_order(adjacency, weight, a, b, length_m=graph.length_m, limit_m=rules.limit_m)
    for step, (w, leg) in enumerate(lighter):
        if best is not None and (2 * w >= best[0] or best[0] == relaxed[0]):
            break
        if step >= max_steps:
            raise SearchLimitError
        left = without_leg(graph, adjacency, leg, a, b, rules)
        if rules.limit_m is None:
            partner = shortest_leg(left, weight, a, b)
        else:
            partner = limited_leg(left, weight, graph.length_m, rules.limit_m, a, b)
        if partner is not None and (best is None or w + partner[0] < best[0]):
            legs = sorted((leg, partner[1]), key=lambda p: (sum(weight[s] for s in p), p))
            best = (w + partner[0], legs[0], legs[1])
    return best
