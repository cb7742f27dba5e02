"""Funding conditions of a span: who may be granted new pairs there, and until when (rule A6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from allocation.verify import verify_award
from tests.allocation.rounds import Round, a_round, ask, codes, granted, lifts
from tests.builders import circuit, network
from topology.cells import CellError
from topology.funding import FundingConditions, read_funding
from topology.model import Network, Organisation

PEOPLE = (
    Organisation("m", roles=("user",)),
    Organisation("school", roles=("user",)),
    Organisation("n", roles=("education", "user")),
    Organisation("p", roles=("user",), group="G"),
    Organisation("owner", roles=("contributor",)),
)


def funded(conditions: str, *lines: str) -> Network:
    """One span A-B with conditions, further spans, and five organisations."""
    net = network("s A B 1", *lines)
    spans = {**net.spans, "s": replace(net.spans["s"], funding_conditions=conditions)}
    return replace(net, spans=spans, organisations={o.id: o for o in PEOPLE})


def failures(this: Round, award: dict) -> list[str]:
    result = verify_award(award, this.network, this.circuits, this.requests, this.policy, full=True)
    return [f"{c['code']} {c['where']}" for c in result["checks"] if not c["ok"]]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", None),
        ("school", FundingConditions(("school",))),
        ("  b  a b ", FundingConditions(("a", "b"))),
        ("until:2030-01-01 a", FundingConditions(("a",), date(2030, 1, 1))),
    ],
)
def test_a_cell_of_conditions(cell, expected):
    assert read_funding(cell) == expected


@pytest.mark.parametrize(
    "cell",
    ["until:2030-01-01", "a until:2030-13-01", "a until:", "a until:2030-01-01 until:2031-01-01", "a share:2", "a;"],
)
def test_a_malformed_cell_is_refused(cell):
    with pytest.raises(CellError):
        read_funding(cell)


@pytest.mark.parametrize(
    ("conditions", "member", "pairs"),
    [
        ("school", "m", 0),
        ("school", "school", 1),
        ("education", "n", 1),
        ("education school", "m", 0),
        ("G", "p", 1),
        ("user", "m", 1),
        ("m until:2030-01-01", "school", 0),
        ("school until:2027-01-04", "m", 1),  # the day of the round: lapsed
        ("school until:2027-01-05", "m", 0),
        ("nobody", "m", 0),
    ],
)
def test_who_may_be_granted_a_pair(conditions, member, pairs):
    """A role, the member's own id or its group's, whichever is named."""
    this = a_round(funded(conditions), ask(f"r {member} A-B 1"))
    award = this.award()
    assert granted(award) == {"r": pairs}
    assert codes(award, "r") == ([] if pairs else ["funding"])
    assert failures(this, award) == []


@pytest.mark.parametrize(
    ("words", "pairs"),
    [
        ("", 0),
        ("end=2028-01-01", 0),
        ("end=2035-01-01", 0),
        ("start=2029-12-31", 0),
        ("start=2030-01-01", 1),
        ("start=2031-01-01 end=2032-01-01", 1),
    ],
)
def test_conditions_bind_who_holds_before_they_lapse(words, pairs):
    """Until 2030: a grant that begins later is free, one that holds a strand on any day before is not."""
    this = a_round(funded("school until:2030-01-01"), ask(f"r m A-B 1 {words}"), ask("q school A-B 1 start=2031-01-01"))
    award = this.award()
    assert granted(award) == {"q": 1, "r": pairs}
    assert failures(this, award) == []


def test_the_reason_names_the_span_and_its_conditions_and_the_earliest_start():
    this = a_round(funded("school until:2030-01-01"), ask("r m A-B 1"))
    line = this.award()["requests"][0]
    (reason,) = line["reasons"]
    assert (reason["code"], reason["spans"], reason["clause"]) == (
        "funding",
        ["s"],
        "A6 funding_conditions of the span",
    )
    assert "s admits school until:2030-01-01" in reason["text"]
    assert reason["lifts"] == [{"kind": "clause", "id": "funding"}]
    assert (line["alternative"]["change"], line["alternative"]["start"]) == ("later_start", "2030-01-01")


def test_a_request_goes_round_where_it_may():
    this = a_round(funded("school", "t A C 1", "u C B 1"), ask("r m A-B 1"), ask("q m A-B 1 max_km=1"))
    award = this.award()
    assert granted(award) == {"q": 0, "r": 1}
    assert codes(award, "q") == ["funding"]


def test_members_of_one_group_are_judged_each_by_its_own_roles():
    """n and p are one group; only n has the role."""
    net = funded("education")
    people = {**net.organisations, "n": Organisation("n", roles=("education", "user"), group="G")}
    this = a_round(replace(net, organisations=people), ask("r n A-B 1"), ask("q p A-B 1"))
    award = this.award()
    assert granted(award) == {"q": 0, "r": 1}
    assert failures(this, award) == []


def test_live_circuits_stay_and_conditions_lift_for_one_request_only():
    """m holds a pair there; a bundle of two rows that both lack the role names its partner too."""
    rows = ask("r m A-B 1 bundle=x"), ask("q m A-B 1 bundle=x")
    this = a_round(funded("school"), *rows, circuits=[circuit("c", "s", "m")])
    award = this.award()
    assert codes(award, "r") == codes(award, "q") == ["funding", "bundle_partner"]
    assert lifts(award, "r") == [{"kind": "clause", "id": "funding"}, {"kind": "condition", "id": "bundle"}]
    assert failures(this, award) == []
