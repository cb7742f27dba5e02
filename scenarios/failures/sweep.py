"""Every single failure, and every double one: of risk groups, and of spans that are in none. Exact, never sampled.

Circuits are counted in rows of bits, connectivity by forests that prove most pairs harmless or no worse than one of the two
alone; the rest is searched 64 scenarios a word (`sweep_rows`, `key_graph`). Rows of events are cut into blocks of equal work,
which any `concurrent.futures.Executor` may compute: the result has the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios.failures.events import Event, broken_by, key_pairs, on_service
from scenarios.failures.sweep_rows import Counts, Rows, doubles, make_rows, singles
from topology.about import SOFTWARE
from topology.model import Circuit, Network
from topology.offer import inputs_of
from topology.problems import bad_input

MOST_LISTS = 1000
"""Beyond so many events the lists behind the counts are left out: they would be most of the document."""


@dataclass(frozen=True, slots=True)
class Effect:
    """The counts of one event: `group:ID` or `span:ID`, one or two of them."""

    event: tuple[str, ...]
    circuits_down: int
    members_hit: int
    key_pairs_lost: int
    only_together: bool = False


@dataclass(frozen=True, slots=True)
class Sweep:
    """The worst effects, the worst of those that are harmful only together, and the totals over all."""

    effects: tuple[Effect, ...]
    together: tuple[Effect, ...]
    totals: dict[str, int]


@dataclass(frozen=True, slots=True)
class _All:
    """The counts of every event: row i of `first`, `second` (-1: a single) names it."""

    names: tuple[str, ...]
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    circuits_down: NDArray[np.int32]
    members_hit: NDArray[np.int32]
    lost: NDArray[np.int32]
    together: NDArray[np.bool_]


def sweep(
    network: Network,
    circuits: Iterable[Circuit],
    on: date,
    order: int = 1,
    top: int = 100,
    *,
    executor: Executor | None = None,
    blocks: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Sweep:
    """All single (order 1), or single and double (order 2), failures on a date, worst first; `top` 0 means all.

    `executor` computes `blocks` blocks; without one they are computed here. `progress(done, of)` hears of each block.
    Raises `BadInput` for another order or a negative `top`.
    """
    if order not in (1, 2):
        raise bad_input("The order of a sweep is 1 or 2.", column="order", value=str(order))
    if top < 0:
        raise bad_input("top must be 0 (all) or more.", column="top", value=str(top))
    here, held = on_service(network, circuits, on)
    rows = make_rows(network, here, held, events_of(network, here))
    found = _everything(rows, order, executor, blocks, progress)
    return Sweep(_worst(found, top), _worst(found, top, only=found.together), _totals(found))


def events_of(network: Network, here: Network) -> list[tuple[str, frozenset[str], frozenset[str]]]:
    """Every event with the spans and nodes that it breaks, by name: groups, and spans that are in none."""
    named = [(f"group:{g}", Event(risk_groups=(g,))) for g in here.risk_groups]
    named += [(f"span:{s.id}", Event(spans=(s.id,))) for s in here.spans.values() if not s.risk_groups]
    return [(name, *_broken(network, event)) for name, event in sorted(named)]


def _broken(network: Network, event: Event) -> tuple[frozenset[str], frozenset[str]]:
    """Spans and nodes that an event breaks, with the spans of its nodes."""
    members = [m for g in event.risk_groups for m in network.members_of_group.get(g, ())]
    nodes = {name for kind, name in members if kind == "node"} | set(event.nodes)
    spans = {name for kind, name in members if kind == "span"} | set(event.spans)
    spans |= {span.id for node in nodes for span in network.incident[node]}
    return frozenset(spans), frozenset(nodes)


def _everything(
    rows: Rows, order: int, executor: Executor | None, blocks: int, progress: Callable[[int, int], None] | None
) -> _All:
    alone = singles(rows)
    count = len(rows.names)
    parts = [alone]
    first, second = np.arange(count, dtype=np.int32), np.full(count, -1, dtype=np.int32)
    if order == 2 and count:
        cuts = equal_blocks(count, blocks)
        run = map if executor is None else executor.map
        for done, part in enumerate(run(doubles, [rows] * len(cuts), *zip(*cuts, strict=True)), 1):
            parts.append(part)
            if progress is not None:
                progress(done, len(cuts))
        left, right = np.triu_indices(count, 1)
        first, second = np.concatenate((first, left)).astype(np.int32), np.concatenate((second, right)).astype(np.int32)
    down, members, kept = (np.concatenate([getattr(p, f) for p in parts]) for f in Counts.__slots__)
    lost = (rows.joined - kept).astype(np.int32)
    single = lost[:count]
    worse = (second >= 0) & (lost > np.maximum(single[first], single[second]))
    return _All(rows.names, first, second, down, members, lost, worse)


def equal_blocks(count: int, blocks: int) -> list[tuple[int, int]]:
    """Row ranges of about equal work: row g has `count` - g - 1 pairs, so early blocks have fewer rows."""
    total = count * (count - 1) // 2
    cuts: list[tuple[int, int]] = []
    begin = seen = 0
    for g in range(count):
        seen += count - g - 1
        if seen * blocks >= total * (len(cuts) + 1) or g == count - 1:
            cuts.append((begin, g + 1))
            begin = g + 1
    return [c for c in cuts if c[0] < c[1]]


def _worst(found: _All, top: int, only: NDArray[np.bool_] | None = None) -> tuple[Effect, ...]:
    """Worst first: key pairs lost, circuits down, members hit (falling), then ids."""
    where = np.arange(len(found.lost)) if only is None else np.flatnonzero(only)
    badness = found.lost[where].astype(np.int64) << 40
    badness |= found.circuits_down[where].astype(np.int64) << 20
    badness |= found.members_hit[where].astype(np.int64)
    if top and len(where) > top:  # what ties with the last place stays in, to be ordered by ids
        least = np.partition(badness, len(badness) - top)[len(badness) - top]
        where, badness = where[badness >= least], badness[badness >= least]
    ids = found.first[where].astype(np.int64) * (len(found.names) + 1) + found.second[where] + 1
    order = np.lexsort((ids, -badness))[: top or None]
    return tuple(_effect(found, int(i)) for i in where[order])


def _effect(found: _All, i: int) -> Effect:
    names = tuple(found.names[n] for n in (int(found.first[i]), int(found.second[i])) if n >= 0)
    counts = (int(found.circuits_down[i]), int(found.members_hit[i]), int(found.lost[i]))
    return Effect(names, *counts, bool(found.together[i]))


def _totals(found: _All) -> dict[str, int]:
    double = found.second >= 0
    loses = found.lost > 0
    return {
        "singles": int((~double).sum()),
        "doubles": int(double.sum()),
        "singles_with_key_loss": int((loses & ~double).sum()),
        "doubles_with_key_loss": int((loses & double).sum()),
        "only_together": int(found.together.sum()),
    }


def sweep_document(
    network: Network, circuits: Iterable[Circuit], on: date, order: int = 1, top: int = 100, **how: Any
) -> dict[str, Any]:
    """The sweep as `cni.sweep/1`; `how`: executor, blocks, progress as in `sweep`, whose errors it raises."""
    live = tuple(circuits)
    swept = sweep(network, live, on, order, top, **how)
    lists = 0 < top <= MOST_LISTS
    teller = _Teller(network, live, on) if lists else None
    return {
        "schema": "cni.sweep/1",
        "software": SOFTWARE,
        "inputs": inputs_of(network, live),
        "on": on.isoformat(),
        "illustrative": network.illustrative,
        "order": order,
        "events": [_event_json(e, teller) for e in swept.effects],
        "together": [_event_json(e, teller) for e in swept.together],
        "totals": swept.totals,
    }


def _event_json(effect: Effect, teller: _Teller | None) -> dict[str, Any]:
    return {
        "event": list(effect.event),
        "circuits_down": effect.circuits_down,
        "members_hit": effect.members_hit,
        "key_pairs_lost": effect.key_pairs_lost,
        "only_together": effect.only_together,
        **(teller.lists(effect) if teller else {}),
    }


class _Teller:
    """The lists behind the counts of an event, computed one event at a time by the plain definitions of `events`."""

    def __init__(self, network: Network, circuits: tuple[Circuit, ...], on: date) -> None:
        self.network = network
        self.here, self.held = on_service(network, circuits, on)
        self.before = key_pairs(self.here)

    def lists(self, effect: Effect) -> dict[str, Any]:
        """Ids of the circuits, members and pairs; wrong counts would be a fault of ours, so they are held against them."""
        split = [name.partition(":") for name in effect.event]
        event = Event(
            spans=tuple(which for kind, _, which in split if kind == "span"),
            risk_groups=tuple(which for kind, _, which in split if kind == "group"),
        )
        everywhere = broken_by(self.network, event)
        down = [c for c in self.held if everywhere.circuit(c)]
        lost = sorted(self.before - key_pairs(self.here, broken_by(self.here, event)))
        members = sorted({c.member for c in down})
        assert (len(down), len(members), len(lost)) == (effect.circuits_down, effect.members_hit, effect.key_pairs_lost)
        return {"circuits": [c.id for c in down], "members": members, "key_pairs": [list(pair) for pair in lost]}
