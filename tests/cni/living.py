"""A house with a final round, three members and circuits in every early state, made once and copied for each test."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from cni.__main__ import main
from cni.rounds.act import Act
from tests.cni.conftest import write_inputs
from tests.cni.helpers import Cni
from tests.cni.sealed import House

UTC = timezone.utc  # noqa: UP017 -- reads as what it is
BEGIN, FINAL = "2027-01-04T09:00:00Z", "2027-01-14T09:00:00Z"
REQUESTS = (
    "id,member,kind,a,b,pairs,diversity,end\n"
    "r1,isp,fibre,A,C,1,node,2032-01-04\nr2,other,fibre,A,E,2,none,2030-01-04\nr3,third,fibre,D,E,4,none,2030-01-04\n"
)
"""Of 3 pairs on de r2 gets its first before r3's second; r3 waits for de."""


def build(folder: Path) -> None:
    """Round q1 is final on 14 January 2027: q1.r1-1 of isp (two legs), r2 of other and r3 of third over de, all offered."""
    net = write_inputs(folder)
    (folder / "requests.csv").write_text(REQUESTS)
    (folder / "circuits.csv").write_text("id,member,start,end,legs\nc1,isp,2025-01-01,2028-01-01,ab+bc|da+cd\n")
    begin: tuple[tuple[object, ...], ...] = (
        ("init",),
        *(("member", "add", member) for member in ("isp", "other", "third")),
        *(("member", "add", owner, "--roles", "contributor") for owner in ("council", "tram")),
        ("network", "import", net, "--circuits", folder / "circuits.csv"),
        ("round", "create", "q1", "--policy", folder / "policy.toml", "--seed", "s"),
        ("round", "open", "q1"),
        ("request", "import", folder / "requests.csv", "--round", "q1"),
        *(("round", step, "q1") for step in ("close", "award", "publish")),
    )
    with pytest.MonkeyPatch.context() as patch:
        for time, steps in ((BEGIN, begin), (FINAL, (("round", "finalise", "q1"),))):
            patch.setenv("CNI_CLOCK", time)
            for words in steps:
                assert main([*map(str, words), "--db", f"sqlite:///{folder}/cni.db", "--quiet"]) == 0


_BUILT: list[Path] = []


def make(folder: Path, monkeypatch: pytest.MonkeyPatch, cni: Cni, made_in: pytest.TempPathFactory) -> House:
    """A copy of what `build` makes, which happens once, with the clock at the end of the round."""
    if not _BUILT:
        _BUILT.append(made_in.mktemp("living"))
        build(_BUILT[0])
    shutil.copytree(_BUILT[0], folder, dirs_exist_ok=True)
    return House(cni, monkeypatch).at(FINAL)


def act(day: int, who: str = "test") -> Act:
    """Somebody acts so many days after the round became final."""
    return Act(who, datetime(2027, 1, 14, 9, tzinfo=UTC) + timedelta(days=day))


def copied(source: Path, target: Path) -> str:
    """The URL of a copy of a folder's database."""
    target.mkdir(parents=True, exist_ok=True)
    for file in source.glob("cni.db*"):
        shutil.copy(file, target / file.name)
    return f"sqlite:///{target / 'cni.db'}"
