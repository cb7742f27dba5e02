"""A process that is killed while it makes a run final leaves all of it or nothing: no number is lost, no entry stands alone."""

from __future__ import annotations

import os
import random
import shutil
from dataclasses import dataclass

import pytest

from tests.cni.billed import CLOCK, Bills
from tests.cni.children import Task, run
from tests.cni.postgres import Server
from tests.cni.stores import Rows, Store, all_is_well

MANY = 60
"""Points in the long suite, a kind of database."""


@dataclass
class Reviewed:
    """A house with a reviewed run, its rows before and after it is made final, and the contacts that this takes."""

    bills: Bills
    server: Server | None
    before: Rows
    after: Rows
    contacts: int
    made: int = 0

    def copy(self) -> Store:
        self.made += 1
        if self.server is not None:
            return Store(self.server.create(self.bills.store.url))
        target = self.bills.cni.folder / f"copy{self.made}.db"
        shutil.copy(self.bills.store.url.removeprefix("sqlite:///"), target)
        return Store(f"sqlite:///{target}")

    def drop(self, store: Store) -> None:
        if self.server is not None:
            self.server.drop(store.url)

    def task(self, store: Store, kill_at: int | None = None) -> Task:
        environment = (("CNI_DATABASE_URL", store.url), ("CNI_CLOCK", CLOCK), ("LOGNAME", "cat"))
        return Task(("bill", "finalise", "1", "--quiet"), self.bills.cni.folder, environment, kill_at)

    def killed(self, kill_at: int | None, after_s: float | None = None) -> None:
        """Kill, look, and give the command again."""
        store = self.copy()
        code, _ = run(self.task(store, kill_at), after_s)
        assert code == -9 if kill_at is not None else code in (0, -9)
        left = store.rows()
        assert left in (self.before, self.after)
        assert all_is_well(store)
        os.environ["CNI_DATABASE_URL"] = store.url
        assert Bills(self.bills.cni, store).well()
        again, _ = run(self.task(store))
        assert again == (0 if left == self.before else 2)
        assert store.rows() == self.after
        assert Bills(self.bills.cni, store).well()
        self.drop(store)


@pytest.fixture
def reviewed(bills: Bills, request: pytest.FixtureRequest) -> Reviewed:
    bills.run()
    bills.done("bill", "review", 1, "--by", "bob")
    server = request.getfixturevalue("server") if bills.store.kind == "postgresql" else None
    made = Reviewed(bills, server, bills.store.rows(), {}, 0)
    done = made.copy()
    code, made.contacts = run(made.task(done))
    assert code == 0
    made.after = done.rows()
    return made


def test_killed_at_any_contact_finalise_leaves_all_or_nothing(reviewed: Reviewed) -> None:
    """At a third, in the midst of the writing, and right before and after the commit."""
    last = reviewed.contacts
    assert last > 20
    for kill_at in (last // 3, last - 7, last - 2, last - 1):
        reviewed.killed(kill_at)


@pytest.mark.long
def test_killed_at_many_points_finalise_leaves_all_or_nothing(reviewed: Reviewed) -> None:
    lot = random.Random(reviewed.bills.store.kind)
    for turn in range(MANY):
        if turn % 4:
            reviewed.killed(lot.randrange(reviewed.contacts))
        else:
            reviewed.killed(None, lot.uniform(0.02, 0.6))
