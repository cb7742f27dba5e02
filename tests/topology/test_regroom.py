"""Regrooming: the fewest circuits to move, held against trying every arrangement."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise, product
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import DAY, circuit, network
from topology.files.circuits import read_circuits, write_circuits
from topology.strands.regroom import propose
from topology.strands.regroom_report import regroom_document, regroomed

TUBE = {"strands_per_tube": 4}


def laid(name, legs, *pairs):
    """A circuit on recorded strands, one pair per span of its only leg."""
    return replace(circuit(name, legs), strands=(pairs,))


def test_a_circuit_across_the_middle_is_moved_aside():
    """1 and 4 are free; moving c from 2-3 to 3-4 frees 1-2 at the price of four splices (two ends, two strands)."""
    net = network("s A B 1 strands=4", **TUBE)
    (proposal,) = propose(net, [laid("c", "s", (2, 3))], ("s",), DAY)
    assert (proposal.circuits, proposal.splices, proposal.pairs) == (("c",), 4, ((1, 2),))


def test_a_joint_between_two_spans_that_both_move_counts_once():
    net = network("s A B 1 strands=4", "t B C 1 strands=4", **TUBE)
    (proposal,) = propose(net, [laid("c", "s+t", (2, 3), (2, 3))], ("s", "t"), DAY)
    assert (len(proposal.moves), proposal.splices, proposal.pairs) == (2, 6, ((1, 2), (1, 2)))


def test_where_fewest_moves_and_straight_differ_both_are_proposed():
    """3-4 is free on s; on t only 1-2 after a move to either side of it: crossing saves no move, but 3-4 needs two."""
    net = network("s A B 1 strands=8", "t B C 1 strands=8", **TUBE)
    live = [laid("c", "s", (1, 2)), laid("d", "t", (2, 3)), laid("e", "s", (5, 6)), laid("f", "t", (6, 7))]
    live += [laid("g", "s", (7, 8))]
    fewest, *rest = propose(net, live, ("s", "t"), DAY)
    assert (len(fewest.circuits), fewest.pairs[0]) == (1, (3, 4))
    assert not rest or rest[0].pairs[0] == rest[0].pairs[1]


def test_of_two_ways_to_move_one_circuit_the_one_with_fewer_splices_is_taken():
    """1-2 would move c on s and u, four joints; 3-4 moves it on s and t, which share one: three joints, six splices."""
    net = network("s A B 1 strands=4", "t B C 1 strands=4", "u C D 1 strands=4", **TUBE)
    proposals = propose(net, [laid("c", "s+t+u", (2, 3), (3, 4), (1, 2))], ("s", "t", "u"), DAY)
    assert (proposals[-1].goal, proposals[-1].pairs, proposals[-1].splices) == ("straight", ((3, 4),) * 3, 6)


def test_own_use_stays_and_where_nothing_helps_nothing_is_proposed():
    """Of 1 to 4, own use has 1 and 2, the circuit 3; one strand is left."""
    net = network("s A B 1 strands=5 own=2 maintenance_spare=1", **TUBE)
    assert propose(net, [laid("c", "s", (3, 4))], ("s",), DAY) == ()


def test_the_document_names_a_longer_route_that_needs_no_move():
    net = network("s A B 1 strands=4", "t A B 5 strands=4", **TUBE)
    document = regroom_document(net, [laid("c", "s", (2, 3))], "A", "B", DAY)
    assert document["route"]["spans"] == ["s"]
    assert document["pairs"] is None
    assert document["proposals"][0]["moves"][0]["after"] == [3, 4]
    assert document["other_route"]["spans"] == ["t"]


def test_where_a_continuous_pair_is_free_nothing_moves():
    net = network("s A B 1 strands=4", "t B C 1 strands=4")
    document = regroom_document(net, [circuit("c", "s")], "A", "C", DAY)
    assert (document["pairs"], document["cross_splices"], document["proposals"]) == ([[3, 4], [3, 4]], 0, [])


def test_moves_that_save_crossed_splices_are_proposed_beside_a_pair_that_is_free():
    """1-2 is free on s and 3-4 on t: two crossed splices, or none after c has moved on t."""
    net = network("s A B 1 strands=4 maintenance_spare=2", "t B C 1 strands=4", **TUBE)
    document = regroom_document(net, [laid("c", "t", (1, 2))], "A", "C", DAY)
    assert (document["pairs"], document["cross_splices"]) == ([[1, 2], [3, 4]], 2)
    (proposal,) = document["proposals"]
    assert (proposal["goal"], proposal["cross_splices"], proposal["circuits"]) == ("straight", 0, ["c"])
    assert document["other_route"] is None


def test_no_route_with_spare_is_an_answer():
    document = regroom_document(network("s A B 1 strands=2"), [circuit("c", "s")], "A", "B", DAY)
    assert document["route"] is None
    assert document["certificate"]["kind"] == "cut"


@st.composite
def crowded(draw):
    """Two spans of six strands in tubes of three or six, and circuits on drawn pairs that do not meet."""
    live = []
    free = {"s": set(range(1, 7)), "t": set(range(1, 7))}
    for i, legs in enumerate(draw(st.lists(st.sampled_from(["s", "t", "s+t"]), max_size=2))):
        pairs = []
        for span in legs.split("+"):
            options = [(a, b) for a in sorted(free[span]) for b in sorted(free[span]) if a < b]
            if not options:
                break
            pair = draw(st.sampled_from(options))
            free[span] -= set(pair)
            pairs.append(pair)
        if len(pairs) == len(legs.split("+")):
            live.append(laid(f"c{i}", legs, *pairs))
    return live, draw(st.sampled_from([3, 6]))


@settings(max_examples=60, deadline=None)
@given(crowded())
def test_no_arrangement_is_better(drawn):
    """Every place of the new pair and of every circuit: neither fewer moves, nor fewer crossed joints in all."""
    live, tube = drawn
    net = network("s A B 1 strands=6", "t B C 1 strands=6", strands_per_tube=tube)
    proposals = propose(net, live, ("s", "t"), DAY)
    near = [(a, b) for a, b in pairwise(range(1, 7)) if (a - 1) // tube == (b - 1) // tube]

    def places(span):
        """Choices of the new pair ("") and of the circuits on a span that share no strand."""
        now = {c.id: c.strands[0][c.legs[0].index(span)] for c in live if span in c.legs[0]}
        for chosen in product(near, *(sorted({*near, pair}) for pair in now.values())):
            if len({n for pair in chosen for n in pair}) == 2 * len(chosen):
                yield (
                    dict(zip(["", *now], chosen, strict=True)),
                    {c for c, p in zip(now, chosen[1:], strict=True) if p != now[c]},
                )

    sums = [
        (len(m1 | m2), sum(p[c] != q[c] for c in p.keys() & q.keys()))
        for (p, m1), (q, m2) in product(places("s"), places("t"))
    ]
    if not sums:
        assert proposals == ()
        return
    assert len(proposals[0].circuits) == min(sums)[0]
    fewest_crossed, moved = min((crossed, moved) for moved, crossed in sums)
    assert len(proposals[-1].circuits) == moved
    after = {c.id: list(c.strands[0]) for c in live if len(c.legs[0]) == 2}
    for move in proposals[-1].moves:
        if move.circuit in after:
            after[move.circuit]["st".index(move.span)] = move.after
    assert sum(p != q for p, q in [proposals[-1].pairs, *after.values()]) == fewest_crossed


def test_a_circuit_that_has_ended_is_in_nobodys_way():
    net = network("s A B 1 strands=4", **TUBE)
    gone = replace(laid("c", "s", (2, 3)), start=date(2026, 1, 1), end=DAY)
    assert regroom_document(net, [gone], "A", "B", DAY)["pairs"] == [[1, 2]]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 7), max_size=3), st.sampled_from(["fewest_moves", "straight"]))
def test_what_is_recorded_frees_the_pair_and_reads_again(starts, goal):
    """After the moves of either proposal the pair is free on every span, by the file that was written."""
    net = network("s A B 1 strands=8", "t B C 1 strands=8", **TUBE)
    taken: set[int] = set()
    live = []
    for i, n in enumerate(starts):
        if taken.isdisjoint({n, n + 1}):
            taken |= {n, n + 1}
            live.append(laid(f"c{i}", "s+t", (n, n + 1), (n, n + 1)))
    document = regroom_document(net, live, "A", "C", DAY)
    moved = regroomed(net, live, document, goal)
    assert (moved is None) == (not document["proposals"])
    if moved is not None:
        with TemporaryDirectory() as folder:
            file = Path(folder, "moved.csv")
            file.write_text(write_circuits(moved))
            again, _ = read_circuits(file, net)
        assert regroom_document(net, again, "A", "C", DAY)["pairs"] is not None


def test_an_ended_circuit_on_the_strands_that_a_moved_one_gets_loses_its_record():
    net = network("s A B 1 strands=4", **TUBE)
    old = replace(laid("old", "s", (3, 4)), start=date(2026, 1, 1), end=date(2026, 6, 1))
    live = replace(laid("c", "s", (2, 3)), start=date(2026, 3, 1))
    early = replace(old, id="early", end=date(2026, 2, 1))
    circuits = [early, replace(old, start=date(2026, 2, 1)), live]
    document = regroom_document(net, circuits, "A", "B", DAY)
    moved = regroomed(net, circuits, document, "fewest_moves")
    assert moved is not None
    assert {c.id: c.strands for c in moved} == {"early": (((3, 4),),), "old": (), "c": (((3, 4),),)}
