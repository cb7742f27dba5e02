"""Commercial resilience: operators, concentration, contributors."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.failures.commercial import commercial, concentration
from scenarios.failures.events import withdrawal_event
from scenarios.failures.fail import fail
from tests.builders import DAY, circuit, network, node
from tests.strategies import circuits_on, many, spines
from topology.model import Circuit, Network, Organisation


def test_concentration_of_equal_and_unequal_shares():
    """4 equal: 4 x 25 squared = 2,500, as if 4. Shares of 3/4 and 1/4: 5,625 + 625 = 6,250, as if 1.6."""
    assert concentration(dict.fromkeys("abcd", 2)) == {"operators": 4, "held": 8, "hhi": "2500", "as_if_equal": "4.00"}
    assert concentration({"a": 3, "b": 1}) == {"operators": 2, "held": 4, "hhi": "6250", "as_if_equal": "1.60"}
    assert concentration({}) == {"operators": 0, "held": 0, "hhi": None, "as_if_equal": None}


def test_connected_members_count_as_one_operator():
    net = network("ab A B 1", key="A B")
    listed = [Organisation("m1", group="big"), Organisation("m2", group="big"), Organisation("m3")]
    net = Network.build(net.nodes.values(), net.spans.values(), (), listed)
    live = [circuit("x", "ab", "m1"), circuit("y", "ab", "m2"), circuit("z", "ab", "m3")]
    found = commercial(net, live, DAY)
    assert found["over_all"]["operators"] == 2
    assert found["key_pairs"] == [
        {"a": "A", "b": "B", "at_both_ends": 2, "operators": 2, "held": 3, "hhi": "5556", "as_if_equal": "1.80"}
    ]


def test_a_circuit_uses_all_its_contributors_and_needs_those_of_both_legs():
    net = network("ab A B 1 owner=council", "ac A C 1 owner=tram", "cb C B 1 owner=council")
    found = commercial(net, [circuit("two", "ab|ac+cb"), circuit("one", "ac")], DAY)
    assert found["circuits"] == [
        {"circuit": "one", "uses": ["tram"], "needs": ["tram"]},
        {"circuit": "two", "uses": ["council", "tram"], "needs": ["council"]},
    ]
    lost = {c["contributor"]: c["circuits_down"] for c in found["contributors"]}
    assert lost == {"council": ["two"], "tram": ["one"]}


def test_colocation_counts_at_its_node_and_needs_the_nodes_owner():
    net = network("ab A B 1", nodes=[node("A", owner="council")])
    found = commercial(net, [Circuit("room", "m1", DAY, node="A", rack_units=1)], DAY)
    assert [n["operators"] for n in found["nodes"]] == [1, 0]
    assert found["circuits"] == [{"circuit": "room", "uses": ["council"], "needs": ["council"]}]


@settings(max_examples=many(40), deadline=None)
@given(st.data())
def test_a_contributor_that_circuits_need_takes_them_down(data):
    net = data.draw(spines())
    spans = net.spans.values()
    owned = [type(s)(s.id, s.start, s.end, data.draw(st.sampled_from(["p", "q"])), 48, s.length_m) for s in spans]
    net = Network.build(net.nodes.values(), owned)
    live = data.draw(circuits_on(net))
    found = commercial(net, live, DAY)
    for row in found["contributors"]:
        failure = fail(net, live, withdrawal_event(net, row["contributor"]), DAY)
        assert row["circuits_down"] == list(failure.circuits_down)
        assert row["key_pairs_lost"] == len(failure.key_pairs_lost)
        needed = [c["circuit"] for c in found["circuits"] if row["contributor"] in c["needs"]]
        assert needed == row["circuits_down"]
