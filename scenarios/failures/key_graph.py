"""The part of a spine that decides which key nodes stay joined, small enough to ask a million times.

Spurs without a key node are left out, and spans in series through nodes that are not key become one link: whatever breaks
one of them breaks the link. Neither changes which key nodes are joined, under any failure (series and leaf reduction of
network reliability). Arrays: links are rows of two node numbers; `breaks[event, link]` says which event breaks which link.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topology.model import Network

Bools = NDArray[np.bool_]
Words = NDArray[np.uint64]

BATCH_WORDS = 256
"""64 scenarios a word: how many scenarios are searched in one pass bounds the memory."""


@dataclass(frozen=True, slots=True)
class KeyGraph:
    """`keys`: node numbers of the key nodes; `links`: (links x 2) node numbers; `spans`: the span numbers of each link."""

    nodes: int
    keys: tuple[int, ...]
    links: NDArray[np.int64]
    spans: tuple[tuple[int, ...], ...]

    def breaks(self, broken: Bools) -> Bools:
        """(events x links) from (events x spans): a link is broken with any span of its series."""
        if not self.spans:
            return np.zeros((len(broken), 0), dtype=bool)
        return np.stack([broken[:, list(series)].any(axis=1) for series in self.spans], axis=1)


def key_graph(network: Network) -> KeyGraph:
    """The reduced graph of a network; spans are numbered in the network's order."""
    number = {name: i for i, name in enumerate(network.nodes)}
    keys = {number[name] for name in network.key_nodes}
    links: dict[int, tuple[int, int, tuple[int, ...]]] = {
        i: (number[s.start], number[s.end], (i,)) for i, s in enumerate(network.spans.values())
    }
    at: list[set[int]] = [set() for _ in number]
    for i, (a, b, _) in links.items():
        at[a].add(i)
        at[b].add(i)
    waiting = [n for n in range(len(number)) if n not in keys and len(at[n]) <= 2]
    while waiting:
        node = waiting.pop()
        if len(at[node]) == 1:
            link = at[node].pop()
            a, b, _ = links.pop(link)
            other = b if a == node else a
            at[other].discard(link)
            _look_again(other, keys, at, waiting)
        elif len(at[node]) == 2:
            _join(node, links, at, keys, waiting)
    used = sorted(links)
    ends = np.array([links[i][:2] for i in used], dtype=np.int64).reshape(-1, 2)
    return KeyGraph(len(number), tuple(sorted(keys)), ends, tuple(links[i][2] for i in used))


def _look_again(node: int, keys: set[int], at: Sequence[set[int]], waiting: list[int]) -> None:
    if node not in keys and len(at[node]) <= 2:
        waiting.append(node)


def _join(
    node: int,
    links: dict[int, tuple[int, int, tuple[int, ...]]],
    at: Sequence[set[int]],
    keys: set[int],
    waiting: list[int],
) -> None:
    """Two links that meet in a node where nothing else does become one; a loop that comes of it joins nothing."""
    one, two = sorted(at[node])
    (a, b, first), (c, d, second) = links.pop(one), links.pop(two)
    left, right = (b if a == node else a), (d if c == node else c)
    at[node].clear()
    at[left].discard(one)
    at[right].discard(two)
    if left == right:
        _look_again(left, keys, at, waiting)
        return
    links[one] = (left, right, tuple(sorted((*first, *second))))
    at[left].add(one)
    at[right].add(one)


def forest(graph: KeyGraph, cost: NDArray[np.float64], broken: Bools | None = None) -> tuple[Bools, int]:
    """A forest of least cost over links that are not broken, cut back to what joins key nodes; and the pairs it joins."""
    above = list(range(graph.nodes))

    def top(node: int) -> int:
        while above[node] != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    taken = np.zeros(len(graph.links), dtype=bool)
    ends = graph.links.tolist()
    for link in np.argsort(cost, kind="stable").tolist():
        if broken is not None and broken[link]:
            continue
        a, b = top(ends[link][0]), top(ends[link][1])
        if a != b:
            above[a] = b
            taken[link] = True
    sizes: dict[int, int] = {}
    for key in graph.keys:
        sizes[top(key)] = sizes.get(top(key), 0) + 1
    _cut_back(graph, taken)
    return taken, sum(n * (n - 1) // 2 for n in sizes.values())


def _cut_back(graph: KeyGraph, taken: Bools) -> None:
    """Take leaves that are no key nodes off a forest."""
    at: dict[int, set[int]] = {}
    for link in np.flatnonzero(taken).tolist():
        for node in graph.links[link].tolist():
            at.setdefault(node, set()).add(link)
    keys = set(graph.keys)
    leaves = [n for n, links in at.items() if len(links) == 1 and n not in keys]
    while leaves:
        node = leaves.pop()
        if not at[node]:
            continue
        link = at[node].pop()
        taken[link] = False
        a, b = graph.links[link].tolist()
        other = b if a == node else a
        at[other].discard(link)
        if len(at[other]) == 1 and other not in keys:
            leaves.append(other)


def varied_forests(graph: KeyGraph, count: int) -> tuple[list[Bools], int]:
    """Forests that share as few links as a simple rule gives: each link costs more the more often it was used."""
    cost = np.zeros(len(graph.links))
    found: list[Bools] = []
    joined = 0
    for turn in range(count):
        taken, joined = forest(graph, cost)
        cost = cost + taken
        cost = cost + 1e-3 * ((np.arange(len(cost)) * 7919 + turn * 104729) % 997) / 997  # another order among equals
        found.append(taken)
    return found, joined


def kept_pairs(graph: KeyGraph, broken: Bools) -> NDArray[np.int64]:
    """Pairs of key nodes that stay joined in each scenario, exactly: (scenarios,) from broken (scenarios x links).

    Scenarios are bits: one pass over the links moves 64 of them a word (bit-parallel search).
    """
    found = np.zeros(len(broken), dtype=np.int64)
    step = BATCH_WORDS * 64
    for start in range(0, len(broken), step):
        found[start : start + step] = _kept(graph, broken[start : start + step])
    return found


def _kept(graph: KeyGraph, broken: Bools) -> NDArray[np.int64]:
    scenarios = len(broken)
    words = -(-scenarios // 64)
    alive = np.zeros((len(graph.links), words * 64), dtype=bool)
    alive[:, :scenarios] = ~broken.T
    rows: Words = np.packbits(alive, axis=1, bitorder="little").view(np.uint64)
    full = np.zeros(words * 64, dtype=bool)
    full[:scenarios] = True
    labelled: Words = np.zeros((graph.nodes, words), dtype=np.uint64)
    everywhere: Words = np.packbits(full, bitorder="little").view(np.uint64)
    pairs = np.zeros(words * 64, dtype=np.int64)
    for key in graph.keys:
        start = everywhere & ~labelled[key]
        active = np.flatnonzero(start)
        if not len(active):
            continue
        reach = _spread(graph, rows[:, active], key, start[active])
        labelled[:, active] |= reach
        bits = np.unpackbits(reach[list(graph.keys)].view(np.uint8), axis=1, bitorder="little")
        sizes = bits.sum(axis=0, dtype=np.int64)
        pairs.reshape(words, 64)[active] += (sizes * (sizes - 1) // 2).reshape(-1, 64)
    return pairs[:scenarios]


def _spread(graph: KeyGraph, alive: Words, source: int, start: Words) -> Words:
    """Which node is reached from the source in which scenario."""
    reach: Words = np.zeros((graph.nodes, alive.shape[1]), dtype=np.uint64)
    reach[source] = start
    order = list(zip(graph.links.tolist(), alive, strict=True))
    both = np.empty(alive.shape[1], dtype=np.uint64)
    before = -1
    while True:
        for (a, b), row in order:
            np.bitwise_or(reach[a], reach[b], out=both)
            np.bitwise_and(both, row, out=both)
            reach[a] |= both
            reach[b] |= both
        order.reverse()
        count = int(np.bitwise_count(reach).sum())
        if count == before:
            return reach
        before = count
