"""The best candidates within a budget at level `disjoint`: a pair is protected when it has two risk-disjoint routes.

Such pairs make no equivalence relation, so there are no roots: one programme chooses candidates and pairs (or key nodes) under cuts
"one of these candidates, or not this pair", found for each pair that an answer counts and that has no two routes. A pair with
two risk-disjoint routes also survives any one failure, so what is proved at that level bounds this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from types import MappingProxyType

from allocation.solving.linear import Linear, solve_mip
from scenarios.builds.budget import Budget, Pair, Within, bought, needed
from scenarios.builds.candidates import Candidate
from scenarios.builds.surviving import Cut
from scenarios.builds.two_routes import TwoRoutes
from topology.model import Network

NODES, ROUNDS = 2_000, 60
"""Nodes of each programme's tree, and rounds of cuts, after which the interval has to do."""


class DisjointBudget:
    """The question for one network and one set of candidates; cuts that were found serve every budget."""

    def __init__(
        self, network: Network, candidates: Sequence[Candidate], *, weights: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        self.surviving = Budget(network, candidates, weights=weights)
        self.candidates, self.keys = candidates, network.key_nodes
        self.two = TwoRoutes(network, candidates)
        self.open = self.two.lacking((), combinations(self.keys, 2))
        self.cuts: dict[tuple[Cut, Pair], None] = {}
        self.known: dict[frozenset[int], frozenset[Pair]] = {}

    def best(self, goal: str, pence: int) -> Within:
        """The best build that costs no more than `pence`."""
        return self._class(pence) if goal == "class" else self._pairs(pence)

    def protected(self, chosen: Iterable[int]) -> frozenset[Pair]:
        """The pairs that have two risk-disjoint routes with a choice built."""
        key = frozenset(chosen)
        if key not in self.known:
            lost = self.two.lacking(key, self.open)
            self.known[key] = frozenset(combinations(self.keys, 2)) - frozenset(lost)
        return self.known[key]

    def lean(self, found: Within) -> tuple[int, ...]:
        """What was chosen, without what no protected pair needs."""
        every = frozenset(combinations(self.keys, 2))
        return needed(self.candidates, found.chosen, lambda kept: every - self.protected(kept))

    def _pairs(self, pence: int) -> Within:
        value_of = self.surviving.weight_of_pair
        start = self.surviving.best("pairs", pence)
        chosen, high = start.chosen, start.value_bound
        low = self._value(chosen)
        base = self._value(())
        for _ in range(ROUNDS):
            if low >= high:
                break
            linear, x = bought(self.candidates, pence)
            y = {pair: linear.variable(0, 1) for pair in self.open}
            for cut, pair in self._sorted_cuts():
                linear.row({**{x[i]: 1 for i in cut if i in x}, y[pair]: -1}, low=0)
            answer = solve_mip(linear, {v: value_of(p) for p, v in y.items()}, engine="scip", nodes=NODES)
            if answer.bound is not None:
                high = max(low, min(high, base + answer.bound))
            if answer.values is None:
                break
            found = tuple(i for i, v in x.items() if answer.values[v])
            if self._value(found) > low:
                chosen, low = found, self._value(found)
            counted = [pair for pair, v in y.items() if answer.values[v]]
            if not self._refused(found, counted):
                break
        chosen = self._for_less(chosen, lambda linear, x: self._pair_rows(linear, x, low - base))
        pairs = len(self.protected(chosen))
        return Within(chosen, self.surviving.cost(chosen), (), 0, 0, pairs, low, max(low, high), low >= high)

    def _pair_rows(self, linear: Linear, x: Mapping[int, int], gain: int) -> Mapping[int, tuple[Pair, ...]]:
        """Pairs that weigh at least `gain`; variable -> what it counts as protected."""
        y = {pair: linear.variable(0, 1) for pair in self.open}
        linear.row({v: self.surviving.weight_of_pair(pair) for pair, v in y.items()}, low=gain)
        for cut, pair in self._sorted_cuts():
            linear.row({**{x[i]: 1 for i in cut if i in x}, y[pair]: -1}, low=0)
        return {v: (pair,) for pair, v in y.items()}

    def _for_less(
        self, chosen: tuple[int, ...], rows: Callable[[Linear, Mapping[int, int]], Mapping[int, tuple[Pair, ...]]]
    ) -> tuple[int, ...]:
        """A choice as good for less money, where the programme finds one in so many rounds of cuts."""
        for _ in range(ROUNDS):
            cost = self.surviving.cost(chosen)
            if cost == 0:
                break
            linear, x = bought(self.candidates, cost - 1)
            counted = rows(linear, x)
            goal = {v: -self.candidates[i].cost_pence for i, v in x.items()}
            answer = solve_mip(linear, goal, engine="scip", nodes=NODES)
            if answer.values is None:
                break
            found = tuple(i for i, v in x.items() if answer.values[v])
            if not self._refused(found, [p for v, pairs in counted.items() if answer.values[v] for p in pairs]):
                return found
        return chosen

    def _class(self, pence: int) -> Within:
        weight_of = self.surviving.weight_of
        start = self.surviving.best("class", pence)
        chosen, members = start.chosen, self._clique(start.chosen)
        high = start.weight_bound
        for _ in range(ROUNDS):
            if weight_of(members) >= high:
                break
            linear, x = bought(self.candidates, pence)
            z = {k: linear.variable(0, 1) for k in self.keys}
            self._both_or_built(linear, x, z)
            answer = solve_mip(linear, {v: self.surviving.weight[k] for k, v in z.items()}, engine="scip", nodes=NODES)
            if answer.bound is not None:
                high = max(weight_of(members), min(high, answer.bound))
            if answer.values is None:
                break
            found = tuple(i for i, v in x.items() if answer.values[v])
            who = tuple(k for k, v in z.items() if answer.values[v])
            broken = self._refused(found, [p for p in combinations(who, 2) if p in set(self.open)])
            held = self._clique(found) if broken else who
            if weight_of(held) > weight_of(members):
                chosen, members = found, held
            if not broken:
                break
        heavy = weight_of(members)
        chosen, members = self._class_for_less(chosen, members)
        pairs, value = len(self.protected(chosen)), self._value(chosen)
        cost, most = self.surviving.cost(chosen), max(value, start.value_bound)
        return Within(chosen, cost, members, heavy, max(heavy, high), pairs, value, most, heavy >= high)

    def _class_for_less(
        self, chosen: tuple[int, ...], members: tuple[str, ...]
    ) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """A set as heavy for less money, where the programme finds one in so many rounds of cuts."""
        heavy = self.surviving.weight_of(members)
        for _ in range(ROUNDS):
            cost = self.surviving.cost(chosen)
            if cost == 0:
                break
            linear, x = bought(self.candidates, cost - 1)
            z = {k: linear.variable(0, 1) for k in self.keys}
            linear.row({v: self.surviving.weight[k] for k, v in z.items()}, low=heavy)
            self._both_or_built(linear, x, z)
            goal = {v: -self.candidates[i].cost_pence for i, v in x.items()}
            answer = solve_mip(linear, goal, engine="scip", nodes=NODES)
            if answer.values is None:
                break
            found = tuple(i for i, v in x.items() if answer.values[v])
            who = tuple(k for k, v in z.items() if answer.values[v])
            if not self._refused(found, [p for p in combinations(who, 2) if p in set(self.open)]):
                return found, tuple(sorted(who))
        return chosen, members

    def _both_or_built(self, linear: Linear, x: Mapping[int, int], z: Mapping[str, int]) -> None:
        """Two key nodes are both in the set only if one of the candidates is built that their pair needs."""
        for cut, (a, b) in self._sorted_cuts():
            linear.row({**{x[i]: 1 for i in cut if i in x}, z[a]: -1, z[b]: -1}, low=-1)

    def _sorted_cuts(self) -> list[tuple[Cut, Pair]]:
        return sorted(self.cuts, key=lambda c: (sorted(c[0]), c[1]))

    def _refused(self, chosen: Iterable[int], counted: Iterable[Pair]) -> bool:
        """Add the cut of each pair that an answer counts without two routes; whether there was any."""
        built = frozenset(chosen)
        lost = [pair for pair in counted if pair not in self.protected(built)]
        for pair in lost:
            self.cuts[self.two.cut(pair, built), pair] = None
        return bool(lost)

    def _value(self, chosen: Iterable[int]) -> int:
        return sum(self.surviving.weight_of_pair(pair) for pair in self.protected(chosen))

    def _clique(self, chosen: Iterable[int]) -> tuple[str, ...]:
        """Key nodes all of whose pairs are protected: a set to begin with, grown greedily from the heaviest."""
        pairs = self.protected(chosen)
        weight = self.surviving.weight
        who: list[str] = []
        for k in sorted(self.keys, key=lambda k: (-weight[k], -sum(k in p for p in pairs), k)):
            if all(tuple(sorted((k, other))) in pairs for other in who):
                who.append(k)
        return tuple(sorted(who))
