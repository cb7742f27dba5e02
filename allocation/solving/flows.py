"""Exact integer routing without listing routes: arc flows, solved as one integer programme.

Asks whose space is a flow (no limit on metres, no risk groups) and may mix routes: one integer flow each. A plain ask sends x units
from a to b. A diverse ask sends 2x with at most x on each span (and through each node at level node); such a flow always splits into x
disjoint pairs, because a flow of value 2x bounded by x is x times a fractional flow of value 2 bounded by 1, and those
bounds are integral. All other asks get one copy of their legs per unit, with a row for each limit and group.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from allocation.solving.core import Core
from allocation.solving.instance import Ask
from allocation.solving.linear import Linear
from allocation.solving.spaces import Legs
from topology.routing.constrained import groups_of_leg
from topology.routing.graph import SpanList

Arc = tuple[int, int, int]
"""(chain of the ask's space, from node, to node): spans in series carry the same flow, so a chain is one arc each way."""


def _is_near(near: Mapping[int, frozenset[int]] | None, ask: Ask, spans: SpanList) -> bool:
    return near is None or near[ask.number].issuperset(spans)


@dataclass(eq=False)
class FlowModel:
    """The core with arc flows for every fibre ask."""

    core: Core
    linear: Linear = field(default_factory=Linear)
    flow: dict[int, dict[Arc, int]] = field(default_factory=dict)
    copies: dict[int, list[tuple[int, list[dict[Arc, int]]]]] = field(default_factory=dict)
    use: dict[int, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    near: Mapping[int, frozenset[int]] | None = None

    @classmethod
    def of(
        cls, core: Core, target: Sequence[int] | None = None, near: Mapping[int, frozenset[int]] | None = None
    ) -> FlowModel:
        """Build the flows on a copy of the core; with a target, for just these grants (and without the core's rows).

        With `near`, each ask has only the spans named for it.
        """
        model = cls(core, core.linear.copy(), near=near)
        if target is not None:
            model.linear.rows = []
            for number, x in enumerate(core.x):
                model.linear.low[x] = model.linear.high[x] = target[number]
        for ask in core.instance.asks:
            if ask.space is None or model.linear.high[core.x[ask.number]] == 0:
                continue
            if ask.space.is_flow and not ask.request.same_route:
                model._one_flow(ask)
            else:
                model._copies(ask)
        for row, terms in sorted(model.use.items()):
            model.linear.row(terms, high=core.instance.rows[row].capacity)
        return model

    @staticmethod
    def size(core: Core, near: Mapping[int, frozenset[int]] | None = None) -> int:
        """How many arc variables the model would have."""
        total = 0
        for ask in core.instance.asks:
            if ask.space is not None and core.linear.high[core.x[ask.number]]:
                arcs = 2 * sum(_is_near(near, ask, spans) for _, _, spans in ask.space.chains)
                one_flow = ask.space.is_flow and not ask.request.same_route
                copies = 1 if one_flow else ask.request.legs * (1 if ask.request.same_route else ask.wanted)
                total += arcs * copies
        return total

    def _arcs(self, ask: Ask) -> list[Arc]:
        assert ask.space is not None
        a, b = ask.space.a, ask.space.b
        both = [
            arc
            for c, (u, v, spans) in enumerate(ask.space.chains)
            if _is_near(self.near, ask, spans)
            for arc in ((c, u, v), (c, v, u))
        ]
        return [arc for arc in both if arc[2] != a and arc[1] != b]

    def _draw(self, ask: Ask, chain: int, variable: int) -> None:
        assert ask.space is not None
        for span in ask.space.chains[chain][2]:
            for row in self.core.instance.profiles[ask.profile][span]:
                self.use[row][variable] = self.use[row].get(variable, 0) + 1

    def _balance(self, ask: Ask, arcs: dict[Arc, int], total: dict[int, int]) -> None:
        """Out minus in is `total` at a and 0 between the ends (so it is -`total` at b)."""
        assert ask.space is not None
        rows: dict[int, dict[int, int]] = defaultdict(dict)
        for (_, u, v), variable in arcs.items():
            rows[u][variable] = 1
            rows[v][variable] = -1
        rows.setdefault(ask.space.a, {})
        for node, terms in sorted(rows.items()):
            if node == ask.space.b:
                continue
            if node == ask.space.a:
                self.linear.row({**terms, **{v: -c for v, c in total.items()}}, 0, 0)
            else:
                self.linear.row(terms, 0, 0)

    def _one_flow(self, ask: Ask) -> None:
        space, x, legs = ask.space, self.core.x[ask.number], ask.request.legs
        assert space is not None
        arcs = {arc: self.linear.variable(0, ask.wanted) for arc in self._arcs(ask)}
        self.flow[ask.number] = arcs
        self._balance(ask, arcs, {x: legs})
        by_chain: dict[int, dict[int, int]] = defaultdict(dict)
        through: dict[int, dict[int, int]] = defaultdict(dict)
        for (chain, _, v), variable in arcs.items():
            by_chain[chain][variable] = 1
            if v != space.b:
                through[v][variable] = 1
            self._draw(ask, chain, variable)
        if legs == 2:
            for terms in by_chain.values():
                self.linear.row({**terms, x: -1}, high=0)
            if space.level == "node":
                for terms in through.values():
                    self.linear.row({**terms, x: -1}, high=0)

    def _copies(self, ask: Ask) -> None:
        """One copy of the legs per unit (one in all for `same_route`, drawing as often as granted)."""
        x = self.core.x[ask.number]
        same = ask.request.same_route
        made: list[tuple[int, list[dict[Arc, int]]]] = []
        for _ in range(1 if same else ask.wanted):
            on = self.linear.variable(0, 1)
            legs = []
            for _ in range(ask.request.legs):
                arcs = {arc: self.linear.variable(0, 1) for arc in self._arcs(ask)}
                self._balance(ask, arcs, {on: 1})
                legs.append(arcs)
            self._leg_rules(ask, legs)
            made.append((on, legs))
        self.copies[ask.number] = made
        if same:
            on, legs = made[0]
            self.linear.row({x: 1, on: -ask.wanted}, high=0)
            for arcs in legs:
                for (chain, _, _), variable in arcs.items():
                    amount = self.linear.variable(0, ask.wanted)  # >= x where the leg uses the chain
                    self.linear.row({amount: 1, x: -1, variable: -ask.wanted}, low=-ask.wanted)
                    self._draw(ask, chain, amount)
            return
        self.linear.row({x: -1, **{on: 1 for on, _ in made}}, 0, 0)
        for (one, _), (other, _) in pairwise(made):
            self.linear.row({one: 1, other: -1}, low=0)
        for _, legs in made:
            for arcs in legs:
                for (chain, _, _), variable in arcs.items():
                    self._draw(ask, chain, variable)

    def _leg_rules(self, ask: Ask, legs: list[dict[Arc, int]]) -> None:
        space, graph = ask.space, self.core.instance.graph
        assert space is not None
        metres = [sum(graph.length_m[s] for s in spans) for _, _, spans in space.chains]
        if space.limit_m is not None:
            for arcs in legs:
                self.linear.row({v: metres[c] for (c, _, _), v in arcs.items()}, high=space.limit_m)
        for arcs in legs:  # a simple leg enters each node at most once
            entering: dict[int, dict[int, int]] = defaultdict(dict)
            for (_, _, v), variable in arcs.items():
                entering[v][variable] = 1
            for terms in entering.values():
                self.linear.row(terms, high=1)
        if len(legs) < 2:
            return
        shared: dict[tuple[str, int], dict[int, int]] = defaultdict(dict)
        users: dict[int, list[list[int]]] = defaultdict(lambda: [[], []])
        for k, arcs in enumerate(legs):
            for (chain, _, v), variable in arcs.items():
                shared["chain", chain][variable] = 1
                if space.rules.node_disjoint and v != space.b:
                    shared["node", v][variable] = 1
                spans = space.chains[chain][2]
                for group in sorted(groups_of_leg(graph, spans, space.a, space.b, space.exempt)):
                    users[group][k].append(variable)
        for terms in shared.values():
            self.linear.row(terms, high=1)
        if space.level == "risk":
            for _, (one, two) in sorted(users.items()):
                marks = [self.linear.variable(0, 1), self.linear.variable(0, 1)]
                for mark, variables in zip(marks, (one, two), strict=True):
                    for variable in variables:
                        self.linear.row({mark: 1, variable: -1}, low=0)
                self.linear.row({marks[0]: 1, marks[1]: 1}, high=1)

    def routes(self, values: tuple[int, ...]) -> dict[int, list[Legs]]:
        """The circuits of each ask in an engine's values, one entry per unit."""
        found: dict[int, list[Legs]] = {}
        for number, arcs in self.flow.items():
            ask = self.core.instance.asks[number]
            granted = values[self.core.x[number]]
            amounts = {arc: values[v] for arc, v in arcs.items() if values[v]}
            found[number] = split_flow(ask, amounts, granted)
        for number, copies in self.copies.items():
            ask = self.core.instance.asks[number]
            assert ask.space is not None
            circuits = []
            for on, legs in copies:
                if values[on]:
                    walks = [walk({arc: 1 for arc, v in arcs.items() if values[v]}, ask) for arcs in legs]
                    circuits.append(ask.space.in_order(walks))
            if ask.request.same_route:
                circuits = circuits * values[self.core.x[number]]
            found[number] = circuits
        return found


def walk(amounts: dict[Arc, int], ask: Ask) -> SpanList:
    """Take one simple leg from a to b out of a flow (amounts are lowered in place; loops are dropped)."""
    space = ask.space
    assert space is not None
    at, chains, nodes = space.a, list[Arc](), [space.a]
    while at != space.b:
        arc = min(arc for arc, left in amounts.items() if arc[1] == at and left > 0)
        amounts[arc] -= 1
        at = arc[2]
        if at in nodes:
            keep = nodes.index(at)
            del nodes[keep + 1 :], chains[keep:]
        else:
            nodes.append(at)
            chains.append(arc)
    spans: list[int] = []
    for chain, u, _ in chains:
        start, _, through = space.chains[chain]
        spans += through if start == u else reversed(through)
    return tuple(spans)


def split_flow(ask: Ask, amounts: dict[Arc, int], granted: int) -> list[Legs]:
    """Split an integer flow into circuits: single legs, or disjoint pairs that use every full span and node each time."""
    assert ask.space is not None
    net: dict[Arc, int] = {}
    for (chain, u, v), amount in amounts.items():  # opposite flows on a chain cancel
        left = amount - amounts.get((chain, v, u), 0)
        if left > 0:
            net[chain, u, v] = left
    circuits: list[Legs] = []
    for left in range(granted, 0, -1):
        if ask.request.legs == 1:
            circuits.append((walk(net, ask),))
        else:
            circuits.append(_take_pair(ask, net, left))
    return circuits


def _take_pair(ask: Ask, net: dict[Arc, int], left: int) -> Legs:
    """Take one disjoint pair that uses every span (and, at level node, node) which all `left` pairs must use.

    A minimum-cost flow of value 2 with unit capacities, on which must-use arcs and nodes bring a reward.
    """
    from ortools.graph.python import min_cost_flow

    space = ask.space
    assert space is not None
    solver = min_cost_flow.SimpleMinCostFlow()
    through: dict[int, int] = defaultdict(int)
    for (_, _, v), amount in net.items():
        through[v] += amount
    n = len(space.graph.node_ids)
    split = space.level == "node"
    handles: list[tuple[Arc, int]] = []
    for arc in sorted(net):
        if net[arc] > 0:
            _, u, v = arc
            reward = -1 if net[arc] == left else 0
            handles.append((arc, solver.add_arc_with_capacity_and_unit_cost(u + n if split else u, v, 1, reward)))
    if split:
        for node in sorted({node for _, u, v in net for node in (u, v)}):
            inner = node not in (space.a, space.b)
            reward = -1 if inner and through[node] == left else 0
            solver.add_arc_with_capacity_and_unit_cost(node, node + n, 1 if inner else 2, reward)
    solver.set_node_supply(space.a, 2)
    solver.set_node_supply(space.b + n if split else space.b, -2)
    if solver.solve() != solver.OPTIMAL:
        raise AssertionError("a flow of a diverse ask does not split into pairs")
    taken = {arc: 1 for arc, handle in handles if solver.flow(handle)}
    for arc in taken:
        net[arc] -= 1
    return space.in_order([walk(taken, ask), walk(taken, ask)])
