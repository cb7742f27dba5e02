"""What a circuit costs that ends before its term (rule F12): a share of what was left to pay, on its last day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from billing.charges import Charge, annual_pence
from billing.days import after_months, billed_years, last_day
from billing.pence import half_up, plain, pounds
from billing.tariff import EarlyCease, Tariff
from topology.model import Circuit, Network

PRODUCT = "early_cease"

GOES_ON = ("transferred", "recalled")
"""States in which a circuit ended, but not by its holder's wish alone: another goes on with it, or its contributor took it back."""


def early_cease_lines(
    network: Network, circuits: Iterable[Circuit], tariff: Tariff, first: date, last: date
) -> tuple[Charge, ...]:
    """One line for each circuit whose last day lies in [first, last) and before its term or minimum is over.

    Raises `BadInput` where a product that a circuit holds has no price on its last day.
    """
    rule = tariff.early_cease
    if rule is None:
        return ()
    found = (_line(network, c, tariff, rule, first, last) for c in sorted(circuits, key=lambda c: c.id))
    return tuple(line for line in found if line is not None)


def due_until(circuit: Circuit, rule: EarlyCease) -> date:
    """The day until which a circuit is committed: the end of its agreed term, at least the minimum term."""
    minimum = after_months(circuit.start, rule.minimum_months)
    return max(minimum, circuit.term_end or circuit.start)


def _line(
    network: Network, circuit: Circuit, tariff: Tariff, rule: EarlyCease, first: date, last: date
) -> Charge | None:
    end = circuit.end
    if end is None or end <= circuit.start or not first <= last_day(end) < last or circuit.state in GOES_ON:
        return None
    until = due_until(circuit, rule)
    if until <= end or (circuit.term_end is None and rule.minimum_months == 0):
        return None
    years = billed_years(circuit.start, until, tariff.day_count) - billed_years(circuit.start, end, tariff.day_count)
    annual = annual_pence(network, circuit, tariff, last_day(end))
    pence = half_up(Fraction(rule.share) * annual * years)
    text = (
        f"ended on {last_day(end)}, committed to {last_day(until)}: {plain(years)} year left x {pounds(half_up(annual))} GBP a year"
        f" x {plain(rule.share * 100)} % = {pounds(pence)} GBP"
    )
    return Charge(circuit.member, circuit.id, PRODUCT, end, end, 0, pence, text)
