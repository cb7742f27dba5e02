"""Two awards side by side: who gains, who loses, and why."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from allocation.compare import compare
from allocation.files.pack import make_pack
from cni.schemas.published import faults, json_schema
from scenarios.fibre_manchester import folder
from tests.allocation.rounds import Round, a_round, ask, rack
from tests.builders import network, node


def this() -> Round:
    """Four pairs on one span; x asks for 3, y for 2: without a cap each gets 2."""
    net = network("s A B 1 strands=8", nodes=[node("A", rack_units=4)])
    return a_round(net, ask("r1 x A-B 3"), ask("r2 y A-B 2"), rack("k1 x A 2"))


def capped(share: str = "0.25") -> Round:
    held = this()
    return replace(held, policy=replace(held.policy, cap_share=Decimal(share)))


def packed(held: Round) -> dict[str, Any]:
    return make_pack(held.award(), held.network, held.circuits, held.requests, held.policy)


def test_who_loses_by_a_cap_and_why():
    """With a cap of a quarter each group gets 1 of the 4 pairs; both lose one, and the cap is the reason."""
    found = compare(this().award(), capped().award())
    assert (found["gain"], found["lose"], found["mixed"]) == ([], ["x", "y"], [])
    assert [(g["group"], g["fibre"]) for g in found["groups"]] == [
        ("x", {"before": 2, "after": 1}),
        ("y", {"before": 2, "after": 1}),
    ]
    assert [r["request"] for r in found["requests"]] == ["r1", "r2"]
    assert all(r["less_in"] == "after" and r["why"][0]["code"] == "member_cap" for r in found["requests"])
    assert found["differs"] == ["policy"]
    assert found["changes"] is None


def test_the_other_way_round_is_the_mirror():
    found, mirror = compare(this().award(), capped().award()), compare(capped().award(), this().award())
    assert mirror["gain"] == found["lose"]
    assert all(r["less_in"] == "before" and r["why"][0]["code"] == "member_cap" for r in mirror["requests"])


def test_levels_totals_prices_and_spans_stand_side_by_side():
    found = compare(this().award(), capped().award())
    levels = [(lv["level"], lv["before"], lv["after"]) for lv in found["levels"] if lv["kind"] == "fibre"]
    assert levels == [(1, 2, 2), (2, 2, 0), (3, 0, 0)]
    assert {"name": "pairs_granted", "before": 4, "after": 2} in found["totals"]
    assert {"kind": "fibre", "name": "greatest_units", "before": 4, "after": 2} in found["fairness"]
    assert found["spans"] == [
        {
            "span": "s",
            "before": {"offered": 4, "granted": 4, "left": 0},
            "after": {"offered": 4, "granted": 2, "left": 2},
        }
    ]


def test_an_award_and_itself_differ_in_nothing():
    found = compare(this().award(), this().award())
    assert found["same"]
    assert not any(found[key] for key in ("differs", "gain", "lose", "groups", "requests", "spans", "totals"))


def test_packs_say_which_keys_requests_and_spans_differ():
    other = capped()
    grown = network("s A B 1 strands=10", "t A B 2", nodes=[node("A", rack_units=4)])
    other = replace(other, network=grown, requests=(*other.requests[:1], ask("r9 z A-B 1")))
    found = compare(this().award(), other.award(), (packed(this()), packed(other)))
    changes = found["changes"]
    assert changes["policy"] == [{"name": "cap.share", "before": None, "after": "0.25"}]
    assert [(c["id"], c["change"]) for c in changes["requests"]] == [
        ("k1", "removed"),
        ("r2", "removed"),
        ("r9", "added"),
    ]
    assert changes["spans"][0]["fields"] == [{"name": "fibre_count", "before": 8, "after": 10}]
    assert (changes["spans"][1]["id"], changes["spans"][1]["change"]) == ("t", "added")
    assert found["differs"] == ["network", "policy", "requests"]


def test_what_was_not_asked_for_got_less_and_has_no_reasons():
    other = replace(this(), requests=this().requests[1:])
    line = next(r for r in compare(this().award(), other.award())["requests"] if r["request"] == "r1")
    assert (line["after"], line["less_in"], line["why"]) == (None, "after", [])


def test_who_gains_of_one_kind_and_loses_of_the_other_is_neither():
    other = capped("0.5")
    other = replace(other, requests=(ask("r1 x A-B 1"), ask("r2 y A-B 2"), rack("k1 x A 4")))
    assert compare(this().award(), other.award())["mixed"] == ["x"]


def test_equal_grants_over_other_routes_are_listed_apart():
    """On a ring the way round is taken where the short one is given to another."""
    ring = network("s A B 1 strands=2", "t A B 2 strands=2")
    alone, both = a_round(ring, ask("r1 m1 A-B 1")), a_round(ring, ask("r1 m1 A-B 1"), ask("r0 m0 A-B 1 max_km=1"))
    found = compare(alone.award(), both.award())
    assert found["rerouted"] == ["r1"]


def test_the_document_keeps_its_schema():
    document = compare(this().award(), capped().award(), (packed(this()), packed(capped())))
    assert list(faults(json.loads(json.dumps(document)), json_schema("cni.compare/1"))) == []


@pytest.mark.slow
def test_the_bundled_round_under_a_smaller_cap():
    """A cap of 0.2 instead of 0.4: who holds more than a fifth of a span loses, by the cap."""
    from allocation.files.requests import read_policy, read_requests
    from topology.files.circuits import read_circuits
    from topology.files.csv_folder import read_network

    where = folder()
    net, _ = read_network(where / "network")
    live, _ = read_circuits(where / "circuits.csv", net)
    wishes, _ = read_requests(where / "requests.csv", net, live)
    policy, _ = read_policy(where / "policy.toml")
    held = Round(net, wishes, policy, live)
    other = replace(held, policy=replace(policy, cap_share=Decimal("0.2")))
    found = compare(held.award("x"), other.award("x"))
    assert found["differs"] == ["policy"]
    assert found["lose"] == ["shuttle"]
    assert [(r["request"], r["why"][0]["code"]) for r in found["requests"]] == [("r037", "member_cap")]
    totals = {(f["kind"], f["name"]): (f["before"], f["after"]) for f in found["fairness"]}
    before, after = totals["fibre", "without_clauses_units"]
    assert before == after
