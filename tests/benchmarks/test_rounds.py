"""How long the level counts of a round take to be proved, and how far two usual methods stay behind them.

Figures are printed, never asserted. `ratio` is the time until every level is settled over the time of one solve of the plain
linear relaxation of the same model (level 1, all routes, from an empty list of routes): a figure that does not depend on
the machine. Run them by `python3 dev.py bench`; folders written elsewhere are measured by
`python -m tests.benchmarks.test_rounds FOLDER...`, each with `network/` and `requests.csv`.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import pytest

from allocation.files.requests import read_requests
from allocation.policy import Policy
from allocation.request import Request
from allocation.solving.instance import compile_round
from allocation.solving.levels import Level, settle_levels
from allocation.solving.search import Search
from tests.benchmarks.networks import DAY
from tests.benchmarks.rounds import behind, first_come, generated_round, progressive_filling
from topology.files.csv_folder import read_network
from topology.model import Network

HEAD = "| round | seconds | ratio to LP | levels: members (gap) | first come | filling | MiB |"


def relaxation_seconds(network: Network, requests: Sequence[Request]) -> float:
    """One solve of the plain linear relaxation, from nothing."""
    began = perf_counter()
    search = Search(compile_round(network, (), requests, Policy(), DAY))
    search.relaxation.maximise(search.core.open_level("fibre", 1))
    return perf_counter() - began


def measure(name: str, network: Network, requests: Sequence[Request]) -> str:
    """One line of the table."""
    plain = relaxation_seconds(network, requests)
    began = perf_counter()
    instance = compile_round(network, (), requests, Policy(), DAY)
    levels: list[Level] = list(settle_levels(Search(instance), "fibre", lambda level: None))
    seconds = perf_counter() - began
    best = [level.members for level in levels if level.members]
    text = ", ".join(str(v.members) + (f" (+{v.bound - v.members})" if v.bound > v.members else "") for v in levels)
    others = (behind(method(instance), best) for method in (first_come, progressive_filling))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return f"| {name} | {seconds:.1f} | {seconds / plain:.1f} | {text} | {' | '.join(others)} | {memory} |"


@pytest.mark.bench
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("load", ["light", "heavy"])
@pytest.mark.parametrize("size", ["S", "M", "L"])
def test_time_to_proof(size: str, load: str, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    line = measure(f"{size} {load} {seed}", *generated_round(size, load, seed))
    with capsys.disabled():
        sys.stdout.write(f"\n{HEAD}\n{line}\n" if seed == 1 else f"{line}\n")


def main(folders: Sequence[str]) -> None:
    """Print the table for rounds in folders."""
    sys.stdout.write(HEAD + "\n")
    for folder in folders:
        network, _ = read_network(Path(folder) / "network")
        requests, _ = read_requests(Path(folder) / "requests.csv", network)
        sys.stdout.write(measure(Path(folder).name, network, requests) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
