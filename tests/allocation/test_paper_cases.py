"""Rounds whose best award can be proved on paper; the argument stands in each docstring (rules A and B).

A span of `strands=2` has one pair. Units are circuits unless a test says otherwise, and members are their own groups.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from allocation.verify import verify_award
from tests.allocation.rounds import a_round, ask, codes, counts, granted, group_units, lifts, members, rack, routes
from tests.builders import circuit, network, node

SEEDS = ("a", "b", "c", "d", "e", "f")
"""Enough lots that each of two groups is drawn first at least once (asserted where it matters)."""


# -- fair shares ------------------------------------------------------------------------------------------------------


def test_one_pair_and_two_members_the_lot_decides():
    """One pair, two who ask: one holds it, so the counts are 1, 0 whoever it is. The lot is all that is left, and both win sometimes."""
    this = a_round(network("s A B 1 strands=2"), ask("r1 m1 A-B 1"), ask("r2 m2 A-B 1"))
    winners = set()
    for seed in SEEDS:
        award = this.award(seed)
        assert counts(award) == [1, 0]
        winner, loser = sorted(granted(award), key=granted(award).get, reverse=True)
        assert codes(award, loser) == ["span_full", "drawn_lot"]
        winners.add(winner)
    assert winners == {"r1", "r2"}


def test_three_pairs_and_two_members_give_two_and_one():
    """3 = 2 + 1 = 3 + 0. Both can hold one, so both do (count 2); then one pair is left, so one group holds two (count 1); none is left for a third."""
    this = a_round(network("s A B 1 strands=6"), ask("r1 m1 A-B 3"), ask("r2 m2 A-B 3"))
    award = this.award()
    assert counts(award) == [2, 1, 0]
    assert sorted(granted(award).values()) == [1, 2]
    assert award["proof"] == "optimal"
    assert award["unique"]


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_blocked_in_every_optimum(seed):
    """A --s-- B --t-- C, one pair on s, two on t. m1: A-B, m2: A-C, m3: B-C; so m1 + m2 <= 1 and m2 + m3 <= 2.

    In fractions the fairest is (1/2, 1/2, 3/2). In integers the least is 0 in every award, and nobody is at 0 in all of them (m1 is
    not in (1,0,2), m2 not in (0,1,1)), so "freeze whoever is blocked at the least" has nobody to freeze. Counts: at most two
    groups hold one unit: {m1, m3} or {m2, m3}, since m1 and m2 exclude each other. With m2 in, m3 holds at most 1: counts 2, 0.
    With m1 in, m3 holds 2: counts 2, 1, 0. So (1, 0, 2) is the only best award, whatever the lot.
    """
    this = a_round(
        network("s A B 1 strands=2", "t B C 1 strands=4"),
        ask("r1 m1 A-B 2"),
        ask("r2 m2 A-C 2"),
        ask("r3 m3 B-C 3"),
    )
    award = this.award(seed)
    assert group_units(this, award) == {"m1": 1, "m2": 0, "m3": 2}
    assert counts(award) == [2, 1, 0]
    assert codes(award, "r2")[-1] == "fair_share"
    assert codes(award, "r1")[-1] == "fair_share"


@pytest.mark.parametrize("seed", SEEDS)
def test_two_cheap_grants_are_counted_before_one_costly_one(seed):
    """A ring A B C D with one pair each. m1's diverse pair A-C takes all four spans; m2 (A-B) and m3 (C-D) take one each.

    With m1 the count at level 1 is 1, without it 2: m1 gets nothing, whatever the lot.
    """
    this = a_round(
        network("s1 A B 1 strands=2", "s2 B C 1 strands=2", "s3 C D 1 strands=2", "s4 D A 1 strands=2"),
        ask("r1 m1 A-C 1 diversity=node"),
        ask("r2 m2 A-B 1"),
        ask("r3 m3 C-D 1"),
    )
    award = this.award(seed)
    assert granted(award) == {"r1": 0, "r2": 1, "r3": 1}
    assert codes(award, "r1") == ["span_full", "fair_share"]


def test_a_ring_with_two_pairs_serves_two_diverse_members():
    """Two pairs on each span of a ring; each diverse pair A-C takes one on all four. So two circuits in all, and one each is fairer than two and none."""
    this = a_round(
        network("s1 A B 1 strands=4", "s2 B C 1 strands=4", "s3 C D 1 strands=4", "s4 D A 1 strands=4"),
        ask("r1 m1 A-C 2 diversity=node"),
        ask("r2 m2 A-C 2 diversity=node"),
    )
    award = this.award()
    assert counts(award) == [2, 0]
    assert routes(award, "r1") == routes(award, "r2") == ["s1+s2|s4+s3"]
    assert {line["left"] for line in award["spans"]} == {0}


def test_a_pair_exists_where_deleting_the_shortest_route_leaves_none():
    """A-X 1, X-Y 1, Y-B 1, A-Y 2, X-B 2 km. The shortest route is A X Y B (3 km); without its spans A reaches only Y, so nothing is left.

    Two legs from A must start with A-X and A-Y, two into B end with X-B and Y-B; the only pair of disjoint legs without X-Y is
    A X B and A Y B (each 3 km), and with X-Y one leg is A X Y B and the other has no end. So that is the award.
    """
    this = a_round(
        network(
            "ax A X 1 strands=2",
            "xy X Y 1 strands=2",
            "yb Y B 1 strands=2",
            "ay A Y 2 strands=2",
            "xb X B 2 strands=2",
        ),
        ask("r1 m1 A-B 1 diversity=span"),
    )
    award = this.award()
    assert routes(award, "r1") == ["ax+xb|ay+yb"]
    assert award["totals"]["pair_metres"] == 6000


def test_parallel_spans_are_two_legs():
    """Two spans between the same ends are disjoint legs: one diverse pair takes both, and a second has nothing."""
    net = network("s1 A B 1 strands=2", "s2 A B 3 strands=2")
    award = a_round(net, ask("r1 m1 A-B 2 diversity=node")).award()
    assert routes(award, "r1") == ["s1|s2"]
    assert codes(award, "r1") == ["span_full", "fair_share"]
    assert lifts(award, "r1") == [
        {"kind": "span", "id": "s1", "pairs": 1},
        {"kind": "span", "id": "s2", "pairs": 1},
    ]


def test_parallel_spans_in_one_risk_group_are_no_diverse_pair():
    """Both spans lie in one duct, so any two legs share it; at level risk there is none, and the group is named."""
    net = network("s1 A B 1 groups=duct", "s2 A B 3 groups=duct")
    award = a_round(net, ask("r1 m1 A-B 1 diversity=risk")).award()
    line = award["requests"][0]
    assert (line["granted"], codes(award, "r1")) == (0, ["no_diverse_route"])
    assert line["reasons"][0]["risk_groups"] == ["duct"]


def test_the_groups_of_an_end_node_are_exempt():
    """The same duct is in the cell of end node A: every leg of this request passes it anyway, so the pair stands."""
    net = network("s1 A B 1 groups=duct", "s2 A B 3 groups=duct", nodes=[node("A", risk_groups=("duct",))])
    award = a_round(net, ask("r1 m1 A-B 1 diversity=risk")).award()
    assert routes(award, "r1") == ["s1|s2"]


def test_of_equal_awards_the_first_ids_win():
    """Two parallel spans of one pair and equal length, two plain requests: both orders have the same counts, units, metres and positions.

    B5's last step takes the smallest list of span ids over circuits in the order of requests: r1 on s1, r2 on s2.
    """
    net = network("s1 A B 2 strands=2", "s2 A B 2 strands=2")
    award = a_round(net, ask("r1 m1 A-B 1"), ask("r2 m2 A-B 1")).award()
    assert (routes(award, "r1"), routes(award, "r2")) == (["s1"], ["s2"])


def test_a_limit_moves_the_other_request():
    """r2 may go 2 km at most, so only s1 serves it; both can be served if r1 takes the longer s2, and the counts ask for both."""
    net = network("s1 A B 1 strands=2", "s2 A B 3 strands=2")
    award = a_round(net, ask("r1 m1 A-B 1"), ask("r2 m2 A-B 1 max_km=2")).award()
    assert (routes(award, "r1"), routes(award, "r2")) == (["s2"], ["s1"])


# -- clauses ----------------------------------------------------------------------------------------------------------


def test_a_cap_leaves_pairs_lying_and_says_so():
    """Four pairs and a cap of half: one group may hold two, though nobody else asks for the other two."""
    this = a_round(network("s A B 1 strands=8"), ask("r1 m1 A-B 4"), cap_share=Decimal("0.5"))
    award = this.award()
    assert granted(award) == {"r1": 2}
    assert codes(award, "r1") == ["member_cap"]
    assert award["spans"][0]["left"] == 2


def test_a_cap_counts_live_pairs_and_whole_groups():
    """Six pairs, two of them live for m1, four offered: the cap is half of 4 + 2, that is 3, less 2 held: one more for m1 and m2, a group."""
    net = network("s A B 1 strands=12", organisations=members("m3", m1="G", m2="G"))
    this = a_round(
        net,
        ask("r1 m1 A-B 2"),
        ask("r2 m2 A-B 2"),
        ask("r3 m3 A-B 4"),
        circuits=[circuit("c1", "s", "m1"), circuit("c2", "s", "m1")],
        cap_share=Decimal("0.5"),
    )
    award = this.award()
    assert group_units(this, award) == {"G": 1, "m3": 3}


@pytest.mark.parametrize(("share", "floor", "most"), [("0.34", 0, 1), ("0.3", 2, 2), ("0.1", 0, 0), ("1", 0, 5)])
def test_a_cap_is_the_share_rounded_down_or_the_floor(share, floor, most):
    """Five pairs: 0.34 × 5 = 1.7, so 1; 0.3 × 5 = 1.5, so 1, but the floor is 2; 0.1 × 5 = 0.5, so 0."""
    this = a_round(network("s A B 1 strands=10"), ask("r1 m1 A-B 5"), cap_share=Decimal(share), cap_floor_pairs=floor)
    assert granted(this.award()) == {"r1": most}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bundle_displaces(seed):
    """A --s-- B --t-- C with one pair each. m1 wants both, m2 wants s. Apart, m2 holds s and m1 holds t: counts 2, 0.

    Bundled, m1 has both or none: (2, 0) with counts 1, 1, 0 or (0, 1) with counts 1, 0. The first is better at level 2, so m2 gets
    nothing, whatever the lot.
    """
    net = network("s A B 1 strands=2", "t B C 1 strands=2")
    apart = a_round(net, ask("r1 m1 A-B 1"), ask("r2 m1 B-C 1"), ask("r3 m2 A-B 1")).award(seed)
    assert (granted(apart), counts(apart)) == ({"r1": 0, "r2": 1, "r3": 1}, [2, 0])
    whole = a_round(net, ask("r1 m1 A-B 1 bundle=x"), ask("r2 m1 B-C 1 bundle=x"), ask("r3 m2 A-B 1")).award(seed)
    assert (granted(whole), counts(whole)) == ({"r1": 1, "r2": 1, "r3": 0}, [1, 1, 0])


def test_half_a_bundle_is_none():
    """There is no way B-C, so the row A-B of the bundle gets nothing either, though its span is free; its partner is named."""
    net = network("s A B 1 strands=2", nodes=[node("C")])
    award = a_round(net, ask("r1 m1 A-B 1 bundle=x"), ask("r2 m1 B-C 1 bundle=x")).award()
    assert granted(award) == {"r1": 0, "r2": 0}
    assert codes(award, "r1") == ["bundle_partner"]
    assert "no_route" in codes(award, "r2")


@pytest.mark.parametrize(("pairs", "want"), [(2, (0, 1)), (3, (3, 0)), (4, (3, 1))])
def test_a_minimum_is_met_or_nothing_is_granted(pairs, want):
    """m1 takes three or none, m2 asks for one. With two pairs m1 cannot be served. With three: (3, 0) counts 1, 1, 1 and (0, 1) counts 1, 0:
    the minimum displaces m2. With four both fit."""
    this = a_round(network(f"s A B 1 strands={2 * pairs}"), ask("r1 m1 A-B 3 min_pairs=3"), ask("r2 m2 A-B 1"))
    award = this.award()
    assert tuple(granted(award).values()) == want
    if pairs == 3:
        assert codes(award, "r2") == ["span_full", "fair_share"]


@pytest.mark.parametrize("seed", SEEDS)
def test_of_a_family_the_second_wish_serves_where_the_first_would_displace(seed):
    """m1 wants A-B, else A-C; m2 wants A-B. One pair each. Both groups hold one only if m1 takes its second wish. Not both wishes: one pair of s or t stays."""
    net = network("s A B 1 strands=2", "t A C 1 strands=2")
    award = a_round(net, ask("r1 m1 A-B 1"), ask("r2 m1 A-C 1 alternative_of=r1"), ask("r3 m2 A-B 1")).award(seed)
    assert granted(award) == {"r1": 0, "r2": 1, "r3": 1}
    assert "family" in codes(award, "r1")


def test_of_a_family_alone_the_first_wish_is_granted():
    """Both wishes are free and each is one unit; B3 takes the earlier wish first, whatever the ids or ranks."""
    net = network("s A B 9 strands=2", "t A C 1 strands=2")
    award = a_round(net, ask("r9 m1 A-B 1"), ask("r1 m1 A-C 1 alternative_of=r9")).award()
    assert granted(award) == {"r1": 0, "r9": 1}
    assert codes(award, "r1") == ["family"]


def test_same_route_takes_what_one_route_has():
    """Two parallel spans of one pair: two pairs apart, one pair where both must use the same legs."""
    net = network("s1 A B 1 strands=2", "s2 A B 1 strands=2")
    assert granted(a_round(net, ask("r1 m1 A-B 2")).award()) == {"r1": 2}
    award = a_round(net, ask("r1 m1 A-B 2 same_route")).award()
    assert (granted(award), routes(award, "r1")) == ({"r1": 1}, ["s1"])


@pytest.mark.parametrize(("limit", "got"), [("10", 1), ("9.999", 0)])
def test_a_limit_in_km_holds_to_the_metre(limit, got):
    """The only way is 10 km long: 10 is enough, 9.999 is not, and the reason names the 10."""
    award = a_round(network("s A B 10"), ask(f"r1 m1 A-B 1 max_km={limit}")).award()
    assert granted(award) == {"r1": got}
    if not got:
        assert codes(award, "r1") == ["over_distance"]
        assert lifts(award, "r1") == [{"kind": "max_km", "to_km": "10.000"}]


@pytest.mark.parametrize(("limit", "got"), [("4.91", 1), ("4.909", 0)])
def test_a_limit_in_db_holds_to_the_digit(limit, got):
    """10 km × 1.05 = 10.5 km of fibre: 10.5 × 0.22 = 2.31 dB, ⌈10.5 / 2⌉ = 6 splices 0.6, two connectors 1.0, margin 1.0: 4.91 dB."""
    award = a_round(network("s A B 10"), ask(f"r1 m1 A-B 1 max_loss_db={limit}")).award()
    assert granted(award) == {"r1": got}
    if not got:
        assert codes(award, "r1") == ["over_loss"]
        assert lifts(award, "r1") == [{"kind": "max_loss_db", "to_db": "4.910"}]


def test_a_limit_holds_for_each_leg():
    """Legs of 1 and 3 km: a limit of 3 allows the pair although the two together are 4 km; a limit of 2 does not."""
    net = network("s1 A B 1", "s2 A B 3")
    assert granted(a_round(net, ask("r1 m1 A-B 1 diversity=span max_km=3")).award()) == {"r1": 1}
    award = a_round(net, ask("r1 m1 A-B 1 diversity=span max_km=2")).award()
    assert lifts(award, "r1") == [{"kind": "max_km", "to_km": "3.000"}]


@pytest.mark.parametrize("item", ["span:s", "node:B", "group:duct", "circuit:c1"])
def test_what_is_avoided_is_not_used(item):
    """A to C through B (2 km) or direct (9 km). Each item stands for the way through B, so the direct way is granted."""
    net = network("s A B 1 groups=duct", "t B C 1", "u A C 9")
    this = a_round(net, ask(f"r1 m1 A-C 1 avoid={item}"), circuits=[circuit("c1", "s+t")])
    assert routes(this.award(), "r1") == ["u"]


def test_avoiding_the_only_way_is_the_reason():
    """The only way is span s, which the request avoids: allowing it is all that is needed."""
    award = a_round(network("s A B 1"), ask("r1 m1 A-B 1 avoid=span:s")).award()
    assert codes(award, "r1") == ["avoid"]
    assert lifts(award, "r1") == [{"kind": "avoid", "id": "span:s"}]


@pytest.mark.parametrize(("level", "way"), [("none", "s2"), ("node", "x|y+z")])
def test_diverse_from_holds_at_the_level_of_the_request(level, way):
    """c1 runs A-M-B over s1 and m. Plain: any other span will do, so the short parallel s2 to M and n is … the direct x is shortest.

    Level span forbids only the spans s1 and m: A-M over s2 and M-B over n is 2 km. Level node forbids M as well: only x (5 km) and
    y + z (6 km) are left, which are the pair.
    """
    net = network("s1 A M 1", "m M B 1", "s2 A M 1", "n M B 1", "x A B 5", "y A N 3", "z N B 3")
    line = f"r1 m1 A-B 1 diverse_from=circuit:c1 diversity={level}"
    award = a_round(net, ask(line), circuits=[circuit("c1", "s1+m")]).award()
    assert routes(award, "r1") == [way if level == "node" else "s2+n"]


def test_the_entrant_reserve_keeps_a_pair_for_those_who_hold_nothing_there():
    """Two pairs offered beside m1's live one, one reserved: m1 gets one of two. m2 is new there and gets the reserved one."""
    net = network("s A B 1 strands=6")
    live = [circuit("c1", "s", "m1")]
    alone = a_round(net, ask("r1 m1 A-B 2"), circuits=live, entrant_reserve_pairs=1).award()
    assert (granted(alone), codes(alone, "r1")) == ({"r1": 1}, ["entrant_reserve"])
    both = a_round(net, ask("r1 m1 A-B 2"), ask("r2 m2 A-B 1"), circuits=live, entrant_reserve_pairs=1).award()
    assert granted(both) == {"r1": 1, "r2": 1}


def test_the_tranche_keeps_a_share_for_groups_without_any_circuit():
    """Five pairs on s, half of them rounded down, 2, for newcomers: m1 and m2 hold circuits elsewhere, so 3 between them."""
    net = network("s A B 1 strands=10", "t B C 1 strands=8")
    live = [circuit("c1", "t", "m1"), circuit("c2", "t", "m2")]
    requests = ask("r1 m1 A-B 3"), ask("r2 m2 A-B 3")
    award = a_round(net, *requests, circuits=live, tranche_share=Decimal("0.5")).award()
    assert sorted(granted(award).values()) == [1, 2]
    assert {code for r in ("r1", "r2") for code in codes(award, r)} == {"tranche"}
    award = a_round(net, *requests, ask("r3 m3 A-B 3"), circuits=live, tranche_share=Decimal("0.5")).award()
    assert sorted(granted(award).values()) == [1, 2, 2]


@pytest.mark.parametrize("size", [2, 3])
def test_blocks_above_the_policy_are_refused_at_the_gate(size):
    """A minimum of 3 is refused where blocks hold at most 2 pairs, though three pairs are free; a minimum of 2 is served."""
    award = a_round(network("s A B 1"), ask(f"r1 m1 A-B 3 min_pairs={size}"), block_max_pairs=2).award()
    assert granted(award) == {"r1": 3 if size == 2 else 0}
    assert codes(award, "r1") == ([] if size == 2 else ["block_size"])


def test_what_is_late_holds_nothing_and_does_not_count():
    """m1 came late, so m2 is the only group of the round: it gets all, and the counts know one group."""
    closes = datetime(2027, 1, 3, 12, tzinfo=UTC)
    late = ask("r1 m1 A-B 1")
    late = replace(late, received=datetime(2027, 1, 3, 12, 0, 1, tzinfo=UTC))
    award = a_round(network("s A B 1 strands=2"), late, ask("r2 m2 A-B 1"), gate_closes=closes).award()
    assert granted(award) == {"r1": 0, "r2": 1}
    assert "late" in codes(award, "r1")


def test_two_that_never_hold_at_the_same_time_share_one_pair():
    """One pair: r1 until 2028-01-04, r2 from that day on (intervals are half-open), so both are served. r3 lies across both and cannot be."""
    net = network("s A B 1 strands=2")
    requests = ask("r1 m1 A-B 1 end=2028-01-04"), ask("r2 m2 A-B 1 start=2028-01-04")
    assert granted(a_round(net, *requests).award()) == {"r1": 1, "r2": 1}
    across = ask("r3 m3 A-B 1 start=2028-01-03 end=2028-01-05")
    assert granted(a_round(net, *requests, across).award()) == {"r1": 1, "r2": 1, "r3": 0}


def test_a_span_must_be_there_for_the_whole_term():
    """s1 is withdrawn on 2029-01-01: a request until then may use it; one day longer must take s2, or nothing where s2 is too long."""
    net = network("s1 A B 1 strands=2", "s2 A B 9")
    spans = [replace(s, withdrawn_on=date(2029, 1, 1)) if s.id == "s1" else s for s in net.spans.values()]
    net = type(net).build(net.nodes.values(), spans)
    assert routes(a_round(net, ask("r1 m1 A-B 1 end=2029-01-01")).award(), "r1") == ["s1"]
    assert routes(a_round(net, ask("r1 m1 A-B 1 end=2029-01-02")).award(), "r1") == ["s2"]
    assert granted(a_round(net, ask("r1 m1 A-B 1 max_km=2")).award()) == {"r1": 0}


def test_a_live_circuit_that_ends_frees_its_pair_on_that_day():
    """The one pair is live until 2027-07-01; a request that starts that day gets it, one that starts a day earlier does not."""
    net = network("s A B 1 strands=2")
    live = [circuit("c1", "s", "m9", end=date(2027, 7, 1))]
    assert granted(a_round(net, ask("r1 m1 A-B 1 start=2027-07-01"), circuits=live).award()) == {"r1": 1}
    assert granted(a_round(net, ask("r1 m1 A-B 1 start=2027-06-30"), circuits=live).award()) == {"r1": 0}


# -- colocation -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("watts", "units", "drawn"), [(1000, 3, 1000), (999, 2, 667), (666, 1, 334), (333, 0, 0)])
def test_watts_come_in_proportion_rounded_up(watts, units, drawn):
    """1000 W for 3 units: 334 W with one (333.3 rounded up), 667 W with two. The node's watts say how many fit."""
    net = network("s A B 1", nodes=[node("A", rack_units=9, power_w=watts)])
    award = a_round(net, rack("r1 m1 A 3 watts=1000 partial")).award()
    assert granted(award) == {"r1": units}
    assert sum(c["power_w"] for c in award["requests"][0]["circuits"]) == drawn


def test_room_is_whole_or_nothing_unless_partial():
    """Seven units left, ten asked for: nothing; where a part will do, seven."""
    net = network("s A B 1", nodes=[node("A", rack_units=10, rack_units_reserved=3)])
    whole = a_round(net, rack("r1 m1 A 10")).award()
    assert (granted(whole), codes(whole, "r1")) == ({"r1": 0}, ["node_full", "fair_share"])
    assert lifts(whole, "r1") == [{"kind": "node", "id": "A", "rack_units": 3}]
    assert granted(a_round(net, rack("r1 m1 A 10 partial")).award()) == {"r1": 7}


def test_room_is_shared_unit_by_unit():
    """Seven units, two members who ask for five each in part: 4 + 3, by the same counts as for fibre; 4 + 3 beats 5 + 2 at level 3."""
    net = network("s A B 1", nodes=[node("A", rack_units=7)])
    award = a_round(net, rack("r1 m1 A 5 partial"), rack("r2 m2 A 5 partial")).award()
    assert sorted(granted(award).values()) == [3, 4]
    assert counts(award, "colocation") == [2, 2, 2, 1, 0]


# -- what the policy changes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_live_circuits_count_where_the_policy_says_so(seed):
    """One pair on s; m1 holds a circuit on t. Counting it, m1 has one unit already, so giving s to m2 makes two groups with a unit, and to m1 one: m2, always."""
    net = network("s A B 1 strands=2", "t B C 1 strands=2")
    live = [circuit("c1", "t", "m1")]
    award = a_round(net, ask("r1 m1 A-B 1"), ask("r2 m2 A-B 1"), circuits=live, count_live=True).award(seed)
    assert granted(award) == {"r1": 0, "r2": 1}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_leg_as_unit_counts_a_diverse_pair_as_two(seed):
    """Parallel s1, s2 with one pair each; m1 asks for a diverse pair (both spans), m2 for one plain pair.

    By circuits: m1 alone 1, m2 alone 1; never both. Equal counts (1, 0), so the lot decides. By legs: m1 has 2 units, counts 1, 1, 0,
    m2 has 1, counts 1, 0: m1, whatever the lot.
    """
    net = network("s1 A B 1 strands=2", "s2 A B 1 strands=2")
    requests = ask("r1 m1 A-B 1 diversity=span"), ask("r2 m2 A-B 1")
    award = a_round(net, *requests, unit="leg").award(seed)
    assert (granted(award), counts(award)) == ({"r1": 1, "r2": 0}, [1, 1, 0])
    assert counts(a_round(net, *requests).award(seed)) == [1, 0]


@pytest.mark.parametrize("seed", SEEDS)
def test_metres_first_grants_the_shorter_of_two_equal_shares(seed):
    """One pair on s. m1 wants A-B over s, m2 wants A-C over s and t. One of them holds a unit; with metres first it is m1 (1 km, not 2), whatever the lot."""
    net = network("s A B 1 strands=2", "t B C 1 strands=2")
    requests = ask("r1 m1 A-B 1"), ask("r2 m2 A-C 1")
    award = a_round(net, *requests, ties=("metres", "lot", "rank")).award(seed)
    assert granted(award) == {"r1": 1, "r2": 0}
    assert codes(award, "r2") == ["span_full", "shorter_routes"]


def test_the_lot_without_metres_first_serves_either():
    """The round before, in the default order: the lot decides, so over several seeds both are served."""
    net = network("s A B 1 strands=2", "t B C 1 strands=2")
    this = a_round(net, ask("r1 m1 A-B 1"), ask("r2 m2 A-C 1"))
    assert {granted(this.award(seed))["r1"] for seed in SEEDS} == {0, 1}


def test_a_group_has_one_lot_and_its_own_order():
    """One pair, three requests of one group and none of others: rank 1 gets it, and the others hear that their own order decided."""
    net = network("s A B 1 strands=2", organisations=members(m1="G", m2="G"))
    award = a_round(net, ask("r1 m1 A-B 1"), ask("r2 m1 A-B 1 rank=2"), ask("r3 m2 A-B 1 rank=1")).award()
    assert granted(award) == {"r1": 0, "r2": 0, "r3": 1}
    assert codes(award, "r1") == codes(award, "r2") == ["span_full", "own_rank"]


def test_an_empty_round_grants_nothing_and_proves_it():
    """No request, no group: the first level of each kind has bound 0."""
    award = a_round(network("s A B 1")).award(None)
    assert (award["proof"], award["unique"], award["seed"]) == ("optimal", True, None)
    assert award["requests"] == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [("", 0), ("start=2028-01-03", 0), ("start=2028-01-04", 1), ("end=2027-06-01", 0), ("start=2030-01-01", 1)],
)
def test_a_circuit_counts_for_diverse_from_while_it_holds(words, expected):
    """A2: c1 holds the only way until 2028; a request whose term meets that is kept off it, one that begins later is not."""
    this = a_round(
        network("s A B 1"),
        ask(f"r m A-B 1 diverse_from=circuit:c1 {words}"),
        circuits=[circuit("c1", "s", "m", end=date(2028, 1, 4))],
    )
    award = this.award()
    assert granted(award) == {"r": expected}
    assert verify_award(award, this.network, this.circuits, this.requests, this.policy, full=True)["ok"]


def test_once_the_circuit_ends_a_later_start_is_offered():
    """D4: from 2028 on there is nothing to be diverse from."""
    circuits = [circuit("c1", "s", "m", end=date(2028, 1, 4))]
    this = a_round(network("s A B 1"), ask("r m A-B 1 diverse_from=circuit:c1"), circuits=circuits)
    line = this.award()["requests"][0]
    assert [reason["code"] for reason in line["reasons"]] == ["diverse_from"]
    assert (line["alternative"]["change"], line["alternative"]["start"]) == ("later_start", "2028-01-04")
