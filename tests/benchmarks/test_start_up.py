"""How long `cni --help` takes, as a ratio to `python -c "import typer"` on the same machine (aim: at most 2)."""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from time import perf_counter

import pytest

from tests.cni.helpers import ROOT

RUNS = 15


def seconds(*words: str) -> float:
    began = perf_counter()
    subprocess.run([sys.executable, *words], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return perf_counter() - began


@pytest.mark.bench
def test_time_of_help(capsys: pytest.CaptureFixture[str]) -> None:
    typer, help_ = [], []
    for _ in range(RUNS):  # in turn, so that a busy machine slows both
        typer.append(seconds("-c", "import typer"))
        help_.append(seconds("-m", "cni", "--help"))
    ratio = median(help_) / median(typer)
    with capsys.disabled():
        sys.stdout.write(f"\ncni --help: {median(help_) * 1000:.0f} ms, {ratio:.2f} x import typer\n")
