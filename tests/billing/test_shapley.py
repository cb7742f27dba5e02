"""Shapley values and the airport rule against published examples (research 1.4), and sampling against the exact value."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.analysis.contribution import contribution
from billing.analysis.shapley import airport, sampled, shapley
from billing.charges import charges
from tests.billing.builders import day, fibre, line_of, tariff
from topology.model import Network


def game(players: str, **worth: float):
    """A value function from coalitions as words of sorted letters; others are worth nothing."""
    return lambda s: Fraction(str(worth.get("".join(sorted(s)), 0)))


@pytest.mark.parametrize(
    ("costs", "shares"),
    [
        ((8, 11, 13, 18), (2, 3, 4, 9)),  # Littlechild and Owen, encyclopedia example
        ((1500, 2200, 3000), (500, 850, 1650)),  # thoughtfulexaminations.com
        ((1500, 2200, 3500), (500, 850, 2150)),
    ],
)
def test_airport_games(costs, shares):
    names = "abcd"[: len(costs)]
    found = airport(dict(zip(names, map(Fraction, costs), strict=True)))
    assert tuple(found.values()) == shares
    dearest = dict(zip(names, costs, strict=True))
    exact = shapley(names, lambda s: Fraction(max((dearest[n] for n in s), default=0)))
    assert tuple(exact.values()) == shares


@pytest.mark.parametrize(
    ("worth", "values"),
    [
        ((6, 12, 42, 12, 42, 42, 42), (2, 5, 35)),  # Sage manual
        ((68, 102, 0, 170, 710, 762, 992), (229, 272, 491)),  # R coopProductGame
        ((46125, 17437.5, 5812.5, 69187.5, 53812.5, 30750, 90000), (51750, 25875, 12375)),  # R GameTheory
    ],
)
def test_published_three_player_games(worth, values):
    words = ("a", "b", "c", "ab", "ac", "bc", "abc")
    assert tuple(shapley("abc", game("abc", **dict(zip(words, worth, strict=True)))).values()) == values


def test_the_inheritance_of_ibn_ezra():
    """Aumann 2010: claims 120, 60, 40, 30, a coalition is worth its largest."""
    claims = {"a": 120, "b": 60, "c": 40, "d": 30}
    found = shapley("abcd", lambda s: Fraction(max((claims[n] for n in s), default=0)))
    assert [round(float(v), 4) for v in found.values()] == [80.8333, 20.8333, 10.8333, 7.5]


def test_a_needed_part_with_two_substitutes():
    found = shapley("ABC", lambda s: Fraction(120 if "A" in s and len(s) > 1 else 0))
    assert tuple(found.values()) == (80, 20, 20)


@settings(max_examples=30)
@given(st.lists(st.integers(0, 100), min_size=8, max_size=8), st.integers(0, 99))
def test_exact_values_add_up_and_samples_lie_near(worth, seed):
    value = lambda s: Fraction(worth[sum(1 << "abc".index(n) for n in s)]) if s else Fraction(0)  # noqa: E731
    exact = shapley("abc", value)
    assert sum(exact.values()) == value(frozenset("abc"))
    found = sampled("abc", value, 400, str(seed))
    for name, estimate in found.items():
        assert abs(estimate.mean - float(exact[name])) <= 6 * estimate.error + 1e-9


def test_thirteen_players_are_not_asked_exactly():
    with pytest.raises(ValueError, match="sampled"):
        shapley("abcdefghijklm", lambda s: Fraction(0))


def test_what_each_contributor_adds_to_a_spine():
    """Two ways from n0 to n1: A's and B's substitute each other; C's way on is needed by the circuit that goes on."""
    base = line_of(1000, 1000, owners="AC")
    beside = base.spans["s1"].__class__("s9", "n0", "n1", "B", 48, 1000)
    net = Network.build(base.nodes.values(), [*base.spans.values(), beside])
    circuits = [
        fibre("short", "s1", "2027-01-01"),
        fibre("long", "s1+s2", "2027-01-01"),
        fibre("both", "s1|s9", "2027-01-01"),
    ]
    lines = charges(net, circuits, tariff("0.12"), day("2027-01-01"), day("2028-01-01"))
    found = contribution(net, circuits, lines, "seed")
    brought = {line.circuit: line.amount_pence for line in lines}
    values = {row["contributor"]: row["pence"] for row in found["contributors"]}
    assert found["exact"]
    assert sum(values.values()) == pytest.approx(sum(brought.values()))
    # short: A and B substitutes, half each; long: C needed with A or B: 4/6, 1/6, 1/6; both: A and B needed
    each = brought["short"] / 2 + brought["long"] / 6 + brought["both"] / 2
    assert values["A"] == values["B"] == pytest.approx(each)
    assert values["C"] == pytest.approx(brought["long"] * 4 / 6)
