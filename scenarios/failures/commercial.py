"""Commercial resilience: how many independent operators use the spine, how concentrated they are, on whom circuits depend.

Operators are member groups: connected members count as one. Concentration is the Herfindahl-Hirschman index, the sum of the
squared shares in percent (10,000: one operator), and its inverse, "as if n equal operators". No authority draws a line at which
an index of such a market is bad, so none is drawn here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

from scenarios.failures.events import broken_by, key_pairs, on_service, withdrawal_event
from topology.legs import ends
from topology.model import Circuit, Network


def commercial(network: Network, circuits: Iterable[Circuit], on: date) -> dict[str, Any]:
    """The commercial side of `cni.weak_points/1` on a date: nodes, key pairs, contributors, circuits, and all together."""
    here, held = on_service(network, circuits, on)
    fibre = [c for c in held if c.is_fibre]
    return {
        "over_all": concentration(Counter(network.group_of(c.member) for c in fibre)),
        "nodes": _nodes(network, here, held),
        "key_pairs": _key_pairs(network, here, fibre),
        "contributors": _contributors(network, here, held),
        "circuits": [_depends(network, c) for c in held],
    }


def concentration(held: Mapping[str, int]) -> dict[str, Any]:
    """Operators, what they hold together, the index of their shares and the number of equal operators with the same index.

    `hhi` and `as_if_equal` are null where nothing is held.
    """
    total, squares = sum(held.values()), sum(n * n for n in held.values())
    return {
        "operators": sum(n > 0 for n in held.values()),
        "held": total,
        "hhi": _rounded(Fraction(10_000 * squares, total * total), "1") if total else None,
        "as_if_equal": _rounded(Fraction(total * total, squares), "0.01") if total else None,
    }


def _rounded(value: Fraction, step: str) -> str:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal(step), ROUND_HALF_UP))


def _nodes(network: Network, here: Network, held: Iterable[Circuit]) -> list[dict[str, Any]]:
    """Of each node in service: circuits that end there or colocate there, by operator."""
    there: dict[str, Counter[str]] = {node: Counter() for node in here.nodes}
    for circuit in held:
        for node in ends(network, circuit) if circuit.is_fibre else (circuit.node,):
            if node in there:
                there[node][network.group_of(circuit.member)] += 1
    return [{"node": node, **concentration(there[node])} for node in sorted(there)]


def _key_pairs(network: Network, here: Network, fibre: Iterable[Circuit]) -> list[dict[str, Any]]:
    """Of each key pair: operators with a circuit between the two, and operators with a circuit at both ends, wherever it goes."""
    between: dict[tuple[str, ...], Counter[str]] = {}
    at: dict[str, set[str]] = {node: set() for node in here.nodes}
    for circuit in fibre:
        group, pair = network.group_of(circuit.member), tuple(sorted(ends(network, circuit)))
        between.setdefault(pair, Counter())[group] += 1
        for node in pair:
            at.setdefault(node, set()).add(group)
    return [
        {"a": a, "b": b, "at_both_ends": len(at[a] & at[b]), **concentration(between.get((a, b), {}))}
        for a, b in combinations(here.key_nodes, 2)
    ]


def _contributors(network: Network, here: Network, held: Iterable[Circuit]) -> list[dict[str, Any]]:
    """What the withdrawal of all that one contributor owns takes."""
    owners = {s.owner for s in network.spans.values()} | {n.owner for n in network.nodes.values()}
    before, live = key_pairs(here), list(held)
    found = []
    for owner in sorted(owners - {""}):
        event = withdrawal_event(network, owner)
        broken = broken_by(network, event)
        down = [c for c in live if broken.circuit(c)]
        found.append(
            {
                "contributor": owner,
                "spans": len(event.spans),
                "metres": sum(network.spans[s].length_m for s in event.spans),
                "circuits_down": [c.id for c in down],
                "members_hit": sorted({c.member for c in down}),
                "key_pairs_lost": len(before - key_pairs(here, broken_by(here, event))),
            }
        )
    return found


def _depends(network: Network, circuit: Circuit) -> dict[str, Any]:
    """The contributors that a circuit uses, and those without each of which it would be down."""
    if not circuit.is_fibre:
        owner = network.nodes[circuit.node].owner
        return {"circuit": circuit.id, "uses": [owner] if owner else [], "needs": [owner] if owner else []}
    legs = [_owners(network, leg) for leg in circuit.legs]
    return {
        "circuit": circuit.id,
        "uses": sorted(set().union(*legs)),
        "needs": sorted(legs[0].intersection(*legs)),
    }


def _owners(network: Network, leg: Iterable[str]) -> set[str]:
    """Who owns the spans of a leg and the nodes at their ends: a node that is withdrawn takes its spans."""
    spans = [network.spans[s] for s in leg]
    nodes = [network.nodes[n] for s in spans for n in (s.start, s.end)]
    return ({s.owner for s in spans} | {n.owner for n in nodes}) - {""}
