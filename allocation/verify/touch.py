"""What a request's legs may not use: `avoid` and `diverse_from` as span and node ids (rule A2)."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from allocation.request import Item, Request
from topology.legs import walk
from topology.model import Circuit, Network
from topology.routing.diversity import exempt_groups, groups_of_leg


@dataclass(frozen=True, slots=True)
class Touch:
    """Span and node ids that no leg of a request may use."""

    spans: frozenset[str]
    nodes: frozenset[str]


def forbidden(network: Network, circuits: Mapping[str, Circuit], request: Request, beside: Set[str]) -> Touch:
    """What `avoid` and `diverse_from` keep the legs off. A group's nodes count between the ends only.

    `beside`: the circuits that hold at the same time as the request on some day; `diverse_from` heeds no others.
    """
    gathered = _Gathered(network, circuits, request)
    for item in request.avoid:
        gathered.avoid(item)
    for item in request.diverse_from:
        if item[0] != "circuit" or item[1] in beside:
            gathered.apart(item)
    return Touch(frozenset(gathered.spans), frozenset(gathered.nodes))


class _Gathered:
    def __init__(self, network: Network, circuits: Mapping[str, Circuit], request: Request) -> None:
        self.network, self.circuits, self.request = network, circuits, request
        self.spans: set[str] = set()
        self.nodes: set[str] = set()
        self.ends = {request.a, request.b}

    def avoid(self, item: Item) -> None:
        """Keep off the item itself; off a circuit's spans and its node."""
        kind, name = item
        if kind == "span":
            self.spans.add(name)
        elif kind == "node":
            self.nodes.add(name)
        elif kind == "group":
            self.group(name)
        elif name in self.circuits:
            self.spans.update(self.circuits[name].spans)
            self.nodes |= {self.circuits[name].node} - {""}

    def apart(self, item: Item) -> None:
        """Keep the legs disjoint from an item at the request's level (span where it has none)."""
        kind, name = item
        held: set[str] = set()
        groups: set[str] = set()
        if kind == "group":
            self.group(name)
        elif kind == "node":
            self.nodes |= {name} - self.ends
            groups |= set(self.network.nodes[name].risk_groups)
        elif kind == "span":
            held = {name}
        elif name in self.circuits:
            held = set(self.circuits[name].spans)
            groups |= self.circuit(self.circuits[name])
        self.spans |= held
        if self.request.diversity in ("node", "risk"):
            spans = [self.network.spans[s] for s in held]
            self.nodes |= {n for s in spans for n in (s.start, s.end)} - self.ends
        if self.request.diversity == "risk":
            groups |= {g for s in held for g in self.network.spans[s].risk_groups}
            for group in groups - exempt_groups(self.network, self.request.a, self.request.b):
                self.group(group)

    def circuit(self, circuit: Circuit) -> set[str]:
        """Keep off a circuit's node; returns the risk groups of its node, or of its legs and the nodes between their ends."""
        self.nodes |= {circuit.node} - self.ends - {""}
        groups = set(self.network.nodes[circuit.node].risk_groups) if circuit.node else set()
        for leg in circuit.legs:
            groups |= groups_of_leg(self.network, leg, walk(self.network, leg)[0])
        return groups

    def group(self, group: str) -> None:
        """Keep off every member of a risk group, the request's ends aside."""
        for kind, name in self.network.members_of_group.get(group, ()):
            if kind == "span":
                self.spans.add(name)
            elif name not in self.ends:
                self.nodes.add(name)
