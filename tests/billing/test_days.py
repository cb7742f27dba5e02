"""Days and years: nothing is billed twice, nothing is left out, no year costs more than its price."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.days import anniversary, billed_years, overlap, term_years, year_fraction
from tests.billing.builders import day

COUNTS = ("month-actual", "actual/365", "actual/actual")
days = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        ("2003-11-01", "2004-05-01", 0.497724380567),
        ("1999-02-01", "1999-07-01", 0.410958904110),
        ("1999-07-01", "2000-07-01", 1.001377348600),
        ("2003-07-15", "2004-01-15", 0.504004790778),
    ],
)
def test_actual_actual_gives_the_published_isda_fractions(start: str, end: str, years: float) -> None:
    # QuantLib's day counter test data.
    assert float(year_fraction(day(start), day(end), "actual/actual")) == pytest.approx(years, abs=1e-10)


def test_a_quarter_is_three_twelfths_by_month_actual() -> None:
    assert year_fraction(day("2027-01-01"), day("2027-04-01"), "month-actual") == Fraction(1, 4)
    assert year_fraction(day("2027-01-01"), day("2027-04-01"), "actual/365") == Fraction(90, 365)


def test_clock_changes_do_not_count() -> None:
    """October has 31 civil days, though 745 hours, when summer time ends."""
    assert year_fraction(day("2026-10-01"), day("2026-11-01"), "month-actual") == Fraction(1, 12)


@given(days, st.integers(0, 9), st.sampled_from(COUNTS))
def test_no_year_from_the_start_costs_more_than_the_price(start: date, year: int, count: str) -> None:
    a, b = anniversary(start, year), anniversary(start, year + 1)
    assert billed_years(start, b, count) - billed_years(start, a, count) <= 1


@given(days, st.lists(st.integers(0, 1500), min_size=1, max_size=6), st.sampled_from(COUNTS))
def test_years_never_fall_as_time_goes_on(start: date, steps: list[int], count: str) -> None:
    at = [start + timedelta(days=d) for d in sorted(steps)]
    billed = [billed_years(start, d, count) for d in at]
    assert billed == sorted(billed)


def test_anniversaries_of_29_february_do_not_drift() -> None:
    start = day("2028-02-29")
    assert [anniversary(start, y).isoformat() for y in (1, 2, 3, 4)] == [
        "2029-02-28",
        "2030-02-28",
        "2031-02-28",
        "2032-02-29",
    ]
    assert term_years(start, day("2029-02-28")) == 1
    assert term_years(start, day("2029-02-27")) == 0
    assert term_years(start, None) == 0


def test_overlap_is_half_open() -> None:
    first, last = day("2027-01-01"), day("2027-04-01")
    assert overlap(day("2026-01-01"), first, first, last) is None
    assert overlap(last, None, first, last) is None
    assert overlap(day("2027-03-31"), None, first, last) == (day("2027-03-31"), last)
