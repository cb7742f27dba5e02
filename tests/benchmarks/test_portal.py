"""200 sealed files and 2,000 page views in the last minute before a gate, on a real portal process (loopback only).

Times are printed, never asserted; that nothing is lost, doubled or taken late is asserted. The small crowd of the slow
tests keeps the generator alive.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.benchmarks.portal_load import ROUND, Crowd, House, house, now, opened, plan, sealed_file, stored, told
from tests.cni.helpers import ROOT
from tests.cni.postgres import Server, started
from tests.cni.stores import KINDS


@contextmanager
def portal(url: str, folder: Path) -> Iterator[int]:
    """A portal of its own process; gives its port."""
    words = ["serve", "--port", "0", "--mail-folder", str(folder / "mail"), "--db", url]
    env = {k: v for k, v in os.environ.items() if k not in ("CNI_CLOCK", "PYTHONDONTWRITEBYTECODE")}
    env["PYTHONPATH"] = str(ROOT)
    process = subprocess.Popen(
        [sys.executable, "-m", "cni", *words], env=env, stderr=subprocess.PIPE, text=True, cwd=folder
    )
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        found = re.search(r"localhost:(\d+)/", line)
        assert found, line + process.stderr.read()
        yield int(found[1])
    finally:
        process.terminate()
        process.communicate(timeout=30)


def wait_past(moment: object) -> None:
    """Until the gate is over."""
    while now() <= moment:  # type: ignore[operator]
        time.sleep(0.1)


def crowded(url: str, folder: Path, members: int, views: int, seconds: float) -> tuple[House, dict[str, object]]:
    """A crowd at a house that closes soon after; then one file that comes too late."""
    cookies = house(url, members)
    with portal(url, folder) as port:
        made = opened(url, cookies, timedelta(seconds=seconds + 3))
        crowd = Crowd(port)
        crowd.run(plan(made, views, seconds))
        found = told(crowd.answers, seconds)
        wait_past(made.gate)
        late = Crowd(port, 1)
        member = min(made.cookies)
        words = ("POST", f"/api/v1/rounds/{ROUND}/submissions", made.cookies[member])
        late.run([(0.0, (*words, sealed_file(member, made.recipient), "late"))])
    refused = late.answers[0]
    assert (refused.status, json.loads(refused.body)["code"]) == (409, "late")
    assert not found["wrong"], found["wrong"]
    receipts, held = found["receipts"], stored(url)
    assert {row[0] for row in held} == set(made.cookies)
    assert len(held) == members
    assert receipts == set(held)
    assert max(found["received"]) <= made.gate.isoformat()  # type: ignore[call-overload]
    return made, found


@pytest.mark.slow
def test_a_small_crowd_loses_and_doubles_nothing(tmp_path: Path) -> None:
    crowded(f"sqlite:///{tmp_path}/cni.db", tmp_path, 8, 40, 2.0)


@pytest.mark.bench
@pytest.mark.parametrize("kind", KINDS)
def test_the_last_minute_before_the_gate(kind: str, tmp_path: Path) -> None:
    if kind == "sqlite":
        _print(kind, crowded(f"sqlite:///{tmp_path}/cni.db", tmp_path, 200, 2000, 60.0)[1])
        return
    with started() as address:
        _print(kind, crowded(Server(address).create(), tmp_path, 200, 2000, 60.0)[1])


def _print(kind: str, found: dict[str, object]) -> None:
    names = ("median", "p99", "worst_second", "submission_median", "submission_worst")
    row = "  ".join(f"{name} {1000 * float(found[name]):.0f} ms" for name in names)  # type: ignore[arg-type]
    sys.stdout.write(f"\n{kind}: 200 files, 2,000 views, 60 s; {row}\n")
