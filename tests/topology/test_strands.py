"""Strands: conventions, neighbours in one tube, few crossed splices, recorded ones kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import DAY, circuit, network
from topology.cells import CellError
from topology.colours import COLOURS, colour_code
from topology.files.circuits import read_circuits, write_circuits
from topology.model import Network
from topology.offer import make_offer
from topology.problems import BadInput
from topology.strands.laying import crossings, least_chain, pairs_among, plan_strands, set_aside, with_strands

TWELVE = colour_code("", 0)


@pytest.mark.parametrize(
    ("colours", "number", "words"),
    [
        ("", 1, (1, "blue", 1, "blue")),
        ("", 30, (3, "green", 6, "white")),
        ("", 145, (13, "blue, 1 stripe", 1, "blue")),
        ("iec-60304", 14, (2, "green", 2, "green")),
        ("abnt-14771", 12, (1, "green", 12, "aqua")),
        ("red green", 3, (1, "red", 3, "red, 1 stripe")),
    ],
)
def test_a_number_is_a_tube_and_a_place_with_their_colours(colours, number, words):
    name = colour_code(colours, 0).strand(number)
    assert (name.tube, name.tube_colour, name.place, name.colour) == words


@pytest.mark.parametrize("text", ["tia598", "red", "red red", "red mauve"])
def test_an_unknown_colour_code_is_refused(text):
    with pytest.raises(CellError):
        COLOURS.read(text)


def test_own_use_lies_lowest_then_reserve_then_recalls_and_maintenance_highest():
    span = network("s A B 1 strands=12 own=3 reserve=2 maintenance_spare=2").spans["s"]
    span = replace(span, recalls=((date(2027, 3, 1), 2),))
    held = {n: holds[0].holder for n, holds in set_aside(span).items() if holds}
    assert held == {
        **dict.fromkeys((1, 2, 3), "own use"),
        **dict.fromkeys((4, 5), "reserve"),
        **dict.fromkeys((6, 7), "recall"),
        **dict.fromkeys((11, 12), "maintenance spare"),
    }


def test_what_will_be_recalled_serves_until_the_day_of_the_recall():
    span = replace(network("s A B 1 strands=4").spans["s"], recalls=((date(2027, 3, 1), 2),))
    net = Network.build(network("s A B 1").nodes.values(), [span])
    live = [circuit("c1", "s", end=date(2027, 3, 1)), circuit("c2", "s", end=date(2027, 3, 2))]
    assert plan_strands(net, live).placed == {("c1", 0): ((1, 2),), ("c2", 0): ((3, 4),)}


def test_a_recorded_strand_is_the_circuits_and_own_use_passes_over_it():
    net = network("s A B 1 strands=8 own=2")
    live = [replace(circuit("c1", "s"), strands=(((1, 2),),)), circuit("c2", "s")]
    plan = plan_strands(net, live)
    assert plan.placed == {("c1", 0): ((1, 2),), ("c2", 0): ((5, 6),)}


def test_a_leg_keeps_its_numbers_where_it_can():
    """1-2 are taken on t, so 3-4 are better on both than 1-2 and a crossed splice."""
    net = network("s A B 1 strands=8", "t B C 1 strands=8")
    plan = plan_strands(net, [circuit("a", "t"), circuit("b", "s+t", start=date(2027, 2, 1))])
    assert plan.placed["b", 0] == ((3, 4), (3, 4))


def test_a_pair_does_not_span_two_tubes_while_another_is_free():
    """Of 11 to 14 the neighbours 12 and 13 lie in two tubes."""
    assert pairs_among([11, 12, 13, 14], TWELVE) == [(11, 12), (13, 14)]
    assert pairs_among([12, 13, 20], TWELVE) == [(12, 13), (12, 20), (13, 20)]


def test_a_crossed_splice_keeps_the_colour_where_it_can():
    """13-14 cannot go on; 1-2 has the same colours as 13-14, 3-4 has not."""
    assert least_chain([[(13, 14)], [(1, 2), (3, 4)]], TWELVE) == ((13, 14), (1, 2))
    assert least_chain([[(15, 16)], [(1, 2), (3, 4)]], TWELVE) == ((15, 16), (3, 4))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sets(st.integers(1, 9), min_size=2, max_size=5).map(sorted), min_size=1, max_size=4))
def test_the_chain_is_the_least_of_all(free):
    """Against trying every choice of pairs, with tubes of four strands and three colours."""
    code = colour_code("red green blue", 4)
    layers = [pairs_among(f, code) for f in free]

    def cost(chain):
        joins = [(x, y) for p, q in pairwise(chain) for x, y in zip(p, q, strict=True)]
        return (
            sum(not code.neighbours(*p) for p in chain),
            sum(x != y for x, y in joins),
            sum((x - 1) % 4 != (y - 1) % 4 for x, y in joins),
            sum((p[0] - 1) % 4 % 2 for p in chain),
            sum(map(sum, chain)),
        )

    assert cost(least_chain(layers, code)) == min(cost(chain) for chain in product(*layers))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["s", "t", "s+t"]), st.integers(0, 9), st.integers(1, 9)), max_size=9), st.data()
)
def test_no_two_circuits_share_a_strand_on_one_day(drawn, data):
    """Property: also the contributor's strands stay free, and the order of circuits changes nothing."""
    net = network("s A B 1 strands=9 own=2 reserve=1", "t B C 1 strands=8 maintenance_spare=2")
    days = [date.fromordinal(DAY.toordinal() + n) for n in range(30)]
    live = [circuit(f"c{i}", legs, start=days[a], end=days[a + n]) for i, (legs, a, n) in enumerate(drawn)]
    plan = plan_strands(net, live)
    for holds in plan.holds.values():
        for held in holds.values():
            assert not [1 for i, h in enumerate(held) for k in held[i + 1 :] if h.meets(k.start, k.end)]
    assert {k[0] for k in plan.placed} | {lack.circuit for lack in plan.lacking} == {c.id for c in live}
    assert plan_strands(net, data.draw(st.permutations(live))).placed == plan.placed


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["s", "t", "s+t"]), st.integers(0, 9), st.integers(1, 9)), max_size=9),
    st.integers(0, 3),
)
def test_each_circuit_is_laid_at_least_cost_beside_those_before_it(drawn, recorded):
    """Replayed one by one: the strands that are free for its term, by looking at every hold, and the least chain of them."""
    net = network("s A B 1 strands=9 own=2", "t B C 1 strands=7 reserve=1", strands_per_tube=4)
    days = [date.fromordinal(DAY.toordinal() + n) for n in range(30)]
    live = [circuit(f"c{i}", legs, start=days[a], end=days[a + n]) for i, (legs, a, n) in enumerate(drawn)]
    first = plan_strands(net, live[:recorded])
    live = [*with_strands(live[:recorded], first), *live[recorded:]]
    plan = plan_strands(net, live)
    before = plan_strands(net, [c for c in live if c.strands])
    for each in sorted((c for c in live if not c.strands), key=lambda c: (c.start, c.id)):
        free = [before.free(span, each.start, each.end) for span in each.legs[0]]
        if min(map(len, free)) < 2:
            assert (each.id, 0) not in plan.placed
            continue
        chain = least_chain([pairs_among(f, before.code) for f in free], before.code)
        assert plan.placed[each.id, 0] == chain
        before.take(each, 0, chain)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["s", "t", "s+t", "s|t"]), st.integers(0, 9), st.integers(1, 20)), max_size=12)
)
def test_what_an_offer_can_carry_can_be_laid(drawn):
    """Property: where the figures leave room on every day, every circuit finds strands for its whole term."""
    net = network("s A B 1 strands=11 own=2 reserve=1", "t A B 1 strands=10 maintenance_spare=1", "u B C 1")
    days = [date.fromordinal(DAY.toordinal() + n) for n in range(40)]
    live = [circuit(f"c{i}", legs, start=days[a], end=days[a + n]) for i, (legs, a, n) in enumerate(drawn)]
    try:
        make_offer(net, live, DAY)
    except BadInput:
        return
    assert plan_strands(net, live).lacking == []


def test_what_is_recorded_stays_whatever_comes(tmp_path):
    """Recorded strands are read back as written, and a circuit that sorts first does not move them."""
    net = network("s A B 1 strands=8", "t B C 1 strands=8")
    live = with_strands([circuit("m", "s+t|t")], plan_strands(net, [circuit("m", "s+t|t")]))
    file = tmp_path / "circuits.csv"
    file.write_text(write_circuits([circuit("n", "s"), *live]).replace("s+t|t", "s+t|s+t").replace("|3-4", "|3-4+3-4"))
    read, _ = read_circuits(file, net)
    assert read[0].strands == (((1, 2), (1, 2)), ((3, 4), (3, 4)))
    earlier = circuit("a", "s", start=date(2026, 1, 1))
    plan = plan_strands(net, [earlier, *read])
    assert plan.placed["m", 0] == ((1, 2), (1, 2))
    assert plan.placed["a", 0] == ((5, 6),)


@pytest.mark.parametrize(
    ("strands", "code"),
    [("1-2", "strands_mismatch"), ("1-2+8-9", "no_such_strand"), ("1-1+1-2", "bad_value"), ("x", "bad_value")],
)
def test_strands_that_cannot_be_are_bad_input(tmp_path, strands, code):
    net = network("s A B 1 strands=8", "t B C 1 strands=8")
    file = tmp_path / "circuits.csv"
    file.write_text(f"id,member,start,end,legs,strands\nc,m,2027-01-01,,s+t,{strands}\n")
    with pytest.raises(BadInput) as caught:
        read_circuits(file, net)
    assert [(p.code, p.line, p.column) for p in caught.value.problems] == [(code, 2, "strands")]


def test_two_circuits_on_one_strand_are_named_unless_their_terms_are_apart(tmp_path):
    net = network("s A B 1 strands=8")
    head = "id,member,start,end,legs,strands\n"
    file = tmp_path / "circuits.csv"
    file.write_text(head + "c,m,2027-01-01,2028-01-01,s,1-2\nd,m,2028-01-01,,s,2-3\n")
    assert len(read_circuits(file, net)[0]) == 2
    file.write_text(head + "c,m,2027-01-01,2028-01-02,s,1-2\nd,m,2028-01-01,,s,2-3\n")
    with pytest.raises(BadInput) as caught:
        read_circuits(file, net)
    assert "Strand 2 of span s is recorded for c and for d" in str(caught.value)


def test_a_leg_without_two_free_strands_is_told_and_the_rest_is_laid():
    net = network("s A B 1 strands=4 own=1", "t B C 1")
    plan = plan_strands(net, [circuit("c1", "s"), circuit("c2", "s+t")])
    assert [(k.circuit, k.leg, k.span) for k in plan.lacking] == [("c2", 0, "s")]
    assert with_strands([circuit("c2", "s+t")], plan) == (circuit("c2", "s+t"),)


def test_crossed_splices_are_counted_by_strand():
    assert crossings(((1, 2), (1, 3), (4, 5), (4, 5))) == 3


def test_the_colour_code_is_part_of_the_network():
    net = Network.build([], [], colours="iec-60304", strands_per_tube=24)
    assert plan_strands(net, []).code.strand(13).colour == "red, 1 stripe"
