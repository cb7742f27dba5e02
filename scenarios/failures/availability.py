"""Expected downtime: circuits in closed form, key pairs over any route and members' circuits as certified intervals.

Everything is computed on *un*availability, which keeps the small digits. Two legs that share a group are never multiplied as
if independent: U = us + (1 - us) ua ub, with us what both share, ua and ub what only one has (1+1 protection with a common
part; ITU-T G.911 for serial and protected prediction, G.827 for the terms).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date
from functools import partial
from heapq import heappop, heappush
from itertools import combinations
from typing import Any

import numpy as np

from scenarios.failures.certified import Interval, Paths, chance_of_failure
from scenarios.failures.components import DEFAULTS, MINUTES_A_YEAR, SCALES, Component, any_down, components
from scenarios.failures.events import on_service
from scenarios.failures.key_graph import KeyGraph, key_graph
from topology.about import SOFTWARE
from topology.model import Circuit, Network
from topology.offer import inputs_of

WITHIN, BRANCHES = 1e-3, 100_000
"""Relative width of an interval, and after how many branches to give up on it."""

CHUNK = 16
"""Key pairs in one piece of work."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Line:
    """One result: what it is about (an id, or two key nodes), at which scale of the rates, and the interval."""

    about: tuple[str, ...]
    scale: str
    interval: Interval


@dataclass(frozen=True, slots=True)
class Availability:
    """Results for circuits (closed form), members (all their circuits down together), key pairs (no route left)."""

    circuits: tuple[Line, ...]
    members: tuple[Line, ...]
    key_pairs: tuple[Line, ...]

    @property
    def closed(self) -> bool:
        """Whether every interval is as narrow as was asked for."""
        return all(line.interval.closed for line in (*self.members, *self.key_pairs))


def availability(
    network: Network,
    circuits: Iterable[Circuit],
    on: date,
    *,
    within: float = WITHIN,
    branches: int = BRANCHES,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Availability:
    """Unavailability of every circuit, member and key pair of a date, at three scales of the rates.

    `executor` computes the key pairs in chunks; without one they are computed here, to the same figures.
    """
    here, held = on_service(network, circuits, on)
    parts = components(network)
    legs = {c.id: _legs(c, parts) for c in held}
    engine = _KeyPairs(here, parts)
    by_member: dict[str, list[str]] = {}
    for circuit in held:
        by_member.setdefault(circuit.member, []).append(circuit.id)
    lines: tuple[list[Line], list[Line], list[Line]] = ([], [], [])
    for scale, factor in SCALES:
        down = [c.unavailability(factor) for c in parts]
        lines[0].extend(Line((name,), scale, _closed_form(both, down)) for name, both in legs.items())
        for member, held_ids in by_member.items():
            found = _together([legs[name] for name in held_ids], down, within, branches)
            lines[1].append(Line((member,), scale, found))
    chunks = [engine.pairs[i : i + CHUNK] for i in range(0, len(engine.pairs), CHUNK)]
    run = map if executor is None else executor.map
    for done, part in enumerate(
        run(_pairs, *_each(len(chunks), engine), chunks, *_each(len(chunks), within, branches)), 1
    ):
        lines[2].extend(part)
        if progress is not None:
            progress(done, len(chunks))
    return Availability(*(tuple(sorted(part, key=lambda line: (line.about, float(line.scale)))) for part in lines))


def _each(count: int, *values: Any) -> list[list[Any]]:
    return [[value] * count for value in values]


def _pairs(engine: _KeyPairs, pairs: Sequence[tuple[str, str]], within: float, branches: int) -> list[Line]:
    """All scales of some key pairs: what is known of a pair's paths at one scale serves the next, whoever computes it."""
    return [
        Line((a, b), scale, engine.interval(a, b, factor, within, branches))
        for scale, factor in SCALES
        for a, b in pairs
    ]


def _legs(circuit: Circuit, parts: Sequence[Component]) -> tuple[frozenset[int], ...]:
    """The components that cut each leg; of colocation those that take its node."""
    if not circuit.is_fibre:
        return (frozenset(i for i, c in enumerate(parts) if circuit.node in c.nodes),)
    return tuple(frozenset(i for i, c in enumerate(parts) if not c.spans.isdisjoint(leg)) for leg in circuit.legs)


def _closed_form(legs: Sequence[frozenset[int]], down: Sequence[float]) -> Interval:
    """One leg: any of its components. Two legs: a shared one, or one of each."""
    first, last = legs[0], legs[-1]
    shared = any_down(down[i] for i in sorted(first & last))
    one = any_down(down[i] for i in sorted(first - last))
    other = any_down(down[i] for i in sorted(last - first))
    value = shared + (1 - shared) * one * other
    return Interval(value, value, True)


def _together(
    circuits: Sequence[Sequence[frozenset[int]]], down: Sequence[float], within: float, branches: int
) -> Interval:
    """All circuits of a member down at once: no leg of any of them works. One circuit alone has its closed form."""
    if len(circuits) == 1:
        return _closed_form(circuits[0], down)
    paths = {leg for legs in circuits for leg in legs}
    ordered = sorted(paths, key=lambda p: (sum(down[i] for i in p), sorted(p)))
    return chance_of_failure(Paths(sum(1 << i for i in path) for path in ordered), down, within, branches)


class _KeyPairs:
    """Key pairs over any route. Components that break the same links count as one: down if any of them is."""

    def __init__(self, here: Network, parts: Sequence[Component]) -> None:
        names, numbers = list(here.nodes), {s: i for i, s in enumerate(here.spans)}
        broken = np.zeros((len(parts), len(numbers)), dtype=bool)
        for row, part in enumerate(parts):
            broken[row, [numbers[s] for s in part.spans if s in numbers]] = True
        self.graph: KeyGraph = key_graph(here)
        alike: dict[bytes, list[int]] = {}
        links = self.graph.breaks(broken)
        for row in range(len(parts)):
            if links[row].any():
                alike.setdefault(links[row].tobytes(), []).append(row)
        self.alike = list(alike.values())
        self.parts = parts
        masks = [0] * len(self.graph.links)
        for bit, rows in enumerate(self.alike):
            for link in np.flatnonzero(links[rows[0]]).tolist():
                masks[link] |= 1 << bit
        self.node = {names[k]: k for k in self.graph.keys}
        self.out: dict[int, list[tuple[int, int, int]]] = {}
        for link, (a, b) in enumerate(self.graph.links.tolist()):
            self.out.setdefault(a, []).append((b, masks[link], link))
            self.out.setdefault(b, []).append((a, masks[link], link))
        self.pairs = list(combinations(here.key_nodes, 2))
        self.paths: dict[tuple[str, str], Paths] = {}
        self.cost: list[float] = []
        self.down: list[float] = []
        self.factor = 0.0

    def interval(self, a: str, b: str, factor: float, within: float, branches: int) -> Interval:
        """The chance that two key nodes are parted."""
        if factor != self.factor:
            self._rate(factor)
        if (a, b) not in self.paths:
            self.paths[a, b] = Paths(search=partial(self._path, self.node[a], self.node[b]))
        return chance_of_failure(self.paths[a, b], self.down, within, branches)

    def _rate(self, factor: float) -> None:
        self.factor = factor
        self.down = [any_down(self.parts[i].unavailability(factor) for i in rows) for rows in self.alike]
        self.cost = [0.0] * len(self.graph.links)
        for steps in self.out.values():
            for _, mask, link in steps:
                self.cost[link] = sum(self.down[i] for i in range(len(self.down)) if mask >> i & 1)

    def _path(self, start: int, goal: int, gone: int) -> int | None:
        """The components of a path that avoids what is gone and is least likely to fail, more or less."""
        heap = [(0.0, start, 0)]
        seen = set()
        while heap:
            cost, node, mask = heappop(heap)
            if node == goal:
                return mask
            if node in seen:
                continue
            seen.add(node)
            for other, bits, link in self.out.get(node, ()):
                if other not in seen and not bits & gone:
                    heappush(heap, (cost + self.cost[link], other, mask | bits))
        return None


def availability_document(
    network: Network, circuits: Iterable[Circuit], on: date, **how: Any
) -> tuple[dict[str, Any], bool]:
    """The results as `cni.availability/1`, and whether every interval closed; `how` as in `availability`."""
    live = tuple(circuits)
    found = availability(network, live, on, **how)
    document = {
        "schema": "cni.availability/1",
        "software": SOFTWARE,
        "inputs": inputs_of(network, live),
        "on": on.isoformat(),
        "illustrative": network.illustrative,
        "defaults": {key: dict(value) for key, value in DEFAULTS.items()},
        "without_own_rate": {
            "spans": sum(s.cuts_per_km_year is None for s in network.spans.values()),
            "risk_groups": sum(g.cuts_per_year is None for g in network.risk_groups.values()),
        },
        "circuits": [_json(line, "id") for line in found.circuits],
        "members": [_json(line, "id") for line in found.members],
        "key_pairs": [_json(line, "a", "b") for line in found.key_pairs],
        "closed": found.closed,
        "order_changes": {name: _order_changes(getattr(found, name)) for name in ("circuits", "members", "key_pairs")},
    }
    return document, found.closed


def _json(line: Line, *names: str) -> dict[str, Any]:
    low, high = line.interval.low, line.interval.high
    return {
        **dict(zip(names, line.about, strict=True)),
        "scale": line.scale,
        "unavailability": {"low": low, "high": high},
        "minutes_year": {"low": low * MINUTES_A_YEAR, "high": high * MINUTES_A_YEAR},
        "closed": line.interval.closed,
    }


def _order_changes(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """What stands elsewhere in the order of downtime at another scale than at 1: where conclusions hang on the rate."""
    ranks: dict[str, dict[tuple[str, ...], int]] = {}
    for scale, _ in SCALES:
        worst = sorted(
            (line for line in lines if line.scale == scale), key=lambda line: (-line.interval.high, line.about)
        )
        ranks[scale] = {line.about: place for place, line in enumerate(worst, 1)}
    return [
        {"about": list(about), "places": {scale: ranks[scale][about] for scale, _ in SCALES}}
        for about, place in sorted(ranks["1"].items(), key=lambda item: item[1])
        if any(ranks[scale][about] != place for scale, _ in SCALES)
    ]
