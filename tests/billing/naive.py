"""A second implementation of charges and fees, written as plainly as can be: day by day, in fractions, no database.

It shares no code with `billing` but the values that go in. Slow on purpose; the tests hold the two against each other.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import floor

from billing.fees.policy import FeePolicy
from billing.tariff import Price, Tariff
from topology.model import Circuit, Network

DAY = timedelta(days=1)


@dataclass
class Sums:
    """Pence by (party, subject, product) charged, by (party, span, circuit) paid, and what is kept."""

    charged: dict[tuple[str, str, str], int] = field(default_factory=dict)
    paid: dict[tuple[str, str, str], int] = field(default_factory=dict)
    margin: int = 0
    reserve: int = 0


def nearest(amount: Fraction) -> int:
    """Half up."""
    return floor(amount + Fraction(1, 2))


def day_weight(day: date, day_count: str) -> Fraction:
    """What part of a year a day is."""
    if day_count == "month-actual":
        return Fraction(1, 12 * monthrange(day.year, day.month)[1])
    return Fraction(1, 366 if day_count == "actual/actual" and isleap(day.year) else 365)


def is_anniversary(start: date, day: date) -> bool:
    """Whether a year since the start is over on a day; 29 February counts as the 28th in other years."""
    if (start.month, start.day) == (2, 29) and not isleap(day.year):
        return (day.month, day.day) == (2, 28)
    return (day.month, day.day) == (start.month, start.day)


def years_until(start: date, until: date, day_count: str) -> Fraction:
    """Years billed in [start, until): no twelve months count for more than one."""
    whole, part, day = Fraction(0), Fraction(0), start
    while day < until:
        if day != start and is_anniversary(start, day):
            whole, part = whole + min(Fraction(1), part), Fraction(0)
        part += day_weight(day, day_count)
        day += DAY
    return whole + min(Fraction(1), part)


def term(circuit: Circuit) -> int:
    """Whole years that were agreed."""
    end = circuit.term_end or circuit.end
    years, day = 0, circuit.start + DAY
    while end is not None and day <= end:
        years += is_anniversary(circuit.start, day)
        day += DAY
    return years


def price(tariff: Tariff, product: str, day: date, years: int) -> Price:
    """The price of a day: the longest term that is reached, then the latest."""
    fits = [p for p in tariff.prices if p.product == product and p.valid_from <= day and p.term_years <= years]
    return sorted(fits, key=lambda p: (p.term_years, p.valid_from))[-1]


def units(network: Network, circuit: Circuit, tariff: Tariff) -> dict[str, Fraction]:
    """Annual units of each product that a circuit holds."""
    if circuit.legs:
        metres = [max(tariff.minimum_m, sum(network.spans[s].length_m for s in leg)) for leg in circuit.legs]
        return {"fibre_pair_metre_year": Fraction(sum(metres))}
    held = {
        "rack_unit_month": Fraction(12 * circuit.rack_units),
        "kw_month": Fraction(12 * circuit.power_w, 1000),
    }
    return {name: count for name, count in held.items() if count}


def charge(network: Network, circuit: Circuit, tariff: Tariff, product: str, first: date, last: date) -> int:
    """What a product costs in [first, last): each stretch of one price is rounded from its own beginning on."""
    pence, years = 0, term(circuit)
    day = since = circuit.start
    count = units(network, circuit, tariff)[product]
    while day < last:
        day += DAY
        held = price(tariff, product, since, years)
        if day < last and price(tariff, product, day, years) == held:
            continue
        annual = 100 * count * Fraction(held.amount) * (1 - Fraction(held.discount))

        def up_to(end: date, annual: Fraction = annual, since: date = since) -> int:
            run = years_until(circuit.start, end, tariff.day_count) - years_until(
                circuit.start, since, tariff.day_count
            )
            return nearest(annual * run)

        if day > first:
            pence += up_to(day) - up_to(max(first, since))
        since = day
    return pence


def settled(
    network: Network, circuits: Iterable[Circuit], tariff: Tariff, policy: FeePolicy, first: date, last: date
) -> Sums:
    """Charges and fees (method `rate`) of a period."""
    sums, claims = Sums(), dict[tuple[str, str, str], Fraction]()
    for c in circuits:
        begin, end = max(c.start, first), last if c.end is None else min(c.end, last)
        if begin >= end:
            continue
        for product in units(network, c, tariff):
            sums.charged[c.member, c.id, product] = charge(network, c, tariff, product, begin, end)
        one_off = [p for p in tariff.prices if p.product == "connection"]
        if c.legs and begin == c.start and one_off:
            held = price(tariff, "connection", c.start, term(c))
            sums.charged[c.member, c.id, "connection"] = nearest(
                200 * Fraction(held.amount) * (1 - Fraction(held.discount))
            )
        run = years_until(c.start, end, tariff.day_count) - years_until(c.start, begin, tariff.day_count)
        for span in [s for leg in c.legs for s in leg]:
            key = (network.spans[span].owner, span, c.id)
            worth = 100 * network.spans[span].length_m * Fraction(policy.rate) * run
            claims[key] = claims.get(key, Fraction(0)) + worth
    whole = sum(sums.charged.values())
    sums.margin = nearest(Fraction(policy.margin_share) * whole)
    sums.reserve = min(nearest(Fraction(policy.reserve_share) * whole), whole - sums.margin)
    pot = whole - sums.margin - sums.reserve
    sums.paid = largest_remainder(min(nearest(sum(claims.values(), Fraction(0))), pot), claims)
    return sums


def largest_remainder(total: int, claims: dict[tuple[str, str, str], Fraction]) -> dict[tuple[str, str, str], int]:
    """Whole pence in proportion to claims; those that are left go to the largest remainders, ties by name."""
    whole = sum(claims.values(), Fraction(0))
    if not whole:
        return dict.fromkeys(claims, 0)
    exact = {key: total * claim / whole for key, claim in claims.items()}
    parts = {key: floor(share) for key, share in exact.items()}
    order = sorted(exact, key=lambda key: (-(exact[key] - parts[key]), key))
    for key in order[: total - sum(parts.values())]:
        parts[key] += 1
    return parts
