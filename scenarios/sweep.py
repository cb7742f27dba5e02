"""Every single failure, and every double one: of risk groups, and of spans that are in none. Exact.

Circuits are bits of an integer: a circuit of two legs is down when both of its bit rows are hit. Connectivity is decided
once per single event, with a spanning forest kept; a second event that touches no span of that forest cannot part anything
further (a node that fails takes its spans with it, and one of them is in the forest if the node is joined to anything), so
most doubles need no search ("tree certificates").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from scenarios.events import Broken, Event, broken_by, on_service
from topology.about import SOFTWARE
from topology.model import Circuit, Network
from topology.offer import inputs_of
from topology.problems import bad_input


@dataclass(frozen=True, slots=True)
class Effect:
    """The counts of one event: `group:ID` or `span:ID`, one or two of them."""

    event: tuple[str, ...]
    circuits_down: int
    members_hit: int
    key_pairs_lost: int
    only_together: bool = False

    @property
    def order(self) -> tuple[int, int, int, tuple[str, ...]]:
        """Worst first, then by ids."""
        return -self.key_pairs_lost, -self.circuits_down, -self.members_hit, self.event


@dataclass(frozen=True, slots=True)
class Sweep:
    """The worst effects and the totals over all."""

    effects: tuple[Effect, ...]
    totals: dict[str, int]


class _Spine:
    """A network, its key nodes and circuits as numbers and bits."""

    def __init__(self, network: Network, circuits: tuple[Circuit, ...]) -> None:
        self.node = {n: i for i, n in enumerate(network.nodes)}
        self.span = {s: i for i, s in enumerate(network.spans)}
        self.ends = [(self.node[s.start], self.node[s.end]) for s in network.spans.values()]
        self.keys = [self.node[k] for k in network.key_nodes]
        self.circuits = circuits
        members = sorted({c.member for c in circuits})
        self.bits_of_member = [sum(1 << i for i, c in enumerate(circuits) if c.member == m) for m in members]
        self.joined, _ = self.search(0, 0)

    def search(self, spans: int, nodes: int) -> tuple[int, int]:
        """Pairs of key nodes that stay joined without some spans and nodes (bit sets), and the bits of a spanning forest."""
        above = list(range(len(self.node)))
        forest = 0
        for i, (a, b) in enumerate(self.ends):
            if spans >> i & 1:
                continue
            while above[a] != a:
                above[a] = above[above[a]]
                a = above[a]
            while above[b] != b:
                above[b] = above[above[b]]
                b = above[b]
            if a != b:
                above[b] = a
                forest |= 1 << i
        sizes: dict[int, int] = {}
        for key in self.keys:
            if nodes >> key & 1:
                continue
            while above[key] != key:
                key = above[key]
            sizes[key] = sizes.get(key, 0) + 1
        return sum(n * (n - 1) // 2 for n in sizes.values()), forest

    def members(self, down: int) -> int:
        return sum(1 for bits in self.bits_of_member if bits & down) if down else 0


@dataclass(slots=True)
class _Single:
    name: str
    spans: int
    nodes: int
    first: int  # circuits whose first leg (or only leg, or node) is cut
    last: int
    kept: int  # pairs of key nodes that stay joined
    forest: int


def _single(name: str, event: Event, whole: Network, network: Network, spine: _Spine) -> _Single:
    broken = broken_by(network, event)
    spans = sum(1 << spine.span[s] for s in broken.spans)
    nodes = sum(1 << spine.node[n] for n in broken.nodes)
    everywhere = broken if network is whole else broken_by(whole, event)
    first, last = _rows(spine.circuits, everywhere)
    return _Single(name, spans, nodes, first, last, *spine.search(spans, nodes))


def _rows(circuits: tuple[Circuit, ...], broken: Broken) -> tuple[int, int]:
    first = last = 0
    for i, circuit in enumerate(circuits):
        if circuit.is_fibre:
            first |= broken.leg(circuit.legs[0]) << i
            last |= broken.leg(circuit.legs[-1]) << i
        else:
            first |= (circuit.node in broken.nodes) << i
            last |= (circuit.node in broken.nodes) << i
    return first, last


def sweep(network: Network, circuits: Iterable[Circuit], on: date, order: int = 1, top: int = 100) -> Sweep:
    """All single (order 1), or single and double (order 2), failures on a date, worst first; `top` 0 means all.

    Raises `BadInput` for another order or a negative `top`.
    """
    if order not in (1, 2):
        raise bad_input("The order of a sweep is 1 or 2.", column="order", value=str(order))
    if top < 0:
        raise bad_input("top must be 0 (all) or more.", column="top", value=str(top))
    here, held = on_service(network, circuits, on)
    spine = _Spine(here, held)
    events = [(f"group:{g}", Event(risk_groups=(g,))) for g in here.risk_groups]
    events += [(f"span:{s.id}", Event(spans=(s.id,))) for s in here.spans.values() if not s.risk_groups]
    singles = [_single(name, event, network, here, spine) for name, event in sorted(events)]
    effects = [_effect((s.name,), s.first & s.last, s.kept, spine) for s in singles]
    if order == 2:
        effects += _doubles(singles, spine)
    return Sweep(tuple(sorted(effects, key=lambda e: e.order)[: top or None]), _totals(effects))


def _effect(names: tuple[str, ...], down: int, kept: int, spine: _Spine, together: bool = False) -> Effect:
    return Effect(names, down.bit_count(), spine.members(down), spine.joined - kept, together)


def _doubles(singles: list[_Single], spine: _Spine) -> Iterable[Effect]:
    for i, one in enumerate(singles):
        for two in singles[i + 1 :]:
            if not two.spans & one.forest:
                kept = one.kept
            elif not one.spans & two.forest:
                kept = two.kept
            else:
                kept, _ = spine.search(one.spans | two.spans, one.nodes | two.nodes)
            down = (one.first | two.first) & (one.last | two.last)
            yield _effect((one.name, two.name), down, kept, spine, kept < min(one.kept, two.kept))


def _totals(effects: Iterable[Effect]) -> dict[str, int]:
    rows = list(effects)
    singles = [e for e in rows if len(e.event) == 1]
    doubles = [e for e in rows if len(e.event) == 2]
    return {
        "singles": len(singles),
        "doubles": len(doubles),
        "singles_with_key_loss": sum(e.key_pairs_lost > 0 for e in singles),
        "doubles_with_key_loss": sum(e.key_pairs_lost > 0 for e in doubles),
        "only_together": sum(e.only_together for e in doubles),
    }


def sweep_document(
    network: Network, circuits: Iterable[Circuit], on: date, order: int = 1, top: int = 100
) -> dict[str, Any]:
    """The sweep as `cni.sweep/1`. Raises as `sweep`."""
    live = tuple(circuits)
    swept = sweep(network, live, on, order, top)
    return {
        "schema": "cni.sweep/1",
        "software": SOFTWARE,
        "inputs": inputs_of(network, live),
        "on": on.isoformat(),
        "illustrative": network.illustrative,
        "order": order,
        "events": [
            {
                "event": list(e.event),
                "circuits_down": e.circuits_down,
                "members_hit": e.members_hit,
                "key_pairs_lost": e.key_pairs_lost,
                "only_together": e.only_together,
            }
            for e in swept.effects
        ],
        "totals": swept.totals,
    }
