"""Greatest value of an objective over all awards and all routes, with its bound.

The objective speaks of grants and level marks only. The search holds a *master* (the core and all metric inequalities so far, an
integer programme in CP-SAT) and an *incumbent* (a routed award). Each round:

1. The master's optimum bounds the objective over all routes. Where the incumbent reaches it, the value is proved.
2. Else the master's grants are routed in fractions. Where that is impossible, its duals are a new metric inequality; go on.
3. Else they are routed in integers, over the columns first. Where that works, they are the new incumbent and meet the bound.
4. Else the whole objective is solved over the columns, and if that does not meet the bound, with arc flows over all routes, which is
   exact in itself.

The method is logic-based Benders decomposition (Hooker and Ottosson 2003) with metric inequalities as cuts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from allocation.solving.core import Core
from allocation.solving.flow_bound import flow_bound
from allocation.solving.flows import FlowModel
from allocation.solving.instance import Ask, Instance
from allocation.solving.linear import INFINITY, Answer, CpSatModel, Linear, Terms, solve_mip, value_of
from allocation.solving.pool import Column, Cut, Pool, Relaxation, Separation
from allocation.solving.spaces import Legs


@dataclass(frozen=True)
class Routed:
    """An award as numbers: units per ask, and the legs of each granted circuit."""

    granted: tuple[int, ...]
    routes: Mapping[int, tuple[Legs, ...]]


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to try, in steps that do not depend on the machine's speed. `scale` 100 is the default."""

    scale: int = 100

    @property
    def master(self) -> float:
        """CP-SAT deterministic time of one master."""
        return 0.02 * self.scale

    @property
    def nodes(self) -> int:
        """Branch-and-bound nodes of one integer programme over columns."""
        return 20 * self.scale

    @property
    def flow_nodes(self) -> int:
        """Branch-and-bound nodes of one integer programme over arc flows; 0 leaves that step out."""
        return 50 * self.scale

    @property
    def arcs(self) -> int:
        """Most variables of an integer programme over arc flows; larger ones are left out."""
        return 400 * self.scale

    @property
    def probes(self) -> int:
        """Most marks that are probed one by one at a level."""
        return max(1, self.scale)

    @property
    def work(self) -> int:
        """Coefficients that all masters together may hold before the remaining objectives are left as they stand."""
        return 100_000 * self.scale

    @property
    def cuts(self) -> int:
        """Metric inequalities per objective."""
        return 2 * self.scale


@dataclass(frozen=True, slots=True)
class Outcome:
    """The value reached and the least bound proved on it. `how`: what closed it, for the record."""

    value: int
    bound: int
    how: str

    @property
    def proved(self) -> bool:
        """Whether nothing better exists."""
        return self.value >= self.bound


class Stopped(Exception):  # noqa: N818 -- a message to the caller, not a fault
    """The caller asked to stop (time limit or Ctrl-C)."""


@dataclass(eq=False)
class Search:
    """One round's search: core, columns, inequalities and the award so far."""

    instance: Instance
    effort: Effort = field(default_factory=Effort)
    stop: Callable[[], bool] = lambda: False
    note: Callable[[int, int], None] = lambda bound, found: None
    seconds_left: Callable[[], float | None] = lambda: None
    quick: bool = True  # whether the relaxation is asked first; it does not pay for a single question

    def __post_init__(self) -> None:
        self.core = Core.of(self.instance)
        self.condition_rows = len(self.core.linear.rows)
        self.pool = Pool(self.instance)
        self.cuts: list[Cut] = []
        self.master = CpSatModel(self.core.linear)
        for number, price in self.pool.price({}, self.instance.asks).items():
            ask = self.instance.asks[number]
            if price is None:
                self.core.linear.high[self.core.x[number]] = 0
            else:
                self.pool.add(ask, price[1])
        self._relaxation: Relaxation | None = None
        self.separation = Separation(self.pool)
        self.best = Routed(tuple(0 for _ in self.instance.asks), {})
        self.spent = 0
        self.settled: dict[int, int] = {}
        self._stated: dict[tuple[tuple[int, int], ...], int] = {}
        self.over: Callable[[Terms], Outcome] | None = None

    @property
    def relaxation(self) -> Relaxation:
        """The relaxation of this search's core, made when first asked for."""
        if self._relaxation is None:
            self._relaxation = Relaxation(self.core, self.pool)
        return self._relaxation

    def fix(self, terms: Terms, low: int) -> None:
        """From now on every award must give `terms` at least `low`."""
        self.core.linear.row(terms, low=low)

    def add_cut(self, cut: Cut) -> None:
        """Keep a metric inequality, here and in the master and the relaxation."""
        self.cuts.append(cut)
        self.core.linear.row({self.core.x[n]: c for n, c in cut.coefficients}, high=cut.bound)

    def value(self, objective: Terms) -> int:
        """The objective at the award so far."""
        return value_of(objective, self.core.values(list(self.best.granted)))

    def maximise(self, objective: Terms, *, relax: bool = False, at_most: int = INFINITY) -> Outcome:
        """Improve the award until it is proved best for the objective, or effort runs out.

        With `relax` the relaxation's inequality is kept as part of the certificate. `at_most` is a bound known from elsewhere.
        """
        if self.over is not None:
            return self.over(objective)
        bound = min(at_most, sum(max(0, c) * self.core.linear.high[v] for v, c in objective.items()))
        if self.value(objective) >= bound:
            return Outcome(self.value(objective), bound, "all")
        if self.spent > self.effort.work:
            return Outcome(self.value(objective), bound, "effort")
        if relax:
            bound = min(bound, self._relaxed_bound(objective))
            if self.value(objective) < bound:
                self._columns_mip(objective)
        elif self.quick:
            bound = min(bound, self._quick_bound(objective))
        if self.value(objective) >= bound:
            return Outcome(self.value(objective), bound, "relaxation")
        bound = self._inequalities(objective, bound, relax)
        if self.value(objective) < bound and relax:
            bound = min(bound, self._probe(objective, bound))
        if self.value(objective) < bound and self.effort.flow_nodes:
            bound = flow_bound(self, objective, bound)
            return Outcome(self.value(objective), bound, "flows")
        return Outcome(self.value(objective), bound, "inequalities")

    def _inequalities(self, objective: Terms, bound: int, relax: bool) -> int:
        """Bound the objective by the master, adding inequalities until its grants can be routed in fractions.

        Grants that can be routed in integers become the award so far. Returns the bound; where it is not reached, the master's
        grants can be routed in fractions and not (over the known columns) in integers, or effort ran out.
        """
        for _ in range(self.effort.cuts):
            self.check_stop()
            answer = self._solve_master(objective, bound)
            if answer.bound is not None:
                bound = min(bound, answer.bound)
            self.note(bound, self.value(objective))
            if self.value(objective) >= bound or answer.values is None:
                break
            if value_of(objective, answer.values) <= self.value(objective):
                break  # the master is open: its grants are no better than the award so far
            target = self.core.grants(answer.values)
            if self._add_violated(target):
                continue
            self.check_stop()
            if self.route(target):
                continue
            self.relaxation.shortest_routing(target, self.stop)
            if self.route(target):
                continue
            if relax:
                self._columns_mip(objective)
            if self.value(objective) < bound:
                break
        return bound

    def _quick_bound(self, objective: Terms) -> int:
        """The relaxation rounded down: a quick bound that settles most ties. GLOP's error stays far below the margin."""
        solved = self.relaxation.maximise(objective, self.stop)
        self.check_stop()
        return INFINITY if solved is None else math.floor(solved[0] + 1e-4)

    def _add_violated(self, target: Sequence[int]) -> bool:
        """Add metric inequalities that given grants break, until the grants that none of them speaks of can be routed.

        One by one would need a master for each; most masters cost more than all their inequalities.
        """
        left = list(target)
        while (cut := self.separation.violated(left, self.stop)) is not None:
            self.add_cut(cut)
            for number, _ in cut.coefficients:
                left[number] = 0
        return left != list(target)

    def check_stop(self) -> None:
        """Raise Stopped if the caller asked to stop."""
        if self.stop():
            raise Stopped

    def _solve_master(self, objective: Terms, bound: int | None = None) -> Answer:
        """The best grants that conditions and inequalities allow; no better than a bound that is proved already."""
        hint = self.core.values(list(self.best.granted))
        if bound is not None:
            self._state_bound(objective, bound)
        self.spent += sum(len(terms) for terms, _, _ in self.core.linear.rows)
        answer = self.master.maximise(objective, hint=hint, effort=self.effort.master, seconds=self.seconds_left())
        found = None if answer.values is None else value_of(objective, answer.values)
        if answer.infeasible or found is None or answer.bound is None or found < answer.bound:
            # infeasible is the engine's fault, as the award so far is feasible; and what one leaves open, another may close
            second = solve_mip(self.core.linear, objective, nodes=self.effort.nodes, seconds=self.seconds_left())
            if second.bound is not None and (answer.bound is None or second.bound <= answer.bound):
                return second
        return answer

    def _state_bound(self, objective: Terms, bound: int) -> None:
        """Say a proved bound as a row, so that an engine which reaches it need not prove it again."""
        key = tuple(sorted(objective.items()))
        if self._stated.get(key, bound + 1) > bound:
            self._stated[key] = bound
            self.core.linear.row(objective, high=bound)

    def _relaxed_bound(self, objective: Terms) -> int:
        solved = self.relaxation.maximise(objective, self.stop)
        self.check_stop()
        if solved is None:
            return sum(max(0, c) * self.core.linear.high[v] for v, c in objective.items())
        self.add_cut(self.pool.cut(solved[1]))
        # the bound itself is read off the master, which holds the inequality in integers
        answer = self._solve_master(objective)
        return answer.bound if answer.bound is not None else 1 << 40

    def _probe(self, objective: Terms, bound: int) -> int:
        """Rule out single marks: where even the relaxation cannot set one, the mark is closed and the inequality kept.

        A sum of marks can have a relaxation of 1 spread over many groups of which none could reach it alone.
        """
        now = self.core.values(list(self.best.granted))
        marks = [v for v, c in objective.items() if c == 1 and not now[v]]
        if len(marks) > self.effort.probes:
            return bound
        closed: set[int] = set()
        for mark in marks:
            solved = self.relaxation.maximise({mark: 1}, self.stop)
            self.check_stop()
            if solved is None or solved[0] > 1 - 1e-4:
                continue
            self.cuts.append(self.pool.cut(solved[1]))  # for the certificate; the master has the mark closed instead
            self.core.linear.row({mark: 1}, high=0)
            closed.add(mark)
        left = [mark for mark in marks if mark not in closed]
        if len(left) ** 2 <= self.effort.probes:
            self._probe_pairs(left)
        return self._inequalities(objective, bound, True)

    def _probe_pairs(self, marks: Sequence[int]) -> None:
        """Rule out pairs of marks in the same way."""
        for pair in combinations(marks, 2):
            both = dict.fromkeys(pair, 1)
            solved = self.relaxation.maximise(both, self.stop)
            self.check_stop()
            if solved is not None and solved[0] <= 2 - 1e-4:
                self.cuts.append(self.pool.cut(solved[1]))
                self.core.linear.row(both, high=1)

    def settle(self, number: int) -> None:
        """An ask's grant is final: from now on every award gives it just what the award so far does."""
        self.settled[number] = self.best.granted[number]
        self.core.linear.row({self.core.x[number]: 1}, self.settled[number], self.settled[number])

    def most_granted(self, ask: Ask) -> int:
        """The most that an ask can be granted after what is settled."""
        return self.settled.get(ask.number, self.core.linear.high[self.core.x[ask.number]])

    # -- integer routing ------------------------------------------------------------------------------------------

    def column_rows(self, linear: Linear, columns: Sequence[Column] | None = None) -> list[int]:
        """Add columns (all known ones by default) and their rows to a copy of the core; returns the variable of each."""
        variables: list[int] = []
        route: dict[int, dict[int, int]] = {a.number: {} for a in self.instance.asks if a.space is not None}
        draw: dict[int, dict[int, int]] = {}
        for column in self.pool.columns if columns is None else columns:
            ask = self.instance.asks[column.ask]
            variable = linear.variable(0, ask.wanted)
            variables.append(variable)
            route[column.ask][variable] = 1
            for row in column.draws:
                terms = draw.setdefault(row, {})
                terms[variable] = terms.get(variable, 0) + 1
        for number, terms in sorted(route.items()):
            linear.row({**terms, self.core.x[number]: -1}, 0, 0)
            ask = self.instance.asks[number]
            if ask.request.same_route and len(terms) > 1:
                chosen = {}
                for variable in terms:
                    mark = linear.variable(0, 1)
                    chosen[mark] = 1
                    linear.row({variable: 1, mark: -ask.wanted}, high=0)
                linear.row(chosen, high=1)
        for row, terms in sorted(draw.items()):
            linear.row(terms, high=self.instance.rows[row].capacity)
        return variables

    def adopt(self, values: Sequence[int], variables: Sequence[int], columns: Sequence[Column] | None = None) -> None:
        """Make the engine's award over columns (all known ones by default) the best so far."""
        routes: dict[int, list[Legs]] = {}
        for column, variable in zip(self.pool.columns if columns is None else columns, variables, strict=True):
            routes.setdefault(column.ask, []).extend([column.legs] * values[variable])
        granted = tuple(values[x] for x in self.core.x)
        self.best = Routed(granted, {n: tuple(legs) for n, legs in routes.items() if legs})

    def _columns_mip(self, objective: Terms) -> None:
        """The best award over the known columns."""
        linear = self.core.linear.copy()
        variables = self.column_rows(linear)
        answer = solve_mip(linear, objective, nodes=self.effort.nodes, seconds=self.seconds_left())
        if answer.values is not None and value_of(objective, answer.values) > self.value(objective):
            self.adopt(answer.values, variables)
        self.check_stop()

    def route(self, target: Sequence[int]) -> bool:
        """Try to route given grants over the known columns; adopt them where that works."""
        only = self._just(target)
        variables = self.column_rows(only)
        answer = solve_mip(only, {}, nodes=self.effort.nodes, seconds=self.seconds_left())
        if answer.values is None:
            return False
        self.adopt(answer.values, variables)
        return True

    def _just(self, target: Sequence[int]) -> Linear:
        """The core's variables without its rows (the target meets those), each grant at just the target's."""
        core = self.core.linear
        linear = Linear(list(core.low), list(core.high), [])
        for number, x in enumerate(self.core.x):
            linear.low[x] = linear.high[x] = target[number]
        return linear

    def adopt_flows(self, model: FlowModel, values: tuple[int, ...]) -> None:
        """Make the award in an engine's flows the best so far; its routes become columns."""
        routes = model.routes(values)
        for number, circuits in routes.items():
            for legs in circuits:
                self.pool.add(self.instance.asks[number], legs)
        granted = tuple(values[x] for x in self.core.x)
        self.best = Routed(granted, {n: tuple(c) for n, c in routes.items() if c})
