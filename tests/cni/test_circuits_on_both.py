"""The life of circuits, works, a recall and a leave, played from the command line on both kinds of database."""

from __future__ import annotations

import pytest

from tests.cni.helpers import Cni
from tests.cni.sealed import House
from tests.cni.stores import Store, all_is_well

NIGHT = ("--from", "2027-03-01T22:00:00Z", "--to", "2027-03-02T05:00:00Z")
INTERNAL = ("--disclosure", "internal")
FIRST = "2027-01-04T09:00:00Z"


def test_a_spring_of_circuits(at_home: Cni, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """isp has q1.r1-1, other q1.r2-1 and q1.r2-2 over de; council takes its strands of ab back, c1 of isp has no way round.

    The clock is accepted as given: the entries of the fixture's making are later than the round that is played here.
    """
    house = House(at_home, monkeypatch)

    def at(time: str) -> None:
        house.at(time)

    def done(*words: object) -> None:
        house.done("--accept-clock", *words)

    at(FIRST)
    for step in ("close", "award", "publish"):
        done("round", step, "q1")
    done("circuit", "accept", "q1.r1-1")
    done("circuit", "decline", "q1.r2-2")
    at("2027-01-14T09:00:00Z")
    done("round", "finalise", "q1")
    done("circuit", "light", "q1.r1-1")
    done("circuit", "transfer", "q1.r1-1", "--to", "other", "--on", "2027-02-01")
    at("2027-01-18T09:00:00Z")
    done("circuit", "lapse")
    done("works", "plan", "w1", "--span", "ab", *NIGHT)
    done("recall", "plan", "ab", "--strands", "6", "--contributor", "council", "--on", "2027-09-01", "--record")
    done("circuit", "due", "--record", *INTERNAL)
    done("circuit", "cease", "c2", "--on", "2027-08-01")
    assert house("member", "leave", "isp", "--on", "2027-08-01").code == 2
    done("member", "leave", "isp", "--on", "2027-09-01")
    listed = house.document("circuit", "list", *INTERNAL, "--on", "2027-09-01")["circuits"]
    assert {c["circuit"]: c["state"] for c in listed} == {
        "c1": "recalled",
        "c2": "ceased",
        "q1.r1-1": "transferred",
        "q1.r1-1.t1": "recalled",
        "q1.r2-1": "lapsed",
        "q1.r2-2": "lapsed",
    }
    assert house("audit", "verify").code == 0
    assert all_is_well(store)
