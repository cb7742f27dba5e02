"""Pairs of legs where flow does not decide, by search: disjoint at level risk, or with a longest leg. Exact, or no answer.

The answers of `topology.routing.exact_pairs`, sooner where the network is a city's. The lighter leg is built span by span, best first
(A*: Hart, Nilsson, Raphael, IEEE Trans. Systems Science and Cybernetics 4, 1968). A beginning is worth at the least its own
weight and the least way on from its end, and beside it the least other leg that keeps off all that it touched: spans, nodes
between the ends, risk groups. Both only grow as the beginning does, so the first pair to come out whole is the least. Weights
are those of `topology.routing.pair_flow.tie_weights`: metres first, and the best set of spans is unique.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from heapq import heappop, heappush

from topology.model import Leg, Network
from topology.routing.pair_flow import metre, tie_weights

BUDGETS = (100, 400, 1_600)
"""Beginnings of a leg that are gone on from, first from one end, then from the other, before the search gives up.

Which end the search begins at decides whether it takes ten steps or thousands: where one end lies among many risk groups,
beginnings there are told apart at once.
"""


class TooManyStepsError(Exception):
    """The search gave up; the answer is not known."""


class PairSearch:
    """Pairs of legs of one network, all of which counts as in service. Each span, node and risk group has its bit."""

    def __init__(self, network: Network) -> None:
        self.spans, self.number = tuple(network.spans), {n: i for i, n in enumerate(network.nodes)}
        self.weights, self.metre = tie_weights(network), metre(network)
        self.first_node = len(self.spans)
        self.group_bit = {g: 1 << self.first_node + len(self.number) + i for i, g in enumerate(network.risk_groups)}
        self.on_node = [
            1 << self.first_node + i | self.bits(node.risk_groups) for i, node in enumerate(network.nodes.values())
        ]
        self.ways = [
            (
                i,
                self.number[span.start],
                self.number[span.end],
                self.weights[span.id],
                1 << i | self.bits(span.risk_groups),
            )
            for i, span in enumerate(network.spans.values())
        ]

    def bits(self, groups: Collection[str]) -> int:
        """One number for a set of risk groups."""
        return sum(self.group_bit[g] for g in set(groups))

    def pair(
        self,
        a: str,
        b: str,
        level: str,
        max_m: int | None,
        groups: Collection[str],
        budgets: Sequence[int] = BUDGETS,
    ) -> tuple[Leg, Leg] | None:
        """The pair of least metres, ties as `tie_weights`; None where there is none. The lighter leg comes first.

        `groups` are the risk groups that count at level risk; `max_m` limits the metres of each leg. Raises
        TooManyStepsError where the budgets do not settle it.
        """
        counting = self._counting(level, groups)
        start, goal = self.number[a], self.number[b]
        searches = (_Search(self, start, goal, counting, max_m), _Search(self, goal, start, counting, max_m))
        for budget in budgets:
            for turn, search in zip((1, -1), searches, strict=True):
                try:
                    found = search.run(budget)
                except TooManyStepsError:
                    continue
                if found is None:
                    return None
                one, other = (tuple(self.spans[i] for i in leg[::turn]) for leg in found)
                return one, other
        raise TooManyStepsError

    def _counting(self, level: str, groups: Collection[str]) -> int:
        """The bits of all that two legs may not both touch; what they touch of the ends is never looked at."""
        every = (1 << self.first_node) - 1
        if level in ("node", "risk"):
            every |= (1 << len(self.number)) - 1 << self.first_node
        return every | self.bits(groups) if level == "risk" else every


Step = tuple[int, int, int, int]
"""(span, other node, weight, bits that the other leg may not touch)."""
Numbers = tuple[int, ...]
Partner = tuple[int, int, Numbers]
"""The least other leg: weight, bits touched, spans."""


class _Search:
    """One pair of ends.

    A limit in metres is one in weight, as metres weigh more than all ties together; so the least other leg is within the
    limit wherever any is.
    """

    def __init__(self, spine: PairSearch, a: int, b: int, counting: int, max_m: int | None) -> None:
        self.a, self.b = a, b
        self.most = None if max_m is None else (max_m + 1) * spine.metre - 1
        self.out: list[list[Step]] = [[] for _ in spine.number]
        for span, start, end, weight, bits in spine.ways:
            for u, v in ((start, end), (end, start)):
                if u != b and v != a:
                    touched = bits if v == b else bits | spine.on_node[v]
                    self.out[u].append((span, v, weight, touched & counting))
        self.ahead = self._distances(spine)

    def _distances(self, spine: PairSearch) -> dict[int, int]:
        """Node -> least weight on to b (Dijkstra, 1959)."""
        back: list[list[tuple[int, int]]] = [[] for _ in self.out]
        for u, steps in enumerate(self.out):
            for _, v, weight, _ in steps:
                back[v].append((u, weight))
        done: dict[int, int] = {}
        heap = [(0, self.b)]
        while heap:
            d, u = heappop(heap)
            if u not in done:
                done[u] = d
                for v, weight in back[u]:
                    if v not in done:
                        heappush(heap, (d + weight, v))
        return done

    def run(self, steps: int) -> tuple[Numbers, Numbers] | None:
        """The least pair. Raises TooManyStepsError."""
        a, b, ahead, most = self.a, self.b, self.ahead, self.most
        first = self._partner(0) if a in ahead else None
        if first is None or not self._allowed(first[0]):
            return None
        # (least total, least weight of the lighter leg, its spans so far, end, weight so far, nodes, touched, other leg)
        heap: list[tuple[int, int, Numbers, int, int, int, int, Partner]] = [
            (2 * ahead[a], ahead[a], (), a, 0, 1 << a, 0, first)
        ]
        while heap:
            _, _, leg, u, gone, seen, touched, other = heappop(heap)
            if u == b:
                return leg, other[2]
            steps -= 1
            if steps < 0:
                raise TooManyStepsError
            for span, v, weight, bits in self.out[u]:
                if seen >> v & 1 or v not in ahead:
                    continue
                so_far, used = gone + weight, touched | bits
                whole = so_far + ahead[v]
                if most is not None and whole > most:
                    continue
                beside: Partner | None = other
                if other[1] & used:
                    beside = self._partner(used)
                    if beside is None or not self._allowed(beside[0]):
                        continue
                assert beside is not None
                if v == b and beside[0] < whole:
                    continue  # the same two come out with the other as the lighter leg
                entry = (whole + max(whole, beside[0]), whole, (*leg, span), v, so_far, seen | 1 << v, used, beside)
                heappush(heap, entry)
        return None

    def _allowed(self, weight: int) -> bool:
        return self.most is None or weight <= self.most

    def _partner(self, used: int) -> Partner | None:
        """The least leg that touches nothing of `used`, led by the distances without it; None where there is none."""
        a, b, ahead, out = self.a, self.b, self.ahead, self.out
        best: dict[int, int] = {a: 0}
        came: dict[int, tuple[int, int, int]] = {}
        done = set()
        heap = [(ahead[a], a)]
        while heap:
            _, u = heappop(heap)
            if u == b:
                return self._walked(best[b], came)
            if u in done:
                continue
            done.add(u)
            d = best[u]
            for span, v, weight, bits in out[u]:
                if bits & used or v in done or v not in ahead:
                    continue
                e = d + weight
                if v not in best or e < best[v]:
                    best[v] = e
                    came[v] = (span, u, bits)
                    heappush(heap, (e + ahead[v], v))
        return None

    def _walked(self, weight: int, came: dict[int, tuple[int, int, int]]) -> Partner:
        spans, touched, at = [], 0, self.b
        while at != self.a:
            span, at, bits = came[at]
            spans.append(span)
            touched |= bits
        return weight, touched, tuple(reversed(spans))
