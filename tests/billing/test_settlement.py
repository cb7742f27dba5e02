"""The settlement balances to the penny whatever the circuits, shares and rates."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.fees.policy import FeePolicy
from billing.settlement import balance, settle
from tests.billing.builders import day, fibre, line_of, tariff
from topology.canonical import canonical_bytes
from topology.model import Circuit
from topology.problems import BadInput

NETWORK = line_of(1000, 500, 250)
QUARTER = (day("2027-01-01"), day("2027-04-01"))


def test_each_contributor_is_paid_for_the_use_of_its_spans() -> None:
    """c1 uses s1 and s2, c2 uses s2: at 0.40 a pair-metre-year a quarter pays A 100.00 and B 2 x 50.00."""
    circuits = [fibre("c1", "s1+s2", "2020-01-01"), fibre("c2", "s2", "2020-01-01")]
    made = settle(NETWORK, circuits, tariff(), FeePolicy(rate=Decimal("0.4")), *QUARTER)
    assert [
        (f["contributor"], f["span"], f["circuit"], f["pair_metre_days"], f["amount_pence"]) for f in made["fees"]
    ] == [
        ("A", "s1", "c1", 90_000, 10_000),
        ("B", "s2", "c1", 45_000, 5_000),
        ("B", "s2", "c2", 45_000, 5_000),
    ]
    assert made["fees"][0]["text"] == (
        "1,000 pair-metres of span s1 x 0.4 GBP a year x 1/4 year (90 days, 2027-01-01 to 2027-03-31) = 100.00 GBP"
    )
    assert (made["unallocated_pence"], made["balance_pence"]) == (50_000 - 20_000, 0)
    assert made["tax"] == [{"rate": "0.2", "net_pence": 50_000, "tax_pence": 10_000}]


def test_margin_and_reserve_come_first() -> None:
    shares = FeePolicy(rate=Decimal("0.1"), margin_share=Decimal("0.05"), reserve_share=Decimal("0.025"))
    made = settle(NETWORK, [fibre("c1", "s1", "2020-01-01")], tariff(), shares, *QUARTER)
    assert (made["margin_pence"], made["reserve_pence"], made["unallocated_pence"]) == (1250, 625, 25_000 - 1875 - 2500)


def test_claims_are_scaled_alike_when_the_pot_is_short_and_the_text_says_so() -> None:
    """Claims are 3 times the charges; with a tenth kept as margin each claim is paid 0.3 of itself."""
    greedy = FeePolicy(rate=Decimal(3), margin_share=Decimal("0.1"))
    made = settle(NETWORK, [fibre("c1", "s1+s2+s3", "2020-01-01")], tariff(), greedy, *QUARTER)
    assert [f["amount_pence"] for f in made["fees"]] == [22_500, 11_250, 5_625]
    assert "each claim is paid 30.0000 %" in made["scaling"]
    assert all("scaled to the pot" in f["text"] for f in made["fees"])
    assert made["unallocated_pence"] == 0


def test_fees_above_a_circuits_charge_are_pointed_at() -> None:
    dear = FeePolicy(rate=Decimal("1.5"))
    circuits = [fibre("c1", "s1", "2020-01-01"), Circuit("c2", "M", day("2020-01-01"), legs=(("s2",),))]
    cheap = tariff("1", minimum_m=1000)
    made = settle(NETWORK, circuits, cheap, dear, *QUARTER)
    assert [n.split(":")[0] for n in made["notes"]] == ["circuit c1"]


def test_the_same_settlement_in_any_order_of_circuits() -> None:
    circuits = [fibre("c1", "s1+s2", "2020-01-01"), fibre("c2", "s2", "2020-01-01"), fibre("c3", "s3|s2", "2027-02-03")]
    fees = FeePolicy(rate=Decimal("0.37"))
    one = settle(NETWORK, circuits, tariff("0.77"), fees, *QUARTER)
    other = settle(NETWORK, circuits[::-1], tariff("0.77"), fees, *QUARTER)
    assert canonical_bytes(one) == canonical_bytes(other)


def test_no_circuits_settle_to_nothing() -> None:
    made = settle(NETWORK, [], tariff(), FeePolicy(rate=Decimal(1)), *QUARTER)
    assert (made["charges"], made["fees"], made["unallocated_pence"], balance(made)) == ([], [], 0, 0)


@pytest.mark.parametrize("end", ["2027-01-01", "2026-12-31", "9999-12-31"])
def test_an_empty_or_unlikely_period_is_refused(end: str) -> None:
    with pytest.raises(BadInput):
        settle(NETWORK, [], tariff(), FeePolicy(), day("2027-01-01"), day(end))


def test_a_circuit_over_an_unknown_span_is_refused() -> None:
    with pytest.raises(BadInput, match="s9"):
        settle(NETWORK, [fibre("c1", "s9", "2020-01-01")], tariff(), FeePolicy(), *QUARTER)


shares = st.integers(0, 500).map(lambda n: Decimal(n) / 1000)
ways = st.sampled_from(["s1", "s2", "s3", "s1+s2", "s2+s3", "s1+s2+s3", "s1|s2+s3"])
held = st.lists(st.tuples(ways, st.integers(-900, 120), st.integers(1, 1500), st.sampled_from("XYZ")), max_size=8)


@given(held, shares, shares, st.integers(0, 5000), st.integers(0, 5000))
def test_every_penny_is_somewhere(
    rows: list[tuple[str, int, int, str]], margin: Decimal, reserve: Decimal, price: int, rate: int
) -> None:
    begin = QUARTER[0]
    circuits = [
        fibre(f"c{i}", legs, _plus(begin, start), _plus(begin, start + length), member)
        for i, (legs, start, length, member) in enumerate(rows)
    ]
    fees = FeePolicy(rate=Decimal(rate) / 1000, margin_share=margin, reserve_share=reserve)
    made = settle(NETWORK, circuits, tariff(str(Decimal(price) / 1000)), fees, *QUARTER)
    assert made["balance_pence"] == balance(made) == 0
    assert made["unallocated_pence"] >= 0
    assert all(f["amount_pence"] >= 0 for f in made["fees"])


@given(held, st.integers(1, 5000))
def test_each_fee_is_within_a_penny_of_its_exact_share(rows: list[tuple[str, int, int, str]], rate: int) -> None:
    """Actual/365 makes the exact claim easy to write down: metres x days / 365 x rate, capped years aside."""
    begin = QUARTER[0]
    circuits = [
        fibre(f"c{i}", legs, _plus(begin, start), _plus(begin, start + 200), member)
        for i, (legs, start, _, member) in enumerate(rows)
    ]
    fees = FeePolicy(rate=Decimal(rate) / 100_000)
    made = settle(NETWORK, circuits, tariff("1000", day_count="actual/365"), fees, *QUARTER)
    for line in made["fees"]:
        exact = Fraction(line["pair_metre_days"], 365) * Fraction(fees.rate) * 100
        assert abs(line["amount_pence"] - exact) < 1


def _plus(begin: date, days: int) -> str:
    return (begin + timedelta(days=days)).isoformat()
