"""The part of the model that every engine and formulation shares: grants, conditions, units and level marks.

Variables: `x` pairs (or rack units) granted to each ask; `z` whether an ask is granted at all, where a minimum, a bundle or a
family needs it; `watts` of an ask; `y[kind, group, level]` whether a group holds at least `level` units. Rows: A5 (minimum,
bundle, family), A3 for rack units and watts, and units. Routing is added by whoever needs it: as metric inequalities, columns or flows.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from allocation.solving.instance import Ask, Instance
from allocation.solving.linear import Linear


@dataclass(eq=False)
class Core:
    """The shared model of an instance, and the names of its variables."""

    instance: Instance
    linear: Linear = field(default_factory=Linear)
    x: list[int] = field(default_factory=list)
    z: dict[int, int] = field(default_factory=dict)
    watts: dict[int, int] = field(default_factory=dict)
    y: dict[tuple[str, str, int], int] = field(default_factory=dict)

    @classmethod
    def of(cls, instance: Instance) -> Core:
        """Build the variables and the rows of A3 (colocation) and A5."""
        core = cls(instance)
        dead = _dead_bundles(instance)
        for ask in instance.asks:
            possible = ask.wanted if _bundle(ask) not in dead else 0
            core.x.append(core.linear.variable(0, possible))
        core._conditions()
        core._rooms()
        return core

    def switch(self, ask: Ask) -> int:
        """The variable that says whether an ask is granted at all."""
        if ask.number not in self.z:
            z = self.linear.variable(0, 1)
            self.z[ask.number] = z
            x = self.x[ask.number]
            self.linear.row({x: 1, z: -ask.wanted}, high=0)
            self.linear.row({x: 1, z: -max(1, ask.least)}, low=0)
        return self.z[ask.number]

    def _conditions(self) -> None:
        bundles: dict[tuple[str, str], list[Ask]] = defaultdict(list)
        families: dict[str, list[Ask]] = defaultdict(list)
        parent = {r.id: r.alternative_of for r in self.instance.requests}
        for ask in self.instance.asks:
            if ask.least > 1:
                self.switch(ask)
            if ask.request.bundle:
                bundles[ask.group, ask.request.bundle].append(ask)
            families[family_of(ask.request.id, parent)].append(ask)
        for _, asks in sorted(bundles.items()):
            for one, other in pairwise(asks):
                self.linear.row({self.switch(one): 1, self.switch(other): -1}, 0, 0)
        for _, asks in sorted(families.items()):
            if len(asks) > 1:
                self.linear.row({self.switch(ask): 1 for ask in asks}, high=1)

    def _rooms(self) -> None:
        racks: dict[int, dict[int, int]] = defaultdict(dict)
        power: dict[int, dict[int, int]] = defaultdict(dict)
        for ask in self.instance.asks:
            if ask.is_fibre:
                continue
            for row in ask.rack_rows:
                racks[row][self.x[ask.number]] = 1
            if ask.power_rows:
                w = self.linear.variable(0, ask.request.power_w)
                self.watts[ask.number] = w
                # watts in proportion, rounded up: units × w >= power × x, and w is an integer
                self.linear.row({w: ask.wanted, self.x[ask.number]: -ask.request.power_w}, low=0)
                for row in ask.power_rows:
                    power[row][w] = 1
        for table in (racks, power):
            for row, terms in sorted(table.items()):
                self.linear.row(terms, high=self.instance.rows[row].capacity)

    def units(self, kind: str, group: str) -> dict[int, int]:
        """The group's newly granted units of a kind, as terms over `x`."""
        return {self.x[a.number]: a.unit for a in self.instance.asks_of(kind, group)}

    def base(self, kind: str, group: str) -> int:
        """Units that the group holds before the round, where the policy counts them."""
        return self.instance.base_units.get((kind, group), 0)

    def most_units(self, kind: str, group: str) -> int:
        """Units that the group would hold if all its asks were granted."""
        return self.base(kind, group) + sum(a.unit * a.wanted for a in self.instance.asks_of(kind, group))

    def open_level(self, kind: str, level: int) -> dict[int, int]:
        """Add the marks of a level and return their sum as terms: how many groups hold at least `level` units."""
        terms: dict[int, int] = {}
        for group in self.instance.groups(kind):
            most = self.most_units(kind, group)
            if most < level:
                continue
            mark = self.linear.variable(0, 1)
            self.y[kind, group, level] = mark
            terms[mark] = 1
            base = self.base(kind, group)
            if base >= level:
                continue
            if (kind, group, level - 1) in self.y:
                self.linear.row({self.y[kind, group, level - 1]: 1, mark: -1}, low=0)
            # units >= level where the mark is set; as one sum over the marks so far, which is tighter than one row each
            marks = {self.y[kind, group, k]: -1 for k in range(base + 1, level + 1) if (kind, group, k) in self.y}
            self.linear.row({**self.units(kind, group), **marks}, low=0)
        return terms

    def values(self, granted: list[int]) -> tuple[int, ...]:
        """Every variable's value for given grants, as a hint or to check rows."""
        values = [0] * len(self.linear.low)
        for number, x in enumerate(self.x):
            values[x] = granted[number]
        for number, z in self.z.items():
            values[z] = int(granted[number] > 0)
        for number, w in self.watts.items():
            values[w] = self.instance.asks[number].request.watts_for(granted[number])
        held: dict[tuple[str, str], int] = defaultdict(int)
        for ask in self.instance.asks:
            held[ask.request.kind, ask.group] += ask.unit * granted[ask.number]
        for (kind, group, level), mark in self.y.items():
            values[mark] = int(held[kind, group] + self.base(kind, group) >= level)
        return tuple(values)

    def grants(self, values: tuple[int, ...]) -> list[int]:
        """The grants in an engine's values."""
        return [values[x] for x in self.x]


def family_of(request: str, parent: dict[str, str]) -> str:
    """The first wish that a request descends from by `alternative_of` (its own id where it is none)."""
    at = request
    while parent.get(at):
        at = parent[at]
    return at


def _bundle(ask: Ask) -> tuple[str, str]:
    return (ask.group, ask.request.bundle)


def _dead_bundles(instance: Instance) -> set[tuple[str, str]]:
    """Bundles of which a row was refused at the gate: no row of them can be granted (A5)."""
    asked = {a.request.id for a in instance.asks}
    group_of = instance.network.group_of
    return {(group_of(r.member), r.bundle) for r in instance.requests if r.bundle and r.id not in asked}
