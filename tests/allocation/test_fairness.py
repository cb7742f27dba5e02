"""The price of fairness and the marginal view (rule B7), against the oracle that tries every award."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.award import award_digest
from allocation.request import Request
from allocation.verify import verify_award
from tests.allocation.oracle import amounts, best_of, every_award, levels_of
from tests.allocation.rounds import Round, a_round, ask, rack, random_round
from tests.builders import DAY, circuit, network, node
from topology.model import Network


def fibre(this: Round) -> dict[str, Any]:
    """The fibre part of the award's `fairness`."""
    part: dict[str, Any] = this.award()["fairness"]["fibre"]
    return part


def unit(this: Round, request: Request) -> int:
    return request.legs if request.is_fibre and this.policy.unit == "leg" else 1


def greatest(this: Round, kind: str) -> int:
    """The most units of a kind that any feasible award grants, found by trying all of them."""
    awards = every_award(this.network, this.circuits, this.requests, this.policy, DAY)
    kinds = {r.id: r for r in this.requests if r.kind == kind}
    return max(sum(unit(this, kinds[r]) * n for r, n in amounts(a).items() if r in kinds) for a in awards)


def unclaused(this: Round) -> Round:
    """The same round without cap, reserve, tranche and `max_pairs_per_member`."""
    spans = {n: replace(s, max_pairs_per_member=None) for n, s in this.network.spans.items()}
    policy = replace(this.policy, cap_share=None, entrant_reserve_pairs=None, tranche_share=None)
    return replace(this, network=replace(this.network, spans=spans), policy=policy)


def with_one_more(net: Network, span: str) -> Network:
    """The network with one more pair on a span."""
    held = net.spans[span]
    return replace(net, spans={**net.spans, span: replace(held, fibre_count=held.fibre_count + 2)})


def level_counts(this: Round) -> list[int]:
    awards = every_award(this.network, this.circuits, this.requests, this.policy, DAY)
    return best_of(awards, this.network, this.requests, this.policy, "s").levels["fibre"]


def helpful_spans(this: Round) -> tuple[int, list[str]]:
    """The first level that not every group holds, and the spans where one more pair lifts it, each by trying every award."""
    counts = level_counts(this)
    groups = len({this.network.group_of(r.member) for r in this.requests if r.is_fibre})
    at = next((k for k, n in enumerate(counts) if n < groups), 0)
    found = []
    for span in this.network.spans:
        more = replace(this, network=with_one_more(this.network, span))
        awards = every_award(more.network, more.circuits, more.requests, more.policy, DAY)
        levels = (levels_of(more.network, more.requests, a, more.policy)["fibre"] for a in awards)
        padded = ([*lv, *[0] * len(counts)] for lv in levels)
        if any(lv[:at] == counts[:at] and lv[at] > counts[at] for lv in padded):
            found.append(span)
    return at + 1, found


def agrees(this: Round) -> None:
    fairness = this.award()["fairness"]
    free = unclaused(this)
    for kind in ("fibre", "colocation"):
        assert fairness[kind]["greatest_units"] == greatest(this, kind)
        assert fairness[kind]["without_clauses_units"] == greatest(free, kind)
    more = fairness["fibre"]["one_more_pair"]
    assert (more["level"], more["spans"]) == helpful_spans(this)


@pytest.mark.parametrize("block", range(10))
def test_totals_and_helpful_spans_are_those_of_all_awards(block):
    """Every total, and every span, on rounds small enough to try every award."""
    for seed in range(block, 60, 10):
        agrees(random_round(seed, most_awards=1500))


@settings(max_examples=25, deadline=None)
@given(st.integers(10_000, 10**6))
def test_totals_and_helpful_spans_on_any_small_round(seed):
    agrees(random_round(seed, most_awards=600))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_totals_and_helpful_spans_on_many_more_rounds(block):
    for seed in range(20_000 + block, 22_000, 10):
        agrees(random_round(seed, most_awards=2000))


def test_equal_terms_cost_what_the_costly_grant_displaces():
    """One long request takes both spans that two further pairs of a cheap one could use: 3 units could be, 2 are granted."""
    this = a_round(
        network("s1 A B 1 strands=2", "s2 B C 1 strands=2", "s3 A C 9 strands=2"),
        ask("r1 m1 A-B 1"),
        ask("r2 m1 B-C 1"),
        ask("r3 m2 A-C 1 max_km=3"),
        ask("r4 m1 A-C 1"),
    )
    part = fibre(this)
    assert (part["granted_units"], part["greatest_units"], part["without_clauses_units"]) == (2, 3, 3)


def test_a_cap_keeps_pairs_dark():
    """Four pairs, a cap of half: the only group gets two of its three, one more could be used, two stay unused."""
    this = a_round(network("s A B 1 strands=8"), ask("r1 m1 A-B 3"), cap_share=Decimal("0.5"))
    part = fibre(this)
    assert part["dark"] == [{"span": "s", "clause": "member_cap", "pairs": 1}]
    assert (part["greatest_units"], part["without_clauses_units"]) == (2, 3)


def test_dark_pairs_are_no_more_than_are_left():
    """Two groups lack four pairs between them by the cap; only two are left on the span."""
    this = a_round(
        network("s A B 1 strands=8"),
        ask("r1 m1 A-B 3"),
        ask("r2 m2 A-B 3"),
        cap_share=Decimal("0.25"),
        cap_floor_pairs=1,
    )
    assert fibre(this)["dark"] == [{"span": "s", "clause": "member_cap", "pairs": 2}]


def test_a_span_that_is_full_is_not_dark():
    this = a_round(network("s A B 1 strands=2"), ask("r1 m1 A-B 1"), ask("r2 m2 A-B 1"))
    assert fibre(this)["dark"] == []


def test_one_more_pair_on_the_full_span_lets_one_more_group_in():
    this = a_round(
        network("s A B 1 strands=2", "t B C 1 strands=8"), ask("r1 m1 A-B 1"), ask("r2 m2 A-C 1"), ask("r3 m3 B-C 1")
    )
    assert fibre(this)["one_more_pair"] == {"level": 1, "members": 2, "spans": ["s"]}


def test_where_two_spans_are_short_no_single_one_helps():
    this = a_round(network("s A B 1 strands=2", "t B C 1 strands=2"), ask("r1 m1 A-C 1"), ask("r2 m2 A-C 1"))
    assert fibre(this)["one_more_pair"] == {"level": 1, "members": 1, "spans": []}


def test_a_span_without_spare_counts_too():
    """Nothing is offered on t, so no route used it; with a pair there the second group is served."""
    this = a_round(network("s A B 1 strands=2", "t A B 2 strands=0"), ask("r1 m1 A-B 1"), ask("r2 m2 A-B 1"))
    assert fibre(this)["one_more_pair"]["spans"] == ["s", "t"]


def test_a_span_with_a_pair_left_can_help_a_minimum():
    """One pair is left on s and nobody can use it alone; a second one serves the request for two or none."""
    this = a_round(network("s A B 1 strands=2"), ask("r1 m1 A-B 2 min_pairs=2"))
    award = this.award()
    assert award["spans"][0]["left"] == 1
    assert award["fairness"]["fibre"]["one_more_pair"]["spans"] == ["s"]


def test_where_nobody_asks_the_figures_are_nought():
    this = a_round(network("s A B 1", nodes=[node("A", rack_units=4)]), rack("k1 m1 A 2"))
    fairness = this.award()["fairness"]
    assert fairness["fibre"]["one_more_pair"] == {"level": 1, "members": 0, "spans": []}
    assert fairness["fibre"]["greatest_units"] == 0
    assert fairness["colocation"] == {"granted_units": 2, "greatest_units": 2, "without_clauses_units": 2}


def test_an_award_that_was_stopped_has_no_totals_but_says_what_it_granted():
    this = a_round(network("s A B 1 strands=8"), ask("r1 m1 A-B 3"), cap_share=Decimal("0.5"))
    from allocation.award import allocate

    award = allocate(this.network, (), this.requests, this.policy, on=DAY, time_limit_s=1e-9)
    part = award["fairness"]["fibre"]
    assert (part["granted_units"], part["greatest_units"], part["one_more_pair"]["spans"]) == (2, None, None)


def test_reserves_and_tranches_are_named_as_what_keeps_pairs_dark():
    """m1 holds a circuit, so the reserve of one pair, then the tranche of half, keep it from what is left."""
    net = network("s A B 1 strands=6")
    live = [circuit("c1", "s")]
    reserve = a_round(net, ask("r1 m1 A-B 2"), circuits=live, entrant_reserve_pairs=1)
    assert fibre(reserve)["dark"] == [{"span": "s", "clause": "entrant_reserve", "pairs": 1}]
    tranche = a_round(net, ask("r1 m1 A-B 2"), circuits=live, tranche_share=Decimal("0.5"))
    assert fibre(tranche)["dark"] == [{"span": "s", "clause": "tranche", "pairs": 1}]


def test_shuffled_rows_change_nothing():
    this = random_round(3)
    turned = replace(this, requests=this.requests[::-1])
    assert this.award()["fairness"] == turned.award()["fairness"]


def resealed(award: dict[str, Any], change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """A copy with its fairness changed and the digest made to fit."""
    other = copy.deepcopy(award)
    change(other["fairness"])
    other["digest"] = award_digest(other)
    return other


def capped() -> Round:
    """Two groups, a cap that keeps one pair dark, and a full span that one more pair would help."""
    return a_round(
        network("s A B 1 strands=8", "t B C 1 strands=2"),
        ask("r1 m1 A-B 3"),
        ask("r2 m2 B-C 1"),
        ask("r3 m3 B-C 1"),
        cap_share=Decimal("0.5"),
        cap_floor_pairs=1,
    )


def refused(this: Round, award: dict[str, Any], *, full: bool = False) -> set[str]:
    """The codes of failing checks."""
    found = verify_award(award, this.network, this.circuits, this.requests, this.policy, full=full)
    return {c["code"] for c in found["checks"] if not c["ok"]}


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f["fibre"].update(granted_units=4),
        lambda f: f["fibre"].update(greatest_units=1),
        lambda f: f["fibre"].update(without_clauses_units=2),
        lambda f: f["fibre"].update(dark=[]),
        lambda f: f["fibre"]["dark"][0].update(pairs=2),
        lambda f: f["fibre"]["dark"][0].update(clause="tranche"),
        lambda f: f["fibre"]["one_more_pair"].update(level=2),
        lambda f: f["fibre"]["one_more_pair"].update(members=1),
        lambda f: f["fibre"]["one_more_pair"].update(spans=["u"]),
        lambda f: f["fibre"]["one_more_pair"].update(spans=["t", "t"]),
        lambda f: f["colocation"].update(granted_units=1),
    ],
)
def test_a_changed_figure_is_refused_by_rule(change):
    this = capped()
    assert refused(this, resealed(this.award(), change)) == {"B7"}


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f["fibre"].update(greatest_units=4),
        lambda f: f["fibre"].update(without_clauses_units=5),
        lambda f: f["fibre"].update(without_clauses_units=3),
        lambda f: f["fibre"]["one_more_pair"].update(spans=["s", "t"]),
    ],
)
def test_a_changed_total_is_refused_by_proof(change):
    """Only a solve can tell, so the default says that it did not look; `--full` refuses."""
    this = capped()
    award = resealed(this.award(), change)
    assert refused(this, award) == set()
    assert refused(this, award, full=True) == {"B7"}


@pytest.mark.parametrize("seed", range(30))
def test_fairness_of_random_rounds_passes_in_full(seed):
    this = random_round(seed, most_awards=2000)
    assert refused(this, this.award(), full=True) == set()
