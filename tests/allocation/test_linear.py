"""An engine's word is not taken: values are rounded and every row is checked in integers."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.solving.linear import INFINITY, CpSatModel, EngineFault, Linear, solve_mip, value_of, written

ENGINES = ("highs", "scip", "cp_sat")


def knapsack() -> Linear:
    """x + y <= 3 with x in 0..2 and y in 0..2."""
    linear = Linear()
    x, y = linear.variable(0, 2), linear.variable(0, 2)
    linear.row({x: 1, y: 1}, high=3)
    return linear


@pytest.mark.parametrize(
    ("values", "good"), [((2, 1), True), ((2, 2), False), ((3, 0), False), ((-1, 0), False), ((0, 0), True)]
)
def test_values_hold_when_every_bound_and_row_does(values, good):
    assert knapsack().holds(values) is good


def test_both_sides_of_a_row_are_checked():
    linear = Linear([0], [9], [({0: 2}, 4, 6)])
    assert [v for v in range(10) if linear.holds([v])] == [2, 3]
    assert Linear([0], [9], [({0: 1}, 4, INFINITY)]).holds([9])


def test_a_copy_grows_alone():
    first = knapsack()
    other = first.copy()
    other.row({0: 1}, high=0)
    assert (len(first.rows), len(other.rows)) == (1, 2)


@pytest.mark.parametrize("engine", ENGINES)
def test_values_that_break_a_row_are_no_answer(monkeypatch, engine):
    """An engine that returned values outside a row (here every value is made 2) is not believed; its bound may still stand."""
    from ortools.math_opt.python import mathopt

    honest = solve_mip(knapsack(), {0: 1, 1: 1}, engine=engine)
    assert honest.values is not None
    assert value_of({0: 1, 1: 1}, honest.values) == 3
    monkeypatch.setattr(mathopt.SolveResult, "variable_values", lambda self, variables: [2.0 for _ in variables])
    assert solve_mip(knapsack(), {0: 1, 1: 1}, engine=engine).values is None


def test_cp_sat_values_that_break_a_row_are_a_fault(monkeypatch):
    """CP-SAT is exact, so wrong values there mean a bug, and are said to be one."""
    from ortools.sat.python import cp_model

    monkeypatch.setattr(cp_model.CpSolver, "value", lambda self, variable: 2)
    with pytest.raises(EngineFault):
        CpSatModel(knapsack()).maximise({0: 1, 1: 1})


@pytest.mark.parametrize("engine", ENGINES)
def test_what_cannot_be_is_infeasible(engine):
    linear = knapsack()
    linear.row({0: 1, 1: 1}, low=5)
    assert solve_mip(linear, {0: 1}, engine=engine).infeasible
    assert CpSatModel(linear).maximise({0: 1}).infeasible


def test_a_kept_model_sees_rows_and_variables_added_later():
    """The same model, solved, grown and solved again."""
    linear = knapsack()
    model = CpSatModel(linear)
    assert model.maximise({0: 1, 1: 1}).bound == 3
    linear.row({0: 1}, high=0)
    z = linear.variable(0, 5)
    linear.row({z: 1, 1: 1}, high=4)
    answer = model.maximise({0: 1, 1: 1, z: 1})
    assert (answer.bound, answer.values and answer.values[0]) == (4, 0)


@st.composite
def programmes(draw: Any) -> tuple[Linear, dict[int, int]]:
    """Up to four variables in 0..2 and up to three rows of small coefficients."""
    size = draw(st.integers(1, 4))
    linear = Linear([0] * size, [2] * size)
    terms = st.dictionaries(st.integers(0, size - 1), st.integers(-3, 3), max_size=size)
    for _ in range(draw(st.integers(0, 3))):
        linear.row(draw(terms), draw(st.sampled_from([-INFINITY, -1, 1])), draw(st.sampled_from([INFINITY, 1, 3])))
    return linear, draw(terms)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(programmes())
def test_each_engine_finds_the_greatest_value(case):
    """Against trying all values: the greatest, its bound, and infeasibility."""
    linear, objective = case
    all_values = product(*(range(lo, hi + 1) for lo, hi in zip(linear.low, linear.high, strict=True)))
    best = max((value_of(objective, v) for v in all_values if linear.holds(v)), default=None)
    for answer in (CpSatModel(linear).maximise(objective), solve_mip(linear, objective)):
        assert answer.infeasible is (best is None)
        if best is not None:
            assert answer.values is not None
            assert value_of(objective, answer.values) == best
            assert answer.bound is not None
            assert answer.bound == (best if objective else 0)


def as_its_own_classes_write(linear: Linear, objective: dict[int, int], continuous: frozenset[int]) -> bytes:
    """The programme as MathOpt's own classes export it, built term by term."""
    from ortools.math_opt.python import mathopt

    model = mathopt.Model()
    variables = [
        model.add_variable(lb=low, ub=high, is_integer=v not in continuous)
        for v, (low, high) in enumerate(zip(linear.low, linear.high, strict=True))
    ]
    for terms, low, high in linear.rows:
        row = model.add_linear_constraint(
            lb=-math.inf if low == -INFINITY else low, ub=math.inf if high == INFINITY else high
        )
        for v, c in terms.items():
            row.set_coefficient(variables[v], c)
    model.objective.is_maximize = True
    for v, c in objective.items():
        model.objective.set_linear_coefficient(variables[v], c)
    return model.export_model().SerializeToString(deterministic=True)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_programme_is_written_as_mathopt_itself_writes_it(data):
    from ortools.math_opt.python import mathopt

    size = data.draw(st.integers(0, 5))
    numbers = st.integers(-3, 3)
    terms = st.dictionaries(st.sampled_from(range(size)), numbers) if size else st.just({})
    bounds = [sorted(data.draw(st.tuples(numbers, numbers))) for _ in range(size)]
    linear = Linear([low for low, _ in bounds], [high for _, high in bounds])
    for _ in range(data.draw(st.integers(0, 4))):
        linear.row(
            data.draw(terms),
            low=data.draw(st.just(-INFINITY) | numbers),
            high=data.draw(st.just(INFINITY) | st.integers(3, 6)),
        )
    objective = data.draw(terms)
    continuous = frozenset(data.draw(st.sets(st.sampled_from(range(size))))) if size else frozenset()
    ours = mathopt.Model.from_model_proto(written(linear, objective, continuous)).export_model()
    theirs = as_its_own_classes_write(linear, objective, continuous)
    assert ours.SerializeToString(deterministic=True) == theirs
