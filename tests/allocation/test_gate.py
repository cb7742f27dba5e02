"""The gate: who enters a round, to the second and to the leap day (rule A7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from allocation.gate import refusals, whole_years
from tests.allocation.rounds import Round, a_round, ask
from tests.builders import DAY, network
from topology.model import Organisation

NET = network("s A B 1")
CLOSES = datetime(2027, 1, 3, 12, 0, 0, tzinfo=UTC)


def grounds(this: Round) -> dict[str, list[str]]:
    found = refusals(this.network, this.requests, this.policy, DAY)
    return {request: [g.code for g in why] for request, why in found.items()}


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        ("2027-01-04", "2030-01-04", 3),
        ("2027-01-04", "2030-01-03", None),
        ("2027-01-04", "2030-01-05", None),
        ("2027-01-04", "2027-01-04", None),
        ("2027-01-04", "2026-01-04", None),
        ("2028-02-29", "2032-02-29", 4),
        ("2028-02-29", "2029-03-01", 1),
        ("2028-02-29", "2029-02-28", None),
        ("2028-02-29", "2032-03-01", None),
        ("2027-02-28", "2028-02-28", 1),
        ("2027-02-28", "2028-02-29", None),
        ("2027-03-01", "2028-03-01", 1),
        ("1999-12-31", "2000-12-31", 1),
    ],
)
def test_a_term_in_whole_years(start, end, years):
    """The same day of a later year; 29 February ends on 1 March where there is none."""
    assert whole_years(date.fromisoformat(start), date.fromisoformat(end)) == years


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        ("end=2030-01-04", False),
        ("end=2028-01-04", False),
        ("end=2029-01-04", True),
        ("end=2030-01-05", True),
        ("", True),
        ("start=2027-06-01 end=2030-06-01", False),
        ("start=2027-06-01 end=2030-01-04", True),
    ],
)
def test_terms_are_those_of_the_policy(words, refused):
    """Terms of one and three years, from the request's own start, else from the day of the round; an open end is no term."""
    this = a_round(NET, ask(f"r1 m1 A-B 1 {words}"), terms_years=(1, 3))
    assert grounds(this) == ({"r1": ["term"]} if refused else {})


@pytest.mark.parametrize(("end", "refused"), [("2027-01-04", True), ("2026-06-01", True), ("2027-01-05", False)])
def test_a_term_that_is_over_before_the_round_is_refused_under_any_policy(end, refused):
    assert grounds(a_round(NET, ask(f"r1 m1 A-B 1 end={end}"))) == ({"r1": ["term"]} if refused else {})


@pytest.mark.parametrize(
    ("received", "late"),
    [
        (CLOSES - timedelta(seconds=1), False),
        (CLOSES, False),
        (CLOSES + timedelta(seconds=1), True),
        (CLOSES.replace(tzinfo=timezone(timedelta(hours=1))), False),  # 12:00 at +01:00 is 11:00 UTC
        (CLOSES.replace(tzinfo=timezone(-timedelta(hours=1))), True),  # and 12:00 at -01:00 is 13:00 UTC
        (CLOSES.replace(tzinfo=None), False),
        (CLOSES.replace(tzinfo=None) + timedelta(seconds=1), True),
        (None, False),
    ],
)
def test_late_begins_one_second_after_the_gate(received, late):
    """At the gate's own second it is in time; a time without a zone is read in the gate's zone; no time is in time."""
    request = replace(ask("r1 m1 A-B 1"), received=received)
    assert grounds(a_round(NET, request, gate_closes=CLOSES)) == ({"r1": ["late"]} if late else {})


def test_without_a_gate_nothing_is_late():
    assert grounds(a_round(NET, replace(ask("r1 m1 A-B 1"), received=CLOSES))) == {}


@pytest.mark.parametrize(
    ("member", "refused"),
    [
        (Organisation("m1", roles=("user",)), False),
        (Organisation("m1", roles=("contributor", "user")), False),
        (Organisation("m1", roles=("contributor",)), True),
        (Organisation("m1", roles=("user",), member_from=DAY), False),
        (Organisation("m1", roles=("user",), member_from=DAY + timedelta(days=1)), True),
        (Organisation("m1", roles=("user",), member_to=DAY + timedelta(days=1)), False),
        (Organisation("m1", roles=("user",), member_to=DAY), True),
        (Organisation("m2", roles=("user",)), True),
    ],
)
def test_a_member_in_good_standing_on_the_day(member, refused):
    """Listed, with the role of a user, and within its dates, [from, to)."""
    net = network("s A B 1", organisations=[member])
    assert grounds(a_round(net, ask("r1 m1 A-B 1"))) == ({"r1": ["not_eligible"]} if refused else {})


def test_without_a_list_every_member_is_eligible():
    assert grounds(a_round(NET, ask("r1 anyone A-B 1"))) == {}


def test_blocks_are_minimums_and_whole_bundles():
    """Two rows of a bundle ask for 2 + 2 pairs or none: a block of 4. Many pairs without a minimum are no block."""
    rows = ask("r1 m1 A-B 2 bundle=x"), ask("r2 m1 A-B 2 bundle=x"), ask("r3 m2 A-B 9"), ask("r4 m3 A-B 3 min_pairs=3")
    assert grounds(a_round(NET, *rows, block_max_pairs=4)) == {}
    assert grounds(a_round(NET, *rows, block_max_pairs=3)) == {"r1": ["block_size"], "r2": ["block_size"]}
    assert set(grounds(a_round(NET, *rows, block_max_pairs=2))) == {"r1", "r2", "r4"}


def test_every_ground_is_told():
    """Late, of a wrong term, and too large a block: three grounds."""
    request = replace(ask("r1 m1 A-B 3 min_pairs=3"), received=CLOSES + timedelta(days=1))
    this = a_round(NET, request, gate_closes=CLOSES, terms_years=(1,), block_max_pairs=1)
    assert grounds(this) == {"r1": ["late", "term", "block_size"]}
