"""Requests and policies as files: lossless, and every fault named with its place, all at once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.files.requests import (
    policy_from_json,
    policy_to_json,
    read_policy,
    read_requests,
    requests_from_json,
    requests_to_json,
    write_requests_csv,
)
from allocation.policy import Policy
from allocation.request import DIVERSITY, Request
from scenarios.fibre_manchester import folder
from tests.builders import circuit, network
from topology.files.circuits import read_circuits
from topology.files.csv_folder import read_network
from topology.model import Network, Organisation
from topology.optics import Optics
from topology.problems import BadInput, Problem

HEADER = (
    "id,member,kind,a,b,pairs,min_pairs,diversity,max_km,avoid,diverse_from,node,rack_units,start,end,bundle,"
    "alternative_of,received\n"
)
NET = network("s A B 1 groups=duct", "t B C 1")


def row(**cells: str) -> str:
    """One CSV row of a plain fibre request from A to B, with some cells changed."""
    plain = {"id": "r1", "member": "m1", "kind": "fibre", "a": "A", "b": "B", "pairs": "2"}
    return ",".join({**plain, **cells}.get(name, "") for name in HEADER.strip().split(",")) + "\n"


def problems(path: Path, *rows: str, net: Network | None = NET) -> list[tuple[int, str, str]]:
    file = path / "requests.csv"
    file.write_text(HEADER + "".join(rows))
    with pytest.raises(BadInput) as caught:
        read_requests(file, net, [circuit("c1", "s")])
    return [(p.line, p.column, p.code) for p in caught.value.problems]


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"kind": "copper"}, "kind", "bad_value"),
        ({"b": "A"}, "b", "same_ends"),
        ({"b": "Z"}, "b", "dangling"),
        ({"b": ""}, "b", "missing_value"),
        ({"pairs": "0"}, "pairs", "bad_value"),
        ({"pairs": "1.0"}, "pairs", "bad_value"),
        ({"pairs": "-1"}, "pairs", "bad_value"),
        ({"min_pairs": "3"}, "min_pairs", "min_above_pairs"),
        ({"diversity": "nodes"}, "diversity", "bad_value"),
        ({"max_km": "nan"}, "max_km", "bad_value"),
        ({"avoid": "span:x"}, "avoid", "dangling"),
        ({"avoid": "duct"}, "avoid", "bad_value"),
        ({"diverse_from": "circuit:c2"}, "diverse_from", "dangling"),
        ({"node": "A"}, "node", "wrong_kind"),
        ({"start": "2027-02-01", "end": "2027-01-01"}, "end", "dates_reversed"),
        ({"alternative_of": "r9"}, "alternative_of", "dangling"),
        ({"alternative_of": "r1"}, "alternative_of", "family_cycle"),
        ({"received": "yesterday"}, "received", "bad_value"),
        ({"kind": "colocation", "a": "", "b": "", "pairs": "", "node": "A"}, "rack_units", "missing_value"),
    ],
)
def test_each_fault_of_a_request_is_named(tmp_path, cells, column, code):
    assert problems(tmp_path, row(**cells)) == [(2, column, code)]


def test_items_that_are_known_are_fine(tmp_path):
    file = tmp_path / "requests.csv"
    file.write_text(HEADER + row(avoid="group:duct node:C", diverse_from="circuit:c1 span:t"))
    (request,), _ = read_requests(file, NET, [circuit("c1", "s")])
    assert request.avoid == (("group", "duct"), ("node", "C"))
    assert request.diverse_from == (("circuit", "c1"), ("span", "t"))


def test_bundles_and_families_stay_within_one_group(tmp_path):
    """m1 and m2 are one group, m3 is another; r4 stands in for r1 of another group, r5 shares its bundle."""
    users = [Organisation(m, roles=("user",), group="g" if m != "m3" else "") for m in ("m1", "m2", "m3")]
    net = Network.build(NET.nodes.values(), NET.spans.values(), organisations=users)
    rows = (
        row(bundle="b"),
        row(id="r2", member="m2", bundle="b"),
        row(id="r3", member="m2", alternative_of="r1"),
        row(id="r4", member="m3", alternative_of="r1"),
        row(id="r5", member="m3", bundle="b"),
        row(id="r6", member="m4"),
    )
    assert problems(tmp_path, *rows, net=net) == [
        (5, "alternative_of", "family_groups"),
        (6, "bundle", "bundle_groups"),
        (7, "member", "dangling"),
    ]


def test_two_of_a_family_in_one_bundle_are_refused_also_when_they_are_cousins(tmp_path):
    rows = (row(), row(id="r2", alternative_of="r1", bundle="b"), row(id="r3", alternative_of="r1", bundle="b"))
    assert problems(tmp_path, *rows) == [(4, "bundle", "bundle_family")]


def test_a_circle_of_alternatives_is_named_at_each_of_its_rows(tmp_path):
    rows = (row(alternative_of="r2"), row(id="r2", alternative_of="r1"), row(id="r3", alternative_of="r1"))
    assert [code for _, _, code in problems(tmp_path, *rows)] == ["family_cycle"] * 3


def test_a_bundle_may_mix_fibre_and_colocation(tmp_path):
    file = tmp_path / "requests.csv"
    room = row(id="r2", kind="colocation", a="", b="", pairs="", node="A", rack_units="2", bundle="b")
    file.write_text(HEADER + row(bundle="b") + room)
    requests, _ = read_requests(file, NET)
    assert [(r.kind, r.bundle) for r in requests] == [("fibre", "b"), ("colocation", "b")]


def test_a_time_without_an_offset_is_utc(tmp_path):
    file = tmp_path / "requests.csv"
    file.write_text(HEADER + row(received="2027-01-01T13:00:00+01:00") + row(id="r2", received="2027-01-01 12:00"))
    requests, _ = read_requests(file)
    assert {r.received for r in requests} == {datetime(2027, 1, 1, 12, tzinfo=timezone.utc)}  # noqa: UP017 -- reads as what it is


def test_the_three_formats_hold_the_same_requests(tmp_path):
    value = [
        {
            "id": "r1",
            "member": "m1",
            "kind": "fibre",
            "a": "A",
            "b": "B",
            "pairs": 2,
            "avoid": ["span:t"],
            "max_km": 2.5,
        },
        {"id": "NO", "member": "m1", "kind": "colocation", "node": "A", "rack_units": 2, "partial": True},
    ]
    (tmp_path / "r.json").write_text(json.dumps({"requests": value}))
    yaml = "- {id: r1, member: m1, kind: fibre, a: A, b: B, pairs: 2, avoid: ['span:t'], max_km: 2.5}\n"
    yaml += "- id: NO\n  member: m1\n  kind: colocation\n  node: A\n  rack_units: 2\n  partial: true\n"
    (tmp_path / "r.yaml").write_text(yaml)
    from_json, _ = read_requests(tmp_path / "r.json", NET)
    (tmp_path / "r.csv").write_text(write_requests_csv(from_json))
    assert read_requests(tmp_path / "r.yaml", NET)[0] == from_json == read_requests(tmp_path / "r.csv", NET)[0]
    assert [r.id for r in from_json] == ["NO", "r1"]


@pytest.mark.parametrize(
    ("name", "text", "line", "code"),
    [
        ("r.json", '[\n{"id": "a",\n"id": "b"}]', 0, "syntax"),
        ("r.json", '[{"id": NaN}]', 0, "syntax"),
        ("r.json", "[" * 65 + "]" * 65, 1, "too_deep"),
        ("r.json", '[{"id": 1},\n}', 2, "syntax"),
        (
            "r.json",
            '[\n\n{"id": "r1", "member": "m", "kind": "fibre", "a": "A", "b": "B", "pairs": 1.0}]',
            3,
            "bad_value",
        ),
        ("r.json", "[1]", 1, "bad_json"),
        ("r.json", '{"rows": []}', 0, "bad_json"),
        ("r.yaml", "- &a {id: r1}\n- *a\n", 1, "yaml_anchor"),
        ("r.yaml", "- !!python/object:x {}\n", 1, "yaml_tag"),
        ("r.yaml", "- id: a\n  id: b\n", 2, "syntax"),
        ("r.yaml", "- [\n", 2, "syntax"),
        ("r.yaml", "a: 1\n---\nb: 2\n", 2, "syntax"),
        ("r.txt", "x", 0, "unknown_format"),
    ],
)
def test_unsafe_or_broken_files_are_refused(tmp_path, name, text, line, code):
    (tmp_path / name).write_text(text)
    with pytest.raises(BadInput) as caught:
        read_requests(tmp_path / name)
    assert (line, code) in [(p.line, p.code) for p in caught.value.problems]


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Requests with every field filled now and then."""
    member, rank = draw(st.sampled_from(["m1", "m2"])), draw(st.none() | st.integers(1, 9))
    common = {"rank": rank, "end": draw(st.none() | st.just(date(2030, 1, 4))), "confidential": draw(st.booleans())}
    if draw(st.booleans()):
        return Request("", member, "colocation", node="A", rack_units=draw(st.integers(1, 40)), partial=True, **common)
    pairs = draw(st.integers(1, 9))
    return Request(
        "", member, "fibre", a="A", b="B", pairs=pairs, min_pairs=draw(st.none() | st.integers(1, pairs)),
        diversity=draw(st.sampled_from(DIVERSITY)), max_m=draw(st.none() | st.integers(0, 10**6)),
        max_loss_db=draw(st.none() | st.decimals(0, 40, places=3).map(lambda d: d.normalize() + 0)),
        wavelength_nm=draw(st.sampled_from([None, 1310, 1550])), same_route=draw(st.booleans()),
        avoid=draw(st.sampled_from([(), (("group", "duct"), ("span", "t"))])), **common,
    )  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.lists(requests(), max_size=5))
def test_requests_come_back_from_json_and_csv_as_they_were(tmp_path_factory, drawn):
    made = tuple(replace(r, id=f"r{i}") for i, r in enumerate(drawn))
    assert requests_from_json(requests_to_json(made)) == made
    file = tmp_path_factory.mktemp("r") / "r.csv"
    file.write_text(write_requests_csv(made))
    assert read_requests(file, NET)[0] == made


def test_the_bundled_round_can_be_read():
    net, _ = read_network(folder() / "network")
    circuits, _ = read_circuits(folder() / "circuits.csv", net)
    found, remarks = read_requests(folder() / "requests.csv", net, circuits)
    assert (len(circuits), len(found) >= 70, remarks) == (12, True, ())
    assert policy_from_json(policy_to_json(read_policy(folder() / "policy.toml")[0])).cap_share == Decimal("0.4")


POLICY = """
version = "1"
valid_from = 2027-01-01
[units]
fibre = "leg"
count_live = true
[cap]
share = 0.40
floor_pairs = 2
[entrant]
reserve_pairs = 1
[tranche]
share = "0.1"
[order]
ties = ["rank", "lot", "metres"]
[blocks]
max_pairs = 6
[gate]
closes = 2027-01-03T12:00:00Z
[terms]
years = [5, 1, 3]
[optics]
slack = 1.1
[fees]
method = "rate"
rate = 0.10
"""


def policy_problems(path: Path, text: str) -> list[Problem]:
    (path / "policy.toml").write_text(text)
    with pytest.raises(BadInput) as caught:
        read_policy(path / "policy.toml")
    return list(caught.value.problems)


def test_every_key_of_a_policy_is_read_exactly_and_comes_back_from_json(tmp_path):
    (tmp_path / "policy.toml").write_text(POLICY)
    policy, remarks = read_policy(tmp_path / "policy.toml")
    assert policy == Policy(
        "1", date(2027, 1, 1), "leg", True, Decimal("0.4"), 2, 1, Decimal("0.1"), ("rank", "lot", "metres"), 6,
        datetime(2027, 1, 3, 12, tzinfo=timezone.utc), (1, 3, 5), Optics(slack=Decimal("1.1")),  # noqa: UP017 -- reads as what it is
        fees=(("method", "rate"), ("rate", "0.1")),
    )  # fmt: skip
    assert remarks == ()
    assert policy_from_json(policy_to_json(policy)) == policy
    assert policy_to_json(Policy()) == {}


@pytest.mark.parametrize(
    ("text", "line", "column", "code"),
    [
        ("[cap]\nshare = 40\n", 2, "cap.share", "bad_value"),
        ("[cap]\nshares = 0.4\n", 2, "cap.shares", "unknown_key"),
        ("[cap]\nfloor_pairs = 2\n", 2, "cap.share", "missing_value"),
        ("cap = 0.4\n", 1, "cap", "bad_value"),
        ("colour = 1\n", 1, "colour", "unknown_key"),
        ('\n[order]\nties = ["lot"]\n', 3, "order.ties", "bad_value"),
        ("[terms]\nyears = [0]\n", 2, "terms.years", "bad_value"),
        ("[terms]\nyears = [1.5]\n", 2, "terms.years", "bad_value"),
        ("[optics]\nslack = nan\n", 2, "optics.slack", "bad_value"),
        ("[optics]\nsplice_every_km = 0\n", 2, "optics.splice_every_km", "bad_value"),
        ("[gate]\ncloses = 12:00:00\n", 2, "gate.closes", "bad_value"),
        ("[units]\ncount_live = 'maybe'\n", 2, "units.count_live", "bad_value"),
        ("a = 1\na = 2\n", 2, "", "syntax"),
    ],
)
def test_each_fault_of_a_policy_is_named_with_its_line(tmp_path, text, line, column, code):
    assert [(p.line, p.column, p.code) for p in policy_problems(tmp_path, text)] == [(line, column, code)]


def test_a_misspelt_column_is_named_with_the_one_that_is_meant(tmp_path):
    """`pairs` is needed by fibre only, so the header alone is no fault: the row says what is missing, and what may be meant."""
    path = tmp_path / "requests.csv"
    path.write_text("id,member,kind,a,b,pears\nr1,m,fibre,A,B,1\n", encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_requests(path)
    (problem,) = caught.value.problems
    assert (problem.line, problem.column, problem.hint) == (2, "pairs", "Maybe pears is meant.")
