"""The plain map: valid, self-contained, escaped, labelled, the same bytes each time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

from scenarios.fibre_manchester import folder
from tests.builders import DAY, network, node
from topology.files.csv_folder import read_network
from topology.maps.plain import svg_map
from topology.model import Network
from topology.offer import make_offer

SVG = "{http://www.w3.org/2000/svg}"


def words(svg: str) -> list[str]:
    """Every text on the map."""
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def manchester() -> Network:
    return read_network(folder() / "network")[0]


def test_the_map_has_title_legend_scale_date_and_the_illustrative_label():
    net = manchester()
    shown = words(svg_map(net, offer=make_offer(net, [], date(2027, 1, 4))))
    assert {"Fibre Manchester, illustrative spine", "Legend", "5 km", "ILLUSTRATIVE"} <= set(shown)
    assert "Spare pairs on each span, 2027-01-04" in shown


def test_every_node_of_the_bundled_network_is_labelled_once():
    net = manchester()
    shown = words(svg_map(net))
    assert sorted(n for n in shown if n in net.nodes) == sorted(net.nodes)


def test_a_network_that_is_not_illustrative_is_not_labelled_so():
    assert "ILLUSTRATIVE" not in words(svg_map(network("s A B 1")))


def test_names_full_of_marks_are_escaped():
    net = network("s A B 1", nodes=[node("A")])
    net = replace(net, name="<script>alert('x')</script> & \"quotes\" ]]>")
    svg = svg_map(net)
    assert words(svg)[0] == net.name
    assert "<script" not in svg


def test_classes_of_spare_differ_in_width_or_dash_and_not_in_colour_alone():
    net = network("a A B 1 strands=18", "b A B 1 strands=8", "c A B 1 strands=2", "d A B 1 strands=0")
    root = ElementTree.fromstring(svg_map(net, offer=make_offer(net, [], DAY)))
    paths = [p for p in root.iter(f"{SVG}path") if p.find(f"{SVG}title") is not None and p.get("stroke-width")]
    looks = {(p.get("stroke-width"), p.get("stroke-dasharray")) for p in paths if "M" in (p.get("d") or "")}
    assert len(looks) >= 4


def test_an_award_is_drawn_by_what_was_granted():
    net = network("s A B 1", "t A B 1")
    award = {
        "on": "2027-01-04",
        "spans": [{"span": "s", "granted": 2, "left": 0}, {"span": "t", "granted": 0, "left": 3}],
    }
    svg = svg_map(net, award=award)
    assert "1.000 km, granted, and nothing is left" in svg
    assert "1.000 km, nothing granted" in svg


def test_the_map_asks_nothing_of_the_network_and_is_the_same_each_time():
    net = manchester()
    svg = svg_map(net)
    assert svg == svg_map(net)
    assert svg.count("http") == 1  # the name space
    assert "href" not in svg


def test_a_network_without_nodes_still_makes_a_map():
    assert "There is no node to draw." in words(svg_map(Network.build([], [])))
