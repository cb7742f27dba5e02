"""Connection reports: what the crew reads is what the plan says; the page fetches nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.builders import DAY, circuit, network
from topology.optics import Optics
from topology.problems import BadInput
from topology.strands.sheet import sheet_document
from topology.strands.sheet_page import sheet_page

LINES = ("s A B 2 strands=24", "t B C 3 strands=24 own=14", "u C A 9 strands=24")


def test_a_leg_runs_from_port_to_splices_to_port():
    """On t the numbers 1 to 14 are the contributor's: 3-4 on s go on as 15-16 on t, in the same colours."""
    document = sheet_document(network(*LINES), [circuit("c", "s+t")], DAY)
    (leg,) = document["circuits"][0]["legs"]
    assert [p["port"] for port in leg["ports"] for p in port["ports"]] == ["s/15", "s/16", "t/15", "t/16"]
    assert [(j["node"], j["from"]["number"], j["to"]["number"], j["straight"]) for j in leg["splices"]] == [
        ("B", 15, 15, True),
        ("B", 16, 16, True),
    ]
    assert leg["spans"][0]["strands"][0] == {
        "number": 15,
        "tube": 2,
        "tube_colour": "orange",
        "place": 3,
        "colour": "green",
    }


def test_the_loss_is_that_of_the_policy_at_both_wavelengths():
    optics = Optics(db_per_km_1310=Decimal("0.4"))
    (leg,) = sheet_document(network(*LINES), [circuit("c", "s+t")], DAY, optics=optics)["circuits"][0]["legs"]
    assert leg["loss_db"] == {
        "1310": f"{optics.loss_db(5000, 1310):.3f}",
        "1550": f"{optics.loss_db(5000, 1550):.3f}",
    }


def test_both_legs_are_shown_from_the_same_end():
    """The second leg is written from C; the sheet turns it round, strands and all."""
    document = sheet_document(network(*LINES), [circuit("c", "s+t|u")], DAY)
    assert [(leg["a"], leg["b"]) for leg in document["circuits"][0]["legs"]] == [("A", "C"), ("A", "C")]


def test_a_leg_that_is_turned_round_keeps_the_strands_of_each_span():
    net = network("s A C 9", "t C B 1", "u B A 1")
    turned = replace(circuit("c", "s|t+u"), strands=(((1, 2),), ((3, 4), (5, 6))))
    leg = sheet_document(net, [turned], DAY)["circuits"][0]["legs"][1]
    assert [(s["span"], s["strands"][0]["number"]) for s in leg["spans"]] == [("u", 5), ("t", 3)]


def test_a_node_lists_every_port_and_splice_there_and_nothing_else():
    live = [circuit("c1", "s+t"), circuit("c2", "s"), circuit("c3", "u")]
    document = sheet_document(network(*LINES), live, DAY, node="B")
    (node,) = document["nodes"]
    assert {p["circuit"] for p in node["ports"]} == {"c2"}
    assert [s["circuit"] for s in node["splices"]] == ["c1", "c1"]


def test_a_circuit_alone_has_the_strands_that_it_has_among_all():
    net, live = network(*LINES), [circuit("c1", "s+t"), circuit("c2", "s"), circuit("c3", "s+t")]
    every = sheet_document(net, live, DAY)
    assert sheet_document(net, live[::-1], DAY, circuit="c3")["circuits"] == [every["circuits"][2]]


@pytest.mark.parametrize(("asked", "code"), [({"circuit": "x"}, "unknown_id"), ({"node": "x"}, "unknown_id")])
def test_what_is_not_there_is_bad_input(asked, code):
    with pytest.raises(BadInput) as caught:
        sheet_document(network(*LINES), [circuit("c", "s")], DAY, **asked)
    assert caught.value.problems[0].code == code


def test_a_member_sees_the_sheets_of_its_own_circuits_and_no_other():
    live = [circuit("c1", "s+t", member="m1"), circuit("c2", "s", member="m2")]
    document = sheet_document(network(*LINES), live, DAY, member="m2")
    assert [c["circuit"] for c in document["circuits"]] == ["c2"]
    assert "c1" not in sheet_page(document)
    for asked, code in (({"member": "m2", "circuit": "c1"}, "no_sheet"), ({"member": "m3"}, "unknown_id")):
        with pytest.raises(BadInput) as caught:
            sheet_document(network(*LINES), live, DAY, **asked)
        assert caught.value.problems[0].code == code


def test_a_circuit_that_has_ended_has_no_sheet():
    gone = circuit("c", "s", start=date(2026, 1, 1), end=DAY)
    assert sheet_document(network(*LINES), [gone], DAY)["circuits"] == []
    with pytest.raises(BadInput) as caught:
        sheet_document(network(*LINES), [gone], DAY, circuit="c")
    assert caught.value.problems[0].code == "no_sheet"


def test_the_page_fetches_nothing_and_names_every_colour_that_it_shows():
    net = replace(network(*LINES, name="<i>&"), illustrative=True)
    page = sheet_page(sheet_document(net, [circuit("c", "s+t|u")], DAY))
    assert "default-src 'none'" in page.replace("&#x27;", "'")
    assert not re.search(r"https?:|src=|<script|@import|url\(| style=", page)
    assert "&lt;i&gt;&amp;" in page
    assert "Illustrative data" in page
    swatches = re.findall(r'class="sw c-(\w+)[^>]*></span>(?:tube )?\d+ (\w+)', page)
    assert len(swatches) == page.count('class="sw')
    assert all(one == other for one, other in swatches)


def test_the_policy_of_the_page_allows_its_style_by_digest():
    import base64
    import hashlib

    page = sheet_page(sheet_document(network(*LINES), [circuit("c", "s")], DAY))
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"sha256-{digest}" in page
