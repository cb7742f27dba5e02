"""What a request's legs may use: rule A2 as sets of forbidden spans and nodes, and one limit in metres."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from allocation.policy import Policy
from allocation.request import Item, Request
from topology.model import Circuit, Network


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Span and node ids that no leg of a request may use."""

    spans: frozenset[str] = frozenset()
    nodes: frozenset[str] = frozenset()

    def __or__(self, other: Forbidden) -> Forbidden:
        return Forbidden(self.spans | other.spans, self.nodes | other.nodes)


def limit_m(request: Request, policy: Policy) -> int | None:
    """Greatest length of a leg in metres: the stricter of `max_km` and `max_loss_db` (loss grows with length)."""
    limits = [] if request.max_m is None else [request.max_m]
    if request.max_loss_db is not None:
        by_loss = policy.optics.longest_m(request.max_loss_db, request.wavelength_nm)
        if by_loss is not None:
            limits.append(by_loss)
    return min(limits, default=None)


def exempt_groups(network: Network, request: Request) -> frozenset[str]:
    """Risk groups that both legs may share: those of the request's end nodes, nothing else (rule A1)."""
    return frozenset(g for end in (request.a, request.b) for g in network.nodes[end].risk_groups)


def forbidden_by_avoid(
    network: Network, circuits: Mapping[str, Circuit], request: Request, items: Iterable[Item] | None = None
) -> Forbidden:
    """What `avoid` rules out: the named span, node, spans of the circuit, or all spans and inner nodes of the group."""
    spans: set[str] = set()
    nodes: set[str] = set()
    for kind, name in request.avoid if items is None else items:
        if kind == "span":
            spans.add(name)
        elif kind == "node":
            nodes.add(name)
        elif kind == "circuit":
            spans.update(circuits[name].spans)
            if circuits[name].node:
                nodes.add(circuits[name].node)
        else:
            spans, nodes = _with_group(network, name, request, spans, nodes)
    return Forbidden(frozenset(spans), frozenset(nodes))


def forbidden_by_diverse_from(
    network: Network,
    circuits: Mapping[str, Circuit],
    request: Request,
    term: tuple[date, date],
    items: Iterable[Item] | None = None,
) -> Forbidden:
    """What `diverse_from` rules out at the request's level (`span` where it has none).

    `span`: the named spans, and named nodes. `node`: also every node that they touch, the request's ends aside. `risk`: also
    every span and inner node in one of their risk groups, the exempt groups aside. A circuit counts where it holds on some day
    of the request's `term`.
    """
    level = "span" if request.diversity == "none" else request.diversity
    ends = {request.a, request.b}
    exempt = exempt_groups(network, request)
    spans: set[str] = set()
    nodes: set[str] = set()
    for kind, name in request.diverse_from if items is None else items:
        if kind == "circuit" and not _meets(circuits[name], term):
            continue
        named_spans, named_nodes = _named(circuits, kind, name)
        if kind == "group":
            spans, nodes = _with_group(network, name, request, spans, nodes)
        spans |= named_spans
        nodes |= named_nodes - ends
        if level in ("node", "risk"):
            nodes |= {n for s in named_spans for n in (network.spans[s].start, network.spans[s].end)} - ends
        if level == "risk":
            groups = {g for s in named_spans for g in network.spans[s].risk_groups}
            groups |= {g for n in named_nodes for g in network.nodes[n].risk_groups}
            if kind == "circuit":
                groups |= {g for n in _inner_nodes(network, circuits[name]) for g in network.nodes[n].risk_groups}
            for group in groups - exempt:
                spans, nodes = _with_group(network, group, request, spans, nodes)
    return Forbidden(frozenset(spans), frozenset(nodes))


def _meets(circuit: Circuit, term: tuple[date, date]) -> bool:
    """Whether a circuit holds on some day of [start, end)."""
    return circuit.start < term[1] and (circuit.end is None or term[0] < circuit.end)


def _inner_nodes(network: Network, circuit: Circuit) -> set[str]:
    """The nodes that a circuit's legs pass between their ends: those at which two spans of one leg meet."""
    inner: set[str] = set()
    for leg in circuit.legs:
        for one, other in pairwise(leg):
            first, second = network.spans[one], network.spans[other]
            inner |= {first.start, first.end} & {second.start, second.end}
    return inner


def _named(circuits: Mapping[str, Circuit], kind: str, name: str) -> tuple[set[str], set[str]]:
    if kind == "span":
        return {name}, set()
    if kind == "node":
        return set(), {name}
    if kind == "circuit":
        circuit = circuits[name]
        return set(circuit.spans), {circuit.node} if circuit.node else set()
    return set(), set()


def _with_group(
    network: Network, group: str, request: Request, spans: set[str], nodes: set[str]
) -> tuple[set[str], set[str]]:
    members = network.members_of_group.get(group, ())
    ends = {request.a, request.b}
    return (
        spans | {i for kind, i in members if kind == "span"},
        nodes | {i for kind, i in members if kind == "node" and i not in ends},
    )
