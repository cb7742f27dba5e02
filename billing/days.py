"""Civil days and fractions of a year over half-open intervals [start, end).

Every fraction is measured from the day on which a circuit starts, so that adjacent periods add up to exactly what one long
period would have cost. Twelve months from an anniversary never count for more than one year ("a year's charges never
exceed the annual price", rule F3), whatever the convention and however many days they have.

Day counts (`day_count` of the tariff):
    month-actual    each calendar month is 1/12 of a year, a day of it 1/12 over the days of that month (default)
    actual/365      a day is 1/365
    actual/actual   a day is 1/365, in a leap year 1/366 (ISDA)
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache

ALIASES = {
    "month-actual": "month-actual",
    "actual/365": "actual/365",
    "actual/365 fixed": "actual/365",
    "actual/actual": "actual/actual",
    "actual/actual ISDA": "actual/actual",
}
"""Accepted names of day counts, and the short one of each."""


def overlap(start: date, end: date | None, first: date, last: date) -> tuple[date, date] | None:
    """The days that [start, end) and [first, last) share; None where there are none. `end` None means open."""
    begin, finish = max(start, first), last if end is None else min(end, last)
    return (begin, finish) if begin < finish else None


def anniversary(start: date, years: int) -> date:
    """The same day of another year, computed from the original start; 29 February falls on the 28th where there is none."""
    year = start.year + years
    return date(year, start.month, min(start.day, monthrange(year, start.month)[1]))


def after_months(start: date, months: int) -> date:
    """The same day so many months later, or the last one of a month that is shorter; computed from the start, without drift.

    >>> after_months(date(2027, 1, 31), 1)
    datetime.date(2027, 2, 28)
    """
    count = start.year * 12 + start.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def term_years(start: date, end: date | None) -> int:
    """Whole years of a circuit's term; 0 for an open one, which is committed to nothing."""
    if end is None:
        return 0
    years = end.year - start.year
    return max(0, years if anniversary(start, years) <= end else years - 1)


def year_fraction(start: date, end: date, day_count: str) -> Fraction:
    """Years in [start, end) by one of the day counts, without any cap. Raises KeyError for an unknown one."""
    return _CONVENTIONS[day_count](start, end)


@lru_cache(maxsize=200_000)  # charges, fees and credits ask for the same days
def billed_years(origin: date, until: date, day_count: str) -> Fraction:
    """Years to charge from `origin` to `until`: each full year since `origin` counts for at most 1.

    Never falls as `until` grows. Raises ValueError where `until` is before `origin`.
    """
    if until < origin:
        raise ValueError("until is before origin")
    full = term_years(origin, until)
    whole = sum(
        (
            min(Fraction(1), year_fraction(anniversary(origin, y), anniversary(origin, y + 1), day_count))
            for y in range(full)
        ),
        Fraction(),
    )
    return whole + min(Fraction(1), year_fraction(anniversary(origin, full), until, day_count))


def last_day(end: date) -> date:
    """The last day of an interval that ends before `end`, for people."""
    return end - timedelta(days=1)


def _slices(start: date, end: date, until: Callable[[date], date]) -> Iterator[tuple[date, int]]:
    """The days of an interval cut at the boundaries that `until` names."""
    while start < end:
        stop = min(end, until(start))
        yield start, (stop - start).days
        start = stop


def next_month(day: date) -> date:
    """The first day of the month after a day's."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _month_actual(start: date, end: date) -> Fraction:
    parts = (Fraction(days, 12 * monthrange(d.year, d.month)[1]) for d, days in _slices(start, end, next_month))
    return sum(parts, Fraction())


def _actual_365(start: date, end: date) -> Fraction:
    return Fraction((end - start).days, 365)


def _actual_actual(start: date, end: date) -> Fraction:
    cut = _slices(start, end, lambda d: date(d.year + 1, 1, 1))
    return sum((Fraction(days, 366 if isleap(d.year) else 365) for d, days in cut), Fraction())


_CONVENTIONS: dict[str, Callable[[date, date], Fraction]] = {
    "month-actual": _month_actual,
    "actual/365": _actual_365,
    "actual/actual": _actual_actual,
}
