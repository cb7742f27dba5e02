"""Least-weight routes and disjoint pairs by flow: exact at the levels span and node.

Bhandari's form of Suurballe's method: two units of flow from a to b at least cost, by two shortest paths, the second in
the residual network (R. Bhandari, Survivable Networks, 1999, chapter 3; J. W. Suurballe, Networks 4, 1974). At level node
every node but the ends is split into an entry and an exit of capacity one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from topology.model import Leg, Network

Place = tuple[str, str]
"""(node id, "in" or "out"); both are the same place at level span and for the ends."""


def tie_weights(network: Network) -> dict[str, int]:
    """Span id -> a positive integer weight under which the best set of spans is unique.

    Compares by metres, then by the sum of positions in the sorted list of span ids (from 1, as rule B5), then by the
    number of spans, then by the smallest sorted list of ids. The parts are packed into one integer, each below the one
    before it for any set of spans.
    """
    count = len(network.spans)
    place, shift = _places(count)
    return {
        span.id: (span.length_m * place + i + 1 << shift) + (1 << count) - (1 << count - 1 - i)
        for i, span in enumerate(network.spans.values())
    }


def metre(network: Network) -> int:
    """What a metre weighs in `tie_weights`: more than everything below metres in any set of spans."""
    place, shift = _places(len(network.spans))
    return place << shift


def _places(count: int) -> tuple[int, int]:
    return count * (count + 1), count + count.bit_length() + 1


@dataclass(slots=True)
class _Arc:
    """One direction of a span (or the inside of a node, `item` = its id), with what is left of its capacity."""

    end: Place
    weight: int
    room: int
    item: tuple[str, str]
    back: int = -1


class Flow:
    """Up to two units of flow from a to b."""

    def __init__(self, network: Network, a: str, b: str, *, split: bool, weights: dict[str, int]) -> None:
        self.a, self.b, self.value = a, b, 0
        self.arcs: list[_Arc] = []
        self.out: dict[Place, list[int]] = {}
        for node in network.nodes:
            inner = split and node not in (a, b)
            entry, leave = (node, "in"), (node, "out" if inner else "in")
            self.out.setdefault(entry, [])
            self.out.setdefault(leave, [])
            if inner:
                self._add(entry, leave, 0, ("node", node))
        for span in network.spans.values():
            for start, end in ((span.start, span.end), (span.end, span.start)):
                leave = (start, "out" if split and start not in (a, b) else "in")
                self._add(leave, (end, "in"), weights[span.id], ("span", span.id))

    def _add(self, start: Place, end: Place, weight: int, item: tuple[str, str]) -> None:
        """An arc of capacity one and its residual twin."""
        here = len(self.arcs)
        self.arcs.append(_Arc(end, weight, 1, item, here + 1))
        self.arcs.append(_Arc(start, -weight, 0, item, here))
        self.out[start].append(here)
        self.out[end].append(here + 1)

    def augment(self) -> bool:
        """Send one more unit along the least-weight residual path; False where there is none."""
        start, goal = (self.a, "in"), (self.b, "in")
        best: dict[Place, int] = {start: 0}
        by: dict[Place, int] = {}
        queue = deque([start])
        waiting = {start}
        while queue:  # Bellman-Ford with a queue: residual arcs have negative weights
            at = queue.popleft()
            waiting.discard(at)
            for i in self.out[at]:
                arc = self.arcs[i]
                if arc.room and best[at] + arc.weight < best.get(arc.end, best[at] + arc.weight + 1):
                    best[arc.end] = best[at] + arc.weight
                    by[arc.end] = i
                    if arc.end not in waiting:
                        waiting.add(arc.end)
                        queue.append(arc.end)
        if goal not in by:
            return False
        at = goal
        while at != start:
            arc = self.arcs[by[at]]
            arc.room -= 1
            self.arcs[arc.back].room += 1
            at = self.arcs[arc.back].end
        self.value += 1
        return True

    def cut(self) -> list[tuple[str, str]]:
        """The ("span" | "node", id) items that separate what still can be reached from `a` from the rest, sorted."""
        seen, todo = {(self.a, "in")}, [(self.a, "in")]
        while todo:
            for i in self.out[todo.pop()]:
                arc = self.arcs[i]
                if arc.room and arc.end not in seen:
                    seen.add(arc.end)
                    todo.append(arc.end)
        crossing = {
            arc.item for place in seen for i in self.out[place] if i % 2 == 0 and (arc := self.arcs[i]).end not in seen
        }
        return sorted(crossing)

    def used(self) -> dict[str, list[tuple[str, str]]]:
        """Node id -> the (span id, next node) that flow leaves it by.

        No span carries flow both ways: taking both back would cost less, and the flow is of least cost.
        """
        leaving: dict[str, list[tuple[str, str]]] = {}
        for arc in self.arcs[::2]:
            if arc.item[0] == "span" and not arc.room:
                leaving.setdefault(self.arcs[arc.back].end[0], []).append((arc.item[1], arc.end[0]))
        return leaving


def least_route(network: Network, a: str, b: str) -> Leg | None:
    """The least leg from `a` to `b`, or None."""
    flow = Flow(network, a, b, split=False, weights=tie_weights(network))
    return legs_of(network, flow)[0] if flow.augment() else None


def least_pair(network: Network, a: str, b: str, level: str) -> tuple[Leg, Leg] | list[tuple[str, str]]:
    """The least pair of legs that share no span (level "span"), or also no node between the ends ("node").

    Where there is none: the cut, a list of at most one ("span" | "node", id) that every route crosses; empty where there
    is no route at all.
    """
    flow = Flow(network, a, b, split=level == "node", weights=tie_weights(network))
    while flow.value < 2 and flow.augment():
        pass
    if flow.value < 2:
        return flow.cut()
    first, second = legs_of(network, flow)
    return first, second


def legs_of(network: Network, flow: Flow) -> list[Leg]:
    """The legs of a flow, as `split_legs`."""
    return split_legs(flow.used(), flow.a, flow.b, flow.value, tie_weights(network))


def split_legs(
    leaving: dict[str, list[tuple[str, str]]], a: str, b: str, count: int, weights: dict[str, int]
) -> list[Leg]:
    """The legs of a flow, the least first; of several ways to tell them apart the one with the least first leg.

    `leaving`: node id -> the (span id, next node) that flow leaves it by; emptied on the way.
    """
    legs = []
    for _ in range(count):
        leg = _least_within(leaving, a, b, weights)
        at = a
        for span in leg:
            step = next(s for s in leaving[at] if s[0] == span)
            leaving[at].remove(step)
            at = step[1]
        legs.append(leg)
    return sorted(legs, key=lambda leg: total(weights, leg))


def total(weights: dict[str, int], leg: Iterable[str]) -> int:
    """The weight of a leg."""
    return sum(weights[s] for s in leg)


def _least_within(leaving: dict[str, list[tuple[str, str]]], a: str, b: str, weights: dict[str, int]) -> Leg:
    best: dict[str, tuple[int, Leg]] = {a: (0, ())}
    queue = deque([a])
    while queue:  # a flow of least cost has no circle, so this ends
        at = queue.popleft()
        for span, end in leaving.get(at, ()):
            found = best[at][0] + weights[span], (*best[at][1], span)
            if end not in best or found[0] < best[end][0]:
                best[end] = found
                queue.append(end)
    return best[b][1]
