"""Charges by `cost_share` (rule F16): each user's share of the validated costs, by pair-metre-days.

With e a contributor's validated cost, c a user's use, E and C their sums, whoever is both ends with e - E c / C (guifi.net's
compensation), here before margin and reserve: the charges are as much more as these need.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from billing.charges import Charge
from billing.days import last_day
from billing.facts import Facts
from billing.fees.claims import use_claims
from billing.fees.costs import costs_in
from billing.fees.policy import FeePolicy
from billing.pence import half_up, pounds, share_out
from billing.tariff import Tariff
from topology.model import Circuit, Network

PRODUCT = "cost_share"


def cost_share_lines(
    network: Network,
    circuits: Iterable[Circuit],
    tariff: Tariff,
    policy: FeePolicy,
    first: date,
    last: date,
    facts: Facts,
) -> tuple[Charge, ...]:
    """One line for each circuit in use in [first, last); together the validated costs, margin and reserve. None without use."""
    held = {c.id: c for c in circuits}
    used: dict[str, Fraction] = {}
    for claim in use_claims(network, held.values(), tariff, policy, first, last, facts):
        used[claim.circuit] = used.get(claim.circuit, Fraction(0)) + claim.weight
    if not used:
        return ()
    costs = sum(costs_in(facts.costs, first, last, tariff.day_count).values(), Fraction())
    total = half_up(costs / (1 - Fraction(policy.margin_share) - Fraction(policy.reserve_share)))
    whole = sum(used.values(), Fraction())
    parts = share_out(total, used)
    found = []
    for circuit, weight in used.items():
        c = held[circuit]
        start, end = max(c.start, first), last if c.end is None else min(c.end, last)
        text = (
            f"{round(weight):,} of {round(whole):,} pair-metre-days x {pounds(total)} GBP of validated costs, margin and reserve"
            f" ({start} to {last_day(end)}) = {pounds(parts[circuit])} GBP"
        )
        found.append(Charge(c.member, circuit, PRODUCT, start, end, (end - start).days, parts[circuit], text))
    return tuple(sorted(found, key=lambda line: (line.member, line.circuit)))
