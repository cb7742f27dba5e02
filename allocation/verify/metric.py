"""A metric inequality that given grants break, found by routing them in fractions (arc flows, GLOP).

For any non-negative integer weights on rows, least weights × grants add up to at most weights × capacities in every feasible award
(Onaga and Kakusho 1971; Iri 1971). Where grants cannot be routed even in fractions, the duals of the rows are such weights. They
are rounded to integers and priced anew by exact routes, so nothing rests on the engine's arithmetic.
"""

from __future__ import annotations

import math

from allocation.verify.flows import Router
from allocation.verify.grants import GrantProgramme, Inequality
from allocation.verify.programme import Programme
from allocation.verify.world import Row

SCALES = (24, 1000)
"""Largest weight of an inequality; small ones make better rows for integers, and are tried first."""


def violated(base: GrantProgramme, granted: dict[str, int]) -> Inequality | None:
    """An inequality that the grants break, or None where none was found (they can be routed in fractions)."""
    weights = _duals(base, granted)
    largest = max(weights.values(), default=0.0)
    if largest <= 1e-9:
        return None
    for scale in SCALES:
        whole = {row: w for row, dual in weights.items() if (w := round(dual / largest * scale)) > 0}
        bound = sum(w * (base.world.capacity(row) or 0) for row, w in whole.items())
        spent = sum(units * base.least(base.world.requests[r], whole) for r, units in granted.items() if units)
        if spent > bound:
            return Inequality(whole, bound)
    return None


def _duals(base: GrantProgramme, granted: dict[str, int]) -> dict[Row, float]:
    """Duals of the rows when what does not fit is made least."""
    from ortools.math_opt.python import mathopt

    world, flows = base.world, Programme()
    router = Router(flows)
    loads: dict[Row, dict[int, int]] = {}
    for name, units in granted.items():
        r = world.requests[name]
        if not r.is_fibre or not units:
            continue
        drawn = router.common(base.ways(r), flows.var(units, units), units)
        for span, terms in drawn.items():
            for row in {row for at in world.dates(r) for row in world.rows(world.group(r), span, at)}:
                loads.setdefault(row, {}).update(terms)
    model = mathopt.Model()
    variables = [model.add_variable(lb=lo, ub=hi) for lo, hi in zip(flows.low, flows.high, strict=True)]
    for terms, low, high in flows.rows:
        kept = model.add_linear_constraint(lb=-math.inf if low is None else low, ub=math.inf if high is None else high)
        for v, c in terms.items():
            kept.set_coefficient(variables[v], c)
    capacities = {}
    for key, row in _tightest(base, loads).items():
        over = model.add_variable(lb=0)
        model.objective.set_linear_coefficient(over, 1.0)
        capacities[row] = model.add_linear_constraint(ub=world.capacity(row) or 0)
        capacities[row].set_coefficient(over, -1.0)
        for v, c in key:
            capacities[row].set_coefficient(variables[v], c)
    result = mathopt.solve(model, mathopt.SolverType.GLOP)
    if not result.has_dual_feasible_solution():
        return {}
    return {row: abs(result.dual_values(held)) for row, held in capacities.items()}


def _tightest(base: GrantProgramme, loads: dict[Row, dict[int, int]]) -> dict[tuple[tuple[int, int], ...], Row]:
    """Each load once, with the row that has least capacity for it."""
    best: dict[tuple[tuple[int, int], ...], Row] = {}
    for row, terms in sorted(loads.items()):
        key = tuple(sorted(terms.items()))
        if key not in best or (base.world.capacity(row) or 0) < (base.world.capacity(best[key]) or 0):
            best[key] = row
    return best
