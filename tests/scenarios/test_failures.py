"""Failures: one event, all single and double ones, and the weak points; against brute force and known facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.failures.events import area_event, make_event
from scenarios.failures.fail import fail, fail_document
from scenarios.failures.sweep import sweep, sweep_document
from scenarios.failures.weak_points import weak_points, weak_points_document
from scenarios.fibre_manchester import folder
from tests.builders import DAY, circuit, network, node
from tests.strategies import circuits_on, many, spines
from topology.files.circuits import read_circuits
from topology.files.csv_folder import read_network
from topology.model import Circuit, Network
from topology.problems import BadInput

RING = ("ab A B 1 groups=duct", "bc B C 1", "cd C D 1 groups=duct", "da D A 1")


def oracle_pairs(net: Network, spans: set[str], nodes: set[str]) -> set[tuple[str, str]]:
    """Joined pairs of key nodes by networkx, after taking spans and nodes away."""
    graph = net.to_networkx()
    graph.remove_edges_from([(s.start, s.end, s.id) for s in net.spans.values() if s.id in spans])
    graph.remove_nodes_from(nodes)
    keys = [k for k in net.key_nodes if k in graph]
    return {(a, b) for a, b in combinations(keys, 2) if nx.has_path(graph, a, b)}


def oracle(net: Network, circuits: tuple[Circuit, ...], names: tuple[str, ...]) -> tuple[int, int, int]:
    """Key pairs lost, circuits down, members hit of an event, from first principles."""
    spans, nodes = set(), set()
    for name in names:
        kind, _, which = name.partition(":")
        nodes |= {n.id for n in net.nodes.values() if kind == "group" and which in n.risk_groups}
        spans |= {
            s.id for s in net.spans.values() if (kind == "group" and which in s.risk_groups) or name == f"span:{s.id}"
        }
    spans |= {s.id for s in net.spans.values() if nodes & {s.start, s.end}}
    down = [c for c in circuits if (all(spans & set(leg) for leg in c.legs) if c.legs else c.node in nodes)]
    lost = oracle_pairs(net, set(), set()) - oracle_pairs(net, spans, nodes)
    return len(lost), len(down), len({c.member for c in down})


@settings(max_examples=many(60), deadline=None)
@given(st.data())
def test_a_sweep_agrees_with_failing_each_event_by_hand(data):
    net = data.draw(spines())
    live = data.draw(circuits_on(net))
    swept = sweep(net, live, DAY, order=2, top=0)
    events = [f"group:{g}" for g in net.risk_groups] + [f"span:{s.id}" for s in net.spans.values() if not s.risk_groups]
    assert swept.totals["singles"] == len(events)
    assert swept.totals["doubles"] == len(events) * (len(events) - 1) // 2
    single = {e.event[0]: e.key_pairs_lost for e in swept.effects if len(e.event) == 1}
    for e in swept.effects:
        assert (e.key_pairs_lost, e.circuits_down, e.members_hit) == oracle(net, live, e.event)
        worse = len(e.event) == 2 and e.key_pairs_lost > max(single[name] for name in e.event)
        assert e.only_together == worse


@settings(max_examples=many(60), deadline=None)
@given(st.data())
def test_one_event_agrees_with_the_sweep_and_restores_only_over_what_is_left(data):
    net = data.draw(spines())
    live = data.draw(circuits_on(net))
    group = data.draw(st.sampled_from(sorted(net.risk_groups) or [""]))
    event = make_event(net, risk_groups=[group] if group else [])
    failure = fail(net, live, event, DAY)
    names = (f"group:{group}",) if group else ()
    assert (len(failure.key_pairs_lost), len(failure.circuits_down), len(failure.members_hit)) == oracle(
        net, live, names
    )
    for name, leg in failure.restorable:
        assert name in failure.circuits_down
        assert failure.broken.spans.isdisjoint(leg)


@settings(max_examples=many(60), deadline=None)
@given(spines())
def test_bridges_and_cut_nodes_are_those_whose_loss_makes_more_parts(net):
    graph = net.to_networkx()
    parts = nx.number_connected_components(graph)
    bridges, cuts = [], []
    for s in net.spans.values():
        cut = graph.copy()
        cut.remove_edge(s.start, s.end, key=s.id)
        if nx.number_connected_components(cut) > parts:
            bridges.append(s.id)
    for n in net.nodes:
        cut = graph.copy()
        cut.remove_node(n)
        if len(cut) and nx.number_connected_components(cut) > parts:
            cuts.append(n)
    found = weak_points(net, [], DAY)
    assert (list(found.bridges), list(found.cut_nodes)) == (sorted(bridges), cuts)


def test_a_duct_in_two_sides_of_a_ring_parts_what_two_spans_alone_do_not():
    """The duct takes A-B and C-D: A and D are parted from B and C, so 4 of the 6 pairs of key nodes are lost."""
    failure = fail(network(*RING, key="A B C D"), [], make_event(network(*RING), risk_groups=["duct"]), DAY)
    assert failure.key_pairs_lost == (("A", "B"), ("A", "C"), ("B", "D"), ("C", "D"))


def test_a_circuit_of_two_legs_falls_to_one_and_one_of_one_leg_is_restored_the_other_way():
    net = network(*RING)
    live = [circuit("two", "ab+bc|da+cd"), circuit("one", "ab", member="m2")]
    failure = fail(net, live, make_event(net, spans=["ab"]), DAY)
    assert (failure.circuits_down, failure.circuits_one_leg, failure.members_hit) == (("one",), ("two",), ("m2",))
    assert failure.restorable == (("one", ("da", "cd", "bc")),)


def test_restoration_stops_where_spare_ends_and_serves_the_oldest_first():
    """One spare pair is left on the only way round; two circuits want it."""
    net = network("ab A B 1", "bc B C 1", "ca C A 1 strands=2")
    live = [circuit("new", "ab", start=date(2026, 1, 1)), circuit("old", "ab", start=date(2025, 1, 1))]
    failure = fail(net, live, make_event(net, spans=["ab"]), DAY)
    assert [name for name, _ in failure.restorable] == ["old"]


def test_a_circuit_that_has_not_begun_or_has_ended_is_not_counted():
    net = network(*RING)
    live = [circuit("later", "ab", start=date(2027, 2, 1)), circuit("past", "ab", start=date(2026, 1, 1), end=DAY)]
    assert fail(net, live, make_event(net, spans=["ab"]), DAY).circuits_down == ()


def test_the_loss_of_a_node_takes_its_colocation_and_every_pair_that_ends_there():
    net = network(*RING, key="A B C")
    live = [Circuit("room", "m1", DAY, node="A", rack_units=2)]
    failure = fail(net, live, make_event(net, nodes=["A"]), DAY)
    assert failure.circuits_down == ("room",)
    assert failure.key_pairs_lost == (("A", "B"), ("A", "C"))


def test_an_area_takes_the_nodes_in_it_and_the_spans_that_cross_it():
    places = [node("A", lat=53.5, lon=-2.30), node("B", lat=53.5, lon=-2.20), node("C", lat=53.6, lon=-2.25)]
    net = network("ab A B 7", "ac A C 12", nodes=places)
    assert area_event(net, 53.5, -2.25, 1.0).spans == ("ab",)
    assert area_event(net, 53.5, -2.30, 1.0).nodes == ("A",)


def test_unknown_ids_of_an_event_are_all_named():
    with pytest.raises(BadInput) as caught:
        make_event(network(*RING), spans=["xx"], nodes=["E"], risk_groups=["duck"])
    assert [p.value for p in caught.value.problems] == ["E", "duck", "xx"]
    assert "Maybe duct is meant." in {p.hint for p in caught.value.problems}


@pytest.fixture(scope="module")
def manchester():
    net, _ = read_network(folder() / "network")
    circuits, _ = read_circuits(folder() / "circuits.csv", net)
    return net, circuits, date(2027, 1, 4)


def test_the_weak_points_of_the_illustrative_network_are_the_known_ones(manchester):
    """One bridge (HAT-LON), one cut node (HAT), six groups that part it; four of those part key nodes."""
    found = weak_points(*manchester)
    assert (found.bridges, found.cut_nodes) == (("S068",), ("HAT",))
    assert {g.id: g.nodes for g in found.parting_groups} == {
        "C-A57": ("BEL",),
        "C-A57MOTTRAM": ("HAT", "LON"),
        "C-A671": ("ROH",),
        "C-TRAM-ALT": ("TTH",),
        "C-TRAM-BURY": ("NMG",),
        "C-TRAM-OLD": ("CPK",),
    }
    assert found.risk_groups == ("C-A57MOTTRAM", "C-A671", "C-TRAM-ALT", "C-TRAM-BURY")
    assert dict(found.operators)["MA1"] == 4  # bobbin, damson, fustian, and loom's colocation


def test_the_sweep_of_the_illustrative_network_has_the_known_totals(manchester):
    """Of 86 groups 4 lose key pairs alone, of 3,655 doubles 358, of which 31 only together; the worst single loses 71."""
    swept = sweep(*manchester, order=2, top=0)
    assert swept.totals == {
        "singles": 86,
        "doubles": 3655,
        "singles_with_key_loss": 4,
        "doubles_with_key_loss": 358,
        "only_together": 31,
    }
    singles = {e.event[0]: e.key_pairs_lost for e in swept.effects if len(e.event) == 1}
    assert (swept.effects[0].key_pairs_lost, singles["group:C-A57MOTTRAM"], singles["group:C-A671"]) == (105, 71, 36)


def test_with_every_span_a_risk_of_its_own_the_known_totals_hold_too(manchester):
    """86 groups and 100 spans as 186 events: 984 of 17,205 doubles lose key pairs, 80 of them only together."""
    net, circuits, on = manchester
    alone = [replace(s, risk_groups=(*s.risk_groups, f"own-{s.id}")) for s in net.spans.values()]
    totals = sweep(Network.build(net.nodes.values(), alone, net.risk_groups.values()), circuits, on, order=2).totals
    assert (totals["doubles"], totals["doubles_with_key_loss"], totals["only_together"]) == (17205, 984, 80)


def test_documents_do_not_depend_on_the_order_of_circuits(manchester):
    net, circuits, on = manchester
    event = make_event(net, risk_groups=["C-SCIPARK"])
    turned = circuits[::-1]
    assert fail_document(net, circuits, event, on) == fail_document(net, turned, event, on)
    assert sweep_document(net, circuits, on, 1, 5) == sweep_document(net, turned, on, 1, 5)
    assert weak_points_document(net, circuits, on) == weak_points_document(net, turned, on)


@pytest.mark.parametrize(("order", "top"), [(3, 1), (0, 1), (1, -1)])
def test_a_sweep_refuses_other_orders_and_negative_tops(order, top):
    with pytest.raises(BadInput):
        sweep(network(*RING), [], DAY, order, top)
