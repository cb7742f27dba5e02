"""Rules H8: planned works never take both legs of a circuit, need notice, and say who must be told."""

from __future__ import annotations

from pathlib import Path

import pytest

from cni.schemas.published import faults, json_schema
from tests.cni.helpers import Cni
from tests.cni.sealed import House

NIGHT = ("--from", "2027-03-01T22:00:00Z", "--to", "2027-03-02T05:00:00Z")
LATER = ("--from", "2027-03-02T05:00:00Z", "--to", "2027-03-02T06:00:00Z")


@pytest.fixture
def living(cni: Cni, net: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """The test ring with c1 of isp over ab+bc and da+cd, c2 of isp in a rack at A, and c3 of other over de alone."""
    house = House(cni, monkeypatch).at("2027-01-01T09:00:00Z")
    Path("circuits.csv").write_text(Path("circuits.csv").read_text() + "c3,other,2025-01-01,,de,,,\n")
    house.done("init")
    for member in ("isp", "other"):
        house.done("member", "add", member)
    house.done("network", "import", net, "--circuits", "circuits.csv")
    return house


def test_works_on_one_leg_are_planned_and_say_what_stays(living: House) -> None:
    document = living.document("works", "plan", "w1", "--span", "ab", *NIGHT)
    (line,) = document["tell"]
    assert (line["circuit"], line["member"], line["lost"], line["stays"]) == ("c1", "isp", [1], [2])
    assert not line["down"]
    assert not document["refused"]
    assert list(faults(document, json_schema("cni.works/1"))) == []
    assert [w["works"] for w in living.document("works", "list")["works"]] == ["w1"]


def test_works_that_take_both_legs_are_refused_and_nothing_is_written(living: House) -> None:
    """The group `duct` holds bc and cd, one of each leg of c1."""
    for words in (
        ("--group", "duct"),
        ("--span", "bc", "--span", "cd"),
        ("--node", "B", "--node", "D", "--agreed", "c3"),
    ):
        refused = living("works", "plan", "w1", *words, *NIGHT, "--json")
        assert (refused.code, refused.document["refused"]) == (1, ["c1"])
        assert refused.document["state"] == "refused"
    assert living.document("works", "list")["works"] == []


def test_two_works_that_overlap_are_taken_together(living: House) -> None:
    living.done("works", "plan", "w1", "--span", "ab", *NIGHT)
    refused = living("works", "plan", "w2", "--span", "cd", *NIGHT, "--json")
    assert (refused.code, refused.document["refused"]) == (1, ["c1"])
    (line,) = refused.document["tell"]
    assert line["with"] == ["w1"]
    living.done("works", "plan", "w2", "--span", "cd", *LATER)
    living.done("works", "cancel", "w1", "--why", "rain")
    living.done("works", "plan", "w3", "--span", "da", *NIGHT)


def test_works_at_a_circuits_own_end_need_its_holders_word(living: House) -> None:
    """A is an end of c1, and the rack of c2 stands there: no diversity can help."""
    refused = living("works", "plan", "w1", "--node", "A", *NIGHT, "--json")
    assert (refused.code, refused.document["refused"]) == (1, ["c1", "c2"])
    assert {t["circuit"]: t["both_legs"] for t in refused.document["tell"]} == {"c1": False, "c2": False}
    planned = living.document("works", "plan", "w1", "--node", "A", "--agreed", "c1", "--agreed", "c2", *NIGHT)
    assert {t["circuit"]: (t["down"], t["agreed"]) for t in planned["tell"]} == {"c1": (True, True), "c2": (True, True)}


def test_a_circuit_of_one_leg_is_told_that_it_is_down(living: House) -> None:
    (line,) = living.document("works", "plan", "w1", "--span", "de", *NIGHT)["tell"]
    assert (line["circuit"], line["down"], line["stays"], line["asks"]) == ("c3", True, [], False)


def test_notice_must_be_given_and_what_is_named_must_exist(living: House) -> None:
    """The rule book's plain notice is 10 days; on 20 February at 22:00 there are nine days left."""
    late = living.at("2027-02-20T22:00:00Z")("works", "plan", "w1", "--span", "ab", *NIGHT)
    assert (late.code, "[short_notice]" in late.err) == (2, True)
    wrong = living.at("2027-01-02T09:00:00Z")("works", "plan", "w1", "--span", "zz", "--node", "Q", *NIGHT)
    assert (wrong.code, wrong.err.count("[unknown_id]")) == (2, 2)
    assert living("works", "plan", "w1", *NIGHT).code == 2
    living.done("works", "plan", "w1", "--span", "ab", *NIGHT)
    assert "[duplicate_id]" in living("works", "plan", "w1", "--span", "ab", *NIGHT).err


def test_a_member_sees_its_own_circuits_and_codes_for_others(living: House) -> None:
    living.done("works", "plan", "w1", "--node", "D", *NIGHT, "--agreed", "c3")
    assert {t["circuit"] for t in living.document("works", "show", "w1", "--for", "isp")["tell"]} == {"c1"}
    text = living.done("works", "show", "w1", "--json").out
    assert '"c1"' not in text
    assert "other" not in text.replace("another-member", "")
    everything = living.document("works", "show", "w1", "--disclosure", "internal")
    assert {t["circuit"] for t in everything["tell"]} == {"c1", "c3"}


def test_works_called_off_bind_no_more(living: House) -> None:
    living.done("works", "plan", "w1", "--span", "ab", *NIGHT)
    living.done("works", "cancel", "w1")
    assert living("works", "cancel", "w1").code == 2
    assert living.document("works", "plan", "w1", "--span", "ab", *NIGHT)["version"] == 3
    assert living("audit", "verify").code == 0


def test_a_dry_run_plans_nothing(living: House) -> None:
    living.done("works", "plan", "w1", "--span", "ab", *NIGHT, "--dry-run")
    assert living.document("works", "list")["works"] == []
