"""What each contributor adds: the charges that the circuits of a period would still bring without it (analysis, rule F19).

The worth of a set of contributors is the charges of the circuits whose ends their spans alone would join, over as many span-disjoint
legs as the circuit has; strands are not counted. Fees are not made of this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from billing.analysis.shapley import EXACT_UP_TO, sampled, shapley
from billing.analysis.shortfall import RULES
from billing.charges import Charge, leg_ends
from billing.facts import Facts
from billing.fees.methods import fees_of
from billing.fees.policy import FeePolicy
from billing.settlement import charge_lines, settle
from billing.tariff import Tariff
from topology.model import Circuit, Network

ORDERS = 200


def contribution_document(
    network: Network,
    circuits: Iterable[Circuit],
    tariff: Tariff,
    policy: FeePolicy,
    start: date,
    end: date,
    facts: Facts,
    seed: str,
) -> dict[str, Any]:
    """`cni.contribution/1`: each contributor's Shapley value of a period beside the fees that the policy gives it."""
    held = tuple(circuits)
    settled = settle(network, held, tariff, policy, start, end, facts)
    lines = charge_lines(network, held, tariff, policy, start, end, facts)
    fees: dict[str, int] = defaultdict(int)
    for line in settled["fees"]:
        fees[line["contributor"]] += line["amount_pence"]
    found = contribution(network, held, lines, seed)
    return {
        "schema": "cni.contribution/1",
        **{key: settled[key] for key in ("software", "inputs", "on", "period", "illustrative")},
        "seed": seed,
        **{key: found[key] for key in ("exact", "orders", "worth_pence")},
        "contributors": [
            {
                "contributor": row["contributor"],
                "fees_pence": fees.get(row["contributor"], 0),
                "adds_pence": row["pence"],
                "error_pence": row["error_pence"],
            }
            for row in found["contributors"]
        ],
        "shortfall": _shortfall(network, held, tariff, policy, lines, settled, start, end, facts),
    }


def _shortfall(
    network: Network,
    circuits: Sequence[Circuit],
    tariff: Tariff,
    policy: FeePolicy,
    lines: Sequence[Charge],
    settled: Mapping[str, Any],
    start: date,
    end: date,
    facts: Facts,
) -> list[dict[str, Any]]:
    """Where the pot is short: each contributor's claim, and what it would get under each rule, in pence before rounding."""
    pot = sum(row["amount_pence"] for row in settled["charges"]) - settled["margin_pence"] - settled["reserve_pence"]
    fees = fees_of(network, circuits, tariff, policy, lines, pot, start, end, facts)
    if not fees.scaled:
        return []
    claims: dict[str, Fraction] = defaultdict(Fraction)
    for claim in fees.claims:
        claims[claim.contributor] += claim.exact
    parts = {name: rule(claims, Fraction(max(pot, 0))) for name, rule in RULES.items()}
    return [
        {
            "contributor": who,
            "claim_pence": float(claims[who]),
            **{name: float(part[who]) for name, part in parts.items()},
        }
        for who in sorted(claims)
    ]


def contribution(network: Network, circuits: Iterable[Circuit], charges: Iterable[Charge], seed: str) -> dict[str, Any]:
    """Each contributor's Shapley value in pence: exact for up to 12 of them, else sampled with its standard error."""
    brought: dict[str, int] = defaultdict(int)
    for line in charges:
        brought[line.circuit] += line.amount_pence
    fibre = [c for c in circuits if c.is_fibre and brought.get(c.id)]
    players = sorted({span.owner for span in network.spans.values() if span.owner})
    worth = _worth(network, fibre, brought)
    if len(players) <= EXACT_UP_TO:
        exact = shapley(players, worth)
        rows = [{"contributor": n, "pence": float(v), "error_pence": 0.0} for n, v in exact.items()]
    else:
        found = sampled(players, worth, ORDERS, seed)
        rows = [{"contributor": n, "pence": e.mean, "error_pence": e.error} for n, e in found.items()]
    return {
        "exact": len(players) <= EXACT_UP_TO,
        "orders": 0 if len(players) <= EXACT_UP_TO else 2 * ORDERS,
        "worth_pence": int(worth(frozenset(players))),
        "contributors": rows,
    }


def _worth(network: Network, circuits: list[Circuit], brought: Mapping[str, int]) -> Any:
    wanted = [(leg_ends(network, c.legs[0]), len(c.legs), brought[c.id]) for c in circuits]

    @cache
    def worth(coalition: frozenset[str]) -> Fraction:
        ways: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for span in network.spans.values():
            if span.owner in coalition:
                ways[span.start].append((span.id, span.end))
                ways[span.end].append((span.id, span.start))
        return Fraction(sum(pence for ends, legs, pence in wanted if _joined(ways, *ends, legs)))

    return worth


def _joined(ways: Mapping[str, list[tuple[str, str]]], a: str, b: str, legs: int) -> bool:
    """Whether so many span-disjoint ways join two nodes (augmenting paths; Ford and Fulkerson 1956)."""
    used: dict[str, str] = {}  # span -> the node that flow leaves it to
    for _ in range(legs):
        came: dict[str, tuple[str, str]] = {a: ("", "")}
        queue = [a]
        for node in queue:
            for span, other in ways.get(node, ()):
                if other not in came and used.get(span) != other:
                    came[other] = (node, span)
                    queue.append(other)
        if b not in came:
            return False
        node = b
        while node != a:
            before, span = came[node]
            if used.get(span) == before:
                del used[span]  # flow the other way is taken back
            else:
                used[span] = node
            node = before
    return True
