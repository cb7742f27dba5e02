"""What is free over a whole term: strands of a span, rack units and power of a node, by the figures of `topology.offer`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from topology.model import Circuit, Network, Node, Span
from topology.offer import STRANDS_PER_PAIR

Load = tuple[date, date | None, int]
"""So much is taken on [start, end); None is open."""


def peak(loads: Iterable[Load], start: date, end: date | None) -> int:
    """The most that loads take together on some day of [start, end); one sweep over the days on which a load changes."""
    changes: list[tuple[date, int]] = []
    for first, last, amount in loads:
        if (end is None or first < end) and (last is None or start < last):
            changes.append((max(first, start), amount))
            if last is not None:
                changes.append((last, -amount))
    level = most = 0
    for _, amount in sorted(changes):  # on one day what ends comes before what begins
        level += amount
        most = max(most, level)
    return most


def first_over(loads: Iterable[Load], capacity: int, start: date) -> date | None:
    """The first day from `start` on when loads take more than there is; None where they never do."""
    changes: dict[date, int] = {}
    for first, last, amount in loads:
        if last is None or start < last:
            changes[max(first, start)] = changes.get(max(first, start), 0) + amount
            if last is not None:
                changes[last] = changes.get(last, 0) - amount
    level = 0
    for day in sorted(changes):
        level += changes[day]
        if level > capacity:
            return day
    return None


def free_strands(network: Network, circuits: Iterable[Circuit], start: date, end: date | None) -> dict[str, int]:
    """Span id -> strands that are free on every day of [start, end); 0 where the span is out of service on one of them.

    Negative where circuits hold more than there is.
    """
    loads: dict[str, list[Load]] = {}
    for circuit in circuits:
        for name, times in Counter(circuit.spans).items():
            loads.setdefault(name, []).append((circuit.start, circuit.end, STRANDS_PER_PAIR * times))
    found = {}
    for span in network.spans.values():
        if not _serves(network, span, start, end):
            found[span.id] = 0
            continue
        back: list[Load] = [(day, None, strands) for day, strands in span.recalls]
        kept = span.own_use + span.reserve + span.maintenance_spare
        found[span.id] = span.fibre_count - kept - peak([*back, *loads.get(span.id, [])], start, end)
    return found


def lacking(network: Network, circuits: Iterable[Circuit], wanted: Circuit) -> tuple[tuple[str, str], ...]:
    """("span" or "node", id) of everything that has no room for a circuit on some day of its term beside others, sorted."""
    if wanted.is_fibre:
        free = free_strands(network, circuits, wanted.start, wanted.end)
        needed = Counter(wanted.spans)
        return tuple(("span", s) for s in sorted(needed) if free.get(s, 0) < STRANDS_PER_PAIR * needed[s])
    node = network.nodes.get(wanted.node)
    others = [c for c in circuits if c.node == wanted.node]
    return () if node is not None and _fits(node, others, wanted) else (("node", wanted.node),)


def _serves(network: Network, span: Span, start: date, end: date | None) -> bool:
    ends_up = network.nodes[span.start].in_service and network.nodes[span.end].in_service
    stays = span.withdrawn_on is None or (end is not None and end <= span.withdrawn_on)
    return ends_up and stays and span.in_service(start)


def _fits(node: Node, others: Iterable[Circuit], wanted: Circuit) -> bool:
    held = list(others)

    def most(attribute: str) -> int:
        return peak(((c.start, c.end, getattr(c, attribute)) for c in held), wanted.start, wanted.end)

    units = node.rack_units - node.rack_units_reserved - most("rack_units")
    power = node.power_w - node.power_reserved_w - most("power_w")
    return node.in_service and wanted.rack_units <= units and wanted.power_w <= power


def spare_throughout(network: Network, circuits: Iterable[Circuit], start: date, end: date | None) -> Mapping[str, int]:
    """Span id -> pairs that are spare on every day of [start, end), at least 0."""
    free = free_strands(network, circuits, start, end)
    return {span: max(0, strands) // STRANDS_PER_PAIR for span, strands in free.items()}
