"""One request of an award, told in words and figures."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from allocation.explain import explanation
from cni.schemas.published import faults, json_schema
from tests.allocation.rounds import Round, a_round, ask, members, rack, random_round
from tests.builders import circuit, network, node


def told(this: Round, request: str) -> dict[str, Any]:
    """The explanation of a request."""
    return explanation(this.award(), request, this.network, this.requests)


def contested() -> Round:
    """Two pairs on the middle span of a line, three groups that want them."""
    net = network("s1 A B 1", "s2 B C 1 strands=4", "s3 C D 1")
    return a_round(net, ask("r1 m1 A-D 1"), ask("r2 m2 B-C 1"), ask("r3 m3 A-C 2"))


def test_the_sentence_says_what_was_asked_what_was_got_and_why():
    """Two groups hold the two pairs; which two the lot decides, so another award would serve the third."""
    this = contested()
    lost = next(line for line in this.award()["requests"] if not line["granted"])
    text = told(this, lost["request"])["summary"]
    assert f"{lost['member']} asked for" in text
    assert "got nothing. No spare pair is left on span s2: the lot drew others first" in text


def test_what_was_granted_in_full_needs_no_reason():
    this = a_round(network("s A B 1"), ask("r1 m1 A-B 2 diversity=none"))
    found = told(this, "r1")
    assert found["summary"] == "m1 asked for 2 pairs from A to B, and got all 2."
    assert found["binding_spans"] == found["would_help"] == []


def test_the_binding_span_names_its_figures_and_its_holders():
    this = contested()
    award = this.award()
    lost = next(line["request"] for line in award["requests"] if not line["granted"])
    (span,) = told(this, lost)["binding_spans"]
    assert (span["span"], span["start"], span["end"]) == ("s2", "B", "C")
    assert (span["offered"], span["granted"], span["left"]) == (2, 2, 0)
    assert span["codes"] == ["span_full"]
    assert sorted(h["pairs"] for h in span["held"]) == [1, 1]
    assert lost not in [h["request"] for h in span["held"]]


def test_holders_are_named_with_their_group():
    net = network("s A B 1 strands=2", organisations=members(m1="G", m2="H"))
    this = a_round(net, ask("r1 m1 A-B 1"), ask("r2 m2 A-B 1"))
    lost = next(line["request"] for line in this.award()["requests"] if not line["granted"])
    found = told(this, lost)
    assert {found["group"], found["binding_spans"][0]["held"][0]["group"]} == {"G", "H"}


def test_who_held_before_or_after_is_no_holder():
    """r1 has the pair until 2028; r2, from 2028 on, competes with r3 only."""
    net = network("s A B 1 strands=2")
    rows = (
        ask("r1 m1 A-B 1 end=2028-01-04"),
        ask("r2 m2 A-B 1 start=2028-01-04"),
        ask("r3 m3 A-B 1 start=2028-01-04"),
    )
    this = a_round(net, *rows)
    lost = next(line["request"] for line in this.award()["requests"] if not line["granted"])
    (span,) = told(this, lost)["binding_spans"]
    assert [h["request"] for h in span["held"]] == [({"r2", "r3"} - {lost}).pop()]


def test_lifts_are_told_as_what_would_have_helped():
    net = network("s A B 1 strands=8")
    found = told(a_round(net, ask("r1 m1 A-B 3"), cap_share=Decimal("0.5")), "r1")
    assert found["would_help"] == ["the clause member_cap not applied to it"]
    found = told(a_round(network("s A B 5"), ask("r1 m1 A-B 1 max_km=3")), "r1")
    assert found["would_help"] == ["a limit of 5.000 km"]
    assert "No route that is free is as short as it asks for." in found["summary"]


def test_a_cut_is_named_with_its_risk_group():
    net = network("s A B 1 groups=duct", "t A B 2 groups=duct")
    found = told(a_round(net, ask("r1 m1 A-B 1 diversity=risk")), "r1")
    assert found["risk_groups"] == ["duct"]
    assert "over two risk-diverse routes" in found["asked"]


def test_rooms_are_told_too():
    net = network("s A B 1", nodes=[node("A", rack_units=4, power_w=1000)])
    this = a_round(net, rack("k1 m1 A 3 watts=500"), rack("k2 m2 A 3 watts=800"))
    lost = next(line["request"] for line in this.award()["requests"] if not line["granted"])
    found = told(this, lost)
    (where,) = found["binding_nodes"]
    assert (where["rack_units"]["left"], where["held"][0]["rack_units"]) == (1, 3)
    assert any("more rack units at A" in words for words in found["would_help"])
    assert found["summary"].startswith(f"{found['member']} asked for 3 rack units with ")


def test_spans_stand_in_the_order_of_the_way():
    net = network("s9 A B 1 strands=2", "s5 B C 1", "s1 C D 1 strands=2")
    this = a_round(net, ask("r1 m1 A-D 1"), ask("r2 m2 A-B 1"), ask("r3 m3 C-D 1"))
    assert [s["span"] for s in told(this, "r1")["binding_spans"]] == ["s9", "s1"]


def test_an_unknown_request_is_no_key():
    with pytest.raises(KeyError):
        told(contested(), "r9")


@pytest.mark.parametrize("seed", range(20))
def test_every_request_of_random_rounds_is_told_and_keeps_the_schema(seed):
    this = random_round(seed)
    award = this.award()
    for line in award["requests"]:
        found = explanation(award, line["request"], this.network, this.requests)
        assert found["summary"].endswith(".")
        assert "{" not in found["summary"]
        assert list(faults(json.loads(json.dumps(found)), json_schema("cni.explain/1"))) == []


def test_the_sentence_for_newcomers_and_incumbents():
    net = network("s A B 1 strands=6")
    this = a_round(net, ask("r1 m1 A-B 2"), circuits=[circuit("c1", "s")], entrant_reserve_pairs=1)
    assert (
        "what is left on span s is reserved for groups that held nothing there" in told(this, "r1")["summary"].lower()
    )
