"""Exact least-weight legs and disjoint pairs on integer arrays: the inner loop of allocation.

Nodes and spans are numbered in the order of their sorted ids. Weights are non-negative integers, one per span, so sums are
exact and every answer is the same on every machine. Parallel spans are normal. Methods:

* one leg: Dijkstra (1959); with a limit on metres, label setting over (weight, metres) with dominance (Desrochers and
  Soumis 1988);
* two legs that share no span, or no span and no node between their ends: Suurballe and Tarjan (1984), that is two
  Dijkstra searches, the second in the residual graph under reduced weights;
* two legs with a limit on each, or that share no risk group: NP-hard in general. Exact by best-first search over the lighter
  leg, after the relaxation (the pair without limit and groups) failed to be the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush

from topology.model import Network

Adjacency = list[list[tuple[int, int]]]
"""Node -> its (span, other node), by span number."""

SpanList = tuple[int, ...]


class SearchLimitError(Exception):
    """The best-first search for a constrained pair passed its bound on steps; the answer is not known."""


@dataclass(frozen=True)
class SpanGraph:
    """A network as integer arrays. `groups_of_span` and `groups_of_node` hold risk group numbers."""

    node_ids: tuple[str, ...]
    span_ids: tuple[str, ...]
    ends: tuple[tuple[int, int], ...]
    length_m: tuple[int, ...]
    groups_of_span: tuple[frozenset[int], ...]
    groups_of_node: tuple[frozenset[int], ...]
    group_ids: tuple[str, ...]

    @classmethod
    def of(cls, network: Network) -> SpanGraph:
        """Number the nodes, spans and groups of a network by sorted id."""
        node_ids, span_ids, group_ids = tuple(network.nodes), tuple(network.spans), tuple(network.risk_groups)
        node_number = {n: i for i, n in enumerate(node_ids)}
        group_number = {g: i for i, g in enumerate(group_ids)}
        spans = network.spans.values()
        return cls(
            node_ids,
            span_ids,
            tuple((node_number[s.start], node_number[s.end]) for s in spans),
            tuple(s.length_m for s in spans),
            tuple(frozenset(group_number[g] for g in s.risk_groups) for s in spans),
            tuple(frozenset(group_number[g] for g in n.risk_groups) for n in network.nodes.values()),
            group_ids,
        )

    @cached_property
    def group_bits(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The groups of each span and of each node as the bits of a number."""
        return tuple(map(bits_of, self.groups_of_span)), tuple(map(bits_of, self.groups_of_node))

    def adjacency(self, spans: Iterable[int] | None = None, banned_nodes: frozenset[int] = frozenset()) -> Adjacency:
        """Neighbour lists over the given spans (all by default), leaving out banned nodes."""
        table: Adjacency = [[] for _ in self.node_ids]
        for span in range(len(self.ends)) if spans is None else sorted(spans):
            u, v = self.ends[span]
            if u not in banned_nodes and v not in banned_nodes:
                table[u].append((span, v))
                table[v].append((span, u))
        return table


def bits_of(numbers: Iterable[int]) -> int:
    """A set of small numbers as the bits of one."""
    word = 0
    for number in numbers:
        word |= 1 << number
    return word


def distances(adjacency: Adjacency, weight: Sequence[int], source: int) -> dict[int, int]:
    """Least weight from `source` to every node that can be reached."""
    settled: dict[int, int] = {}
    heap = [(0, source)]
    while heap:
        d, u = heappop(heap)
        if u in settled:
            continue
        settled[u] = d
        for span, v in adjacency[u]:
            if v not in settled:
                heappush(heap, (d + weight[span], v))
    return settled


def shortest_leg(adjacency: Adjacency, weight: Sequence[int], a: int, b: int) -> tuple[int, SpanList] | None:
    """Least-weight leg from a to b as (weight, spans in order), or None where b cannot be reached."""
    _, via = _dijkstra(adjacency, weight, a, b)
    return _walk(via, weight, a, b) if b in via else None


def _dijkstra(
    adjacency: Adjacency, weight: Sequence[int], a: int, b: int
) -> tuple[dict[int, int], dict[int, tuple[int, int]]]:
    """Settled distances up to b, and for each reached node the (span, node) it was reached by."""
    settled: dict[int, int] = {}
    best: dict[int, int] = {a: 0}
    via: dict[int, tuple[int, int]] = {}
    heap = [(0, a)]
    while heap:
        d, u = heappop(heap)
        if u in settled:
            continue
        settled[u] = d
        if u == b:
            break
        for span, v in adjacency[u]:
            if v not in settled:
                e = d + weight[span]
                if v not in best or e < best[v]:
                    best[v] = e
                    via[v] = (span, u)
                    heappush(heap, (e, v))
    if b not in settled:
        via.pop(b, None)
    return settled, via


def _walk(via: dict[int, tuple[int, int]], weight: Sequence[int], a: int, b: int) -> tuple[int, SpanList]:
    spans: list[int] = []
    at = b
    while at != a:
        span, at = via[at]
        spans.append(span)
    spans.reverse()
    return sum(weight[s] for s in spans), tuple(spans)


def disjoint_pair(
    adjacency: Adjacency, weight: Sequence[int], a: int, b: int, *, node_disjoint: bool
) -> tuple[int, SpanList, SpanList] | None:
    """Two legs of least total weight that share no span (and no node but a and b), or None where there are none.

    Suurballe and Tarjan, Networks 14 (1984): a second search in the residual graph of the first leg, under the reduced
    weights w + d(u) - d(v), which are never negative.
    """
    second = _second_search(adjacency, weight, a, b, node_disjoint)
    if second is None:
        return None
    used = second.spans_of_both()
    out: dict[int, list[tuple[int, int]]] = {}
    for span in sorted(used, reverse=True):
        frm, to = used[span]
        out.setdefault(frm, []).append((span, to))
    legs = []
    for _ in range(2):
        spans, at = list[int](), a
        while at != b:
            span, at = out[at].pop()
            spans.append(span)
        legs.append(simple_leg(spans, a, used))
    legs.sort(key=lambda leg: (sum(weight[s] for s in leg), leg))
    return sum(weight[s] for leg in legs for s in leg), legs[0], legs[1]


def spans_of_near_pairs(
    adjacency: Adjacency, weight: Sequence[int], a: int, b: int, slack: int, *, node_disjoint: bool
) -> frozenset[int]:
    """A set that holds every span of every disjoint pair whose weight is at most the least plus `slack`.

    The distances of both searches are duals of the pair as a flow of value 2; a span whose reduced weight is above the slack
    in both directions is in no such pair (complementary slackness).
    """
    second = _second_search(adjacency, weight, a, b, node_disjoint, to_all=True)
    if second is None:
        return frozenset()
    kept = {span for span, _, _ in second.first}
    for u, steps in enumerate(adjacency):
        for span, v in steps:
            if span not in kept and second.reduced(span, u, v) <= slack:
                kept.add(span)
    return frozenset(kept)


@dataclass
class _SecondSearch:
    """The residual search after the first leg. State v + n is node v of the first leg, entered from outside."""

    weight: Sequence[int]
    n: int
    first: list[tuple[int, int, int]]  # (span, from, to) along the first leg
    inside: frozenset[int]
    near: dict[int, int]  # distances of the first search, below that of b
    far: int
    done: dict[int, int]
    came: dict[int, tuple[int, int]]
    a: int
    b: int

    def potential(self, v: int) -> int:
        """Distance in the first search, at most that of b."""
        return min(self.near.get(v, self.far), self.far)

    def reduced(self, span: int, u: int, v: int) -> int:
        """Reduced weight of a span outside the first leg, taken from u to v, after both searches."""
        end = self.done[self.b]
        leave = min(self.done.get(u, end), end)
        arrive = min(self.done.get(v + self.n if v in self.inside else v, end), end)
        return self.weight[span] + self.potential(u) - self.potential(v) + leave - arrive

    def spans_of_both(self) -> dict[int, tuple[int, int]]:
        """Span -> (from, to) of the two legs together: what only one of the two searches used."""
        used = {span: (frm, to) for span, frm, to in self.first}
        state = self.b
        while state != self.a:
            span, before = self.came[state]
            if span in used:
                del used[span]
            else:
                used[span] = (before % self.n, state % self.n)
            state = before
        return used


def _second_search(
    adjacency: Adjacency, weight: Sequence[int], a: int, b: int, node_disjoint: bool, to_all: bool = False
) -> _SecondSearch | None:
    """Dijkstra in the residual graph of the shortest leg, under reduced weights; None where b is not reached twice."""
    near, via = _dijkstra(adjacency, weight, a, b)
    if b not in near:
        return None
    n = len(adjacency)
    first: list[tuple[int, int, int]] = []
    at = b
    while at != a:
        span, before = via[at]
        first.append((span, before, at))
        at = before
    first.reverse()
    back = {to: (span, frm) for span, frm, to in first if to != b}
    on_first = {span for span, _, _ in first}
    inside = frozenset(to for _, _, to in first if to != b) if node_disjoint else frozenset()
    search = _SecondSearch(weight, n, first, inside, near, near[b], {}, {}, a, b)
    potential, done, came = search.potential, search.done, search.came
    best: dict[int, int] = {a: 0}
    heap = [(0, a)]
    while heap:
        d, state = heappop(heap)
        if state in done:
            continue
        done[state] = d
        u = state % n
        if u == b:
            if not to_all:
                break
            continue
        steps: list[tuple[int, int, int]] = []  # (extra weight, span, next state)
        if state < n:  # free to leave on any span that the first leg does not use
            p = potential(u)
            for span, v in adjacency[u]:
                if span not in on_first:
                    steps.append((weight[span] + p - potential(v), span, v + n if v in inside else v))
        if u in back:  # undo the first leg's last step into u, at reduced weight 0
            span, before = back[u]
            steps.append((0, span, before))
        for extra, span, after in steps:
            e = d + extra
            if after not in done and (after not in best or e < best[after]):
                best[after] = e
                came[after] = (span, state)
                heappush(heap, (e, after))
    return search if b in done else None


def simple_leg(spans: Sequence[int], a: int, used: dict[int, tuple[int, int]]) -> SpanList:
    """Cut the loops out of a walk given as spans with their directions in `used`."""
    nodes, kept = [a], list[int]()
    for span in spans:
        frm, to = used[span]
        assert frm == nodes[-1]
        if to in nodes:
            keep = nodes.index(to)
            del nodes[keep + 1 :], kept[keep:]
        else:
            nodes.append(to)
            kept.append(span)
    return tuple(kept)


def limited_leg(
    adjacency: Adjacency, weight: Sequence[int], length_m: Sequence[int], limit_m: int, a: int, b: int
) -> tuple[int, SpanList] | None:
    """Least-weight leg of at most `limit_m` metres (of least metres among those), or None."""
    to_end = distances(adjacency, length_m, b)
    if a not in to_end or to_end[a] > limit_m:
        return None
    shortest_seen: dict[int, int] = {}  # least metres among the labels that left a node, which come in order of weight
    heap: list[tuple[int, int, int, SpanList]] = [(0, 0, a, ())]
    while heap:
        w, metres, u, spans = heappop(heap)
        if u in shortest_seen and shortest_seen[u] <= metres:
            continue
        shortest_seen[u] = metres
        if u == b:
            return w, spans
        for span, v in adjacency[u]:
            longer = metres + length_m[span]
            if v not in to_end or longer + to_end[v] > limit_m:
                continue
            if v not in shortest_seen or shortest_seen[v] > longer:
                heappush(heap, (w + weight[span], longer, v, (*spans, span)))
    return None


def legs_in_order(
    adjacency: Adjacency,
    weight: Sequence[int],
    a: int,
    b: int,
    *,
    length_m: Sequence[int] | None = None,
    limit_m: int | None = None,
    at_most: int | None = None,
) -> Iterator[tuple[int, SpanList]]:
    """Every simple leg within the limits in order of weight (ties by spans): best-first over partial legs.

    `at_most` bounds the weight. Raises nothing; the caller stops when it has seen enough.
    """
    ahead = distances(adjacency, weight, b)
    metres_ahead = distances(adjacency, length_m, b) if length_m is not None and limit_m is not None else None
    if a not in ahead:
        return
    heap: list[tuple[int, SpanList, int, int, frozenset[int]]] = [(ahead[a], (), a, 0, frozenset((a,)))]
    while heap:
        bound, spans, u, metres, seen = heappop(heap)
        if u == b:
            yield bound, spans
            continue
        gone = bound - ahead[u]
        for span, v in adjacency[u]:
            if v in seen or v not in ahead:
                continue
            total = gone + weight[span] + ahead[v]
            if at_most is not None and total > at_most:
                continue
            longer = metres
            if metres_ahead is not None and length_m is not None and limit_m is not None:
                longer += length_m[span]
                if longer + metres_ahead[v] > limit_m:
                    continue
            heappush(heap, (total, (*spans, span), v, longer, seen | {v}))
