"""`cni allocate --explain` and `cni round explain`: one view, in words and on a map."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.cni.helpers import Cni

WORDS = ("allocate", "net", "requests.csv", "--circuits", "circuits.csv", "--policy", "policy.toml")


def test_one_request_is_told_instead_of_the_award(cni: Cni, net: Path) -> None:
    """12 - 4 - 2 strands leave 3 pairs of each span, a live circuit takes one of the ring, r1 another: r2 gets 1 or 2 of 5."""
    done = cni(*WORDS, "--explain", "r2")
    assert done.code == 0
    assert "other asked for 5 pairs from A to E, and got" in " ".join(done.out.split())
    assert "Where it binds" in done.out
    assert "held by" in done.out
    assert "Levels" not in done.out
    document = cni(*WORDS, "--explain", "r2", "--json").document
    assert (document["schema"], document["request"]) == ("cni.explain/1", "r2")


def test_both_commands_show_the_same(house: Cni) -> None:
    assert house("round", "close", "q1").code == 0
    assert house("round", "award", "q1").code == 0
    kept = house("round", "explain", "r2").out
    pure = house(*WORDS, "--explain", "r2").out
    assert kept == pure


@pytest.mark.parametrize("width", ["50", "80", "120"])
def test_nothing_is_wider_than_the_window(cni: Cni, net: Path, width: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", width)
    out = cni(*WORDS, "--explain", "r2").out
    assert max(map(len, out.splitlines())) <= int(width)
    assert out.isascii()


@pytest.mark.parametrize("file", ["why.svg", "why.html"])
def test_the_map_marks_what_binds(cni: Cni, net: Path, file: str) -> None:
    done = cni(*WORDS, "--explain", "r2", "--map", file)
    assert done.code == 0
    drawn = Path(file).read_text()
    assert "span that binds (numbered)" in drawn
    assert "an end of the request" in drawn
    assert "://" not in drawn.replace("http://www.w3.org/2000/svg", "")
    if file.endswith("svg"):
        ET.fromstring(drawn)


def test_the_map_of_a_full_grant_shows_its_routes(cni: Cni, net: Path) -> None:
    assert cni(*WORDS, "--explain", "r1", "--map", "r1.svg").code == 0
    drawn = Path("r1.svg").read_text()
    assert "a route that was granted" in drawn
    assert "binds" not in drawn


@pytest.mark.parametrize(
    "words",
    [
        ("--explain", "nobody"),
        ("--map", "x.svg"),
        ("--explain", "r2", "--map", "x.pdf"),
        ("--explain", "r2", "--map", "no/such/x.svg"),
    ],
)
def test_what_cannot_be_told_or_drawn_is_refused_before_the_work(cni: Cni, net: Path, words: tuple[str, ...]) -> None:
    done = cni(*WORDS, *words)
    assert (done.code, done.out) == (2, "")


def test_a_pack_alone_tells_why(cni: Cni, net: Path) -> None:
    """Without a database: `round explain --pack` says what `allocate --explain` says, and names an id that is near."""
    assert cni(*WORDS, "--pack", "pack.json").code == 0
    assert cni("round", "explain", "r2", "--pack", "pack.json").out == cni(*WORDS, "--explain", "r2").out
    missed = cni("round", "explain", "r22", "--pack", "pack.json")
    assert (missed.code, "Maybe r2 is meant." in missed.err) == (2, True)
    assert cni("round", "explain", "r2", "--pack", "pack.json", "--round", "q1").code == 2


def test_what_a_pack_holds_as_files_decides_the_same(cni: Cni, net: Path) -> None:
    """Network, circuits, requests and policy written from a pack give an award of the same digest."""
    first = cni(*WORDS, "--json", "--pack", "pack.json").document
    assert cni("award", "inputs", "pack.json", "-o", "opened").code == 0
    files = ("opened/network", "opened/requests.csv", "--circuits", "opened/circuits.csv")
    again = cni("allocate", *files, "--policy", "opened/policy.toml", "--json").document
    assert again["digest"] == first["digest"]
    assert cni("award", "inputs", "pack.json", "-o", "opened").code == 2
