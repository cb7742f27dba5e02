"""`cni compare` on files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cni.helpers import Cni


@pytest.fixture
def two(cni: Cni, net: Path) -> Cni:
    """The same round without and with a cap, as awards and packs."""
    Path("capped.toml").write_text('version = "p2"\n\n[cap]\nshare = 0.5\nfloor_pairs = 1\n')
    for name, policy in (("one", "policy.toml"), ("two", "capped.toml")):
        words = ("--policy", policy, "-o", f"{name}.json", "--pack", f"{name}-pack.json")
        assert cni("allocate", "net", "requests.csv", *words).code == 0
    return cni


def test_awards_are_compared_in_words_and_as_a_document(two: Cni) -> None:
    """r2 had 3 of the 3 pairs of each span on its way (12 - 4 - 2 strands); a cap of half leaves it 1."""
    done = two("compare", "one.json", "two.json")
    assert done.code == 0
    assert "1 group loses" in done.out
    assert "member_cap" in done.out
    assert "What differs in the inputs: policy." in done.out
    assert two("compare", "one.json", "two.json", "--json").document["lose"] == ["other"]


@pytest.mark.parametrize("width", ["50", "80", "120"])
def test_nothing_is_wider_than_the_window(two: Cni, width: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", width)
    done = two("compare", "one-pack.json", "two-pack.json")
    assert max(map(len, done.out.splitlines())) <= int(width)
    assert "cap.share" in done.out


def test_the_same_award_is_said_to_be_so(two: Cni) -> None:
    assert "the same, to the byte" in two("compare", "one.json", "one-pack.json").out


def test_what_is_no_award_is_refused(two: Cni) -> None:
    done = two("compare", "one.json", "net/network.toml")
    assert (done.code, done.out) == (2, "")
