"""The offer: installed less the four figures, dated, with overlaps named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import DAY, circuit, network, node
from topology.model import Circuit, Network
from topology.offer import Room, make_offer, offer_document, spare_pairs
from topology.problems import BadInput


def test_an_offer_is_what_is_installed_less_four_figures():
    """48 installed - 12 own use - 4 reserve - 2 maintenance - 6 live = 24 strands = 12 pairs."""
    net = network("s A B 1 strands=48 own=12 reserve=4 maintenance_spare=2")
    offer = make_offer(net, [circuit(f"c{i}", "s") for i in range(3)], DAY)
    (row,) = offer.spans
    assert (row.live, row.offered, row.pairs) == (6, 24, 12)


def test_an_odd_strand_makes_no_pair():
    offer = make_offer(network("s A B 1 strands=7"), [], DAY)
    assert (offer.spans[0].offered, offer.spans[0].pairs) == (7, 3)


def test_each_change_ahead_makes_a_further_row():
    """One circuit ends in March, one begins in February and ends in March as another begins: no row where nothing changes."""
    net = network("s A B 1 strands=8")
    march = date(2027, 3, 1)
    live = [
        circuit("c1", "s", end=march),
        circuit("c2", "s", start=date(2027, 2, 1)),
        circuit("c3", "s", start=march),
    ]
    steps = [(row.from_, row.live, row.pairs) for row in make_offer(net, live, DAY).spans]
    assert steps == [(DAY, 2, 3), (date(2027, 2, 1), 4, 2)]


def test_steps_outside_the_interval_are_left_out():
    net = network("s A B 1 strands=8")
    live = [circuit("c1", "s", end=date(2027, 3, 1))]
    assert len(make_offer(net, live, DAY, date(2027, 3, 1)).spans) == 1
    assert len(make_offer(net, live, DAY, date(2027, 3, 2)).spans) == 2


def test_a_span_offers_nothing_before_it_is_ready_and_after_it_is_withdrawn():
    net = network("s A B 1 strands=8 own=2")
    dates = replace(net.spans["s"], ready_for_service=date(2027, 2, 1), withdrawn_on=date(2027, 3, 1))
    offer = make_offer(Network.build(net.nodes.values(), [dates]), [], DAY)
    assert [(r.from_.month, r.installed, r.own_use, r.offered) for r in offer.spans] == [
        (1, 0, 0, 0),
        (2, 8, 2, 6),
        (3, 0, 0, 0),
    ]


def test_a_span_at_a_node_out_of_service_offers_nothing_but_shows_its_live_strands():
    net = network("s A B 1 strands=8", nodes=[node("A", status="planned", rack_units=4)])
    offer = make_offer(net, [circuit("c", "s")], DAY)
    assert (offer.spans[0].installed, offer.spans[0].live, offer.spans[0].offered) == (0, 2, 0)
    assert offer.nodes[0].rack_units == Room(0, 0, 0, 0)


def test_a_circuit_whose_legs_share_a_span_holds_four_strands_there():
    net = network("s A B 1 strands=8", "t B C 1", "u B C 1")
    assert make_offer(net, [circuit("c", "s+t|s+u")], DAY).spans[0].live == 4


def test_rack_units_and_watts_are_offered_as_strands_are():
    net = network("s A B 1", nodes=[node("A", rack_units=42, rack_units_reserved=10, power_w=5000)])
    colocation = Circuit("c", "m1", DAY, date(2028, 1, 4), node="A", rack_units=4, power_w=800)
    rows = [r for r in make_offer(net, [colocation], DAY).nodes if r.id == "A"]
    assert [(r.rack_units.offered, r.power_w.offered) for r in rows] == [(28, 4200), (32, 5000)]


def test_negative_spare_is_bad_input_that_names_the_circuits_and_the_day():
    net = network("s A B 1 strands=4", "t A B 1 strands=1 own=2")
    live = [circuit("c1", "s"), circuit("c2", "s", start=date(2027, 5, 1)), circuit("c3", "s", start=date(2027, 6, 1))]
    with pytest.raises(BadInput) as caught:
        make_offer(net, live, DAY)
    first, second = caught.value.problems
    assert "lacks 2 strands on 2027-06-01" in first.text
    assert "c1 c2 c3 hold 6" in first.text
    assert "Span t lacks 1 strands on 2027-01-04" in second.text


def test_the_document_does_not_depend_on_the_order_of_circuits():
    net = network("s A B 1", "t A B 1")
    live = [circuit("c1", "s"), circuit("c2", "t")]
    assert offer_document(net, live, DAY) == offer_document(net, live[::-1], DAY)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), max_size=8))
def test_at_every_day_the_row_in_force_counts_the_circuits_that_hold(intervals):
    """Property: for each day, installed - live = offered with live counted circuit by circuit."""
    days = [date.fromordinal(DAY.toordinal() + n) for n in range(90)]
    live = [circuit(f"c{i}", "s", start=days[a], end=days[a + n]) for i, (a, n) in enumerate(intervals)]
    rows = make_offer(network("s A B 1 strands=100"), live, DAY).spans
    for day in days:
        in_force = [r for r in rows if r.from_ <= day][-1]
        assert in_force.live == 2 * sum(c.holds_on(day) for c in live)
        assert in_force.offered == 100 - in_force.live


def test_the_four_published_figures_add_up_at_every_step():
    """8 technical - 2 set aside - 4 sold + 2 returned = 4 offered, after the first of two circuits has ended."""
    net = network("s A B 1 strands=8 own=2")
    live = [circuit("c1", "s", end=date(2027, 3, 1)), circuit("c2", "s", start=date(2027, 2, 1))]
    rows = offer_document(net, live, DAY)["spans"]
    figures = [(r["technical"], r["set_aside"], r["sold"], r["returned"], r["offered"]) for r in rows]
    assert figures == [(8, 2, 2, 0, 4), (8, 2, 4, 0, 2), (8, 2, 4, 2, 4)]
    assert all(t - a - s + r == o for t, a, s, r, o in figures)


def test_a_recall_is_own_use_from_its_day_and_named():
    net = network("s A B 1 strands=8 own=2")
    back = replace(net.spans["s"], recalls=((date(2027, 3, 1), 2), (date(2027, 6, 1), 2)))
    net = Network.build(net.nodes.values(), [back])
    rows = offer_document(net, [circuit("c", "s", end=date(2027, 6, 1))], DAY)["spans"]
    assert [(r["own_use"], r["recalled"], r["offered"]) for r in rows] == [(2, 0, 4), (4, 2, 2), (6, 4, 2)][: len(rows)]
    assert [[(c["what"], c["circuit"], c["strands"]) for c in r["changes"]] for r in rows] == [
        [],
        [("recall", None, -2)],
        [("recall", None, -2), ("circuit_ends", "c", 2)],
    ]
    assert spare_pairs(net, [], date(2027, 6, 1)) == {"s": 1}


def test_a_recall_that_a_live_circuit_stands_against_names_both():
    net = network("s A B 1 strands=4")
    net = Network.build(net.nodes.values(), [replace(net.spans["s"], recalls=((date(2027, 3, 1), 4),))])
    with pytest.raises(BadInput) as caught:
        make_offer(net, [circuit("c1", "s")], DAY)
    assert "lacks 2 strands on 2027-03-01: 4 installed, 4 set aside (4 of them recalled), circuits c1 hold 2." in str(
        caught.value
    )


def test_circuits_on_a_span_that_is_withdrawn_are_named():
    net = network("s A B 1 strands=8")
    net = Network.build(net.nodes.values(), [replace(net.spans["s"], withdrawn_on=date(2027, 3, 1))])
    rows = offer_document(net, [circuit("c2", "s"), circuit("c1", "s"), circuit("c3", "s", end=date(2027, 2, 1))], DAY)
    assert [r["stranded"] for r in rows["spans"]] == [[], [], ["c1", "c2"]]
    assert rows["spans"][2]["changes"] == [{"what": "withdrawn", "circuit": None, "strands": -8}]
