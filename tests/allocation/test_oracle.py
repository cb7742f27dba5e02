"""The engine against a brute-force oracle that tries every award (rules A1 to A6, B1 to B6)."""

from __future__ import annotations

from typing import Any

import pytest

from allocation.policy import Policy
from tests.allocation.oracle import Best, amounts, best_of, every_award
from tests.allocation.rounds import THIRTY, Round, a_round, ask, counts, granted, other_rules, random_round
from tests.builders import DAY, network
from topology.model import Leg

QUICK, BLOCKS = 120, 30
SLOW = range(1000, 4000)


def agree(this: Round) -> dict[str, Any]:
    """Assert that the award is the oracle's in every figure, and hand it back."""
    awards = every_award(this.network, this.circuits, this.requests, this.policy, DAY)
    best = best_of(awards, this.network, this.requests, this.policy, "s", this.circuits)
    award = this.award("s")
    assert {kind: counts(award, kind) for kind in ("fibre", "colocation")} == best.levels
    assert (award["proof"], award["unique"], award["repeatable"]) == ("optimal", True, True)
    assert all(o["value"] == o["bound"] for o in award["objectives"])
    assert all(level["members"] == level["bound"] for level in award["levels"])
    assert granted(award) == amounts({**best.circuits, **best.rack_units})
    assert legs_of(award) == in_order(this, best)
    for line in award["requests"]:
        assert (line["granted"] < line["requested"]) == bool(line["reasons"]), line["request"]
        assert "undecided" not in [r["code"] for r in line["reasons"]]
    return award


def legs_of(award: dict[str, Any]) -> dict[str, list[tuple[Leg, ...]]]:
    """Fibre request -> the legs of its circuits as shown."""
    return {
        line["request"]: [tuple(tuple(leg["spans"]) for leg in c["legs"]) for c in line["circuits"]]
        for line in award["requests"]
        if line["kind"] == "fibre"
    }


def in_order(this: Round, best: Best) -> dict[str, list[tuple[Leg, ...]]]:
    """The oracle's circuits, sorted as an award shows them: by metres, then ids."""

    def place(legs: tuple[Leg, ...]) -> tuple[int, tuple[Leg, ...]]:
        return sum(this.network.length_m(leg) for leg in legs), legs

    return {request: sorted(circuits, key=place) for request, circuits in best.circuits.items()}


@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_award_is_the_best_of_all(block):
    """Grants, routes, level counts, and every refusal has a reason, on rounds small enough to try every award."""
    for seed in range(block, QUICK, BLOCKS):
        agree(random_round(seed))


@pytest.mark.parametrize("block", range(20))
def test_the_award_is_the_best_of_all_under_other_rules(block):
    """Ties in another order, live circuits that count, blocks and members that the gate refuses."""
    for seed in range(20000 + block, 20060, 20):
        agree(other_rules(seed))


@pytest.mark.parametrize("block", THIRTY)
def test_the_award_is_the_best_of_all_on_many_more_rounds(block):
    for seed in SLOW[block::30]:
        agree(random_round(seed, most_awards=60_000))
        agree(other_rules(seed, most_awards=30_000))


def test_the_random_rounds_reach_every_clause():
    """The quick rounds are worth something: every kind of request, clause, reason and holder comes up in them."""
    rounds = [random_round(seed) for seed in range(QUICK)]
    requests = [r for this in rounds for r in this.requests]
    assert {r.diversity for r in requests} == {"none", "span", "node", "risk"}
    assert any(r.bundle for r in requests)
    assert any(r.alternative_of for r in requests)
    assert any(r.same_route and r.pairs > 1 for r in requests)
    assert any(r.is_fibre and r.least > 1 and not r.bundle for r in requests)
    assert any(not r.is_fibre and r.partial for r in requests)
    assert {bool(this.circuits) for this in rounds} == {True, False}
    assert {this.policy.unit for this in rounds} == {"circuit", "leg"}
    for clause in ("cap_share", "entrant_reserve_pairs", "tranche_share"):
        assert len({getattr(this.policy, clause) for this in rounds}) == 2
    assert sum(len(this.requests) > 2 for this in rounds) > QUICK // 4
    assert any({r.kind for r in this.requests if r.bundle} == {"fibre", "colocation"} for this in rounds)
    assert any(r.max_loss_db for r in requests)
    for items in ([r.avoid for r in requests], [r.diverse_from for r in requests]):
        assert {kind for held in items for kind, _ in held} == {"span", "node", "group", "circuit"}
    spans = [s for this in rounds for s in this.network.spans.values()]
    assert any(s.ready_for_service for s in spans)
    assert any(s.withdrawn_on for s in spans)
    assert any("until:" in s.funding_conditions for s in spans)
    assert any(c.node for this in rounds for c in this.circuits)
    assert any(c.end for this in rounds for c in this.circuits)


def test_wishes_of_a_family_differ_by_start_diversity_and_end():
    """Later start, lower diversity, another end: each kind of second wish comes up."""
    found = set()
    for seed in range(QUICK):
        wishes = {r.id: r for r in random_round(seed).requests}
        for r in wishes.values():
            first = wishes.get(r.alternative_of)
            if first is not None and first.is_fibre and r.is_fibre:
                found |= {name for name in ("start", "diversity", "b") if getattr(r, name) != getattr(first, name)}
    assert found == {"start", "diversity", "b"}


def test_the_oracle_itself_on_one_pair():
    """One span, one pair, two requests: three feasible awards; the best grants one pair to the group drawn first."""
    this = a_round(network("s A B 1 strands=2"), ask("r1 m1 A-B 1"), ask("r2 m2 A-B 1"))
    awards = every_award(this.network, (), this.requests, Policy(), DAY)
    assert sorted(tuple(amounts(a).values()) for a in awards) == [(0, 0), (0, 1), (1, 0)]
    best = best_of(awards, this.network, this.requests, Policy(), "s")
    assert best.levels == {"fibre": [1, 0], "colocation": [0]}
