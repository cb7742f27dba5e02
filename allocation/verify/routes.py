"""Least-weight legs and pairs of legs for one request, and whether there are any: the verifier's own route code.

One leg, or two that are disjoint at level span or node, are one or two units of least-cost flow (OR-Tools'
SimpleMinCostFlow). A limit on one leg is settled by labels of (weight, metres). Two legs with a limit or risk groups go
to the topology room's exact model, and only where the flow, which leaves limit and groups aside, does not settle it.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import networkx as nx
import numpy as np
from ortools.graph.python import min_cost_flow

from topology.model import Leg, Network, Span
from topology.routing.diversity import shared
from topology.routing.exact_pairs import exact_pair
from topology.routing.pair_flow import least_pair

MISSING = "~"
"""Ids of spans that do not exist begin with this (no id in a file can): one for each leg that a lift adds."""


@dataclass(frozen=True)
class Question:
    """What the routes of one circuit may be: ends, level, limit in metres, the spans open to it and the nodes barred.

    `missing` spans of length 0 with endless room join `missing_ends` besides (a lift of rule D2).
    """

    a: str
    b: str
    level: str
    limit_m: int | None
    spans: frozenset[str]
    barred: frozenset[str]
    missing: int = 0
    missing_ends: tuple[str, str] = ("", "")


class Ways:
    """Every way to route one circuit, as a graph that is searched."""

    def __init__(self, network: Network, question: Question, *, whole_block: bool = True) -> None:
        """`whole_block`: keep only spans on simple legs; not worth its time where one flow over what is joined is all that is asked."""
        self.q = question
        self.all_spans = dict(network.spans)
        for k in range(question.missing):
            name = f"{MISSING}{k + 1}"
            self.all_spans[name] = Span(name, *question.missing_ends, "", 0, 0)
        self.network = network
        by_flow = question.level == "none" or self.by_flow
        self.spans = self._joined() if by_flow and not whole_block else self._between()
        self._memo: dict[tuple[bool, tuple[int, ...]], int | None] = {}

    def _usable(self) -> list[str]:
        """Open spans with no barred end, sorted; none where an end of the circuit itself is barred."""
        q = self.q
        if q.a in q.barred or q.b in q.barred or q.a == q.b:
            return []
        spans = [self.all_spans[s] for s in sorted(q.spans)]
        spans += [span for name, span in self.all_spans.items() if name.startswith(MISSING)] if q.missing else []
        return [s.id for s in spans if s.start not in q.barred and s.end not in q.barred and s.start != s.end]

    def _joined(self) -> list[str]:
        """The usable spans that a is joined to; none where b is not."""
        usable = self._usable()
        beside: dict[str, list[str]] = {}
        for name in usable:
            span = self.all_spans[name]
            beside.setdefault(span.start, []).append(span.end)
            beside.setdefault(span.end, []).append(span.start)
        seen, todo = {self.q.a}, [self.q.a]
        while todo:
            for other in beside.get(todo.pop(), ()):
                if other not in seen:
                    seen.add(other)
                    todo.append(other)
        return [s for s in usable if self.all_spans[s].start in seen] if self.q.b in seen else []

    def _between(self) -> list[str]:
        """The open spans that lie on some simple leg from a to b: the block that a virtual span a-b closes."""
        q, usable = self.q, self._usable()
        graph: nx.Graph[str] = nx.Graph()
        graph.add_edge(q.a, q.b)
        for name in usable:
            graph.add_edge(self.all_spans[name].start, self.all_spans[name].end)
        block: set[frozenset[str]] = set()
        for component in nx.biconnected_component_edges(graph):
            edges = {frozenset(edge) for edge in component}
            if frozenset((q.a, q.b)) in edges:
                block = edges
        return [s for s in usable if frozenset((self.all_spans[s].start, self.all_spans[s].end)) in block]

    @cached_property
    def _arcs(self) -> tuple[Any, Any, dict[str, int]]:
        """Tails and heads of both directions of each span; at levels node and risk inner nodes are split by one arc each."""
        q = self.q
        nodes = sorted({n for s in self.spans for n in (self.all_spans[s].start, self.all_spans[s].end)} | {q.a, q.b})
        entry = {n: 2 * k for k, n in enumerate(nodes)}
        split = q.level in ("node", "risk")
        leave = {n: e + 1 if split and n not in (q.a, q.b) else e for n, e in entry.items()}
        tails, heads = [], []
        for s in self.spans:
            one, two = self.all_spans[s].start, self.all_spans[s].end
            tails += [leave[one], leave[two]]
            heads += [entry[two], entry[one]]
        for n in nodes:
            if leave[n] != entry[n]:
                tails.append(entry[n])
                heads.append(leave[n])
        return np.array(tails, dtype=np.int32), np.array(heads, dtype=np.int32), entry

    def _flow(self, weights: list[int]) -> int | None:
        """Least cost of as many units of flow as a circuit has legs; None where so many do not pass."""
        if not self.spans:
            return None
        tails, heads, entry = self._arcs
        legs = 1 if self.q.level == "none" else 2
        costs = np.zeros(len(tails), dtype=np.int64)
        costs[0 : 2 * len(weights) : 2] = weights
        costs[1 : 2 * len(weights) : 2] = weights
        solver = min_cost_flow.SimpleMinCostFlow()
        solver.add_arcs_with_capacity_and_unit_cost(tails, heads, np.ones(len(tails), dtype=np.int64), costs)
        solver.set_node_supply(entry[self.q.a], legs)
        solver.set_node_supply(entry[self.q.b], -legs)
        status = solver.solve()
        if status == solver.OPTIMAL:
            return int(solver.optimal_cost())
        if status == solver.INFEASIBLE:
            return None
        raise RuntimeError(f"the flow ended with {status}")

    @property
    def by_flow(self) -> bool:
        """Whether flow alone describes the ways: one leg or two, without a limit and without risk groups."""
        return self.q.limit_m is None and self.q.level != "risk"

    def least(self, weights: Mapping[str, int], *, exact: bool = False) -> int | None:
        """Least weight of a way; None where there is none. Not `exact`: it may be too low (never too high)."""
        own = tuple(weights.get(s, 0) for s in self.spans)
        key = exact and not self.by_flow, own
        if key not in self._memo:
            self._memo[key] = self._least(list(own), key[0])
        return self._memo[key]

    def _least(self, own: list[int], exact: bool) -> int | None:
        if not any(own) or not self.any_way:
            return 0 if self.any_way else None
        if self.q.level == "none" and self.q.limit_m is not None:
            return self._limited(own, self.q.limit_m)
        if not exact:
            return self._flow(own)
        pair = self._pair(dict(zip(self.spans, own, strict=True)))
        if pair is None:
            return None
        weight = dict(zip(self.spans, own, strict=True))
        return sum(weight[s] for leg in pair for s in leg)

    @cached_property
    def any_way(self) -> bool:
        """Whether there is a way at all. Exact."""
        if self._flow([0] * len(self.spans)) is None:
            return False
        if self.by_flow:
            return True
        if self.q.level == "none":
            metres = [self.all_spans[s].length_m for s in self.spans]
            least = self._flow(metres)
            return least is not None and self.q.limit_m is not None and least <= self.q.limit_m
        return self._pair(None) is not None

    @property
    def shortest_m(self) -> int | None:
        """Least metres over all legs of a way, limit and groups aside."""
        return self._flow([self.all_spans[s].length_m for s in self.spans])

    def _pair(self, weights: dict[str, int] | None) -> tuple[Leg, Leg] | None:
        """The least pair under a limit or risk groups; without weights, any (the shortest one first, as that often will do)."""
        q, small = self.q, self._small
        if weights is None:
            short = least_pair(small, q.a, q.b, "node" if q.level == "risk" else q.level)
            if isinstance(short, list):
                return None
            within = q.limit_m is None or all(small.length_m(leg) <= q.limit_m for leg in short)
            if within and not shared(small, q.a, q.b, short, q.level):
                return short
        return exact_pair(small, q.a, q.b, q.level, q.limit_m, None, weights)

    @cached_property
    def _small(self) -> Network:
        """The network with nothing but the spans of the ways and their ends."""
        spans = {s: self.all_spans[s] for s in self.spans}
        nodes = {n for s in spans.values() for n in (s.start, s.end)} | {self.q.a, self.q.b}
        kept = {n: node for n, node in self.network.nodes.items() if n in nodes}
        return replace(self.network, nodes=kept, spans=spans)

    def _limited(self, own: list[int], limit_m: int) -> int | None:
        """Least weight of one leg within a limit in metres: labels (weight, metres), kept where none is better in both."""
        steps: dict[str, list[tuple[str, int, int]]] = {}
        for name, weight in zip(self.spans, own, strict=True):
            span = self.all_spans[name]
            steps.setdefault(span.start, []).append((span.end, weight, span.length_m))
            steps.setdefault(span.end, []).append((span.start, weight, span.length_m))
        shortest: dict[str, int] = {}  # metres of the shortest label settled at a node; weights only grow
        queue = [(0, 0, self.q.a)]
        while queue:
            weight, metres, at = heapq.heappop(queue)
            if at == self.q.b:
                return weight
            if at in shortest and shortest[at] <= metres:
                continue
            shortest[at] = metres
            for other, more, length in steps.get(at, ()):
                if metres + length <= limit_m and (other not in shortest or metres + length < shortest[other]):
                    heapq.heappush(queue, (weight + more, metres + length, other))
        return None
