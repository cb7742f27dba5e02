"""`cni network map`: pages and pictures, by layer, for an audience, with outlines."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

import pytest

from tests.cni.helpers import Cni

OUTLINES = {
    "type": "FeatureCollection",
    "licence": "Outlines by Nobody, CC0",
    "features": [
        {
            "type": "Feature",
            "properties": {},
            "geometry": {"type": "Polygon", "coordinates": [[[-2.3, 53.3], [-2.1, 53.41], [-2.3, 53.5], [-2.3, 53.3]]]},
        }
    ],
}


def classes(page: str, layer: str) -> dict[str, int]:
    """Span id -> its class in a layer, as the page has it."""
    return {m[1]: int(m[2]) for m in re.finditer(rf'<path data-id="([^"]+)" class="s [^"]*\b{layer}(\d)', page)}


def drawn(cni: Cni, *words: object) -> str:
    done = cni("network", "map", *words, "-o", "m.html")
    assert done.code == 0, done.err
    return (cni.folder / "m.html").read_text()


def test_the_suffix_says_the_form(cni: Cni, net: Path) -> None:
    for file, start in (("m.svg", b"<svg"), ("m.png", b"\x89PNG"), ("m.html", b"<!DOCTYPE")):
        assert cni("network", "map", net, "-o", file).code == 0
        assert (cni.folder / file).read_bytes().startswith(start)
    assert struct.unpack(">II", (cni.folder / "m.png").read_bytes()[16:24]) == (2800, 2000)


def test_a_page_holds_every_layer_and_opens_with_the_one_asked_for(cni: Cni, net: Path) -> None:
    page = drawn(cni, net, "--by", "risk")
    assert 'data-layer="risk"' in page
    assert classes(page, "risk") == {"ab": 3, "bc": 1, "cd": 1, "da": 3, "de": 3}
    assert classes(page, "owner") == {"ab": 1, "bc": 1, "cd": 0, "da": 0, "de": 0}


def test_a_failure_shows_what_breaks_what_is_down_and_what_is_cut_off(cni: Cni, net: Path) -> None:
    """Without node C and with span da cut, A-B and D-E are apart; circuit c1 (both legs cut) still lies on ab."""
    page = drawn(cni, net, "--node", "C", "--span", "da", "-c", "circuits.csv")
    assert classes(page, "failure") == {"ab": 1, "bc": 0, "cd": 0, "da": 0, "de": 2}
    assert "If this fails: span da, node C" in page


def test_the_public_sees_neither_risk_nor_a_figure(cni: Cni, net: Path) -> None:
    page = drawn(cni, net, "--disclosure", "public")
    assert all(word not in page for word in ("risk0", "data-g", "duct", "data-spare", "Alpha", "council"))
    assert classes(page, "spare")
    for words in (("--by", "risk"), ("--node", "A")):
        done = cni("network", "map", net, "-o", "n.html", "--disclosure", "public", *words)
        assert (done.code, "not_disclosed" in done.err) == (2, True)


def test_members_see_groups_as_codes_and_exact_spare(cni: Cni, net: Path) -> None:
    page = drawn(cni, net, "--disclosure", "member", "-c", "circuits.csv")
    assert "duct" not in page
    assert 'data-g="g-' in page
    assert 'data-spare="2 spare pairs"' in page  # ab: 12 installed - 6 set aside - 2 live = 4 strands


def test_the_database_is_drawn_as_members_may_see_it(house: Cni) -> None:
    page = drawn(house)
    assert "duct" not in page
    assert "duct" in drawn(house, "--disclosure", "internal")


def test_outlines_are_drawn_with_their_licence_and_never_without(cni: Cni, net: Path) -> None:
    path = cni.folder / "o.geojson"
    path.write_text(json.dumps(OUTLINES))
    assert "Outlines: Outlines by Nobody, CC0" in drawn(cni, net, "--context", path)
    cni("network", "map", net, "-o", "m.svg", "--context", path, "--context-licence", "By <me> & you")
    assert "Outlines: By &lt;me&gt; &amp; you" in (cni.folder / "m.svg").read_text()
    path.write_text(json.dumps({**OUTLINES, "licence": ""}))
    done = cni("network", "map", net, "-o", "m.svg", "--context", path)
    assert (done.code, "licence" in done.err) == (2, True)


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"type":"Feature"}', '{"type":"Polygon","coordinates":[[[1e9,2]]],"licence":"x"}']
)
def test_outlines_that_are_none_are_refused(cni: Cni, net: Path, text: str) -> None:
    (cni.folder / "o.geojson").write_text(text)
    words = ("--context", "o.geojson", "--context-licence", "mine")
    assert cni("network", "map", net, "-o", "m.svg", *words).code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("-o", "m.pdf"),
        ("-o", "m.svg", "--by", "mood"),
        ("-o", "m.svg", "--by", "award"),
        ("-o", "m.svg", "--by", "failure"),
        ("-o", "m.svg", "--node", "NOBODY"),
        ("-o", "m.svg", "--context-licence", "x"),
        ("-o", "m.svg", "--disclosure", "friends"),
    ],
)
def test_words_that_do_not_go_together_are_refused(cni: Cni, net: Path, words: tuple[str, ...]) -> None:
    assert cni("network", "map", net, *words).code == 2
    assert not (cni.folder / "m.svg").exists()
