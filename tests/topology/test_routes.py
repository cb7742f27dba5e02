"""Routes: the shortest, the least pair at each level, and certificates that plain code re-checks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.fibre_manchester import folder
from tests.builders import DAY, circuit, network, node
from tests.strategies import many, spines
from topology.files.csv_folder import read_network
from topology.model import Leg, Network
from topology.optics import Optics
from topology.problems import BadInput
from topology.routing.disjoint import RouteAnswer, find_routes
from topology.routing.diversity import exempt_groups, groups_of_leg, joined, shared
from topology.routing.exact_pairs import exact_pair
from topology.routing.routes_report import routes_document, with_spare

LIMITS = st.one_of(st.none(), st.integers(1, 12).map(lambda km: km * 1000))


def all_legs(net: Network, a: str, b: str) -> list[Leg]:
    """Every leg from a to b that passes no node twice."""
    found: list[Leg] = []

    def go(at: str, leg: Leg, seen: frozenset[str]) -> None:
        if at == b:
            found.append(leg)
            return
        for s in net.incident[at]:
            other = s.other_end(at)
            if other not in seen:
                go(other, (*leg, s.id), seen | {other})

    go(a, (), frozenset({a}))
    return found


def oracle_total(net: Network, a: str, b: str, level: str, limit: int | None) -> int | None:
    """Least total metres by trying every leg, or every two legs; None where nothing fits."""
    legs = [leg for leg in all_legs(net, a, b) if limit is None or net.length_m(leg) <= limit]
    if level == "none":
        return min((net.length_m(leg) for leg in legs), default=None)
    pairs = (p for p in combinations(legs, 2) if diverse(net, a, b, *p, level))
    return min((net.length_m(p) + net.length_m(q) for p, q in pairs), default=None)


def diverse(net: Network, a: str, b: str, p: Leg, q: Leg, level: str) -> bool:
    """Diversity from first principles, for the oracle."""
    if set(p) & set(q):
        return False
    if level == "span":
        return True
    inner = [set(net.nodes_of_leg(leg, a)[1:-1]) for leg in (p, q)]
    if inner[0] & inner[1]:
        return False
    exempt = set(net.nodes[a].risk_groups) | set(net.nodes[b].risk_groups)
    groups = [
        {g for s in leg for g in net.spans[s].risk_groups} | {g for n in nodes for g in net.nodes[n].risk_groups}
        for leg, nodes in zip((p, q), inner, strict=True)
    ]
    return level == "node" or not (groups[0] & groups[1]) - exempt


def recheck(net: Network, answer: RouteAnswer, limit: int | None) -> None:
    """A certificate of kind cut really parts; one of kind exhausted really makes every pair collide."""
    reason = answer.certificate
    assert reason is not None
    a, b = answer.a, answer.b
    if reason.kind == "cut":
        assert not joined(net, a, b, spans=reason.spans, nodes=reason.nodes, groups=reason.risk_groups)
        assert len(reason.spans) + len(reason.nodes) + len(reason.risk_groups) <= 1
        assert exempt_groups(net, a, b).isdisjoint(reason.risk_groups)
    elif reason.kind == "exhausted":
        for p, q in combinations(all_legs(net, a, b), 2):
            if diverse(net, a, b, p, q, "node"):
                both = groups_of_leg(net, p, a) & groups_of_leg(net, q, a)
                assert both & set(reason.risk_groups)
    else:
        assert limit is not None
        assert oracle_total(net, a, b, answer.diversity, None) is not None


@settings(max_examples=many(150), deadline=None)
@given(spines(), st.sampled_from(["none", "span", "node", "risk"]), LIMITS)
def test_routes_agree_with_trying_every_leg(net, level, limit):
    """The total is the least there is, the routes are what they claim, and where there are none the certificate holds."""
    a, b = sorted(net.nodes)[:2]
    answer = find_routes(net, a, b, level, limit)
    best = oracle_total(net, a, b, level, limit)
    if best is None:
        assert answer.routes == ()
        recheck(net, answer, limit)
        return
    assert answer.certificate is None
    assert answer.total_m == best
    legs = [route.spans for route in answer.routes]
    for route in answer.routes:
        assert (route.nodes[0], route.nodes[-1]) == (a, b)
        assert len(set(route.nodes)) == len(route.nodes)
        assert route.length_m == net.length_m(route.spans)
        assert limit is None or route.length_m <= limit
    if level != "none":
        assert diverse(net, a, b, legs[0], legs[1], level)
        assert shared(net, a, b, (legs[0], legs[1]), level) == ()


@settings(max_examples=many(60), deadline=None)
@given(spines(), st.sampled_from(["none", "span", "node", "risk"]), st.randoms(use_true_random=False))
def test_routes_do_not_depend_on_the_order_of_rows(net, level, rnd):
    a, b = sorted(net.nodes)[:2]
    nodes, spans = list(net.nodes.values()), list(net.spans.values())
    rnd.shuffle(nodes)
    rnd.shuffle(spans)
    assert find_routes(Network.build(nodes, spans), a, b, level) == find_routes(net, a, b, level)


@settings(max_examples=many(60), deadline=None)
@given(spines(), st.lists(st.integers(0, 5), min_size=9, max_size=9))
def test_the_exact_pair_is_least_also_under_other_weights_than_metres(net, drawn):
    """Prices of spans, zero among them, in place of metres: as allocation needs it."""
    a, b = sorted(net.nodes)[:2]
    weights = {s: drawn[i] for i, s in enumerate(net.spans)}
    pair = exact_pair(net, a, b, "risk", None, weights=weights)
    pairs = [p for p in combinations(all_legs(net, a, b), 2) if diverse(net, a, b, *p, "risk")]
    totals = [sum(weights[s] for leg in p for s in leg) for p in pairs]
    assert (pair is None) == (not pairs)
    if pair is not None:
        assert diverse(net, a, b, *pair, "risk")
        assert sum(weights[s] for leg in pair for s in leg) == min(totals)


TRAP = ("s1 A B 1", "s2 B C 1", "s3 C D 1", "s4 A C 2", "s5 B D 2")


def test_the_least_pair_is_not_the_shortest_route_and_what_is_left():
    """The shortest route A-B-C-D (3 km) parts the rest; the pair A-B-D and A-C-D is 6 km in all."""
    answer = find_routes(network(*TRAP), "A", "D", "node")
    assert [r.spans for r in answer.routes] == [("s1", "s5"), ("s4", "s3")]
    assert answer.total_m == 6000


def test_two_parallel_spans_are_a_pair_even_at_level_node():
    answer = find_routes(network("s A B 1", "t A B 2"), "A", "B", "node")
    assert [r.spans for r in answer.routes] == [("s",), ("t",)]


def test_legs_that_cross_at_a_node_are_span_diverse_and_the_node_is_the_cut():
    net = network("s A X 1", "t A X 2", "u X B 1", "v X B 2")
    assert find_routes(net, "A", "B", "span").total_m == 6000
    reason = find_routes(net, "A", "B", "node").certificate
    assert reason is not None
    assert (reason.kind, reason.nodes) == ("cut", ("X",))


def test_groups_of_the_end_nodes_are_exempt_and_shown_and_others_are_not():
    """Both spans lie in `campus`; while A is in it too, it is exempt; else every route passes it."""
    spans = ("s A B 1 groups=campus", "t A B 2 groups=campus")
    answer = find_routes(network(*spans, nodes=[node("A", risk_groups=("campus",))]), "A", "B", "risk")
    assert (len(answer.routes), answer.exempt) == (2, (("group", "campus"),))
    reason = find_routes(network(*spans), "A", "B", "risk").certificate
    assert reason is not None
    assert (reason.kind, reason.risk_groups) == ("cut", ("campus",))


def test_a_risk_group_of_a_node_between_counts():
    """The only two legs go through X and Y, which share a power feed: no single item cuts, but the pair collides."""
    nodes = [node("X", risk_groups=("power",)), node("Y")]
    net = network("s A X 1", "t X B 1", "u A Y 1", "v Y B 1 groups=power", nodes=nodes)
    reason = find_routes(net, "A", "B", "risk").certificate
    assert reason is not None
    assert (reason.kind, reason.risk_groups) == ("cut", ("power",))


def test_a_node_between_in_the_group_of_the_other_leg_sends_it_the_long_way():
    """By X and Y it is 4 km, but X and the span v share a power feed; by X and W it is 5 km, as by Y and W."""
    nodes = [node("X", risk_groups=("power",))]
    lines = ("s A X 1", "t X B 1", "u A Y 1", "v Y B 1 groups=power", "w A W 1.5", "x W B 1.5")
    answer = find_routes(network(*lines, nodes=nodes), "A", "B", "risk")
    assert [r.nodes[1] for r in answer.routes] == ["X", "W"]


def test_where_no_single_group_cuts_the_colliding_groups_are_named():
    """Three legs, each two of them in one group: every route can avoid any one group, no two avoid all."""
    net = network("s A B 1 groups=g1,g2", "t A B 1 groups=g2,g3", "u A B 1 groups=g1,g3")
    reason = find_routes(net, "A", "B", "risk").certificate
    assert reason is not None
    assert (reason.kind, reason.risk_groups) == ("exhausted", ("g1", "g2", "g3"))


def test_a_limit_names_the_least_that_would_do():
    answer = find_routes(network(*TRAP), "A", "D", "node", max_m=2500)
    assert answer.certificate is not None
    assert answer.certificate.kind == "limit"
    assert "3.000 km" in answer.certificate.text


def test_a_limit_chooses_a_longer_total_with_a_shorter_second_leg():
    """1 + 9 = 10 km is least, but with 6 km at most the legs are 5 and 6."""
    net = network("a A B 1", "b A B 9", "c A B 5", "d A X 3", "e X B 3")
    limited = find_routes(net, "A", "B", "span", max_m=6000)
    assert limited.total_m == 6000
    assert max(r.length_m for r in limited.routes) == 5000


def test_a_limit_on_loss_is_a_limit_on_metres():
    """10 km x 1.05 x 0.22 + 0.1 x 6 + 2 x 0.5 + 1 = 4.91 dB."""
    net = network("s A B 10")
    route = find_routes(net, "A", "B", max_loss_db=Decimal("4.91"), optics=Optics()).routes[0]
    assert route.loss_db == Decimal("4.91")
    assert find_routes(net, "A", "B", max_loss_db=Decimal("4.909")).certificate is not None


def test_equal_metres_are_decided_by_the_positions_of_the_spans():
    """Two ways of 2 km: spans 1 and 4 or 2 and 3, both 5 in all; as many spans; the smaller list wins."""
    answer = find_routes(network("s1 A X 1", "s4 X B 1", "s2 A Y 1", "s3 Y B 1"), "A", "B")
    assert answer.routes[0].spans == ("s1", "s4")


def test_spans_of_no_length_are_passed():
    net = network("s A X 0", "t X B 0", "u A Y 0", "v Y B 1")
    assert find_routes(net, "A", "B", "node").total_m == 1000


def test_ends_that_are_not_joined_and_ends_that_do_not_exist_are_told_apart():
    net = network("s A B 1", "t C D 1")
    reason = find_routes(net, "A", "C", "node").certificate
    assert reason is not None
    assert (reason.kind, reason.spans, reason.nodes) == ("cut", (), ())
    with pytest.raises(BadInput) as caught:
        routes_document(net, [("A", "E"), ("A", "A")], DAY)
    assert sorted(p.code for p in caught.value.problems) == ["dangling", "same_ends"]


def test_only_spans_with_spare_carry_new_routes():
    net = network("s A B 1 strands=2", "t A B 5")
    live = [circuit("c", "s")]
    assert sorted(with_spare(net, live, DAY).spans) == ["t"]
    document = routes_document(net, [("A", "B")], DAY, spare=True, circuits=live)
    assert document["pairs"][0]["routes"][0]["spans"] == ["t"]
    assert document["pairs"][0]["total_km"] == "5.000"


def test_a_node_out_of_service_is_an_answer():
    net = network("s A B 1", nodes=[node("C", status="planned")])
    pair = routes_document(net, [("A", "C")], DAY)["pairs"][0]
    assert pair["certificate"]["nodes"] == ["C"]


def test_the_illustrative_core_has_known_traps():
    """LON hangs on one span, ROH on one duct, and the duct bank of the campus makes MA1 and MA4 collide."""
    net, _ = read_network(folder() / "network")
    here = net.at(date(2027, 1, 4))
    kinds = {}
    for a, b, level in (("LON", "TA1", "span"), ("ROH", "TA1", "risk"), ("BEL", "TA1", "risk")):
        reason = find_routes(here, a, b, level).certificate
        assert reason is not None
        kinds[a] = reason.spans + reason.nodes + reason.risk_groups
    assert kinds == {"LON": ("S068",), "ROH": ("C-A671",), "BEL": ("C-A57",)}
