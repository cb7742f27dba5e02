"""How long the proof of a build takes, in solves of the final linear relaxation: aim 80 at 200 candidates and 600 candidates.

Networks of tests/benchmarks/test_sweep.py, cut down to trees so that much is missing; candidates join places that lie near.
"""

from __future__ import annotations

from random import Random
from time import perf_counter

import pytest

from scenarios.builds.candidates import Candidate
from scenarios.builds.cheapest import Pool, Task, cheapest
from tests.benchmarks.test_sweep import town
from topology.geo import straight_m
from topology.model import Network

CASES = {"200/30": (60, 59, 90, 30, 200), "400/60": (120, 119, 180, 60, 400), "600/60": (250, 260, 300, 60, 600)}
SEEDS = (1, 2, 3)


def options(network: Network, count: int, seed: int) -> list[Candidate]:
    """Candidates between random near places, the cost by length and ground."""
    rnd = Random(f"options-{network.id}-{count}-{seed}")
    nodes = list(network.nodes.values())
    made = []
    for i in range(count):
        a = rnd.choice(nodes)
        b = min((n for n in rnd.sample(nodes, 8) if n is not a), key=lambda n: straight_m(a, n))
        metres = round(straight_m(a, b) * 1.2) + 1
        cost = round(metres * rnd.uniform(20, 80)) * 100
        made.append(Candidate(f"X{i:03}", a.id, b.id, "council", 48, metres, cost_pence=cost))
    return made


def relaxation_seconds(task: Task, pool: Pool) -> float:
    """One solve of the final master as a linear programme, by GLOP."""
    from ortools.linear_solver import pywraplp

    began = perf_counter()
    solver = pywraplp.Solver.CreateSolver("GLOP")
    names = {i: solver.NumVar(0, 1, "") for i in sorted(set().union(*pool.cuts))}
    for cut in pool.cuts:
        solver.Add(sum(names[i] for i in cut) >= 1)
    solver.Minimize(sum(pool.costs[i] * v for i, v in names.items()))
    solver.Solve()
    return perf_counter() - began


@pytest.mark.bench
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("seed", SEEDS)
def test_proof_of_a_build(case: str, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    nodes, spans, groups, key, count = CASES[case]
    network = town(nodes, spans, groups, key, seed)
    candidates = options(network, count, seed)
    began = perf_counter()
    found = cheapest(network, candidates)
    seconds = perf_counter() - began
    task, pool = Task(network, candidates, "survives"), Pool(candidates, 100_000)
    began = perf_counter()
    while (solved := pool.solve()) is not None and (cuts := task.broken(solved[0])):
        pool.add(cuts)
        if found.proof == "infeasible":
            break
    solving = perf_counter() - began
    relaxed = min(relaxation_seconds(task, pool) for _ in range(5)) if pool.cuts else 0.0
    ratio = f"{solving / relaxed:.0f}" if relaxed else "-"
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{case} seed {seed}: {found.proof}, {len(task.conditions)} failures matter, {found.rounds} rounds, {found.cuts} cuts, "
            f"{seconds:.2f} s in all, cuts and master {solving:.2f} s = {ratio} solves of the relaxation"
        )
