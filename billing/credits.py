"""What outages give back (rule F10), and what expected downtime gives back at most in a year."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from billing.tariff import Credit


def most_a_year(credit: Credit, annual_pence: Fraction, minutes: float) -> int:
    """The most pence that `minutes` of expected downtime a year give back of an annual price, rounded up.

    An upper bound: neither free minutes nor the cap of single months are counted, which only lower it.

    >>> from decimal import Decimal
    >>> most_a_year(Credit(Decimal("0.02"), Decimal("0.4")), Fraction(120_000), 90.0)
    300
    """
    hours = Fraction(minutes) / 60
    share = min(Fraction(credit.cap_share), hours * Fraction(credit.share_per_hour) / 12)
    return ceil(annual_pence * share)
