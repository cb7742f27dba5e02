"""The best candidates within a budget: the largest set of key nodes all of whose pairs are protected, or the most pairs.

A pair is protected when no single failure of a span, node or risk group that leaves both its ends parts them. Both goals are
programmes over a growing pool of cuts, as in `build`: where an answer leaves a part S of the network cut off under a failure
although it counts a pair across it, one of the candidates out of S is needed for that pair. A set is found root by root: with
one of its members known, a cut says "a candidate out of S, or this key node is not in the set"; roots that were tried are left
out of later ones.

A key node counts as `weight` key nodes (1 without a word), a pair as the product of its ends'. What is greatest is the weight of
the set, or of the pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType
from typing import Protocol

from allocation.solving.linear import Linear, solve_mip
from scenarios.builds.candidates import Candidate
from scenarios.builds.surviving import Condition, Cut, conditions, unprotected
from topology.model import Network

GOALS = ("class", "pairs")
NODES = 20_000
"""Nodes of each programme's tree before its bound has to do: the same limit on every machine."""

PAIR_NODES, ROUNDS = 20, 12
"""The same for each programme of pairs, and after how many rounds of cuts the interval has to do."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Within:
    """The best found. `members`: the protected set (goal class), of `weight`; no set within the budget weighs more than `weight_bound`.

    `pairs`: how many pairs the build protects. `value` is their weight, which no build within the budget brings above `value_bound`.
    `proved`: the goal is met as far as it can be. Without weights every weight is a count.
    """

    chosen: tuple[int, ...]
    cost_pence: int
    members: tuple[str, ...]
    weight: int
    weight_bound: int
    pairs: int
    value: int
    value_bound: int
    proved: bool


@dataclass(frozen=True, slots=True)
class _Crossing:
    """A part of the network under a failure: candidates out of it, key nodes in it, key nodes outside that work too."""

    cut: Cut
    inside: frozenset[str]
    outside: frozenset[str]


class Budget:
    """The question for one network and one set of candidates; cuts that were found serve every budget."""

    def __init__(
        self,
        network: Network,
        candidates: Sequence[Candidate],
        nodes: int = NODES,
        *,
        weights: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.keys, self.candidates, self.nodes = network.key_nodes, candidates, nodes
        self.weight = {k: weights.get(k, 1) for k in self.keys}
        self.conditions = conditions(network, candidates)
        self.pool: dict[_Crossing, None] = {}

    def best(self, goal: str, pence: int) -> Within:
        """The best build that costs no more than `pence`."""
        return self._class(pence) if goal == "class" else self._pairs(pence)

    def _class(self, pence: int) -> Within:
        chosen, members, bound = self._heaviest(pence, self.conditions)
        chosen, members = self._for_less(chosen, members)
        most = bound
        relaxed = tuple(c for c in self.conditions if len(c.keys) == len(self.keys))
        if len(relaxed) < len(self.conditions):  # a key node that fails makes "protected" no equivalence relation
            most = max(bound, self._heaviest(pence, relaxed)[2])
        pairs, value = self.protected(chosen)
        high = max(value, most_pairs(self.weight.values(), most))
        heavy = self.weight_of(members)
        return Within(chosen, self.cost(chosen), members, heavy, bound, pairs, value, high, bound == heavy)

    def weight_of(self, members: Iterable[str]) -> int:
        """What some key nodes weigh together."""
        return sum(self.weight[k] for k in members)

    def weight_of_pair(self, pair: Pair) -> int:
        """What a pair of key nodes weighs."""
        return self.weight[pair[0]] * self.weight[pair[1]]

    def _heaviest(self, pence: int, of: Sequence[Condition]) -> tuple[tuple[int, ...], tuple[str, ...], int]:
        """The heaviest protected set under some of the conditions: what to build, its key nodes, and the bound on its weight."""
        chosen: tuple[int, ...] = ()
        keys = sorted(self.keys, key=lambda k: (-self.weight[k], k))
        members = tuple(keys[:1])
        bound = self.weight_of(members)
        for at, root in enumerate(keys):
            left = keys[at:]
            if self.weight_of(left) <= self.weight_of(members):
                break
            found, who, high = self._rooted(root, left, pence, of, self.weight_of(members) + 1)
            bound = max(bound, high)
            if self.weight_of(who) > self.weight_of(members):
                chosen, members = found, tuple(sorted(who))
        return chosen, members, max(bound, self.weight_of(members))

    def _for_less(self, chosen: tuple[int, ...], members: tuple[str, ...]) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """A set as heavy for less money, where there is one, root by root."""
        keys = sorted(self.keys, key=lambda k: (-self.weight[k], k))
        heavy = self.weight_of(members)
        for at, root in enumerate(keys):
            if self.cost(chosen) == 0 or self.weight_of(keys[at:]) < heavy:
                break
            found, who, _ = self._rooted(root, keys[at:], self.cost(chosen) - 1, self.conditions, heavy, cheap=True)
            if who:
                chosen, members = found, tuple(sorted(who))
        return chosen, members

    def _rooted(
        self, root: str, keys: Sequence[str], pence: int, of: Sequence[Condition], least: int, *, cheap: bool = False
    ) -> tuple[tuple[int, ...], tuple[str, ...], int]:
        """The heaviest set with `root` of `keys` that weighs at least `least`; an empty one where there is none. Or the cheapest."""
        pairs: set[tuple[Cut, Pair]] = set()
        while True:
            linear, x = bought(self.candidates, pence)
            z = {k: linear.variable(int(k == root), 1) for k in keys}
            weights = {v: self.weight[k] for k, v in z.items()}
            linear.row(weights, low=least)
            for crossing in self._valid(of):
                if root in crossing.inside | crossing.outside:
                    for k in sorted(crossing.outside if root in crossing.inside else crossing.inside):
                        if k in z:
                            linear.row({**{x[i]: 1 for i in crossing.cut if i in x}, z[k]: -1}, low=0)
            for cut, (k, other) in sorted(pairs, key=lambda p: (sorted(p[0]), p[1])):
                linear.row({**{x[i]: 1 for i in cut if i in x}, z[k]: -1, z[other]: -1}, low=-1)
            goal = {v: -self.candidates[i].cost_pence for i, v in x.items()} if cheap else weights
            answer = solve_mip(linear, goal, engine="scip", nodes=self.nodes)
            if answer.infeasible:
                return (), (), 0
            everyone = self.weight_of(keys)
            high = everyone if answer.bound is None or cheap else min(everyone, answer.bound)
            if answer.values is None:
                return (), (), high
            chosen = tuple(i for i, v in x.items() if answer.values[v])
            who = tuple(k for k in keys if answer.values[z[k]])
            if not self._refused(chosen, who, of, root, pairs):
                return chosen, who, high

    def _valid(self, of: Sequence[Condition]) -> Iterable[_Crossing]:
        """The known crossings that follow from some conditions: all, or those under which every key node works."""
        if len(of) == len(self.conditions):
            return list(self.pool)
        return [c for c in self.pool if len(c.inside) + len(c.outside) == len(self.keys)]

    def _refused(
        self,
        chosen: Sequence[int],
        who: Sequence[str],
        of: Sequence[Condition],
        root: str,
        pairs: set[tuple[Cut, Pair]],
    ) -> bool:
        """Add the cuts that a set breaks; whether there were any."""
        broken = False
        for crossing in _crossings(of, chosen, frozenset(who)):
            broken = True
            if root in crossing.inside | crossing.outside:
                self.pool[crossing] = None
            else:
                one = min(crossing.inside & set(who))
                other = min(crossing.outside & set(who))
                pairs.add((crossing.cut, (one, other)))
        return broken

    def _pairs(self, pence: int) -> Within:
        """The heaviest pairs. Their programme has weak bounds: after so many rounds the best of it and of `class` stands."""
        free = sorted(unprotected(self.conditions, ()))
        base = self._value(set(combinations(self.keys, 2)) - set(free))
        start = self._class(pence)
        chosen, low, high = start.chosen, start.value, start.value_bound
        rows: set[tuple[Cut, Pair]] = set()
        for _ in range(ROUNDS):
            if low == high:
                break
            linear, x = bought(self.candidates, pence)
            y = {pair: linear.variable(0, 1) for pair in free}
            for cut, pair in sorted(rows, key=lambda r: (sorted(r[0]), r[1])):
                linear.row({**{x[i]: 1 for i in cut if i in x}, y[pair]: -1}, low=0)
            gain = {v: self.weight_of_pair(pair) for pair, v in y.items()}
            answer = solve_mip(linear, gain, engine="scip", nodes=PAIR_NODES)
            if answer.bound is not None:
                high = max(low, min(high, base + answer.bound))
            if answer.values is None:
                break
            found = tuple(i for i, v in x.items() if answer.values[v])
            if (value := self.protected(found)[1]) > low:
                chosen, low = found, value
            fresh = set(self._across(found, {p for p, v in y.items() if answer.values[v]})) - rows
            if not fresh:
                break
            rows |= fresh
        high = max(low, high)
        chosen = self._pairs_for_less(chosen, low - base, free, rows)
        return Within(chosen, self.cost(chosen), (), 0, 0, self.protected(chosen)[0], low, high, low >= high)

    def _pairs_for_less(
        self, chosen: tuple[int, ...], gain: int, free: Sequence[Pair], rows: set[tuple[Cut, Pair]]
    ) -> tuple[int, ...]:
        """Pairs as heavy for less money, where the programme finds them in so many rounds of cuts."""
        for _ in range(ROUNDS):
            if self.cost(chosen) == 0:
                break
            linear, x = bought(self.candidates, self.cost(chosen) - 1)
            y = {pair: linear.variable(0, 1) for pair in free}
            linear.row({v: self.weight_of_pair(pair) for pair, v in y.items()}, low=gain)
            for cut, pair in sorted(rows, key=lambda r: (sorted(r[0]), r[1])):
                linear.row({**{x[i]: 1 for i in cut if i in x}, y[pair]: -1}, low=0)
            costs = {v: -self.candidates[i].cost_pence for i, v in x.items()}
            answer = solve_mip(linear, costs, engine="scip", nodes=PAIR_NODES)
            if answer.values is None:
                break
            found = tuple(i for i, v in x.items() if answer.values[v])
            fresh = set(self._across(found, {p for p, v in y.items() if answer.values[v]})) - rows
            if not fresh:
                return found
            rows |= fresh
        return chosen

    def _value(self, pairs: Iterable[Pair]) -> int:
        return sum(self.weight_of_pair(pair) for pair in pairs)

    def _across(self, chosen: Sequence[int], pairs: set[Pair]) -> Iterator[tuple[Cut, Pair]]:
        keys = frozenset(k for pair in pairs for k in pair)
        for crossing in _crossings(self.conditions, chosen, keys):
            for pair in sorted(pairs):
                if len(crossing.inside & set(pair)) == 1 and len(crossing.outside & set(pair)) == 1:
                    yield crossing.cut, pair

    def cost(self, chosen: Iterable[int]) -> int:
        """Pence of a choice."""
        return sum(self.candidates[i].cost_pence for i in chosen)

    def protected(self, chosen: Iterable[int]) -> tuple[int, int]:
        """How many pairs a choice protects, and what they weigh."""
        pairs = set(combinations(self.keys, 2)) - unprotected(self.conditions, tuple(chosen)).keys()
        return len(pairs), self._value(pairs)

    def lean(self, found: Within) -> tuple[int, ...]:
        """What was chosen, without what no protected pair needs."""
        return needed(self.candidates, found.chosen, lambda kept: unprotected(self.conditions, kept).keys())


def bought(candidates: Sequence[Candidate], pence: int) -> tuple[Linear, dict[int, int]]:
    """A programme with a variable for each candidate that a budget can pay, and the budget as a row."""
    linear = Linear()
    x = {i: linear.variable(0, 1) for i, c in enumerate(candidates) if c.cost_pence <= pence}
    linear.row({v: candidates[i].cost_pence for i, v in x.items()}, high=pence)
    return linear, x


def needed(
    candidates: Sequence[Candidate], chosen: Iterable[int], lost: Callable[[Sequence[int]], Collection[Pair]]
) -> tuple[int, ...]:
    """A choice without what can go and the same pairs are lost: dearest first, the larger number among equals."""
    kept = list(chosen)
    before = set(lost(kept))
    for i in sorted(kept, key=lambda i: (-candidates[i].cost_pence, -i)):
        fewer = [j for j in kept if j != i]
        if set(lost(fewer)) == before:
            kept = fewer
    return tuple(kept)


def _crossings(of: Iterable[Condition], chosen: Sequence[int], keys: frozenset[str]) -> Iterator[_Crossing]:
    """Each part that holds some of the key nodes under a condition, but not all that are left."""
    for condition in of:
        top = condition.parts(chosen)
        where = {k: top[part] for k, part in condition.keys}
        held = {where[k] for k in keys if k in where}
        if len(held) < 2:
            continue
        for part in sorted(held):
            cut = frozenset(i for a, b, i in condition.links if (top[a] == part) != (top[b] == part))
            inside = frozenset(k for k, p in where.items() if p == part)
            yield _Crossing(cut, inside, frozenset(where) - inside)


def most_pairs(weights: Iterable[int], heaviest: int) -> int:
    """The greatest weight of the pairs within classes of a partition of things, none of them heavier than `heaviest`."""
    each = list(weights)
    whole, rest = divmod(sum(each), max(1, heaviest))
    return (whole * heaviest * heaviest + rest * rest - sum(w * w for w in each)) // 2


Progress = Callable[[int, int], None]


class Question(Protocol):
    """A question about budgets: the best build within one, and what of it is needed."""

    def best(self, goal: str, pence: int) -> Within:
        """The best build that costs no more than `pence`."""

    def lean(self, found: Within) -> tuple[int, ...]:
        """What was chosen, without what no protected pair needs."""


def curve(
    task: Question, goal: str, pence: int, points: int, progress: Progress | None = None
) -> list[tuple[int, Within]]:
    """The best build at `points` budgets up to `pence`, evenly spaced."""
    found = []
    for i in range(1, points + 1):
        found.append((pence * i // points, task.best(goal, pence * i // points)))
        if progress is not None:
            progress(i, points)
    return found
