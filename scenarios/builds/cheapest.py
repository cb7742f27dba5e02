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
from itertools import combinations

from allocation.solving.linear import Linear, solve_mip
from scenarios.builds.candidates import Candidate
from scenarios.builds.surviving import Condition, Cut, conditions, unprotected
from scenarios.builds.two_routes import TwoRoutes
from topology.model import Network

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
class Choice:
    """A set of candidates (numbers) that meets the level, and a bound that no choice left to it is cheaper than."""

    chosen: tuple[int, ...]
    cost_pence: int
    bound_pence: int

    @property
    def proved(self) -> bool:
        """Whether nothing cheaper was left to choose."""
        return self.bound_pence >= self.cost_pence


@dataclass(frozen=True, slots=True)
class Build:
    """`best`: the cheapest choice, None where nothing helps. `others`: the next cheapest that contain none before them, in order.

    `before`, `after`: key pairs that are protected today, and with the best (or with all candidates). `reasons`: why each of the
    best is needed.
    """

    best: Choice | None
    others: tuple[Choice, ...]
    before: int
    after: int
    reasons: tuple[str, ...]
    witness: Witness | None
    cuts: int
    rounds: int

    @property
    def proof(self) -> str:
        """`optimal`, `bounded` or `infeasible`."""
        if self.best is None:
            return "infeasible"
        return "optimal" if self.best.proved else "bounded"


def cheapest(
    network: Network,
    candidates: Sequence[Candidate],
    level: str = "survives",
    *,
    alternatives: int = 0,
    nodes: int = NODES,
    progress: Progress | None = None,
) -> Build:
    """The cheapest set of candidates for a level, with proof; `network` is what is in service.

    `alternatives`: how many of the next cheapest to find too; each leaves out at least one candidate of every one before it.
    `progress(rounds, cuts)` hears of each round of cuts.
    """
    task = Task(network, candidates, level)
    witness = task.witness()
    if witness is not None:
        return Build(None, (), task.protected(()), task.protected(task.all), (), witness, 0, 0)
    pool = Pool(candidates, nodes)
    found: list[Choice] = []
    while len(found) <= alternatives:
        choice = _settled(task, pool, progress)
        if choice is None:
            break
        found.append(choice)
        pool.known.append(frozenset(choice.chosen))
        if not choice.chosen:
            break
    best = found[0]
    reasons = tuple(task.why(i, frozenset(best.chosen)) for i in best.chosen)
    return Build(
        best,
        tuple(found[1:]),
        task.protected(()),
        task.protected(best.chosen),
        reasons,
        None,
        len(pool.cuts),
        pool.rounds,
    )


def _settled(task: Task, pool: Pool, progress: Progress | None) -> Choice | None:
    """The cheapest choice that the pool still leaves, once it breaks no cut; None where none is left."""
    while True:
        solved = pool.solve()
        if solved is None:
            return None
        chosen, bound = solved
        pool.rounds += 1
        if progress is not None:
            progress(pool.rounds, len(pool.cuts))
        broken = task.broken(chosen)
        if not broken:
            return Choice(tuple(sorted(chosen)), pool.cost(chosen), bound)
        pool.add(broken)


class Pool:
    """The master: candidates as 0/1, cuts as rows. `known`: choices of which at least one candidate must be left out."""

    def __init__(self, candidates: Sequence[Candidate], nodes: int = NODES) -> None:
        self.costs = [c.cost_pence for c in candidates]
        self.nodes = nodes
        self.cuts: set[Cut] = set()
        self.known: list[frozenset[int]] = []
        self.rounds = 0

    def add(self, cuts: Iterable[Cut]) -> None:
        """Take cuts in; one that contains another is implied by it and left out."""
        fresh = self.cuts | set(cuts)
        self.cuts = {cut for cut in fresh if not any(other < cut for other in fresh)}

    def cost(self, chosen: Iterable[int]) -> int:
        """Pence of a choice."""
        return sum(self.costs[i] for i in chosen)

    def solve(self) -> tuple[frozenset[int], int] | None:
        """The cheapest choice for the cuts so far and a bound that no choice is below; None where there is no choice."""
        if not self.cuts and not self.known:
            return frozenset(), 0
        linear = Linear()
        names = {i: linear.variable(0, 1) for i in sorted(set().union(*self.cuts, *self.known))}
        for cut in sorted(self.cuts, key=sorted):
            linear.row({names[i]: 1 for i in cut}, low=1)
        for known in self.known:
            linear.row({names[i]: 1 for i in known}, high=len(known) - 1)
        answer = solve_mip(linear, {v: -self.costs[i] for i, v in names.items()}, engine="scip", nodes=self.nodes)
        if answer.values is None and self.known:
            return None
        values = answer.values or tuple(1 for _ in names)
        chosen = self._lean(frozenset(i for i, v in names.items() if values[v]))
        cost = self.cost(chosen)
        return chosen, min(cost, max(0, -answer.bound) if answer.bound is not None else 0)

    def _lean(self, chosen: frozenset[int]) -> frozenset[int]:
        """Without what costs nothing and no cut needs."""
        for i in sorted(chosen, reverse=True):
            if not self.costs[i] and all(cut & (chosen - {i}) for cut in self.cuts):
                chosen -= {i}
        return chosen


class Task:
    """The conditions of one level, asked of sets of candidates."""

    def __init__(self, network: Network, candidates: Sequence[Candidate], level: str) -> None:
        self.candidates, self.level = candidates, level
        self.all = frozenset(range(len(candidates)))
        self.conditions: tuple[Condition, ...] = conditions(network, candidates)
        self.pairs = list(combinations(network.key_nodes, 2))
        self.two = TwoRoutes(network, candidates)
        self.lacking = self.two.lacking((), self.pairs) if level == "disjoint" else []

    def witness(self) -> Witness | None:
        """Why nothing helps, where even all candidates together do not."""
        for condition in self.conditions:
            parted = condition.parted(self.all)
            if parted:
                name = condition.failure.name
                said = f"with every candidate built, {name or 'no failure at all'} still parts {parted[0][0]} and {parted[0][1]}"
                return Witness(parted[0], name, said)
        for pair in self.two.lacking(self.all, self.lacking):
            said = f"with every candidate built, {pair[0]} and {pair[1]} still have no two risk-disjoint routes"
            return Witness(pair, "", said)
        return None

    def broken(self, chosen: frozenset[int]) -> list[Cut]:
        """Cuts that a choice breaks; of the second kind only where it breaks none of the first."""
        found = [cut for condition in self.conditions for cut in condition.broken_cuts(chosen)]
        if found or self.level == "survives":
            return found
        return [self.two.cut(pair, chosen) for pair in self.two.lacking(chosen, self.lacking)]

    def protected(self, chosen: Collection[int]) -> int:
        """How many key pairs survive every failure, or have two risk-disjoint routes."""
        if self.level == "survives":
            return len(self.pairs) - len(unprotected(self.conditions, chosen))
        return len(self.pairs) - len(self.two.lacking(chosen, self.lacking))

    def why(self, i: int, chosen: frozenset[int]) -> str:
        """What fails without one of the chosen."""
        left, name = chosen - {i}, self.candidates[i].id
        for condition in self.conditions:
            parted = condition.parted(left)
            if parted:
                a, b = parted[0]
                others = len(parted) - 1
                more = f" and {others} more pair{'s' if others > 1 else ''}" if others else ""
                event = condition.failure.name or "even without a failure it"
                return f"{name}: without it {event} parts {a} and {b}{more}"
        for a, b in self.two.lacking(left, self.lacking):
            return f"{name}: without it {a} and {b} have no two risk-disjoint routes"
        return f"{name}: it costs nothing"
