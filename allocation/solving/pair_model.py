"""The least-weight pair of legs under limits and risk groups, as a model in CP-SAT: for spaces where search takes too long.

NP-hard (J.-Q. Hu, IEEE Trans. Communications 51, 2003, for risk groups; C.-L. Li, S. T. McCormick and D. Simchi-Levi, Discrete
Applied Mathematics 26, 1990, for lengths). Built once per space; each question changes only the objective.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from topology.routing.graph import SearchLimitError, SpanList, simple_leg

if TYPE_CHECKING:
    from allocation.solving.spaces import Space

EFFORT = 60.0
"""CP-SAT deterministic time for one pair, about a second each."""


class PairModel:
    """Two legs from a to b as two paths of arcs, at most one of which uses any span, node or group."""

    def __init__(self, space: Space) -> None:
        from ortools.sat.python import cp_model

        self.space = space
        self.cp: Any = cp_model.CpModel()
        self.arcs: list[dict[tuple[int, int, int], Any]] = [self._leg(), self._leg()]
        self._rules()

    def _leg(self) -> dict[tuple[int, int, int], Any]:
        space, cp = self.space, self.cp
        arcs = {
            (span, u, v): cp.new_bool_var("")
            for u, steps in enumerate(space.adjacency)
            for span, v in steps
            if v != space.a and u != space.b
        }
        nodes = {u for u, steps in enumerate(space.adjacency) if steps}
        for node in sorted(nodes):
            leaving = [x for (_, u, _), x in arcs.items() if u == node]
            entering = [x for (_, _, v), x in arcs.items() if v == node]
            if node == space.a:
                cp.add_exactly_one(leaving)
            elif node == space.b:
                cp.add_exactly_one(entering)
            else:
                cp.add(sum(leaving) == sum(entering))
                cp.add_at_most_one(entering)
        return arcs

    def _rules(self) -> None:
        space, graph, cp = self.space, self.space.graph, self.cp
        by_span: dict[int, list[Any]] = {}
        by_node: dict[int, list[Any]] = {}
        by_group: list[dict[int, list[Any]]] = [{}, {}]
        for k, arcs in enumerate(self.arcs):
            for (span, _, v), x in arcs.items():
                by_span.setdefault(span, []).append(x)
                groups = set(graph.groups_of_span[span])
                if v != space.b:
                    by_node.setdefault(v, []).append(x)
                    groups |= graph.groups_of_node[v]
                for group in groups - space.exempt:
                    by_group[k].setdefault(group, []).append(x)
            if space.limit_m is not None:
                cp.add(sum(graph.length_m[s] * x for (s, _, _), x in arcs.items()) <= space.limit_m)
        for xs in by_span.values():
            cp.add_at_most_one(xs)
        if space.rules.node_disjoint:
            for xs in by_node.values():
                cp.add_at_most_one(xs)
        if space.level == "risk":
            for group in sorted(set(by_group[0]) & set(by_group[1])):
                mark = cp.new_bool_var("")  # the group is leg 0's; else leg 1's
                for x in by_group[0][group]:
                    cp.add_implication(x, mark)
                for x in by_group[1][group]:
                    cp.add_implication(x, mark.negated())

    def cheapest(self, weight: Sequence[int]) -> tuple[int, SpanList, SpanList] | None:
        """Least total weight and its legs, or None (proved). Raises SearchLimitError where it stays open."""
        from ortools.sat.python import cp_model

        self.cp.minimize(sum(weight[s] * x for arcs in self.arcs for (s, _, _), x in arcs.items()))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.catch_sigint_signal = False
        solver.parameters.max_deterministic_time = EFFORT
        status = solver.solve(self.cp)
        if status == cp_model.INFEASIBLE:
            return None
        if status != cp_model.OPTIMAL:
            raise SearchLimitError
        legs = [self._read(solver, arcs) for arcs in self.arcs]
        return sum(weight[s] for leg in legs for s in leg), legs[0], legs[1]

    def _read(self, solver: Any, arcs: dict[tuple[int, int, int], Any]) -> SpanList:
        step = {u: (span, v) for (span, u, v), x in arcs.items() if solver.boolean_value(x)}
        at, spans, used = self.space.a, list[int](), {}
        while at != self.space.b:
            span, after = step[at]
            spans.append(span)
            used[span] = (at, after)
            at = after
        return simple_leg(spans, self.space.a, used)
