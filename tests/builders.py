"""Small networks written as a few readable lines.

    network("s1 A B 1.5", "s2 B C 2 groups=duct,bridge strands=8")

gives nodes A, B, C and two spans of 1.5 and 2 km. Words with `=` set further fields of the span.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from topology.model import Circuit, Network, Node, Span
from topology.quantities import thousandths

DAY = date(2027, 1, 4)
WORDS = {"strands": "fibre_count", "groups": "risk_groups", "own": "own_use"}


def span(line: str) -> Span:
    """`id start end km`, then words as `strands=8 own=2 reserve=2 groups=duct,bridge owner=council`."""
    name, start, end, km, *words = line.split()
    fields: dict[str, Any] = {"fibre_count": 48, "owner": "owner"}
    for word in words:
        key, _, value = word.partition("=")
        key = WORDS.get(key, key)
        if key == "risk_groups":
            fields[key] = tuple(sorted(value.split(",")))
        else:
            fields[key] = int(value) if value.isdigit() else value
    return Span(name, start, end, length_m=thousandths(km), **fields)


def node(name: str, **fields: Any) -> Node:
    """A node called like its id, somewhere in Manchester."""
    place = sum(ord(c) * 31**i for i, c in enumerate(name))
    at = {"lat": 53.4 + place % 97 / 1000, "lon": -2.3 + place % 89 / 1000}
    return Node(name, name, "pop", **{**at, **fields})


def network(*lines: str, nodes: Iterable[Node] = (), key: str = "", **about: Any) -> Network:
    """A network from lines of spans; nodes that are not given are made. `key` lists the key nodes, separated by spaces."""
    spans = [span(line) for line in lines]
    given = {n.id: n for n in nodes}
    for name in (end for s in spans for end in (s.start, s.end)):
        given.setdefault(name, node(name, key=name in key.split()))
    return Network.build(given.values(), spans, **about)


def circuit(name: str, legs: str, member: str = "m1", start: date = DAY, end: date | None = None) -> Circuit:
    """A fibre circuit over legs written as in circuits.csv: `s1+s2|s3`."""
    return Circuit(name, member, start, end, tuple(tuple(leg.split("+")) for leg in legs.split("|")))
