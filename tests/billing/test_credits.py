"""Credits for outages (rule F10): the bound on a year's expected money, and the table [credit] of the tariff."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.credits import most_a_year
from billing.tariff import Credit
from billing.tariff_file import read_tariff
from tests.billing.test_tariff import GOOD, faults, write
from topology.problems import BadInput

SHARES = st.decimals(0, 1, places=3)


def test_ninety_minutes_at_two_per_cent_an_hour_of_a_hundred_pounds_a_month():
    """1.5 hours x 2 % x 100.00 GBP a month = 3.00 GBP."""
    assert most_a_year(Credit(Decimal("0.02")), Fraction(120_000), 90.0) == 300


@given(
    st.lists(st.lists(st.integers(1, 5_000), max_size=4), min_size=12, max_size=12),
    SHARES,
    SHARES,
    st.integers(0, 600),
    st.integers(0, 10**7),
)
def test_a_year_of_outages_never_gives_back_more_than_the_bound(months, share, cap, free, annual):
    """What rule F10 gives for twelve months of outages, taken literally, against the bound on their minutes together."""
    month = Fraction(annual, 12)
    given_back = sum(
        min(Fraction(cap), sum(Fraction(max(0, m - free), 60) * Fraction(share) for m in outages)) * month
        for outages in months
    )
    minutes = sum(map(sum, months))
    assert given_back <= most_a_year(Credit(share, cap, free), Fraction(annual), float(minutes))


def test_the_table_is_read_and_changes_the_digest_of_a_tariff_only_where_it_stands(tmp_path: Path):
    plain, _ = read_tariff(write(tmp_path, GOOD))
    more, _ = read_tariff(write(tmp_path, GOOD + "\n[credit]\nshare_per_hour = 0.02\nfree_minutes = 240\n"))
    assert (plain.credit, more.credit) == (None, Credit(Decimal("0.02"), Decimal(1), 240))
    assert "credit" not in plain.as_json()
    assert plain.as_json() != more.as_json()


def test_every_fault_of_the_table_is_named_with_its_line(tmp_path: Path):
    with pytest.raises(BadInput) as caught:
        read_tariff(write(tmp_path, GOOD + "\n[credit]\ncap_share = 40\nfree_minutes = -1\nminutes = 3\n"))
    lines = [line for line, _, _ in faults(caught)]
    assert {column for _, column, _ in faults(caught)} == {"cap_share", "free_minutes", "minutes", "share_per_hour"}
    assert min(lines) > 15
