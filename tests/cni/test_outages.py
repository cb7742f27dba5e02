"""Rule H8 without a database: which legs planned works take, what is exempt, and what only works together do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cni.rounds.outages import Works, moments, outage
from tests.builders import circuit, network, node
from tests.cni.living import UTC

NINE = datetime(2027, 3, 1, 21, tzinfo=UTC)
RING = network("ab A B 1 groups=duct,yard", "bc B C 1 groups=bridge", "ad A D 1 groups=yard", "dc D C 1 groups=bridge")
NET = replace(RING, nodes={**RING.nodes, "A": node("A", risk_groups=("yard",))})
PAIR = circuit("c1", "ab+bc|ad+dc")


def works(name: str = "w", hours: int = 2, after: int = 0, **what: str) -> Works:
    start = NINE + timedelta(hours=after)
    return Works(name, start, start + timedelta(hours=hours), **{k: frozenset(v.split()) for k, v in what.items()})


def seen(*planned: Works, made: object = PAIR) -> tuple[object, ...] | None:
    found = outage(NET, made, planned)  # type: ignore[arg-type]
    return None if found is None else (found.lost, found.stays, found.down, found.both, found.asks)


def test_a_group_that_both_legs_pass_takes_both() -> None:
    """`bridge` holds bc and dc and is no group of an end: diversity at level risk would have helped."""
    assert seen(works(risk_groups="bridge")) == ((1, 2), (), True, True, False)


def test_a_group_of_an_end_is_exempt_and_asks_for_a_word() -> None:
    """`yard` is a group of A, where the circuit ends: no diversity can help."""
    assert seen(works(risk_groups="yard")) == ((1, 2), (), True, False, True)


def test_a_group_on_one_leg_leaves_the_other() -> None:
    assert seen(works(risk_groups="duct")) == ((1,), (2,), False, False, False)


def test_an_inner_node_takes_its_leg_and_an_end_both() -> None:
    assert seen(works(nodes="B")) == ((1,), (2,), False, False, False)
    assert seen(works(nodes="C")) == ((), (), True, False, True)
    assert seen(works(nodes="B D")) == ((1, 2), (), True, True, False)


def test_what_is_elsewhere_touches_nothing() -> None:
    assert seen(works(spans="bc"), made=circuit("c2", "ad")) is None


def test_only_what_is_under_way_at_one_moment_counts_together() -> None:
    """Of three works the second overlaps the first and the third, which do not meet: no moment has all three."""
    first, second, third = works("a", 2), works("b", 2, 1), works("c", 2, 2)
    together = [{w.id for w in active} for _, active in moments(second, (first, second, third))]
    assert together == [{"a", "b"}, {"b", "c"}]
    assert [at for at, _ in moments(second, (first, third))] == [second.start, third.start]


NAMES = st.sets(st.sampled_from(["ab", "bc", "ad", "dc"]), max_size=3)


@given(NAMES, NAMES)
def test_more_works_never_bring_a_leg_back(one: set[str], other: set[str]) -> None:
    alone, both = works("a", spans=" ".join(one)), works("b", spans=" ".join(other))
    before, after = outage(NET, PAIR, [alone]), outage(NET, PAIR, [alone, both])
    if before is not None:
        assert after is not None
        assert set(before.lost) <= set(after.lost)
        assert set(after.lost) | set(after.stays) == {1, 2}
