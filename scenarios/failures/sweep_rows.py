"""What a sweep counts with: each event as rows of bits over circuits and over links between key nodes.

A circuit is down under {g, h} when each of its legs is hit: with X and Y the rows of first and last legs and S = X & Y, down =
S[g] | S[h] | X[g] & Y[h] | Y[g] & X[h]. Circuits of one member lie in bytes of their own, so that members are counted by bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scenarios.failures.key_graph import Bools, KeyGraph, Words, forest, key_graph, varied_forests
from topology.model import Circuit, Network

FORESTS = 64
"""Forests that joint harmlessness is read from: one bit of a word each."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of all events, in the order of `names`.

    `first`, `last`: bits of circuits whose first, last leg is cut; `places`: where each member's bytes begin; `breaks`: (events
    x links); `avoids`: the forests that an event leaves whole; `own`: for each event a forest of what it leaves, in bits of
    links; `hits`: its broken links as the same bits; `kept`: pairs of key nodes that stay joined; `joined`: pairs today.
    """

    names: tuple[str, ...]
    first: Words
    last: Words
    places: NDArray[np.int64]
    graph: KeyGraph
    breaks: Bools
    avoids: Words
    own: Words
    hits: Words
    kept: NDArray[np.int64]
    joined: int


def make_rows(
    network: Network,
    here: Network,
    circuits: Sequence[Circuit],
    events: Sequence[tuple[str, frozenset[str], frozenset[str]]],
) -> Rows:
    """Rows of events `(name, spans, nodes)`: what each breaks in the whole `network`, of which `here` is in service."""
    first, last, places = _legs(circuits, events)
    graph = key_graph(here)
    number = {name: i for i, name in enumerate(here.spans)}
    broken = np.zeros((len(events), len(number)), dtype=bool)
    for row, (_, spans, _) in enumerate(events):
        broken[row, [number[s] for s in spans if s in number]] = True
    breaks = graph.breaks(broken)
    pool, joined = varied_forests(graph, FORESTS)
    avoids = np.zeros(len(events), dtype=np.uint64)
    for bit, taken in enumerate(pool):
        avoids |= (~(breaks & taken).any(axis=1)).astype(np.uint64) << np.uint64(bit)
    own, kept = _own_forests(graph, breaks, avoids, pool, joined)
    return Rows(
        tuple(name for name, _, _ in events),
        first,
        last,
        places,
        graph,
        breaks,
        avoids,
        _bits(own),
        _bits(breaks),
        kept,
        joined,
    )


def _own_forests(
    graph: KeyGraph, breaks: Bools, avoids: Words, pool: Sequence[Bools], joined: int
) -> tuple[Bools, NDArray[np.int64]]:
    """For each event a forest of what it leaves, and the pairs that this joins: one of the pool where one is left whole."""
    own = np.zeros_like(breaks)
    kept = np.full(len(breaks), joined, dtype=np.int64)
    cost = np.zeros(len(graph.links))
    for row in range(len(breaks)):
        word = int(avoids[row])
        if word:
            own[row] = pool[(word & -word).bit_length() - 1]
        else:
            own[row], kept[row] = forest(graph, cost, breaks[row])
    return own, kept


def _legs(
    circuits: Sequence[Circuit], events: Sequence[tuple[str, frozenset[str], frozenset[str]]]
) -> tuple[Words, Words, NDArray[np.int64]]:
    column, places, width = _columns(circuits)
    on_span: dict[str, tuple[list[int], list[int]]] = {}
    at_node: dict[str, list[int]] = {}
    for circuit in circuits:
        if not circuit.is_fibre:
            at_node.setdefault(circuit.node, []).append(column[circuit.id])
            continue
        for which, leg in ((0, circuit.legs[0]), (1, circuit.legs[-1])):
            for span in leg:
                on_span.setdefault(span, ([], []))[which].append(column[circuit.id])
    rows = np.zeros((2, len(events), width), dtype=bool)
    for row, (_, spans, nodes) in enumerate(events):
        for span in spans:
            for which in (0, 1):
                rows[which, row, on_span.get(span, ((), ()))[which]] = True
        for node in nodes:
            rows[:, row, at_node.get(node, ())] = True
    return _bits(rows[0]), _bits(rows[1]), places


def _columns(circuits: Sequence[Circuit]) -> tuple[dict[str, int], NDArray[np.int64], int]:
    """The bit of each circuit, the first byte of each member, and the bits in a row (whole words)."""
    column: dict[str, int] = {}
    places = []
    at, holder = 0, None
    for circuit in sorted(circuits, key=lambda c: (c.member, c.id)):
        if circuit.member != holder:
            at = -(-at // 8) * 8
            places.append(at // 8)
            holder = circuit.member
        column[circuit.id] = at
        at += 1
    return column, np.array(places, dtype=np.int64), max(64, -(-at // 64) * 64)


def _bits(rows: Bools) -> Words:
    """Rows of bools as words of 64 bits."""
    width = max(64, -(-rows.shape[1] // 64) * 64)
    whole = np.zeros((len(rows), width), dtype=bool)
    whole[:, : rows.shape[1]] = rows
    return np.packbits(whole, axis=1, bitorder="little").view(np.uint64)


@dataclass(frozen=True, slots=True)
class Counts:
    """Effects of events or of pairs of events, in the order asked for."""

    circuits_down: NDArray[np.int32]
    members_hit: NDArray[np.int32]
    kept: NDArray[np.int32]


def singles(rows: Rows) -> Counts:
    """The effect of each event alone."""
    down = rows.first & rows.last
    return Counts(_ones(down), _members(rows, down), rows.kept.astype(np.int32))


def doubles(rows: Rows, begin: int, end: int) -> Counts:
    """The effects of all pairs (g, h), g from `begin` to below `end`, h > g, in that order."""
    total = sum(len(rows.names) - g - 1 for g in range(begin, end))
    found = Counts(*(np.zeros(total, dtype=np.int32) for _ in range(3)))
    both = rows.first & rows.last
    at = 0
    open_at: list[NDArray[np.int64]] = []
    open_g: list[NDArray[np.int64]] = []
    open_h: list[NDArray[np.int64]] = []
    for g in range(begin, end):
        size = len(rows.names) - g - 1
        here = slice(at, at + size)
        down = rows.first[g] & rows.last[g + 1 :]
        down |= rows.last[g] & rows.first[g + 1 :]
        down |= both[g + 1 :]
        down |= both[g]
        found.circuits_down[here] = _ones(down)
        found.members_hit[here] = _members(rows, down)
        kept, unsure = _certified(rows, g)
        found.kept[here] = kept
        where = np.flatnonzero(unsure)
        open_at.append(where + at)
        open_g.append(np.full(len(where), g))
        open_h.append(where + g + 1)
        at += size
    _search(rows, found, open_at, open_g, open_h)
    return found


def _certified(rows: Rows, g: int) -> tuple[NDArray[np.int64], Bools]:
    """Pairs that stay joined under {g, h}, for each h > g where a forest proves it; and where none does.

    A forest of the pool that both leave whole: nothing is lost. A forest of what g leaves that h leaves whole: no more is
    lost than by g alone; and the other way round.
    """
    others = slice(g + 1, None)
    kept = np.full(len(rows.names) - g - 1, rows.joined, dtype=np.int64)
    unsure = (rows.avoids[others] & rows.avoids[g]) == 0
    where = np.flatnonzero(unsure)
    if len(where):
        by_g = ~(rows.own[g] & rows.hits[others][where]).any(axis=1)
        kept[where[by_g]] = rows.kept[g]
        rest = where[~by_g]
        by_h = ~(rows.own[others][rest] & rows.hits[g]).any(axis=1)
        kept[rest[by_h]] = rows.kept[others][rest[by_h]]
        unsure[where[by_g]] = False
        unsure[rest[by_h]] = False
    return kept, unsure


def _search(
    rows: Rows, found: Counts, at: list[NDArray[np.int64]], one: list[NDArray[np.int64]], two: list[NDArray[np.int64]]
) -> None:
    from scenarios.failures.key_graph import BATCH_WORDS, kept_pairs

    places, g, h = (np.concatenate(part) if part else np.zeros(0, dtype=np.int64) for part in (at, one, two))
    step = BATCH_WORDS * 64
    for start in range(0, len(places), step):
        piece = slice(start, start + step)
        broken = rows.breaks[g[piece]] | rows.breaks[h[piece]]
        found.kept[places[piece]] = kept_pairs(rows.graph, broken)


def _ones(down: Words) -> NDArray[np.int32]:
    found: NDArray[np.int32] = np.bitwise_count(down).sum(axis=1, dtype=np.int32)
    return found


def _members(rows: Rows, down: Words) -> NDArray[np.int32]:
    """How many members have a circuit down: those with a byte that is not 0."""
    found = np.zeros(len(down), dtype=np.int32)
    hit = np.flatnonzero(down.any(axis=1))
    if len(hit) and len(rows.places):
        by_byte = down[hit].view(np.uint8)
        found[hit] = (np.bitwise_or.reduceat(by_byte, rows.places, axis=1) != 0).sum(axis=1, dtype=np.int32)
    return found
