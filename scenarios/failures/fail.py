"""One event: which circuits, members and pairs of key nodes it takes, and what spare fibre could restore."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from scenarios.failures.events import Broken, Event, broken_by, key_pairs, on_service
from scenarios.failures.register import Register
from scenarios.failures.restore import VERSION, Restoration, restore
from topology.about import SOFTWARE
from topology.model import Circuit, Leg, Network
from topology.offer import inputs_of


@dataclass(frozen=True, slots=True)
class Failure:
    """The effect of one event. Ids are sorted; `restoration` says which circuits that are down could come back, and how."""

    event: Event
    broken: Broken
    circuits_down: tuple[str, ...]
    circuits_one_leg: tuple[str, ...]
    members_hit: tuple[str, ...]
    key_pairs_lost: tuple[tuple[str, str], ...]
    restoration: Restoration

    @property
    def restorable(self) -> tuple[tuple[str, Leg], ...]:
        """Each circuit that could come back, by id, with the leg that could carry it."""
        return self.restoration.legs


def fail(
    network: Network,
    circuits: Iterable[Circuit],
    event: Event,
    on: date,
    *,
    register: Register = Register(),  # noqa: B008 -- an immutable value
    seed: str | None = None,
) -> Failure:
    """What an event does to the spine and the circuits of a date, and what spare could restore (rules I).

    `register`: what comes first; `seed`: draws the order among groups that are otherwise equal.
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
        restore(network_, held, down, broken, on, register=register, seed=seed),
    )


def fail_document(
    network: Network,
    circuits: Iterable[Circuit],
    event: Event,
    on: date,
    *,
    register: Register | None = None,
    seed: str | None = None,
) -> dict[str, Any]:
    """The effect of one event as `cni.fail/1`; `register` and `seed` as in `fail`."""
    live = tuple(circuits)
    failure = fail(network, live, event, on, register=register or Register(), seed=seed)
    return {
        "schema": "cni.fail/1",
        "software": SOFTWARE,
        "inputs": {**inputs_of(network, live), **({} if register is None else {"register": register.digest})},
        "on": on.isoformat(),
        "illustrative": network.illustrative,
        "event": event.as_json(),
        "failed": {"spans": sorted(failure.broken.spans), "nodes": sorted(failure.broken.nodes)},
        "circuits_down": list(failure.circuits_down),
        "circuits_one_leg": list(failure.circuits_one_leg),
        "members_hit": list(failure.members_hit),
        "key_pairs_lost": [list(pair) for pair in failure.key_pairs_lost],
        "restorable": [{"circuit": name, "legs": [list(leg)]} for name, leg in failure.restorable],
        "restoration": _restoration_json(failure.restoration, seed),
    }


def _restoration_json(found: Restoration, seed: str | None) -> dict[str, Any]:
    return {
        "rules": VERSION,
        "proof": found.proof,
        "seed": seed or "",
        "order": list(found.order),
        "classes": [
            {
                "class": c.name,
                "down": c.down,
                "alone": c.alone,
                "restored": c.restored,
                "bound": c.bound,
                "greedy": c.greedy,
            }
            for c in found.classes
        ],
    }
