"""The provably cheapest candidates after which the key nodes survive any one failure, or have two risk-disjoint routes each.

A small master programme over a growing pool of cuts ("at least one of these must be built"), solved by SCIP; its answer is
held against every condition, and each that it fails gives the cuts it breaks. When none is broken the answer is feasible, and
the master's bound, made of necessary conditions only, proves that nothing cheaper is. At level `disjoint` the pairs without
two risk-disjoint routes add cuts of another kind: what is built is enlarged as far as the pair stays without, and one of
the candidates still left out is needed, since building more never takes routes away.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

from allocation.linear import Linear, solve_mip
from scenarios.budget import Budget, curve
from scenarios.candidates import CANDIDATES, Candidate
from scenarios.events import on_service
from scenarios.surviving import Condition, Cut, conditions, unprotected, with_candidates
from topology.about import SOFTWARE
from topology.canonical import digest_of
from topology.disjoint import find_routes
from topology.model import Network
from topology.offer import inputs_of
from topology.quick_pairs import PairFinder
from topology.table_text import row_cells

LEVELS = ("survives", "disjoint")
NODES = 100_000
"""Nodes of the master's tree after which its bound has to do: a limit that is the same everywhere."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Witness:
    """A pair of key nodes that no set of candidates helps, and the failure (at level survives) that parts it."""

    pair: tuple[str, str]
    failure: str
    text: str


@dataclass(frozen=True, slots=True)
class Build:
    """`chosen`: numbers of candidates. `before`, `after`: key pairs that are protected. `reasons`: why each chosen one is needed."""

    proof: str
    chosen: tuple[int, ...]
    cost_pence: int
    bound_pence: int
    before: int
    after: int
    reasons: tuple[str, ...]
    witness: Witness | None
    cuts: int
    rounds: int


def cheapest(
    network: Network,
    candidates: Sequence[Candidate],
    level: str = "survives",
    *,
    nodes: int = NODES,
    progress: Progress | None = None,
) -> Build:
    """The cheapest set of candidates for a level, with proof; `network` is what is in service.

    `progress(rounds, cuts)` hears of each round of cuts.
    """
    task = _Task(network, candidates, level)
    witness = task.witness()
    if witness is not None:
        return Build("infeasible", (), 0, 0, task.protected(()), task.protected(task.all), (), witness, 0, 0)
    pool = _Pool(candidates, nodes)
    rounds = 0
    while True:
        chosen, bound, proved = pool.solve()
        rounds += 1
        if progress is not None:
            progress(rounds, len(pool.cuts))
        broken = task.broken(chosen)
        if not broken:
            break
        pool.add(broken)
    cost = sum(candidates[i].cost_pence for i in chosen)
    return Build(
        "optimal" if proved else "bounded",
        tuple(sorted(chosen)),
        cost,
        bound,
        task.protected(()),
        task.protected(chosen),
        tuple(task.why(i, chosen) for i in sorted(chosen)),
        None,
        len(pool.cuts),
        rounds,
    )


class _Pool:
    """The master: candidates as 0/1, cuts as rows; cheapest first, then fewest, then smallest numbers."""

    def __init__(self, candidates: Sequence[Candidate], nodes: int) -> None:
        self.costs = [c.cost_pence for c in candidates]
        self.nodes = nodes
        self.cuts: set[Cut] = set()

    def add(self, cuts: Iterable[Cut]) -> None:
        """Take cuts in; one that contains another is implied by it and left out."""
        fresh = self.cuts | set(cuts)
        self.cuts = {cut for cut in fresh if not any(other < cut for other in fresh)}

    def solve(self) -> tuple[frozenset[int], int, bool]:
        """The cheapest choice for the cuts so far, a bound that no choice is below, and whether the two meet."""
        if not self.cuts:
            return frozenset(), 0, True
        linear = Linear()
        names = {i: linear.variable(0, 1) for i in sorted(set().union(*self.cuts))}
        for cut in sorted(self.cuts, key=sorted):
            linear.row({names[i]: 1 for i in cut}, low=1)
        answer = solve_mip(linear, {v: -self.costs[i] for i, v in names.items()}, engine="scip", nodes=self.nodes)
        values = answer.values
        if values is None:
            values = tuple(1 for _ in names)
        chosen = frozenset(i for i, v in names.items() if values[v])
        cost = sum(self.costs[i] for i in chosen)
        bound = max(0, -answer.bound) if answer.bound is not None else 0
        return self._lean(chosen), min(bound, cost), answer.bound is not None and bound >= cost

    def _lean(self, chosen: frozenset[int]) -> frozenset[int]:
        """Without what costs nothing and no cut needs."""
        for i in sorted(chosen, reverse=True):
            if not self.costs[i] and all(cut & (chosen - {i}) for cut in self.cuts):
                chosen -= {i}
        return chosen


class _Task:
    """The conditions of one level, asked of sets of candidates."""

    def __init__(self, network: Network, candidates: Sequence[Candidate], level: str) -> None:
        self.network, self.candidates, self.level = network, candidates, level
        self.all = frozenset(range(len(candidates)))
        self.conditions: tuple[Condition, ...] = conditions(network, candidates)
        self.pairs = list(combinations(network.key_nodes, 2))
        self.lacking = self._without_two(frozenset(), self.pairs) if level == "disjoint" else []

    def witness(self) -> Witness | None:
        """Why nothing helps, where even all candidates together do not."""
        for condition in self.conditions:
            parted = condition.parted(self.all)
            if parted:
                name = condition.failure.name
                said = f"with every candidate built, {name or 'no failure at all'} still parts {parted[0][0]} and {parted[0][1]}"
                return Witness(parted[0], name, said)
        for pair in self._without_two(self.all, self.lacking):
            said = f"with every candidate built, {pair[0]} and {pair[1]} still have no two risk-disjoint routes"
            return Witness(pair, "", said)
        return None

    def broken(self, chosen: frozenset[int]) -> list[Cut]:
        """Cuts that a choice breaks; of the second kind only where it breaks none of the first."""
        found = [cut for condition in self.conditions for cut in condition.broken_cuts(chosen)]
        if found or self.level == "survives":
            return found
        return [self._enlarged(pair, chosen) for pair in self._without_two(chosen, self.lacking)]

    def _without_two(self, chosen: Collection[int], pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        built = with_candidates(self.network, [self.candidates[i] for i in sorted(chosen)])
        finder = PairFinder(built)
        return [pair for pair in pairs if not find_routes(built, *pair, "risk", finder=finder).routes]

    def _enlarged(self, pair: tuple[str, str], chosen: frozenset[int]) -> Cut:
        """The candidates left over when as much as possible is built and the pair still lacks two routes."""
        built = chosen
        for i in sorted(self.all - chosen):
            if self._without_two(built | {i}, [pair]):
                built |= {i}
        return self.all - built

    def protected(self, chosen: Collection[int]) -> int:
        """How many key pairs survive every failure, or have two risk-disjoint routes."""
        if self.level == "survives":
            return len(self.pairs) - len(unprotected(self.conditions, chosen))
        return len(self.pairs) - len(self._without_two(chosen, self.lacking))

    def why(self, i: int, chosen: frozenset[int]) -> str:
        """What fails without one of the chosen."""
        left, name = chosen - {i}, self.candidates[i].id
        for condition in self.conditions:
            parted = condition.parted(left)
            if parted:
                a, b = parted[0]
                more = f" and {len(parted) - 1} more pairs" if len(parted) > 1 else ""
                event = condition.failure.name or "even without a failure it"
                return f"{name}: without it {event} parts {a} and {b}{more}"
        for a, b in self._without_two(left, self.lacking):
            return f"{name}: without it {a} and {b} have no two risk-disjoint routes"
        return f"{name}: it costs nothing"


def build_document(
    network: Network, candidates: Sequence[Candidate], on: date, level: str = "survives", **how: Any
) -> dict[str, Any]:
    """The cheapest build as `cni.builds/1`; `how` as in `cheapest`."""
    here, _ = on_service(network, (), on)
    found = cheapest(here, candidates, level, **how)
    total = len(here.key_nodes) * (len(here.key_nodes) - 1) // 2
    return {
        "schema": "cni.builds/1",
        "software": SOFTWARE,
        "inputs": {**inputs_of(network, ()), "candidates": _digest(candidates)},
        "on": on.isoformat(),
        "illustrative": network.illustrative,
        "level": level,
        "proof": found.proof,
        "chosen": [candidates[i].id for i in found.chosen],
        "cost_pence": found.cost_pence,
        "bound_pence": found.bound_pence,
        "key_pairs": total,
        "key_pairs_protected_before": {"low": found.before, "high": found.before},
        "key_pairs_protected_after": {"low": found.after, "high": found.after},
        "reasons": list(found.reasons),
        "witness": None
        if found.witness is None
        else {"pair": list(found.witness.pair), "event": found.witness.failure, "text": found.witness.text},
        "carbon": carbon_of([candidates[i] for i in found.chosen]),
        "evidence": {"cuts": found.cuts, "rounds": found.rounds},
    }


def budget_document(
    network: Network,
    candidates: Sequence[Candidate],
    on: date,
    goal: str,
    pence: int,
    *,
    points: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The best build within a budget as `cni.builds/1` (`scenarios.budget`); `points` above 0: the curve up to it too."""
    here, _ = on_service(network, (), on)
    task = Budget(here, candidates)
    found = task.best(goal, pence)
    chosen = task.lean(found)
    why = _Task(here, candidates, "survives")
    before = why.protected(())
    cost = sum(candidates[i].cost_pence for i in chosen)
    return {
        "schema": "cni.builds/1",
        "software": SOFTWARE,
        "inputs": {**inputs_of(network, ()), "candidates": _digest(candidates)},
        "on": on.isoformat(),
        "illustrative": network.illustrative,
        "level": "survives",
        "goal": goal,
        "budget_pence": pence,
        "proof": "optimal" if found.proved else "bounded",
        "chosen": [candidates[i].id for i in chosen],
        "cost_pence": cost,
        "bound_pence": 0,
        "class": {"members": list(found.members), "size": len(found.members), "bound": found.size_bound}
        if goal == "class"
        else None,
        "key_pairs": len(here.key_nodes) * (len(here.key_nodes) - 1) // 2,
        "key_pairs_protected_before": {"low": before, "high": before},
        "key_pairs_protected_after": {"low": found.low, "high": found.high},
        "reasons": [why.why(i, frozenset(chosen)) for i in chosen],
        "witness": None,
        "carbon": carbon_of([candidates[i] for i in chosen]),
        "curve": [
            {
                "budget_pence": given,
                "cost_pence": sum(candidates[i].cost_pence for i in task.lean(point)),
                "chosen": [candidates[i].id for i in task.lean(point)],
                "class_size": len(point.members),
                "class_bound": point.size_bound,
                "key_pairs_protected": {"low": point.low, "high": point.high},
                "proof": "optimal" if point.proved else "bounded",
            }
            for given, point in curve(task, goal, pence, points, progress)
        ],
        "evidence": {"cuts": len(task.pool)},
    }


def carbon_of(chosen: Iterable[Candidate]) -> dict[str, Any]:
    """Embodied carbon as the candidates' column `carbon_kg` gives it (kg CO2e), and how many have no figure. It decides nothing."""
    built = list(chosen)
    known = [c.carbon_kg for c in built if c.carbon_kg is not None]
    return {
        "kg": f"{sum(known, Decimal(0)):.3f}",
        "without": len(built) - len(known),
        "sources": sorted({c.carbon_source for c in built if c.carbon_kg is not None and c.carbon_source}),
    }


def _digest(candidates: Iterable[Candidate]) -> str:
    return digest_of([row_cells(c, CANDIDATES) for c in candidates])
