"""Rules H9: a contributor takes strands back with notice; spare first, then circuits in the published order, each led round."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cni.rounds.recall_plan import Holder, place, plan_recall
from cni.rounds.replacing import Wish
from cni.schemas.published import faults, json_schema
from tests.builders import DAY, circuit, network
from tests.cni.helpers import Cni
from tests.cni.sealed import House
from topology.model import Circuit
from topology.room import free_strands

NOTICE = ("--contributor", "council", "--on", "2027-09-01")
RECALL = date(2027, 9, 1)
RING = ("s1 A B 1 strands=4", "s2 B C 1 strands=4", "s3 A C 3 strands=4", "s4 A B 5 strands=2")


def holder(made: Circuit, state: str = "in_service", lit: bool = True) -> Holder:
    return Holder(made, state, lit)


def test_spare_strands_are_taken_first() -> None:
    """Of 4 strands one circuit has 2, so 2 can go without touching anybody; the third takes the circuit."""
    net, one = network(*RING), holder(circuit("c1", "s1"))
    assert plan_recall(net, [one], "s1", 2, RECALL, {}).affected == ()
    (touched,) = plan_recall(net, [one], "s1", 3, RECALL, {}).affected
    assert (touched.holder, touched.ends) == (one, RECALL)
    assert touched.instead.legs == (("s3", "s2"),)


def test_the_order_is_offers_then_unlit_then_shortest_term_then_last_begun() -> None:
    base = circuit("c", "s1")
    rows = [
        holder(replace(base, id="lit", end=None)),
        holder(replace(base, id="late", end=date(2030, 1, 1), start=date(2027, 3, 1))),
        holder(replace(base, id="long", end=date(2030, 1, 1))),
        holder(replace(base, id="short", end=date(2029, 1, 1))),
        holder(base, lit=False),
        holder(replace(base, id="offer"), "offered", False),
    ]
    order = [h.circuit.id for h in sorted(rows, key=lambda h: place(h, "s1", RECALL))]
    assert order == ["offer", "c", "short", "late", "long", "lit"]


def test_a_diverse_circuit_keeps_the_leg_that_is_not_touched() -> None:
    """Leg s1 goes; s3+s2 stays, and s4 is the other way from A to B."""
    net = network(*RING)
    (touched,) = plan_recall(net, [holder(circuit("c1", "s1|s3+s2"))], "s1", 4, RECALL, {}).affected
    assert (touched.instead.legs, touched.instead.moved) == ((("s4",), ("s3", "s2")), (1,))
    assert touched.instead.diversity == "node" or touched.instead.diversity == "risk"


def test_each_replacement_takes_up_what_it_uses() -> None:
    """Three circuits lose s1; s4 has one pair and the way round by C two, the fourth finds a certificate."""
    net = network("s1 A B 1 strands=8", *RING[1:])
    held = [holder(circuit(f"c{n}", "s1", end=date(2030 + n, 1, 1))) for n in range(4)]
    found = plan_recall(net, held, "s1", 8, RECALL, {})
    assert [a.holder.circuit.id for a in found.affected] == ["c0", "c1", "c2", "c3"]
    legs = [a.instead.legs for a in found.affected]
    assert legs.count((("s3", "s2"),)) == 2
    assert legs.count((("s4",),)) == 1
    (left,) = [a for a in found.affected if not a.instead.legs]
    assert left.holder.circuit.id == "c0"  # the shortest remaining term chooses last
    assert left.instead.certificate is not None
    assert left.instead.certificate.spans == ("s1", "s3", "s4")  # full then: they cut A off


def test_a_way_round_must_be_spare_to_the_end() -> None:
    """s4 is the short way, but its only pair is another's from 2029 on; so c1, which runs on to 2031, goes by C."""
    net, later = network(*RING[:3], "s4 A B 2 strands=2"), circuit("c2", "s4", start=date(2029, 1, 1))
    held = [holder(circuit("c1", "s1", end=date(2031, 1, 1))), holder(later, "accepted")]
    (touched,) = plan_recall(net, held, "s1", 4, RECALL, {}).affected
    assert touched.instead.legs == (("s3", "s2"),)
    short = [holder(circuit("c1", "s1", end=date(2029, 1, 1))), holder(later, "accepted")]
    (touched,) = plan_recall(net, short, "s1", 4, RECALL, {}).affected
    assert touched.instead.legs == (("s4",),)


def test_the_requests_limits_hold_for_the_way_round() -> None:
    net, lost = network(*RING), [holder(circuit("c1", "s1"))]
    (touched,) = plan_recall(net, lost, "s1", 4, RECALL, {"c1": Wish("none", max_m=3_500)}).affected
    assert touched.instead.certificate is not None
    assert touched.instead.certificate.kind == "limit"
    (touched,) = plan_recall(net, lost, "s1", 4, RECALL, {"c1": Wish("none", avoid=(("span", "s2"),))}).affected
    assert touched.instead.legs == (("s4",),)
    others = [*lost, holder(circuit("c9", "s2"))]
    (touched,) = plan_recall(
        net, others, "s1", 4, RECALL, {"c1": Wish("none", diverse_from=(("circuit", "c9"),))}
    ).affected
    assert touched.instead.legs == (("s4",),)


def test_a_circuit_that_begins_later_counts_from_then() -> None:
    """Spare suffices on the day of the recall, but not from 2028 on: the circuit that begins then gives way then."""
    net = network(*RING)
    later = circuit("c2", "s1", start=date(2028, 1, 1))
    held = [holder(circuit("c1", "s1", end=date(2040, 1, 1))), holder(later, "accepted", False)]
    (touched,) = plan_recall(net, held, "s1", 2, RECALL, {}).affected
    assert (touched.holder.circuit.id, touched.ends) == ("c2", date(2028, 1, 1))


TERMS = st.tuples(st.integers(0, 40), st.integers(1, 60))
LEGS = st.sampled_from(["s1", "s2", "s3", "s4", "s1+s2", "s1|s3+s2", "s4|s1"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(LEGS, TERMS, st.booleans()), max_size=6), st.integers(1, 8), st.permutations(range(6)))
def test_after_a_recall_nothing_is_sold_twice_and_order_of_rows_decides_nothing(
    rows: list[tuple[str, tuple[int, int], bool]], strands: int, order: list[int]
) -> None:
    net = network(*(line.replace("strands=4", "strands=8").replace("strands=2", "strands=8") for line in RING))
    held: list[Holder] = []
    for number, (legs, (start, years), lit) in enumerate(rows):
        first = date(2025 + start // 12, start % 12 + 1, 1)
        made = circuit(f"c{number}", legs, f"m{number}", first, date(first.year + years, 1, 2))
        if all(n >= 0 for n in free_strands(net, [h.circuit for h in held] + [made], DAY, None).values()):
            held.append(holder(made, lit=lit))
    found = plan_recall(net, held, "s1", strands, RECALL, {})
    cut = {a.holder.circuit.id: a for a in found.affected}
    after = [
        replace(h.circuit, end=max(cut[h.circuit.id].ends, h.circuit.start)) if h.circuit.id in cut else h.circuit
        for h in held
    ]
    after += [
        replace(a.holder.circuit, id=f"{name}.r1", start=max(a.ends, a.holder.circuit.start), legs=a.instead.legs)
        for name, a in cut.items()
        if a.instead.legs
    ]
    after = [c for c in after if c.end is None or c.end > c.start]
    assert all(n >= 0 for n in free_strands(found.network, after, DAY, None).values())
    shuffled = [held[n] for n in order if n < len(held)]
    assert plan_recall(net, shuffled, "s1", strands, RECALL, {}).affected == found.affected
    others = [replace(h, circuit=replace(h.circuit, member="x")) for h in held]
    again = plan_recall(net, others, "s1", strands, RECALL, {})
    assert [a.holder.circuit.id for a in again.affected] == [a.holder.circuit.id for a in found.affected]


@pytest.fixture
def living(cni: Cni, net: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """The test ring: c1 of isp over ab+bc and da+cd; 12 - 4 - 2 strands of each span are offered, 4 are spare on ab."""
    house = House(cni, monkeypatch).at("2027-01-01T09:00:00Z")
    house.done("init")
    for member in ("isp", "council"):
        house.done("member", "add", member, "--roles", "user" if member == "isp" else "contributor")
    house.done("network", "import", net, "--circuits", "circuits.csv")
    return house


def test_a_plan_changes_nothing_and_its_record_everything(living: House) -> None:
    """6 strands of ab leave nothing for c1; there is no second way from A to B that avoids D, so the pair as a whole fails."""
    plan = living("recall", "plan", "ab", "--strands", "6", *NOTICE, "--json")
    assert plan.code == 1
    assert list(faults(plan.document, json_schema("cni.recall/1"))) == []
    (line,) = plan.document["affected"]
    assert (line["circuit"], line["ends"], line["replacement"]) == ("c1", "2027-09-01", None)
    assert line["certificate"]["text"]
    assert living.document("network", "history")["versions"][-1]["number"] == 1
    done = living.document("recall", "plan", "ab", "--strands", "6", *NOTICE, "--record")
    assert done["recorded"]
    shown = living.document("circuit", "show", "c1", "--disclosure", "internal", "--on", "2027-09-01")
    assert (shown["state"], shown["end"]) == ("recalled", "2027-09-01")
    assert living.document("network", "history")["versions"][-1]["source"] == "recall ab"
    assert living("audit", "verify").code == 0


def test_what_is_offered_instead_is_taken_up_like_any_offer(living: House) -> None:
    Path("circuits.csv").write_text("id,member,start,end,legs\nc1,isp,2025-01-01,2031-01-01,ab+bc\n")
    living.done("network", "import", "net", "--circuits", "circuits.csv")
    done = living.document("recall", "plan", "ab", "--strands", "6", *NOTICE, "--record")
    assert done["affected"][0]["replacement"]["circuit"] == "c1.r1"
    offered = living.document("circuit", "show", "c1.r1", "--for", "isp")
    assert (offered["state"], offered["start"], offered["end"]) == ("offered", "2027-09-01", "2031-01-01")
    assert offered["legs"] == [["da", "cd"]]
    living.done("circuit", "accept", "c1.r1")
    living.at("2027-09-02T09:00:00Z").done("circuit", "light", "c1.r1")
    assert (
        living.document("circuit", "list", "--state", "in_service", "--for", "isp")["circuits"][0]["circuit"] == "c1.r1"
    )
    (row,) = living.document("recall", "list", "--disclosure", "internal")["recalls"]
    assert row["circuits"] == [{"circuit": "c1", "member": "isp", "replacement": "c1.r1"}]


def test_a_recall_is_refused_for_others_spans_too_many_strands_and_short_notice(living: House) -> None:
    wrong = living("recall", "plan", "ab", "--strands", "7", *NOTICE)
    assert (wrong.code, "[too_many]" in wrong.err) == (2, True)
    assert "[not_owner]" in living("recall", "plan", "cd", "--strands", "2", *NOTICE).err
    short = living("recall", "plan", "ab", "--strands", "2", "--contributor", "council", "--on", "2027-06-01")
    assert "[short_notice]" in short.err
    assert "[unknown_id]" in living("recall", "plan", "zz", "--strands", "2", *NOTICE).err


def test_an_import_does_not_forget_a_recall(living: House) -> None:
    living.done("recall", "plan", "ab", "--strands", "2", *NOTICE, "--record")
    forgot = living("network", "import", "net")
    assert (forgot.code, "[recall_dropped]" in forgot.err) == (2, True)
    living.done("network", "import", "net", "--drop-recalls")
    assert living.document("recall", "list")["recalls"] == []
