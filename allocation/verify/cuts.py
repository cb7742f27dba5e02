"""The certificate behind `no_route` and `no_diverse_route`: what is named really parts the ends (rule D2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from allocation.request import Request
from allocation.verify.world import World
from topology.model import Network
from topology.routing.diversity import LEVELS, exempt_groups, joined
from topology.routing.exact_pairs import exact_pair


def check_cut(world: World, r: Request, spans: Sequence[str], nodes: Sequence[str], groups: Sequence[str]) -> str:
    """What is wrong with the items named, "" where they are a cut.

    No item: the ends are not joined at all. One: every route passes it, so two disjoint legs cannot. Several groups: every two
    routes share one of them. Judged over the spans in service at the start of the request's term, or over all of the term.
    """
    network = world.network
    unknown = [s for s in spans if s not in network.spans] + [n for n in nodes if n not in network.nodes]
    unknown += [g for g in groups if g not in network.risk_groups]
    if unknown:
        return f"The cut names {unknown[0]}, which the network does not have."
    if any(not network.nodes[n].in_service for n in (r.a, r.b)):
        closed = sorted(n for n in (r.a, r.b) if not network.nodes[n].in_service)
        return "" if sorted(nodes) == closed and not spans and not groups else "The cut is not the end out of service."
    start = world.term(r)[0]
    at_start, all_term = network.at(start), _kept(network, world.in_service(r))
    if any(_parts(here, r, spans, nodes, groups) for here in (at_start, all_term)):
        return ""
    return "What the reason names does not part the ends."


def _kept(network: Network, spans: frozenset[str]) -> Network:
    nodes = {n: node for n, node in network.nodes.items() if node.in_service}
    return replace(network, nodes=nodes, spans={s: network.spans[s] for s in sorted(spans)})


def _parts(network: Network, r: Request, spans: Sequence[str], nodes: Sequence[str], groups: Sequence[str]) -> bool:
    items = len(spans) + len(nodes) + len(groups)
    if items == 0:
        return not joined(network, r.a, r.b)
    if items == 1:
        level = "node" if nodes else "risk" if groups else "span"
        exempt = set(groups) & exempt_groups(network, r.a, r.b)
        if LEVELS.index(r.diversity) < LEVELS.index(level) or exempt or {r.a, r.b} & set(nodes):
            return False
        if not joined(network, r.a, r.b, spans=spans, nodes=nodes, groups=groups):
            return True
    return (
        not spans
        and not nodes
        and r.diversity == "risk"
        and exact_pair(network, r.a, r.b, "risk", None, groups) is None
    )
