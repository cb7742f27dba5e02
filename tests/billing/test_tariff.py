"""Tariff and fee files: read exactly, every fault named with its line, nothing ignored."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from billing.fees.policy import read_fee_policy
from billing.tariff_file import read_tariff
from topology.problems import BadInput

GOOD = """version = "t1"
valid_from = 2027-01-01
length_basis = "straight"
minimum_m = 500
day_count = "actual/365 fixed"

[[price]]
product = "fibre_pair_metre_year"
amount = 0.1
valid_from = 2027-01-01

[[price]]
product = "connection"
amount = "250.00"
"""


def faults(caught: pytest.ExceptionInfo[BadInput]) -> list[tuple[int, str, str]]:
    return [(p.line, p.column, p.code) for p in caught.value.problems]


def write(folder: Path, text: str) -> Path:
    path = folder / "tariff.toml"
    path.write_text(text)
    return path


def test_amounts_are_exact_decimals(tmp_path: Path) -> None:
    tariff, remarks = read_tariff(write(tmp_path, GOOD))
    assert [p.amount for p in tariff.prices] == [Decimal("0.1"), Decimal("250.00")]
    assert (tariff.day_count, tariff.minimum_m, tariff.length_basis, remarks) == ("actual/365", 500, "straight", ())


def test_all_faults_are_listed_with_their_lines(tmp_path: Path) -> None:
    bad = (
        GOOD.replace("0.1", "-0.1").replace("straight", "crow").replace("250.00", "1e9").replace("minimum_m", "minimum")
    )
    with pytest.raises(BadInput) as caught:
        read_tariff(write(tmp_path, bad))
    assert faults(caught) == [
        (3, "length_basis", "bad_value"),
        (4, "minimum", "unknown_key"),
        (7, "amount", "bad_value"),
        (12, "amount", "bad_value"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_file"),
        ("version = ", "syntax"),
        ('version = "x"\n', "missing_value"),
        ("price = 3\n", "missing_value"),
        ('[[price]]\nproduct = "connection"\n', "missing_value"),
        ('[[price]]\nproduct = "tea"\namount = 1\n', "bad_value"),
        ('[[price]]\nproduct = "connection"\namount = nan\n', "bad_value"),
        ('[[price]]\nproduct = "connection"\namount = [1]\n', "bad_value"),
        ('[[price]]\nproduct = "connection"\namount = 1\ndiscount = 1.5\n', "bad_value"),
        ('[[price]]\nproduct = "connection"\namount = 1\n' * 2, "duplicate_price"),
        ('tax = 3\n[[price]]\nproduct = "connection"\namount = 1\n', "bad_value"),
    ],
)
def test_a_tariff_that_cannot_be_used_is_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_tariff(write(tmp_path, text))
    assert code in {p.code for p in caught.value.problems}


def test_a_missing_tariff_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        read_tariff(tmp_path / "no.toml")
    assert faults(caught) == [(0, "", "missing_file")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[fees]\nmethod = "pool"\nrate = 0.1\n', "bad_value"),
        ('[fees]\nmethod = "cost_share"\ncost_ceiling = true\n', "bad_value"),
        ('[fees]\nwash_trade = "look away"\n', "bad_value"),
        ('[fees]\nmethod = "luck"\n', "bad_value"),
        ("[fees]\nrate = -1\n", "bad_value"),
        ("[fees]\ntip = 1\n", "unknown_key"),
        ("[fees]\nmargin_share = 0.6\nreserve_share = 0.5\n", "bad_value"),
        ("fees = 1\n", "bad_value"),
    ],
)
def test_fees_that_cannot_be_used_are_refused(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        read_fee_policy(path)
    assert [p.code for p in caught.value.problems] == [code]


def test_without_fees_nothing_is_paid_or_kept(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('version = "1"\n[cap]\nshare = 0.5\n')
    assert read_fee_policy(path) == read_fee_policy(None)
