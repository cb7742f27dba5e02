"""Index uplift, early ends and credits for outages: worked examples and what must always hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.charges import charges
from billing.credits import credit_lines
from billing.early_cease import early_cease_lines
from billing.fact_rows import CrossConnect, Level, Outage
from billing.facts import Facts
from billing.fees.policy import FeePolicy
from billing.indexing import indexed
from billing.settlement import settle
from billing.tariff import Credit, EarlyCease, Index, Price
from tests.billing.builders import day, fibre, line_of, tariff
from topology.problems import BadInput

NETWORK = line_of(1000, 2000)
QUARTER = day("2027-04-01"), day("2027-07-01")
INDEX = Index("CPI", "2015", day("2026-01-01"), review_month=4, lag_months=3, places=2)


def levels(**of: str) -> Facts:
    """Facts with the levels of months: `m2026_01="130.4"`."""
    made = []
    for name, level in of.items():
        year, month = map(int, name[1:].split("_"))
        made.append(Level("CPI", "2015", date(year, month, 1), Decimal(level), date(year, month, 20)))
    return Facts(levels=tuple(made))


# -- index ----------------------------------------------------------------------------------------------------------------


def test_a_price_follows_the_index_as_in_the_worked_example():
    """research 2.4: 412.50 x 135.6/130.4 = 428.949... -> 428.95."""
    prices = tariff("412.50", index=INDEX)
    lifted = indexed(prices, levels(m2026_01="130.4", m2027_01="135.6"), day("2027-07-01"))
    assert lifted.price_on("fibre_pair_metre_year", day("2027-03-31"), 0).amount == Decimal("412.50")
    assert lifted.price_on("fibre_pair_metre_year", day("2027-04-01"), 0).amount == Decimal("428.95")


def test_a_line_tells_how_the_index_made_its_price():
    prices = tariff("1", index=INDEX)
    facts = levels(m2026_01="100", m2027_01="110")
    document = settle(NETWORK, [fibre("c", "s1", "2026-01-01")], prices, FeePolicy(), *QUARTER, facts)
    (line,) = document["charges"]
    assert line["amount_pence"] == 27_500
    assert "1.1 GBP a year (1 GBP of 0001-01-01 uplifted by CPI x 110/100)" in line["text"]


@pytest.mark.parametrize(("now", "price"), [("120", "1.05"), ("90", "1.01"), ("103", "1.03")])
def test_cap_and_floor_hold_each_years_change(now, price):
    prices = tariff("1", index=replace(INDEX, cap=Decimal("0.05"), floor=Decimal("0.01")))
    lifted = indexed(prices, levels(m2026_01="100", m2027_01=now), day("2027-07-01"))
    assert lifted.price_on("fibre_pair_metre_year", day("2027-04-01"), 0).amount == Decimal(price)


def test_each_year_is_compared_with_the_year_before():
    """Capped at 5 % in 2027, 2 % in 2028: 1.00 -> 1.05 -> 1.07 (1.071)."""
    prices = tariff("1", index=replace(INDEX, cap=Decimal("0.05")))
    facts = levels(m2026_01="100", m2027_01="110", m2028_01="112.2")
    lifted = indexed(prices, facts, day("2028-07-01"))
    amounts = [lifted.price_on("fibre_pair_metre_year", day(f"{year}-04-01"), 0).amount for year in (2027, 2028)]
    assert amounts == [Decimal("1.05"), Decimal("1.07")]


def test_a_new_entry_of_the_tariff_is_lifted_only_from_its_own_day():
    later = Price("fibre_pair_metre_year", Decimal(2), day("2027-10-01"))
    prices = tariff("1", index=INDEX, prices=(later,))
    facts = levels(m2026_01="100", m2027_01="110", m2028_01="121")
    lifted = indexed(prices, facts, day("2028-07-01"))
    days = ("2027-04-01", "2027-10-01", "2028-04-01")
    amounts = [lifted.price_on("fibre_pair_metre_year", day(d), 0).amount for d in days]
    assert amounts == [Decimal("1.1"), Decimal(2), Decimal("2.2")]


def test_an_entry_of_the_review_day_itself_is_not_lifted_that_day():
    new = Price("fibre_pair_metre_year", Decimal(2), day("2027-04-01"))
    facts = levels(m2026_01="100", m2027_01="110", m2028_01="121")
    lifted = indexed(tariff("1", index=INDEX, prices=(new,)), facts, day("2028-07-01"))
    amounts = [lifted.price_on("fibre_pair_metre_year", day(f"{year}-04-01"), 0).amount for year in (2027, 2028)]
    assert amounts == [2, Decimal("2.2")]


def test_a_missing_level_or_one_of_another_reference_is_bad_input():
    other = replace(levels(m2027_01="99").levels[0], reference="2020")
    facts = Facts(levels=(*levels(m2026_01="130.4").levels, other))
    with pytest.raises(BadInput) as caught:
        indexed(tariff("1", index=INDEX), facts, day("2027-07-01"))
    (problem,) = caught.value.problems
    assert (problem.code, problem.value) == ("no_level", "2027-01")
    assert "two references" in problem.hint
    assert indexed(tariff("1", index=INDEX), facts, day("2027-04-01")).prices  # no review yet


# -- early ends -----------------------------------------------------------------------------------------------------------


def test_half_of_what_was_left_is_due_on_an_early_end():
    """1000 m at 1.00 GBP, ended two years before its five are over: half of 2,000.00."""
    ended = replace(fibre("c", "s1", "2024-07-01", "2027-07-01"), term_end=day("2029-07-01"))
    rules = tariff("1", early_cease=EarlyCease(Decimal("0.5")))
    (line,) = early_cease_lines(NETWORK, [ended], rules, *QUARTER)
    assert (line.amount_pence, line.product) == (100_000, "early_cease")
    assert "2 year left x 1,000.00 GBP a year x 50 %" in line.text
    assert early_cease_lines(NETWORK, [ended], rules, day("2027-07-01"), day("2027-10-01")) == ()


def test_a_minimum_term_holds_also_without_an_agreed_end():
    rules = tariff("1", early_cease=EarlyCease(Decimal(1), minimum_months=12))
    short = fibre("c", "s1", "2026-12-01", "2027-06-01")
    (line,) = early_cease_lines(NETWORK, [short], rules, *QUARTER)
    assert line.amount_pence == 50_000
    assert early_cease_lines(NETWORK, [fibre("d", "s1", "2025-01-01", "2027-06-01")], rules, *QUARTER) == ()


def test_a_circuit_that_ends_with_its_term_owes_nothing_more():
    rules = tariff("1", early_cease=EarlyCease(Decimal("0.5"), minimum_months=12))
    on_time = replace(fibre("c", "s1", "2024-07-01", "2027-06-01"), term_end=day("2027-06-01"))
    assert early_cease_lines(NETWORK, [on_time, fibre("d", "s1", "2026-06-01", "2027-06-01")], rules, *QUARTER) == ()


def test_an_early_end_keeps_the_price_of_the_agreed_term():
    discount = Price("fibre_pair_metre_year", Decimal(1), term_years=5, discount=Decimal("0.2"))
    prices = tariff("1", prices=(discount,))
    ended = replace(fibre("c", "s1", "2024-07-01", "2027-06-01"), term_end=day("2029-07-01"))
    (line,) = charges(NETWORK, [ended], prices, day("2027-05-01"), day("2027-06-01"))
    assert "less 20 %" in line.text


# -- credits for outages --------------------------------------------------------------------------------------------------


UTC = timezone.utc  # noqa: UP017 -- reads as what it is
CREDIT = Credit(Decimal("0.02"), Decimal("0.4"), 240)


def outage(start: str, hours: float, circuit: str = "c", counts: bool = True) -> Outage:
    begin = datetime.fromisoformat(f"{start}+00:00")
    return Outage(f"o{start}", begin, begin + timedelta(hours=hours), circuit, counts=counts)


def test_hours_beyond_the_free_ones_give_back_their_share_of_the_month():
    """1000 m at 1.20 GBP: 100.00 GBP a month; 9 hours, 4 of them free, at 2 % an hour: 10.00 GBP."""
    (line,) = credit_lines(
        NETWORK,
        [fibre("c", "s1", "2026-01-01")],
        tariff("1.2", credit=CREDIT),
        [outage("2027-05-03T10:00", 9)],
        *QUARTER,
    )
    assert (line.amount_pence, line.first, line.last) == (-1000, day("2027-05-01"), day("2027-06-01"))
    assert "300 minutes beyond 240 free ones" in line.text


def test_a_month_gives_back_at_most_its_cap_and_what_does_not_count_nothing():
    held = [fibre("c", "s1", "2026-01-01")]
    prices = tariff("1.2", credit=CREDIT)
    (line,) = credit_lines(NETWORK, held, prices, [outage("2027-05-03T10:00", 300)], *QUARTER)
    assert line.amount_pence == -4000
    planned = [outage("2027-05-03T10:00", 300, counts=False), outage("2027-05-03T10:00", 9, circuit="other")]
    assert credit_lines(NETWORK, held, prices, planned, *QUARTER) == ()


def test_overlapping_outages_count_once_and_the_month_is_manchesters():
    """23:30 UTC on 30 April is half past midnight on 1 May in summer time."""
    prices = tariff("1.2", credit=replace(CREDIT, free_minutes=0))
    twice = [outage("2027-04-30T23:30", 2), outage("2027-05-01T00:30", 1)]
    (line,) = credit_lines(NETWORK, [fibre("c", "s1", "2026-01-01")], prices, twice, *QUARTER)
    assert (line.amount_pence, line.first) == (-400, day("2027-05-01"))


SPELLS = st.lists(st.tuples(st.integers(0, 24 * 90), st.floats(0.1, 200)), max_size=6)


@given(SPELLS, st.dates(date(2027, 4, 2), date(2027, 6, 30)), st.integers(0, 600), st.decimals(0, 1, places=2))
def test_a_period_cut_anywhere_gives_back_the_same(spells, cut, free, cap):
    start = datetime(2027, 4, 1, tzinfo=UTC)
    outages = [
        Outage(f"o{n}", start + timedelta(hours=at), start + timedelta(hours=at + hours), "c")
        for n, (at, hours) in enumerate(spells)
    ]
    prices = tariff("1.37", credit=Credit(Decimal("0.03"), cap, free))
    held = [fibre("c", "s1+s2", "2026-01-01")]

    def given_back(first: date, last: date) -> int:
        return sum(line.amount_pence for line in credit_lines(NETWORK, held, prices, outages, first, last))

    assert given_back(QUARTER[0], cut) + given_back(cut, QUARTER[1]) == given_back(*QUARTER)


@given(SPELLS)
def test_a_settlement_with_credits_balances(spells):
    start = datetime(2027, 4, 1, tzinfo=UTC)
    outages = tuple(
        Outage(f"o{n}", start + timedelta(hours=at), start + timedelta(hours=at + hours), "c")
        for n, (at, hours) in enumerate(spells)
    )
    rules = FeePolicy("pool", margin_share=Decimal("0.1"))
    prices = tariff("1", credit=Credit(Decimal("0.5"), Decimal(1)))
    made = settle(NETWORK, [fibre("c", "s1", "2026-01-01")], prices, rules, *QUARTER, Facts(outages=outages))
    assert made["balance_pence"] == 0
    assert all(row["amount_pence"] >= 0 for row in made["fees"])


# -- cross-connects -------------------------------------------------------------------------------------------------------


def test_cross_connects_are_charged_once_on_the_day_they_are_made():
    made = (
        CrossConnect("x1", "M", "n1", day("2027-04-01"), 3, "c"),
        CrossConnect("x2", "M", "n1", day("2027-07-01")),
    )
    prices = tariff("1", prices=(Price("cross_connect", Decimal(120), discount=Decimal("0.1")),))
    document = settle(NETWORK, [], prices, FeePolicy(), *QUARTER, Facts(cross_connects=made))
    (line,) = document["charges"]
    assert (line["amount_pence"], line["circuit"], line["product"]) == (32_400, "c", "cross_connect")
    assert line["text"] == "3 cross-connects at n1 on 2027-04-01 x 120 GBP less 10 % = 324.00 GBP"
    twice = (*made, CrossConnect("x3", "M", "n2", day("2027-04-01"), 1, "c"))
    (line,) = settle(NETWORK, [], prices, FeePolicy(), *QUARTER, Facts(cross_connects=twice))["charges"]
    assert line["text"].startswith("4 cross-connects 3 at n1, 1 at n2 on 2027-04-01")
    with pytest.raises(BadInput, match="x1"):
        settle(NETWORK, [], tariff("1"), FeePolicy(), *QUARTER, Facts(cross_connects=made))
