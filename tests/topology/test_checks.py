"""Checks: what is doubtful about a network that can be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from scenarios.fibre_manchester import folder
from tests.builders import DAY, network, node
from topology.checks import check_document, find
from topology.files.csv_folder import line_numbers, read_network, write_network
from topology.geo import straight_m
from topology.model import Network, Node, Organisation

A = Node("A", "A", "pop", 53.48, -2.24)
B = Node("B", "B", "pop", 53.48, -2.20)  # 2.6 km east of A


def codes(net: Network) -> set[tuple[str, str]]:
    return {(p.code, p.level) for p in find(net)}


def test_a_sound_network_has_no_finding():
    assert codes(network("s A B 3", nodes=[A, B])) == set()


def test_the_straight_line_is_that_of_a_sphere():
    """Four hundredths of a degree at 53.48 degrees north: 0.04 x 111.195 km x cos 53.48 = 2.6470 km."""
    assert straight_m(A, B) == pytest.approx(2647.0, abs=1)


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        ("s A B 3 strands=12 own=14", ("own_use_above_installed", "error")),
        ("s A B 3 strands=12 own=8 reserve=6", ("negative_spare", "error")),
        ("s A B 3 strands=0", ("no_strands", "warning")),
        ("s A B 2.5", ("length_under_straight", "error")),
        ("s A B 8.1", ("length_over_three_times", "warning")),
        ("s A B 2700", ("length_in_metres", "error")),
        ("s A B 3 status=built", ("unknown_status", "warning")),
    ],
)
def test_a_doubtful_span_is_found(line, finding):
    assert finding in codes(network(line, "t A B 3", nodes=[A, B]))


@pytest.mark.parametrize(
    ("lat", "lon", "finding"),
    [
        (0.0, 0.0, ("position_zero", "error")),
        (-2.24, 53.48, ("position_swapped", "error")),
        (60.0, -2.24, ("position_far", "warning")),
    ],
)
def test_a_doubtful_position_is_found(lat, lon, finding):
    assert finding in codes(network("s A B 3", "t B C 5", nodes=[A, B, node("C", lat=lat, lon=lon), node("D")]))


def test_a_length_just_above_the_straight_line_is_no_finding():
    assert codes(network("s A B 2.65", nodes=[A, B])) == set()


def test_nodes_without_spans_and_parts_apart_are_found():
    apart = network("s A B 3", "t C D 9", nodes=[A, B, node("E")])
    assert {("isolated_node", "warning"), ("not_joined", "warning")} <= codes(apart)


def test_a_key_node_behind_a_bridge_or_a_cut_node_is_noted():
    """A - B - C with key nodes A and C: both spans are bridges, B is a cut node."""
    found = [(p.code, p.value) for p in find(network("s A B 3", "t B C 9", key="A C")) if p.level == "note"]
    assert sorted(found) == [("key_behind_node", "B"), ("key_on_bridge", "s"), ("key_on_bridge", "t")]


def test_a_planned_node_without_spans_is_no_finding():
    net = network("s A B 3", nodes=[A, B, replace(A, id="C", status="planned")])
    assert check_document(net, DAY)["findings"] == []


def test_findings_point_at_the_line_and_the_cell(tmp_path: Path):
    write_network(network("s A B 3", "t A B 3.1 strands=12 own=14", nodes=[A, B]), tmp_path)
    net, remarks = read_network(tmp_path)
    finding = check_document(net, DAY, remarks, line_numbers(tmp_path))["findings"][0]
    place = {k: finding[k] for k in ("file", "line", "column", "value")}
    assert place == {"file": "spans.csv", "line": 3, "column": "own_use", "value": "14"}
    assert "own_use (14) of span t must be at most fibre_count (12). Maybe" in finding["text"]


def test_the_bundled_network_has_notes_only():
    net, remarks = read_network(folder() / "network")
    levels = {f["level"] for f in check_document(net, date(2027, 1, 4), remarks)["findings"]}
    assert levels == {"note"}


def test_a_funding_condition_that_names_nobody_is_found():
    """Roles, ids and groups of organisations.csv are somebody; without the file nothing can be said."""
    people = (Organisation("m", roles=("user",), group="G"), Organisation("owner", roles=("contributor",)))
    span = network("s A B 3").spans["s"]
    for conditions, found in (("m", False), ("user G until:2030-01-01", False), ("shcool m", True)):
        net = Network.build([A, B], [replace(span, funding_conditions=conditions)], organisations=people)
        assert (("funding_names_nobody", "warning") in codes(net)) == found
        assert codes(Network.build([A, B], net.spans.values())) == set()


def test_a_date_to_come_into_service_beside_a_status_that_keeps_it_out_is_found():
    lines = ("s A B 3", "t B C 9")
    net = network(*lines, nodes=[A, B])
    spans = [replace(s, ready_for_service=date(2027, 9, 1)) for s in net.spans.values()]
    planned = Network.build(net.nodes.values(), [replace(spans[0], status="planned"), spans[1]])
    assert [(p.value, p.level) for p in find(planned) if p.code == "never_in_service"] == [("planned", "warning")]
