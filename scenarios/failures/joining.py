"""Which things are joined by links: parts of a graph, found as the links are laid one by one."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def parts_of(things: Iterable[T], links: Iterable[tuple[T, T]]) -> dict[T, T]:
    """Each thing, in the order given, with the one that stands for its part; two are joined where these are the same.

    Which one stands for a part follows from the order of the links. Union-find with path halving (Tarjan and van Leeuwen,
    Worst-case analysis of set union algorithms, J. ACM 31, 1984). Raises KeyError for a link of something that is no thing.
    """
    above = {thing: thing for thing in things}

    def top(thing: T) -> T:
        while above[thing] != thing:
            above[thing] = above[above[thing]]
            thing = above[thing]
        return thing

    for a, b in links:
        above[top(a)] = top(b)
    return {thing: top(thing) for thing in above}
