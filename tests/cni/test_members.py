"""Rules H10: joining, leaving, standing on a day; and that nobody is anybody special."""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.award import allocate
from allocation.policy import Policy
from allocation.request import Request
from cni.schemas.published import faults, json_schema
from tests.builders import DAY, network
from tests.cni.helpers import ROOT, Cni
from tests.cni.living import make
from tests.cni.sealed import House

INTERNAL = ("--disclosure", "internal")


@pytest.fixture
def house(cni: Cni, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> House:
    return make(tmp_path, monkeypatch, cni, tmp_path_factory)


def standing(house: House, member: str, on: str) -> str:
    document = house.document("member", "list", "--on", on)
    assert list(faults(document, json_schema("cni.members/1"))) == []
    return str(next(m["standing"] for m in document["members"] if m["id"] == member))


def test_standing_on_a_day_follows_joins_and_leaves(house: House) -> None:
    house.done("member", "add", "late", "--from", "2027-06-01")
    assert [standing(house, "late", day) for day in ("2027-05-31", "2027-06-01")] == ["not yet", "member"]
    house.done("member", "leave", "late", "--on", "2028-01-01")
    assert [standing(house, "late", day) for day in ("2027-12-31", "2028-01-01")] == ["member", "left"]
    house.done("member", "join", "late", "--on", "2029-01-01")
    assert [standing(house, "late", day) for day in ("2028-12-31", "2029-01-01")] == ["not yet", "member"]
    versions = house.document("member", "show", "late")["versions"]
    assert [(v["member_from"], v["member_to"]) for v in versions] == [
        ("2027-06-01", None),
        ("2027-06-01", "2028-01-01"),
        ("2029-01-01", None),
    ]


def test_whoever_leaves_first_ends_what_it_holds(house: House) -> None:
    """other holds the offer q1.r2-1 until 2030; council's spans carry circuits."""
    refused = house("member", "leave", "other", "--on", "2028-01-01")
    assert (refused.code, refused.err.count("[still_holds]"), "q1.r2-1" in refused.err) == (2, 2, True)
    assert "[still_holds]" in house("member", "add", "other", "--replace", "--to", "2028-01-01").err
    assert "[still_holds]" in house("member", "add", "other", "--replace", "--roles", "investor").err
    for name in ("q1.r2-1", "q1.r2-2"):
        house("circuit", "decline", name)
    house.done("member", "leave", "other", "--on", "2028-01-01")
    assert "[still_carries]" in house("member", "leave", "council", "--on", "2027-06-01").err
    assert "[unchanged]" in house("member", "leave", "other", "--on", "2029-01-01").err
    assert "[late]" in house("member", "leave", "third", "--on", "2026-01-01").err
    assert "[unknown_id]" in house("member", "leave", "nobody", "--on", "2028-01-01").err


def test_a_circuit_that_ends_before_does_not_stand_in_the_way(house: House) -> None:
    """r3's circuits of third end on 2030-01-04, the day on which it leaves."""
    for row in house.document("circuit", "list", "--for", "third")["circuits"]:
        house.done("circuit", "accept", row["circuit"])
    assert house("member", "leave", "third", "--on", "2030-01-03").code == 2
    house.done("member", "leave", "third", "--on", "2030-01-04")


def test_groups_are_told(house: House) -> None:
    for name in ("cotton", "wool"):
        house.done("member", "add", name, "--group", "mill")
    groups = house.document("member", "list")["groups"]
    assert groups == [{"group": "mill", "members": ["cotton", "wool"]}]


NAMES = ("m1", "m2", "m3")
CODE = [f for room in ("topology", "allocation", "billing", "scenarios", "cni") for f in (ROOT / room).rglob("*.py")]


def words(tree: ast.AST) -> Iterator[str]:
    """Every text in a file but its docstrings."""
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def test_no_code_mentions_a_member() -> None:
    """Ids of the bundled members stand in examples and explanations only, never in code that decides."""
    source = files("scenarios.fibre_manchester").joinpath("network", "organisations.csv")
    members = {row["id"] for row in csv.DictReader(source.read_text(encoding="utf-8").splitlines())}
    assert members
    said = {
        (file.name, word)
        for file in CODE
        if not file.name.startswith("explanations")
        for word in words(ast.parse(file.read_text(encoding="utf-8")))
        if word in members
    }
    assert not said


def small_round(names: dict[str, str]) -> dict[str, int]:
    """Units by first name where 3 pairs of A-B are asked for by m1 (3) and m2 (1), and m3 asks for a pair of B-C."""
    net = network("s A B 1 strands=6", "t B C 1 strands=2")
    asked = (
        Request("r1", names["m1"], "fibre", "A", "B", 3),
        Request("r2", names["m2"], "fibre", "A", "B", 1),
        Request("r3", names["m3"], "fibre", "B", "C", 1),
    )
    award = allocate(net, (), asked, Policy(), on=DAY, seed="s")
    back = {new: old for old, new in names.items()}
    return {back[m["member"]]: m["granted"] for m in award["members"]}


@settings(max_examples=6, deadline=None)
@given(st.permutations(NAMES))
def test_renaming_members_renames_the_award(order: list[str]) -> None:
    assert small_round(dict(zip(NAMES, order, strict=True))) == {"m1": 2, "m2": 1, "m3": 1}


@pytest.mark.parametrize("order", [("m1", "m2", "m3"), ("m3", "m1", "m2"), ("m2", "m3", "m1")])
def test_renaming_members_renames_lists_and_recalls(
    cni: Cni, net: Path, monkeypatch: pytest.MonkeyPatch, order: tuple[str, ...]
) -> None:
    """c1, c2 and c3 lie on ab; who holds which decides neither order nor replacement."""
    name = dict(zip(NAMES, order, strict=True))
    house = House(cni, monkeypatch).at("2027-01-04T09:00:00Z")
    house.done("init")
    for member in NAMES:
        house.done("member", "add", member)
    rows = [f"c{n},{name[f'm{n}']},2025-01-01,203{n}-01-01,ab" for n in (1, 2, 3)]
    Path("circuits.csv").write_text("\n".join(["id,member,start,end,legs", *rows]) + "\n")
    house.done("network", "import", net, "--circuits", "circuits.csv")
    back = {new: old for old, new in name.items()}

    def renamed(value: Any) -> Any:
        match value:
            case dict():
                return {k: back.get(v, v) if k == "member" else renamed(v) for k, v in value.items()}
            case list():
                return [renamed(each) for each in value]
        return value

    listed = renamed(house.document("circuit", "list", *INTERNAL)["circuits"])
    assert [(c["circuit"], c["member"]) for c in listed] == [("c1", "m1"), ("c2", "m2"), ("c3", "m3")]
    words_of = ("recall", "plan", "ab", "--strands", "4", "--on", "2027-09-01", "--contributor", "council", "--json")
    plan = renamed(house(*words_of).document["affected"])
    assert [(a["circuit"], a["member"]) for a in plan] == [("c1", "m1"), ("c2", "m2")]
