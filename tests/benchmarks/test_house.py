"""How long questions to a house of ten years take, each as a whole process: 40 rounds, 200 members, 20,000 circuits.

Figures are printed, never asserted (aim: 1 s each). The small house of the quick tests keeps the generator alive.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest

from cni.rounds import database
from cni.store.engine import open_engine
from tests.benchmarks.house import A_MOMENT, TEN_YEARS, Years, build
from tests.cni.helpers import ROOT
from tests.cni.postgres import Server, started
from tests.cni.stores import KINDS

RUNS = 5
CLOCK = "2036-10-15T09:00:00Z"
QUESTIONS: dict[str, tuple[str, ...]] = {
    "member list": ("member", "list"),
    "round show": ("round", "show"),
    "round show, one": ("round", "show", "q02"),
    "circuit list, a member's": ("circuit", "list", "--for", "m3"),
    "circuit list, live": ("circuit", "list", "--state", "live", "--disclosure", "internal"),
    "circuit list, all": ("circuit", "list", "--disclosure", "internal"),
    "circuit show": ("circuit", "show", "q00.r0-1", "--disclosure", "internal"),
    "spare on a day": ("network", "offer", "--live", "--on", "2036-10-15"),
    "audit verify": ("audit", "verify"),
    "db check": ("db", "check"),
}


def made(url: str, years: Years) -> None:
    """The house in an empty place."""
    database.init(url)
    build(open_engine(url), years)


def seconds(url: str, folder: Path, words: tuple[str, ...], runs: int = RUNS) -> list[float]:
    """Of whole processes, after one whose time is not taken: it compiles what a set-up would have compiled."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    more = {"CNI_DATABASE_URL": url, "CNI_CLOCK": CLOCK, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(folder)}
    found = []
    for _ in range(runs + 1):
        began = perf_counter()
        command = [sys.executable, "-m", "cni", *words]
        done = subprocess.run(command, env={**kept, **more}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        found.append(perf_counter() - began)
    return found[1:]


@pytest.mark.bench
def test_time_of_questions_to_a_house_of_ten_years(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with started() as server:
        urls = dict(zip(KINDS, (f"sqlite:///{tmp_path}/house.db", Server(server).create()), strict=True))
        for url in urls.values():
            made(url, TEN_YEARS)
        lines = table(urls, tmp_path / "compiled")
    with capsys.disabled():
        sys.stdout.write("\n".join(lines) + "\n")


def table(urls: dict[str, str], compiled: Path) -> list[str]:
    """One line a question: the median of its times on each kind of database."""
    lines = ["", f"| question | {' | '.join(f'{kind}, s' for kind in urls)} |", "|---|---|---|"]
    for name, words in QUESTIONS.items():
        times = [median(seconds(url, compiled, words)) for url in urls.values()]
        lines.append(f"| {name} | {' | '.join(f'{t:.2f}' for t in times)} |")
    return lines


def test_every_question_is_answered_on_a_small_house(tmp_path: Path) -> None:
    """The same questions to the same kind of house, so that generator and commands fit together."""
    url = f"sqlite:///{tmp_path}/small.db"
    made(url, A_MOMENT)
    assert all(c.ok for c in database.check(url))
    for name in ("round show, one", "circuit list, live", "spare on a day"):
        assert seconds(url, tmp_path / "compiled", QUESTIONS[name], runs=0) == []
