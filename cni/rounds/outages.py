"""What planned works do to circuits, without a database (rules H8): which legs go, which stay, who must be told or asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from topology.legs import ends
from topology.model import Circuit, Leg, Network
from topology.routing.diversity import exempt_groups


@dataclass(frozen=True, slots=True)
class Works:
    """Spans, nodes and risk groups that are out of use in [start, end). `agreed`: circuits whose holders agreed to be down."""

    id: str
    start: datetime
    end: datetime
    spans: frozenset[str] = frozenset()
    nodes: frozenset[str] = frozenset()
    risk_groups: frozenset[str] = frozenset()
    agreed: frozenset[str] = frozenset()

    def meets(self, other: Works) -> bool:
        """Whether both are under way at some moment."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Outage:
    """What works do to one circuit. Legs count from 1.

    `lost`: legs that are out of use; `stays`: those that are not. `down`: nothing is left of it. `both`: it is down although
    its legs are diverse, and not by its own ends: such works are refused. `asks`: it is down by its own end node, so its
    holder must agree. `beside`: other works that take part in it.
    """

    circuit: Circuit
    lost: tuple[int, ...]
    stays: tuple[int, ...]
    down: bool
    both: bool
    asks: bool
    beside: tuple[str, ...] = ()


def outage(network: Network, circuit: Circuit, works: Iterable[Works]) -> Outage | None:
    """What all of some works together do to a circuit; None where they do not touch it.

    A circuit's own end nodes, and the risk groups of these, are exempt as at level risk: no diversity can help there.
    """
    every = tuple(works)
    spans = frozenset().union(*(w.spans for w in every))
    nodes = frozenset().union(*(w.nodes for w in every))
    groups = frozenset().union(*(w.risk_groups for w in every))
    a, b = ends(network, circuit) if circuit.is_fibre else (circuit.node, circuit.node)
    own = exempt_groups(network, a, b)
    at_end = bool({a, b} & nodes) or bool(own & groups)
    strict, lost = set[int](), set[int]()
    for number, leg in enumerate(circuit.legs, 1):
        inner = network.nodes_of_leg(leg, _first(network, leg, a, b))[1:-1]
        crossed = _groups(network, leg, inner) & groups
        if spans & set(leg) or nodes & set(inner) or crossed - own:
            strict.add(number)
        if number in strict or crossed:
            lost.add(number)
    if not lost and not at_end:
        return None
    legs = set(range(1, len(circuit.legs) + 1))
    down = at_end or lost == legs
    both = len(legs) > 1 and strict == legs
    asks = down and not both and (at_end or strict != legs)
    stays = () if at_end else tuple(sorted(legs - lost))
    return Outage(circuit, tuple(sorted(lost)), stays, down, both, asks)


def _first(network: Network, leg: Leg, a: str, b: str) -> str:
    """The end of a circuit at which a leg begins."""
    first = network.spans[leg[0]]
    if a in (first.start, first.end):
        try:
            network.nodes_of_leg(leg, a)
        except ValueError:
            return b
        return a
    return b


def _groups(network: Network, leg: Leg, inner: Iterable[str]) -> frozenset[str]:
    of_spans = (g for s in leg for g in network.spans[s].risk_groups)
    return frozenset(of_spans) | frozenset(g for n in inner for g in network.nodes[n].risk_groups)


def moments(works: Works, others: Iterable[Works]) -> tuple[tuple[datetime, tuple[Works, ...]], ...]:
    """The moments of works at which other works begin, with all that are under way then; the first is their own start.

    What is under way together only changes there, or gets less.
    """
    beside = [w for w in others if w.id != works.id and w.meets(works)]
    starts = sorted({works.start, *(w.start for w in beside if w.start > works.start)})
    return tuple((at, tuple(w for w in (works, *beside) if w.start <= at < w.end)) for at in starts)
