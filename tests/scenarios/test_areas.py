"""Areas: circles, polygons, a contributor's withdrawal, and every disc of a radius."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.failures.discs import discs
from scenarios.failures.events import area_event, polygon_event, withdrawal_event
from scenarios.fibre_manchester import folder
from tests.benchmarks.networks import SMALL, metro
from tests.builders import network
from tests.strategies import many
from topology.files.csv_folder import read_network
from topology.problems import BadInput

FM, _ = read_network(folder() / "network")
METRO = metro(SMALL)


@settings(max_examples=many(60), deadline=None)
@given(st.data())
@pytest.mark.parametrize("radius", [0.2, 1.0])
def test_whatever_any_disc_hits_is_within_a_set_of_the_list(radius, data):
    net = data.draw(st.sampled_from([FM, METRO]))
    lat = data.draw(st.floats(53.35, 53.65))
    lon = data.draw(st.floats(-2.5, -1.9))
    hit = area_event(net, lat, lon, radius)
    listed = LISTS[id(net), radius]
    if hit.spans or hit.nodes:
        assert any(set(hit.spans) <= s and set(hit.nodes) <= n for s, n in listed)


LISTS = {
    (id(net), radius): [(set(d.event.spans), set(d.event.nodes)) for d in discs(net, radius)]
    for net in (FM, METRO)
    for radius in (0.2, 1.0)
}


@pytest.mark.parametrize("radius", [0.2, 1.0])
def test_each_set_of_the_list_is_hit_by_a_disc_that_is_hardly_larger(radius: float) -> None:
    """The centre is printed to six places, about a decimetre."""
    for disc in discs(FM, radius):
        hit = area_event(FM, float(disc.lat), float(disc.lon), radius + 0.02)
        assert set(disc.event.spans) <= set(hit.spans)
        assert set(disc.event.nodes) <= set(hit.nodes)


def test_no_set_lies_within_another() -> None:
    listed = LISTS[id(FM), 1.0]
    assert not [1 for i, (s, n) in enumerate(listed) for j, (t, m) in enumerate(listed) if i != j and s <= t and n <= m]


def test_a_polygon_takes_what_lies_in_it_and_what_crosses_it() -> None:
    """A square round B of A - B - C: B, and the spans that come into it; not A, not C."""
    net = network("ab A B 1", "bc B C 1", "cd C D 1")
    b = net.nodes["B"]
    square = [(b.lon + dx, b.lat + dy) for dx, dy in ((-1e-4, -1e-4), (1e-4, -1e-4), (1e-4, 1e-4), (-1e-4, 1e-4))]
    event = polygon_event(net, square)
    assert (event.nodes, event.spans) == (("B",), ("ab", "bc"))
    with pytest.raises(BadInput):
        polygon_event(net, square[:2])


def test_a_span_is_hit_where_its_route_runs() -> None:
    net = network("ab A B 1", "bc B C 1")
    a, b = net.nodes["A"], net.nodes["B"]
    far = ((a.lon, a.lat), (a.lon, a.lat + 0.05), (b.lon, b.lat))
    bent = replace(net, spans={**net.spans, "ab": replace(net.spans["ab"], route=far)})
    assert "ab" not in area_event(net, a.lat + 0.05, a.lon, 0.1).spans
    assert "ab" in area_event(bent, a.lat + 0.05, a.lon, 0.1).spans


def test_a_withdrawal_takes_all_that_the_contributor_owns() -> None:
    event = withdrawal_event(FM, "con-north")
    assert event.spans == tuple(sorted(s.id for s in FM.spans.values() if s.owner == "con-north"))
    with pytest.raises(BadInput):
        withdrawal_event(FM, "nobody")
