"""`cni scenario` on the co-operative's own spine: what it answers, for whom, and how it was on earlier days."""

from __future__ import annotations

import pytest

from cni.schemas.published import json_schema
from tests.cni.helpers import Cni
from tests.cni.test_schemas import faults

QUESTIONS = {
    "fail": ("fail", "--span", "bc"),
    "sweep": ("sweep", "--order", "2", "--top", "0"),
    "discs": ("discs", "--radius", "1"),
    "availability": ("availability",),
    "weak_points": ("weak-points",),
    "builds": ("build", "--candidates", "candidates.csv"),
}
SECRET = ("duct", "c1", "c2")


@pytest.fixture
def spine(cni: Cni, at_home):
    """A database with the ring of these tests, beside the same as files."""
    (cni.folder / "candidates.csv").write_text(
        "id,start,end,owner,fibre_count,length_km,cost\nce,C,E,council,12,5,900\n"
    )
    return cni


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_answer_on_the_database_is_the_answer_on_its_files(name, spine):
    command, *more = QUESTIONS[name]
    files = () if name == "builds" else ("--circuits", "circuits.csv")
    live = spine(
        "scenario", command, *more, "--live", "--on", "2027-01-04", "--disclosure", "internal", "--json"
    ).document
    plain = spine("scenario", command, "net", *more, *files, "--on", "2027-01-04", "--json").document
    for document in (live, plain):
        document.pop("inputs")  # the register of members is one of the database
    assert live == plain


@pytest.mark.parametrize("name", QUESTIONS)
def test_members_are_shown_codes_and_no_list_of_targets(name, spine):
    command, *more = QUESTIONS[name]
    done = spine("scenario", command, *more, "--live", "--on", "2027-01-04", "--json")
    assert (done.code, list(faults(done.document, json_schema(f"cni.{name}/1")))) == (0, [])
    assert done.document["disclosure"] == "member"
    assert [word for word in SECRET if f'"{word}"' in done.out or f':{word}"' in done.out] == []
    if name == "sweep":
        assert {len(e["event"]) for e in done.document["events"]} == {1}
        assert done.document["totals"]["doubles"] > 0
    told = spine("scenario", command, *more, "--live", "--on", "2027-01-04")
    assert (told.code, "Traceback" in told.err) == (0, False)


def test_the_public_and_wrong_words_are_refused(spine):
    for words in (
        ("sweep", "--live", "--disclosure", "public"),
        ("sweep", "net", "--live"),
        ("sweep",),
        ("weak-points", "net", "--since", "2026-01-01"),
        ("weak-points", "--live", "--since", "2099-01-01"),
        ("availability", "--live", "--tariff", "tariff.toml"),
    ):
        done = spine("scenario", *words)
        assert (done.code, done.out) == (2, ""), words
        assert "problem" in done.err


def test_a_network_without_circuits_is_asked_and_names_lead_to_ids(spine):
    """A map that is fresh from a council has no circuits; that none are counted is said, not left to be guessed."""
    done = spine("scenario", "sweep", "net")
    assert (done.code, "no circuit is counted" in done.err) == (0, True)
    missed = spine("scenario", "fail", "net", "--node", "Beta")
    assert (missed.code, "Beta is the name of B;" in missed.err) == (2, True)


def test_earlier_quarters_are_told_as_the_database_knew_them(spine, monkeypatch):
    """The ring was imported at the time of the fixture; a year later a second span closes the spur."""
    monkeypatch.setenv("CNI_CLOCK", "2028-02-01T09:00:00Z")
    spans = spine.folder / "net" / "spans.csv"
    spans.write_text(spans.read_text() + "ce,C,E,council,12,3.5,4,2,\n")
    assert spine("network", "import", "net", "--why", "closed").code == 0
    done = spine("scenario", "weak-points", "--live", "--since", "2027-10-01", "--on", "2028-04-02", "--json")
    assert (done.code, list(faults(done.document, json_schema("cni.weak_points/1")))) == (0, [])
    rows = done.document["history"]
    assert [row["on"] for row in rows] == ["2027-10-01", "2028-01-01", "2028-04-01", "2028-04-02"]
    assert [(row["spans"], row["bridges"]) for row in rows] == [(5, 1), (5, 1), (6, 0), (6, 0)]
    assert "Over time" in spine("scenario", "weak-points", "--live", "--since", "2027-10-01", "--on", "2028-04-02").out
