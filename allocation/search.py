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

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from allocation.pool import Cut, Pool, Relaxation, Separation
from allocation.core import Core
from allocation.flows import FlowModel
from allocation.instance import Instance
from allocation.linear import Answer, CpSatModel, Linear, Terms, solve_mip, value_of
from allocation.spaces import Legs


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
        return 0.1 * self.scale

    @property
    def nodes(self) -> int:
        """Branch-and-bound nodes of one integer programme over columns."""
        return 20 * self.scale

    @property
    def flow_nodes(self) -> int:
        """Branch-and-bound nodes of one integer programme over arc flows; 0 leaves that step out."""
        return 50 * self.scale

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

    def __post_init__(self) -> None:
        self.core = Core.of(self.instance)
        self.pool = Pool(self.instance)
        self.cuts: list[Cut] = []
        self.master = CpSatModel(self.core.linear)
        for number, price in self.pool.price({}, self.instance.asks).items():
            ask = self.instance.asks[number]
            if price is None:
                self.core.linear.high[self.core.x[number]] = 0
            else:
                self.pool.add(ask, price[1])
        self.relaxation = Relaxation(self.core, self.pool)
        self.separation = Separation(self.pool)
        self.best = Routed(tuple(0 for _ in self.instance.asks), {})

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

    def maximise(self, objective: Terms, *, relax: bool = False) -> Outcome:
        """Improve the award until it is proved best for the objective, or effort runs out."""
        bound = sum(max(0, c) * self.core.linear.high[v] for v, c in objective.items())
        if self.value(objective) >= bound:
            return Outcome(self.value(objective), bound, "all")
        if relax:
            bound = min(bound, self._relaxed_bound(objective))
            if self.value(objective) < bound:
                self._columns_mip(objective)
        tried: set[tuple[int, ...]] = set()
        for _ in range(self.effort.cuts):
            if self.value(objective) >= bound:
                return Outcome(self.value(objective), bound, "relaxation" if relax and not tried else "inequalities")
            self._check_stop()
            answer = self._solve_master(objective)
            if answer.bound is not None:
                bound = min(bound, answer.bound)
            self.note(bound, self.value(objective))
            if self.value(objective) >= bound:
                return Outcome(self.value(objective), bound, "inequalities")
            if answer.values is None:
                break
            target = self.core.grants(answer.values)
            cut = self.separation.violated(target, self.stop)
            if cut is not None:
                self.add_cut(cut)
                continue
            self._check_stop()
            if tuple(target) in tried or not self._route(target, objective):
                break
            tried.add(tuple(target))
        if self.value(objective) < bound:
            self._columns_mip(objective)
        if self.value(objective) < bound and self.effort.flow_nodes:
            bound = min(bound, self._flow_bound(objective))
            return Outcome(self.value(objective), bound, "flows")
        return Outcome(self.value(objective), bound, "inequalities")

    def _check_stop(self) -> None:
        if self.stop():
            raise Stopped

    def _solve_master(self, objective: Terms) -> Answer:
        hint = self.core.values(list(self.best.granted))
        answer = self.master.maximise(objective, hint=hint, effort=self.effort.master)
        if answer.infeasible:  # the award so far is feasible, so this is the engine's fault: ask another one
            answer = solve_mip(self.core.linear, objective, engine="highs", nodes=self.effort.nodes)
        return answer

    def _relaxed_bound(self, objective: Terms) -> int:
        solved = self.relaxation.maximise(objective, self.stop)
        self._check_stop()
        if solved is None:
            return sum(max(0, c) * self.core.linear.high[v] for v, c in objective.items())
        value, weights = solved
        self.add_cut(self.pool.cut(weights))
        # the bound itself is read off the master, which holds the inequality in integers; this is its rounded size
        self.relaxed_value = value
        answer = self._solve_master(objective)
        return answer.bound if answer.bound is not None else 1 << 40

    # -- integer routing ------------------------------------------------------------------------------------------

    def _column_rows(self, linear: Linear) -> list[int]:
        """Add the columns and their rows to a copy of the core; returns the variable of each column."""
        variables: list[int] = []
        route: dict[int, dict[int, int]] = {a.number: {} for a in self.instance.asks if a.space is not None}
        draw: dict[int, dict[int, int]] = {}
        for column in self.pool.columns:
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

    def _adopt(self, values: Sequence[int], variables: Sequence[int]) -> None:
        """Make the engine's award the best so far."""
        routes: dict[int, list[Legs]] = {}
        for column, variable in zip(self.pool.columns, variables, strict=True):
            routes.setdefault(column.ask, []).extend([column.legs] * values[variable])
        granted = tuple(values[x] for x in self.core.x)
        self.best = Routed(granted, {n: tuple(legs) for n, legs in routes.items() if legs})

    def _columns_mip(self, objective: Terms) -> None:
        """The best award over the known columns."""
        linear = self.core.linear.copy()
        variables = self._column_rows(linear)
        answer = solve_mip(linear, objective, nodes=self.effort.nodes)
        if answer.values is not None and value_of(objective, answer.values) > self.value(objective):
            self._adopt(answer.values, variables)
        self._check_stop()

    def _route(self, target: Sequence[int], objective: Terms) -> bool:
        """Try to route given grants over the known columns; adopt them where that works."""
        linear = self.core.linear.copy()
        for number, x in enumerate(self.core.x):
            linear.high[x] = min(linear.high[x], target[number])
            linear.low[x] = min(target[number], linear.high[x]) if not self.instance.asks[number].is_fibre else 0
        # conditions and levels are met by the target itself; only routing is in question here
        only = Linear(list(linear.low), list(linear.high), [])
        variables = self._column_rows(only)
        total = {self.core.x[a.number]: 1 for a in self.instance.asks if a.space is not None}
        answer = solve_mip(only, total, nodes=self.effort.nodes)
        if answer.values is None or value_of(total, answer.values) < sum(target[a.number] for a in self.instance.asks if a.space is not None):
            return False
        self._adopt(answer.values, variables)
        return True

    def _flow_bound(self, objective: Terms) -> int:
        """The objective over all routes by arc flows: adopts what it finds and returns its bound."""
        model = FlowModel.of(self.core)
        answer = solve_mip(model.linear, objective, nodes=self.effort.flow_nodes)
        self._check_stop()
        if answer.infeasible:
            return 1 << 40
        if answer.values is not None and value_of(objective, answer.values) > self.value(objective):
            routes = model.routes(answer.values)
            for number, circuits in routes.items():
                for legs in circuits:
                    self.pool.add(self.instance.asks[number], legs)
            granted = tuple(answer.values[x] for x in self.core.x)
            self.best = Routed(granted, {n: tuple(c) for n, c in routes.items() if c})
        return answer.bound if answer.bound is not None else 1 << 40
