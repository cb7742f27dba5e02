"""A certified interval for the chance that nothing works, by disjoint decomposition on components (Dotson and Gobien 1979).

States that are still open lie in a heap by probability. The likeliest is taken; a working path under it splits it into the
state in which the whole path is up (works) and, for each of its components, the one in which that is the first to fail. No
path: its probability has failed. Low = failed mass, high = failed + open mass; both only ever move towards each other.

W. Dotson, J. Gobien, A new analysis technique for probabilistic graphs, IEEE Trans. Circuits and Systems 26 (1979).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from math import fsum

ROUNDING = 1e-12
"""Relative room for the rounding of sums of at most a few million positive terms of double precision."""


@dataclass(frozen=True, slots=True)
class Interval:
    """`low` <= the true value <= `high`. `closed`: they are as near as was asked for."""

    low: float
    high: float
    closed: bool


def chance_of_failure(
    find_path: Callable[[int], int | None], down: Sequence[float], within: float, branches: int
) -> Interval:
    """The chance that no path works. `find_path(gone)` gives the components of a working path as bits, or None.

    `down[i]`: chance that component i is down. Ends when high - low <= `within` times low, or after so many `branches`.
    """
    heap: list[tuple[float, int, int, int]] = [(-1.0, 0, 0, 0)]
    failed: list[float] = []
    count, look, open_mass, lost = 0, 0, 1.0, 0.0
    order = sorted(range(len(down)), key=lambda i: (down[i], i))
    place = {1 << i: rank for rank, i in enumerate(order)}
    while heap and count < branches:
        if count >= look or open_mass <= within * lost:  # running sums drift: what decides is summed exactly
            open_mass, lost = fsum(-entry[0] for entry in heap), fsum(failed)
            if open_mass <= within * lost:
                break
            look = count + max(64, len(heap))
        minus, _, up, gone = heappop(heap)
        mass = -minus
        open_mass -= mass
        count += 1
        path = find_path(gone)
        if path is None:
            failed.append(mass)
            lost += mass
            continue
        for bit in sorted(_bits(path & ~up), key=place.__getitem__):
            chance = down[bit.bit_length() - 1]
            if chance:
                heappush(heap, (-mass * chance, count * 4096 + place[bit], up, gone | bit))
                open_mass += mass * chance
            mass *= 1.0 - chance
            up |= bit
    low, rest = fsum(failed), fsum(-entry[0] for entry in heap)
    return Interval(low * (1 - ROUNDING), min(1.0, (low + rest) * (1 + ROUNDING)), rest <= within * low)


def _bits(word: int) -> list[int]:
    found = []
    while word:
        bit = word & -word
        found.append(bit)
        word ^= bit
    return found
