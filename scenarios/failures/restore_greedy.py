"""The quick way to restore: one circuit after another on the shortest route that is left. It never takes more than spare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

from topology.model import Leg, Network


@dataclass(frozen=True, slots=True)
class Job:
    """A fibre circuit that is down and has a way round while it is alone. `place`: its class; `own`: its spans that still work."""

    id: str
    group: str
    place: int
    a: str
    b: str
    own: frozenset[str]


def greedy(network: Network, jobs: Iterable[Job], spare: Mapping[str, int]) -> dict[str, Leg]:
    """Class by class; each group's first circuit before any second; in the order of `jobs` among equals.

    A circuit that finds no way leaves its group's turn to the group's next one.
    """
    left, found = dict(spare), dict[str, Leg]()
    waiting = list(jobs)
    back: Counter[tuple[int, str]] = Counter()
    while waiting:
        at = min(range(len(waiting)), key=lambda i: (waiting[i].place, back[waiting[i].place, waiting[i].group], i))
        job = waiting.pop(at)
        leg = shortest(network, job, left)
        if leg:
            found[job.id] = leg
            back[job.place, job.group] += 1
            for span in leg:
                left[span] -= span not in job.own
    return found


def shortest(network: Network, job: Job, spare: Mapping[str, int]) -> Leg:
    """The shortest leg over spare pairs and own strands, the smallest list of span ids among equals; empty: none."""
    heap: list[tuple[int, Leg, str]] = [(0, (), job.a)]
    done = set()
    while heap:
        metres, leg, at = heappop(heap)
        if at == job.b:
            return leg
        if at in done:
            continue
        done.add(at)
        for span in network.incident[at]:
            if (spare.get(span.id, 0) > 0 or span.id in job.own) and (other := span.other_end(at)) not in done:
                heappush(heap, (metres + span.length_m, (*leg, span.id), other))
    return ()
