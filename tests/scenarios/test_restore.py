"""Restoration: the published order against every possible way of restoring, and its limits (rules I)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import product

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.lottery import drawn_order
from scenarios.failures.events import broken_by, make_event
from scenarios.failures.fail import fail, fail_document
from scenarios.failures.register import Entry, Register, read_register
from scenarios.failures.restore import restore
from tests.builders import DAY, circuit, network
from tests.strategies import many, spines
from topology.legs import ends
from topology.model import Circuit, Network
from topology.offer import spare_pairs
from topology.problems import BadInput

SEED = "seven"


@st.composite
def outages(draw: st.DrawFn) -> tuple[Network, tuple[Circuit, ...], str, Register]:
    """A small network with little spare, single-span circuits of three members on it, a span to cut, a register."""
    net = draw(spines(7))
    spans = [replace(s, fibre_count=2 * draw(st.integers(1, 5)), risk_groups=()) for s in net.spans.values()]
    nodes = [replace(n, risk_groups=()) for n in net.nodes.values()]
    cut = draw(st.sampled_from(spans)).id
    live = []
    for i in range(draw(st.integers(1, 5))):
        span = cut if draw(st.integers(0, 3)) else draw(st.sampled_from(spans)).id
        live.append(Circuit(f"c{i}", f"m{draw(st.integers(0, 2))}", date(2026, 1, 1 + i % 2), legs=((span,),)))
    first = draw(st.sampled_from(["", "m1", "c0"]))
    kind = "circuit" if first == "c0" else "member"
    register = Register((Entry(first, kind, DAY),) if first else ())
    return Network.build(nodes, spans), tuple(live), cut, register


def value(net: Network, live, down, way: dict[str, tuple[str, ...]], register: Register):
    """What the rules compare, greatest best: class by class the levels, the groups in drawn order, the circuits; then metres."""
    broken_members = {c.member for c in live} - {c.member for c in live if c not in down}
    hit = {c.id for c in down}
    place = {c.id: 0 if register.holds(c, DAY) else 1 if c.member in broken_members else 2 for c in live if c.id in hit}
    found: list[object] = []
    for p in range(3):
        mine = [c for c in down if place[c.id] == p]
        count = Counter(c.member for c in mine if c.id in way)
        found.append([sum(n >= level for n in count.values()) for level in range(1, 6)])
        members = drawn_order(SEED, {c.member for c in mine})
        found.append([count[m] for m in members])
        found.append(
            [[c.id in way for c in sorted(mine, key=lambda c: (c.start, c.id)) if c.member == m] for m in members]
        )
    found.append(-sum(net.length_m(leg) for leg in way.values()))
    return found


def every_way(net: Network, live, down, cut: str):
    """All ways of restoring: each circuit down on one of its simple paths, or not at all, within spare."""
    spare = {s: n for s, n in spare_pairs(net, live, DAY).items() if s != cut}
    graph = net.to_networkx()
    graph.remove_edge(net.spans[cut].start, net.spans[cut].end, key=cut)
    choices = []
    for c in down:
        paths = nx.all_simple_edge_paths(graph, *ends(net, c))
        choices.append([None, *(tuple(e[2] for e in path) for path in paths)])
    for picked in product(*choices):
        used = Counter(s for leg in picked for s in leg or ())
        if all(n <= spare[s] for s, n in used.items()):
            yield {c.id: leg for c, leg in zip(down, picked, strict=True) if leg}


@settings(max_examples=many(120), deadline=None)
@given(outages())
def test_what_comes_back_is_the_best_of_all_ways_and_never_above_spare(outage):
    net, live, cut, register = outage
    failure = fail(net, live, make_event(net, spans=[cut]), DAY, register=register, seed=SEED)
    down = [c for c in live if c.id in failure.circuits_down]
    ways = list(every_way(net, live, down, cut))
    found = dict(failure.restorable)
    assert found in ways
    best = max(value(net, live, down, way, register) for way in ways)
    assert value(net, live, down, found, register) == best
    assert failure.restoration.proof == "optimal"
    assert all(c.restored == c.bound for c in failure.restoration.classes)


@settings(max_examples=many(60), deadline=None)
@given(outages())
def test_the_quick_order_alone_stays_within_spare_and_below_its_bound(outage):
    net, live, cut, register = outage
    broken = broken_by(net, make_event(net, spans=[cut]))
    down = [c for c in live if broken.circuit(c)]
    quick = restore(net, live, down, broken, DAY, register=register, seed=SEED, most=0)
    exact = restore(net, live, down, broken, DAY, register=register, seed=SEED)
    assert dict(quick.legs) in list(every_way(net, live, down, cut))
    for one, other in zip(quick.classes, exact.classes, strict=True):
        assert one.bound >= other.restored
        assert one.restored == one.greedy


DETOUR = ("ab A B 1", "bc B C 1", "ca C A 1 strands=2")


def test_a_short_way_that_blocks_another_is_not_taken():
    """x's shortest way takes the only pair of cb, which y needs; the way over D is longer and leaves it free."""
    net = network("ab A B 1", "ac A C 1 strands=2", "cb C B 1 strands=2", "ad A D 3", "db D B 3", "cut B C 1")
    live = [circuit("x", "ab", "m1"), circuit("y", "cut", "m2")]
    event = make_event(net, spans=["ab", "cut"])
    totals = set()
    for seed in "12345678":
        failure = fail(net, live, event, DAY, seed=seed)
        assert dict(failure.restorable) == {"x": ("ad", "db"), "y": ("cb",)}
        totals.add(failure.restoration.classes[1].greedy)
    assert totals == {1, 2}


def test_own_strands_on_spans_that_did_not_fail_cost_no_spare():
    """bc has no spare pair at all; the circuit itself lies on it and comes back over ad, dB and its own bc."""
    net = network("ab A B 1", "bc B C 1 strands=2", "ad A D 1", "db D B 1")
    failure = fail(net, [circuit("c", "ab+bc")], make_event(net, spans=["ab"]), DAY)
    assert failure.restorable == (("c", ("ad", "db", "bc")),)


def test_the_registered_come_first_then_those_with_nothing_left():
    net = network(*DETOUR, "xy X Y 1")
    live = [circuit("a", "ab", "has-more"), circuit("a2", "xy", "has-more"), circuit("b", "ab", "nothing-left")]
    event = make_event(net, spans=["ab"])
    assert fail(net, live, event, DAY).restoration.order == ("b",)
    first = Register((Entry("a", "circuit", DAY),))
    assert fail(net, live, event, DAY, register=first).restoration.order == ("a",)
    over = Register((Entry("a", "circuit", date(2026, 1, 1), DAY),))
    assert fail(net, live, event, DAY, register=over).restoration.order == ("b",)


def test_a_second_circuit_waits_for_every_first_and_the_seed_draws_between_equals():
    net = network("ab A B 1", "bc B C 1 strands=4", "ca C A 1 strands=4")
    old = date(2025, 1, 1)
    live = [circuit("p1", "ab", "p", old), circuit("p2", "ab", "p", old), circuit("q", "ab", "q")]
    event = make_event(net, spans=["ab"])
    assert {name for name, _ in fail(net, live, event, DAY).restorable} == {"p1", "q"}
    tight = network(*DETOUR)
    winners = {fail(tight, live, event, DAY, seed=str(i)).restorable[0][0] for i in range(20)}
    assert winners == {"p1", "q"}


def test_the_document_names_rules_proof_and_classes():
    net = network(*DETOUR)
    document = fail_document(net, [circuit("c", "ab"), circuit("d", "ab")], make_event(net, spans=["ab"]), DAY)
    assert document["restoration"] == {
        "rules": "I/1",
        "proof": "optimal",
        "seed": "",
        "order": ["c"],
        "classes": [
            {"class": "life_and_safety", "down": 0, "alone": 0, "restored": 0, "bound": 0, "greedy": 0},
            {"class": "nothing_left", "down": 2, "alone": 2, "restored": 1, "bound": 1, "greedy": 1},
            {"class": "others", "down": 0, "alone": 0, "restored": 0, "bound": 0, "greedy": 0},
        ],
    }


def test_a_register_is_read_and_every_fault_named(tmp_path):
    file = tmp_path / "register.csv"
    file.write_text("id,kind,start,end,note\nambulance,member,2026-01-01,,agreed 2026-01\n")
    register, _ = read_register(file)
    assert register.entries[0].id == "ambulance"
    file.write_text("id,kind,start\nambulance,firm,2026-01-01\nb,member,yesterday\n")
    with pytest.raises(BadInput) as caught:
        read_register(file)
    assert [(p.line, p.column) for p in caught.value.problems] == [(2, "kind"), (3, "start")]
