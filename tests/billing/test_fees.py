"""Contributor fees: worked examples with their sources, and the axioms of the methods in exact fractions before rounding."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.days import overlap
from billing.fact_rows import Accepted, Cost, Outage, Owner
from billing.facts import NO_FACTS, Facts, facts_from_json
from billing.fees.costs import annuity, cost_in
from billing.fees.methods import fees_of
from billing.fees.policy import FeePolicy
from billing.settlement import charge_lines, settle
from tests.billing.builders import day, fibre, line_of, tariff
from topology.model import Network
from topology.problems import BadInput

YEAR = day("2027-01-01"), day("2028-01-01")
METHODS = ("rate", "pool", "revenue_share")


def policy(method: str, **more: object) -> FeePolicy:
    """A policy of a method, with a rate where it has one."""
    return FeePolicy(method, **({"rate": Decimal("0.3")} if method == "rate" else {}), **more)  # type: ignore[arg-type]


def exact_by(
    network: Network, circuits, rules: FeePolicy, pot: int, facts: Facts = NO_FACTS, period=YEAR
) -> dict[str, Fraction]:
    """Contributor -> fees before rounding."""
    lines = charge_lines(network, circuits, tariff(), rules, *period, facts)
    found: dict[str, Fraction] = defaultdict(Fraction)
    fees = fees_of(network, circuits, tariff(), rules, lines, pot, *period, facts)
    for claim in fees.claims:
        found[claim.contributor] += fees.exact[claim.key]
    return dict(found)


CIRCUITS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(0, 11), st.integers(1, 12)), min_size=1, max_size=5
).map(
    lambda rows: [
        fibre(
            f"c{n}",
            "+".join(f"s{i}" for i in range(min(a, b), max(a, b) + 1)),
            f"2027-{start + 1:02}-01",
            f"{2027 + (start + months) // 12}-{(start + months) % 12 + 1:02}-01",
        )
        for n, (a, b, start, months) in enumerate(rows)
    ]
)
LENGTHS = st.lists(st.integers(100, 20_000), min_size=4, max_size=4)
POTS = st.integers(0, 10**7)


@given(LENGTHS, CIRCUITS, POTS)
@pytest.mark.parametrize("method", ["pool", "revenue_share"])
def test_efficiency_the_pot_is_shared_to_the_last_fraction(method, lengths, circuits, pot):
    paid = exact_by(line_of(*lengths), circuits, policy(method), pot)
    assert sum(paid.values()) == pot


@given(LENGTHS, CIRCUITS, POTS)
@pytest.mark.parametrize("method", METHODS)
def test_a_contributor_nobody_uses_is_paid_nothing(method, lengths, circuits, pot):
    network = line_of(*lengths, 5000, owners="ABCDZ")
    assert "Z" not in exact_by(network, circuits, policy(method), pot)


@given(LENGTHS, CIRCUITS, POTS)
@pytest.mark.parametrize("method", METHODS)
def test_equals_are_paid_alike_whoever_they_are(method, lengths, circuits, pot):
    """Renaming contributors renames their fees."""
    one = exact_by(line_of(*lengths, owners="ABCD"), circuits, policy(method), pot)
    other = exact_by(line_of(*lengths, owners="DCBA"), circuits, policy(method), pot)
    names = dict(zip("ABCD", "DCBA", strict=True))
    assert {names[who]: paid for who, paid in one.items()} == other


@given(LENGTHS, CIRCUITS, POTS)
@pytest.mark.parametrize("method", METHODS)
def test_splitting_or_merging_members_changes_nobodys_fees(method, lengths, circuits, pot):
    apart = exact_by(line_of(*lengths, owners="ABCD"), circuits, policy(method), pot)
    merged = exact_by(line_of(*lengths, owners="AACD"), circuits, policy(method), pot)
    assert merged.get("A", 0) == apart.get("A", 0) + apart.get("B", 0)
    assert [merged.get(who, 0) for who in "CD"] == [apart.get(who, 0) for who in "CD"]


@given(LENGTHS, CIRCUITS, st.permutations(range(5)), POTS)
@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_circuits_changes_nothing(method, lengths, circuits, order, pot):
    shuffled = [circuits[i] for i in order if i < len(circuits)]
    network = line_of(*lengths)
    assert exact_by(network, circuits, policy(method), pot) == exact_by(network, shuffled, policy(method), pot)


@given(LENGTHS, CIRCUITS, POTS, st.integers(2, 9))
@pytest.mark.parametrize("method", ["pool", "revenue_share"])
def test_a_pot_so_many_times_as_large_pays_so_many_times_as_much(method, lengths, circuits, pot, times):
    network = line_of(*lengths)
    one = exact_by(network, circuits, policy(method), pot)
    many = exact_by(network, circuits, policy(method), pot * times)
    assert many == {who: paid * times for who, paid in one.items()}


@given(LENGTHS, CIRCUITS, st.integers(1, 4))
def test_more_use_is_never_paid_less_under_a_rate(lengths, circuits, span):
    network, rules = line_of(*lengths), policy("rate")
    less = exact_by(network, circuits, rules, 10**12)
    more = exact_by(network, [*circuits, fibre("more", f"s{span}", "2027-01-01")], rules, 10**12)
    assert all(more[who] >= paid for who, paid in less.items())


@given(LENGTHS, CIRCUITS, st.dates(date(2027, 1, 2), date(2027, 12, 31)))
def test_adjacent_periods_add_up_to_the_whole_under_a_rate(lengths, circuits, cut):
    network, rules = line_of(*lengths), policy("rate")
    parts = [exact_by(network, circuits, rules, 10**12, period=p) for p in ((YEAR[0], cut), (cut, YEAR[1]))]
    whole = exact_by(network, circuits, rules, 10**12)
    assert whole == {who: sum(part.get(who, Fraction(0)) for part in parts) for who in whole}


@given(LENGTHS, CIRCUITS, st.sampled_from(METHODS), st.decimals(0, 1, places=2), st.sampled_from(["note", "limit"]))
def test_every_penny_is_somewhere_and_within_a_penny_of_its_exact_share(lengths, circuits, method, kept, wash):
    rules = policy(method, margin_share=kept / 2, reserve_share=kept / 2, wash_trade=wash)
    network = line_of(*lengths)
    document = settle(network, circuits, tariff(), rules, *YEAR)
    assert document["balance_pence"] == 0
    assert document["unallocated_pence"] >= 0
    if wash == "limit":
        assert document["wash"] == []
    charges = charge_lines(network, circuits, tariff(), rules, *YEAR)
    pot = sum(c.amount_pence for c in charges) - document["margin_pence"] - document["reserve_pence"]
    fees = fees_of(network, circuits, tariff(), rules, charges, pot, *YEAR)
    if wash == "note":
        assert all(abs(fees.pence[key] - fees.exact[key]) < 1 for key in fees.exact)


def test_guifi_compensation_as_a_third_party_models_it():
    """github.com/arquimed/CNmanager, ethereum/test/Compensation.test.js: e = (5, 0, 10), c = (6, 6, 0) -> -2.5, -7.5, +10."""
    network = line_of(6000)
    circuits = [
        replace(fibre("c1", "s1", "2027-01-01"), member="both"),
        replace(fibre("c2", "s1", "2027-01-01"), member="user"),
    ]
    costs = tuple(
        Cost(f"k-{who}", who, "annual", Decimal(pounds), YEAR[0], validated_on=YEAR[0])
        for who, pounds in (("both", 5), ("investor", 10))
    )
    document = settle(network, circuits, tariff(), FeePolicy("cost_share"), *YEAR, Facts(costs=costs))
    net: dict[str, int] = defaultdict(int)
    for line in document["charges"]:
        net[line["member"]] -= line["amount_pence"]
    for line in document["fees"]:
        net[line["contributor"]] += line["amount_pence"]
    assert net == {"both": -250, "user": -750, "investor": 1000}
    assert (document["unallocated_pence"], document["balance_pence"]) == (0, 0)


def test_the_pot_by_pair_metre_days_as_in_the_worked_example():
    """research 1.4, row 13: 12.480 km x 2 x 31 d, 7.150 x 2 x 20, 3.005 x 4 x 31 of a pot of 1000.00: 540.19, 199.67, 260.14."""
    network = line_of(12_480, 7_150, 3_005)
    january = day("2027-01-01"), day("2027-02-01")
    circuits = [fibre(f"a{n}", "s1", "2027-01-01") for n in range(2)]
    circuits += [fibre(f"b{n}", "s2", "2027-01-01", "2027-01-21") for n in range(2)]
    circuits += [fibre(f"c{n}", "s3", "2027-01-01") for n in range(4)]
    fees = fees_of(network, circuits, tariff(), FeePolicy("pool"), (), 100_000, *january)
    paid: dict[str, int] = defaultdict(int)
    for claim in fees.claims:
        paid[claim.contributor] += fees.pence[claim.key]
    assert {who: round(float(v)) for who, v in exact_sums(fees).items()} == {"A": 54019, "B": 19967, "C": 26014}
    assert sum(paid.values()) == 100_000


def exact_sums(fees) -> dict[str, Fraction]:
    """Contributor -> exact fees."""
    found: dict[str, Fraction] = defaultdict(Fraction)
    for claim in fees.claims:
        found[claim.contributor] += fees.exact[claim.key]
    return found


def test_paying_by_use_is_proof_against_the_split_that_shapley_rewards():
    """research 1.2: 110.00 over 10 km and 1 km in series: 100.00 and 10.00, also when the short part is two members."""
    circuits = [fibre("c", "s1+s2", "2027-01-01")]
    whole = exact_by(line_of(10_000, 1_000), circuits, FeePolicy("pool"), 11_000)
    split = exact_by(line_of(10_000, 500, 500), [fibre("c", "s1+s2+s3", "2027-01-01")], FeePolicy("pool"), 11_000)
    assert (whole, split["A"]) == ({"A": 10_000, "B": 1_000}, 10_000)


def test_owners_share_a_span_by_the_shares_of_each_day():
    facts = Facts(
        owners=(
            Owner("s1", "P", Decimal("0.25"), YEAR[0], day("2027-07-01")),
            Owner("s1", "Q", Decimal("0.75"), YEAR[0], day("2027-07-01")),
        )
    )
    paid = exact_by(line_of(1000), [fibre("c", "s1", "2027-01-01")], FeePolicy(rate=Decimal(1)), 10**9, facts)
    assert sum(paid.values()) == 100_000
    assert (paid["P"] * 3, paid["A"]) == (paid["Q"], sum(paid.values()) - paid["P"] - paid["Q"])
    assert paid["P"] == Fraction(100_000, 4) / 2  # month-actual: half a year


def test_accepted_fibre_is_paid_for_up_to_its_cap_and_not_while_it_is_out():
    at = lambda text: __import__("datetime").datetime.fromisoformat(f"{text}+00:00")  # noqa: E731
    facts = Facts(
        accepted=(Accepted("s1", 10, YEAR[0], cap_pairs=4),),
        outages=(Outage("o", at("2027-03-01T10:00"), at("2027-03-02T09:00"), span="s1"),),
    )
    rules = FeePolicy(rate=Decimal(0), availability_rate=Decimal("0.1"))
    document = settle(line_of(1000), [fibre("c", "s1", "2027-01-01")], tariff(), rules, *YEAR, facts)
    (line,) = [row for row in document["fees"] if row["product"] == "availability"]
    assert line["amount_pence"] == round(4 * 1000 * 10 * Fraction(363, 365))
    assert "of 10 accepted" in line["text"]
    assert "2 days out of service" in line["text"]


def test_a_ceiling_holds_fees_to_validated_costs_and_shows_what_is_left():
    facts = Facts(costs=(Cost("k", "A", "annual", Decimal("12.34"), YEAR[0], validated_on=YEAR[0]),))
    rules = FeePolicy("pool", cost_ceiling=True)
    circuits = [fibre("c", "s1+s2", "2027-01-01")]
    document = settle(line_of(1000, 1000), circuits, tariff(), rules, *YEAR, facts)
    paid = {row["contributor"]: row["amount_pence"] for row in document["fees"]}
    assert paid == {"A": 1234, "B": 0}
    assert document["unallocated_pence"] == 200_000 - 1234
    assert [note.split(":")[0] for note in document["notes"]] == ["contributor A", "contributor B"]


def test_wash_trade_is_named_limited_or_refused():
    network, circuits = line_of(1000), [fibre("c", "s1", "2027-01-01")]
    cheap = tariff("0.1", prices=())
    bring = [fibre("d", "s1", "2027-01-01")]
    dear = FeePolicy("rate", rate=Decimal("0.15"))
    other = tariff("0.1")
    paid = {}
    for how in ("note", "limit"):
        document = settle(network, [*circuits, *bring], other, replace(dear, wash_trade=how), *YEAR)
        paid[how] = [row["amount_pence"] for row in document["fees"]]
        assert document["balance_pence"] == 0
    assert paid["limit"] == [10_000, 10_000]
    assert cheap == other
    short = replace(dear, rate=Decimal("0.05"))
    assert settle(network, circuits, other, replace(short, wash_trade="stop"), *YEAR)["wash"] == []


def test_a_policy_that_stops_at_wash_trade_names_every_circuit():
    network = line_of(1000, 9000)
    long_term = tariff("1")
    circuits = [fibre("near", "s1", "2027-01-01"), fibre("far", "s2", "2027-01-01")]
    greedy = FeePolicy("revenue_share", availability_rate=Decimal(0), wash_trade="stop")
    assert settle(network, circuits, long_term, greedy, *YEAR)["wash"] == []
    cross = replace(greedy, method="pool")
    straight = tariff("1", length_basis="straight")  # n0-n1-n2 lie 660 m apart: short charges, long spans
    with pytest.raises(BadInput) as caught:
        settle(network, circuits, straight, cross, *YEAR)
    assert [p.value for p in caught.value.problems] == ["far"]


@pytest.mark.parametrize(("rate", "years", "payment"), [("0.06", 10, "13586.80"), ("0", 4, "25000.00")])
def test_annuities_of_the_standard_tables(rate, years, payment):
    """research 1.4, row 15: 100,000 at 6 % over 10 years is paid back by 13,586.80 a year."""
    assert round(float(annuity(Fraction(100_000), Fraction(rate), years)[0]), 2) == float(payment)


def test_capital_recovery_of_the_standard_tables():
    """research 1.4, row 15: the factor of 10 % over 5 years is 0.26380."""
    assert round(float(annuity(Fraction(1), Fraction(1, 10), 5)[0]), 5) == 0.26380


@given(st.fractions(0, Fraction(1, 5)), st.fractions(Fraction(-1, 10), Fraction(1, 5)), st.integers(1, 12))
def test_a_tilted_annuity_is_worth_what_was_spent_whatever_the_tilt(rate, trend, years):
    """research 1.4, row 16."""
    payments = annuity(Fraction(1000), rate, years, trend)
    assert sum(p / (1 + rate) ** (t + 1) for t, p in enumerate(payments)) == 1000


@given(st.dates(date(2027, 1, 1), date(2030, 1, 1)), st.integers(1, 900), st.sampled_from(["annual", "capital"]))
def test_costs_of_adjacent_periods_add_up(start, length, kind):
    cost = Cost("k", "A", kind, Decimal(1000), day("2027-02-28"), day("2027-06-01"), years=3, rate=Decimal("0.05"))
    end = date.fromordinal(start.toordinal() + length)
    middle = date.fromordinal(start.toordinal() + length // 2)
    parts = sum(cost_in(cost, *p, "actual/365") for p in ((start, middle), (middle, end)) if overlap(*p, *p))
    assert parts == cost_in(cost, start, end, "actual/365")


def test_facts_keep_their_bytes_through_json():
    facts = Facts(
        owners=(Owner("s1", "P", Decimal("0.5"), YEAR[0]), Owner("s1", "Q", Decimal("0.5"), YEAR[0])),
        costs=(Cost("k", "A", "capital", Decimal("1e3"), YEAR[0], years=3, trend=Decimal("-0.02")),),
    )
    assert facts_from_json(facts.as_json()).digest == facts.digest


def test_rounding_never_lifts_a_circuits_fees_above_its_charge():
    """Two circuits of one penny, each over three spans: the two largest remainders by key both lie on the first."""
    network = line_of(1000, 1000, 1000, 1000, 1000, 1000)
    circuits = [fibre("c1", "s1+s2+s3", "2027-01-01"), fibre("c2", "s4+s5+s6", "2027-01-01")]
    rules = FeePolicy("rate", rate=Decimal(1), wash_trade="limit")
    document = settle(network, circuits, tariff("0.0000033"), rules, *YEAR)
    assert [line["amount_pence"] for line in document["charges"]] == [1, 1]
    assert (document["wash"], document["balance_pence"]) == ([], 0)
    assert sum(row["amount_pence"] for row in document["fees"] if row["circuit"] == "c1") == 1
