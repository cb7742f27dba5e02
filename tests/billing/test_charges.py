"""Charges: each line can be added up by hand, slices add up to the whole, and the price does not know the member."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.charges import charges, straight_m
from billing.tariff import Price
from tests.billing.builders import day, fibre, line_of, tariff
from topology.model import Circuit, Node
from topology.problems import BadInput

NETWORK = line_of(1000, 500, 250)
QUARTER = (day("2027-01-01"), day("2027-04-01"))


def amounts(*circuits: Circuit, **more: object) -> list[int]:
    return [c.amount_pence for c in charges(NETWORK, circuits, tariff(**more), *QUARTER)]  # type: ignore[arg-type]


def test_one_leg_for_a_quarter_costs_a_quarter_of_metres_times_price() -> None:
    """1,500 m x 1 GBP x 3/12 = 375.00."""
    (line,) = charges(NETWORK, [fibre("c1", "s1+s2", "2020-01-01")], tariff(), *QUARTER)
    assert (line.amount_pence, line.days) == (37_500, 90)
    assert line.text == (
        "1,500 m over 1 leg x 1 GBP a year x 1/4 year (90 days, 2027-01-01 to 2027-03-31) = 375.00 GBP"
    )


def test_both_legs_of_a_diverse_circuit_are_billed() -> None:
    assert amounts(fibre("c1", "s1|s2+s3", "2020-01-01")) == [(1000 + 750) * 100 // 4]


def test_a_short_leg_is_billed_as_the_minimum() -> None:
    assert amounts(fibre("c1", "s3|s1", "2020-01-01"), minimum_m=400) == [(400 + 1000) * 100 // 4]


def test_only_the_days_held_are_billed() -> None:
    """The last 10 days of March: 10/31 of a twelfth of 1,000 GBP = 26.88."""
    assert amounts(fibre("c1", "s1", "2027-03-22")) == [2688]
    assert amounts(fibre("c1", "s1", "2020-01-01", "2027-01-01")) == []


def test_a_new_price_makes_two_lines() -> None:
    dearer = Price("fibre_pair_metre_year", Decimal(2), valid_from=day("2027-02-01"))
    lines = charges(NETWORK, [fibre("c1", "s1", "2020-01-01")], tariff(prices=(dearer,)), *QUARTER)
    assert [(c.days, c.amount_pence) for c in lines] == [(31, 8_333), (59, 33_333)]


def test_a_longer_term_gets_its_discount() -> None:
    three = Price("fibre_pair_metre_year", Decimal(1), term_years=3, discount=Decimal("0.1"))
    short = fibre("c1", "s1", "2027-01-01", "2029-12-31")
    assert amounts(short, prices=(three,)) == [25_000]
    assert amounts(replace(short, end=day("2030-01-01")), prices=(three,)) == [22_500]


def test_connection_is_charged_once_for_both_ends_on_the_first_day() -> None:
    once = Price("connection", Decimal("150.50"))
    assert amounts(fibre("c1", "s1", "2027-01-01"), prices=(once,)) == [30_100, 25_000]
    assert amounts(fibre("c1", "s1", "2026-12-31"), prices=(once,)) == [25_000]


def test_room_and_power_are_billed_by_the_month() -> None:
    room = Circuit("c1", "M", day("2020-01-01"), node="n0", rack_units=2, power_w=1500)
    prices = (Price("rack_unit_month", Decimal("12.50")), Price("kw_month", Decimal(80)))
    assert amounts(room, prices=prices) == [3 * 120_00, 3 * 25_00]


def test_a_product_without_a_price_is_bad_input_that_names_every_circuit() -> None:
    rooms = [Circuit(f"c{i}", "M", day("2020-01-01"), node="n0", rack_units=1) for i in (1, 2)]
    with pytest.raises(BadInput) as caught:
        charges(NETWORK, rooms, tariff(), *QUARTER)
    assert [p.code for p in caught.value.problems] == ["no_price", "no_price"]


def test_straight_line_is_the_great_circle() -> None:
    """One degree of latitude is 6371.0088 km x pi / 180 = 111,195 m."""
    a, b = Node("a", "", "pop", 53.0, -2.0), Node("b", "", "pop", 54.0, -2.0)
    assert straight_m(a, b) == 111_195


starts = st.dates(date(2024, 1, 1), date(2027, 6, 1))
cuts = st.lists(st.integers(1, 364), max_size=8, unique=True)


@given(
    starts,
    st.integers(1, 2000),
    cuts,
    st.sampled_from(["month-actual", "actual/365", "actual/actual"]),
    st.integers(1, 99_999),
)
def test_slices_add_up_to_the_whole_and_bill_every_day_once(
    start: date, length: int, cut: list[int], count: str, price: int
) -> None:
    circuit = Circuit("c1", "M", start, start + timedelta(days=length), legs=(("s1",),))
    first = day("2027-01-01")
    edges = [first, *(first + timedelta(days=d) for d in sorted(cut)), day("2028-01-01")]
    prices = tariff(str(Decimal(price) / 1000), day_count=count)
    whole = charges(NETWORK, [circuit], prices, edges[0], edges[-1])
    parts = [c for a, b in itertools.pairwise(edges) for c in charges(NETWORK, [circuit], prices, a, b)]
    assert sum(c.amount_pence for c in parts) == sum(c.amount_pence for c in whole)
    assert all(a.last == b.first for a, b in itertools.pairwise(parts))
    held = [d for d in (first + timedelta(days=i) for i in range(365)) if circuit.holds_on(d)]
    assert sum(c.days for c in parts) == len(held)


@given(st.permutations(["A", "B", "C"]))
def test_who_asks_does_not_matter(names: list[str]) -> None:
    legs = ["s1", "s2+s3", "s1|s2+s3"]
    circuits = [
        fibre(f"c{i}", leg, "2026-05-06", member=name) for i, (leg, name) in enumerate(zip(legs, names, strict=True))
    ]
    assert [
        c.amount_pence for c in sorted(charges(NETWORK, circuits, tariff(), *QUARTER), key=lambda c: c.circuit)
    ] == [
        25_000,
        18_750,
        43_750,
    ]
