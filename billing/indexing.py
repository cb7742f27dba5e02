"""Prices that follow an index (rule F13): by levels, as first published, with a cap and a floor on each year's change.

Levels of two reference years are never divided by one another: the same month has another level under each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from billing.facts import Facts
from billing.pence import half_up, plain
from billing.tariff import Index, Price, Tariff
from topology.problems import Problems


def indexed(tariff: Tariff, facts: Facts, until: date) -> Tariff:
    """The tariff with the prices that reviews before `until` make.

    An entry is lifted at each review after its own `valid_from`, from its own amount. Raises `BadInput` for each level that is
    lacking, also where the month is known under another reference only.
    """
    index = tariff.index
    if index is None:
        return tariff
    changes = tuple(_changes(index, facts, until))
    made = [lifted for price in tariff.prices for lifted in _lifted(price, index, changes, tariff)]
    return replace(tariff, prices=(*tariff.prices, *made))


def _lifted(
    price: Price, index: Index, changes: tuple[tuple[date, Fraction, str], ...], tariff: Tariff
) -> Iterator[Price]:
    """The later prices of one entry, until another of the same product and term takes its place."""
    later = [
        p.valid_from
        for p in tariff.prices
        if (p.product, p.term_years) == (price.product, price.term_years) and p.valid_from > price.valid_from
    ]
    factor, said = Fraction(1), []
    for day, change, words in changes:
        if day <= price.valid_from or (later and min(later) <= day):
            continue
        factor *= change
        said.append(words)
        scale = 10**index.places
        amount = Decimal(half_up(Fraction(price.amount) * factor * scale)) / scale
        text = f"{plain(price.amount)} GBP of {price.valid_from} uplifted by {index.series} x {' x '.join(said)}"
        yield replace(price, amount=amount, valid_from=day, uplift=text)


def _changes(index: Index, facts: Facts, until: date) -> Iterator[tuple[date, Fraction, str]]:
    """Each review before `until`: its day, the factor of that year, and the factor in words."""
    found = Problems()
    levels = {r.month: r.level for r in facts.levels if (r.series, r.reference) == (index.series, index.reference)}
    others = {r.month for r in facts.levels if r.series == index.series and r.reference != index.reference}
    rows = []
    before = index.base_month
    for day in _reviews(index, until):
        month = _months_before(day, index.lag_months)
        for wanted in (before, month):
            if wanted not in levels:
                said = f"the index {index.series} ({index.reference} = 100) has no level of {wanted:%Y-%m}."
                hint = "Another reference has one, but levels of two references cannot be compared." * (
                    wanted in others
                )
                found.add(said, file="index.csv", column="level", value=f"{wanted:%Y-%m}", code="no_level", hint=hint)
        if before in levels and month in levels:
            rows.append((day, *_limited(index, levels[before], levels[month])))
        before = month
    found.found = sorted(set(found.found))
    found.raise_errors()
    yield from rows


def _limited(index: Index, before: Decimal, now: Decimal) -> tuple[Fraction, str]:
    exact = Fraction(now) / Fraction(before)
    if index.cap is not None and exact > 1 + Fraction(index.cap):
        return 1 + Fraction(index.cap), f"{plain(1 + index.cap)} (capped; {plain(now)}/{plain(before)})"
    if index.floor is not None and exact < 1 + Fraction(index.floor):
        return 1 + Fraction(index.floor), f"{plain(1 + index.floor)} (floor; {plain(now)}/{plain(before)})"
    return exact, f"{plain(now)}/{plain(before)}"


def _reviews(index: Index, until: date) -> Iterator[date]:
    """The first of the review month of each year whose level is later than the base month."""
    year = index.base_month.year
    while (day := date(year, index.review_month, 1)) < until:
        if _months_before(day, index.lag_months) > index.base_month:
            yield day
        year += 1


def _months_before(day: date, months: int) -> date:
    """The first of the month so many months before a day's month.

    >>> _months_before(date(2027, 4, 1), 4)
    datetime.date(2026, 12, 1)
    """
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)
