"""Running scenarios: figures against the single computations, changes against what a person would count, and what is cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scenarios.builds.build import Plan, build_document
from scenarios.failures.availability import availability_document
from scenarios.failures.events import make_event
from scenarios.failures.fail import fail_document
from scenarios.failures.sweep import sweep_document
from scenarios.failures.weak_points import weak_points_document
from scenarios.runs.run import run_document
from tests.scenarios.folders import CANDIDATES, CIRCUITS, SPANS, TODAY, loaded_from, outcome, scenario_in, spine_in
from topology.canonical import canonical_bytes
from topology.disclosure import disclosed
from topology.problems import BadInput

EVENT = '[event]\nrisk_groups = ["secret-duct"]\nper_year = 0.10\nrate_source = "a test"\nrepair_hours = 12\n'
ASKED = "[ask]\nsweep = 2\navailability = true\nweak_points = true\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    spine_in(tmp_path)
    return tmp_path


def test_figures_are_those_of_the_single_computations(place: Path) -> None:
    path = scenario_in(place, "cut", EVENT + ASKED)
    (item,) = loaded_from(path)
    found = outcome(path)
    figures = found["figures"]
    event = make_event(item.network, risk_groups=["secret-duct"])
    fail = fail_document(item.network, item.circuits, event, TODAY)
    swept = sweep_document(item.network, item.circuits, TODAY, 2)
    minutes = availability_document(item.network, item.circuits, TODAY)[0]
    assert found["fail"] == fail
    assert found["sweep"] == swept
    assert found["availability"] == minutes
    assert found["weak_points"] == weak_points_document(item.network, item.circuits, TODAY)
    assert found["event"] == fail["event"]
    for key in ("circuits_down", "circuits_one_leg", "members_hit", "key_pairs_lost"):
        assert figures[key] == len(fail[key])
    assert figures["circuits_restorable"] == len(fail["restorable"])
    assert figures["singles_with_key_loss"] == swept["totals"]["singles_with_key_loss"]
    assert figures["only_together"] == swept["totals"]["only_together"]
    rows = [c["minutes_year"]["low"] for c in minutes["circuits"] if c["scale"] == "1"]
    assert figures["minutes_year"]["low"] == pytest.approx(sum(rows), rel=1e-15)
    assert (figures["circuits"], figures["members"], figures["key_pairs"]) == (4, 2, 6)
    assert (figures["cost_pence"], figures["carbon_kg"]) == (None, None)
    assert found["per_year"] == {"value": "0.10", "source": "a test"}


def test_what_is_not_asked_for_is_null(place: Path) -> None:
    found = outcome(scenario_in(place, "bare"))
    for key in (
        "event",
        "per_year",
        "repair_hours",
        "fail",
        "sweep",
        "availability",
        "weak_points",
        "build",
        "left_out",
    ):
        assert found[key] is None
    assert [k for k, v in found["figures"].items() if v is None] == [
        "only_together",
        "minutes_year",
        "cost_pence",
        "carbon_kg",
    ]
    assert found["figures"]["circuits_down"] == 0


def test_pairs_protected_survive_every_single_failure(place: Path) -> None:
    # E hangs on de alone, and the duct parts C: of six pairs only A-B is left.
    assert outcome(scenario_in(place, "bare"))["figures"]["key_pairs_protected"] == {"low": 1, "high": 1}


def test_minutes_of_circuits_alone_are_the_same_without_key_pairs(place: Path) -> None:
    short = outcome(scenario_in(place, "short", '[ask]\navailability = "circuits"\n'))
    long = outcome(scenario_in(place, "long", "[ask]\navailability = true\n"))
    assert short["figures"] == long["figures"]
    assert short["availability"]["circuits"] == long["availability"]["circuits"]
    assert short["availability"]["inputs"] == long["availability"]["inputs"]
    assert (short["availability"]["key_pairs"], bool(long["availability"]["key_pairs"])) == ([], True)


def test_a_recall_takes_strands_from_the_newest_circuit_first(place: Path) -> None:
    # ab offers six strands, three circuits hold all: two strands back, the newest has no leg left.
    found = outcome(scenario_in(place, "recall", '[changes]\nrecalls = [{ span = "ab", strands = 2 }]\n'))
    assert [c["kind"] for c in found["changes"]] == ["recall", "loss"]
    assert found["changes"][1]["circuits"] == ["cct-new"]
    figures = found["figures"]
    assert (figures["circuits_down"], figures["circuits_one_leg"], figures["members_hit"]) == (1, 0, 1)
    more = outcome(scenario_in(place, "more", '[changes]\nrecalls = [{ span = "ab", strands = 3 }]\n'))
    assert more["changes"][1]["circuits"] == ["cct-new", "cct-two-legs"]
    assert more["changes"][1]["text"] == (
        "circuits lose their strands: cct-new with no leg left; cct-two-legs with one leg left"
    )
    assert (more["figures"]["circuits_down"], more["figures"]["circuits_one_leg"]) == (1, 1)


def test_of_circuits_that_began_on_one_day_the_smaller_id_loses_first(place: Path) -> None:
    (place / "circuits.csv").write_text(CIRCUITS.replace("2024-01-01,,ab", "2026-06-01,,ab"))
    found = outcome(scenario_in(place, "recall", '[changes]\nrecalls = [{ span = "ab", strands = 1 }]\n'))
    assert found["changes"][1]["circuits"] == ["cct-new"]
    (place / "circuits.csv").write_text(
        CIRCUITS.replace("2024-01-01,,ab", "2026-06-01,,ab").replace("cct-old", "cct-aaa")
    )
    found = outcome(scenario_in(place, "recall", '[changes]\nrecalls = [{ span = "ab", strands = 1 }]\n'))
    assert found["changes"][1]["circuits"] == ["cct-aaa"]


def test_a_recall_of_spare_strands_takes_nothing_from_circuits_but_the_spare(place: Path) -> None:
    # The spur is cut; ea would bring it back over its spare, unless that is recalled.
    (place / "net" / "spans.csv").write_text(f"{SPANS}ea,E,A,council,8,3.0,0,0,,\n")
    event = '[event]\nspans = ["de"]\n'
    assert outcome(scenario_in(place, "cut", event))["figures"]["circuits_restorable"] == 1
    recall = '[changes]\nrecalls = [{ span = "ea", strands = 8 }]\n'
    found = outcome(scenario_in(place, "both", event + recall))
    assert [c["kind"] for c in found["changes"]] == ["recall"]
    assert found["figures"]["circuits_restorable"] == 0


def test_a_withdrawn_span_takes_the_legs_that_pass_it(place: Path) -> None:
    found = outcome(scenario_in(place, "less", '[changes]\nwithdraw = ["bc", "de"]\n'))
    assert found["changes"][-1]["text"] == (
        "circuits lose their strands: cct-spur with no leg left; cct-two-legs with one leg left"
    )
    # A-B, A-C (over D) and B-C (over A and D) are left, and none survives a failure.
    assert found["figures"]["key_pairs_protected"] == {"low": 0, "high": 0}
    assert (found["figures"]["circuits_down"], found["figures"]["circuits_one_leg"]) == (1, 1)


def test_the_change_comes_before_the_event(place: Path) -> None:
    # Moved off ab, the newest circuit survives its cut; the one that fell to one leg by the recall goes down.
    changes = '[changes]\nwithdraw = ["bc"]\nmoves = [{ circuit = "cct-new", legs = "da+cd+bc" }]\n'
    with pytest.raises(BadInput, match="not in service"):
        outcome(scenario_in(place, "wrong", changes))
    built = (
        '[changes]\ncandidates = "candidates.csv"\nbuild = ["eb"]\nwithdraw = ["bc"]\n'
        'moves = [{ circuit = "cct-new", legs = "da+de+eb" }]\n'
    )
    found = outcome(scenario_in(place, "right", built + '[event]\nspans = ["cd", "ab"]\n'))
    assert [c["kind"] for c in found["changes"]] == ["withdraw", "build", "move", "loss"]
    assert found["fail"]["circuits_down"] == ["cct-old", "cct-two-legs"]
    assert (found["figures"]["circuits_down"], found["figures"]["circuits_one_leg"]) == (2, 0)


def test_a_move_that_finds_no_strands_is_bad_input_with_its_place(place: Path) -> None:
    full = SPANS.replace("cd,C,D,tram,12", "cd,C,D,tram,8")
    (place / "net" / "spans.csv").write_text(full)
    moves = '[changes]\nmoves = [{ circuit = "cct-new", legs = "da+cd+bc" }]\n'
    with pytest.raises(BadInput) as caught:
        outcome(scenario_in(place, "move", moves))
    (problem,) = caught.value.problems
    assert (problem.file, problem.column, problem.value, problem.code) == (
        "move.toml",
        "changes.moves",
        "cd",
        "negative_spare",
    )
    assert problem.line == 10


def test_builds_by_list_by_level_and_within_a_budget(place: Path) -> None:
    listed = outcome(scenario_in(place, "list", '[changes]\ncandidates = "candidates.csv"\nbuild = ["ea", "ac"]\n'))
    assert listed["build"] is None
    assert (listed["figures"]["cost_pence"], listed["figures"]["carbon_kg"]) == (130_000, "30.500")
    path = scenario_in(place, "level", '[changes]\ncandidates = "candidates.csv"\nlevel = "survives"\n')
    (item,) = loaded_from(path)
    level = outcome(path)
    assert level["build"] == build_document(Plan(item.network, item.candidates, TODAY), "survives")
    assert level["changes"][0]["spans"] == level["build"]["chosen"] == ["ac", "ce"]
    assert level["figures"]["key_pairs_protected"] == level["build"]["key_pairs_protected_after"]
    budget = outcome(scenario_in(place, "budget", '[changes]\ncandidates = "candidates.csv"\nbudget = 450\n'))
    assert budget["build"]["goal"] == "class"
    assert budget["figures"]["cost_pence"] == 10_000


def test_weights_and_rates_of_carbon_are_files_of_the_scenario(place: Path) -> None:
    (place / "weights.csv").write_text("node,weight,source\nE,5,a test\n")
    (place / "carbon.csv").write_text("construction,kg_per_m,source\ntrench,2,a test\n")
    rows = CANDIDATES.splitlines()
    names = [f"{rows[0]},construction", *(f"{row},trench" for row in rows[1:])]
    (place / "candidates.csv").write_text("\n".join(names) + "\n")
    more = 'weights = "weights.csv"\ncarbon = "carbon.csv"\n'
    text = '[changes]\ncandidates = "candidates.csv"\nbudget = 900\nlevel = "disjoint"\n'
    path = scenario_in(place, "weighed", text + more)
    (item,) = loaded_from(path)
    found = outcome(path)
    assert item.weights == {"E": 5}
    assert found["build"]["level"] == "disjoint"
    assert {"weights", "carbon"} <= found["build"]["inputs"].keys()
    listed = f'[changes]\ncandidates = "candidates.csv"\nbuild = ["ac", "ea"]\n{more.splitlines()[1]}\n'
    assert outcome(scenario_in(place, "list", listed))["figures"]["carbon_kg"] == "6030.500"
    with pytest.raises(BadInput) as caught:
        loaded_from(scenario_in(place, "bad", text.replace("budget = 900\n", "") + more + "goal = 'pairs'\n"))
    assert {p.column for p in caught.value.problems} == {"changes.goal", "changes.weights"}


def test_an_event_may_name_what_is_to_be_built(place: Path) -> None:
    text = '[changes]\ncandidates = "candidates.csv"\nbuild = ["{}"]\n[event]\nspans = ["ea"]\n'
    assert outcome(scenario_in(place, "with", text.format("ea")))["fail"]["failed"]["spans"] == ["ea"]
    assert outcome(scenario_in(place, "without", text.format("ac")))["fail"]["failed"]["spans"] == []


def test_a_build_that_cannot_help_is_said_and_not_possible(place: Path) -> None:
    (place / "candidates.csv").write_text("id,start,end,owner,fibre_count,length_km,cost\nac,A,C,council,48,3.0,1\n")
    path = scenario_in(place, "level", '[changes]\ncandidates = "candidates.csv"\nlevel = "survives"\n')
    document, proved, possible = run_document(loaded_from(path))
    assert (proved, possible) == (True, False)
    assert document["scenarios"][0]["changes"][0]["text"].startswith("nothing is built: with every candidate built")


def test_scenarios_stand_side_by_side(place: Path) -> None:
    paths = [scenario_in(place, "bare"), scenario_in(place, "cut", EVENT)]
    document = run_document(loaded_from(*paths))[0]
    assert document["compare"]["columns"] == ["bare", "cut"]
    rows = {row["figure"]: row["values"] for row in document["compare"]["rows"]}
    assert rows["key_pairs_lost"] == [0, 3]
    assert {name.partition("/")[2] for name in document["inputs"]} == {"network", "circuits", "scenario"}


def test_the_order_of_rows_does_not_count(place: Path) -> None:
    path = scenario_in(place, "cut", EVENT + ASKED)
    before = canonical_bytes(run_document(loaded_from(path))[0])
    for name in ("circuits.csv", "candidates.csv", "net/spans.csv", "net/nodes.csv"):
        head, *rows = (place / name).read_text().splitlines()
        (place / name).write_text("\n".join([head, *reversed(rows)]) + "\n")
    assert canonical_bytes(run_document(loaded_from(path))[0]) == before


SECRETS = ("secret-duct", "cct-two-legs", "cct-spur", "cct-old", "cct-new", "cct-ended", '"isp"', '"other"')
EVERYTHING = (
    '[changes]\ncandidates = "candidates.csv"\nlevel = "survives"\nrecalls = [{ span = "ab", strands = 2 }]\n'
    'moves = [{ circuit = "cct-spur", legs = "de" }]\n' + EVENT + ASKED
)


def cut(place: Path, audience: str, text: str = EVERYTHING) -> tuple[dict[str, Any], str]:
    document = run_document(loaded_from(scenario_in(place, "all", text)), audience)[0]
    return document["scenarios"][0], canonical_bytes(document).decode()


@pytest.mark.parametrize("audience", ["member", "public"])
@pytest.mark.parametrize("text", [EVERYTHING, EVENT + ASKED], ids=["all", "event"])
def test_no_id_of_a_risk_group_circuit_or_member_is_told(place: Path, audience: str, text: str) -> None:
    _, whole = cut(place, "internal")
    assert all(secret in whole for secret in SECRETS if secret not in ("cct-ended", '"other"'))
    _, told = cut(place, audience, text)
    assert [secret for secret in SECRETS if secret in told] == []


@pytest.mark.parametrize("audience", ["member", "public"])
def test_no_digest_of_what_is_hidden_is_told_since_ids_could_be_tried_out(place: Path, audience: str) -> None:
    loaded = loaded_from(scenario_in(place, "all", EVERYTHING))
    whole = run_document(loaded)[0]["inputs"]
    told = run_document(loaded, audience)[0]["inputs"]
    assert set(whole) - set(told) == {"all/candidates", "all/scenario"}
    assert not set(whole.values()) & set(told.values())


def test_members_get_counts_of_double_failures_without_their_list(place: Path) -> None:
    found, _ = cut(place, "member")
    assert {len(e["event"]) for e in found["sweep"]["events"]} == {1}
    assert found["sweep"]["together"] == []
    assert found["sweep"]["totals"]["doubles"] > 0
    assert found["fail"]["circuits_down"]
    assert found["figures"]["cost_pence"] == cut(place, "internal")[0]["figures"]["cost_pence"]
    assert found["build"]["reasons"] == []


def test_nobody_below_internal_is_told_which_nodes_are_key(place: Path) -> None:
    found, _ = cut(place, "member", EVENT + ASKED)
    assert found["figures"]["key_pairs_lost"] == 3
    assert found["fail"]["key_pairs_lost"] == []
    assert found["availability"]["key_pairs"] == []
    assert not any("key_pairs" in event for event in found["sweep"]["events"])


def test_a_circuit_and_a_group_have_one_code_in_all_scenarios_of_a_network(place: Path) -> None:
    paths = [scenario_in(place, "cut", EVENT), scenario_in(place, "all", EVERYTHING)]
    one, two = run_document(loaded_from(*paths), "member")[0]["scenarios"]
    assert one["event"] == two["event"]
    assert one["fail"]["circuits_down"] == two["fail"]["circuits_down"] != []
    network = loaded_from(paths[0])[0].network
    assert one["event"]["risk_groups"] == list(disclosed(network, "member").risk_groups)


def test_the_public_gets_counts_only(place: Path) -> None:
    found, told = cut(place, "public")
    for key in ("event", "fail", "sweep", "availability", "weak_points", "build"):
        assert found[key] is None
    assert not any(c["spans"] or c["circuits"] for c in found["changes"])
    assert isinstance(found["figures"]["key_pairs_lost"], int)
    for name in ("ab", "bc", "cd", "da", "de"):
        assert f'"{name}"' not in told


def test_what_the_owner_hides_is_left_out_with_its_circuits_and_that_is_said(place: Path) -> None:
    (place / "net" / "spans.csv").write_text(
        SPANS.replace("de,D,E,tram,12,2.5,4,2,,", "de,D,E,tram,12,2.5,4,2,,internal")
    )
    found, told = cut(place, "member", EVENT + ASKED)
    assert '"de"' not in told
    assert found["left_out"]["circuits"] == 1
    assert found["left_out"]["spans"] == 1
    assert "Left out: 0 nodes, 1 span, 1 circuit." in found["left_out"]["text"]
    assert found["figures"]["circuits"] == 3


def test_each_bundled_event_and_the_recall_hit_members() -> None:
    from scenarios.fibre_manchester import scenario_files

    chosen = ("ashton-duct", "exchange", "flood", "recall")
    document, proved, possible = run_document(loaded_from(*(p for p in scenario_files() if p.stem in chosen)))
    assert (proved, possible, document["illustrative"]) == (True, True, True)
    assert [s["id"] for s in document["scenarios"]] == list(chosen)
    assert all(s["figures"]["members_hit"] > 0 for s in document["scenarios"])
