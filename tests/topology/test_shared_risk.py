"""Shared risk proposed from geometry, and what key nodes hang on, each against a slower way to say the same."""

from __future__ import annotations

from dataclasses import replace
from math import cos, radians

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.benchmarks.networks import LARGE, metro
from tests.builders import network, node
from topology.checks import find
from topology.geo import EARTH_RADIUS_M
from topology.model import Network
from topology.routing.shared_risk import Beside, beside
from topology.routing.single_points import keys_apart

DEGREE = radians(1) * EARTH_RADIUS_M


def at(name: str, east_m: float, north_m: float):
    """A node so many metres east and north of a corner of Manchester."""
    return node(name, lat=53.5 + north_m / DEGREE, lon=-2.2 + east_m / DEGREE / cos(radians(53.5)))


def grid(*lines: str, **places: tuple[float, float]) -> Network:
    return network(*lines, nodes=[at(name, *place) for name, place in places.items()])


def test_two_spans_in_one_street_are_proposed_with_distance_and_length():
    net = grid("s A B 1", "t C D 1", A=(0, 0), B=(1000, 0), C=(300, 10), D=(900, 10))
    assert beside(net) == (Beside("s", "t", "runs_beside", 10, 600, 0),)


@pytest.mark.parametrize(
    "other",
    [
        {"C": (300, 40), "D": (900, 40)},  # 40 m off
        {"C": (300, 10), "D": (450, 10)},  # for 150 m only
        {"C": (500, -500), "D": (500, 500)},  # crosses
    ],
)
def test_spans_apart_or_short_or_crossing_are_not(other):
    assert beside(grid("s A B 1", "t C D 1", A=(0, 0), B=(1000, 0), **other)) == ()


def test_spans_that_share_a_group_are_not_proposed_again():
    ends = {"A": (0, 0), "B": (1000, 0), "C": (300, 10), "D": (900, 10)}
    assert beside(grid("s A B 1 groups=duct,x", "t C D 1 groups=duct", **ends)) == ()
    assert len(beside(grid("s A B 1 groups=duct", "t C D 1 groups=other", **ends))) == 1


def test_parallel_spans_and_a_common_exit_are_named_as_such():
    net = grid("s A B 1", "t B A 1", "u A C 1", A=(0, 0), B=(1000, 0), C=(1000, 50))
    kinds = {(b.one, b.other): b.kind for b in beside(net)}
    assert kinds == {("s", "t"): "parallel_no_group", ("s", "u"): "same_exit", ("t", "u"): "same_exit"}


def test_where_routes_are_known_they_decide_and_not_the_straight_line():
    """Two spans between one pair of nodes, of which one goes round the block."""
    net = grid("s A B 1", "t A B 1.6", A=(0, 0), B=(1000, 0))
    corners = [net.nodes["A"], at("x", 0, 300), at("y", 1000, 300), net.nodes["B"]]
    routed = replace(net.spans["t"], route=tuple((n.lon, n.lat) for n in corners))
    assert beside(Network.build(net.nodes.values(), [net.spans["s"], routed])) == ()
    assert [b.routed for b in beside(Network.build(net.nodes.values(), [routed, replace(routed, id="z")]))] == [2]


def test_nothing_is_proposed_about_what_is_gone():
    ends = {"A": (0, 0), "B": (1000, 0)}
    assert beside(grid("s A B 1", "t A B 1 status=decommissioned", **ends)) == ()


def test_the_finding_tells_how_far_how_long_and_what_to_do():
    net = grid("s A B 1", "t C D 1", "j B C 1", A=(0, 0), B=(1000, 0), C=(300, 10), D=(900, 10))
    (finding,) = [p for p in find(net) if p.code == "runs_beside"]
    assert "Spans s and t run side by side, 10 m apart on average over 600 m (straight lines" in finding.text
    assert (finding.level, finding.column, finding.file) == ("note", "risk_groups", "spans.csv")


def test_the_longest_are_listed_and_the_others_counted():
    ends = {"A": (0, 0), "B": (1000, 0)}
    codes = [p.code for p in find(grid(*(f"s{i:02} A B {i + 1}" for i in range(24)), **ends))]  # 276 pairs
    assert (codes.count("parallel_no_group"), codes.count("more_beside")) == (200, 1)


def test_the_order_of_rows_changes_nothing():
    net = metro(LARGE)
    turned = Network.build(reversed(net.nodes.values()), reversed(net.spans.values()))
    assert beside(net) == beside(turned)


METRES = st.integers(0, 1200)
PLACES = st.lists(st.tuples(METRES, METRES), min_size=4, max_size=4, unique=True)


@settings(max_examples=60, deadline=None)
@given(PLACES)
def test_no_pair_is_missed_and_none_is_made_up(places):
    """The stretch against points every metre: within 3 m of what they say."""
    net = grid("s A B 1", "t C D 1", **dict(zip("ABCD", places, strict=True)))
    a, b, c, d = places
    sampled = min(_by_points(a, b, c, d), _by_points(c, d, a, b))
    found = beside(net, over_m=1)
    if abs(sampled - 1) > 3:
        assert bool(found) == (sampled > 1)
    if found:
        assert abs(found[0].length_m - sampled) <= 3


def _by_points(a, b, c, d) -> float:
    length = ((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5
    steps = max(1, round(length))
    near = sum(
        _off((a[0] + (b[0] - a[0]) * (i + 0.5) / steps, a[1] + (b[1] - a[1]) * (i + 0.5) / steps), c, d) <= 25
        for i in range(steps)
    )
    return length * near / steps


def _off(p, c, d) -> float:
    dx, dy = d[0] - c[0], d[1] - c[1]
    t = max(0, min(1, ((p[0] - c[0]) * dx + (p[1] - c[1]) * dy) / (dx * dx + dy * dy)))
    return ((p[0] - c[0] - t * dx) ** 2 + (p[1] - c[1] - t * dy) ** 2) ** 0.5


NODES = "ABCDEFG"
EDGES = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)).filter(lambda e: e[0] != e[1]), max_size=10)


@settings(max_examples=150, deadline=None)
@given(EDGES, st.sets(st.sampled_from(NODES)))
def test_what_key_nodes_hang_on_is_what_taking_each_away_shows(edges, keys):
    net = network(*(f"s{i} {a} {b} 1" for i, (a, b) in enumerate(edges)), nodes=[node(n, key=n in keys) for n in NODES])

    def together(graph, named):
        return sum(len(p & named) * (len(p & named) - 1) // 2 for p in nx.connected_components(graph))

    whole = net.to_networkx()
    spans = {s: together(whole, keys) - together(net.without(spans=[s]).to_networkx(), keys) for s in net.spans}
    nodes = {
        n: together(whole, keys - {n}) - together(net.without(nodes=[n]).to_networkx(), keys - {n}) for n in net.nodes
    }
    assert keys_apart(net) == ({s: k for s, k in spans.items() if k}, {n: k for n, k in nodes.items() if k})
