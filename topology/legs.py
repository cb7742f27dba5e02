"""Legs as walks: which nodes an ordered list of spans passes, and whether it is one continuous way."""

from __future__ import annotations

from topology.model import Circuit, Leg, Network


def walk(network: Network, leg: Leg) -> tuple[str, ...]:
    """The nodes that a leg passes, beginning at the outer end of its first span (the span's start if it is alone).

    Where parallel spans leave the direction open, the way that passes no node twice is taken, else the first that is
    continuous. Raises ValueError, naming the place, where the spans do not follow on each other.
    """
    first = network.spans[leg[0]]
    found: list[tuple[str, ...]] = []
    fault: ValueError | None = None
    for start in (first.start, first.end):
        try:
            found.append(network.nodes_of_leg(leg, start))
        except ValueError as error:
            fault = fault or error
    if not found:
        raise _break(network, leg) from fault
    return next((nodes for nodes in found if len(set(nodes)) == len(nodes)), found[0])


def _break(network: Network, leg: Leg) -> ValueError:
    """Where a leg breaks: the longest beginning that is continuous from either end of the first span."""
    best = 1
    for start in (network.spans[leg[0]].start, network.spans[leg[0]].end):
        at = start
        for place, span_id in enumerate(leg):
            span = network.spans[span_id]
            if at not in (span.start, span.end):
                best = max(best, place)
                break
            at = span.other_end(at)
    return ValueError(f"The span {leg[best]} does not follow on {leg[best - 1]}: they share no node there.")


def ends(network: Network, circuit: Circuit) -> tuple[str, str]:
    """The two nodes that a fibre circuit joins, in the direction of its first leg."""
    nodes = walk(network, circuit.legs[0])
    return nodes[0], nodes[-1]
