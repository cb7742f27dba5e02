"""Small spines and circuits for the tests of billing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from billing.tariff import Price, Tariff
from topology.model import Circuit, Network, Node, Span


def day(text: str) -> date:
    return date.fromisoformat(text)


def line_of(*lengths_m: int, owners: str = "ABCDEFGH") -> Network:
    """Nodes n0, n1, ... in a row, joined by spans s1, s2, ... of the given lengths, each of another owner."""
    nodes = [Node(f"n{i}", f"Node {i}", "pop", 53.4, -2.2 + i / 100) for i in range(len(lengths_m) + 1)]
    spans = [
        Span(f"s{i}", f"n{i - 1}", f"n{i}", owners[(i - 1) % len(owners)], 48, metres)
        for i, metres in enumerate(lengths_m, 1)
    ]
    return Network.build(nodes, spans)


def fibre(name: str, legs: str, start: str, end: str | None = None, member: str = "M") -> Circuit:
    """A circuit over legs written as in circuits.csv: `s1+s2|s3`."""
    parts = tuple(tuple(leg.split("+")) for leg in legs.split("|"))
    return Circuit(name, member, day(start), day(end) if end else None, legs=parts)


def tariff(fibre_gbp: str = "1", **more: object) -> Tariff:
    """One price for fibre, and more fields of the tariff."""
    prices = (Price("fibre_pair_metre_year", Decimal(fibre_gbp)), *more.pop("prices", ()))  # type: ignore[misc]  # a test's shorthand
    return Tariff(prices, **more)  # type: ignore[arg-type]  # as above
