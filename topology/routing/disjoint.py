"""Exact routes between two nodes: the shortest, or the least-total pair of disjoint ones, or why there is none.

Ties: least metres in all, then least sum of span positions, then as `topology.routing.pair_flow.tie_weights` says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from topology.files.references import near
from topology.model import Leg, Network
from topology.optics import Optics
from topology.problems import Problems
from topology.quantities import as_thousands
from topology.routing.diversity import LEVELS, Item, exempt_groups, joined, shared
from topology.routing.exact_pairs import binding_groups, exact_pair, fewest_lifts, least_limit
from topology.routing.pair_search import TooManyStepsError
from topology.routing.quick_pairs import PairFinder

MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Route:
    """One leg from a to b: spans and nodes in order, metres, expected loss in dB (unrounded)."""

    spans: Leg
    nodes: tuple[str, ...]
    length_m: int
    loss_db: Decimal


@dataclass(frozen=True, slots=True)
class Lift:
    """Risk groups whose exemption, all of them together, makes a pair appear, and the metres of the least such pair."""

    risk_groups: tuple[str, ...]
    total_m: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """Why there is no answer.

    `cut`: without the items listed no route is left, and two routes cannot both pass them (no item at all: a and b are not
    joined anyway). `exhausted`: no single item cuts, but no pair avoids sharing one of the risk groups listed. `limit`:
    routes exist, none within the limit; the text names the least. `lifts` (see `with_lifts`): what would make a pair appear.
    """

    kind: str
    spans: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    risk_groups: tuple[str, ...] = ()
    text: str = ""
    lifts: tuple[Lift, ...] = ()


@dataclass(frozen=True, slots=True)
class RouteAnswer:
    """One route (diversity "none") or two; or no route and the certificate. `exempt`: groups that do not count."""

    a: str
    b: str
    diversity: str
    routes: tuple[Route, ...] = ()
    exempt: tuple[Item, ...] = ()
    certificate: Certificate | None = None

    @property
    def total_m(self) -> int:
        """Metres over all routes."""
        return sum(route.length_m for route in self.routes)


def find_routes(
    network: Network,
    a: str,
    b: str,
    diversity: str = "none",
    max_m: int | None = None,
    optics: Optics | None = None,
    wavelength_nm: int | None = None,
    max_loss_db: Decimal | None = None,
    finder: PairFinder | None = None,
) -> RouteAnswer:
    """The routes from `a` to `b` in a network (all of which counts as in service). Limits hold for each leg.

    A `finder` made of the same network saves work where many pairs are asked for.

    Raises `BadInput` for unknown nodes, equal ends, or an unknown level.
    """
    check_ends(network, a, b, diversity)
    glass = optics or Optics()
    limit = _limit(max_m, max_loss_db, glass, wavelength_nm)
    exempt: tuple[Item, ...] = ()
    if diversity == "risk":
        exempt = tuple(("group", g) for g in sorted(exempt_groups(network, a, b)))
    quick = finder or PairFinder(network)
    found = _single(quick, a, b, limit) if diversity == "none" else _pair(quick, a, b, diversity, limit)
    if isinstance(found, Certificate):
        return RouteAnswer(a, b, diversity, (), exempt, found)
    routes = []
    for leg in found:
        metres = network.length_m(leg)
        routes.append(Route(leg, network.nodes_of_leg(leg, a), metres, glass.loss_db(metres, wavelength_nm)))
    return RouteAnswer(a, b, diversity, tuple(routes), exempt)


def check_ends(network: Network, a: str, b: str, diversity: str) -> None:
    """Raises `BadInput` for unknown nodes, equal ends, or an unknown level."""
    problems = Problems()
    for column, node in (("a", a), ("b", b)):
        if node not in network.nodes:
            hint = near(node, network.nodes)
            problems.add(f"There is no node {node}.", column=column, value=node, code="dangling", hint=hint)
    if a == b:
        problems.add(f"a and b are both {a}.", column="b", value=b, code="same_ends")
    if diversity not in LEVELS:
        text = f"The diversity is one of {', '.join(LEVELS)}."
        problems.add(text, column="diversity", value=diversity)
    problems.raise_errors()


def _limit(max_m: int | None, max_loss_db: Decimal | None, optics: Optics, wavelength_nm: int | None) -> int | None:
    limits = [max_m, None if max_loss_db is None else optics.longest_m(max_loss_db, wavelength_nm)]
    return min((limit for limit in limits if limit is not None), default=None)


def _single(finder: PairFinder, a: str, b: str, limit: int | None) -> tuple[Leg, ...] | Certificate:
    network, leg = finder.network, finder.route(a, b)
    if leg is None:
        return Certificate("cut", text=f"{a} and {b} are not joined.")
    if limit is not None and network.length_m(leg) > limit:
        return _too_long(limit, network.length_m(leg), "the shortest route is")
    return (leg,)


def _too_long(limit: int, least: int, what: str) -> Certificate:
    within = f"The limit is {as_thousands(limit)} km" if limit >= 0 else "The limit on loss allows no route at all"
    return Certificate("limit", text=f"{within}; {what} {as_thousands(least)} km.")


def _pair(finder: PairFinder, a: str, b: str, level: str, limit: int | None) -> tuple[Leg, Leg] | Certificate:
    """Flow decides the levels span and node; where the groups or a limit object to its answer, `decided` does."""
    network, found = finder.network, finder.pair(a, b, "node" if level == "risk" else level)
    if isinstance(found, list):
        return _cut(a, b, found)
    if not shared(network, a, b, found, level) and _within(network, found, limit):
        return found
    if level == "risk" and (group := cutting_group(network, a, b, found)):
        text = f"Every route from {a} to {b} passes the risk group {group}."
        return Certificate("cut", risk_groups=(group,), text=text)
    exact = decided(finder, a, b, level, limit)
    if exact is not None:
        if shared(network, a, b, exact, level) or not _within(network, exact, limit):
            raise RuntimeError("the pair found does not hold in plain integers")
        return exact
    least = None if limit is None else least_limit(network, a, b, level)
    if limit is not None and least is not None:
        return _too_long(limit, least, f"in the pair at level {level} whose longer leg is shortest, that leg is")
    groups = colliding_groups(finder, a, b)
    named = ", ".join(groups[:MOST_NAMED]) + (
        f" and {len(groups) - MOST_NAMED} more" if len(groups) > MOST_NAMED else ""
    )
    text = f"Every two routes from {a} to {b} that share no node share one of the risk groups {named}."
    return Certificate("exhausted", risk_groups=groups, text=text)


def _within(network: Network, legs: Iterable[Leg], limit: int | None) -> bool:
    return limit is None or all(network.length_m(leg) <= limit for leg in legs)


def _cut(a: str, b: str, items: list[Item]) -> Certificate:
    if not items:
        return Certificate("cut", text=f"{a} and {b} are not joined.")
    spans = tuple(name for kind, name in items if kind == "span")
    nodes = tuple(name for kind, name in items if kind == "node")
    shown = " and ".join(f"{kind} {name}" for kind, name in items)
    return Certificate("cut", spans, nodes, (), f"Every route from {a} to {b} passes {shown}.")


def decided(
    finder: PairFinder, a: str, b: str, level: str, max_m: int | None, groups: Collection[str] | None = None
) -> tuple[Leg, Leg] | None:
    """The least pair where flow does not decide, or None (proved): by search, and by CP-SAT where that gives up.

    `groups` are the risk groups that count at level risk; by default all that can bind.
    """
    network = finder.network
    counting = binding_groups(network, a, b) if groups is None else groups
    try:
        return finder.search.pair(a, b, level, max_m, counting)
    except TooManyStepsError:
        return exact_pair(network, a, b, level, max_m, counting)


def cutting_group(network: Network, a: str, b: str, legs: tuple[Leg, Leg]) -> str:
    """The first risk group (by id) that is not exempt and that every route passes; "" where none is such.

    Only what the two legs share is looked at: neither passes by a group that every route passes.
    """
    for kind, name in shared(network, a, b, legs, "risk"):
        if kind == "group" and not joined(network, a, b, groups=[name]):
            return name
    return ""


def colliding_groups(finder: PairFinder, a: str, b: str) -> tuple[str, ...]:
    """A least set of risk groups that already makes every pair collide: without any one of them a pair appears.

    What is found by leaving out one group after another, in the order of their ids, as long as no pair appears. Groups are
    left out by halves first: where none of a half is needed, none of it would be one by one.
    """

    def kept(block: tuple[str, ...], beside: tuple[str, ...]) -> tuple[str, ...]:
        """Those of a block that stay, judged in order, while all of `beside` counts."""
        if not block or decided(finder, a, b, "risk", None, beside) is None:
            return ()
        if len(block) == 1:
            return block
        half = len(block) // 2
        first = kept(block[:half], (*block[half:], *beside))
        return (*first, *kept(block[half:], (*first, *beside)))

    return kept(binding_groups(finder.network, a, b), ())


def with_lifts(finder: PairFinder, answer: RouteAnswer, max_m: int | None = None) -> RouteAnswer:
    """The answer with what would lift a certificate that names risk groups.

    A group that alone makes a pair appear must be in every set of groups that makes all pairs collide, so only the groups
    of the certificate are tried; where none does it alone, a smallest set that does it together is named.
    """
    reason = answer.certificate
    if reason is None or not reason.risk_groups:
        return answer
    a, b = answer.a, answer.b
    alone = [_lift(finder, a, b, (group,), max_m) for group in reason.risk_groups]
    lifts = [lift for lift in alone if lift]
    if not lifts and (together := fewest_lifts(finder.network, a, b, max_m)):
        lifts = [lift for lift in [_lift(finder, a, b, together, max_m)] if lift]
    return replace(answer, certificate=replace(reason, lifts=tuple(lifts)))


def _lift(finder: PairFinder, a: str, b: str, groups: tuple[str, ...], max_m: int | None) -> Lift | None:
    left = [g for g in binding_groups(finder.network, a, b) if g not in groups]
    pair = decided(finder, a, b, "risk", max_m, left)
    return None if pair is None else Lift(groups, sum(map(finder.network.length_m, pair)))
