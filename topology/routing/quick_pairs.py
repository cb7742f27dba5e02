"""Least routes and disjoint pairs for many pairs of nodes of one network: the answers of `topology.routing.pair_flow`, sooner.

What depends on the network alone is prepared once, and the tree of least routes from a node is kept for all pairs that
begin there. A pair is then one more search: Suurballe and Tarjan (Networks 14, 1984), the second search in the residual
graph of the first leg under the reduced weights w + d(u) - d(v), which are never negative. Where it does not reach the end,
what it could reach gives the cut. Weights are those of `tie_weights`, under which the best set of spans is unique, so that
both modules must agree to the span; a test holds them to it.
"""

from __future__ import annotations

from functools import cached_property
from heapq import heappop, heappush

from topology.model import Leg, Network
from topology.routing.diversity import Item
from topology.routing.pair_flow import split_legs, tie_weights
from topology.routing.pair_search import PairSearch

Step = tuple[int, int, int]
"""(span number, other node, weight)"""

Tree = tuple[list[int | None], list[tuple[int, int]]]
"""Least weight to each node (None: not joined), and the (span, node) that it is reached by."""


class PairFinder:
    """Answers for pairs of nodes of one network. Nodes and spans are numbered in the order of their ids."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.node_ids, self.span_ids = tuple(network.nodes), tuple(network.spans)
        self.number = {n: i for i, n in enumerate(self.node_ids)}
        self.weights = tie_weights(network)
        self.out: list[list[Step]] = [[] for _ in self.node_ids]
        for i, span in enumerate(network.spans.values()):
            u, v, w = self.number[span.start], self.number[span.end], self.weights[span.id]
            self.out[u].append((i, v, w))
            self.out[v].append((i, u, w))
        self.blind = self._blind()
        self.trees: dict[int, Tree] = {}

    @cached_property
    def search(self) -> PairSearch:
        """For pairs that flow does not decide."""
        return PairSearch(self.network)

    def _blind(self) -> list[bool]:
        """Which nodes lie in blind alleys: they fall away when nodes of one span are taken off until none is left."""
        left = [len(steps) for steps in self.out]
        blind = [False] * len(left)
        todo = [n for n, spans in enumerate(left) if spans <= 1]
        while todo:
            node = todo.pop()
            if blind[node]:
                continue
            blind[node] = True
            for _, other, _ in self.out[node]:
                left[other] -= 1
                if left[other] == 1:
                    todo.append(other)
        return blind

    def route(self, a: str, b: str) -> Leg | None:
        """The least leg from `a` to `b`, or None."""
        start, goal = self.number[a], self.number[b]
        dist, via = self._tree(start)
        if dist[goal] is None:
            return None
        return tuple(self.span_ids[span] for span, _, _ in self._path(via, start, goal))

    def pair(self, a: str, b: str, level: str) -> tuple[Leg, Leg] | list[Item]:
        """As `pair_flow.least_pair`: the least pair of legs at level span or node, else the one item that cuts."""
        start, goal = self.number[a], self.number[b]
        dist, via = self._tree(start)
        if dist[goal] is None:
            return []
        first = self._path(via, start, goal)
        inside = frozenset(to for _, _, to in first[:-1]) if level == "node" else frozenset()
        done, came = self._second(start, goal, first, inside)
        if goal not in done:
            return self._cut(start, goal, first, inside, done)
        used = {span: (frm, to) for span, frm, to in first}
        state = goal
        while state != start:
            span, before = came[state]
            if span in used:
                del used[span]
            else:
                used[span] = (before % len(self.out), state % len(self.out))
            state = before
        leaving: dict[str, list[tuple[str, str]]] = {}
        for span in sorted(used):
            frm, to = used[span]
            leaving.setdefault(self.node_ids[frm], []).append((self.span_ids[span], self.node_ids[to]))
        one, other = split_legs(leaving, a, b, 2, self.weights)
        return one, other

    def _tree(self, start: int) -> Tree:
        if start not in self.trees:
            self.trees[start] = self._least_routes(start)
        return self.trees[start]

    def _least_routes(self, start: int) -> Tree:
        """Dijkstra (1959)."""
        dist: list[int | None] = [None] * len(self.out)
        via = [(-1, -1)] * len(self.out)
        best: list[int | None] = [None] * len(self.out)
        best[start] = 0
        heap = [(0, start)]
        while heap:
            d, u = heappop(heap)
            if dist[u] is not None:
                continue
            dist[u] = d
            for span, v, w in self.out[u]:
                e, known = d + w, best[v]
                if dist[v] is None and (known is None or e < known):
                    best[v] = e
                    via[v] = (span, u)
                    heappush(heap, (e, v))
        return dist, via

    def _path(self, via: list[tuple[int, int]], start: int, goal: int) -> list[tuple[int, int, int]]:
        """(span, from, to) along the least leg."""
        steps = []
        at = goal
        while at != start:
            span, before = via[at]
            steps.append((span, before, at))
            at = before
        steps.reverse()
        return steps

    def _second(
        self, start: int, goal: int, first: list[tuple[int, int, int]], inside: frozenset[int]
    ) -> tuple[set[int], dict[int, tuple[int, int]]]:
        """What the residual graph lets reach, and by which step. State v + n is node v of the first leg, just entered.

        Such a node may only be left backward along the leg; then its exit, state v, is free.
        """
        n, dist, out = len(self.out), self._tree(start)[0], self.out
        back = {to: (span, frm) for span, frm, to in first if to != goal}
        on_first = {span for span, _, _ in first}
        blind = self.blind  # no second leg leads through a blind alley, nor to an end that lies in one
        done: set[int] = set()
        came: dict[int, tuple[int, int]] = {}
        best: dict[int, int] = {start: 0}
        heap = [(0, start)]
        while heap:
            d, state = heappop(heap)
            if state in done:
                continue
            done.add(state)
            if state == goal:
                break
            u = state if state < n else state - n
            if state < n:
                here = dist[u]
                assert here is not None
                base = d + here
                for span, v, w in out[u]:
                    if span in on_first or blind[v]:
                        continue
                    after = v + n if v in inside else v
                    if after in done:
                        continue
                    there = dist[v]
                    assert there is not None
                    e = base + w - there
                    if after not in best or e < best[after]:
                        best[after] = e
                        came[after] = (span, state)
                        heappush(heap, (e, after))
            if u in back:
                span, before = back[u]
                if before not in done and (before not in best or d < best[before]):
                    best[before] = d
                    came[before] = (span, state)
                    heappush(heap, (d, before))
        return done, came

    def _cut(
        self, start: int, goal: int, first: list[tuple[int, int, int]], inside: frozenset[int], done: set[int]
    ) -> list[Item]:
        """The item nearest to the start over which only one leg can pass: where the first leg leaves what was reached."""
        n = len(self.out)
        found: list[Item] = []
        for span, frm, to in first:
            entered = to in done or to + n in done
            if frm in done and not entered:
                found.append(("span", self.span_ids[span]))
            if to in inside and entered and to not in done:
                found.append(("node", self.node_ids[to]))
        return sorted(found)
