"""Who may see what of a network (topology/disclosure.py)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import network
from tests.strategies import whole_networks
from topology.disclosure import ABOUT_RULES, TABLES, band, disclosed, table_text
from topology.files.csv_folder import ABOUT
from topology.files.json_form import network_from_json, network_to_json
from topology.model import Network, Node, Organisation, RiskGroup


def secretive() -> Network:
    """Two data centres, a cabinet and a customer site; everything about them is filled."""
    places = [
        Node("D1", "Secret House", "data_centre", lat=53.123456, lon=-2.654321, owner="con-a", key=True),
        Node("D2", "Open House", "exchange", lat=53.2, lon=-2.6, owner="con-b", disclosure="public"),
        Node("K1", "Cabinet 7", "cabinet", lat=53.15, lon=-2.6, owner="con-a"),
        Node("C1", "Hospital", "customer_site", lat=53.16, lon=-2.61, owner="con-b", note="ward 3"),
    ]
    made = network("s1 D1 D2 9.321 owner=con-a strands=48 own=20 groups=bridge-9", "s2 D2 K1 7.5", nodes=places)
    spans = [
        replace(
            made.spans["s1"],
            name="Canal Street",
            reserve=8,
            maintenance_spare=2,
            ready_for_service=date(2026, 5, 17),
            withdrawn_on=date(2026, 6, 20),
            cuts_per_km_year=0.015,
            extra=(("colour", "vermilion"),),
            route=((-2.654321, 53.123456), (-2.61113, 53.15557), (-2.6, 53.2)),
        ),
        replace(made.spans["s2"], owner="con-b"),
    ]
    members = [Organisation("con-a", "Alpha", ("contributor",)), Organisation("con-b", "Beta"), Organisation("isp")]
    groups = [RiskGroup("bridge-9", "Nine Arches", "bridge")]
    return Network.build(places, spans, groups, members, name="Spine", extra=(("author", "someone"),))


def test_internal_is_the_network_itself() -> None:
    assert disclosed(secretive(), "internal") == secretive()


def test_the_public_sees_bands_grids_and_codes_and_no_cabinet() -> None:
    shown = disclosed(secretive(), "public")
    assert sorted(n.type for n in shown.nodes.values()) == ["data_centre", "exchange"]
    (span,) = shown.spans.values()
    # 48 - 20 - 8 - 2 = 18 strands = 9 pairs, the widest band; 9.321 km are up to 10 km
    assert (span.fibre_count, span.own_use, span.length_m, span.owner) == (18, 0, 10_000, "contributor")
    assert (span.ready_for_service, span.withdrawn_on) == (date(2026, 4, 1), date(2026, 7, 1))
    assert shown.nodes["D2"].name == "Open House"  # its owner consents
    (hidden,) = (n for n in shown.nodes.values() if n.id != "D2")
    assert (hidden.name, hidden.lat, hidden.lon, hidden.key) == ("data centre", 53.123, -2.654, False)
    assert shown.organisations is not None
    assert sorted(shown.organisations) == ["con-b", "contributor"]


def test_a_member_sees_what_is_offered_and_its_own_in_full() -> None:
    other, own = disclosed(secretive(), "member", "isp"), disclosed(secretive(), "member", "con-a")
    assert (other.spans["s1"].fibre_count, other.spans["s1"].own_use, other.spans["s1"].length_m) == (18, 0, 9400)
    assert (own.spans["s1"].fibre_count, own.spans["s1"].own_use, own.spans["s1"].length_m) == (48, 20, 9321)
    assert other.spans["s1"].route[1] == (-2.6111, 53.1556)
    assert own.spans["s1"].route == secretive().spans["s1"].route
    assert own.spans["s1"].extra == ()  # no rule, no sight: a new column is internal
    assert all(g.startswith("g-") for g in own.risk_groups)


@pytest.mark.parametrize(("word", "seen"), [("member", (False, True, True)), ("internal", (False, False, True))])
def test_the_owners_word_hides_a_span(word: str, seen: tuple[bool, ...]) -> None:
    whole = secretive()
    spans = [replace(s, disclosure=word) if s.id == "s1" else s for s in whole.spans.values()]
    net = replace(whole, spans={s.id: s for s in spans})
    views = (disclosed(net, "public"), disclosed(net, "member", "isp"), disclosed(net, "member", "con-a"))
    assert tuple(any(s.length_m in (10_000, 9400, 9321) for s in v.spans.values()) for v in views) == seen


@pytest.mark.parametrize("audience", ["public", "member"])
def test_what_is_shown_is_a_network_that_reads_back(audience: str) -> None:
    shown = disclosed(secretive(), audience)
    assert network_from_json(network_to_json(shown)) == shown


@settings(max_examples=150, deadline=None)
@given(whole_networks(), st.sampled_from([("public", None), ("member", None), ("member", "o"), ("member", "con-b")]))
def test_whatever_is_left_out_the_rest_is_a_sound_network(net: Network, who: tuple[str, str | None]) -> None:
    """No reference dangles, no interval is reversed; and of strangers nothing is shown that is set aside."""
    shown = disclosed(net, *who)
    assert network_from_json(network_to_json(shown)) == shown
    strangers = [s for s in shown.spans.values() if who[1] is None or net.group_of(s.owner) != net.group_of(who[1])]
    assert not [s for s in strangers if s.own_use or s.reserve or s.maintenance_spare or s.note or s.repair_hours]
    assert not [t for t in (*shown.nodes.values(), *shown.spans.values()) if t.extra]


def test_codes_differ_between_audiences_and_networks() -> None:
    one, two = secretive(), replace(secretive(), name="Other")
    codes = [next(n for n in disclosed(net, "public").nodes if n.startswith("n-")) for net in (one, two)]
    assert len(set(codes)) == 2
    assert disclosed(one, "public") == disclosed(one, "public")


def test_public_bands_come_from_the_opening_of_the_round_where_given() -> None:
    shown = disclosed(secretive(), "public", spare_pairs={"s1": 2})
    assert [s.fibre_count for s in shown.spans.values()] == [2]


@pytest.mark.parametrize(("pairs", "least"), [(-1, 0), (0, 0), (1, 1), (2, 1), (3, 3), (8, 3), (9, 9), (400, 9)])
def test_bands(pairs: int, least: int) -> None:
    assert band(pairs)[0] == least


def test_every_column_has_its_rule() -> None:
    for table, rules in TABLES:
        assert {c.name for c in table.columns} == set(rules)
    assert set(ABOUT_RULES) == set(ABOUT)


def test_an_unknown_audience_and_a_member_of_the_public_are_refused() -> None:
    with pytest.raises(ValueError, match="audience"):
        disclosed(secretive(), "press")
    with pytest.raises(ValueError, match="member"):
        disclosed(secretive(), "public", "con-a")


def test_the_documented_allow_list_is_the_one_in_the_code() -> None:
    """To mend it: end docs/formats.md with what `table_text()` returns."""
    page = Path(__file__).parents[2] / "docs" / "formats.md"
    assert page.read_text(encoding="utf-8").endswith(table_text())
