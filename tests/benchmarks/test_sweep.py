"""How long all single and double failures take, beside a plain networkx loop over sampled pairs of the same network.

Aims: 250 nodes, 400 spans, 600 groups, 500 circuits of two legs, 20 key nodes: 1,000 times the loop, stretch 2,000; 1,000 nodes,
1,600 spans, 2,000 groups, 2,000 circuits, 40 key nodes: 8,000 times, stretch 15,000, under 300 MB more memory. Printed, never
asserted; that both count the same on every sampled pair is asserted.
"""

from __future__ import annotations

import resource
from itertools import combinations
from random import Random
from time import perf_counter

import networkx as nx
import pytest

from scenarios.failures.sweep import Sweep, events_of, sweep
from tests.benchmarks.networks import DAY
from topology.geo import straight_m
from topology.model import Circuit, Network, Node, Span
from topology.routing.quick_pairs import PairFinder

SIZES = {"250": (250, 400, 600, 500, 20), "1000": (1000, 1600, 2000, 2000, 40)}
SAMPLE = 100


def town(nodes: int, spans: int, groups: int, key: int, seed: int = 1) -> Network:
    """Random places, each joined to near ones; groups of spans that lie close together, as ducts and bridges do."""
    rnd = Random(f"town-{nodes}-{seed}")
    made = [
        Node(f"N{i:04}", "", "pop", 53.4 + rnd.random() * 0.2, -2.4 + rnd.random() * 0.3, key=i < key)
        for i in range(nodes)
    ]
    edges: set[tuple[int, int]] = set()
    for i in range(1, nodes):  # a tree first: each to the nearest of those before
        edges.add((min(range(i), key=lambda j: straight_m(made[i], made[j])), i))
    near = sorted(combinations(range(nodes), 2), key=lambda p: straight_m(made[p[0]], made[p[1]]))
    for pair in near[: spans * 4 : 2]:
        if len(edges) >= spans:
            break
        edges.add(pair)
    listed = sorted(edges)
    hit: list[list[str]] = [[] for _ in listed]
    for g in range(groups):
        first = rnd.randrange(len(listed))
        close = [e for e, pair in enumerate(listed) if set(pair) & set(listed[first])]
        for e in {first, *rnd.sample(close, min(len(close), rnd.choice((0, 0, 1, 2))))}:
            hit[e].append(f"G{g:04}")
    return Network.build(
        made,
        [
            Span(
                f"S{k:04}",
                made[a].id,
                made[b].id,
                "owner",
                96,
                max(1, round(straight_m(made[a], made[b]) * 1.2)),
                risk_groups=tuple(sorted(hit[k])),
            )
            for k, (a, b) in enumerate(listed)
        ],
        (),
        (),
        id=f"town-{nodes}",
        illustrative=True,
    )


def two_leg_circuits(network: Network, count: int, seed: int = 1) -> tuple[Circuit, ...]:
    """Circuits over the least span-disjoint pair between random nodes that have one."""
    rnd = Random(f"legs-{network.id}-{seed}")
    finder, names = PairFinder(network), sorted(network.nodes)
    found: list[Circuit] = []
    while len(found) < count:
        a, b = rnd.sample(names, 2)
        legs = finder.pair(a, b, "span")
        if isinstance(legs, tuple):
            found.append(Circuit(f"c{len(found):04}", f"m{rnd.randrange(count // 10):03}", DAY, None, legs=legs))
    return tuple(found)


def loop_seconds(network: Network, circuits: tuple[Circuit, ...], swept: Sweep) -> float:
    """Seconds that a plain loop takes for all pairs: a copy of the graph, edges taken out, components; from sampled pairs."""
    events = {name: (spans, nodes) for name, spans, nodes in events_of(network, network)}
    graph = network.to_networkx()
    wanted = Random(1).sample([e for e in swept.effects if len(e.event) == 2], SAMPLE)
    before = _joined(graph, network)
    legs = [(c.member, [set(leg) for leg in c.legs]) for c in circuits]
    began = perf_counter()
    for effect in wanted:
        spans = set().union(*(events[name][0] for name in effect.event))
        left = graph.copy()
        left.remove_edges_from([(u, v, k) for u, v, k in graph.edges(keys=True) if k in spans])
        down = [member for member, both in legs if all(spans & leg for leg in both)]
        counts = before - _joined(left, network), len(down), len(set(down))
        assert counts == (effect.key_pairs_lost, effect.circuits_down, effect.members_hit)
    return (perf_counter() - began) / SAMPLE * swept.totals["doubles"]


def _joined(graph: nx.MultiGraph[str], network: Network) -> int:
    keys = set(network.key_nodes)
    sizes = [len(keys & part) for part in nx.connected_components(graph)]
    return sum(n * (n - 1) // 2 for n in sizes)


@pytest.mark.bench
@pytest.mark.parametrize("size", SIZES)
def test_all_doubles(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Prints seconds, the ratio, and the memory that the sweep added."""
    nodes, spans, groups, count, key = SIZES[size]
    network = town(nodes, spans, groups, key)
    circuits = two_leg_circuits(network, count)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    runs = []
    for _ in range(3):
        began = perf_counter()
        sweep(network, circuits, DAY, order=2, top=100)
        runs.append(perf_counter() - began)
    added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    seconds = min(runs)
    loop = loop_seconds(network, circuits, sweep(network, circuits, DAY, order=2, top=0))
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{nodes} nodes, {len(network.spans)} spans, {groups} groups, {count} circuits, {key} key nodes: {seconds:.2f} s, "
            f"networkx {loop:.0f} s, ratio {loop / seconds:,.0f}, {added:.0f} MB more"
        )
