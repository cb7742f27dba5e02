"""A certified interval for the chance that nothing works, by disjoint decomposition on components (Dotson and Gobien 1979).

A state says which components are up and which are gone. A working path under it splits it into the state in which the whole
path is up (works) and, for each of its components, the one in which that is the first to fail: its *children*. Open children
are looked at by probability, the likeliest first. No path: the probability has failed. Low = failed mass, high = failed +
open mass; both only ever move towards each other.

W. Dotson, J. Gobien, A new analysis technique for probabilistic graphs, IEEE Trans. Circuits and Systems 26 (1979).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import accumulate
from math import fsum

ROUNDING = 1e-12
"""Relative room for the rounding of sums of at most a few million positive terms of double precision."""


@dataclass(frozen=True, slots=True)
class Interval:
    """`low` <= the true value <= `high`. `closed`: they are as near as was asked for."""

    low: float
    high: float
    closed: bool


class Paths:
    """Paths that work while none of their components is gone, as bits; `search(gone)` finds one that is not known yet, or None."""

    def __init__(self, known: Iterable[int] = (), search: Callable[[int], int | None] = lambda gone: None) -> None:
        self.known = list(known)
        self._search = search

    def working(self, gone: int, first: int) -> int | None:
        """Number of a path that works. None below `first` does: what is gone stays gone in all that comes of a state."""
        known = self.known
        for number in range(first, len(known)):
            if not known[number] & gone:
                return number
        found = self._search(gone)
        if found is None:
            return None
        known.append(found)
        return len(known) - 1


class _Split:
    """The children of a state by the components of its path that may fail, whatever the state's own mass.

    Ordered by `shares`, the part of that mass that each takes, rising; `sums[k]` is that of the first k + 1 together.
    """

    __slots__ = ("befores", "bits", "shares", "sums")

    def __init__(self, free: int, down: Sequence[float]) -> None:
        order = sorted(_bits(free), key=lambda bit: (down[bit.bit_length() - 1], bit))
        rest, before, children = 1.0, 0, []
        for bit in order:
            chance = down[bit.bit_length() - 1]
            if chance:
                children.append((rest * chance, bit, before))
            rest *= 1.0 - chance
            before |= bit
        children.sort()
        self.shares = [share for share, _, _ in children]
        self.bits = [bit for _, bit, _ in children]
        self.befores = [before for _, _, before in children]
        self.sums = list(accumulate(self.shares))


def chance_of_failure(paths: Paths, down: Sequence[float], within: float, branches: int) -> Interval:
    """The chance that no path works.

    `down[i]`: chance that component i is down. Ends when high - low <= `within` times low, or after so many `branches`.
    Paths that are found stay in `paths`, for another call at other chances.
    """
    splits: dict[int, _Split] = {}
    # The likeliest child of each state that was split waits here for all its siblings, whose turn comes after it:
    # (-mass of the child, turn, mass of the state, its up, its gone, number of its path, place of the child, split).
    heap: list[tuple[float, int, float, int, int, int, int, _Split]] = []
    failed: list[float] = []
    count, look, open_mass, lost = 0, 0, 0.0, 0.0

    def split(mass: float, up: int, gone: int, path: int) -> float:
        """Let the children of a state wait; their mass."""
        free = paths.known[path] & ~up
        held = splits.get(free)
        if held is None:
            held = splits[free] = _Split(free, down)
        last = len(held.shares) - 1
        if last < 0:
            return 0.0
        heappush(heap, (-mass * held.shares[last], 2 * count, mass, up, gone, path, last, held))
        return mass * held.sums[last]

    def still_open() -> float:
        """Running sums drift: what decides is summed exactly."""
        return fsum(mass * held.sums[place] for _, _, mass, _, _, _, place, held in heap)

    first = paths.working(0, 0)
    if first is None:
        return Interval(1 - ROUNDING, 1.0, True)
    open_mass = split(1.0, 0, 0, first)
    while heap and count < branches:
        if count >= look or open_mass <= within * lost:
            open_mass, lost = still_open(), fsum(failed)
            if open_mass <= within * lost:
                break
            look = count + max(64, len(heap))
        minus, _, above, up, gone, path, place, held = heappop(heap)
        count += 1
        if place:
            heappush(heap, (-above * held.shares[place - 1], 2 * count + 1, above, up, gone, path, place - 1, held))
        mass = -minus
        open_mass -= mass
        gone |= held.bits[place]
        found = paths.working(gone, path + 1)
        if found is None:
            failed.append(mass)
            lost += mass
        else:
            open_mass += split(mass, up | held.befores[place], gone, found)
    low, rest = fsum(failed), still_open()
    return Interval(low * (1 - ROUNDING), min(1.0, (low + rest) * (1 + ROUNDING)), rest <= within * low)


def _bits(word: int) -> list[int]:
    found = []
    while word:
        bit = word & -word
        found.append(bit)
        word ^= bit
    return found
