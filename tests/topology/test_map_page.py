"""The map as a page: no request, nothing run but its own script, small, escaped, the same each time."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest

from tests.benchmarks.networks import Size, metro
from tests.builders import DAY, network
from tests.topology.test_disclosure_leaks import SECRET_FROM_MEMBERS, SECRET_FROM_THE_PUBLIC, holds
from tests.topology.test_disclosure_leaks import network as secretive
from topology.disclosure import disclosed
from topology.maps.context import simplified
from topology.maps.page import map_page
from topology.maps.plain import svg_map
from topology.maps.styles import LAYERS, Damage, award_layer, failure_layer, owner_layer, risk_layer, spare_layer
from topology.model import Network


def layers(net: Network):
    award = {"on": "2027-01-04", "spans": [{"span": s, "granted": 1, "left": 1} for s in net.spans]}
    damage = Damage("span", frozenset(list(net.spans)[:1]), frozenset())
    made = (
        spare_layer(net, dict.fromkeys(net.spans, 3), DAY),
        owner_layer(net, DAY),
        risk_layer(net, DAY),
        award_layer(net, award),
        failure_layer(net, damage, DAY),
    )
    assert tuple(layer.key for layer in made) == LAYERS
    return made


def test_the_policy_allows_exactly_the_one_style_and_the_one_script():
    page = map_page(network("s A B 1"), layers(network("s A B 1")))
    assert "default-src 'none'" in page
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.S)
        assert f"{tag}-src 'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in page
    assert not re.search(r"\s(style|on\w+|href|src)=", page)
    assert "://" not in page


def test_a_thousand_nodes_with_every_layer_stay_under_600_kilobytes():
    net = metro(Size(1000, 1200, 50, 0))
    page = map_page(net, layers(net))
    assert len(page.encode()) < 600_000
    assert page == map_page(
        Network.build(reversed(net.nodes.values()), reversed(net.spans.values()), (), (), **about(net)), layers(net)
    )


def about(net: Network):
    return {"id": net.id, "illustrative": net.illustrative}


def test_names_full_of_marks_are_escaped():
    net = network("s A B 1")
    bad = "\"><script>alert('x')</script>"
    node = replace(net.nodes["A"], name=bad)
    net = Network.build([node, net.nodes["B"]], [replace(net.spans["s"], name=bad, owner=bad)], name=bad, licence=bad)
    page = map_page(net, layers(net), title=bad)
    assert page.count("<script") == 1
    assert page.count("&lt;script&gt;") >= 5


@pytest.mark.parametrize("place", range(5))
def test_classes_of_every_layer_differ_in_width_or_dash(place: int):
    net = network(*(f"s{i} A B {i + 1} owner=o{i}" for i in range(12)))
    styles = layers(net)[place].styles
    assert len({(s.width, s.dash) for s in styles}) == len(styles)


def test_shared_risk_is_told_by_how_many_spans_hang_together():
    net = network("a A B 1 groups=g", "b B C 1 groups=g,h", "c C D 1 groups=h2", "d D E 1")
    assert dict(risk_layer(net, DAY).of_span) == {"a": 1, "b": 1, "c": 2, "d": 3}


def test_a_span_is_drawn_along_its_route():
    net = network("s A B 1")
    a, b = net.nodes["A"], net.nodes["B"]
    route = ((a.lon, a.lat), (a.lon, b.lat), (b.lon, b.lat))
    bent = Network.build(net.nodes.values(), [replace(net.spans["s"], route=route)])
    (path,) = re.findall(r'd="(M[^"]*)" fill="none" stroke="#555555"', svg_map(bent))
    assert path.count("L") == 2


def test_a_line_is_simplified_to_what_can_be_seen():
    assert simplified([(0, 0), (5, 0.1), (10, 0), (10, 5)], 0.5) == [(0, 0), (10, 0), (10, 5)]


def test_long_licence_lines_are_kept_whole():
    net = replace(network("s A B 1"), licence="word " * 150 + "END")
    assert "END." in svg_map(net)


def test_an_empty_network_still_makes_a_page():
    net = Network.build([], [])
    assert "0 nodes, 0 spans" in map_page(net, [owner_layer(net, DAY)])


@pytest.mark.parametrize(("audience", "secrets"), [("public", SECRET_FROM_THE_PUBLIC), ("member", SECRET_FROM_MEMBERS)])
def test_nothing_that_an_audience_may_not_see_stands_in_a_map_for_it(audience: str, secrets: tuple[str, ...]):
    """The widest layers that the audience gets, over the network full of secrets."""
    net = disclosed(secretive(), audience)
    drawn = [spare_layer(net, dict.fromkeys(net.spans, 3), DAY, exact=False), owner_layer(net, DAY)]
    drawn += [risk_layer(net, DAY)] if audience == "member" else []
    body = map_page(net, drawn).partition("</style>")[2].partition("<script>")[0]
    for text in (re.sub(r' (d|data-[xy]|transform)="[^"]*"', "", body), *(words(svg_map(net, layer=x)) for x in drawn)):
        assert not [secret for secret in secrets if holds(text, secret)]


def words(svg: str) -> str:
    """What a picture says; where things lie is to the grid of the network that it is made of."""
    return " ".join(re.findall(r">([^<]+)<", svg))


def test_the_legend_tells_what_a_crossed_out_node_is_where_there_is_one():
    net = network("s A B 1")
    lost = failure_layer(net, Damage("node A", frozenset({"s"}), frozenset({"A"})), DAY)
    none = failure_layer(net, Damage("span s", frozenset({"s"}), frozenset()), DAY)
    for draw in (lambda layer: map_page(net, [layer]), lambda layer: svg_map(net, layer=layer)):
        assert ("crossed out" in draw(lost), "crossed out" in draw(none)) == (True, False)


def test_a_long_id_is_cut_on_the_drawing_and_whole_in_its_title() -> None:
    """Sixty-four letters would lie across half of the network."""
    name = "N001-" + "x" * 59
    net = network(f"s {name} B 1")
    page = map_page(net, layers(net))
    assert f">{name[:13]}…</text>" in page
    assert f"<title>{name}" in page
