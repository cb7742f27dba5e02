"""`cni verify` accepts what `allocate` makes, and never breaks down over what is no award."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from allocation.files.pack import make_pack
from allocation.files.requests import read_policy, read_requests
from allocation.verify import verify_award, verify_pack
from scenarios.fibre_manchester import folder
from tests.allocation.rounds import Round, a_round, ask, other_rules, rack, random_round
from tests.builders import circuit, network, node
from topology.canonical import digest_of
from topology.files.circuits import read_circuits
from topology.files.csv_folder import read_network


def contested() -> Round:
    """Four members on a ring of five nodes with two pairs on each span: plain, diverse, limited, all-or-nothing, colocation."""
    net = network(
        "s1 A B 1 strands=4",
        "s2 B C 1 strands=4",
        "s3 C D 2 strands=4",
        "s4 D A 2 strands=4",
        "s5 B D 3 strands=2 groups=duct",
        "s6 C E 1 strands=2 groups=duct",
        nodes=[node("A", rack_units=6, power_w=2000)],
    )
    return a_round(
        net,
        ask("r1 m1 A-C 2 diversity=node"),
        ask("r2 m2 A-C 2"),
        ask("r3 m3 A-C 3 min_pairs=2"),
        ask("r4 m4 B-D 1 max_km=1.5"),
        ask("r5 m1 A-E 1 rank=2"),
        ask("r6 m2 A-E 1 diversity=span"),
        ask("r7 m4 A-E 1 rank=1"),
        rack("k1 m1 A 4 watts=1500"),
        rack("k2 m2 A 4 partial watts=800"),
        circuits=[circuit("c1", "s1", "m4")],
    )


def check(this: Round, award: Any, **words: Any) -> dict[str, Any]:
    """The verification of an award of a round."""
    return verify_award(award, this.network, this.circuits, this.requests, this.policy, **words)


def failures(result: dict[str, Any]) -> list[str]:
    """`code place` of every failing check."""
    return [f"{c['code']} {c['where']}" for c in result["checks"] if not c["ok"]]


@pytest.mark.parametrize("full", [False, True])
def test_an_honest_award_passes(full):
    this = contested()
    result = check(this, this.award(), full=full)
    assert failures(result) == []
    assert result["ok"]
    assert result["schema"] == "cni.verify/1"


def test_what_is_left_out_by_default_is_listed():
    this = contested()
    texts = [c["text"] for c in check(this, this.award())["checks"] if "use --full" in c["text"]]
    assert any("bounds of lot" in text for text in texts)


@pytest.mark.parametrize("seed", range(40))
def test_awards_of_random_rounds_pass_in_full(seed):
    this = random_round(seed, conditions=False) if seed % 2 else other_rules(seed, most_awards=2000)
    assert failures(check(this, this.award(), full=True)) == []


def test_a_pack_is_checked_with_its_own_digest():
    this = contested()
    award = this.award()
    pack = make_pack(award, this.network, this.circuits, this.requests, this.policy)
    assert verify_pack(pack)["ok"]
    pack["readme"] += " "
    assert failures(verify_pack(pack)) == ["pack digest"]


def test_the_digest_that_was_published_must_match():
    this = contested()
    award = this.award()
    assert check(this, award, expected_digest=award["digest"].upper())["ok"]
    assert failures(check(this, award, expected_digest="0" * 64)) == ["digest digest"]


def test_other_inputs_are_refused_by_their_digest():
    this = contested()
    other = a_round(this.network, *this.requests[:-1], circuits=this.circuits)
    assert "inputs requests" in failures(check(other, this.award()))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, held in inner for found in [(*path, key), *places(held, (*path, key))]]


def changed(value: Any) -> Any:
    """Another value of the same JSON type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return f"{value}x"
    return {**value, "more": 1} if isinstance(value, dict) else [*(value or []), 1] if value is not None else 0


def with_change(award: dict[str, Any], path: tuple[Any, ...], **words: Any) -> dict[str, Any]:
    """A copy with one value changed; `put=` another value, `drop=True` without it."""
    other = copy.deepcopy(award)
    *way, last = path
    holder = other
    for key in way:
        holder = holder[key]
    if words.get("drop"):
        del holder[last]
    else:
        holder[last] = words["put"] if "put" in words else changed(holder[last])
    return other


def small() -> Round:
    """Two members and one pair, so that an award is short."""
    return a_round(network("s A B 1 strands=2"), ask("r1 m1 A-B 1"), ask("r2 m2 A-B 1"), rack("k m1 A 1"))


def test_changing_any_field_is_refused_by_the_digest():
    this = small()
    award = this.award()
    for path in places({k: v for k, v in award.items() if k != "evidence"}):
        assert "digest digest" in failures(check(this, with_change(award, path))), path


@pytest.mark.parametrize("junk", [None, [], "x", -1, 2**60, float("nan"), {}, [None], [{}], {"a": []}])
def test_an_award_with_any_part_replaced_or_gone_gives_failing_checks_and_no_traceback(junk):
    this = small()
    award = this.award()
    for path in places(award):
        result = check(this, with_change(award, path, put=junk))
        assert isinstance(result["ok"], bool)
        if path[0] != "evidence":
            assert not result["ok"] or award_part(award, path) == junk, path


def test_an_award_without_any_one_part_gives_failing_checks():
    this = small()
    award = this.award()
    for path in places({k: v for k, v in award.items() if k != "evidence"}):
        assert not check(this, with_change(award, path, drop=True))["ok"], path
    for path in places({"evidence": award["evidence"]}):
        check(this, with_change(award, path, drop=True))


@pytest.mark.parametrize("junk", [None, 3, "award", [], {}, {"schema": "cni.award/1"}])
def test_what_is_no_award_gives_failing_checks(junk):
    assert not check(small(), junk)["ok"]


def award_part(award: Any, path: tuple[Any, ...]) -> Any:
    """The value at a path."""
    for key in path:
        award = award[key]
    return award


def test_the_digest_leaves_evidence_out():
    this = small()
    award = this.award()
    rest = {k: v for k, v in award.items() if k not in ("digest", "evidence")}
    assert award["digest"] == digest_of(rest)


@pytest.mark.slow
def test_the_award_on_the_bundled_data_passes():
    """Fibre Manchester: 81 requests, every kind of refusal."""
    where = folder()
    net, _ = read_network(where / "network")
    live, _ = read_circuits(where / "circuits.csv", net)
    wishes, _ = read_requests(where / "requests.csv", net, live)
    policy, _ = read_policy(where / "policy.toml")
    this = Round(net, wishes, policy, live)
    assert failures(check(this, this.award())) == []


def test_the_verifier_shares_no_code_with_the_solver():
    """It may import data types, readers and forms of allocation, nothing that searches, settles or explains, nor its graph."""
    allowed = {"files", "policy", "progress", "request", "verify"}
    for file in sorted((Path(__file__).parents[2] / "allocation" / "verify").glob("*.py")):
        for found in re.findall(r"^\s*from (\S+) import|^\s*import (\S+)", file.read_text(), re.MULTILINE):
            room, _, module = (found[0] or found[1]).partition(".")
            assert room != "allocation" or module.split(".")[0] in allowed, (file.name, module)
            assert (room, module) != ("topology", "routing.graph"), file.name
