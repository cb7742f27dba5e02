"""Scenario files: what they say comes back as it was; every fault is named at once, with its place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.builds.budget import GOALS as BUDGET_GOALS
from scenarios.builds.build import LEVELS as BUILD_LEVELS
from scenarios.fibre_manchester import folder as bundled
from scenarios.fibre_manchester import scenario_files
from scenarios.runs.figures import FIGURES
from scenarios.runs.files import GOALS, KEYS, LEVELS, read_scenario, read_scenarios, write_scenario
from scenarios.runs.loading import load
from scenarios.runs.scenario import Area, Asked, Changes, Happening, Moved, Scenario, Taken
from tests.scenarios.folders import TODAY, scenario_in, spine_in
from topology.problems import BadInput, Problem

IDS = st.from_regex(r"[A-Za-z0-9._-]{1,12}", fullmatch=True)
LISTS = st.lists(IDS, max_size=3, unique=True).map(lambda ids: tuple(sorted(ids)))
WORDS = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Cf", "Zl", "Zp"), codec="utf-8"), max_size=30)
PLAIN = WORDS.map(str.strip).filter(str.isascii)
AMOUNTS = st.decimals(0, 900, places=3)
DEGREES = st.decimals(-89, 89, places=4)

EVENTS = st.builds(
    Happening,
    spans=LISTS,
    nodes=LISTS,
    risk_groups=LISTS,
    contributors=LISTS.filter(bool),
    areas=st.lists(st.builds(Area, lat=DEGREES, lon=DEGREES, km=st.decimals(1, 9, places=2)), max_size=2).map(tuple),
    per_year=AMOUNTS,
    rate_source=st.just("a count of ten years"),
    repair_hours=st.none() | AMOUNTS,
)
CHANGES = st.builds(
    Changes,
    recalls=st.lists(st.builds(Taken, IDS, st.integers(1, 99)), max_size=2).map(tuple),
    withdraw=LISTS,
    moves=st.lists(st.builds(Moved, IDS, st.just((("S1", "S2"), ("S3",)))), max_size=2).map(tuple),
) | st.builds(
    Changes,
    candidates=st.just("candidates.csv"),
    budget=st.integers(1, 10**9),
    goal=st.sampled_from(GOALS),
    level=st.sampled_from(["", *LEVELS]),
    weights=st.sampled_from(["", "weights.csv"]),
    carbon=st.sampled_from(["", "carbon.csv"]),
)
SCENARIOS = st.builds(
    Scenario,
    id=IDS,
    network=st.just("../net"),
    name=PLAIN,
    text=PLAIN,
    circuits=st.sampled_from(["", "live.csv"]),
    on=st.none() | st.dates(date(2000, 1, 1), date(2090, 1, 1)),
    event=st.just(Happening()) | EVENTS,
    changes=st.just(Changes()) | CHANGES,
    ask=st.builds(Asked, st.sampled_from([0, 1, 2]), st.sampled_from([True, False, "circuits"]), st.booleans()),
    assumptions=st.sampled_from([(), (("worst_case", 'a "flood"'), ("confidence", "low \\ invented"))]),
)


@given(SCENARIOS)
def test_a_scenario_comes_back_from_its_file(tmp_path_factory: pytest.TempPathFactory, scenario: Scenario) -> None:
    path = tmp_path_factory.mktemp("files") / "any.toml"
    path.write_text(write_scenario(scenario))
    again = read_scenario(path)
    assert again == scenario
    assert again.digest == scenario.digest


def test_the_order_of_keys_and_lists_does_not_count(tmp_path: Path) -> None:
    one = scenario_in(tmp_path, "x", '[event]\nspans = ["ab", "bc"]\nnodes = ["A"]\n')
    first = read_scenario(one)
    scenario_in(tmp_path, "x", '[event]\n# the same\nnodes = ["A"]\nspans = ["bc", "ab", "ab"]\n')
    assert read_scenario(one) == first
    assert read_scenario(one).digest == first.digest


def faults(path: Path) -> list[Problem]:
    with pytest.raises(BadInput) as caught:
        load(read_scenarios([path]), TODAY)
    return list(caught.value.problems)


def test_every_fault_of_a_file_is_named_with_its_line_and_key(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(
        'schema = "cni.scenario/2"\nnam = "x"\n[base]\non = 2027-13\n'.replace("2027-13", '"2027-13-01"') + "[event]\n"
        'spans = "S1"\n'
        "per_year = -1\n"
        "areas = [{ lat = 91, lon = 0, kn = 1 }]\n"
        "[changes]\n"
        'candidates = "c.csv"\n'
        'level = "surives"\n'
        "build = ['X']\n"
        "recalls = [{ span = 'S1', strands = 0 }]\n"
        "[ask]\n"
        "sweep = 3\n"
        'availability = "yes"\n'
    )
    said = {(p.line, p.column, p.code) for p in faults(path)}
    assert {
        (1, "schema", "wrong_schema"),
        (2, "nam", "unknown_key"),
        (0, "base.network", "missing_value"),
        (4, "base.on", "bad_value"),
        (6, "event.spans", "bad_value"),
        (7, "event.per_year", "bad_value"),
        (8, "event.areas", "bad_value"),
        (0, "event.rate_source", "missing_value"),
        (11, "changes.level", "bad_value"),
        (11, "changes.level", "bad_usage"),
        (13, "changes.recalls", "bad_value"),
        (15, "ask.sweep", "bad_value"),
        (16, "ask.availability", "bad_value"),
    } <= said
    hints = {p.column: p.hint for p in faults(path) if p.hint}
    assert (hints["nam"], hints["changes.level"]) == ("Maybe name is meant.", "Maybe survives is meant.")
    assert all(p.file == "bad.toml" for p in faults(path))


def test_dangling_ids_of_all_keys_and_files_are_named_together(tmp_path: Path) -> None:
    spine_in(tmp_path)
    one = scenario_in(
        tmp_path,
        "one",
        '[event]\nspans = ["abb"]\nnodes = ["Z"]\nrisk_groups = ["secret-duck"]\ncontributors = ["nobody"]\n'
        '[changes]\ncandidates = "candidates.csv"\nbuild = ["eaa"]\nwithdraw = ["zz"]\n'
        'recalls = [{ span = "ab", strands = 7 }]\n'
        'moves = [{ circuit = "cct-ended", legs = "ab" }, { circuit = "cct-spur", legs = "ab+cd" }]\n',
    )
    two = scenario_in(tmp_path, "two", base='[base]\nnetwork = "nowhere"\n')
    with pytest.raises(BadInput) as caught:
        load(read_scenarios([one, two]), TODAY)
    said = {(p.file, p.column, p.value, p.code) for p in caught.value.problems}
    assert {
        ("one.toml", "event.spans", "abb", "dangling"),
        ("one.toml", "event.nodes", "Z", "dangling"),
        ("one.toml", "event.risk_groups", "secret-duck", "dangling"),
        ("one.toml", "event.contributors", "nobody", "dangling"),
        ("one.toml", "changes.build", "eaa", "dangling"),
        ("one.toml", "changes.withdraw", "zz", "dangling"),
        ("one.toml", "changes.recalls", "7", "bad_value"),
        ("one.toml", "changes.moves", "cct-ended", "dangling"),
        ("one.toml", "changes.moves", "ab+cd", "broken_leg"),
    } <= said
    assert any("nowhere" in p.text for p in caught.value.problems)


def test_one_id_for_two_files_is_a_fault(tmp_path: Path) -> None:
    paths = [scenario_in(tmp_path, "one"), tmp_path / "two.toml"]
    paths[1].write_text('id = "one"\n' + paths[0].read_text())
    with pytest.raises(BadInput) as caught:
        read_scenarios(paths)
    assert [(p.file, p.line, p.code) for p in caught.value.problems] == [("two.toml", 1, "duplicate_id")]


def test_the_date_is_the_files_else_the_networks_else_the_one_given(tmp_path: Path) -> None:
    spine_in(tmp_path)
    base = '[base]\nnetwork = "net"\n'
    bare = scenario_in(tmp_path, "bare", base=base)
    dated = scenario_in(tmp_path, "dated", base=base + "on = 2028-02-03\n")
    days = [item.on for item in load(read_scenarios([bare, dated]), TODAY)[0]]
    assert days == [TODAY, date(2028, 2, 3)]
    (tmp_path / "net" / "network.toml").write_text("as_of = 2026-05-05\n")
    assert load(read_scenarios([bare]), TODAY)[0][0].on == date(2026, 5, 5)


def test_decimals_stay_as_they_are_written(tmp_path: Path) -> None:
    event = '[event]\nspans = ["ab"]\nper_year = 0.10\nrate_source = "x"\nrepair_hours = 12\n'
    found = read_scenario(scenario_in(tmp_path, "x", event)).event
    assert (found.per_year, found.repair_hours) == (Decimal("0.10"), Decimal(12))


def test_levels_and_goals_are_those_of_builds() -> None:
    assert LEVELS == BUILD_LEVELS
    assert set(GOALS) <= set(BUDGET_GOALS)


def test_the_bundled_files_are_those_that_lie_there() -> None:
    lie = {p.stem for p in (bundled() / "scenarios").glob("*.toml")}
    assert {p.stem for p in scenario_files()} == lie
    assert len(read_scenarios(scenario_files())) == len(lie)


def test_the_page_for_planners_tells_every_key_and_figure() -> None:
    page = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text()
    keys = [key for table in KEYS.values() for key in table]
    assert [name for name in (*keys, *(figure for figure, _, _ in FIGURES)) if f"`{name}`" not in page] == []
    assert [table for table in KEYS if table and f"`[{table}]`" not in page] == []
