"""`cni scenario run` and `compare`: what they print, write and end with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cni.schemas.published import faults, json_schema
from tests.cni.helpers import Cni
from tests.scenarios.folders import scenario_in, spine_in

EVENT = '[event]\nrisk_groups = ["secret-duct"]\n[ask]\nsweep = 2\n'
BUILD = '[changes]\ncandidates = "candidates.csv"\nlevel = "survives"\n'


@pytest.fixture
def place(cni: Cni, tmp_path: Path) -> Path:
    """Three scenario files in the working folder."""
    spine_in(tmp_path)
    scenario_in(tmp_path, "today")
    scenario_in(tmp_path, "duct", EVENT)
    scenario_in(tmp_path, "build", BUILD)
    return tmp_path


def test_run_prints_each_scenario_and_the_figures(cni: Cni, place: Path) -> None:
    done = cni("scenario", "run", "duct.toml", "build.toml")
    assert done.code == 0
    assert "risk group secret-duct" in done.out
    assert "built: ac ce" in done.out
    assert "key pairs protected" in done.out
    assert "500" in done.out


def test_the_document_keeps_to_its_schema(cni: Cni, place: Path) -> None:
    for audience in ("internal", "member", "public"):
        done = cni("scenario", "run", "today.toml", "duct.toml", "build.toml", "--json", "--disclosure", audience)
        assert (done.code, done.document["disclosure"]) == (0, audience)
        assert list(faults(done.document, json_schema("cni.scenario_run/1"))) == []


def test_a_folder_gets_all_of_it_and_each_scenario_alone(cni: Cni, place: Path) -> None:
    done = cni("scenario", "run", "today.toml", "duct.toml", "-o", "out", "--json")
    assert done.code == 0
    whole = json.loads(Path("out/run.json").read_text())
    assert whole == done.document
    assert sorted(p.name for p in Path("out").iterdir() if p.suffix == ".json") == [
        "duct.json",
        "run.json",
        "today.json",
    ]
    alone = json.loads(Path("out/duct.json").read_text())
    assert alone == cni("scenario", "run", "duct.toml", "--json").document
    assert alone["scenarios"] == whole["scenarios"][1:]


def test_a_folder_gets_a_map_of_each_scenario_that_differs_from_today(cni: Cni, place: Path) -> None:
    assert cni("scenario", "run", "today.toml", "duct.toml", "build.toml", "-o", "out").code == 0
    assert sorted(p.name for p in Path("out").glob("*.svg")) == ["build.svg", "duct.svg"]
    scenario_in(place, "run")
    assert cni("scenario", "run", "run.toml", "-o", "out").code == 2


def test_compare_draws_the_first_and_the_last_on_one_map(cni: Cni, place: Path) -> None:
    words = ("scenario", "compare", "today.toml", "build.toml", "duct.toml", "--map")
    assert cni(*words, "map.svg").code == 0
    drawn = Path("map.svg").read_text()
    assert "The duct: 1 of 4 circuits down; The today: 0" in drawn
    assert cni(*words, "map.txt").code == 2
    refused = cni(*words, "other.svg", "--disclosure", "member")
    assert (refused.code, refused.out, Path("other.svg").exists()) == (2, "", False)
    built = ("scenario", "compare", "today.toml", "build.toml", "--map", "built.svg", "--disclosure")
    assert cni(*built, "member").code == 0
    assert cni(*built, "public").code == 2


def test_each_command_gives_its_figure(cni: Cni, place: Path) -> None:
    (found,) = cni("scenario", "run", "duct.toml", "--json").document["scenarios"]
    words = found["commands"]["circuits_down"].split()
    assert words[:3] == ["cni", "scenario", "fail"]
    assert len(cni(*words[1:], "--json").document["circuits_down"]) == found["figures"]["circuits_down"]
    words = found["commands"]["only_together"].split()
    assert cni(*words[1:], "--json").document["totals"]["only_together"] == found["figures"]["only_together"]
    (found,) = cni("scenario", "run", "build.toml", "--json").document["scenarios"]
    words = found["commands"]["cost_pence"].split()
    assert cni(*words[1:], "--json").document["cost_pence"] == found["figures"]["cost_pence"]
    for command in set(found["commands"].values()):
        assert cni(*command.split()[1:]).code == 0


@pytest.mark.parametrize("columns", ["50", "80", "200"])
def test_compare_is_legible_at_every_width(
    cni: Cni, place: Path, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    for number in range(12):
        scenario_in(place, f"{'scenario-of-the-river-' * 2}{number}", EVENT)
    names = [f"{'scenario-of-the-river-' * 2}{number}.toml" for number in range(12)]
    for files in (names, [*names[:1], "today.toml"]):
        done = cni("scenario", "compare", *files)
        assert done.code == 0
        assert max(map(len, done.out.splitlines())) <= int(columns)
        assert done.out.count("\nkey pairs lost ") == done.out.count("\nfigure ") >= 1
        assert all(Path(name).stem in done.out for name in files)


def test_compare_needs_two_and_run_needs_one(cni: Cni, place: Path) -> None:
    assert cni("scenario", "compare", "today.toml").code == 2
    assert cni("scenario", "run").code == 2
    assert cni("scenario", "run", "nowhere.toml").code == 2
    assert cni("scenario", "run", "today.toml", "--disclosure", "everyone").code == 2


def test_a_folder_that_cannot_be_is_refused_before_the_work(cni: Cni, place: Path) -> None:
    assert cni("scenario", "run", "today.toml", "-o", "today.toml").code == 2
    assert cni("scenario", "run", "today.toml", "-o", "no/where").code == 2


def test_bad_files_are_all_named_and_nothing_is_written(cni: Cni, place: Path) -> None:
    scenario_in(place, "one", '[event]\nspans = ["zz"]\n')
    scenario_in(place, "two", '[event]\nnodes = ["yy"]\n')
    done = cni("scenario", "run", "one.toml", "two.toml", "-o", "out")
    assert (done.code, done.out, Path("out").exists()) == (2, "", False)
    assert "one.toml" in done.err
    assert "two.toml" in done.err


def test_exit_1_where_nothing_that_may_be_built_helps(cni: Cni, place: Path) -> None:
    (place / "candidates.csv").write_text("id,start,end,owner,fibre_count,length_km,cost\nac,A,C,council,48,3.0,1\n")
    done = cni("scenario", "run", "build.toml")
    assert done.code == 1
    assert "nothing is built" in done.out


def test_processes_share_the_work_to_the_same_bytes(cni: Cni, place: Path) -> None:
    scenario_in(place, "all", EVENT + "availability = true\n")
    alone = cni("scenario", "run", "all.toml", "--json")
    assert cni("scenario", "run", "all.toml", "--json", "--jobs", "2").out == alone.out


@pytest.mark.slow
def test_the_bundled_set_runs_by_one_command(cni: Cni) -> None:
    done = cni("scenario", "run", "--bundled", "-o", "out", "--json", "--jobs", "2")
    assert done.code == 0
    figures = {s["id"]: s["figures"] for s in done.document["scenarios"]}
    assert done.document["illustrative"] is True
    assert figures["ashton-duct"]["circuits_down"] > figures["today"]["circuits_down"] == 0
    assert figures["flood"]["members_hit"] > 0
    assert figures["recall"]["circuits_down"] > 0
    costs = [figures[f"build-{name}"]["cost_pence"] for name in ("budget", "survives", "disjoint")]
    assert costs == sorted(set(costs))
    pairs = [figures[name]["key_pairs_protected"]["low"] for name in ("today", "build-budget", "build-survives")]
    assert pairs == sorted(set(pairs))
