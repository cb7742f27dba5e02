"""Pairs of legs where flow does not decide: disjoint at level risk, or with a longest leg. Exact, by CP-SAT.

Finding two routes that share no risk group is NP-hard (J.-Q. Hu, IEEE Trans. Communications 51, 2003), and so is a limit
on each of two disjoint legs (C.-L. Li, S. T. McCormick, D. Simchi-Levi, Discrete Applied Mathematics 26, 1990). The model
has a circuit constraint per leg and one binary per risk group and leg. One worker and a fixed seed: the same answer each
time. What it finds is checked in plain integers by the caller.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from topology.model import Leg, Network
from topology.routing.diversity import exempt_groups

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


def binding_groups(network: Network, a: str, b: str) -> tuple[str, ...]:
    """Groups that could make two legs collide: not exempt, and with at least two members that can be used."""
    exempt = exempt_groups(network, a, b)
    return tuple(g for g, held in network.members_of_group.items() if g not in exempt and len(held) > 1)


def exact_pair(
    network: Network,
    a: str,
    b: str,
    level: str,
    max_m: int | None,
    groups: Collection[str] | None = None,
    weights: Mapping[str, int] | None = None,
) -> tuple[Leg, Leg] | None:
    """The pair of least total weight, then least sum of span positions, or None (proved) where there is none.

    `groups` are the risk groups that count at level risk; by default all that can bind. `weights` are non-negative
    integers per span id; by default metres. `max_m` is always in metres. The shorter leg comes first.
    """
    model = _PairModel(network, a, b, level, binding_groups(network, a, b) if groups is None else groups)
    if max_m is not None:
        for k in (0, 1):
            model.cp.add(model.metres(k) <= max_m)
    place = {s: i for i, s in enumerate(network.spans, 1)}
    scale = len(place) * (len(place) + 1)
    first = {s.id: s.length_m for s in network.spans.values()} if weights is None else weights
    packed = {s: first[s] * scale + place[s] for s in network.spans}
    model.cp.minimize(sum(packed[s] * model.use[k, s] for k in (0, 1) for s in network.spans))
    return model.solve()


def least_limit(network: Network, a: str, b: str, level: str) -> int | None:
    """The least metres that the longer leg of any pair can have; None where there is no pair."""
    model = _PairModel(network, a, b, level, binding_groups(network, a, b))
    longest = model.cp.new_int_var(0, sum(s.length_m for s in network.spans.values()), "longest_m")
    for k in (0, 1):
        model.cp.add(model.metres(k) <= longest)
    model.cp.minimize(longest)
    pair = model.solve()
    return None if pair is None else max(network.length_m(leg) for leg in pair)


def fewest_lifts(network: Network, a: str, b: str, max_m: int | None = None) -> tuple[str, ...] | None:
    """A smallest set of risk groups whose exemption, all together, makes a pair at level risk appear; None where none does.

    Of several the one of least total metres of the pair then possible.
    """
    model = _PairModel(network, a, b, "risk", (), lifts=binding_groups(network, a, b))
    if max_m is not None:
        for k in (0, 1):
            model.cp.add(model.metres(k) <= max_m)
    most = 2 * sum(s.length_m for s in network.spans.values()) + 1
    model.cp.minimize(most * sum(model.lift.values()) + model.metres(0) + model.metres(1))
    return None if model.solve() is None else model.lifted


class _PairModel:
    """Two legs from a to b as circuits closed by an arc from b to a."""

    def __init__(
        self,
        network: Network,
        a: str,
        b: str,
        level: str,
        groups: Collection[str],
        lifts: Collection[str] = (),
    ) -> None:
        from ortools.sat.python import cp_model

        self.network, self.a, self.b = network, a, b
        self.cp = cp_model.CpModel()
        self.number = {n: i for i, n in enumerate(network.nodes)}
        self.use: dict[tuple[int, str], Any] = {}
        self.visit: dict[tuple[int, str], Any] = {}
        for k in (0, 1):
            self._leg(k)
        for span in network.spans:
            self.cp.add_at_most_one(self.use[k, span] for k in (0, 1))
        if level in ("node", "risk"):
            for node in network.nodes:
                if node not in (a, b):
                    self.cp.add_at_most_one(self.visit[k, node] for k in (0, 1))
        self.lift: dict[str, Any] = {}
        self.lifted: tuple[str, ...] = ()
        if level == "risk":
            for group in sorted(groups):
                self._group(group)
            for group in sorted(lifts):
                self.lift[group] = self.cp.new_bool_var(f"lift[{group}]")
                self._group(group, self.lift[group])

    def _leg(self, k: int) -> None:
        arcs: list[tuple[int, int, Any]] = [(self.number[self.b], self.number[self.a], True)]
        for span in self.network.spans.values():
            ways = []
            for start, end in ((span.start, span.end), (span.end, span.start)):
                if start != self.b and end != self.a:
                    way = self.cp.new_bool_var(f"leg{k}[{span.id},{start},{end}]")
                    arcs.append((self.number[start], self.number[end], way))
                    ways.append(way)
            used = self.cp.new_bool_var(f"use{k}[{span.id}]")
            self.cp.add(used == sum(ways))
            self.use[k, span.id] = used
        for node, i in self.number.items():
            if node not in (self.a, self.b):
                visited = self.cp.new_bool_var(f"visit{k}[{node}]")
                arcs.append((i, i, visited.negated()))
                self.visit[k, node] = visited
        self.cp.add_circuit(arcs)

    def _group(self, group: str, lift: Any = 0) -> None:
        """At most one leg touches a group, unless it is lifted."""
        held = [self.cp.new_bool_var(f"group{k}[{group}]") for k in (0, 1)]
        self.cp.add(sum(held) <= 1 + lift) if self.lift else self.cp.add_at_most_one(held)
        for kind, name in self.network.members_of_group[group]:
            for k in (0, 1):
                if kind == "span":
                    self.cp.add_implication(self.use[k, name], held[k])
                elif name not in (self.a, self.b):
                    self.cp.add_implication(self.visit[k, name], held[k])

    def metres(self, k: int) -> Any:
        """The length of one leg as a linear expression."""
        return sum(span.length_m * self.use[k, span.id] for span in self.network.spans.values())

    def solve(self) -> tuple[Leg, Leg] | None:
        """The legs of the optimum, the shorter first; None where the model is infeasible."""
        from ortools.sat.python import cp_model

        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 0
        status = solver.solve(self.cp)
        if status == cp_model.INFEASIBLE:
            return None
        if status != cp_model.OPTIMAL:
            raise RuntimeError(f"the solver ended with {solver.status_name(status)}")
        self.lifted = tuple(g for g, lift in self.lift.items() if solver.boolean_value(lift))
        legs = sorted((self._read(solver, k) for k in (0, 1)), key=lambda leg: (self.network.length_m(leg), leg))
        return legs[0], legs[1]

    def _read(self, solver: cp_model.CpSolver, k: int) -> Leg:
        leg: list[str] = []
        at = self.a
        while at != self.b:
            span = next(
                s for s in self.network.incident[at] if solver.boolean_value(self.use[k, s.id]) and s.id not in leg
            )
            leg.append(span.id)
            at = span.other_end(at)
        return tuple(leg)
