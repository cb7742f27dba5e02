"""Rounding and sharing out: no penny is lost or made."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.pence import half_up, pounds, share_out

weights = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.integers(0, 10**6), min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("amount", "whole"), [("5/2", 3), ("-5/2", -3), ("249/100", 2), ("1/2", 1), ("-1/2", -1), ("-1/3", 0), ("7", 7)]
)
def test_halves_go_away_from_zero(amount: str, whole: int) -> None:
    assert half_up(Fraction(amount)) == whole


@pytest.mark.parametrize(("total", "shares"), [(25, [7, 7, 4, 3, 3, 1]), (26, [8, 8, 5, 2, 2, 1])])
def test_largest_remainder_gives_the_published_alabama_example(total: int, shares: list[int]) -> None:
    # Largest remainder method, technical evaluation: one unit more, and two shares fall.
    seats = dict(zip("abcdef", [1500, 1500, 900, 500, 500, 200], strict=True))
    assert list(share_out(total, seats).values()) == shares


@pytest.mark.parametrize(
    ("total", "shares"), [(89, [27, 7, 16, 37, 2]), (90, [28, 7, 17, 37, 1]), (91, [28, 7, 17, 38, 1])]
)
def test_largest_remainder_gives_the_published_census_example(total: int, shares: list[int]) -> None:
    # FAPP, 10th edition, exercise 14.45.
    people = dict(zip("abcde", [5576330, 1387342, 3334241, 7512860, 310968], strict=True))
    assert list(share_out(total, people).values()) == shares


def test_pot_shared_by_pair_metre_days_as_in_the_worked_example() -> None:
    # 1000.00 GBP over 12.480 km x 2 x 31 days, 7.150 x 2 x 20, 3.005 x 4 x 31.
    use = {"a": 12_480 * 2 * 31, "b": 7_150 * 2 * 20, "c": 3_005 * 4 * 31}
    assert share_out(100_000, use) == {"a": 54_019, "b": 19_967, "c": 26_014}


@given(st.integers(0, 10**9), weights)
def test_parts_add_up_and_each_is_floor_or_ceiling(total: int, shares: dict[str, int]) -> None:
    whole = sum(shares.values())
    if whole == 0:
        return
    parts = share_out(total, shares)
    assert sum(parts.values()) == total
    assert all(abs(parts[k] - Fraction(total * w, whole)) < 1 for k, w in shares.items())


@given(st.integers(0, 10**6), weights)
def test_order_of_rows_changes_nothing(total: int, shares: dict[str, int]) -> None:
    if sum(shares.values()):
        assert share_out(total, shares) == share_out(total, dict(reversed(shares.items())))


def test_nothing_to_share_by_is_refused() -> None:
    with pytest.raises(ValueError, match="no weight"):
        share_out(5, {"a": 0})
    assert share_out(0, {"a": 0}) == {"a": 0}


@pytest.mark.parametrize(("pence", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123_456_789, "1,234,567.89")])
def test_pence_as_pounds(pence: int, text: str) -> None:
    assert pounds(pence) == text
