"""A small linear programme as plain data, and the engines of OR-Tools that solve it.

All coefficients are integers. An engine's answer is never believed as it stands: values are rounded and every row is checked
in integers (`Linear.holds`); where that fails, there is no answer. One thread and a fixed seed throughout, and limits in
engine steps rather than seconds, so that a result can be repeated.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Terms = Mapping[int, int]
"""Variable number -> coefficient."""

INFINITY = 1 << 60


@dataclass(slots=True)
class Linear:
    """Integer variables with bounds, and rows low <= sum <= high (INFINITY where a side is open)."""

    low: list[int] = field(default_factory=list)
    high: list[int] = field(default_factory=list)
    rows: list[tuple[dict[int, int], int, int]] = field(default_factory=list)

    def variable(self, low: int, high: int) -> int:
        """Add a variable with low <= value <= high; returns its number."""
        self.low.append(low)
        self.high.append(high)
        return len(self.low) - 1

    def row(self, terms: Terms, low: int = -INFINITY, high: int = INFINITY) -> None:
        """Add a row low <= sum of terms <= high."""
        self.rows.append((dict(terms), low, high))

    def copy(self) -> Linear:
        """A copy that can grow without touching this one (rows themselves are shared and never changed)."""
        return Linear(list(self.low), list(self.high), list(self.rows))

    def holds(self, values: Sequence[int]) -> bool:
        """Whether integer values respect every bound and every row."""
        if any(not lo <= v <= hi for lo, v, hi in zip(self.low, values, self.high, strict=True)):
            return False
        return all(lo <= value_of(terms, values) <= hi for terms, lo, hi in self.rows)


def value_of(terms: Terms, values: Sequence[int]) -> int:
    """The sum of terms at the given values."""
    return sum(c * values[v] for v, c in terms.items())


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine found: values (None where it found none), and a bound that no values can pass (None: not proved)."""

    values: tuple[int, ...] | None
    bound: int | None
    infeasible: bool = False


class EngineFault(Exception):  # noqa: N818 -- the fault is the engine's
    """An engine called infeasible what is feasible, or broke in another way: a bug of the engine or of the model."""


@dataclass(slots=True)
class CpSatModel:
    """A programme kept inside CP-SAT: rows and objectives are added to it without building it again."""

    linear: Linear
    model: Any = None
    variables: list[Any] = field(default_factory=list)
    _rows_done: int = 0

    def _sync(self) -> None:
        from ortools.sat.python import cp_model

        if self.model is None:
            self.model = cp_model.CpModel()
        for v in range(len(self.variables), len(self.linear.low)):
            self.variables.append(self.model.new_int_var(self.linear.low[v], self.linear.high[v], ""))
        for terms, lo, hi in self.linear.rows[self._rows_done :]:
            total = cp_model.LinearExpr.weighted_sum([self.variables[v] for v in terms], list(terms.values()))
            if lo == hi:
                self.model.add(total == lo)
            else:
                if lo > -INFINITY:
                    self.model.add(total >= lo)
                if hi < INFINITY:
                    self.model.add(total <= hi)
        self._rows_done = len(self.linear.rows)

    def maximise(
        self,
        objective: Terms,
        *,
        hint: Sequence[int] | None = None,
        effort: float = 10.0,
        seconds: float | None = None,
    ) -> Answer:
        """Greatest value of the objective within a deterministic effort (rule C5; CP-SAT's unit, about a second each).

        The bound is the least that was proved, so equal to the value where the search ended.
        """
        from ortools.sat.python import cp_model

        self._sync()
        self.model.clear_objective()
        self.model.clear_hints()
        if objective:
            expr = cp_model.LinearExpr.weighted_sum([self.variables[v] for v in objective], list(objective.values()))
            self.model.maximize(expr)
        if hint is not None:
            for var, value in zip(self.variables, hint, strict=True):
                self.model.add_hint(var, value)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.catch_sigint_signal = False
        solver.parameters.max_deterministic_time = effort
        if seconds is not None:
            solver.parameters.max_time_in_seconds = max(0.01, seconds)
        status = solver.solve(self.model)
        if status == cp_model.INFEASIBLE:
            return Answer(None, None, infeasible=True)
        if status == cp_model.MODEL_INVALID:
            raise EngineFault(self.model.validate())
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return Answer(None, None)  # nothing was found, and a bound from a search that hardly began means nothing
        bound = math.floor(solver.best_objective_bound + 1e-6) if objective else 0
        values = tuple(solver.value(v) for v in self.variables)
        if not self.linear.holds(values):
            raise EngineFault("CP-SAT returned values that break a row")
        return Answer(values, bound)


def written(linear: Linear, objective: Terms, continuous: frozenset[int] = frozenset()) -> Any:
    """A programme to be maximised as MathOpt's message, which gives the model that its own classes would make.

    Those cross from Python to C++ once for each coefficient, which took a fifth of the award of the bundled round.
    """
    from ortools.math_opt import model_pb2

    made = model_pb2.ModelProto()
    columns = range(len(linear.low))
    made.variables.ids.extend(columns)
    made.variables.lower_bounds.extend(linear.low)
    made.variables.upper_bounds.extend(linear.high)
    made.variables.integers.extend(v not in continuous for v in columns)
    made.linear_constraints.ids.extend(range(len(linear.rows)))
    made.linear_constraints.lower_bounds.extend(-math.inf if low <= -INFINITY else low for _, low, _ in linear.rows)
    made.linear_constraints.upper_bounds.extend(math.inf if high >= INFINITY else high for _, _, high in linear.rows)
    cells = [(row, v, c) for row, (terms, _, _) in enumerate(linear.rows) for v, c in sorted(terms.items())]
    matrix = made.linear_constraint_matrix
    matrix.row_ids.extend(row for row, _, _ in cells)
    matrix.column_ids.extend(v for _, v, _ in cells)
    matrix.coefficients.extend(c for _, _, c in cells)
    made.objective.maximize = True
    wanted = sorted(objective.items())
    made.objective.linear_coefficients.ids.extend(v for v, _ in wanted)
    made.objective.linear_coefficients.values.extend(c for _, c in wanted)
    return made


def solve_mip(
    linear: Linear,
    objective: Terms,
    *,
    engine: str = "highs",
    continuous: frozenset[int] = frozenset(),
    nodes: int | None = None,
    seconds: float | None = None,
    hint: Sequence[int] | None = None,
) -> Answer:
    """Greatest value of the objective by branch and bound (HiGHS, SCIP or CP-SAT through MathOpt).

    `nodes` bounds the tree (HiGHS and SCIP), so that a limit is repeatable. `continuous` variables are allowed to be fractional inside
    the engine; their rounded values must still satisfy every row. Values that do not are no answer.
    """
    from ortools.math_opt.python import mathopt

    model = mathopt.Model.from_model_proto(written(linear, objective, continuous))
    variables = [model.get_variable(v) for v in range(len(linear.low))]
    params = mathopt.SolveParameters()
    if seconds is not None:
        import datetime

        params.time_limit = datetime.timedelta(seconds=max(0.01, seconds))
    params.relative_gap_tolerance = 0.0
    params.absolute_gap_tolerance = 0.0
    if engine == "highs":
        params.highs.int_options["threads"] = 1
        params.highs.int_options["random_seed"] = 1
        params.highs.bool_options["output_flag"] = False
        if nodes is not None:
            params.highs.int_options["mip_max_nodes"] = nodes
        kind = mathopt.SolverType.HIGHS
    elif engine == "scip":
        params.threads = 1
        if nodes is not None:
            params.node_limit = nodes
        kind = mathopt.SolverType.GSCIP
    else:
        params.threads = 1
        params.random_seed = 1
        kind = mathopt.SolverType.CP_SAT
    model_params = None
    if hint is not None and engine != "highs":
        model_params = mathopt.ModelSolveParameters(
            solution_hints=[mathopt.SolutionHint(variable_values=dict(zip(variables, map(float, hint), strict=True)))]
        )
    try:
        result = mathopt.solve(model, kind, params=params, model_params=model_params)
    except AttributeError:  # or-tools #4606: an engine's own error arrives masked as an AttributeError
        if engine == "scip":
            return Answer(None, None)
        return solve_mip(linear, objective, engine="scip", nodes=nodes, seconds=seconds, hint=hint)
    reason = result.termination.reason
    if reason in (mathopt.TerminationReason.INFEASIBLE, mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED):
        return Answer(None, None, infeasible=True)
    dual = result.termination.objective_bounds.dual_bound
    bound = math.floor(dual + 1e-5) if math.isfinite(dual) else None
    if not result.has_primal_feasible_solution():
        return Answer(None, bound)
    found = result.variable_values(variables)
    values = tuple(round(v) for v in found)
    if not linear.holds(values):
        return Answer(None, bound)
    return Answer(values, bound)
