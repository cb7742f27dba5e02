"""Many processes at once on one database: nothing is lost, nothing is doubled, the log stays whole and without a gap."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from tests.cni.children import Task, run_at_once
from tests.cni.helpers import Cni
from tests.cni.stores import Store, all_is_well

PROCESSES = 8


def tasks(at_home: Cni, store: Store, *commands: tuple[str, ...]) -> list[Task]:
    """One task a command, all on the store."""
    environment = (("CNI_DATABASE_URL", store.url), ("LOGNAME", "ann"))
    return [Task((*words, "--quiet"), at_home.folder, environment) for words in commands]


def numbers(store: Store) -> list[int]:
    """The numbers of the log's entries."""
    with store.plain().connect() as connection:
        return list(connection.execute(text("SELECT number FROM audit ORDER BY number")).scalars())


def submit(request_id: str, *, replace: bool = False) -> tuple[str, ...]:
    """A request of one pair from A to C."""
    more = ("--replace",) if replace else ()
    what = ("kind=fibre", "a=A", "b=C", "pairs=1")
    return ("request", "submit", "--round", "q1", "--id", request_id, "--member", "isp", *more, *what)


def test_eight_processes_that_submit_at_once_lose_nothing(at_home: Cni, store: Store) -> None:
    """Each its own request; then all the same one, which one gets; then a new version each of one request."""
    before = len(numbers(store))
    own = run_at_once(tasks(at_home, store, *(submit(f"n{i}") for i in range(PROCESSES))))
    assert own == [0] * PROCESSES
    same = run_at_once(tasks(at_home, store, *(submit("same") for _ in range(PROCESSES))))
    assert sorted(same) == [0] + [2] * (PROCESSES - 1)
    again = run_at_once(tasks(at_home, store, *(submit("same", replace=True) for _ in range(PROCESSES))))
    assert set(again) <= {0, 2}
    listed = at_home("request", "list", "--round", "q1", "--json").document["requests"]
    assert {r["id"] for r in listed} == {"r1", "r2", "same", *(f"n{i}" for i in range(PROCESSES))}
    versions = [row[2] for row in store.rows()["request"] if row[1] == "same"]
    assert sorted(map(str, versions)) == [str(n + 1) for n in range(len(versions))]
    written = before + PROCESSES + 1 + again.count(0)
    assert numbers(store) == list(range(1, written + 1))
    assert all_is_well(store)


def test_eight_processes_that_award_at_once_make_one_award(at_home: Cni, store: Store) -> None:
    """While one more submits, which comes too late: whoever is second is told so, and nothing of it is written."""
    assert run_at_once(tasks(at_home, store, *[("round", "close", "q1")] * PROCESSES)).count(0) == 1
    before = numbers(store)
    codes = run_at_once(tasks(at_home, store, *[("round", "award", "q1")] * (PROCESSES - 1), submit("late")))
    assert sorted(codes) == [0] + [2] * (PROCESSES - 1)
    assert len(store.rows()["award"]) == 1
    assert run_at_once(tasks(at_home, store, *[("round", "publish", "q1")] * PROCESSES)).count(0) == 1
    circuits = [json.dumps(row) for row in store.rows()["circuit"]]
    assert len(circuits) == len(set(circuits)) == 3
    assert numbers(store) == [*before, before[-1] + 1, before[-1] + 2]
    assert all_is_well(store)


def test_eight_processes_that_make_the_house_make_one(cni: Cni, empty: str, kind: str) -> None:
    codes = run_at_once(tasks(cni, Store(empty), *[("init",)] * PROCESSES))
    assert codes.count(0) == 1, codes
    assert set(codes) == {0, 2}
    assert all_is_well(Store(empty))


@pytest.mark.slow
def test_eight_processes_that_do_all_kinds_of_things_for_a_while(at_home: Cni, store: Store) -> None:
    """160 commands, eight at a time."""
    before = len(numbers(store))
    for turn in range(20):
        commands = [
            ("member", "add", f"m{turn}a"),
            ("member", "add", f"m{turn}a"),
            submit(f"t{turn}"),
            submit(f"t{turn}", replace=True),
            ("network", "import", "net"),
            ("member", "list"),
            ("audit", "verify"),
            ("member", "add", f"m{turn}b"),
        ]
        codes = run_at_once(tasks(at_home, store, *commands))
        assert set(codes) <= {0, 2}
        assert (codes[5], codes[6], codes[7]) == (0, 0, 0)
    found = numbers(store)
    assert found == list(range(1, len(found) + 1))
    assert len(found) > before + 60
    assert all_is_well(store)
