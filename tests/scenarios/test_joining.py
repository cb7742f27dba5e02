"""Which things links join."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.failures.joining import parts_of


def test_each_thing_is_with_what_it_is_joined_to_and_keeps_its_place() -> None:
    found = parts_of("abcde", [("d", "b"), ("e", "b")])
    assert list(found) == list("abcde")
    assert found["b"] == found["d"] == found["e"]
    assert len({found[thing] for thing in "abc"}) == 3


def test_a_link_of_something_unknown_is_no_link() -> None:
    with pytest.raises(KeyError):
        parts_of("ab", [("a", "z")])


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=15))
def test_parts_are_those_of_a_second_algorithm(links: list[tuple[int, int]]) -> None:
    graph = nx.Graph(links)
    graph.add_nodes_from(range(10))
    found = parts_of(range(10), links)
    for part in nx.connected_components(graph):
        assert {found[thing] for thing in part} == {found[min(part)]}
        assert found[min(part)] in part
    assert len(set(found.values())) == nx.number_connected_components(graph)
