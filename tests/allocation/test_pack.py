"""The round pack: complete, lossless, and refused with every missing part named."""

from __future__ import annotations

import json

import pytest

from allocation.files.pack import PARTS, make_pack, open_pack, pack_digest
from tests.allocation.rounds import Round, a_round, ask, random_round
from tests.builders import DAY, circuit, network
from topology.canonical import canonical_bytes
from topology.problems import BadInput


def packed(this: Round) -> dict:
    return make_pack(this.award(), this.network, this.circuits, this.requests, this.policy, "c" * 64)


@pytest.mark.parametrize("seed", range(9500, 9510))
def test_a_pack_opens_to_what_went_in(seed):
    """Through bytes and back: the same network, circuits, requests and policy, from which the same award follows."""
    this = random_round(seed)
    pack = json.loads(canonical_bytes(packed(this)))
    parts = open_pack(pack)
    again = Round(parts.network, parts.requests, parts.policy, parts.circuits)
    assert (parts.network, parts.policy) == (this.network, this.policy)
    assert sorted(parts.requests, key=lambda r: r.id) == sorted(this.requests, key=lambda r: r.id)
    assert canonical_bytes(again.award(parts.award["seed"], DAY)) == canonical_bytes(parts.award)
    assert pack["digest"] == pack_digest(pack)


def test_any_change_shows_in_the_digest():
    """Every part is covered, the readme and the commitment too."""
    pack = packed(a_round(network("s A B 1"), ask("r1 m1 A-B 1"), circuits=[circuit("c1", "s")]))
    assert pack["commitment"] == "c" * 64
    for key in sorted(set(pack) - {"digest"}):
        assert pack_digest({**pack, key: "changed"}) != pack["digest"], key


@pytest.mark.parametrize("part", PARTS)
def test_a_missing_part_is_named(part):
    pack = packed(a_round(network("s A B 1"), ask("r1 m1 A-B 1")))
    del pack[part]
    with pytest.raises(BadInput) as caught:
        open_pack(pack)
    assert [(p.column, p.code) for p in caught.value.problems] == [(part, "bad_pack")]


def test_all_missing_parts_are_named_at_once():
    with pytest.raises(BadInput) as caught:
        open_pack({"schema": "cni.pack/1"})
    assert [p.column for p in caught.value.problems] == sorted(PARTS)


@pytest.mark.parametrize("value", [None, 3, "pack", [], {}, {"schema": "cni.award/1"}, {"schema": "cni.pack/2"}])
def test_what_is_no_pack_is_refused(value):
    with pytest.raises(BadInput):
        open_pack(value)


WRONG = [None, 3, "text", [1], {"nodes": 1}, [[]]]


@pytest.mark.parametrize(
    ("part", "value"),
    # an award that is an object of any shape is the verifier's to judge
    [(part, value) for part in PARTS for value in WRONG if part != "award" or not isinstance(value, dict)],
)
def test_a_part_of_the_wrong_shape_is_bad_input_and_no_crash(part, value):
    pack = packed(a_round(network("s A B 1"), ask("r1 m1 A-B 1")))
    with pytest.raises(BadInput):
        open_pack({**pack, part: value})
