"""The life of circuits, works, a recall and a leave, played from the command line on both kinds of database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cni.rounds import database, networks
from cni.rounds.circuits import Scope, Standing, standing_circuits
from cni.store.engine import open_engine, reading
from tests.benchmarks.house import Years, build
from tests.benchmarks.networks import SMALL
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


def test_what_is_asked_for_alone_is_told_as_among_all(empty: str) -> None:
    """Reading only a member's circuits, or only those that may still hold something, tells of them what reading all tells."""
    database.init(empty)
    engine = open_engine(empty)
    build(engine, Years(SMALL, rounds=4, members=6, circuits=60))
    with reading(engine) as connection:
        held, every = networks.with_standings(connection)

        def asked(**scope: object) -> dict[str, Standing]:
            found = standing_circuits(connection, (), held.network, scope=Scope(**scope))  # type: ignore[arg-type]
            return {s.circuit.id: s for s in found}

        days = {s.circuit.start for s in every} | {s.circuit.end for s in every if s.circuit.end}
        for day in sorted({d + timedelta(days=n) for d in sorted(days)[::7] for n in (-1, 0, 1)}):
            some = asked(day=day)
            for s in every:
                if s.origin != "file" and s.holds_anything and (s.circuit.end is None or s.circuit.end > day):
                    assert some[s.circuit.id] == s
        mine = {s.circuit.id: s for s in every if s.circuit.member == "m3" and s.origin != "file"}
        assert mine
        assert asked(members=frozenset(("m3",))) == mine
        one = next(iter(mine))
        assert asked(ids=frozenset((one,))) == {one: mine[one]}
