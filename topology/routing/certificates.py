"""Certificates of "no route" checked again by plain code that knows nothing of how they were found.

A cut is checked by looking whether the ends are still joined without it. The two other kinds say that every pair of legs
fails; they are checked by search. For each way to share the risk groups that count out between the two legs (a leg keeps
off the groups that are the other's), three things are looked at first: whether each leg alone finds a way, and whether any
one span or node cuts what both may use (Menger: then no two disjoint legs exist). Only where all three leave it open are
the legs tried one after another, each beginning only as far as the other still finds a way. The search stops after a number
of steps and then says so; what it says before is exact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from topology.model import Leg, Network
from topology.routing.diversity import exempt_groups, joined
from topology.routing.exact_pairs import binding_groups

STEPS, BUDGETS = 20_000, (100, 2_000)
MOST_GROUPS = 14
HOLDS, FAILS, NOT_CHECKED = "holds", "fails", "not_checked"

Roads = dict[str, list[tuple[str, str]]]
"""Node id -> its (span id, other node)."""


@dataclass(frozen=True, slots=True)
class Recheck:
    """`verdict`: holds, fails, or not_checked (the search was too long); `text` says why it does not hold."""

    verdict: str
    text: str = ""


class TooLongError(Exception):
    """The search passed its bound on steps; the answer is not known."""


def recheck(
    network: Network,
    ends: tuple[str, str],
    level: str,
    kind: str,
    *,
    spans: Sequence[str] = (),
    nodes: Sequence[str] = (),
    risk_groups: Sequence[str] = (),
    max_m: int | None = None,
    steps: int = STEPS,
) -> Recheck:
    """Whether a certificate shows that there is no route, or no pair of legs, between two nodes of a network.

    `max_m` is the limit on each leg that a certificate of kind `limit` is about.
    """
    a, b = ends
    if kind == "cut":
        return _recheck_cut(network, a, b, level, spans, nodes, risk_groups)
    if kind == "exhausted":
        groups: Collection[str] = risk_groups
        if not exempt_groups(network, a, b).isdisjoint(groups):
            return Recheck(FAILS, "One of the groups is exempt.")
        limit = None
    else:
        groups, limit = binding_groups(network, a, b) if level == "risk" else (), max_m
        if limit is None:
            return Recheck(FAILS, "There is no limit to keep.")
    if level == "none":
        way = _least(roads(network, a, b), network, a, b)
        found = way is not None and limit is not None and network.length_m(way) <= limit
        return Recheck(FAILS, f"{'+'.join(way or ())} keeps the limit.") if found else Recheck(HOLDS)
    try:
        pair = pair_by_search(network, a, b, level, groups, limit, steps)
    except TooLongError:
        return Recheck(NOT_CHECKED, f"More than {steps} steps would be needed.")
    return (
        Recheck(HOLDS) if pair is None else Recheck(FAILS, f"{'+'.join(pair[0])} and {'+'.join(pair[1])} are a pair.")
    )


def _recheck_cut(
    network: Network,
    a: str,
    b: str,
    level: str,
    spans: Sequence[str],
    nodes: Sequence[str],
    groups: Sequence[str],
) -> Recheck:
    gone = [n for n in (a, b) if n not in network.nodes]
    if gone:
        return Recheck(HOLDS) if set(nodes) == set(gone) else Recheck(FAILS, f"{gone[0]} is not in the network.")
    if len(spans) + len(nodes) + len(groups) > (level != "none"):
        return Recheck(FAILS, "Two legs could share these out between them.")
    if (nodes and level == "span") or (groups and level != "risk") or {a, b} & set(nodes):
        return Recheck(FAILS, f"This may be shared at level {level}.")
    if not exempt_groups(network, a, b).isdisjoint(groups):
        return Recheck(FAILS, "The group is exempt.")
    if joined(network, a, b, spans=spans, nodes=nodes, groups=groups):
        return Recheck(FAILS, f"{a} and {b} are joined without it.")
    return Recheck(HOLDS)


def pair_by_search(
    network: Network, a: str, b: str, level: str, groups: Collection[str], max_m: int | None, steps: int = STEPS
) -> tuple[Leg, Leg] | None:
    """Some pair of legs that share no span (nor node, nor any of `groups`, by level), or None where there is none.

    Raises TooLongError after so many partial legs, or where there are more groups than can be shared out.
    """
    counting = sorted(groups) if level == "risk" else []
    if len(counting) > MOST_GROUPS:
        raise TooLongError
    for mine, yours in _shared_out(counting):
        found = _settled(
            network, (a, b), level, (roads(network, a, b, mine), roads(network, a, b, yours)), max_m, steps
        )
        if found:
            return found
    return None


def _settled(
    network: Network, ends: tuple[str, str], level: str, tables: tuple[Roads, Roads], max_m: int | None, steps: int
) -> tuple[Leg, Leg] | None:
    """A pair on two tables of roads, or None. Raises TooLongError.

    Which leg is tried first and from which end decides whether the search takes three steps or never ends; so all four ways
    are tried with few steps before any is given many.
    """
    (a, b), (mine, yours) = ends, tables
    for budget in (*(n for n in BUDGETS if n < steps), steps):
        for start, goal in ((a, b), (b, a)):
            for one, other in ((mine, yours), (yours, mine)):
                try:
                    found = _Search(network, start, goal, level != "span", max_m, budget).pair(one, other)
                except TooLongError:
                    continue
                turn = slice(None, None, 1 if start == a else -1)
                return None if found is None else (found[0][turn], found[1][turn])
    raise TooLongError


def _shared_out(groups: Sequence[str]) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Which groups the first leg keeps off and which the second; the last group always falls to the first (symmetry)."""
    every = frozenset(groups)
    for number in range(1 << max(0, len(groups) - 1)):
        yours = frozenset(g for i, g in enumerate(groups) if number >> i & 1)
        yield every - yours, yours


def roads(network: Network, a: str, b: str, off: Iterable[str] = ()) -> Roads:
    """The spans and nodes that keep off some groups; the ends always stay."""
    banned = set(off)

    def usable(node: str) -> bool:
        return node in (a, b) or banned.isdisjoint(network.nodes[node].risk_groups)

    table: Roads = {n: [] for n in network.nodes}
    for span in network.spans.values():
        if banned.isdisjoint(span.risk_groups) and usable(span.start) and usable(span.end):
            table[span.start].append((span.id, span.end))
            table[span.end].append((span.id, span.start))
    return table


def _least(
    table: Roads,
    network: Network,
    a: str,
    b: str,
    spans: Collection[str] = (),
    nodes: Collection[str] = (),
) -> Leg | None:
    """The shortest way without some spans and nodes, or None."""
    heap: list[tuple[int, str, Leg]] = [(0, a, ())]
    done = set()
    while heap:
        metres, at, leg = heappop(heap)
        if at == b:
            return leg
        if at in done:
            continue
        done.add(at)
        for span, other in table[at]:
            if span not in spans and other not in done and (other == b or other not in nodes):
                heappush(heap, (metres + network.spans[span].length_m, other, (*leg, span)))
    return None


@dataclass
class _Search:
    network: Network
    a: str
    b: str
    apart: bool  # whether the legs share no node between the ends either
    max_m: int | None
    steps: int

    def pair(self, mine: Roads, yours: Roads) -> tuple[Leg, Leg] | None:
        """A first leg on `mine` and a second on `yours`; None where there are none."""
        if self._way(mine, self.a) is None or self._way(yours, self.a) is None or self._one_cuts(mine, yours):
            return None
        return self._try(mine, yours, self.a, (), {self.a})

    def _way(self, table: Roads, start: str, used: Leg = (), seen: Collection[str] = ()) -> Leg | None:
        """A way on to b that keeps the limit, beside what is used."""
        found = _least(table, self.network, start, self.b, used, seen)
        return found if found is None or self._within(found) else None

    def _within(self, leg: Leg) -> bool:
        return self.max_m is None or self.network.length_m(leg) <= self.max_m

    def _one_cuts(self, mine: Roads, yours: Roads) -> bool:
        both = {n: sorted({*mine[n], *yours[n]}) for n in mine}
        way = _least(both, self.network, self.a, self.b) or ()
        inner = self.network.nodes_of_leg(way, self.a)[1:-1] if self.apart else ()
        without_span = (_least(both, self.network, self.a, self.b, (s,)) for s in way)
        without_node = (_least(both, self.network, self.a, self.b, (), (n,)) for n in inner)
        return any(found is None for each in (without_span, without_node) for found in each)

    def _try(self, mine: Roads, yours: Roads, at: str, leg: Leg, seen: set[str]) -> tuple[Leg, Leg] | None:
        """Go on from `at` in every way that leaves both legs a chance."""
        if self.steps <= 0:
            raise TooLongError
        self.steps -= 1
        other = self._way(yours, self.a, leg, seen - {self.a, self.b} if self.apart else ())
        if other is None:
            return None
        if at == self.b:
            return leg, other
        for span, after in mine[at]:
            if after in seen:
                continue
            longer, passed = (*leg, span), seen | {after}
            rest = _least(mine, self.network, after, self.b, longer, passed) if after != self.b else ()
            if rest is not None and self._within((*longer, *rest)):
                found = self._try(mine, yours, after, longer, passed)
                if found:
                    return found
        return None
