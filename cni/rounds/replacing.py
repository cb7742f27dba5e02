"""A circuit's way round strands that it loses, without a database (rules H9): the same ends, diversity and limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from topology.legs import ends
from topology.model import Circuit, Leg, Network
from topology.optics import Optics
from topology.room import spare_throughout
from topology.routing.disjoint import Certificate, RouteAnswer, find_routes
from topology.routing.diversity import LEVELS, Item, exempt_groups, groups_of_leg, shared


@dataclass(frozen=True, slots=True)
class Wish:
    """What a circuit was asked for with: limits hold for each leg; `avoid` and `diverse_from` as in a request."""

    diversity: str
    max_m: int | None = None
    max_loss_db: Decimal | None = None
    wavelength_nm: int | None = None
    avoid: tuple[Item, ...] = ()
    diverse_from: tuple[Item, ...] = ()
    optics: Optics = field(default_factory=Optics)


@dataclass(frozen=True, slots=True)
class Replacement:
    """The legs that take a circuit's place and which of them are new (from 1), or the certificate that there are none."""

    legs: tuple[Leg, ...]
    moved: tuple[int, ...]
    diversity: str
    certificate: Certificate | None = None


def level_of(network: Network, circuit: Circuit) -> str:
    """The strongest level at which a circuit's legs are diverse; `none` for one leg, `span` where they are not at all."""
    if len(circuit.legs) < 2:
        return "none"
    a, b = ends(network, circuit)
    legs = (_from(network, circuit.legs[0], a), _from(network, circuit.legs[1], a))
    return next((level for level in reversed(LEVELS[1:]) if not shared(network, a, b, legs, level)), "span")


def _from(network: Network, leg: Leg, a: str) -> Leg:
    """The leg in the direction in which it begins at `a`."""
    try:
        network.nodes_of_leg(leg, a)
    except ValueError:
        return tuple(reversed(leg))
    return leg


def replacement(
    network: Network, circuits: Iterable[Circuit], circuit: Circuit, wish: Wish, lost: str, start: date
) -> Replacement:
    """The least way for a circuit from a day to its end over pairs that are spare all that time, beside other circuits.

    Where one leg does not pass the span that is lost, that leg stays if a new one can be found for the other.
    """
    a, b = ends(network, circuit)
    every = tuple(circuits)
    spare = spare_throughout(network, every, start, circuit.end)
    here = network.at(start)
    if a not in here.nodes or b not in here.nodes:
        gone = a if a not in here.nodes else b
        certificate = Certificate("cut", (), (gone,), (), f"The node {gone} is not in service.")
        return Replacement((), (), wish.diversity, certificate)
    free = replace(here, spans={s: span for s, span in here.spans.items() if spare[s] > 0})
    free = _kept_off(free, network, wish, {c.id: c for c in every}, a, b)
    kept = _one_leg(free, network, circuit, wish, lost)
    if kept is not None:
        return kept
    found = _find(free, a, b, wish.diversity, wish)
    legs = tuple(route.spans for route in found.routes)
    reason = found.certificate and _told(found.certificate, here, free, a, b)
    return Replacement(legs, tuple(range(1, len(legs) + 1)), wish.diversity, reason)


def _told(reason: Certificate, here: Network, free: Network, a: str, b: str) -> Certificate:
    """The certificate in terms of the whole spine: where spare pairs do not join the ends, the spans that cut them apart."""
    if reason.kind != "cut" or reason.spans or reason.nodes or reason.risk_groups:
        return replace(reason, text=f"Over pairs that are spare then: {reason.text}")
    seen, todo = {a}, [a]
    while todo:
        for span in free.incident[todo.pop()]:
            todo += [end for end in (span.start, span.end) if end not in seen]
            seen |= {span.start, span.end}
    cut = tuple(s.id for s in here.spans.values() if (s.start in seen) != (s.end in seen))
    if not cut:
        return reason
    text = f"Every route from {a} to {b} passes one of {', '.join(cut)}, on which no pair is spare then, or which its request keeps off."
    return replace(reason, spans=cut, text=text)


def _find(free: Network, a: str, b: str, level: str, wish: Wish) -> RouteAnswer:
    return find_routes(free, a, b, level, wish.max_m, wish.optics, wish.wavelength_nm, wish.max_loss_db)


def _one_leg(free: Network, network: Network, circuit: Circuit, wish: Wish, lost: str) -> Replacement | None:
    """The circuit with a new leg instead of the one that passes `lost`; None where that does not do."""
    hit = [n for n, leg in enumerate(circuit.legs) if lost in leg]
    if len(circuit.legs) != 2 or len(hit) != 1 or wish.diversity == "none":
        return None
    a, b = ends(network, circuit)
    stays = _from(network, circuit.legs[1 - hit[0]], a)
    if any(s not in free.spans for s in stays):
        return None
    groups = groups_of_leg(network, stays, a) - exempt_groups(network, a, b) if wish.diversity == "risk" else ()
    nodes = network.nodes_of_leg(stays, a)[1:-1] if wish.diversity != "span" else ()
    left = free.without(spans=stays, nodes=nodes, risk_groups=groups)
    found = _find(left, a, b, "none", wish)
    if not found.routes:
        return None
    legs = list(circuit.legs)
    legs[hit[0]] = found.routes[0].spans
    pair = (_from(network, legs[0], a), _from(network, legs[1], a))
    if shared(network, a, b, pair, wish.diversity):
        return None
    return Replacement(tuple(legs), (hit[0] + 1,), wish.diversity)


def _kept_off(free: Network, network: Network, wish: Wish, circuits: Mapping[str, Circuit], a: str, b: str) -> Network:
    """Without what the request avoids, and what it must be diverse from, at its level (`span` if it has none)."""
    gone: dict[str, set[str]] = {"span": set(), "node": set(), "group": set()}
    for kind, name in (*wish.avoid, *wish.diverse_from):
        if kind != "circuit":
            gone[kind].add(name)
    for items, level in ((wish.avoid, "span"), (wish.diverse_from, wish.diversity)):
        for name in (name for kind, name in items if kind == "circuit" and name in circuits):
            for leg in circuits[name].legs:
                first = ends(network, replace(circuits[name], legs=(leg,), strands=()))[0]
                gone["span"] |= set(leg)
                if level in ("node", "risk"):
                    gone["node"] |= set(network.nodes_of_leg(leg, first)[1:-1])
                if level == "risk":
                    gone["group"] |= groups_of_leg(network, leg, first)
    groups = gone["group"] - exempt_groups(network, a, b)
    return free.without(spans=gone["span"], nodes=gone["node"] - {a, b}, risk_groups=groups)
