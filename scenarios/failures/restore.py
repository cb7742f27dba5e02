"""Restoration over spare fibre under a published order (rules I1 to I6, docs/rules/i-restoration.md), exact where it can be.

One circuit of a class comes before any of the next: registered for life and safety; of member groups with no fibre left; the
others. In a class groups are levelled as in allocation (as many as possible with one circuit back, then two, ...), ties
follow a drawn order, then age. Each step is an integer flow whose result is fixed before the next. Where a step is not proved
within its limit, or the event is too large for flows, the best that is known stands and carries its bound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from allocation.lottery import drawn_order
from scenarios.failures.events import Broken
from scenarios.failures.register import Register
from scenarios.failures.restore_flows import Flows
from scenarios.failures.restore_greedy import Job, greedy, shortest
from topology.legs import ends
from topology.model import Circuit, Leg, Network
from topology.offer import spare_pairs

VERSION = "I/1"
"""The version of the published order; a change of rules I changes it."""

CLASSES = ("life_and_safety", "nothing_left", "others")
NODES = 2_000
"""Nodes of each flow's tree before its bound has to do: the same limit on every machine."""
MOST_VARIABLES = 30_000
"""Above so many (circuit, span) choices only the greedy order is computed, with a bound from each circuit alone."""


@dataclass(frozen=True, slots=True)
class ClassResult:
    """Of one class: circuits down, those that had a way round if alone, restored, the most provable, and what greedy gives."""

    name: str
    down: int
    alone: int
    restored: int
    bound: int
    greedy: int


@dataclass(frozen=True, slots=True)
class Restoration:
    """`legs`: circuit -> the leg that carries it, by id. `proof`: optimal where every step of the order was proved."""

    legs: tuple[tuple[str, Leg], ...]
    proof: str
    classes: tuple[ClassResult, ...]
    order: tuple[str, ...]


def restore(
    network: Network,
    held: Sequence[Circuit],
    down: Iterable[Circuit],
    broken: Broken,
    on: date,
    *,
    register: Register = Register(),  # noqa: B008 -- an immutable value
    seed: str | None = None,
    nodes: int = NODES,
    most: int = MOST_VARIABLES,
) -> Restoration:
    """Which circuits that are down come back over spare pairs, and how. `network` is what is in service, `held` its circuits.

    A circuit takes one pair of each span of its new leg; on spans that did not fail it may use its own strands, which cost no
    spare. `seed` draws the order among groups that are otherwise equal.
    """
    hit = [c for c in down if c.is_fibre]
    spare = {s: pairs for s, pairs in spare_pairs(network, held, on).items() if s not in broken.spans}
    place = _places(network, held, hit, broken, on, register)
    jobs = [job for c in hit if (job := _job(network, c, spare, broken, place[c.id])) is not None]
    lots = {g: i for i, g in enumerate(drawn_order(seed, {j.group for j in jobs}))}
    age = {c.id: i for i, c in enumerate(sorted(hit, key=lambda c: (c.start, c.id)))}
    jobs.sort(key=lambda j: (j.place, lots[j.group], age[j.id]))
    quick = greedy(network, jobs, spare)
    if len(jobs) * len(spare) > most:
        legs, proof, bounds = quick, "bounded", Counter(j.place for j in jobs)
        if _all_shortest(network, jobs, spare, quick):
            proof = "optimal"
    elif _all_shortest(network, jobs, spare, quick):
        legs, proof, bounds = quick, "optimal", Counter(j.place for j in jobs)
    else:
        legs, proof, bounds = _exactly(network, jobs, spare, quick, nodes)
    classes = tuple(_class(i, hit, place, jobs, legs, quick, bounds) for i in range(len(CLASSES)))
    return Restoration(tuple(sorted(legs.items())), proof, classes, tuple(j.id for j in jobs if j.id in legs))


def _places(
    network: Network, held: Iterable[Circuit], hit: Iterable[Circuit], broken: Broken, on: date, register: Register
) -> dict[str, int]:
    """Circuit -> its class (rule I2)."""
    working = {network.group_of(c.member) for c in held if c.is_fibre and not broken.circuit(c)}
    return {c.id: 0 if register.holds(c, on) else 1 if network.group_of(c.member) not in working else 2 for c in hit}


def _job(network: Network, circuit: Circuit, spare: Mapping[str, int], broken: Broken, place: int) -> Job | None:
    a, b = ends(network, circuit)
    if a not in network.nodes or b not in network.nodes or {a, b} & broken.nodes:
        return None
    own = frozenset(s for s in circuit.spans if s in spare)
    job = Job(circuit.id, network.group_of(circuit.member), place, a, b, own)
    return job if shortest(network, job, spare) else None


def _all_shortest(network: Network, jobs: Iterable[Job], spare: Mapping[str, int], legs: Mapping[str, Leg]) -> bool:
    """Whether everything that can come back does, each on a route as short as if it were alone: then nothing is better."""
    return all(
        j.id in legs and network.length_m(legs[j.id]) == network.length_m(shortest(network, j, spare)) for j in jobs
    )


def _exactly(
    network: Network, jobs: Sequence[Job], spare: Mapping[str, int], start: dict[str, Leg], nodes: int
) -> tuple[dict[str, Leg], str, Counter[int]]:
    flows = Flows(network, jobs, spare, start, nodes)
    bounds: Counter[int] = Counter()
    for place in sorted({j.place for j in jobs}):
        mine = [j for j in jobs if j.place == place]
        bounds[place] = _levels(flows, mine)
        flows.in_turn(_by_group(mine))
        flows.in_turn([[j.id] for j in mine])
    flows.least_metres()
    return flows.legs(), "optimal" if flows.proved else "bounded", bounds


def _by_group(jobs: Iterable[Job]) -> list[list[str]]:
    table: dict[str, list[str]] = {}
    for job in jobs:
        table.setdefault(job.group, []).append(job.id)
    return list(table.values())


def _levels(flows: Flows, jobs: Sequence[Job]) -> int:
    """Fix how many groups have at least 1, 2, ... circuits back, each as many as possible; returns the proved most in all."""
    groups = _by_group(jobs)
    total = 0
    for level in range(1, max(map(len, groups)) + 1):
        reached, bound = flows.level([g for g in groups if len(g) >= level], level)
        total += bound
        if not bound:
            break
        if not reached:  # not proved: the levels above are open
            return total + sum(max(0, len(g) - level) for g in groups)
    return total


def _class(
    place: int,
    hit: Iterable[Circuit],
    places: Mapping[str, int],
    jobs: Iterable[Job],
    legs: Mapping[str, Leg],
    quick: Mapping[str, Leg],
    bounds: Mapping[int, int],
) -> ClassResult:
    mine = [j.id for j in jobs if j.place == place]
    restored = sum(j in legs for j in mine)
    return ClassResult(
        CLASSES[place],
        sum(places[c.id] == place for c in hit),
        len(mine),
        restored,
        max(restored, min(bounds.get(place, 0), len(mine))),
        sum(j in quick for j in mine),
    )
