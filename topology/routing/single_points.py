"""Spans and nodes that key nodes hang on, by one walk through the network instead of one removal each.

Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1 (1972): `low` of a node is the earliest node
that its part of the search tree reaches by one span that is not of the tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from topology.model import Network, Span


@dataclass(slots=True)
class _Walk:
    """What the search knows: when each node was met, over which span, how early it reaches, and the keys below it."""

    met: dict[str, int] = field(default_factory=dict)
    low: dict[str, int] = field(default_factory=dict)
    over: dict[str, Span | None] = field(default_factory=dict)
    above: dict[str, str] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)


def keys_apart(network: Network) -> tuple[dict[str, int], dict[str, int]]:
    """Span id -> pairs of key nodes that its loss alone parts; node id -> pairs of other key nodes, likewise.

    Only those that part at least one pair, sorted by id. Parallel spans stand in for each other.
    """
    spans: dict[str, int] = {}
    nodes: dict[str, int] = {}
    walk = _Walk()
    for root in network.nodes:
        if root not in walk.met:
            part = list(_search(network, root, walk))
            _judge(network, root, part, walk, spans, nodes)
    return dict(sorted(spans.items())), dict(sorted(nodes.items()))


def _search(network: Network, root: str, walk: _Walk) -> Iterator[str]:
    """The nodes joined to `root`, each after all that are below it; `walk` is filled."""
    stack = [(root, iter(network.incident[root]))]
    walk.met[root] = walk.low[root] = len(walk.met)
    walk.over[root] = None
    walk.keys[root] = int(network.nodes[root].key)
    while stack:
        at, left = stack[-1]
        for span in left:
            to = span.other_end(at)
            if to not in walk.met:
                walk.met[to] = walk.low[to] = len(walk.met)
                walk.over[to], walk.above[to] = span, at
                walk.keys[to] = int(network.nodes[to].key)
                stack.append((to, iter(network.incident[to])))
                break
            if span is not walk.over[at]:
                walk.low[at] = min(walk.low[at], walk.met[to])
        else:
            stack.pop()
            if stack:
                up = stack[-1][0]
                walk.low[up] = min(walk.low[up], walk.low[at])
                walk.keys[up] += walk.keys[at]
            yield at


def _judge(
    network: Network, root: str, part: list[str], walk: _Walk, spans: dict[str, int], nodes: dict[str, int]
) -> None:
    """Add what parts key nodes of one joined part, whose last node is its root."""
    whole = walk.keys[root]
    hanging: dict[str, list[int]] = {n: [] for n in part}  # keys of each piece that falls off when the node is lost
    for name in part:
        span = walk.over[name]
        if span is None:
            continue
        up, below = walk.above[name], walk.keys[name]
        if walk.low[name] > walk.met[up] and below and below < whole:
            spans[span.id] = below * (whole - below)
        if up == root or walk.low[name] >= walk.met[up]:
            hanging[up].append(below)
    for name, pieces in hanging.items():
        others = whole - int(network.nodes[name].key)
        sizes = [*pieces, others - sum(pieces)]
        if apart := _pairs(others) - sum(map(_pairs, sizes)):
            nodes[name] = apart


def _pairs(count: int) -> int:
    return count * (count - 1) // 2
