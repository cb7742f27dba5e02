"""Known routes (columns), and the linear relaxation over *all* routes by column generation.

The relaxation is exact over every route a space admits: after each solve all asks are priced, that is their cheapest route
under the duals is found, and the loop ends when no route would improve it. Its duals, rounded to integers, are a *metric
inequality* (Onaga and Kakusho 1971; Iri 1971): for any weights w >= 0 on the rows, every award satisfies

    sum over asks of  least_weight(ask, w) × granted(ask)  <=  sum over rows of  w(row) × capacity(row).

That holds whatever the weights are, so rounding loses tightness and never truth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import gcd
from typing import Any

from allocation.solving.core import Core
from allocation.solving.instance import Ask, Instance
from allocation.solving.linear import INFINITY
from allocation.solving.spaces import Legs

METRES = 10**9
"""Weights are searched as weight × METRES + metres, so that of equally cheap routes the shortest is found."""

SCALE = 10**6
"""Duals are rounded to this fraction."""

SCALES = (1, 2, 3, 4, 6, 12, 24, 1000, SCALE)
"""Roundings of the duals of an inequality, tried in this order: small weights are better for whole numbers; any are true."""

Stop = Any


@dataclass(frozen=True, slots=True)
class Column:
    """One way to route one circuit of an ask; `draws` are the rows it takes one pair of."""

    ask: int
    legs: Legs
    draws: tuple[int, ...]
    metres: int
    positions: int


@dataclass(frozen=True, slots=True)
class Cut:
    """A metric inequality: sum of coefficient × grant <= bound. `weights` by row number is all that proves it."""

    weights: tuple[tuple[int, int], ...]
    coefficients: tuple[tuple[int, int], ...]
    bound: int


@dataclass(eq=False)
class Pool:
    """All columns found so far, each once, and the pricing that finds more."""

    instance: Instance
    columns: list[Column] = field(default_factory=list)
    of_ask: list[list[int]] = field(default_factory=list)
    _known: dict[tuple[int, Legs], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.of_ask = [[] for _ in self.instance.asks]

    def add(self, ask: Ask, legs: Legs) -> int:
        """The number of the column for these legs, made if new."""
        key = (ask.number, legs)
        if key not in self._known:
            graph = self.instance.graph
            metres = sum(graph.length_m[s] for leg in legs for s in leg)
            positions = sum(s + 1 for leg in legs for s in leg)
            self._known[key] = len(self.columns)
            self.of_ask[ask.number].append(len(self.columns))
            draws = tuple(self.instance.draws(ask, legs))
            self.columns.append(Column(ask.number, legs, draws, metres, positions))
        return self._known[key]

    def price(self, weights: Mapping[int, int], asks: Iterable[Ask]) -> dict[int, tuple[int, Legs] | None]:
        """Cheapest route of each fibre ask under row weights: (weight, legs), None where its space is empty."""
        by_profile: dict[int, list[int]] = {}
        answers: dict[tuple[int, int], tuple[int, Legs] | None] = {}
        found: dict[int, tuple[int, Legs] | None] = {}
        scaled = {row: w * METRES for row, w in weights.items()}
        for ask in asks:
            if ask.space is None:
                continue
            if ask.profile not in by_profile:
                by_profile[ask.profile] = self.instance.span_weights(ask.profile, scaled, self.instance.graph.length_m)
            key = (id(ask.space), ask.profile)
            if key not in answers:
                cheapest = ask.space.cheapest(by_profile[ask.profile])
                answers[key] = None if cheapest is None else (cheapest[0] // METRES, cheapest[1])
            found[ask.number] = answers[key]
        return found

    def cut(self, weights: Mapping[int, int]) -> Cut:
        """The metric inequality of integer row weights, divided by the greatest common divisor of its coefficients."""
        kept = {row: w for row, w in sorted(weights.items()) if w > 0}
        prices = self.price(kept, self.instance.asks)
        coefficients = {number: price[0] for number, price in prices.items() if price is not None and price[0] > 0}
        bound = sum(w * self.instance.rows[row].capacity for row, w in kept.items())
        divisor = gcd(*coefficients.values()) if coefficients else 1
        reduced = tuple((number, c // divisor) for number, c in sorted(coefficients.items()))
        return Cut(tuple(kept.items()), reduced, bound // divisor)


def whole_weights(duals: Mapping[int, float]) -> dict[int, int]:
    """Duals as integer weights, the same for pricing and for the inequality, so that no space is searched twice."""
    return {row: w for row, d in duals.items() if (w := round(d * SCALE)) > 0}


def integer_weights(duals: Mapping[int, float], scale: int = SCALE) -> dict[int, int]:
    """Duals as integer weights, relative to the largest of them."""
    largest = max(duals.values(), default=0.0)
    if largest <= 1e-9:
        return {}
    return {row: w for row, d in duals.items() if (w := round(d / largest * scale)) > 0}


class _RoutingLp:
    """What both linear programmes share: a row per capacity and per ask, and columns that arrive as they are found."""

    def __init__(self, pool: Pool) -> None:
        from ortools.linear_solver import pywraplp

        self.pool, self.instance = pool, pool.instance
        self.solver: Any = pywraplp.Solver.CreateSolver("GLOP")
        self.fibre = [a for a in self.instance.asks if a.space is not None]
        self.capacity: dict[int, Any] = {}
        self.route: dict[int, Any] = {a.number: self.solver.Constraint(0.0, self.solver.infinity()) for a in self.fibre}
        self.column_variables: list[Any] = []

    def sync_columns(self) -> None:
        """Bring over the columns that the pool has gained."""
        solver = self.solver
        for column in self.pool.columns[len(self.column_variables) :]:
            var = solver.NumVar(0.0, solver.infinity(), "")
            self.column_variables.append(var)
            self.route[column.ask].SetCoefficient(var, 1.0)
            for row in column.draws:
                if row not in self.capacity:
                    room = float(self.instance.rows[row].capacity)
                    self.capacity[row] = solver.Constraint(-solver.infinity(), room)
                self.capacity[row].SetCoefficient(var, 1.0)

    def improve(self, duals: Mapping[int, float], worth: Mapping[int, float]) -> bool:
        """Price the asks; add the routes that are worth more than they cost. All duals were read before (adding a
        column in OR-Tools' wrapper makes them invalid without a word).
        """
        weights = whole_weights(duals)
        wanted = [a for a in self.fibre if worth.get(a.number, 0.0) > 1e-9]
        before = len(self.pool.columns)
        for hard in (False, True):  # what takes a search is priced only when the rest brings nothing more
            asks = [a for a in wanted if a.space is not None and a.space.is_flow != hard]
            for number, price in self.pool.price(weights, asks).items():
                if price is not None and price[0] < worth[number] * SCALE - 2:
                    self.pool.add(self.instance.asks[number], price[1])
            if len(self.pool.columns) > before:
                break
        self.sync_columns()
        return len(self.pool.columns) > before


class Relaxation(_RoutingLp):
    """The linear relaxation of the core with all routes, kept inside GLOP and solved again as it grows."""

    def __init__(self, core: Core, pool: Pool) -> None:
        super().__init__(pool)
        self.core = core
        self.variables: list[Any] = []
        self.rows_done = 0
        self.duals: dict[int, float] = {}  # of the last objective, by row

    def _sync(self) -> None:
        """Bring over what the core and the pool have gained since the last solve."""
        linear, solver = self.core.linear, self.solver
        first = not self.variables
        for v in range(len(self.variables), len(linear.low)):
            self.variables.append(solver.NumVar(float(linear.low[v]), float(linear.high[v]), ""))
        for terms, lo, hi in linear.rows[self.rows_done :]:
            low = -solver.infinity() if lo <= -INFINITY else float(lo)
            row = solver.Constraint(low, solver.infinity() if hi >= INFINITY else float(hi))
            for v, c in terms.items():
                row.SetCoefficient(self.variables[v], float(c))
        self.rows_done = len(linear.rows)
        if first:
            for ask in self.fibre:
                self.route[ask.number].SetCoefficient(self.variables[self.core.x[ask.number]], -1.0)
        self.sync_columns()

    def maximise(self, objective: Mapping[int, int], stop: Stop = None) -> tuple[float, dict[int, int]] | None:
        """Value of the relaxation over all routes, and its duals as integer row weights; None if GLOP fails or `stop()`."""
        self._sync()
        goal = self.solver.Objective()
        goal.Clear()
        for v, c in objective.items():
            goal.SetCoefficient(self.variables[v], float(c))
        goal.SetMaximization()
        while True:
            if self.solver.Solve() != 0 or (stop is not None and stop()):
                return None
            duals = {row: max(0.0, c.dual_value()) for row, c in self.capacity.items()}
            worth = {number: -row.dual_value() for number, row in self.route.items()}
            if not self.improve(duals, worth):
                self.duals = duals
                return goal.Value(), whole_weights(duals)

    def shortest_routing(self, target: Sequence[int], stop: Stop = None) -> frozenset[int]:
        """Add the columns of a shortest routing, in fractions, of given grants: mostly whole, so a good start for integers.

        Returns the rows that it fills.
        """
        self._sync()
        xs = [self.variables[x] for x in self.core.x]
        for x, granted in zip(xs, target, strict=True):
            x.SetBounds(float(granted), float(granted))
        drawn: dict[int, float] = defaultdict(float)
        if self.minimise_metres(stop) is not None:
            for column, var in zip(self.pool.columns, self.column_variables, strict=True):
                for row in column.draws:
                    drawn[row] += var.solution_value()
        for x, number in zip(xs, self.core.x, strict=True):
            x.SetBounds(float(self.core.linear.low[number]), float(self.core.linear.high[number]))
        return frozenset(row for row, used in drawn.items() if used > self.instance.rows[row].capacity - 1e-6)

    def minimise_metres(self, stop: Stop = None) -> dict[int, float] | None:
        """Row duals, in metres a pair, of the least total pair-metres over all routes; None if GLOP fails or `stop()`."""
        self._sync()
        goal = self.solver.Objective()
        goal.Clear()
        goal.SetMinimization()
        priced = 0
        lengths = [m * SCALE for m in self.instance.graph.length_m]
        while True:
            for column, var in zip(self.pool.columns[priced:], self.column_variables[priced:], strict=True):
                goal.SetCoefficient(var, float(column.metres))
            priced = len(self.pool.columns)
            if self.solver.Solve() != 0 or (stop is not None and stop()):
                return None
            duals = {row: max(0.0, -c.dual_value()) for row, c in self.capacity.items()}
            worth = {number: row.dual_value() for number, row in self.route.items()}
            weights = {row: round(d * SCALE) for row, d in duals.items() if d > 0}
            per_profile = [self.instance.span_weights(p, weights, lengths) for p in range(len(self.instance.profiles))]
            for ask in self.fibre:
                if worth[ask.number] > 1e-9:
                    cheapest = ask.space.cheapest(per_profile[ask.profile]) if ask.space else None
                    if cheapest is not None and cheapest[0] < (worth[ask.number] - 1e-6) * SCALE - 2:
                        self.pool.add(ask, cheapest[1])
            self.sync_columns()
            if len(self.pool.columns) == priced:
                return duals


class Separation(_RoutingLp):
    """Whether given grants can be routed in fractions; where not, a metric inequality that says so.

    The least *overflow*, the same on every row, is sought. Its duals sum to 1, so they weigh the few rows of the tightest place
    rather than all rows at once, as the duals of the least unmet demand would; short inequalities say more about whole numbers.
    """

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.overflow = self.solver.NumVar(0.0, self.solver.infinity(), "")
        self.solver.Objective().SetMinimization()
        self.solver.Objective().SetCoefficient(self.overflow, 1.0)
        self.rows_done = 0

    def sync_columns(self) -> None:
        """Bring over new columns; each row may overflow."""
        super().sync_columns()
        for row in list(self.capacity.values())[self.rows_done :]:
            row.SetCoefficient(self.overflow, -1.0)
        self.rows_done = len(self.capacity)

    def violated(self, granted: Sequence[int], stop: Stop = None) -> Cut | None:
        """A metric inequality that these grants break, or None where they can be routed in fractions (or GLOP failed)."""
        self.sync_columns()
        asked = [a for a in self.fibre if granted[a.number] > 0]
        for ask in self.fibre:
            self.route[ask.number].SetLb(float(granted[ask.number]))
        while True:
            if self.solver.Solve() != 0 or (stop is not None and stop()):
                return None
            if self.solver.Objective().Value() < 1e-7:
                return None
            duals = {row: max(0.0, -c.dual_value()) for row, c in self.capacity.items()}
            worth = {a.number: max(0.0, self.route[a.number].dual_value()) for a in asked}
            if self.improve(duals, worth):
                continue
            for scale in SCALES:
                cut = self.pool.cut(integer_weights(duals, scale))
                if sum(c * granted[n] for n, c in cut.coefficients) > cut.bound:
                    return cut
            return None
