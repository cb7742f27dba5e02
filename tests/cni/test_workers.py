"""Long work by processes and by Dask: the same bytes as here; refusals that say what to do."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from scenarios.fibre_manchester import folder
from tests.cni.helpers import ROOT, run

SPINE = (str(folder() / "network"), "--circuits", str(folder() / "circuits.csv"), "--json")
SWEEP = ("scenario", "sweep", *SPINE, "--order", "2", "--top", "30")
MINUTES = ("scenario", "availability", *SPINE, "--effort", "50", "--within", "1")


@pytest.mark.slow
@pytest.mark.parametrize("command", [SWEEP, MINUTES])
def test_one_process_and_two_give_the_same_bytes(command, tmp_path):
    here = run(*command, folder=tmp_path)
    assert here.out
    assert run(*command, "--jobs", "2", folder=tmp_path) == here


@pytest.mark.dask
@pytest.mark.parametrize("command", [SWEEP, MINUTES])
def test_a_dask_cluster_gives_the_same_bytes(command, tmp_path):
    import distributed

    here = run(*command, folder=tmp_path)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        assert run(*command, "--scheduler", cluster.scheduler_address, folder=tmp_path)[:2] == here[:2]


def test_two_processes_give_the_same_bytes(net, tmp_path):
    command = ("scenario", "availability", net, "--circuits", "circuits.csv", "--json")
    here = run(*command, folder=tmp_path)
    assert here.code == 0
    assert run(*command, "--jobs", "2", folder=tmp_path) == here


@pytest.mark.parametrize("words", [("--jobs", "0"), ("--jobs", "2", "--scheduler", "tcp://127.0.0.1:1")])
def test_counts_that_cannot_be_and_two_places_at_once_are_refused(words, cni, net):
    done = cni("scenario", "sweep", net, "--circuits", "circuits.csv", *words)
    assert done.code == 2
    assert words[-2] in done.err


def test_without_dask_the_extra_is_named(cni, net, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = cni("scenario", "sweep", net, "--circuits", "circuits.csv", "--scheduler", "tcp://127.0.0.1:1")
    assert (done.code, done.out) == (2, "")
    assert "cni[dask]" in done.err


@pytest.mark.slow
def test_ctrl_c_ends_with_130_and_leaves_nothing_on_stdout(tmp_path):
    command = (sys.executable, "-c", KILLED, "scenario", "sweep", *SPINE, "--order", "2", "--jobs", "2")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (130, "")
    assert "Traceback" not in done.stderr


KILLED = f"""
import os, signal, sys
import cni.cli.workers as workers
from cni.__main__ import main
from concurrent.futures import ProcessPoolExecutor
first = ProcessPoolExecutor.map
def then_interrupted(self, *given, **more):
    for i, part in enumerate(first(self, *given, **more)):
        if i == 1:
            os.kill(os.getpid(), {int(signal.SIGINT)})
        yield part
ProcessPoolExecutor.map = then_interrupted
if __name__ == "__main__":
    sys.exit(main())
"""
