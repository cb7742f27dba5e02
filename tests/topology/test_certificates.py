"""Certificates: plain code confirms the true ones and refuses the false, held against trying every two legs."""

from __future__ import annotations

from datetime import date
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.fibre_manchester import folder
from tests.builders import DAY, network, node
from tests.strategies import spines
from tests.topology.test_routes import TRAP, all_legs, diverse, oracle_total
from topology.files.csv_folder import read_network
from topology.routing.certificates import FAILS, HOLDS, NOT_CHECKED, TooLongError, pair_by_search, recheck
from topology.routing.disjoint import find_routes, with_lifts
from topology.routing.diversity import shared_all_the_same
from topology.routing.exact_pairs import binding_groups, fewest_lifts
from topology.routing.pair_flow import least_pair, least_route
from topology.routing.quick_pairs import PairFinder
from topology.routing.routes_report import routes_document

LEVELS = ("span", "node", "risk")
TRIANGLE = ("s A B 1 groups=g1,g2", "t A B 1 groups=g2,g3", "u A B 1 groups=g1,g3")


def pairs_without(net, a, b, lifted):
    """Every two legs that are node-disjoint and share no group but exempt and lifted ones."""
    exempt = {*net.nodes[a].risk_groups, *net.nodes[b].risk_groups, *lifted}

    def groups(leg):
        held = {g for s in leg for g in net.spans[s].risk_groups}
        return (held | {g for n in net.nodes_of_leg(leg, a)[1:-1] for g in net.nodes[n].risk_groups}) - exempt

    two = (p for p in combinations(all_legs(net, a, b), 2) if diverse(net, a, b, *p, "node"))
    return [p for p in two if not groups(p[0]) & groups(p[1])]


@settings(max_examples=200, deadline=None)
@given(spines(), st.sampled_from(LEVELS), st.one_of(st.none(), st.integers(1, 12).map(lambda km: km * 1000)))
def test_the_search_finds_a_pair_exactly_where_there_is_one(net, level, limit):
    a, b = sorted(net.nodes)[:2]
    pair = pair_by_search(net, a, b, level, binding_groups(net, a, b), limit)
    assert (pair is None) == (oracle_total(net, a, b, level, limit) is None)
    if pair is not None:
        assert diverse(net, a, b, *pair, level)
        assert limit is None or max(map(net.length_m, pair)) <= limit


@settings(max_examples=150, deadline=None)
@given(spines(), st.sampled_from(("none", *LEVELS)), st.one_of(st.none(), st.integers(1, 12).map(lambda km: km * 1000)))
def test_every_certificate_that_is_given_holds(net, level, limit):
    a, b = sorted(net.nodes)[:2]
    reason = find_routes(net, a, b, level, limit).certificate
    if reason is not None:
        items = {"spans": reason.spans, "nodes": reason.nodes, "risk_groups": reason.risk_groups}
        assert recheck(net, (a, b), level, reason.kind, max_m=limit, **items).verdict == HOLDS


@settings(max_examples=150, deadline=None)
@given(spines(), st.sampled_from(LEVELS), st.data())
def test_no_certificate_holds_where_there_is_a_pair(net, level, data):
    a, b = sorted(net.nodes)[:2]
    if oracle_total(net, a, b, level, None) is None:
        return
    items = {
        "spans": data.draw(st.lists(st.sampled_from(sorted(net.spans)), max_size=1)),
        "nodes": data.draw(st.lists(st.sampled_from(sorted(net.nodes)), max_size=1)),
        "risk_groups": data.draw(st.lists(st.sampled_from(sorted(net.risk_groups)), max_size=3, unique=True))
        if net.risk_groups
        else [],
    }
    for kind in ("cut", "exhausted"):
        assert recheck(net, (a, b), level, kind, **items).verdict == FAILS


@pytest.mark.parametrize(
    ("level", "kind", "items"),
    [
        ("node", "cut", {"nodes": ["A"]}),
        ("span", "cut", {"nodes": ["B"]}),
        ("node", "cut", {"risk_groups": ["g"]}),
        ("span", "cut", {"spans": ["s", "t"]}),
        ("span", "limit", {}),
        ("risk", "exhausted", {"risk_groups": ["end"]}),
    ],
)
def test_a_certificate_that_proves_nothing_at_its_level_fails(level, kind, items):
    """A to C runs over B alone; yet an end, what the level lets legs share, or two items at once cut nothing."""
    net = network("s A B 1 groups=g", "t B C 1 groups=g", nodes=[node("A", risk_groups=("end",))])
    assert recheck(net, ("A", "C"), level, kind, **items).verdict == FAILS


def test_a_limit_is_checked_again_and_one_that_is_kept_fails():
    net = network(*TRAP)
    assert recheck(net, ("A", "D"), "node", "limit", max_m=2999).verdict == HOLDS
    assert recheck(net, ("A", "D"), "node", "limit", max_m=3000).verdict == FAILS
    assert recheck(net, ("A", "D"), "none", "limit", max_m=2999).verdict == HOLDS
    assert recheck(net, ("A", "D"), "none", "limit", max_m=3000).verdict == FAILS


def test_the_one_exhausted_pair_of_the_illustrative_spine_is_settled():
    """From one end the search runs through the whole city; from the other, with the other leg first, it takes three steps."""
    here = read_network(folder() / "network")[0].at(date(2027, 1, 4))
    reason = find_routes(here, "MA4", "UOM", "risk").certificate
    assert reason is not None
    assert (reason.kind, reason.risk_groups) == ("exhausted", ("C-LLOYDST", "C-OXFORD-S"))
    for ends in (("MA4", "UOM"), ("UOM", "MA4")):
        assert recheck(here, ends, "risk", "exhausted", risk_groups=reason.risk_groups).verdict == HOLDS


def test_a_search_that_would_be_too_long_says_so():
    net = network(*TRAP)
    assert recheck(net, ("A", "D"), "node", "limit", max_m=2999, steps=0).verdict in (HOLDS, NOT_CHECKED)
    with pytest.raises(TooLongError):
        pair_by_search(net, "A", "D", "risk", [f"g{i}" for i in range(15)], None)


@settings(max_examples=100, deadline=None)
@given(spines())
def test_lifts_are_what_trying_every_exemption_finds(net):
    """Every single group that makes a pair appear is named; where there is none, a smallest set is."""
    a, b = sorted(net.nodes)[:2]
    reason = with_lifts(PairFinder(net), find_routes(net, a, b, "risk")).certificate
    if reason is None or not reason.risk_groups:
        return
    groups = binding_groups(net, a, b)
    sets = chain.from_iterable(combinations(groups, k) for k in range(1, len(groups) + 1))
    work = {s: found for s in sets if (found := pairs_without(net, a, b, s))}
    smallest = min(map(len, work))
    if smallest == 1:
        assert {lift.risk_groups for lift in reason.lifts} == {s for s in work if len(s) == 1}
    else:
        assert [len(lift.risk_groups) for lift in reason.lifts] == [smallest]
    for lift in reason.lifts:
        totals = [net.length_m(p) + net.length_m(q) for p, q in work[lift.risk_groups]]
        assert lift.total_m == min(totals)


def test_exempting_any_one_of_three_colliding_groups_makes_a_pair_appear():
    reason = with_lifts(PairFinder(network(*TRIANGLE)), find_routes(network(*TRIANGLE), "A", "B", "risk")).certificate
    assert reason is not None
    assert [lift.risk_groups for lift in reason.lifts] == [("g1",), ("g2",), ("g3",)]


def test_where_no_one_group_is_enough_the_fewest_together_are_named():
    """Both ways lie in g1 and in g2: lifting one leaves the other."""
    net = network("s A B 1 groups=g1,g2", "t A B 1 groups=g1,g2")
    reason = with_lifts(PairFinder(net), find_routes(net, "A", "B", "risk")).certificate
    assert reason is not None
    assert [lift.risk_groups for lift in reason.lifts] == [("g1", "g2")]
    assert fewest_lifts(network("s A B 1"), "A", "B") is None


def test_the_document_says_what_legs_share_all_the_same_and_checks_again():
    """At level node the common duct does not count; at level risk it is in the way."""
    net = network("s A B 1 groups=duct", "t A B 2 groups=duct")
    (at_node,) = routes_document(net, [("A", "B")], DAY, "node")["pairs"]
    assert at_node["shared"] == [{"kind": "group", "id": "duct"}]
    (at_risk,) = routes_document(net, [("A", "B")], DAY, "risk", again=True)["pairs"]
    assert at_risk["rechecked"] == {"verdict": HOLDS, "text": ""}
    assert at_risk["certificate"]["lifts"] == [{"risk_groups": ["duct"], "total_km": "3.000"}]


def test_exempt_groups_that_legs_share_are_named_among_what_they_share():
    net = network("s A B 1 groups=campus", "t A B 2 groups=campus", nodes=[node("A", risk_groups=("campus",))])
    assert shared_all_the_same(net, "A", "B", (("s",), ("t",))) == (("group", "campus"),)


@settings(max_examples=200, deadline=None)
@given(spines(most_spans=12), st.sampled_from(["span", "node"]))
def test_the_quick_answers_are_those_of_flow_to_the_span(net, level):
    """Routes, pairs and cuts of every pair of nodes; the finder keeps its trees from pair to pair."""
    finder = PairFinder(net)
    for a, b in combinations(net.nodes, 2):
        assert finder.pair(a, b, level) == least_pair(net, a, b, level)
        assert finder.route(a, b) == least_route(net, a, b)
