"""Exact routes between two nodes: the shortest, or the least-total pair of disjoint ones, or why there is none.

Ties: least metres in all, then least sum of span positions, then as `topology.pair_flow.tie_weights` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from topology.about import SOFTWARE
from topology.certificates import recheck
from topology.diversity import LEVELS, Item, exempt_groups, joined, shared, shared_all_the_same
from topology.exact_pairs import binding_groups, exact_pair, fewest_lifts, least_limit
from topology.formats.references import near
from topology.model import Circuit, Leg, Network
from topology.offer import inputs_of, spare_pairs
from topology.optics import Optics
from topology.problems import BadInput, Problems
from topology.quantities import as_thousands, three_places
from topology.quick_pairs import PairFinder

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
    wavelength_nm: int = 1550,
    max_loss_db: Decimal | None = None,
    finder: PairFinder | None = None,
) -> RouteAnswer:
    """The routes from `a` to `b` in a network (all of which counts as in service). Limits hold for each leg.

    A `finder` made of the same network saves work where many pairs are asked for.

    Raises `BadInput` for unknown nodes, equal ends, or an unknown level.
    """
    _check_ends(network, a, b, diversity)
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


def _check_ends(network: Network, a: str, b: str, diversity: str) -> None:
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


def _limit(max_m: int | None, max_loss_db: Decimal | None, optics: Optics, wavelength_nm: int) -> int | None:
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
    """Flow decides the levels span and node; where the groups or a limit object to its answer, CP-SAT decides."""
    network, found = finder.network, finder.pair(a, b, "node" if level == "risk" else level)
    if isinstance(found, list):
        return _cut(a, b, found)
    if not shared(network, a, b, found, level) and _within(network, found, limit):
        return found
    if level == "risk" and (group := cutting_group(network, a, b)):
        text = f"Every route from {a} to {b} passes the risk group {group}."
        return Certificate("cut", risk_groups=(group,), text=text)
    exact = exact_pair(network, a, b, level, limit)
    if exact is not None:
        if shared(network, a, b, exact, level) or not _within(network, exact, limit):
            raise RuntimeError("the solver's pair does not hold in plain integers")
        return exact
    least = None if limit is None else least_limit(network, a, b, level)
    if limit is not None and least is not None:
        return _too_long(limit, least, f"in the pair at level {level} whose longer leg is shortest, that leg is")
    groups = colliding_groups(network, a, b)
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


def cutting_group(network: Network, a: str, b: str) -> str:
    """The first risk group (by id) that is not exempt and that every route passes; "" where none is such."""
    for group in binding_groups(network, a, b):
        if not joined(network, a, b, groups=[group]):
            return group
    return ""


def colliding_groups(network: Network, a: str, b: str) -> tuple[str, ...]:
    """A least set of risk groups that already makes every pair collide: without any one of them a pair appears.

    Found by leaving out one group after another, in the order of their ids, as long as no pair appears.
    """
    kept = list(binding_groups(network, a, b))
    for group in tuple(kept):
        fewer = [g for g in kept if g != group]
        if exact_pair(network, a, b, "risk", None, fewer) is None:
            kept = fewer
    return tuple(kept)


def with_lifts(network: Network, answer: RouteAnswer, max_m: int | None = None) -> RouteAnswer:
    """The answer with what would lift a certificate that names risk groups.

    A group that alone makes a pair appear must be in every set of groups that makes all pairs collide, so only the groups
    of the certificate are tried; where none does it alone, a smallest set that does it together is named.
    """
    reason = answer.certificate
    if reason is None or not reason.risk_groups:
        return answer
    a, b = answer.a, answer.b
    every = binding_groups(network, a, b)
    alone = [_lift(network, a, b, (group,), every, max_m) for group in reason.risk_groups]
    lifts = [lift for lift in alone if lift]
    if not lifts and (together := fewest_lifts(network, a, b, max_m)):
        lifts = [lift for lift in [_lift(network, a, b, together, every, max_m)] if lift]
    return replace(answer, certificate=replace(reason, lifts=tuple(lifts)))


def _lift(
    network: Network, a: str, b: str, groups: tuple[str, ...], every: tuple[str, ...], max_m: int | None
) -> Lift | None:
    pair = exact_pair(network, a, b, "risk", max_m, [g for g in every if g not in groups])
    return None if pair is None else Lift(groups, sum(map(network.length_m, pair)))


def with_spare(network: Network, circuits: Iterable[Circuit], on: date) -> Network:
    """The spine in service on a date, only the spans that have a spare pair."""
    spare = spare_pairs(network, circuits, on)
    here = network.at(on)
    return replace(here, spans={s: span for s, span in here.spans.items() if spare[s] > 0})


def routes_document(
    network: Network,
    pairs: Iterable[tuple[str, str]],
    on: date,
    diversity: str = "none",
    *,
    max_m: int | None = None,
    optics: Optics | None = None,
    spare: bool = False,
    circuits: Iterable[Circuit] = (),
    again: bool = False,
) -> dict[str, Any]:
    """`cni.routes/1` for pairs of nodes, in the order given, over what is in service `on` a date (`spare`: and has spare).

    With `again` every certificate is checked once more by `topology.certificates`, which knows nothing of the search.

    Raises `BadInput` as `find_routes`. A node that is known but not in service is an answer: not joined.
    """
    live = tuple(circuits)
    wanted = tuple(pairs)
    problems = Problems()
    for a, b in wanted:
        try:
            _check_ends(network, a, b, diversity)
        except BadInput as error:
            problems.found += error.problems
    problems.raise_errors()
    here = with_spare(network, live, on) if spare else network.at(on)
    finder = PairFinder(here)
    answers = [_answer(finder, a, b, diversity, max_m, optics) for a, b in wanted]
    return {
        "schema": "cni.routes/1",
        "software": SOFTWARE,
        "inputs": inputs_of(network, live if spare else None),
        "on": on.isoformat(),
        "illustrative": network.illustrative,
        "spare": spare,
        "pairs": [{**route_json(answer), **_told_with(here, answer, max_m, again)} for answer in answers],
    }


def _answer(
    finder: PairFinder, a: str, b: str, diversity: str, max_m: int | None, optics: Optics | None
) -> RouteAnswer:
    gone = tuple(n for n in (a, b) if n not in finder.number)
    if gone:
        text = f"{' and '.join(gone)} {'is' if len(gone) == 1 else 'are'} not in service."
        return RouteAnswer(a, b, diversity, certificate=Certificate("cut", nodes=gone, text=text))
    answer = find_routes(finder.network, a, b, diversity, max_m, optics, finder=finder)
    return with_lifts(finder.network, answer, max_m)


def _told_with(network: Network, answer: RouteAnswer, max_m: int | None, again: bool) -> dict[str, Any]:
    """What the legs share although they are diverse at their level, and the second look at a certificate."""
    told: dict[str, Any] = {"shared": [], "rechecked": None}
    if len(answer.routes) == 2:
        one, other = (route.spans for route in answer.routes)
        items = shared_all_the_same(network, answer.a, answer.b, (one, other))
        told["shared"] = [{"kind": kind, "id": name} for kind, name in items]
    reason = answer.certificate
    if again and reason is not None:
        seen = recheck(
            network,
            (answer.a, answer.b),
            answer.diversity,
            reason.kind,
            spans=reason.spans,
            nodes=reason.nodes,
            risk_groups=reason.risk_groups,
            max_m=max_m,
        )
        told["rechecked"] = {"verdict": seen.verdict, "text": seen.text}
    return told


def route_json(answer: RouteAnswer) -> Mapping[str, Any]:
    """One pair of `cni.routes/1`."""
    reason = answer.certificate
    return {
        "a": answer.a,
        "b": answer.b,
        "diversity": answer.diversity,
        "routes": [
            {
                "spans": list(r.spans),
                "nodes": list(r.nodes),
                "length_km": as_thousands(r.length_m),
                "loss_db": three_places(r.loss_db),
            }
            for r in answer.routes
        ],
        "total_km": as_thousands(answer.total_m) if answer.routes else None,
        "exempt": [{"kind": kind, "id": name} for kind, name in answer.exempt],
        "certificate": None
        if reason is None
        else {
            "kind": reason.kind,
            "spans": list(reason.spans),
            "nodes": list(reason.nodes),
            "risk_groups": list(reason.risk_groups),
            "text": reason.text,
            "lifts": [
                {"risk_groups": list(lift.risk_groups), "total_km": as_thousands(lift.total_m)} for lift in reason.lifts
            ],
        },
    }
