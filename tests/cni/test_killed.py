"""A process that is killed leaves a database that opens, checks clean, and takes the same command again (issue: faults).

A child dies at a given contact with the database (a statement or a commit, before or after), or after a random time. What it
leaves is either the state before the command or the state after it, never anything else; and the same command again ends in
the state after it.
"""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cni.children import Task, run
from tests.cni.postgres import Server
from tests.cni.stores import KINDS, Rows, Store, all_is_well

CLOCK = "2031-01-01T12:00:00+00:00"
MORE = "id,member,kind,a,b,pairs\n" + "".join(f"m{i},isp,fibre,A,{'BCE'[i % 3]},1\n" for i in range(20))
STAGES: dict[str, tuple[tuple[str, ...], ...]] = {
    "requests": ((), ("request", "import", "more.csv", "--round", "q1")),
    "network": ((), ("network", "import", "net", "--why", "again")),
    "award": (("round", "close", "q1"), ("round", "award", "q1")),
    "publish": (("round", "award", "q1"), ("round", "publish", "q1")),
}
"""By name: the command that leads to the stage (after that of the stage before), and the one that is killed."""

QUICK, SLOW, SLOW_TIMED = 3, 18, 7
"""Points a stage and kind of database: in the quick suite, and in the long one at contacts and by time: 200 in all."""


@dataclass(frozen=True)
class Stage:
    """A house from which the command starts, the states before and after it, and its contacts with the database."""

    store: Store
    folder: Path
    words: tuple[str, ...]
    before: Rows
    after: Rows
    contacts: int

    def task(self, store: Store, kill_at: int | None = None) -> Task:
        environment = (("CNI_DATABASE_URL", store.url), ("CNI_CLOCK", CLOCK), ("LOGNAME", "ann"))
        return Task((*self.words, "--quiet"), self.folder, environment, kill_at)


class Stages:
    """The stages on one kind of database, each made once."""

    def __init__(self, kind: str, folder: Path, first: Store, server: Server | None) -> None:
        self.kind, self.folder, self.server, self.made = kind, folder, server, 0
        self.stages: dict[str, Stage] = {}
        self.newest = first

    def copy(self, store: Store) -> Store:
        """The same house once more."""
        if self.server is not None:
            return Store(self.server.create(store.url))
        self.made += 1
        target = self.folder / f"copy{self.made}.db"
        shutil.copy(store.url.removeprefix("sqlite:///"), target)
        return Store(f"sqlite:///{target}")

    def drop(self, store: Store) -> None:
        if self.server is not None:
            self.server.drop(store.url)

    def __getitem__(self, name: str) -> Stage:
        if name not in self.stages:
            self.make(name)
        return self.stages[name]

    def make(self, name: str) -> None:
        lead, words = STAGES[name]
        if name == "publish":
            _ = self["award"]
        store = self.copy(self.newest)
        start = Stage(store, self.folder, lead, {}, {}, 0)
        if lead:
            assert run(start.task(store))[0] == 0
            self.newest = store
        done = self.copy(store)
        stage = Stage(store, self.folder, words, store.rows(), {}, 0)
        code, contacts = run(stage.task(done))
        assert code == 0
        self.stages[name] = Stage(store, self.folder, words, store.rows(), done.rows(), contacts)


@pytest.fixture(scope="module")
def stages(built: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, Stages]:
    """The stages of both kinds."""
    found = {}
    for kind in KINDS:
        folder = tmp_path_factory.mktemp(kind)
        shutil.copytree(built, folder, dirs_exist_ok=True)
        (folder / "more.csv").write_text(MORE)
        if kind == "sqlite":
            found[kind] = Stages(kind, folder, Store(f"sqlite:///{folder}/cni.db"), None)
        else:
            template = Store(request.getfixturevalue("built_shared"))
            found[kind] = Stages(kind, folder, template, request.getfixturevalue("server"))
    return found


def killed(stages: Stages, name: str, kill_at: int | None, after_s: float | None) -> None:
    """Kill, look, and run the command again."""
    stage = stages[name]
    store = stages.copy(stage.store)
    code, _ = run(stage.task(store, kill_at), after_s)
    assert code == -9 if kill_at is not None else code in (0, -9)
    left = store.rows()
    assert left in (stage.before, stage.after)
    assert all_is_well(store)
    again, _ = run(stage.task(store))
    assert again in ((0,) if left == stage.before else (0, 2))  # what is done already may be refused
    assert store.rows() == stage.after
    assert all_is_well(store)
    stages.drop(store)


@pytest.mark.parametrize("name", STAGES)
def test_a_process_killed_at_any_contact_leaves_all_or_nothing(stages: dict[str, Stages], kind: str, name: str) -> None:
    """In the middle, and right before and after the commit."""
    stage = stages[kind][name]
    assert stage.contacts > 10
    for kill_at in (stage.contacts // 2, *commits(stage))[:QUICK]:
        killed(stages[kind], name, kill_at, None)


def commits(stage: Stage) -> tuple[int, int]:
    """The contacts just before and just after the last commit, which is that of the change."""
    return stage.contacts - 2, stage.contacts - 1


@pytest.mark.long
@pytest.mark.parametrize("name", STAGES)
def test_a_process_killed_at_200_random_points_leaves_all_or_nothing(
    stages: dict[str, Stages], kind: str, name: str
) -> None:
    """200 points over both kinds and all stages: most at a contact, the others whenever a clock says."""
    lot = random.Random(f"{kind} {name}")
    stage = stages[kind][name]
    for _ in range(SLOW):
        killed(stages[kind], name, lot.randrange(stage.contacts), None)
    for _ in range(SLOW_TIMED):
        killed(stages[kind], name, None, lot.uniform(0.02, 0.6))
