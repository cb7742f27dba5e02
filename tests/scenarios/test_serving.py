"""Goal `requests` against the enumeration of every set of candidates and every award, and in a case whose answer is plain."""

from __future__ import annotations

import random
from dataclasses import fields, replace
from itertools import combinations

import pytest

from scenarios.builds.build import Plan, requests_document
from scenarios.builds.candidates import Candidate
from scenarios.builds.serving import most_requests
from scenarios.builds.surviving import with_candidates
from tests.allocation.oracle import amounts, every_award
from tests.allocation.rounds import NO_CLAUSES, Round, ask, other_rules
from tests.builders import DAY, network
from tests.scenarios.test_build import candidate
from topology.model import Network, Span


def as_candidate(span: Span, pounds: int) -> Candidate:
    """A span that is not built yet."""
    values = {f.name: getattr(span, f.name) for f in fields(Span)}
    values.update(status="", ready_for_service=None, withdrawn_on=None, recalls=())
    return Candidate(**values, cost_pence=pounds * 100)


def taken_out(this: Round, seed: int) -> tuple[Network, list[Candidate]]:
    """The network of a round without up to three spans that no circuit and no request speaks of, and these as candidates."""
    draw = random.Random(seed)
    named = {s for c in this.circuits for s in c.spans}
    named |= {i for r in this.requests for kind, i in (*r.avoid, *r.diverse_from) if kind == "span"}
    free = [s for s in this.network.spans.values() if s.id not in named]
    out = draw.sample(free, min(3, len(free)))
    left = {k: s for k, s in this.network.spans.items() if s not in out}
    return replace(this.network, spans=left), [as_candidate(s, draw.randint(0, 4)) for s in out]


def most_by_trying(net: Network, options: list[Candidate], this: Round, pence: int) -> tuple[int, int]:
    """The most requests granted in full by any award of any set that the budget pays, and the least cost of so many."""
    found = {}
    for size in range(len(options) + 1):
        for some in combinations(options, size):
            cost = sum(c.cost_pence for c in some)
            if cost > pence:
                continue
            built = with_candidates(net, some)
            wanted = {r.id: r.wanted for r in this.requests}
            served = [
                sum(amount == wanted[r] for r, amount in amounts(award).items())
                for award in every_award(built, this.circuits, this.requests, this.policy, DAY)
                if all(amount in (0, wanted[r]) for r, amount in amounts(award).items())
            ]
            found[some] = (max(served, default=0), -cost)
    most, cost = max(found.values())
    return most, -cost


@pytest.mark.parametrize("seed", range(60))
def test_no_set_of_candidates_serves_more_requests_or_as_many_for_less(seed):
    this = other_rules(seed, most_awards=400)
    net, options = taken_out(this, seed)
    pence = random.Random(seed).randint(0, 8) * 100
    found = most_requests(net, options, this.circuits, this.requests, this.policy, DAY, pence)
    most, cost = most_by_trying(net, options, this, pence)
    assert (found.after.low, found.after.high) == (most, most)
    assert (found.cost_pence, found.bound_pence, found.proved) == (cost, cost, True)
    assert len(found.after.requests) == most
    assert len(found.reasons) == len(found.chosen)


def test_the_span_that_serves_two_is_built_before_the_one_that_serves_one():
    net = network("ab A B 2 strands=4", "bc B C 2 strands=4", key="A B C")
    wishes = [ask("r1 m1 A-C 1"), ask("r2 m2 A-C 2"), ask("r3 m3 A-B 1")]
    options = [candidate("ac", "A", "C", 500), candidate("bc2", "B", "C", 100)]
    document = requests_document(Plan(net, options, DAY), (), wishes, NO_CLAUSES, 55_000)
    assert document["requests"] == {
        "of": 3,
        "before": {"low": 2, "high": 2},
        "after": {"low": 3, "high": 3},
        "granted": ["r1", "r2", "r3"],
        "gained": document["requests"]["gained"],
    }
    assert (document["chosen"], document["cost_pence"], document["proof"]) == (["ac"], 500, "optimal")
    assert document["reasons"][0].startswith("ac: without it 1 request fewer")
