"""Rule H4: a lit date that was recorded wrongly is corrected; both stay on record, and no bill changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cni.billed import write_facts, write_tariff
from tests.cni.helpers import Cni
from tests.cni.living import make
from tests.cni.sealed import House

INTERNAL = ("--disclosure", "internal")
WHY = ("--why", "the report is of 10 March", "--by", "carol")


@pytest.fixture
def lit(cni: Cni, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> House:
    """q1.r1-1 of isp, from 4 January, is on record as lit on 1 February; it is 1 April 2027."""
    house = make(tmp_path, monkeypatch, cni, tmp_path_factory)
    house.done("circuit", "accept", "q1.r1-1")
    house.at("2027-04-01T09:00:00Z").done("circuit", "light", "q1.r1-1", "--lit", "2027-02-01")
    return house


def correct(house: House, day: str, *more: object, name: str = "q1.r1-1") -> Any:
    return house("circuit", "light", name, "--lit", day, "--correct", *(more or WHY), "--json")


def shown(house: House, day: str, name: str = "q1.r1-1") -> dict[str, Any]:
    return house.document("circuit", "show", name, "--on", day, *INTERNAL)


def test_the_last_day_counts_and_both_are_on_record(lit: House) -> None:
    """Also for the state on earlier days: between the wrong day and the right one it was not in service."""
    assert shown(lit, "2027-02-15")["state"] == "in_service"
    done = correct(lit, "2027-03-10")
    assert (done.code, done.document["lit_on"], done.document["state"]) == (0, "2027-03-10", "in_service")
    states = {day: shown(lit, day)["state"] for day in ("2027-01-20", "2027-02-15", "2027-03-09", "2027-03-10")}
    assert states == dict(zip(states, ("accepted", "accepted", "accepted", "in_service"), strict=True))
    bodies = [e["body"] for e in shown(lit, "2027-04-01")["events"] if e["kind"] == "in_service"]
    assert [b["lit_on"] for b in bodies] == ["2027-02-01", "2027-03-10"]
    assert (bodies[1]["instead_of"], bodies[1]["why"]) == ("2027-02-01", "the report is of 10 March")
    entry = lit.document("audit", "log")["entries"][-1]
    assert (entry["who"], "2027-03-10 in place of 2027-02-01" in entry["what"]) == ("carol", True)


def test_it_can_be_corrected_to_an_earlier_day_and_again(lit: House) -> None:
    assert correct(lit, "2027-01-20").code == 0
    assert correct(lit, "2027-01-22").code == 0
    assert shown(lit, "2027-01-20")["state"] == "accepted"
    assert [shown(lit, "2027-01-22")[key] for key in ("state", "lit_on")] == ["in_service", "2027-01-22"]


@pytest.mark.parametrize(
    ("day", "more", "code"),
    [
        ("2027-01-03", WHY, "too_early"),  # the circuit begins on 4 January
        ("2027-04-02", WHY, "bad_value"),
        ("2027-02-01", WHY, "unchanged"),
        ("2027-03-10", ("--by", "carol"), "missing_value"),
    ],
)
def test_the_bounds_are_those_of_lighting(lit: House, day: str, more: tuple[str, ...], code: str) -> None:
    refused = correct(lit, day, *more)
    assert (refused.code, f"[{code}]" in refused.err) == (2, True), refused.err


def test_a_day_has_to_be_given_and_one_to_be_on_record(lit: House) -> None:
    assert "[missing_value]" in lit("circuit", "light", "q1.r1-1", "--correct", *WHY).err
    refused = correct(lit.at("2027-04-01T09:00:00Z"), "2026-02-01", name="c1")
    assert (refused.code, "it is not lit" in refused.err) == (2, True)
    assert "--correct --why" in lit("circuit", "light", "q1.r1-1").err


def test_a_measured_report_that_was_forgotten_comes_with_the_same_day(lit: House) -> None:
    Path("otdr.txt").write_text("0.3 dB")
    assert correct(lit, "2027-02-01", *WHY, "--report", "otdr.txt").code == 0
    assert shown(lit, "2027-04-01")["events"][-1]["body"]["report"]["name"] == "otdr.txt"


def test_a_transferred_circuit_was_lit_by_its_first_holder(lit: House) -> None:
    lit.done("circuit", "transfer", "q1.r1-1", "--to", "third", "--on", "2027-05-01")
    lit.at("2027-06-01T09:00:00Z")
    new = "q1.r1-1.t1"
    assert correct(lit, "2027-01-03", name=new).code == 2
    assert correct(lit, "2027-01-20", name=new).document["lit_on"] == "2027-01-20"
    assert shown(lit, "2027-05-01", new)["state"] == "in_service"
    assert correct(lit, "2027-05-20", name=new).code == 0
    assert [shown(lit, day, new)["state"] for day in ("2027-05-19", "2027-05-20")] == ["accepted", "in_service"]


def test_no_bill_depends_on_the_day(lit: House) -> None:
    """F21: the quarter is billed from the circuit's start; after the correction a run of it has nothing to post."""
    lit.done("bill", "tariff", "import", write_tariff(Path("tariff.toml")))
    lit.done("bill", "facts", "import", write_facts(Path("facts")))
    lit.done("bill", "run", "--period", "2027-01-01/2027-04-01", "--by", "ann")
    lit.done("bill", "review", 1, "--by", "bob")
    lit.done("bill", "finalise", 1, "--by", "cat")
    assert correct(lit, "2027-03-10").code == 0
    again = lit.document("bill", "preview", "--live", "--period", "2027-01-01/2027-04-01")
    assert again["documents"] == []
    done = lit.done("bill", "run", "--period", "2027-01-01/2027-04-01", "--by", "ann")
    assert "nothing" in done.err
    lit.done("bill", "check")
