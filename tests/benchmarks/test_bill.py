"""How long a year of billing takes: 20,000 circuits, four quarters, drafted, reviewed, made final, and checked.

Figures are printed, never asserted (aim: under a minute a year). The small year of the quick tests keeps it alive.
"""

from __future__ import annotations

import gc
import itertools
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import pytest
from sqlalchemy import Engine

from billing.fees.policy import FeePolicy
from billing.tariff import Price, Tariff
from cni.__main__ import EVERY
from cni.bills import checking, finalising, inputs, runs
from cni.rounds import database, networks
from cni.rounds.act import Act
from cni.store.engine import open_engine
from tests.benchmarks.networks import Size, circuits_on, metro
from tests.cni.postgres import Server, started
from tests.cni.stores import KINDS
from topology.model import Circuit, Network

LARGE, SMALL = Size(750, 900, 40, 20_000), Size(30, 45, 8, 40)
EDGES = ("2027-01-01", "2027-04-01", "2027-07-01", "2027-10-01", "2028-01-01")
TARIFF = Tariff((Price("fibre_pair_metre_year", Decimal("0.35")), Price("connection", Decimal("450"))))
POLICY = FeePolicy(rate=Decimal("0.12"), margin_share=Decimal("0.1"), reserve_share=Decimal("0.05"))


@dataclass(frozen=True)
class Case:
    """A network with circuits that last the year."""

    network: Network
    circuits: tuple[Circuit, ...]


def case(size: Size) -> Case:
    """Members hold 100 circuits each."""
    net = replace(metro(size), organisations=None)
    held = circuits_on(net, size.circuits)
    return Case(net, tuple(replace(c, member=f"m{i % max(1, len(held) // 100)}", end=None) for i, c in enumerate(held)))


def act(name: str) -> Act:
    """Somebody, after the year."""
    return Act(name, datetime(2028, 1, 4, 9, tzinfo=timezone.utc))  # noqa: UP017 -- reads as what it is


def house(engine: Engine, given: Case) -> None:
    """The spine and what bills are computed from."""
    networks.import_network(engine, act("ann"), given.network, given.circuits, "made")
    inputs.append(engine, act("ann"), inputs.TARIFF, TARIFF.as_json(), "made", None)
    inputs.append(engine, act("ann"), inputs.POLICY, POLICY.as_json(), "made", None)


def year(engine: Engine) -> Iterator[tuple[str, float]]:
    """The steps of four quarters with their seconds, then the checks of the books."""
    for number, (first, last) in enumerate(itertools.pairwise(EDGES), 1):
        period = datetime.fromisoformat(first).date(), datetime.fromisoformat(last).date()
        began = perf_counter()
        done = runs.run(engine, act("ann"), *period)
        assert done.run is not None
        yield f"run, quarter {number}", perf_counter() - began
        began = perf_counter()
        runs.review(engine, act("bob"), number)
        finalising.finalise(engine, act("cat"), number, "made up", "made up")
        yield f"finalise, quarter {number}", perf_counter() - began
    began = perf_counter()
    found, _ = checking.check(engine)
    assert all(c.ok for c in found), found
    yield "check", perf_counter() - began


@pytest.mark.bench
def test_time_of_a_year_of_20_000_circuits(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    gc.set_threshold(EVERY)  # as every command does
    given = case(LARGE)
    with started() as server:
        urls = dict(zip(KINDS, (f"sqlite:///{tmp_path}/house.db", Server(server).create()), strict=True))
        told = {}
        for kind, url in urls.items():
            database.init(url)
            house(open_engine(url), given)
            told[kind] = dict(year(open_engine(url)))
    lines = ["", f"| step | {' | '.join(f'{kind}, s' for kind in told)} |", "|---|---|---|"]
    for step in next(iter(told.values())):
        lines.append(f"| {step} | {' | '.join(f'{times[step]:.1f}' for times in told.values())} |")
    lines.append(f"| a year | {' | '.join(f'{sum(times.values()):.1f}' for times in told.values())} |")
    with capsys.disabled():
        sys.stdout.write("\n".join(lines) + "\n")


def test_a_small_year_is_billed_and_checks_clean(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/house.db"
    database.init(url)
    house(open_engine(url), case(SMALL))
    assert len(dict(year(open_engine(url)))) == 9
