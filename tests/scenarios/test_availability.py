"""Availability against the enumeration of every state, against exact fractions, and against known answers."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.failures.availability import availability, availability_document
from scenarios.failures.certified import Paths, chance_of_failure
from scenarios.failures.components import any_down, components
from scenarios.fibre_manchester import folder
from tests.builders import DAY, circuit, network
from tests.strategies import circuits_on, many, spines
from topology.files.circuits import read_circuits
from topology.files.csv_folder import read_network
from topology.model import Circuit, Network

RING = ("ab A B 1 groups=duct", "bc B C 1", "cd C D 1 groups=duct", "da D A 1")


def by_enumeration(net: Network, circuits: tuple[Circuit, ...], scale: float) -> dict[tuple[str, ...], float]:
    """Chance of every state of the components, and who is down in it: key pairs, circuits, members."""
    from scenarios.failures.events import Broken, key_pairs

    parts = components(net)
    chances = [c.unavailability(scale) for c in parts]
    found: dict[tuple[str, ...], float] = {}
    for state in product((False, True), repeat=len(parts)):
        chance = 1.0
        for is_down, u in zip(state, chances, strict=True):
            chance *= u if is_down else 1 - u
        down = [c for c, is_down in zip(parts, state, strict=True) if is_down]
        spans = frozenset().union(*(c.spans for c in down)) if down else frozenset()
        nodes = frozenset().union(*(c.nodes for c in down)) if down else frozenset()
        broken = Broken(nodes, spans)
        joined = key_pairs(net, broken)
        off = {c.id: broken.circuit(c) for c in circuits}
        lost = [pair for pair in combinations(net.key_nodes, 2) if pair not in joined]
        lost += [(name,) for name, is_off in off.items() if is_off]
        members = {c.member for c in circuits}
        lost += [("member", m) for m in members if all(off[c.id] for c in circuits if c.member == m)]
        for about in lost:
            found[about] = found.get(about, 0.0) + chance
    return found


@settings(max_examples=many(40), deadline=None)
@given(st.data())
def test_every_result_is_what_enumeration_of_all_states_gives(data):
    net = data.draw(spines())
    net = replace(
        net, spans={k: replace(s, cuts_per_km_year=0.0) if i > 7 else s for i, (k, s) in enumerate(net.spans.items())}
    )
    if len(components(net)) > 11:
        return
    live = data.draw(circuits_on(net))
    found = availability(net, live, DAY, within=1e-9)
    for scale in ("0.25", "1", "4"):
        expected = by_enumeration(net, tuple(c for c in live if c.holds_on(DAY)), float(scale))
        for line in (*found.circuits, *found.members, *found.key_pairs):
            if line.scale != scale:
                continue
            about = ("member", *line.about) if line in found.members and line not in found.circuits else line.about
            truth = expected.get(about, 0.0)
            assert line.interval.low <= truth * (1 + 1e-9) + 1e-300
            assert truth <= line.interval.high * (1 + 1e-9) + 1e-300
            assert line.interval.closed


def test_two_legs_that_share_a_group_are_not_multiplied_as_if_independent() -> None:
    """U = us + (1 - us) ua ub, here in exact fractions of the same rates."""
    net = network(*RING)
    one = circuit("c", "ab+bc|da+cd")
    found = next(line for line in availability(net, [one], DAY).circuits if line.scale == "1")
    down = {c.name: Fraction(c.unavailability(1.0)) for c in components(net)}
    shared = down["group:duct"]
    first = 1 - (1 - down["span:ab"]) * (1 - down["span:bc"])
    last = 1 - (1 - down["span:da"]) * (1 - down["span:cd"])
    exact = shared + (1 - shared) * first * last
    assert abs(Fraction(found.interval.low) / exact - 1) < Fraction(1, 10**12)
    assert found.interval.low == found.interval.high
    assert float(first * last) * 50 < found.interval.low


@settings(max_examples=many(200), deadline=None)
@given(st.lists(st.fractions(min_value=0, max_value=Fraction(1, 2)), min_size=1, max_size=12))
def test_any_down_keeps_twelve_digits(chances):
    """Against exact fractions, also where 1 - u is 1 to sixteen digits."""
    small = [c / 10**9 for c in chances]
    for wanted in (chances, small):
        product_ = Fraction(1)
        for u in wanted:
            product_ *= 1 - Fraction(float(u))
        exact = 1 - product_
        found = Fraction(any_down(float(u) for u in wanted))
        assert exact == found if exact == 0 else abs(found / exact - 1) < Fraction(1, 10**12)


def test_an_interval_narrows_with_effort_and_never_leaves_the_truth() -> None:
    """Three parallel paths of two components each: U = (1 - (1-u)^2)^3."""
    down = [0.1, 0.2, 0.05, 0.3, 0.15, 0.25]
    masks = [0b11, 0b1100, 0b110000]
    truth = 1.0
    for i in (0, 2, 4):
        truth *= 1 - (1 - down[i]) * (1 - down[i + 1])

    before = (0.0, 1.0)
    for branches in (1, 2, 5, 10, 1000):
        found = chance_of_failure(Paths(masks), down, 0.0, branches)
        assert before[0] <= found.low <= truth <= found.high <= before[1]
        before = (found.low, found.high)
    assert found.low == pytest.approx(truth, rel=1e-11)


def test_known_answers_on_the_bundled_network() -> None:
    """37 key nodes, 666 pairs: U from 7e-18 to 5.5e-5 at the default rates (research, graph of 60 nodes and 100 spans)."""
    net, _ = read_network(folder() / "network")
    circuits, _ = read_circuits(folder() / "circuits.csv", net)
    some = net.key_nodes[:8]
    few = replace(net, nodes={k: replace(n, key=k in some) for k, n in net.nodes.items()})
    assert net.as_of is not None
    document, closed = availability_document(few, circuits, net.as_of)
    assert closed
    for row in document["key_pairs"]:
        low, high = row["unavailability"]["low"], row["unavailability"]["high"]
        assert low <= high <= low * 1.001 + 1e-30
    at = {
        scale: [r["minutes_year"]["high"] for r in document["circuits"] if r["scale"] == scale]
        for scale in ("0.25", "1", "4")
    }
    assert all(a <= b <= c for a, b, c in zip(at["0.25"], at["1"], at["4"], strict=True))


@pytest.mark.slow
def test_every_key_pair_of_the_bundled_network_closes() -> None:
    net, _ = read_network(folder() / "network")
    assert net.as_of is not None
    document, closed = availability_document(net, (), net.as_of)
    one = [r["unavailability"] for r in document["key_pairs"] if r["scale"] == "1"]
    assert closed
    assert len(one) == 666
    assert 7e-18 < min(u["low"] for u in one) < 8e-18
    assert 5.5e-5 < max(u["high"] for u in one) < 5.6e-5
