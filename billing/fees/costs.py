"""Validated costs of contributors in a period (rules F16, F17): annual ones prorated, capital as an annuity.

Annuity: A = P r / (1 - (1 + r)^-n). Tilted by a trend p: A_1 = P (r - p) / (1 - ((1 + p) / (1 + r))^n), A_t = A_1 (1 + p)^(t - 1).
Its payments have the present value P whatever p is. All in exact fractions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from billing.days import anniversary, overlap, year_fraction
from billing.fact_rows import Cost


def annuity(capital: Fraction, rate: Fraction, years: int, trend: Fraction = Fraction(0)) -> tuple[Fraction, ...]:
    """The payments at the end of each year that pay a sum back with interest.

    >>> round(float(annuity(Fraction(100_000), Fraction(6, 100), 10)[0]), 2)
    13586.8
    """
    if rate == trend:
        first = capital * (1 + rate) / years
    else:
        first = capital * (rate - trend) / (1 - ((1 + trend) / (1 + rate)) ** years)
    return tuple(first * (1 + trend) ** t for t in range(years))


def costs_in(costs: Iterable[Cost], first: date, last: date, day_count: str) -> dict[str, Fraction]:
    """Contributor -> pence of validated cost in [first, last), by contributor. What is not validated by then does not count."""
    found: dict[str, Fraction] = defaultdict(Fraction)
    for cost in costs:
        found[cost.contributor] += cost_in(cost, first, last, day_count)
    return dict(sorted(found.items()))


def cost_in(cost: Cost, first: date, last: date, day_count: str) -> Fraction:
    """Pence of one cost in [first, last)."""
    if cost.validated_on is None:
        return Fraction(0)
    if cost.kind == "annual":
        days = overlap(max(cost.start, cost.validated_on), cost.end, first, last)
        return Fraction(0) if days is None else 100 * Fraction(cost.amount) * year_fraction(*days, day_count)
    payments = annuity(Fraction(cost.amount), Fraction(cost.rate), cost.years, Fraction(cost.trend))
    total = Fraction(0)
    for year, payment in enumerate(payments):
        start, end = anniversary(cost.start, year), anniversary(cost.start, year + 1)
        days = overlap(max(start, cost.validated_on), end, first, last) if cost.validated_on < end else None
        if days is not None:
            total += 100 * payment * Fraction((days[1] - days[0]).days, (end - start).days)
    return total
