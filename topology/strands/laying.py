"""Which strands each circuit lies on: recorded ones are kept, others are chosen, pair by pair, in a fixed order.

Conventions. Strands of a span are numbered from 1. Where nothing else is recorded, the contributor's own use takes the
lowest numbers, its reserve the next, then what it will recall (each from its date on), and the maintenance spare the
highest; what lies between is offered. A strand that is recorded for a circuit is that circuit's, and own use, reserve and
maintenance spare pass over it.

Choice. Circuits without a record are placed in the order of start, then id, each for its whole term. Among all ways to lay
a leg the least is taken, compared by: spans on which the two strands are no neighbours in one tube; splices that join
different numbers; of those, splices that join different colours; spans on which the pair begins at an even place (a tube is
filled 1-2, 3-4, ...); the sum of numbers. It is found as a shortest path over (span, pair), which is exact for the circuit;
circuits placed before it are not moved (`topology.strands.regroom` says which moves would help).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from heapq import heappop, heappush
from itertools import combinations, pairwise

from topology.colours import ColourCode, colour_code
from topology.model import Circuit, Leg, Network, Span, StrandPair

Cost = tuple[int, int, int, int, int]
"""(no neighbours, crossed splices, changed colours, uneven, sum of numbers)"""

OWN_USE, RESERVE, RECALL, MAINTENANCE = "own use", "reserve", "recall", "maintenance spare"
Pairs = tuple[StrandPair, ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """Who has a strand, and when: [start, end), None = open."""

    holder: str
    start: date | None
    end: date | None

    def meets(self, start: date | None, end: date | None) -> bool:
        """Whether this hold and a term have a day in common."""
        begins = self.start is None or end is None or self.start < end
        return begins and (self.end is None or start is None or start < self.end)


@dataclass(frozen=True, slots=True)
class Lack:
    """A leg that could not be laid, and the first span on which no two strands are free for the whole term."""

    circuit: str
    leg: int
    span: str


@dataclass(slots=True)
class StrandPlan:
    """Strands of every leg, who holds what, and what could not be laid. `placed`: (circuit id, leg from 0) -> pairs."""

    code: ColourCode
    placed: dict[tuple[str, int], Pairs] = field(default_factory=dict)
    lacking: list[Lack] = field(default_factory=list)
    holds: dict[str, dict[int, list[Hold]]] = field(default_factory=dict)

    def free(self, span: str, start: date | None, end: date | None) -> list[int]:
        """Strand numbers of a span that nobody has in [start, end), rising."""
        return [n for n, held in self.holds[span].items() if not any(h.meets(start, end) for h in held)]

    def take(self, circuit: Circuit, leg: int, pairs: Pairs) -> None:
        """Lay a leg."""
        self.placed[circuit.id, leg] = pairs
        for span, pair in zip(circuit.legs[leg], pairs, strict=True):
            for strand in pair:
                self.holds[span][strand].append(Hold(circuit.id, circuit.start, circuit.end))


def plan_strands(network: Network, circuits: Iterable[Circuit]) -> StrandPlan:
    """Lay every fibre circuit. The same circuits in any order give the same plan; nothing depends on today."""
    plan = StrandPlan(colour_code(network.colours, network.strands_per_tube))
    fibre = sorted((c for c in circuits if c.is_fibre), key=lambda c: (c.start, c.id))
    plan.holds = _empty_holds(network, fibre)
    for circuit in fibre:
        for leg, pairs in enumerate(circuit.strands):
            plan.take(circuit, leg, pairs)
    sweep = _Sweep(plan)
    for circuit in fibre:
        if not circuit.strands:
            for leg in range(len(circuit.legs)):
                _lay(plan, sweep, circuit, leg)
    return plan


def with_strands(circuits: Iterable[Circuit], plan: StrandPlan) -> tuple[Circuit, ...]:
    """The circuits with their strands recorded, where all legs could be laid; others as they are."""
    made = []
    for circuit in circuits:
        laid = [plan.placed.get((circuit.id, leg)) for leg in range(len(circuit.legs))]
        made.append(replace(circuit, strands=tuple(p for p in laid if p)) if laid and all(laid) else circuit)
    return tuple(made)


def _empty_holds(network: Network, fibre: Sequence[Circuit]) -> dict[str, dict[int, list[Hold]]]:
    recorded: dict[str, set[int]] = {}
    for circuit in fibre:
        for leg, pairs in zip(circuit.legs, circuit.strands, strict=False):
            for span, pair in zip(leg, pairs, strict=True):
                recorded.setdefault(span, set()).update(pair)
    return {s.id: set_aside(s, recorded.get(s.id, set())) for s in network.spans.values()}


def set_aside(span: Span, recorded: Iterable[int] = ()) -> dict[int, list[Hold]]:
    """Strand number -> what the contributor keeps it for (an empty list: offered), by the conventions above."""
    holds: dict[int, list[Hold]] = {n: [] for n in range(1, span.fibre_count + 1)}
    taken = set(recorded)
    left = [n for n in holds if n not in taken]
    for strand in left[max(0, len(left) - span.maintenance_spare) :]:
        holds[strand].append(Hold(MAINTENANCE, None, None))
    low = iter(left[: max(0, len(left) - span.maintenance_spare)])
    wanted = [(OWN_USE, span.own_use, None), (RESERVE, span.reserve, None)]
    for what, count, start in [*wanted, *((RECALL, strands, day) for day, strands in span.recalls)]:
        for _, strand in zip(range(count), low, strict=False):  # in this order: the last draw must not be lost
            holds[strand].append(Hold(what, start, None))
    return holds


class _Sweep:
    """The free strands of each span as bits (bit n - 1 for strand n), for circuits that come in the order of their start.

    So of the circuits laid here only the end matters: they are given back once a start has passed it. Holds that were
    there before (the contributor's, recorded circuits') are looked at for each term.
    """

    def __init__(self, plan: StrandPlan) -> None:
        self.fixed: dict[str, list[tuple[Hold, int]]] = {}
        self.open: dict[str, int] = {}
        self.ends: dict[str, list[tuple[date, int]]] = {s: [] for s in plan.holds}
        per_tube, longest = plan.code.per_tube, max((len(strands) for strands in plan.holds.values()), default=0)
        self.firsts = sum(1 << n for n in range(longest) if (n + 1) % per_tube)  # not the last of a tube
        self.even = sum(1 << n for n in range(longest) if n % per_tube % 2 == 0)
        for span, strands in plan.holds.items():
            bits: dict[Hold, int] = {}
            for strand, held in strands.items():
                for hold in held:
                    bits[hold] = bits.get(hold, 0) | 1 << strand - 1
            self.fixed[span] = list(bits.items())
            self.open[span] = (1 << len(strands)) - 1

    def free(self, span: str, circuit: Circuit) -> int:
        """Bits of the strands that nobody has during a circuit's term."""
        ends = self.ends[span]
        while ends and ends[0][0] <= circuit.start:
            self.open[span] |= heappop(ends)[1]
        free = self.open[span]
        for hold, bits in self.fixed[span]:
            if free & bits and hold.meets(circuit.start, circuit.end):
                free &= ~bits
        return free

    def straight(self, frees: Iterable[int]) -> StrandPair | None:
        """The neighbours with the same numbers on every span: the lowest that begin at an odd place, else the lowest."""
        common = self.firsts
        for free in frees:
            common &= free & free >> 1
        best = common & self.even or common
        lowest = (best & -best).bit_length()
        return (lowest, lowest + 1) if lowest else None

    def take(self, span: str, pair: StrandPair, circuit: Circuit) -> None:
        """A circuit that was laid has a pair."""
        bits = 1 << pair[0] - 1 | 1 << pair[1] - 1
        self.open[span] &= ~bits
        if circuit.end is not None:
            heappush(self.ends[span], (circuit.end, bits))


def _lay(plan: StrandPlan, sweep: _Sweep, circuit: Circuit, leg: int) -> None:
    spans = circuit.legs[leg]
    frees = [sweep.free(span, circuit) for span in spans]
    for span, free in zip(spans, frees, strict=True):
        if free.bit_count() < 2:
            plan.lacking.append(Lack(circuit.id, leg, span))
            return
    straight = sweep.straight(frees)
    if straight:  # nothing is split and nothing crossed, so only the place was left to choose
        pairs: Pairs = (straight,) * len(spans)
    else:
        pairs = least_chain([pairs_among(_numbers(free), plan.code) for free in frees], plan.code)
    plan.take(circuit, leg, pairs)
    for span, pair in zip(spans, pairs, strict=True):
        sweep.take(span, pair, circuit)


def _numbers(bits: int) -> list[int]:
    """The strand numbers of bits, rising."""
    return [n for n, bit in enumerate(reversed(f"{bits:b}"), 1) if bit == "1"]


def pairs_among(free: Sequence[int], code: ColourCode) -> list[StrandPair]:
    """The pairs that may be used: neighbours in one tube where there are any, else any two."""
    near = [(a, b) for a, b in pairwise(free) if code.neighbours(a, b)]
    return near or list(combinations(free, 2))


def least_chain(layers: Sequence[Sequence[StrandPair]], code: ColourCode) -> Pairs:
    """One pair from each layer at least cost; every layer has one. Exact: a shortest path over (layer, pair)."""
    best: dict[StrandPair, tuple[Cost, StrandPair | None]] = {p: (_own_cost(p, code), None) for p in layers[0]}
    came: list[dict[StrandPair, tuple[Cost, StrandPair | None]]] = [best]
    for layer in layers[1:]:
        best = _step(best, layer, code)
        came.append(best)
    at: StrandPair | None = min(best, key=lambda p: (best[p][0], p))
    chain = []
    for layer_best in reversed(came):
        assert at is not None
        chain.append(at)
        at = layer_best[at][1]
    return tuple(reversed(chain))


def _own_cost(pair: StrandPair, code: ColourCode) -> Cost:
    first, second = pair
    uneven = 1 - ((min(pair) - 1) % code.per_tube + 1) % 2
    return int(not code.neighbours(first, second)), 0, 0, uneven, first + second


KEYS = tuple((i, j) for i in range(3) for j in range(3))


def _step(
    before: Mapping[StrandPair, tuple[Cost, StrandPair | None]], layer: Sequence[StrandPair], code: ColourCode
) -> dict[StrandPair, tuple[Cost, StrandPair | None]]:
    """The least cost of each pair of a layer.

    A splice costs by strand: nothing for the same number, one crossing for the same colour, one crossing and one change of
    colour else. So the least over all pairs before is the least over nine tables: for each strand the same number, the
    same place in a tube, or whatever.
    """

    def key(pair: StrandPair, kinds: tuple[int, int]) -> tuple[int, int]:
        a, b = (n if k == 0 else (n - 1) % code.per_tube if k == 1 else -1 for n, k in zip(pair, kinds, strict=True))
        return a, b

    tables: list[dict[tuple[int, int], tuple[Cost, StrandPair]]] = []
    for kinds in KEYS:
        table: dict[tuple[int, int], tuple[Cost, StrandPair]] = {}
        for pair, (cost, _) in before.items():
            place = key(pair, kinds)
            if place not in table or (cost, pair) < table[place]:
                table[place] = cost, pair
        tables.append(table)
    found: dict[StrandPair, tuple[Cost, StrandPair | None]] = {}
    for pair in layer:
        options = []
        for kinds, table in zip(KEYS, tables, strict=True):
            hit = table.get(key(pair, kinds))
            if hit:
                crossed, changed = sum(k > 0 for k in kinds), sum(k == 2 for k in kinds)
                cost = hit[0]
                options.append(((cost[0], cost[1] + crossed, cost[2] + changed, cost[3], cost[4]), hit[1]))
        (split, crossed, changed, uneven, numbers), came = min(options)
        own = _own_cost(pair, code)
        found[pair] = (split + own[0], crossed, changed, uneven + own[3], numbers + own[4]), came
    return found


def crossings(pairs: Iterable[StrandPair]) -> int:
    """Splices of a leg that join two different numbers."""
    return sum((a != c) + (b != d) for (a, b), (c, d) in pairwise(pairs))


def not_neighbours(leg: Leg, pairs: Pairs, code: ColourCode) -> tuple[str, ...]:
    """The spans of a leg on which its two strands are no neighbours in one tube."""
    return tuple(s for s, pair in zip(leg, pairs, strict=True) if not code.neighbours(*pair))
