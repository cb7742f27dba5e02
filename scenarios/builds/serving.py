"""Goal `requests`: which candidates within a budget let the most requests of a round be granted in full at once.

A request counts where it gets all that it asked for, of a family at most one; limits, diversity, bundles and every clause of the
policy hold as in a round (rules A), but nothing is levelled: the count is the most that *some* award could grant, not what fair
terms would give. Logic-based Benders decomposition (Hooker and Ottosson 2003): a master chooses candidates and grants under
metric inequalities, in which a candidate's capacity counts only where it is built; each choice is then held against an exact
search (`allocation.solving.search`), whose inequalities and proved bound go back to the master. A bound for a choice holds for all that is
part of it, as more spans never take a route away.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from allocation.policy import Policy
from allocation.request import Request
from allocation.solving.core import Core
from allocation.solving.instance import Instance, compile_round
from allocation.solving.linear import CpSatModel, Linear
from allocation.solving.pool import Pool
from allocation.solving.search import Effort, Search
from scenarios.builds.candidates import Candidate
from scenarios.builds.surviving import with_candidates
from topology.model import Circuit, Network

CHOICES = 60
"""Choices that are held against the exact search before the master's bound has to do."""

EFFORT = 30
"""Effort of each exact search, of which a round has 100."""

MASTER = 20.0
"""Deterministic time of one master, in CP-SAT's unit."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Served:
    """The most requests that a set of candidates lets be granted in full: found, the bound, and the ids of those found."""

    low: int
    high: int
    requests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Serving:
    """`chosen`: numbers of candidates; `after.high` bounds every choice within the budget; `bound_pence` the cost of so many."""

    chosen: tuple[int, ...]
    cost_pence: int
    bound_pence: int
    before: Served
    after: Served
    proved: bool
    reasons: tuple[str, ...]


def most_requests(
    network: Network,
    candidates: Sequence[Candidate],
    circuits: Iterable[Circuit],
    requests: Iterable[Request],
    policy: Policy,
    on: date,
    pence: int,
    *,
    choices: int = CHOICES,
    progress: Progress | None = None,
) -> Serving:
    """The candidates within `pence` that let the most requests be granted in full; among these choices the cheapest.

    `progress(choices held against the search, bound)` hears of each. Raises BadInput where network and circuits contradict
    each other.
    """
    whole = with_candidates(network, candidates)
    instance = in_full(compile_round(whole, circuits, requests, policy, on))
    task = _Task(instance, candidates, progress)
    before = task.served(())
    everything = task.served(range(len(candidates)))
    best, high = task.most(pence, before, everything.high, choices)
    chosen, least = task.cheapest(best, pence, choices)
    after = task.served(chosen)
    reasons = tuple(task.why(i, chosen) for i in chosen)
    cost = task.cost(chosen)
    return Serving(
        tuple(chosen), cost, least, before, replace(after, high=high), after.low == high and cost == least, reasons
    )


def in_full(instance: Instance) -> Instance:
    """The round in which a request is granted whole or not at all."""
    return replace(instance, asks=[replace(ask, least=ask.wanted) for ask in instance.asks])


@dataclass(eq=False)
class _Task:
    """One question; what was found of a choice is kept, and every inequality serves all choices."""

    instance: Instance
    candidates: Sequence[Candidate]
    progress: Progress | None
    known: dict[frozenset[int], Served] = field(default_factory=dict)
    inequalities: dict[tuple[tuple[int, int], ...], None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        number = {c.id: i for i, c in enumerate(self.candidates)}
        self.candidate_of = {
            row: number[r.place] for row, r in enumerate(self.instance.rows) if r.kind == "span" and r.place in number
        }
        self.pool = Pool(self.instance)

    def cost(self, chosen: Iterable[int]) -> int:
        return sum(self.candidates[i].cost_pence for i in chosen)

    def served(self, chosen: Collection[int]) -> Served:
        """What a choice lets be granted, by the exact search over the instance in which the others have no room."""
        key = frozenset(chosen)
        if key not in self.known:
            search = Search(self._built(key), Effort(EFFORT))
            objective = {search.core.switch(ask): 1 for ask in self.instance.asks}
            outcome = search.maximise(objective, relax=True)
            for cut in search.cuts:
                self.inequalities[cut.weights] = None
            ids = tuple(a.request.id for a in self.instance.asks if search.best.granted[a.number])
            self.known[key] = Served(outcome.value, max(outcome.value, outcome.bound), ids)
            if self.progress is not None:
                self.progress(len(self.known), self.known[key].low)
        return self.known[key]

    def _built(self, chosen: Collection[int]) -> Instance:
        rows = [
            replace(row, capacity=0) if self.candidate_of.get(n, -1) not in {-1, *chosen} else row
            for n, row in enumerate(self.instance.rows)
        ]
        return replace(self.instance, rows=rows)

    def most(self, pence: int, before: Served, high: int, choices: int) -> tuple[Served, int]:
        """The best choice found within a budget, and a bound on all."""
        best = before
        for _ in range(choices):
            if best.low >= high:
                break
            master = _Master(self)
            master.linear.row({x: self.candidates[i].cost_pence for i, x in enumerate(master.build)}, high=pence)
            bound, chosen = master.most()
            high = max(best.low, min(high, bound))
            if chosen is None or best.low >= high:
                break
            chosen = self._filled(chosen, pence)
            seen, found = chosen in self.known, self.served(chosen)
            if found.low > best.low:
                best = found
            elif seen:
                break  # the search left this choice open, and the master cannot do without it
        return best, high

    def _filled(self, chosen: frozenset[int], pence: int) -> frozenset[int]:
        """A choice with what the budget still pays, cheapest first: what is proved of it holds for more."""
        left = pence - self.cost(chosen)
        for i in sorted(set(range(len(self.candidates))) - chosen, key=lambda i: (self.candidates[i].cost_pence, i)):
            if self.candidates[i].cost_pence <= left:
                chosen |= {i}
                left -= self.candidates[i].cost_pence
        return chosen

    def cheapest(self, best: Served, pence: int, choices: int) -> tuple[tuple[int, ...], int]:
        """The cheapest choice that serves as many, and a bound on its cost."""
        holder = min((k for k, v in self.known.items() if v.low >= best.low and self.cost(k) <= pence), key=self._order)
        holder, least = self._lean(holder, best.low), 0
        for _ in range(choices):
            if least >= self.cost(holder):
                break
            bound, chosen = _Master(self).cheapest(best.low)
            least = max(least, min(bound, self.cost(holder)))
            if chosen is None or least >= self.cost(holder) or chosen in self.known:
                break
            if self.served(chosen).low >= best.low:
                holder = min(holder, chosen, key=self._order)
        return tuple(sorted(holder)), least

    def _order(self, chosen: frozenset[int]) -> tuple[int, list[int]]:
        return self.cost(chosen), sorted(chosen)

    def _lean(self, chosen: frozenset[int], least: int) -> frozenset[int]:
        """Without what the award of that choice can do without, dearest first."""
        for i in sorted(chosen, key=lambda i: (-self.candidates[i].cost_pence, -i)):
            if self.served(chosen - {i}).low >= least:
                chosen -= {i}
        return chosen

    def why(self, i: int, chosen: Sequence[int]) -> str:
        """What could no longer be granted without one of the chosen."""
        name, whole, left = self.candidates[i].id, self.served(chosen), self.served([j for j in chosen if j != i])
        if left.low >= whole.low:
            return f"{name}: not proved to be needed"
        fewer = whole.low - left.low
        lost = [r for r in whole.requests if r not in left.requests]
        sure = "" if left.high == left.low else f" (at least {whole.low - left.high} proved)"
        return f"{name}: without it {fewer} request{'s' if fewer > 1 else ''} fewer could be granted in full{sure}; among them {' '.join(lost)}"


class _Master:
    """Grants and candidates under the conditions of a round, the inequalities so far, and what is proved of choices."""

    def __init__(self, task: _Task) -> None:
        instance = task.instance
        core = Core.of(instance)
        for number, price in task.pool.price({}, instance.asks).items():
            if price is None:
                core.linear.high[core.x[number]] = 0
        self.served = {core.switch(ask): 1 for ask in instance.asks}
        self.linear: Linear = core.linear
        self.build = [self.linear.variable(0, 1) for _ in task.candidates]
        self.task, self.core = task, core
        for weights in task.inequalities:
            self._inequality(dict(weights))
        for chosen, found in sorted(task.known.items(), key=lambda item: sorted(item[0])):
            more = {
                self.build[i]: -(len(instance.asks) - found.high) for i in range(len(self.build)) if i not in chosen
            }
            self.linear.row({**self.served, **more}, high=found.high)

    def _inequality(self, weights: Mapping[int, int]) -> None:
        """A metric inequality in which a candidate's capacity counts if it is built."""
        rows, prices = self.task.instance.rows, self.task.pool.price(weights, self.task.instance.asks)
        terms = {self.core.x[n]: price[0] for n, price in prices.items() if price is not None and price[0] > 0}
        room = 0
        for row, weight in weights.items():
            candidate = self.task.candidate_of.get(row)
            if candidate is None:
                room += weight * rows[row].capacity
            else:
                x = self.build[candidate]
                terms[x] = terms.get(x, 0) - weight * rows[row].capacity
        self.linear.row(terms, high=room)

    def most(self) -> tuple[int, frozenset[int] | None]:
        """A bound on the requests served, and the choice that the master would make."""
        return self._solve(self.served)

    def cheapest(self, served: int) -> tuple[int, frozenset[int] | None]:
        """A bound on the cost of serving so many, and the choice that the master would make."""
        self.linear.row(self.served, low=served)
        costs = {x: -self.task.candidates[i].cost_pence for i, x in enumerate(self.build)}
        bound, chosen = self._solve(costs)
        return -bound, chosen

    def _solve(self, objective: Mapping[int, int]) -> tuple[int, frozenset[int] | None]:
        answer = CpSatModel(self.linear).maximise(objective, effort=MASTER)
        worst = sum(max(0, c) * self.linear.high[v] for v, c in objective.items())
        if answer.values is None:
            return worst if answer.bound is None else answer.bound, None
        assert answer.bound is not None
        return answer.bound, frozenset(i for i, x in enumerate(self.build) if answer.values[x])
