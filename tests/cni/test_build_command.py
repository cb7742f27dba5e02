"""`cni scenario build` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cni.schemas import json_schema
from tests.cni.helpers import Cni
from tests.cni.test_schemas import faults

CANDIDATES = (
    "id,start,end,owner,fibre_count,length_km,cost,carbon_kg,carbon_source\nbe,B,E,council,12,5,900.00,30,a study\n"
)


@pytest.fixture
def build(cni: Cni, net: Path, tmp_path: Path):
    """The command on the ring of the tests, with a candidate from B to the end of the spur."""
    (tmp_path / "candidates.csv").write_text(CANDIDATES)
    return lambda *words: cni("scenario", "build", net, "--candidates", "candidates.csv", *words)


def test_what_a_budget_builds_keeps_to_its_schema_and_is_told_in_words(build):
    done = build("--budget", "1000", "--curve", "2", "--json")
    assert (done.code, list(faults(done.document, json_schema("cni.builds/1")))) == (0, [])
    assert done.document["chosen"] == ["be"]
    # the duct cuts C off whatever is built
    assert [p["class_size"] for p in done.document["curve"]] == [2, 3]
    told = build("--budget", "1000", "--goal", "pairs", "--curve", "2").out
    assert "The best for 1,000.00 GBP" in told
    assert "30.000 kg CO2e" in told


@pytest.mark.parametrize(
    "words",
    [
        ("--goal", "class"),
        ("--curve", "3"),
        ("--budget", "1000", "--goal", "requests"),
        ("--budget", "1000", "--goal", "fame"),
        ("--budget", "1000", "--level", "disjoint"),
        ("--budget", "-5"),
        ("--budget", "1000", "--curve", "1000"),
    ],
    ids=" ".join,
)
def test_what_a_budget_cannot_be_is_refused(build, words):
    done = build(*words)
    assert (done.code, done.out) == (2, "")
    assert words[-2] in done.err
