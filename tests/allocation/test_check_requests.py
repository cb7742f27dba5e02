"""What an ISP runs before the gate: what each request could get if it were alone."""

from __future__ import annotations

import pytest

from allocation.check import check_requests
from tests.allocation.rounds import Round, a_round, ask, granted, rack, random_round
from tests.builders import DAY, circuit, network, node


def alone(this: Round) -> dict[str, tuple[int, list[str]]]:
    """Request -> what it could get, and the reason codes."""
    found = check_requests(this.network, this.circuits, this.requests, this.policy, on=DAY)
    assert found["schema"] == "cni.request_check/1"
    return {line["request"]: (line["grantable"], [r["code"] for r in line["reasons"]]) for line in found["alone"]}


def test_others_in_the_round_take_nothing_away():
    """Three pairs, two requests for three: each could have all three if it were alone."""
    this = a_round(network("s A B 1 strands=6"), ask("r1 m1 A-B 3"), ask("r2 m2 A-B 3"))
    assert alone(this) == {"r1": (3, []), "r2": (3, [])}


def test_live_circuits_do_take_away():
    this = a_round(network("s A B 1 strands=6"), ask("r1 m1 A-B 3"), circuits=[circuit("c1", "s", "m9")])
    assert alone(this)["r1"][0] == 2


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("r1 m1 A-C 1", "no_route"),
        ("r1 m1 A-B 1 diversity=span", "no_diverse_route"),
        ("r1 m1 A-B 1 max_km=1.999", "over_distance"),
        ("r1 m1 A-B 1 max_loss_db=1", "over_loss"),
        ("r1 m1 A-B 1 avoid=span:s", "avoid"),
        ("r1 m1 A-B 1 diverse_from=span:s", "diverse_from"),
        ("r1 m1 A-B 1 end=2026-12-31", "term"),
    ],
)
def test_what_gets_nothing_says_why(line, code):
    this = a_round(network("s A B 2", nodes=[node("C")]), ask(line))
    assert alone(this)["r1"] == (0, [code])


def test_a_minimum_above_what_there_is_gets_nothing():
    """Two pairs: a minimum of three gets none, and a minimum of two gets two of the three asked for."""
    this = a_round(
        network("s A B 1 strands=4"), ask("r1 m1 A-B 3 min_pairs=3"), ask("r2 m2 A-B 3 min_pairs=2"), ask("r3 m3 A-B 9")
    )
    assert {name: amount for name, (amount, _) in alone(this).items()} == {"r1": 0, "r2": 2, "r3": 2}


def test_room_in_part_and_whole():
    net = network("s A B 1", nodes=[node("A", rack_units=4, power_w=600)])
    this = a_round(net, rack("r1 m1 A 6 watts=1200 partial"), rack("r2 m2 A 6"), rack("r3 m3 A 4 watts=601"))
    assert alone(this) == {"r1": (3, []), "r2": (0, ["node_full"]), "r3": (0, ["power_full"])}


@pytest.mark.parametrize("block", range(5))
def test_alone_in_an_award_is_the_same_figure(block):
    """The figure is what an award of that request alone grants, for requests outside bundles."""
    for seed in range(9000 + block, 9030, 5):
        this = random_round(seed)
        figures = alone(this)
        for r in this.requests:
            if not r.bundle and not r.alternative_of:
                only = Round(this.network, (r,), this.policy, this.circuits)
                assert figures[r.id][0] == granted(only.award())[r.id], (seed, r.id)
