"""Rules B1 to B3: level counts, the lot and the rank, one objective after the other.

Each objective is settled, then fixed as a row for all later ones, so the order is lexicographic. Freezing single groups instead is
wrong for integers: there may be no group that is blocked in every optimum (Ogryczak and Śliwiński, ICCSA 2006).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from allocation.lottery import drawn_order
from allocation.solving.core import Core, family_of
from allocation.solving.instance import Ask
from allocation.solving.linear import INFINITY
from allocation.solving.search import Outcome, Search

KINDS = ("fibre", "colocation")


@dataclass(frozen=True, slots=True)
class Level:
    """How many groups hold at least `level` units of a kind, and the most that any award can, given the counts before."""

    kind: str
    level: int
    members: int
    bound: int
    how: str
    cuts: int  # inequalities known when it was settled: what a certificate of this level may use


def settle_levels(search: Search, kind: str, told: Callable[[Level], None]) -> Iterator[Level]:
    """Settle the level counts of a kind from 1 up; ends with the first level whose bound is 0."""
    level = 1
    while True:
        terms = search.core.open_level(kind, level)
        outcome = search.maximise(terms, relax=kind == "fibre") if terms else Outcome(0, 0, "all")
        settled = Level(kind, level, outcome.value, outcome.bound, outcome.how, len(search.cuts))
        told(settled)
        yield settled
        if settled.bound == 0:
            return
        if terms:
            search.fix(terms, outcome.value)
        level += 1


def settle_lot(search: Search, kind: str, seed: str | None) -> tuple[list[int], list[int]]:
    """B2: groups in drawn order, most units each. Returns values and bounds in that order."""
    core = search.core
    values: list[int] = []
    bounds: list[int] = []
    for group in drawn_order(seed, search.instance.groups(kind)):
        terms, base = core.units(kind, group), core.base(kind, group)
        outcome = search.maximise(terms)
        search.fix(terms, outcome.value)
        values.append(outcome.value + base)
        bounds.append(outcome.bound + base)
    return values, bounds


def in_rank_order(core: Core, seed: str | None) -> list[Ask]:
    """B3's order: groups as drawn; within one by rank (empty last), a family's earlier wish first, then id."""
    instance = core.instance
    parent = {r.id: r.alternative_of for r in instance.requests}
    groups = drawn_order(seed, {a.group for a in instance.asks})
    place = {g: n for n, g in enumerate(groups)}

    def wishes_before(request: str) -> int:
        count = 0
        while parent.get(request):
            request, count = parent[request], count + 1
        return count

    def key(ask: Ask) -> tuple[int, bool, int, str, int, str]:
        r = ask.request
        # a family stands where its first wish's id would stand, its wishes in their own order
        first = family_of(r.id, parent)
        return (place[ask.group], r.rank is None, r.rank or 0, first, wishes_before(r.id), r.id)

    return sorted(instance.asks, key=key)


def _left_to_its_group(search: Search, ask: Ask, lots_first: bool) -> int:
    """What the lot gave the ask's group, less what the group's earlier asks took: it cannot have more."""
    if not lots_first:
        return INFINITY
    mine = search.instance.asks_of(ask.request.kind, ask.group)
    units = sum(a.unit * search.best.granted[a.number] for a in mine)
    return units - sum(a.unit * search.settled.get(a.number, 0) for a in mine)


def settle_rank(search: Search, seed: str | None, lots_first: bool) -> tuple[list[int], list[int]]:
    """B3: requests in their order, most units each. Returns values and bounds in that order; fixes all grants."""
    values: list[int] = []
    bounds: list[int] = []
    core = search.core
    for ask in in_rank_order(core, seed):
        terms = {core.x[ask.number]: ask.unit}
        outcome = search.maximise(terms, at_most=_left_to_its_group(search, ask, lots_first))
        search.fix(terms, outcome.value)
        search.settle(ask.number)
        values.append(outcome.value)
        bounds.append(outcome.bound)
    return values, bounds
