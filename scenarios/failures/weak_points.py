"""Where the spine hangs by one thing: bridges, cut nodes, risk groups; and how many operators use each node."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import networkx as nx

from scenarios.failures.commercial import commercial
from scenarios.failures.events import NOTHING, Event, broken_by, key_pairs, on_service, parts
from topology.about import SOFTWARE
from topology.legs import ends
from topology.model import Circuit, Network
from topology.offer import inputs_of


@dataclass(frozen=True, slots=True)
class PartingGroup:
    """A risk group whose loss parts the network: the nodes that it cuts off, and the pairs of key nodes that it loses."""

    id: str
    nodes: tuple[str, ...]
    key_pairs_lost: int


@dataclass(frozen=True, slots=True)
class WeakPoints:
    """`bridges` and `cut_nodes` part the network alone; `parting_groups` do so as one event. `operators` counts, per node,
    the member groups with a live circuit that ends there, or with colocation there.
    """

    bridges: tuple[str, ...]
    cut_nodes: tuple[str, ...]
    parting_groups: tuple[PartingGroup, ...]
    operators: tuple[tuple[str, int], ...]

    @property
    def risk_groups(self) -> tuple[str, ...]:
        """The groups whose loss parts key nodes that were joined."""
        return tuple(g.id for g in self.parting_groups if g.key_pairs_lost)


def weak_points(network: Network, circuits: Iterable[Circuit], on: date) -> WeakPoints:
    """The weak points of what is in service on a date."""
    here, held = on_service(network, circuits, on)
    graph = here.to_networkx()
    bridges = sorted(key for a, b in nx.bridges(graph) for key in graph[a][b])
    return WeakPoints(
        tuple(bridges),
        tuple(sorted(nx.articulation_points(graph))),
        tuple(g for name in here.risk_groups if (g := _parting(here, name))),
        _operators(network, here, held),
    )


def _parting(network: Network, group: str) -> PartingGroup | None:
    """What a group cuts off: the nodes that are left outside the largest part of each part that there was."""
    broken = broken_by(network, Event(risk_groups=(group,)))
    before, after = parts(network, NOTHING), parts(network, broken)
    lost = len(key_pairs(network) - key_pairs(network, broken))
    sizes = Counter(after.values())
    largest: dict[str, str] = {}
    for part in sorted(sizes, key=lambda p: (-sizes[p], p)):
        largest.setdefault(before[part], part)
    apart = tuple(sorted(n for n, part in after.items() if largest[before[n]] != part))
    return PartingGroup(group, apart, lost) if apart or lost else None


def _operators(network: Network, here: Network, held: Iterable[Circuit]) -> tuple[tuple[str, int], ...]:
    users: dict[str, set[str]] = {node: set() for node in here.nodes}
    for circuit in held:
        for node in ends(network, circuit) if circuit.is_fibre else (circuit.node,):
            users.setdefault(node, set()).add(network.group_of(circuit.member))
    return tuple((node, len(users[node])) for node in sorted(users))


def weak_points_document(network: Network, circuits: Iterable[Circuit], on: date) -> dict[str, Any]:
    """The weak points as `cni.weak_points/1`."""
    live = tuple(circuits)
    found = weak_points(network, live, on)
    return {
        "schema": "cni.weak_points/1",
        "software": SOFTWARE,
        "inputs": inputs_of(network, live),
        "on": on.isoformat(),
        "illustrative": network.illustrative,
        "bridges": list(found.bridges),
        "cut_nodes": list(found.cut_nodes),
        "risk_groups": list(found.risk_groups),
        "parting_groups": [
            {"id": g.id, "nodes": list(g.nodes), "key_pairs_lost": g.key_pairs_lost} for g in found.parting_groups
        ],
        "operators": [{"node": node, "count": count} for node, count in found.operators],
        "commercial": commercial(network, live, on),
    }


def weak_point_figures(network: Network, circuits: Iterable[Circuit], on: date) -> dict[str, Any]:
    """The weak points of one day as counts, for days side by side: no ids."""
    found = weak_points_document(network, circuits, on)
    operators = [row["count"] for row in found["operators"]]
    market = found["commercial"]
    return {
        "on": on.isoformat(),
        "spans": len(network.at(on).spans),
        "bridges": len(found["bridges"]),
        "cut_nodes": len(found["cut_nodes"]),
        "risk_groups": len(found["risk_groups"]),
        "nodes_without_operator": operators.count(0),
        "nodes_with_one_operator": operators.count(1),
        "key_pairs_with_circuit": sum(row["held"] > 0 for row in market["key_pairs"]),
        "key_pairs": len(market["key_pairs"]),
        **market["over_all"],
    }
