"""Runs against a second, naive implementation, to the penny, over random histories of circuits, prices, cuts and corrections."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.documents.document import SERIES, finalised
from billing.facts import NO_FACTS
from billing.fees.policy import FeePolicy
from billing.tariff import PARTS, Price, Tariff
from billing.tariff_file import read_tariff
from cni.bills.computing import Material, Pins, made_of
from cni.bills.posted import Standing, lines_standing
from cni.bills.values import tariff_from_json
from tests.billing.naive import Sums, settled
from tests.builders import network
from tests.cni.billed import Bills
from topology.model import Circuit, Network

NET = network("s1 A B 1.237 owner=one", "s2 B C 2.411 owner=two", "s3 C D 0.350 owner=one", "s4 A D 5.003 owner=three")
LEGS = ((("s1",),), (("s1", "s2"),), (("s1", "s2"), ("s4", "s3")), (("s3",),))
FROM = date(2026, 12, 1)
days = st.integers(0, 500).map(lambda n: FROM + timedelta(days=n))
pence = st.integers(0, 999_999).map(lambda n: Decimal(n) / 10_000)
shares = st.integers(0, 50).map(lambda n: Decimal(n) / 100)


@st.composite
def circuits(draw: st.DrawFn, name: str) -> Circuit:
    start = draw(days)
    end = draw(st.none() | st.integers(1, 1200).map(lambda n: start + timedelta(days=n)))
    term_end = draw(st.none() | st.integers(0, 900).map(lambda n: end + timedelta(days=n) if end else None))
    member = draw(st.sampled_from(("m1", "m2", "m3")))
    if draw(st.booleans()):
        return Circuit(name, member, start, end, draw(st.sampled_from(LEGS)), term_end=term_end)
    racks, watts = draw(st.integers(1, 5)), draw(st.integers(0, 3000))
    return Circuit(name, member, start, end, node="A", rack_units=racks, power_w=watts, term_end=term_end)


@st.composite
def tariffs(draw: st.DrawFn) -> Tariff:
    found = {}
    for product in ("fibre_pair_metre_year", "rack_unit_month", "kw_month"):
        found[product, date.min, 0] = Price(product, draw(pence))
        for _ in range(draw(st.integers(0, 2))):
            since, years = draw(days), draw(st.sampled_from((0, 1, 3)))
            found[product, since, years] = Price(product, draw(pence), since, years, draw(shares))
    if draw(st.booleans()):
        found["connection", date.min, 0] = Price("connection", draw(pence))
    day_count = draw(st.sampled_from(("month-actual", "actual/365", "actual/actual")))
    return Tariff(tuple(found.values()), minimum_m=draw(st.sampled_from((0, 2000))), day_count=day_count)


@st.composite
def versions(draw: st.DrawFn) -> list[tuple[Circuit, ...]]:
    """What was known of circuits at one time after another."""
    names = [f"c{n}" for n in range(draw(st.integers(1, 4)))]
    return [
        tuple(draw(circuits(name)) for name in names if draw(st.integers(0, 3))) for _ in range(draw(st.integers(1, 3)))
    ]


policies = st.builds(
    FeePolicy, rate=st.integers(0, 30).map(lambda n: Decimal(n) / 7_0), margin_share=shares, reserve_share=shares
)  # fmt: skip
cuts = st.lists(days, min_size=2, max_size=4, unique=True).map(sorted)


def said(standing: Standing) -> Sums:
    """What documents say together, by the naive one's keys."""
    sums = Sums()
    charged: dict[tuple[str, str, str], int] = defaultdict(int)
    paid: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in standing.lines.values():
        line = row.line
        if line.side == "charge":
            charged[line.party, line.subject, line.product] += row.pence
        else:
            span, _, circuit = line.subject.partition(" ")
            paid[line.party, span, circuit] += row.pence
    sums.charged, sums.paid = dict(charged), dict(paid)
    sums.margin, sums.reserve = standing.kept.get("margin", 0), standing.kept.get("reserve", 0)
    return sums


def some(values: dict[tuple[str, str, str], int]) -> dict[tuple[str, str, str], int]:
    return {key: pence for key, pence in values.items() if pence}


class Posted:
    """What stands for a period, run after run, without a database."""

    def __init__(self, start: date, end: date) -> None:
        self.pins = Pins(start, end, date(2031, 1, 1), 1, 1, 1, 1, 1, 0)
        self.bodies: list[dict[str, object]] = []
        self.kept: dict[str, int] = defaultdict(int)

    @property
    def standing(self) -> Standing:
        return Standing(lines_standing(self.bodies), dict(self.kept), len(self.bodies))

    def run(self, net: Network, held: Sequence[Circuit], tariff: Tariff, policy: FeePolicy) -> bool:
        """Run and post; whether there was anything."""
        made = made_of(self.pins, Material(net, tuple(held), tariff, policy, NO_FACTS, self.standing))
        for document in made.documents:
            number = f"{SERIES[document.kind]}-{len(self.bodies) + 1:06d}"
            self.bodies.append(finalised(document, number, self.pins.on, NO_FACTS).as_json(NO_FACTS))
        for name, pence in made.kept.items():
            self.kept[name] += pence
        return made.posts_anything


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(versions(), tariffs(), policies, cuts)
def test_what_stands_after_each_correction_is_what_the_naive_one_computes(
    history: list[tuple[Circuit, ...]], tariff: Tariff, policy: FeePolicy, edges: list[date]
) -> None:
    for start, end in itertools.pairwise(edges):
        posted = Posted(start, end)
        for held in history:
            posted.run(NET, held, tariff, policy)
            assert not posted.run(NET, held, tariff, policy), "a second run posts nothing"
            expected, found = settled(NET, held, tariff, policy, start, end), said(posted.standing)
            assert some(found.charged) == some(expected.charged)
            assert some(found.paid) == some(expected.paid)
            assert (found.margin, found.reserve) == (expected.margin, expected.reserve)
            left = sum(expected.charged.values()) - sum(expected.paid.values()) - expected.margin - expected.reserve
            assert posted.kept["unallocated"] == left


def test_a_tariff_with_every_table_comes_back_from_the_database_as_it_went_in(tmp_path: Path) -> None:
    file = tmp_path / "tariff.toml"
    file.write_text(
        'version = "t"\nvalid_from = 2027-01-01\nlength_basis = "straight"\nminimum_m = 9\nday_count = "actual/actual"\n'
        "[tax]\nrate = 0.175\n[credit]\nshare_per_hour = 0.01\nfree_minutes = 5\n"
        "[early_cease]\nshare = 0.5\nminimum_months = 12\n"
        '[index]\nseries = "CPI"\nreference = "2015"\nbase_month = "2026-01"\nfloor = -0.01\ncap = 0.05\n'
        '[tax_codes]\nearly_cease = "O"\n'
        '[[price]]\nproduct = "kw_month"\namount = 1.2345\nvalid_from = 2027-02-01\nterm_years = 3\ndiscount = 0.5\n'
        '[[price]]\nproduct = "fibre_pair_metre_year"\namount = 0\n'
    )
    tariff, _ = read_tariff(file)
    assert all(getattr(tariff, name) is not None for name in PARTS)
    same(tariff, tariff_from_json(tariff.as_json()))


@settings(max_examples=60, deadline=None)
@given(tariffs())
def test_a_tariff_comes_back_from_the_database_as_it_went_in(tariff: Tariff) -> None:
    same(tariff, tariff_from_json(tariff.as_json()))


def same(tariff: Tariff, again: Tariff) -> None:
    """Equal, whatever the order of their prices."""
    assert again.as_json() == tariff.as_json()
    assert replace(again, prices=()) == replace(tariff, prices=())
    assert sorted(again.prices, key=repr) == sorted(tariff.prices, key=repr)


@pytest.mark.parametrize("turn", range(3))
def test_the_database_says_what_the_naive_one_computes(bills: Bills, turn: int) -> None:
    """Circuits begin, end and move between runs of three odd periods."""
    from cni.bills import inputs
    from cni.bills.posted import standing
    from cni.store.engine import open_engine, reading
    from topology.files.circuits import read_circuits
    from topology.formats.exchange import read

    starts = ("2027-01-15", "2026-02-28", "2027-03-31")
    head = "id,member,start,end,legs,node,rack_units,power_kw\n"
    told = (
        head
        + f"x1,isp,{starts[turn]},,ab+bc,,,\nx2,other,2026-05-31,2029-05-31,da+cd|ab+bc,,,\nx3,isp,2027-02-01,,,A,3,1\n",
        head + f"x1,isp,{starts[turn]},2027-04-20,ab+bc,,,\nx2,isp,2026-05-31,2028-05-31,da+cd|ab+bc,,,\n",
    )
    edges = ("2027-01-01", "2027-02-11", "2027-05-03")
    net = read(Path("net"))[0]
    for text in told:
        bills.circuits(text)
        held = read_circuits(Path("circuits.csv"), net)[0]
        for start, end in itertools.pairwise(edges):
            bills.final(f"{start}/{end}")
            with reading(open_engine(bills.store.url)) as connection:
                tariff, policy = inputs.tariff_of(connection, 1), inputs.policy_of(connection, 1)
                first, last = date.fromisoformat(start), date.fromisoformat(end)
                found = said(standing(connection, first, last, 10_000))
            expected = settled(net, held, tariff, policy, first, last)
            assert some(found.charged) == some(expected.charged)
            assert some(found.paid) == some(expected.paid)
            assert (found.margin, found.reserve) == (expected.margin, expected.reserve)
    assert bills.well()
