"""Builds against the enumeration of all sets of candidates, and against small cases whose answer is plain."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.builds.build import Plan, build_document
from scenarios.builds.candidates import Candidate, read_candidates
from scenarios.builds.cheapest import cheapest
from scenarios.builds.surviving import failures_of, with_candidates
from tests.builders import DAY, network
from tests.strategies import many, spines
from topology.model import Network
from topology.problems import BadInput


def candidate(name: str, start: str, end: str, cost: int, groups: str = "") -> Candidate:
    """A candidate of 1 km."""
    return Candidate(name, start, end, "council", 48, 1000, risk_groups=tuple(groups.split()), cost_pence=cost)


def least_pair(net: Network, a: str, b: str) -> bool:
    """Whether two risk-disjoint routes exist, by trying all pairs of simple paths."""
    graph = net.to_networkx()
    exempt = {*net.nodes[a].risk_groups, *net.nodes[b].risk_groups}
    found = []
    for path in nx.all_simple_edge_paths(graph, a, b):
        spans = [key for _, _, key in path]
        inner = {n for edge in path for n in edge[:2]} - {a, b}
        groups = {g for s in spans for g in net.spans[s].risk_groups} | {
            g for n in inner for g in net.nodes[n].risk_groups
        }
        found.append((set(spans), inner, groups - exempt))
    return any(not (one[0] & two[0] or one[1] & two[1] or one[2] & two[2]) for one, two in combinations(found, 2))


def protected(net: Network, level: str) -> set[tuple[str, str]]:
    """Key pairs that are protected, from first principles: networkx for failures, exact pairs for two routes."""
    pairs = set(combinations(net.key_nodes, 2))
    if level == "disjoint":
        return {pair for pair in pairs if least_pair(net, *pair)}
    for failure in failures_of(net):
        graph = nx.MultiGraph()
        graph.add_nodes_from(n for n in net.nodes if n not in failure.nodes)
        graph.add_edges_from(
            (s.start, s.end)
            for s in net.spans.values()
            if s.id not in failure.spans and not {s.start, s.end} & failure.nodes
        )
        pairs -= {(a, b) for a, b in pairs if not {a, b} & failure.nodes and not nx.has_path(graph, a, b)}
    return pairs


@settings(max_examples=many(60), deadline=None)
@given(st.data())
@pytest.mark.parametrize("level", ["survives", "disjoint"])
def test_the_cheapest_of_all_sets_is_found(level, data):
    net = data.draw(spines())
    names = sorted(net.nodes)
    groups = [*sorted(net.risk_groups), "new"]
    made = []
    for i in range(data.draw(st.integers(0, 5))):
        a, b = data.draw(st.sampled_from(list(combinations(names, 2)))) if len(names) > 1 else (names[0], names[0])
        if a == b:
            continue
        group = data.draw(st.sampled_from(["", *groups]))
        made.append(candidate(f"new{i}", a, b, data.draw(st.integers(0, 5)), group))
    here = net.at(DAY)
    wanted = len(here.key_nodes) * (len(here.key_nodes) - 1) // 2
    made = [c for c in made if c.start in here.nodes and c.end in here.nodes]
    feasible = [
        sum(c.cost_pence for c in chosen)
        for size in range(len(made) + 1)
        for chosen in combinations(made, size)
        if len(protected(with_candidates(here, chosen), level)) == wanted
    ]
    found = cheapest(here, made, level)
    assert found.before == len(protected(here, level))
    if not feasible:
        assert found.proof == "infeasible"
        assert found.witness is not None
        assert found.witness.pair not in protected(with_candidates(here, made), level)
        return
    assert (found.proof, found.best.cost_pence, found.best.bound_pence) == ("optimal", min(feasible), min(feasible))
    after = with_candidates(here, [made[i] for i in found.best.chosen])
    assert len(protected(after, level)) == found.after == wanted
    assert len(found.reasons) == len(found.best.chosen)


@settings(max_examples=many(40), deadline=None)
@given(st.data())
def test_the_next_cheapest_contain_no_choice_before_them(data):
    """Against the enumeration: of the sets that meet the level and contain none listed before, each is the cheapest."""
    net = data.draw(spines(6))
    names = sorted(net.nodes)
    made = []
    for i in range(data.draw(st.integers(2, 6))):
        a, b = data.draw(st.lists(st.sampled_from(names), min_size=2, max_size=2, unique=True))
        made.append(candidate(f"new{i}", a, b, data.draw(st.integers(1, 9))))
    pairs = len(net.key_nodes) * (len(net.key_nodes) - 1) // 2
    good = [
        frozenset(some)
        for size in range(len(made) + 1)
        for some in combinations(range(len(made)), size)
        if len(protected(with_candidates(net, [made[i] for i in some]), "survives")) == pairs
    ]
    found = cheapest(net, made, alternatives=4)
    listed = [] if found.best is None else [found.best, *found.others]
    left = set(good)
    for choice in listed:
        assert choice.proved
        assert choice.cost_pence == min(sum(made[i].cost_pence for i in some) for some in left)
        assert frozenset(choice.chosen) in left
        left -= {some for some in left if frozenset(choice.chosen) <= some}
    assert not left or len(listed) == 5


def test_a_tree_needs_a_ring() -> None:
    """A - B - C with key nodes A and C: only AC protects them, since B may fail too; AB twice would not."""
    net = network("ab A B 1", "bc B C 1")
    net = replace(net, nodes={k: replace(n, key=k in "AC") for k, n in net.nodes.items()})
    options = [candidate("ab2", "A", "B", 1), candidate("bc2", "B", "C", 1), candidate("ac", "A", "C", 900)]
    found = cheapest(net, options)
    assert ([options[i].id for i in found.best.chosen], found.best.cost_pence) == (["ac"], 900)
    assert found.reasons == ("ac: without it span:ab parts A and C",)
    assert cheapest(net, options[:2]).proof == "infeasible"


def test_surviving_any_one_group_is_weaker_than_two_disjoint_routes() -> None:
    """Two candidates in different groups, each group shared with one side: every single failure is survived by some way."""
    net = network(
        "ab A B 1 groups=g", "bd B D 1 groups=h", "ac A C 1 groups=h", "cd C D 1 groups=g", "bc B C 1 groups=k"
    )
    net = replace(net, nodes={k: replace(n, key=k in "AD") for k, n in net.nodes.items()})
    option = [candidate("ad", "A", "D", 500)]
    weak, strong = cheapest(net, option, "survives"), cheapest(net, option, "disjoint")
    assert weak.best.cost_pence <= strong.best.cost_pence == 500
    assert strong.best.chosen == (0,)


def test_the_document_names_cost_bound_reasons_and_pairs() -> None:
    net = network("ab A B 1", "bc B C 1")
    net = replace(net, nodes={k: replace(n, key=True) for k, n in net.nodes.items()})
    document = build_document(Plan(net, [candidate("ac", "A", "C", 12345)], DAY))
    assert (document["proof"], document["chosen"], document["cost_pence"]) == ("optimal", ["ac"], 12345)
    assert document["key_pairs_protected_before"] == {"low": 0, "high": 0}
    assert document["key_pairs_protected_after"] == {"low": 3, "high": 3}


def test_a_file_of_candidates_is_read_with_every_fault_named(tmp_path: Path) -> None:
    net = network("ab A B 1", "bc B C 1")
    file = tmp_path / "candidates.csv"
    head = "id,start,end,owner,fibre_count,length_km,cost\n"
    file.write_text(f"{head}ac,A,C,council,48,1.2,1234.50\n")
    (one,), _ = read_candidates(file, net)
    assert (one.cost_pence, one.length_m) == (123450, 1200)
    file.write_text(f"{head}ab,A,X,council,48,1.2,12.345\nb,A,A,council,48,1,-1\n")
    with pytest.raises(BadInput) as bad:
        read_candidates(file, net)
    assert {(p.line, p.column) for p in bad.value.problems} >= {(2, "cost"), (3, "cost")}
    file.write_text(f"{head}ab,A,X,council,48,1.2,12\nb,A,A,council,48,1,1\n")
    with pytest.raises(BadInput) as bad:
        read_candidates(file, net)
    assert {(p.line, p.column) for p in bad.value.problems} == {(2, "id"), (2, "end"), (3, "end")}
