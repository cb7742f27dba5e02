"""`cni bill preview`: fees of 0 are never silent, and each fee line can be read on the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cni.billed import Bills
from tests.cni.helpers import Cni

PREVIEW = ("bill", "preview", "net", "--circuits", "circuits.csv", "--tariff", "tariff.toml")
PERIOD = ("--period", "2027-01-01/2027-04-01")


@pytest.mark.parametrize("command", ["preview", "analysis"])
def test_without_a_fee_clause_the_zero_is_explained(cni: Cni, net: Path, command: str) -> None:
    words = ("bill", command, *PREVIEW[2:], *PERIOD)
    assert "no fee clause: --policy was not given" in cni(*words).err
    Path("empty.toml").write_text('version = "p0"\n')
    assert "no fee clause: empty.toml has no [fees]" in cni(*words, "--policy", "empty.toml").err
    assert "no fee clause" not in cni(*words, "--policy", "policy.toml").err


def test_a_run_without_a_fee_policy_says_so(bills: Bills) -> None:
    """The fixture's house has one; a house with a tariff alone has none."""
    assert "no fee policy" not in bills("bill", "preview", "--live", *PERIOD).err


def test_a_house_with_a_tariff_alone_is_told_why_there_are_no_fees(house: Cni) -> None:
    assert house("bill", "tariff", "import", "tariff.toml").code == 0
    for words in (("preview", "--live"), ("run",)):
        assert "cni bill policy import FILE" in house("bill", *words, *PERIOD).err


def test_each_fee_line_has_its_sum_in_words(cni: Cni, net: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """c1 lies on 4 spans; each is one line (test data). Without --lines only the sums are shown."""
    monkeypatch.setenv("COLUMNS", "160")
    words = (*PREVIEW, *PERIOD, "--policy", "policy.toml")
    plain, told = cni(*words), cni(*words, "--lines")
    assert "pair-metres of span" not in plain.out
    assert "--lines has every fee line" in plain.out
    assert told.out.count("pair-metres of span") == 4 == len(cni(*words, "--json").document["fees"])
    assert " ab " in told.out


def test_a_long_table_is_cut_and_says_how_much(cni: Cni, net: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    rows = "".join(f"x{n},isp,2025-01-01,,de,,,\n" for n in range(3)) + "".join(
        f"y{n},isp,202{n % 7}-0{n // 7 + 1}-01,202{n % 7}-0{n // 7 + 1}-05,de,,,\n" for n in range(49)
    )
    head = "id,member,start,end,legs,node,rack_units,power_kw\n"
    Path("circuits.csv").write_text(head + rows)
    words = (*PREVIEW, "--period", "2020-01-01/2027-04-01", "--policy", "policy.toml", "--lines")
    done = cni(*words)
    count = len(cni(*words, "--json").document["fees"])
    assert count > 40
    assert f"and {count - 40} more; --json has all" in done.out


def test_live_has_its_own_command_for_lines(bills: Bills) -> None:
    refused = bills("bill", "preview", "--live", *PERIOD, "--lines")
    assert (refused.code, "cni bill show" in refused.err) == (2, True)
