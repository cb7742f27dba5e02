"""The integer programme over grants: conditions of A5, colocation rows of A3, metric inequalities, and level counts.

Levels are written as a choice: each group picks exactly one number of units (capped at the level in question), and holds at
least that many. So "groups at level k or above" is the sum of the picks from k up. (The solver sets one mark per group and level.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from allocation.request import Request
from allocation.verify.programme import Programme
from allocation.verify.routes import Question, Ways
from allocation.verify.world import Row, World, parse_row

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Inequality:
    """Integer weights on rows: least weights × grants add up to at most weights × capacities, in every feasible award."""

    weights: Mapping[Row, int]
    bound: int


class WaysOf:
    """The routes open to each request in an empty round; requests of equal routes share one object."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._ways: dict[Question, Ways] = {}
        self._of: dict[str, Ways] = {}

    def __call__(self, r: Request) -> Ways:
        """The ways of one circuit of a request."""
        if r.id not in self._of:
            touch = self.world.forbidden(r)
            spans = self.world.open_spans(r) - touch.spans
            question = Question(r.a, r.b, r.diversity, self.world.limit_m(r), spans, touch.nodes | self.world.closed)
            if question not in self._ways:
                self._ways[question] = Ways(self.world.network, question)
            self._of[r.id] = self._ways[question]
        return self._of[r.id]


def read_inequalities(world: World, value: object) -> tuple[list[Inequality], list[str]]:
    """The inequalities of a certificate, and what is wrong with those that cannot be used."""
    found: list[Inequality] = []
    faults: list[str] = []
    for number, entry in enumerate(value if isinstance(value, list) else [], 1):
        weights: dict[Row, int] = {}
        items = entry.items() if isinstance(entry, dict) else ()
        for name, weight in items:
            row = parse_row(name)
            known = row is not None and world.capacity(row) is not None
            if row is None or not known or type(weight) is not int or not 0 <= weight < 2**53:
                faults.append(f"Inequality {number} weighs {name}, which is no row of this round, or not by a count.")
                break
            weights[row] = weight
        else:
            if weights:
                found.append(Inequality(weights, sum(w * (world.capacity(row) or 0) for row, w in weights.items())))
    return found, faults


class GrantProgramme:
    """Builds programmes over the grants of all eligible requests; each caller adds its own question."""

    def __init__(self, world: World, ways: WaysOf, inequalities: Iterable[Inequality]) -> None:
        self.world, self.ways = world, ways
        self.inequalities = list(inequalities)
        self.programme = Programme()
        self.x: dict[str, int] = {}
        self.on: dict[str, int] = {}
        for r in world.eligible:
            dead = r.bundle and (world.group(r), r.bundle) in world.dead_bundles
            reachable = not r.is_fibre or ways(r).any_way
            self.x[r.id] = self.programme.var(0, 0 if dead or not reachable else r.wanted)
        self._conditions()
        self._rooms()
        self._cut_rows: list[dict[int, int]] = []
        for inequality in self.inequalities:
            self._add(inequality, exact=False)

    def _switch(self, r: Request) -> int:
        """Whether a request is granted at all."""
        if r.id not in self.on:
            self.on[r.id] = on = self.programme.var(0, 1)
            self.programme.row({self.x[r.id]: 1, on: -r.wanted}, high=0)
            self.programme.row({self.x[r.id]: 1, on: -max(1, r.least)}, low=0)
        return self.on[r.id]

    def _conditions(self) -> None:
        world = self.world
        for r in world.eligible:
            if r.least > 1:
                self._switch(r)
        for key, rows in world.bundles.items():
            if key not in world.dead_bundles:
                for other in rows[1:]:
                    self.programme.row({self._switch(rows[0]): 1, self._switch(other): -1}, 0, 0)
        for family in world.families.values():
            rows_in = [world.requests[r] for r in family if r in self.x]
            if len(rows_in) > 1:
                self.programme.row({self._switch(r): 1 for r in rows_in}, high=1)

    def _rooms(self) -> None:
        """Rack units and watts at each node, once for each set of requests that hold there at the same time."""
        world, watts = self.world, dict[str, int]()
        rooms = [r for r in world.eligible if not r.is_fibre]
        for r in rooms:
            if r.power_w:
                watts[r.id] = w = self.programme.var(0, r.power_w)
                self.programme.row({w: r.rack_units, self.x[r.id]: -r.power_w}, low=0)
        for node in sorted({r.node for r in rooms}):
            tightest: dict[tuple[str, ...], tuple[int, int]] = {}
            for at in world.instants:
                held = tuple(r.id for r in rooms if r.node == node and at in world.dates(r))
                racks, power = world.offered_room(node, at)
                before = tightest.get(held, (racks, power))
                tightest[held] = min(racks, before[0]), min(power, before[1])
            for held, (racks, power) in tightest.items():
                self.programme.row({self.x[r]: 1 for r in held}, high=racks)
                self.programme.row({watts[r]: 1 for r in held if r in watts}, high=power)

    def _add(self, inequality: Inequality, *, exact: bool) -> None:
        terms = {}
        for r in self.world.eligible:
            if r.is_fibre and self.programme.high[self.x[r.id]]:
                least = self.least(r, inequality.weights, exact=exact)
                if least:
                    terms[self.x[r.id]] = least
        if exact and terms in self._cut_rows:
            return
        self._cut_rows.append(terms)
        self.programme.row(terms, high=inequality.bound)

    def least(self, r: Request, weights: Mapping[Row, int], *, exact: bool = False, metres: int = 0) -> int:
        """Least weight of a circuit of the request: its rows, plus `metres` times the length of each span."""
        spans: dict[str, int] = {}
        if metres:
            spans = {s: metres * self.world.network.spans[s].length_m for s in self.ways(r).spans}
        for row, weight in weights.items():
            if self.world.draws_on(r, row):
                spans[row.span] = spans.get(row.span, 0) + weight
        return self.ways(r).least(spans, exact=exact) or 0

    def learn(self, inequality: Inequality) -> None:
        """Add an inequality of the verifier's own, with exact least weights."""
        self.inequalities.append(inequality)
        self._add(inequality, exact=True)

    def granted(self, values: list[int]) -> dict[str, int]:
        """Request -> grant in the values of a solution."""
        return {r: values[x] for r, x in self.x.items() if values[x]}

    def sharpen(self) -> None:
        """Add every inequality again with exact least weights (limits of pairs and risk groups included)."""
        if any(r.is_fibre and not self.ways(r).by_flow for r in self.world.eligible):
            for inequality in self.inequalities:
                self._add(inequality, exact=True)

    def units(self, kind: str, group: str) -> dict[int, int]:
        """The group's newly granted units as terms."""
        rows = [r for r in self.world.eligible if r.kind == kind and self.world.group(r) == group]
        return {self.x[r.id]: self.world.unit(r) for r in rows}

    def most(self, kind: str, group: str) -> int:
        """Units that the group would hold if all it may be granted were granted."""
        base = self.world.base_units.get((kind, group), 0)
        return base + sum(c * self.programme.high[x] for x, c in self.units(kind, group).items())

    def counts(self, programme: Programme, kind: str, top: int) -> list[dict[int, int]]:
        """Add the picks of every group up to `top` units; returns the terms of "groups at level k or above", k = 1 … top."""
        table: list[dict[int, int]] = [{} for _ in range(top)]
        for group in self.world.groups(kind):
            base = self.world.base_units.get((kind, group), 0)
            most = min(top, self.most(kind, group))
            picks = {k: programme.var(0, 1) for k in range(most + 1)}
            programme.row(dict.fromkeys(picks.values(), 1), 1, 1)
            programme.row({**self.units(kind, group), **{v: -k for k, v in picks.items()}}, low=-base)
            for k, v in picks.items():
                for level in range(1, k + 1):
                    table[level - 1][v] = 1
        return table
