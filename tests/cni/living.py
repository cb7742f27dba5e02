"""A house with a final round, three members and circuits in every early state, made once and copied for each test."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

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


def make(folder: Path, monkeypatch: pytest.MonkeyPatch, cni: Cni) -> House:
    """Round q1 is final on 14 January 2027: q1.r1-1 of isp (two legs), r2 of other and r3 of third over de, all offered."""
    net = write_inputs(folder)
    (folder / "requests.csv").write_text(REQUESTS)
    circuits = "id,member,start,end,legs\nc1,isp,2025-01-01,2028-01-01,ab+bc|da+cd\n"
    (folder / "circuits.csv").write_text(circuits)
    house = House(cni, monkeypatch).at(BEGIN)
    house.done("init")
    for member in ("isp", "other", "third"):
        house.done("member", "add", member)
    for owner in ("council", "tram"):
        house.done("member", "add", owner, "--roles", "contributor")
    house.done("network", "import", net, "--circuits", "circuits.csv")
    house.done("round", "create", "q1", "--policy", "policy.toml", "--seed", "s")
    house.done("round", "open", "q1")
    house.done("request", "import", "requests.csv", "--round", "q1")
    for step in ("close", "award", "publish"):
        house.done("round", step, "q1")
    house.at(FINAL).done("round", "finalise", "q1")
    return house


def act(day: int, who: str = "test") -> Act:
    """Somebody acts so many days after the round became final."""
    return Act(who, datetime(2027, 1, 14, 9, tzinfo=UTC) + timedelta(days=day))


def copied(source: Path, target: Path) -> str:
    """The URL of a copy of a folder's database."""
    target.mkdir(parents=True, exist_ok=True)
    for file in source.glob("cni.db*"):
        shutil.copy(file, target / file.name)
    return f"sqlite:///{target / 'cni.db'}"
