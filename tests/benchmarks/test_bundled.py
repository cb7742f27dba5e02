"""How long people wait for each answer about the bundled network: whole processes, as they would run them.

`ratio` is to the start of Python with what every command imports (`cni --version`), measured in turn with them: a figure that
depends little on the machine. Figures are printed, never asserted.
"""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest

from scenarios.fibre_manchester import folder
from tests.cni.helpers import ROOT
from topology.files.csv_folder import read_network

RUNS = 3
BASE = ("network", "--circuits", "circuits.csv")
QUESTIONS = {
    "`--version` (the ratio's 1)": ("--version",),
    "`--help`": ("--help",),
    "`network check`": ("network", "check", "network"),
    "`network offer`": ("network", "offer", *BASE),
    "`network routes` of all key pairs at level risk": (
        "network",
        "routes",
        "network",
        "--diversity",
        "risk",
        "--pairs",
        "pairs.csv",
    ),
    "`network map`": ("network", "map", "network", "-o", "map.html"),
    "`request check`, 81 requests": ("request", "check", "network", "requests.csv", "--circuits", "circuits.csv"),
    "`allocate`, 81 requests": (
        *("allocate", "network", "requests.csv", "--circuits", "circuits.csv"),
        *("--policy", "policy.toml", "--seed", "2027-Q1", "--pack", "pack.json"),
    ),
    "`verify`": ("verify", "pack.json"),
    "`verify --full`": ("verify", "pack.json", "--full"),
    "`scenario fail`": ("scenario", "fail", *BASE, "--span", "S001"),
    "`scenario sweep --order 2`": ("scenario", "sweep", *BASE, "--order", "2"),
    "`scenario availability`": ("scenario", "availability", *BASE),
    "`scenario run --bundled`": ("scenario", "run", "--bundled"),
    "`bill preview`": (
        *("bill", "preview", *BASE, "--tariff", "tariff.toml", "--policy", "policy.toml"),
        *("--period", "2027-01-01/2027-04-01"),
    ),
    "`demo`": ("demo",),
}


def seconds(place: Path, words: tuple[str, ...]) -> float:
    began = perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "cni", *words],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return perf_counter() - began


@pytest.mark.bench
def test_time_of_answers_about_the_bundled_network(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name in ("network", "circuits.csv", "requests.csv", "policy.toml", "tariff.toml"):
        (tmp_path / name).symlink_to(folder() / name)
    pairs = [f"{a},{b}" for a, b in combinations(read_network(folder() / "network")[0].key_nodes, 2)]
    (tmp_path / "pairs.csv").write_text("a,b\n" + "\n".join(pairs) + "\n")
    with capsys.disabled():
        sys.stdout.write("\n| question | seconds | ratio |\n|---|---|---|\n")
        one = 0.0
        for name, words in QUESTIONS.items():
            took = median(seconds(tmp_path, words) for _ in range(RUNS))
            one = one or took
            sys.stdout.write(f"| {name} | {took:.2f} | {took / one:.1f} |\n")
            sys.stdout.flush()
