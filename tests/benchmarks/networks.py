"""Networks and circuits of any size by seed, for benchmarks and for tests that need more than a handful of nodes.

A metro network: a double ring of key nodes with rungs, and trees of spurs and smaller rings on it, so that most pairs of key
nodes have two routes and most other nodes hang on one. Spans in the same street share a risk group. The same arguments
give the same network; nothing of it is a place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from topology.geo import straight_m
from topology.model import Circuit, Network, Node, Organisation, Span
from topology.routing.quick_pairs import PairFinder

DAY = date(2027, 1, 4)


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each."""

    nodes: int
    spans: int
    key: int
    circuits: int


SMALL, MIDDLE, LARGE = Size(60, 90, 12, 100), Size(250, 400, 24, 600), Size(750, 900, 40, 2000)


def metro(size: Size, seed: int = 1) -> Network:
    """A network of a size."""
    rnd = Random(f"metro-{size}-{seed}")
    ring = size.key
    at = [_on_ring(i, ring, 6 + rnd.random()) for i in range(ring)]
    edges = [(i, (i + 1) % ring) for i in range(ring)] + [(i, (i + ring // 2) % ring) for i in range(0, ring // 2, 2)]
    while len(at) < size.nodes:  # a new node hangs on one that is there; each fourth closes a small ring
        anchor = rnd.randrange(len(at))
        at.append((at[anchor][0] + rnd.gauss(0, 1.5), at[anchor][1] + rnd.gauss(0, 1.5)))
        edges.append((anchor, len(at) - 1))
    while len(edges) < size.spans:
        one = rnd.randrange(ring, len(at))
        other = min((n for n in rnd.sample(range(len(at)), 12) if n != one), key=lambda n: math.dist(at[one], at[n]))
        edges.append((one, other))
    nodes = [
        Node(f"N{i:03}", f"Node {i}", "pop", 53.48 + y / 111.2, -2.24 + x / 66.2, key=i < ring)
        for i, (x, y) in enumerate(at)
    ]
    spans = [_span(k, nodes[i], nodes[j], rnd) for k, (i, j) in enumerate(edges[: size.spans])]
    people = [Organisation(f"owner{i}", roles=("contributor",)) for i in range(8)]
    people += [Organisation(f"m{i}", roles=("user",)) for i in range(size.circuits // 5)]
    return Network.build(nodes, spans, (), people, id=f"metro-{size.nodes}-{seed}", illustrative=True)


def _on_ring(i: int, ring: int, radius: float) -> tuple[float, float]:
    return radius * math.cos(2 * math.pi * i / ring), radius * math.sin(2 * math.pi * i / ring)


def _span(k: int, one: Node, other: Node, rnd: Random) -> Span:
    metres = max(200, int(1.3 * straight_m(one, other)))
    groups = tuple(sorted({f"D{rnd.randrange(900)}" for _ in range(rnd.randrange(3))}))
    own = rnd.choice((8, 12, 24))
    return Span(f"S{k:03}", one.id, other.id, f"owner{k % 8}", 1440, metres, "", own, 4, 2, groups, deployment="duct")


def circuits_on(network: Network, count: int, seed: int = 1) -> tuple[Circuit, ...]:
    """Circuits between key nodes, half of them over two disjoint legs, beginning and ending over ten years."""
    rnd = Random(f"circuits-{network.id}-{seed}")
    finder, keys = PairFinder(network), network.key_nodes
    made = []
    for i in range(count):
        a, b = rnd.sample(keys, 2)
        pair = finder.pair(a, b, "node") if i % 2 else []
        legs = pair if isinstance(pair, tuple) else (finder.route(a, b) or (),)
        start = DAY - timedelta(days=rnd.randrange(1000))
        made.append(
            Circuit(
                f"c{i:04}", f"m{i % max(1, count // 5)}", start, DAY + timedelta(days=1 + rnd.randrange(2500)), legs
            )
        )
    return tuple(made)
