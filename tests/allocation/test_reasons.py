"""Refusals are true: the lifts suffice, none is idle, who holds it is right, and the alternative is free (rules B6, D1 to D4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from tests.allocation.oracle import amounts, every_award, levels_of
from tests.allocation.rounds import THIRTY, Round, a_round, ask, codes, granted, lifts, other_rules, random_round
from tests.allocation.second_opinion import Opinion
from tests.builders import DAY, network
from topology.quantities import thousandths

OTHER_RULES = 20_000
"""From this number on, rounds have ties in another order, live circuits that count, and a gate that refuses."""

SEEDS = [*range(5000, 5090), *range(OTHER_RULES, OTHER_RULES + 36)]
BLOCKS = 18
HOLDERS = {"own_rank", "drawn_lot", "fair_share", "shorter_routes"}
ROOM = {"span_full", "node_full", "power_full"}


@cache
def settled(seed: int) -> tuple[Round, dict[str, Any]]:
    """A random round and its award."""
    this = random_round(seed, most_awards=4000) if seed < OTHER_RULES else other_rules(seed, most_awards=4000)
    return this, this.award("s")


def refusals(award: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [line for line in award["requests"] if line["granted"] < line["requested"]]


def single_lifts(line: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [lift for reason in line["reasons"] for lift in reason["lifts"]]


@pytest.mark.parametrize("block", range(BLOCKS))
def test_an_award_is_wasteless(block):
    """B6: with every granted circuit in place, no request's least increment fits."""
    for seed in SEEDS[block::BLOCKS]:
        this, award = settled(seed)
        opinion = Opinion(this, award)
        for line in refusals(award):
            assert not opinion.fits(line["request"]), (seed, line["request"])


@pytest.mark.parametrize("block", range(BLOCKS))
def test_all_lifts_together_suffice_and_none_is_idle(block):
    """D2, by trying every way to place the increment: it fits with all lifts, and not without any one of them."""
    for seed in SEEDS[block::BLOCKS]:
        this, award = settled(seed)
        opinion = Opinion(this, award)
        for line in refusals(award):
            named = single_lifts(line)
            assert opinion.fits(line["request"], named), (seed, line["request"], named)
            for number in range(len(named)):
                rest = named[:number] + named[number + 1 :]
                assert not opinion.fits(line["request"], rest), (seed, line["request"], named[number])


@pytest.mark.parametrize("block", range(BLOCKS))
def test_lifts_of_room_are_no_larger_than_needed(block):
    """D2: "as many pairs as that way lacks": with one pair less on a span, the way does not do."""
    for seed in SEEDS[block::BLOCKS]:
        this, award = settled(seed)
        opinion = Opinion(this, award)
        for line in refusals(award):
            named = single_lifts(line)
            for number, lift in enumerate(named):
                for key in {"pairs", "rack_units", "power_w"} & set(lift):
                    less = {**lift, key: lift[key] - 1}
                    rest = [*named[:number], less, *named[number + 1 :]]
                    assert not opinion.fits(line["request"], rest), (seed, line["request"], lift)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_who_holds_what_a_request_lacks(block):
    """D3, by looking through every feasible award: own order, else lot, else fair shares; said exactly where room binds."""
    for seed in SEEDS[block::BLOCKS]:
        this, award = settled(seed)
        awards = every_award(this.network, this.circuits, this.requests, this.policy, DAY)
        levels = [levels_of(this.network, this.requests, grants, this.policy, this.circuits) for grants in awards]
        units = [amounts(grants) for grants in awards]
        mine = granted(award)
        best = levels[units.index(mine)]
        for line in refusals(award):
            named = [r["code"] for r in line["reasons"]]
            who = HOLDERS & set(named)
            if not who:
                barred = {"family", "not_eligible", "block_size"} & set(named)
                assert barred or not ROOM & set(named), (seed, line["request"])
                continue
            assert who == {_holder(this, line, mine, units, levels, best)}, (seed, line["request"])


def _holder(
    this: Round,
    line: Mapping[str, Any],
    mine: Mapping[str, int],
    units: list[dict[str, int]],
    levels: list[dict[str, list[int]]],
    best: dict[str, list[int]],
) -> str:
    """The code that rule D3 asks for."""
    name, group_of = line["request"], this.network.group_of
    own = group_of(line["member"])
    size = {r.id: (r.legs if r.is_fibre and this.policy.unit == "leg" else 1) for r in this.requests}
    siblings = {r.id: r.kind for r in this.requests if group_of(r.member) == own}

    def own_units(grants: Mapping[str, int]) -> list[int]:
        kinds = ("fibre", "colocation")
        return [sum(grants[i] * size[i] for i, held in siblings.items() if held == kind) for kind in kinds]

    better = [(u, lv) for u, lv in zip(units, levels, strict=True) if u[name] > mine[name]]
    for u, _ in better:
        if own_units(u) == own_units(mine) and all(u[i] == mine[i] for i in mine if i not in siblings):
            return "own_rank"
    first = "shorter_routes" if this.policy.ties[0] == "metres" else "drawn_lot"
    return first if any(lv == best for _, lv in better) else "fair_share"


@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_alternative_is_free_taken_alone(block):
    """D4: the changed request fits beside the award, alone and without its conditions."""
    for seed in SEEDS[block::BLOCKS]:
        this, award = settled(seed)
        for line in refusals(award):
            if line["alternative"] is not None:
                assert _alternative_fits(this, award, line), (seed, line["request"], line["alternative"])


def _alternative_fits(this: Round, award: dict[str, Any], line: dict[str, Any]) -> bool:
    offer = line["alternative"]
    asked = next(r for r in this.requests if r.id == line["request"])
    if asked.is_fibre:
        limit = None if offer["max_km"] is None else thousandths(offer["max_km"])
        new = replace(
            asked, a=offer["a"], b=offer["b"], diversity=offer["diversity"], max_m=limit, pairs=offer["pairs"]
        )
        loss, start = offer["max_loss_db"], offer["start"]
        new = replace(new, max_loss_db=None if loss is None else Decimal(loss))
        new = replace(new, start=None if start is None else date.fromisoformat(start))
    else:
        new = replace(asked, rack_units=offer["pairs"], power_w=asked.watts_for(offer["pairs"]), node=offer["a"])
    new = replace(new, id="new", bundle="", alternative_of="", min_pairs=None, same_route=False)
    new = replace(new, min_pairs=offer["pairs"] if new.is_fibre else None)
    fresh = {**line, "request": "new", "granted": 0, "circuits": []}
    wider = replace(this, requests=(*this.requests, new))
    return Opinion(wider, {"requests": [*award["requests"], fresh]}).fits("new")


@pytest.mark.parametrize("block", THIRTY)
def test_all_of_this_on_thousands_of_rounds(block, monkeypatch):
    """B6 and D1 to D4 on 3,000 more rounds, half of them under other rules."""
    more = [*range(10_000, 11_500), *range(OTHER_RULES + 100, OTHER_RULES + 1600)]
    monkeypatch.setattr("tests.allocation.test_reasons.SEEDS", more)
    monkeypatch.setattr("tests.allocation.test_reasons.BLOCKS", 30)
    test_an_award_is_wasteless(block)
    test_all_lifts_together_suffice_and_none_is_idle(block)
    test_lifts_of_room_are_no_larger_than_needed(block)
    test_who_holds_what_a_request_lacks(block)
    test_the_alternative_is_free_taken_alone(block)
    settled.cache_clear()


def test_the_second_opinion_is_no_yes_sayer():
    """One pair, held by r1: r2 fits with one more pair on s, not without, and not with a pair on t."""
    this = a_round(network("s A B 1 strands=2", "t B C 1"), ask("r1 m1 A-B 1 rank=1"), ask("r2 m1 A-B 1"))
    opinion = Opinion(this, this.award())
    assert opinion.fits("r2", [{"kind": "span", "id": "s", "pairs": 1}])
    assert not opinion.fits("r2")
    assert not opinion.fits("r2", [{"kind": "span", "id": "t", "pairs": 1}])


def test_a_missing_leg_is_one_lift_and_its_cut_is_named():
    """A single span is a bridge: one more leg straight from A to B would do, and the bridge is named."""
    award = a_round(network("s A B 1"), ask("r1 m1 A-B 1 diversity=span")).award()
    reason = award["requests"][0]["reasons"][0]
    assert (reason["code"], reason["spans"]) == ("no_diverse_route", ["s"])
    assert lifts(award, "r1") == [{"kind": "route", "id": "A B", "legs": 1}]


def test_of_two_ways_the_one_with_fewer_lifts_is_told():
    """A-B over the full s (1 km, one lift) or over the full t and u (2 km, two lifts)."""
    net = network("s A B 1 strands=2", "t A C 1 strands=2", "u C B 1 strands=2")
    award = a_round(net, ask("r1 m1 A-B 3")).award()
    assert granted(award) == {"r1": 2}
    assert lifts(award, "r1") == [{"kind": "span", "id": "s", "pairs": 1}]
    assert codes(award, "r1") == ["span_full", "fair_share"]


def test_a_cap_that_binds_beyond_the_span_is_named_too():
    """One pair on s and at most one for a member: one more pair on the span alone would not give m1 a second."""
    net = network("s A B 1 strands=2 max_pairs_per_member=1")
    award = a_round(net, ask("r1 m1 A-B 2")).award()
    assert codes(award, "r1")[:2] == ["span_full", "member_cap"]


def test_a_limit_is_raised_for_its_own_request_only():
    """Both rows of a bundle are too long: raising r1's limit leaves r2 in the way, so the bundle has to go as well."""
    net = network("s A B 2", "t C D 2")
    award = a_round(net, ask("r1 m1 A-B 1 max_km=1 bundle=x"), ask("r2 m1 C-D 1 max_km=1 bundle=x")).award()
    assert codes(award, "r1") == codes(award, "r2") == ["over_distance", "bundle_partner"]


def test_a_missing_leg_is_laid_between_its_own_ends_only():
    """Neither row of a bundle has two routes: a second leg from A to B does not give C-D one, so the bundle has to go as well."""
    net = network("s A B 1", "t C D 1")
    rows = ask("r1 m1 A-B 1 diversity=span bundle=x"), ask("r2 m1 C-D 1 diversity=span bundle=x")
    award = a_round(net, *rows).award()
    assert codes(award, "r1") == codes(award, "r2") == ["no_diverse_route", "bundle_partner"]
