"""A small integer programme as data, and two engines that answer whether it has a solution: SCIP and CP-SAT.

The solver's own programmes run in CP-SAT (masters) and HiGHS (columns, flows); a bound is re-proved here by SCIP, and by another
formulation. Limits are in engine steps, so that an answer can be repeated. A "yes" is checked in plain integers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

Terms = Mapping[int, int]
"""Variable number -> integer coefficient."""

YES, NO, OPEN = "yes", "no", "open"


@dataclass(slots=True)
class Programme:
    """Integer variables with bounds, and rows low <= sum <= high (None where a side is open)."""

    low: list[int] = field(default_factory=list)
    high: list[int] = field(default_factory=list)
    rows: list[tuple[dict[int, int], int | None, int | None]] = field(default_factory=list)

    def var(self, low: int, high: int) -> int:
        """A new variable; returns its number."""
        self.low.append(low)
        self.high.append(high)
        return len(self.low) - 1

    def row(self, terms: Terms, low: int | None = None, high: int | None = None) -> None:
        """A new row, divided by what all its coefficients share (which only tightens an integer row)."""
        kept = {v: c for v, c in terms.items() if c}
        shared = reduce(math.gcd, kept.values(), 0)
        if shared > 1:
            kept = {v: c // shared for v, c in kept.items()}
            low = None if low is None else -(-low // shared)
            high = None if high is None else high // shared
        self.rows.append((kept, low, high))

    def copy(self) -> Programme:
        """A copy that can grow without touching this one."""
        return Programme(list(self.low), list(self.high), list(self.rows))

    def holds(self, values: list[int]) -> bool:
        """Whether values keep every bound and row, in plain integers."""
        if any(not lo <= v <= hi for v, lo, hi in zip(values, self.low, self.high, strict=True)):
            return False
        for terms, low, high in self.rows:
            total = sum(c * values[v] for v, c in terms.items())
            if (low is not None and total < low) or (high is not None and total > high):
                return False
        return True

    def feasible(self, engine: str = "scip", effort: int = 100) -> str:
        """Whether there is a solution: "yes" (checked), "no" (the engine's proof), or "open" within the effort."""
        return self.solve(engine, effort)[0]

    def solve(self, engine: str = "scip", effort: int = 100) -> tuple[str, list[int]]:
        """As `feasible`, and the values of the solution where there is one."""
        for terms, low, high in self.rows:  # a row that no values can keep needs no engine
            most = sum(c * (self.high[v] if c > 0 else self.low[v]) for v, c in terms.items())
            least = sum(c * (self.low[v] if c > 0 else self.high[v]) for v, c in terms.items())
            if (low is not None and most < low) or (high is not None and least > high):
                return NO, []
        return self._mip(engine, effort) if engine == "scip" else self._cp_sat(effort)

    def found(self, effort: int = 100) -> bool:
        """Whether HiGHS finds a solution, which is checked like any. That it finds none says nothing: refuting is for `solve`."""
        return self._mip("highs", effort)[0] == YES

    def _mip(self, engine: str, effort: int) -> tuple[str, list[int]]:
        from ortools.math_opt.python import mathopt

        model = mathopt.Model.from_model_proto(self._message())
        params = mathopt.SolveParameters()
        if engine == "highs":
            kind, own = mathopt.SolverType.HIGHS, params.highs
            own.int_options.update({"threads": 1, "random_seed": 1, "mip_max_nodes": 100 * effort})
            own.bool_options["output_flag"] = False
        else:
            kind = mathopt.SolverType.GSCIP
            params.threads, params.random_seed, params.node_limit = 1, 1, 100 * effort
        try:
            result = mathopt.solve(model, kind, params=params)
        except AttributeError:  # or-tools #4606: an engine's error status surfaces as AttributeError
            return self._cp_sat(effort)
        reason = result.termination.reason
        if reason in (mathopt.TerminationReason.INFEASIBLE, mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED):
            return NO, []
        if not result.has_primal_feasible_solution():
            return OPEN, []
        values = [round(v) for v in result.variable_values([model.get_variable(v) for v in range(len(self.low))])]
        return (YES, values) if self.holds(values) else (OPEN, [])

    def _message(self) -> Any:
        """The programme as MathOpt's message: its own classes cross from Python to C++ once for each coefficient."""
        from ortools.math_opt import model_pb2

        made = model_pb2.ModelProto()
        made.variables.ids.extend(range(len(self.low)))
        made.variables.lower_bounds.extend(self.low)
        made.variables.upper_bounds.extend(self.high)
        made.variables.integers.extend([True] * len(self.low))
        made.linear_constraints.ids.extend(range(len(self.rows)))
        made.linear_constraints.lower_bounds.extend(-math.inf if low is None else low for _, low, _ in self.rows)
        made.linear_constraints.upper_bounds.extend(math.inf if high is None else high for _, _, high in self.rows)
        matrix = made.linear_constraint_matrix
        for number, (terms, _, _) in enumerate(self.rows):
            columns = sorted(terms)
            matrix.row_ids.extend([number] * len(columns))
            matrix.column_ids.extend(columns)
            matrix.coefficients.extend(terms[v] for v in columns)
        return made

    def _cp_sat(self, effort: int) -> tuple[str, list[int]]:
        from ortools.sat.python import cp_model

        model = cp_model.CpModel()
        variables = [model.new_int_var(lo, hi, "") for lo, hi in zip(self.low, self.high, strict=True)]
        for terms, low, high in self.rows:
            total = cp_model.LinearExpr.weighted_sum([variables[v] for v in terms], list(terms.values()))
            if low is not None and low == high:
                model.add(total == low)
                continue
            if low is not None:
                model.add(total >= low)
            if high is not None:
                model.add(total <= high)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 2
        solver.parameters.catch_sigint_signal = False
        solver.parameters.max_deterministic_time = effort / 5
        status = solver.solve(model)
        if status == cp_model.INFEASIBLE:
            return NO, []
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return OPEN, []
        values = [solver.value(v) for v in variables]
        return (YES, values) if self.holds(values) else (OPEN, [])
