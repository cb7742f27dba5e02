"""`cni scenario build` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cni.schemas.published import json_schema
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
        ("--requests", "wishes.csv"),
        ("--budget", "1000", "--goal", "fame"),
        ("--budget", "1000", "--level", "joined"),
        ("--alternatives", "21"),
        ("--budget", "1000", "--alternatives", "2"),
        ("--weights", "weights.csv"),
        ("--circuits", "circuits.csv"),
        ("--budget", "-5"),
        ("--budget", "1000", "--curve", "1000"),
    ],
    ids=" ".join,
)
def test_what_a_budget_cannot_be_is_refused(build, words):
    done = build(*words)
    assert (done.code, done.out) == (2, "")
    assert (words[-2] if words[-2] != "--circuits" else "--goal") in done.err
    assert "Traceback" not in done.err


def test_what_two_options_have_wrong_is_said_at_once(build):
    done = build("--level", "joined", "--budget", "-5", "--goal", "fame")
    assert [option for option in ("--level", "--budget", "--goal") if option not in done.err] == []


def test_the_next_cheapest_builds_and_their_carbon_stand_beside(build, tmp_path):
    more = CANDIDATES.replace("carbon_kg,carbon_source", "construction").replace("30,a study", "trench")
    (tmp_path / "candidates.csv").write_text(
        more + "ce,C,E,council,12,5,950.00,duct\nce2,C,E,council,12,6,990.00,trench\n"
    )
    (tmp_path / "carbon.csv").write_text("construction,kg_per_m,source\ntrench,14.5,a study of 2023\nduct,0,the same\n")
    done = build("--alternatives", "3", "--carbon", "carbon.csv", "--json")
    assert list(faults(done.document, json_schema("cni.builds/1"))) == []
    costs = [done.document["cost_pence"], *(other["cost_pence"] for other in done.document["alternatives"])]
    assert costs == [95000, 99000]
    assert done.document["inputs"].keys() >= {"candidates", "carbon"}
    told = build("--alternatives", "3", "--carbon", "carbon.csv").out
    assert "next cheapest" in told
    assert "87000.000" in told
    assert done.document["alternatives"][0]["carbon"]["kg"] == "87000.000"  # 6 km at 14.5 kg a metre


def test_priority_places_weigh(build, tmp_path):
    (tmp_path / "weights.csv").write_text("node,weight,source\nB,3,an index of 2025\n")
    done = build("--budget", "1000", "--weights", "weights.csv", "--json")
    assert list(faults(done.document, json_schema("cni.builds/1"))) == []
    assert done.document["class"]["weight"] == done.document["class"]["size"] + 2
    assert "of weight" in build("--budget", "1000", "--weights", "weights.csv").out


def test_every_fault_of_every_file_is_named_at_once(build, tmp_path):
    (tmp_path / "weights.csv").write_text("node,weight,source\nX,3,s\nB,2000,s\n")
    (tmp_path / "carbon.csv").write_text("construction,kg_per_m,source\ntrench,-1,\n")
    (tmp_path / "candidates.csv").write_text(CANDIDATES.replace("900.00", "9.001"))
    done = build("--budget", "1", "--weights", "weights.csv", "--carbon", "carbon.csv")
    assert done.code == 2
    places = ("candidates.csv", "weights.csv", "carbon.csv", "kg_per_m", "source", "2000")
    assert [place for place in places if place not in done.err] == []


def test_requests_of_a_round_are_a_goal(build, tmp_path):
    (tmp_path / "wishes.csv").write_text("id,member,kind,a,b,pairs\nr1,m1,fibre,B,E,6\nr2,m2,fibre,A,B,1\n")
    done = build("--budget", "1000", "--goal", "requests", "--requests", "wishes.csv", "--json")
    assert (done.code, list(faults(done.document, json_schema("cni.builds/1")))) == (0, [])
    assert done.document["requests"]["after"]["low"] == 2
    assert "newly possible" in build("--budget", "1000", "--goal", "requests", "--requests", "wishes.csv").out
