"""What two legs share, and which of it counts, at the levels span, node and risk.

Each level includes those before it. The end nodes are always shared. At level risk the groups of the two end nodes are
exempt, wherever else they turn up, and nothing else is.
"""

from __future__ import annotations

from collections.abc import Iterable

from topology.model import Leg, Network

LEVELS = ("none", "span", "node", "risk")
Item = tuple[str, str]
"""("span" | "node" | "group", id)."""


def exempt_groups(network: Network, a: str, b: str) -> frozenset[str]:
    """The risk groups of the end nodes, which do not count at level risk."""
    return frozenset(network.nodes[a].risk_groups) | frozenset(network.nodes[b].risk_groups)


def groups_of_leg(network: Network, leg: Leg, a: str) -> frozenset[str]:
    """Every risk group of the spans and of the nodes between the ends of a leg that starts at `a`."""
    nodes = network.nodes_of_leg(leg, a)[1:-1]
    spans = (g for s in leg for g in network.spans[s].risk_groups)
    return frozenset(spans) | frozenset(g for n in nodes for g in network.nodes[n].risk_groups)


def shared(network: Network, a: str, b: str, legs: tuple[Leg, Leg], level: str) -> tuple[Item, ...]:
    """What two legs from `a` to `b` share that counts at a level, sorted; empty where they are diverse."""
    first, second = legs
    found: list[Item] = [("span", s) for s in set(first) & set(second)]
    if level in ("node", "risk"):
        inner = [set(network.nodes_of_leg(leg, a)) - {a, b} for leg in legs]
        found += [("node", n) for n in inner[0] & inner[1]]
    if level == "risk":
        held = [groups_of_leg(network, leg, a) for leg in legs]
        found += [("group", g) for g in (held[0] & held[1]) - exempt_groups(network, a, b)]
    return tuple(sorted(found))


def shared_all_the_same(network: Network, a: str, b: str, legs: tuple[Leg, Leg]) -> tuple[Item, ...]:
    """All that two legs share, whether it counts or not: spans, nodes between the ends, groups (exempt ones too), sorted."""
    inner = [set(network.nodes_of_leg(leg, a)[1:-1]) for leg in legs]
    groups = [groups_of_leg(network, leg, a) for leg in legs]
    found: list[Item] = [("span", s) for s in set(legs[0]) & set(legs[1])]
    found += [("node", n) for n in inner[0] & inner[1]]
    found += [("group", g) for g in groups[0] & groups[1]]
    return tuple(sorted(found))


def joined(
    network: Network,
    a: str,
    b: str,
    *,
    spans: Iterable[str] = (),
    nodes: Iterable[str] = (),
    groups: Iterable[str] = (),
) -> bool:
    """Whether a way from `a` to `b` is left without some spans, nodes, and what is in some groups; the ends always stay."""
    gone_spans, gone_nodes, gone_groups = set(spans), set(nodes) - {a, b}, set(groups)
    seen, todo = {a}, [a]
    while todo:
        for span in network.incident[todo.pop()]:
            for other in (span.start, span.end):
                if other in seen or span.id in gone_spans or not gone_groups.isdisjoint(span.risk_groups):
                    continue
                inner = other not in (a, b)
                if inner and (other in gone_nodes or not gone_groups.isdisjoint(network.nodes[other].risk_groups)):
                    continue
                seen.add(other)
                todo.append(other)
    return b in seen
