"""How long the spine takes: loading it, its spare by date, and the disjoint routes of every two key nodes.

Aims: 750 nodes, 900 spans, 2,000 circuits read and all spare computed in 2 s; 780 pairs of 40 key nodes at level node in 5 s.
Figures are printed, never asserted, each beside what networkx can do of the same in the same run: a graph from the same files
without any check and the spare of one day; any two disjoint paths (`node_disjoint_paths`), and the least-total two as a flow of
least cost, both on a sample of pairs.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date
from itertools import combinations
from pathlib import Path
from time import perf_counter
from typing import Any

import networkx as nx
import pytest
from networkx.algorithms.connectivity import build_auxiliary_node_connectivity
from networkx.algorithms.flow import build_residual_network

from tests.benchmarks.networks import DAY, LARGE, SMALL, Size, circuits_on, metro
from topology.files.circuits import read_circuits, write_circuits
from topology.files.csv_folder import read_network, write_network
from topology.model import Network
from topology.offer import make_offer
from topology.quantities import as_thousands
from topology.routing.routes_report import routes_document
from topology.strands.laying import plan_strands

RUNS = 3
SAMPLE, FLOW_SAMPLE = 40, 3


def best(work: Callable[[], Any], runs: int = RUNS) -> tuple[float, Any]:
    """Least seconds of a few runs, and what the last gave."""
    least, made = float("inf"), None
    for _ in range(runs):
        began = perf_counter()
        made = work()
        least = min(least, perf_counter() - began)
    return least, made


def ours_loaded(folder: Path) -> int:
    """Every check, every date."""
    network, _ = read_network(folder / "network")
    circuits, _ = read_circuits(folder / "circuits.csv", network)
    return len(make_offer(network, circuits, DAY).spans)


def theirs_loaded(folder: Path) -> int:
    """No check, one date."""
    graph: nx.MultiGraph[str] = nx.MultiGraph()
    with (folder / "network" / "nodes.csv").open() as file:
        graph.add_nodes_from((row["id"], row) for row in csv.DictReader(file))
    with (folder / "network" / "spans.csv").open() as file:
        graph.add_edges_from((row["start"], row["end"], row["id"], row) for row in csv.DictReader(file))
    live: Counter[str] = Counter()
    with (folder / "circuits.csv").open() as file:
        for row in csv.DictReader(file):
            if date.fromisoformat(row["start"]) <= DAY < date.fromisoformat(row["end"] or "9999-12-31"):
                live.update(row["legs"].replace("|", "+").split("+"))
    kept = ("own_use", "reserve", "maintenance_spare")
    spare = {
        k: int(d["fibre_count"]) - sum(int(d[f] or 0) for f in kept) - 2 * live[k]
        for _, _, k, d in graph.edges(keys=True, data=True)
    }
    return len(spare)


def theirs_any(network: Network, pairs: list[tuple[str, str]]) -> int:
    """Any two disjoint paths; the auxiliary graphs are made once, as its manual advises."""
    graph = nx.Graph(network.to_networkx())
    auxiliary = build_auxiliary_node_connectivity(graph)
    residual = build_residual_network(auxiliary, "capacity")
    found = 0
    for a, b in pairs:
        try:
            paths = list(nx.node_disjoint_paths(graph, a, b, cutoff=2, auxiliary=auxiliary, residual=residual))
        except nx.NetworkXNoPath:
            continue
        found += len(paths) >= 2
    return found


def theirs_least(network: Network, pairs: list[tuple[str, str]]) -> list[int | None]:
    """Metres of the least-total two, as a flow of value two through split nodes; None where there are none."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for node in network.nodes:
        graph.add_edge(f"{node}/in", f"{node}/out", capacity=1, weight=0)
    for span in network.spans.values():
        for u, v in ((span.start, span.end), (span.end, span.start)):
            graph.add_edge(f"{u}/out", f"{v}/in", capacity=1, weight=span.length_m)
    found: list[int | None] = []
    for a, b in pairs:
        graph.nodes[f"{a}/out"]["demand"], graph.nodes[f"{b}/in"]["demand"] = -2, 2
        try:
            found.append(nx.cost_of_flow(graph, nx.min_cost_flow(graph)))
        except nx.NetworkXUnfeasible:
            found.append(None)
        del graph.nodes[f"{a}/out"]["demand"], graph.nodes[f"{b}/in"]["demand"]
    return found


def measured(size: Size, folder: Path, sample: int, flow_sample: int) -> list[str]:
    """Lines of figures for one size; raises where the two sides count differently."""
    network = metro(size)
    circuits = circuits_on(network, size.circuits)
    write_network(network, folder / "network")
    (folder / "circuits.csv").write_text(write_circuits(circuits))
    what = f"{size.nodes} nodes, {size.spans} spans, {size.circuits} circuits"
    ours, steps = best(lambda: ours_loaded(folder))
    theirs, count = best(lambda: theirs_loaded(folder))
    assert count == size.spans <= steps
    lines = [
        f"load and all spare, {what}: {ours:.2f} s ({steps} dated rows); networkx, unchecked, one day: {theirs:.2f} s;"
        f" ratio {ours / theirs:.1f}"
    ]
    pairs = list(combinations(network.key_nodes, 2))
    ours, document = best(lambda: routes_document(network, pairs, DAY, "node"))
    got = [bool(p["routes"]) for p in document["pairs"]]
    every = max(1, len(pairs) // sample)
    theirs, any_two = best(lambda: theirs_any(network, pairs[::every]), 1)
    assert any_two == sum(got[::every])
    theirs *= len(pairs) / len(pairs[::every])
    lines.append(
        f"disjoint routes at level node, {len(pairs)} pairs, {sum(got)} have two: {ours:.2f} s;"
        f" networkx, any two: {theirs:.1f} s (from {len(pairs[::every])} pairs); ratio {ours / theirs:.4f}"
    )
    few = pairs[:: max(1, len(pairs) // flow_sample)][:flow_sample]
    least, metres = best(lambda: theirs_least(network, few), 1)
    told = {(p["a"], p["b"]): p["total_km"] for p in document["pairs"]}
    assert [told[pair] for pair in few] == [None if m is None else as_thousands(m) for m in metres]
    least *= len(pairs) / len(few)
    lines.append(f"  networkx, the least two: {least:.0f} s (from {len(few)} pairs); ratio {ours / least:.5f}")
    took, plan = best(lambda: plan_strands(network, circuits), 1)
    lines.append(f"strands of {len(plan.placed)} legs: {took:.2f} s; legs that could not be laid: {len(plan.lacking)}")
    return lines


def test_the_small_measurement_runs(tmp_path: Path) -> None:
    assert len(measured(SMALL, tmp_path, 10, 2)) == 4


@pytest.mark.slow
def test_how_long_the_spine_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = measured(LARGE, tmp_path, SAMPLE, FLOW_SAMPLE)
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
