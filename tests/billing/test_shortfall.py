"""Rules for a short pot: published divisions (research 1.4, rows 7 and 8), and what every such rule must keep."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.analysis.shortfall import RULES, talmud

CLAIMS = {"a": Fraction(100), "b": Fraction(200), "c": Fraction(300)}
THIRD = Fraction(100, 3)


@pytest.mark.parametrize(
    ("estate", "parts"), [(100, (THIRD, THIRD, THIRD)), (200, (50, 75, 75)), (300, (50, 100, 150))]
)
def test_the_estate_of_the_mishnah(estate, parts):
    """Aumann and Maschler 1985, after Ketubot 93a."""
    assert tuple(talmud(CLAIMS, Fraction(estate)).values()) == parts


def test_the_contested_garment():
    """One claims it all, one half of it: three quarters and a quarter."""
    found = talmud({"all": Fraction(1), "half": Fraction(1, 2)}, Fraction(1))
    assert found == {"all": Fraction(3, 4), "half": Fraction(1, 4)}


@given(st.dictionaries(st.sampled_from("abcdef"), st.fractions(0, 100), min_size=1), st.fractions(0, 700))
@pytest.mark.parametrize("rule", RULES)
def test_a_rule_pays_the_pot_and_nobody_more_than_the_claim(rule, claims, pot):
    found = RULES[rule](claims, pot)
    assert sum(found.values()) == min(pot, sum(claims.values()))
    assert all(0 <= found[name] <= claims[name] for name in claims)
    ordered = sorted(claims, key=lambda name: claims[name])
    assert [found[name] for name in ordered] == sorted(found.values())
