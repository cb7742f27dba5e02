"""One event: which circuits, members and pairs of key nodes it takes, and what spare fibre could restore."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from heapq import heappop, heappush
from typing import Any

from scenarios.events import Broken, Event, broken_by, key_pairs, on_service
from topology.about import SOFTWARE
from topology.legs import ends
from topology.model import Circuit, Leg, Network
from topology.offer import inputs_of, spare_pairs


@dataclass(frozen=True, slots=True)
class Failure:
    """The effect of one event. Ids are sorted; `restorable` pairs a circuit that is down with the leg that could carry it."""

    event: Event
    broken: Broken
    circuits_down: tuple[str, ...]
    circuits_one_leg: tuple[str, ...]
    members_hit: tuple[str, ...]
    key_pairs_lost: tuple[tuple[str, str], ...]
    restorable: tuple[tuple[str, Leg], ...]


def fail(network: Network, circuits: Iterable[Circuit], event: Event, on: date) -> Failure:
    """What an event does to the spine and the circuits of a date.

    Restoration is greedy, oldest circuit first (then by id): each takes the shortest route over spare pairs that are
    left, and may use its own strands on spans that did not fail.
    """
    network_, held = on_service(network, circuits, on)
    broken = broken_by(network_, event)
    all_broken = broken_by(network, event)  # circuits may lie on spans that are not in service
    down = [c for c in held if all_broken.circuit(c)]
    one_leg = [c.id for c in held if len(c.legs) == 2 and sum(all_broken.leg(leg) for leg in c.legs) == 1]
    lost = key_pairs(network_) - key_pairs(network_, broken)
    return Failure(
        event,
        broken,
        tuple(c.id for c in down),
        tuple(one_leg),
        tuple(sorted({c.member for c in down})),
        tuple(sorted(lost)),
        _restore(network, held, down, broken, on),
    )


def _restore(
    network: Network, held: tuple[Circuit, ...], down: list[Circuit], broken: Broken, on: date
) -> tuple[tuple[str, Leg], ...]:
    if not any(c.is_fibre for c in down):
        return ()
    spare = {s: pairs for s, pairs in spare_pairs(network, held, on).items() if s not in broken.spans}
    found = []
    for circuit in sorted(down, key=lambda c: (c.start, c.id)):
        if not circuit.is_fibre:
            continue
        own = {s for s in circuit.spans if s in spare}
        usable = {s for s, pairs in spare.items() if pairs > 0} | own
        leg = _shortest(network, usable, *ends(network, circuit), broken)
        if leg:
            found.append((circuit.id, leg))
            for span in leg:
                if span not in own:
                    spare[span] -= 1
    return tuple(sorted(found))


def _shortest(network: Network, usable: set[str], a: str, b: str, broken: Broken) -> Leg:
    """The shortest leg over usable spans, the smallest list of span ids among equals; empty where there is none."""
    if a in broken.nodes or b in broken.nodes:
        return ()
    heap: list[tuple[int, Leg, str]] = [(0, (), a)]
    done = set()
    while heap:
        metres, leg, at = heappop(heap)
        if at == b:
            return leg
        if at in done:
            continue
        done.add(at)
        for span in network.incident[at]:
            if span.id in usable and (other := span.other_end(at)) not in done:
                heappush(heap, (metres + span.length_m, (*leg, span.id), other))
    return ()


def fail_document(network: Network, circuits: Iterable[Circuit], event: Event, on: date) -> dict[str, Any]:
    """The effect of one event as `cni.fail/1`."""
    live = tuple(circuits)
    failure = fail(network, live, event, on)
    return {
        "schema": "cni.fail/1",
        "software": SOFTWARE,
        "inputs": inputs_of(network, live),
        "on": on.isoformat(),
        "illustrative": network.illustrative,
        "event": event.as_json(),
        "failed": {"spans": sorted(failure.broken.spans), "nodes": sorted(failure.broken.nodes)},
        "circuits_down": list(failure.circuits_down),
        "circuits_one_leg": list(failure.circuits_one_leg),
        "members_hit": list(failure.members_hit),
        "key_pairs_lost": [list(pair) for pair in failure.key_pairs_lost],
        "restorable": [{"circuit": name, "legs": [list(leg)]} for name, leg in failure.restorable],
    }
