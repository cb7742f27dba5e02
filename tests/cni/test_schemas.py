"""Every result has a published schema, and keeps to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cni.schemas.published import SCHEMAS, faults, json_schema
from tests.cni.helpers import Cni

PERIOD = ("--period", "2027-01-01/2027-04-01")


@pytest.mark.parametrize(
    "words",
    [
        ("network", "check", "net"),
        ("network", "offer", "net", "--circuits", "circuits.csv"),
        ("network", "routes", "net", "A", "C", "--diversity", "risk"),
        ("network", "routes", "net", "A", "E", "--diversity", "span"),
        ("request", "check", "net", "requests.csv"),
        ("allocate", "net", "requests.csv"),
        ("scenario", "fail", "net", "--circuits", "circuits.csv", "--span", "ab"),
        ("scenario", "sweep", "net", "--circuits", "circuits.csv", "--order", "2"),
        ("scenario", "weak-points", "net", "--circuits", "circuits.csv"),
        (
            "bill",
            "preview",
            "net",
            "--circuits",
            "circuits.csv",
            "--tariff",
            "tariff.toml",
            "--policy",
            "policy.toml",
            *PERIOD,
        ),
    ],
    ids=" ".join,
)
def test_documents_keep_to_their_schema(cni: Cni, net: Path, words: tuple[str, ...]) -> None:
    document = cni(*words, "--json").document
    assert list(faults(document, json_schema(document["schema"]))) == []


def test_the_pack_and_its_verification_keep_to_their_schemas(cni: Cni, net: Path) -> None:
    assert cni("allocate", net, "requests.csv", "--circuits", "circuits.csv", "--pack", "pack.json").code == 0
    pack = json.loads(Path("pack.json").read_text())
    assert list(faults(pack, json_schema("cni.pack/1"))) == []
    done = cni("verify", "pack.json", "--json")
    assert (done.code, list(faults(done.document, json_schema("cni.verify/1")))) == (0, [])


def test_schemas_are_listed_and_printed(cni: Cni) -> None:
    assert {s["name"] for s in cni("schema", "--json").document["schemas"]} == set(SCHEMAS)
    assert cni("schema", "cni.award/1").document["properties"]["schema"] == {"const": "cni.award/1"}


@pytest.mark.parametrize(
    "broken",
    [
        '{"schema": "cni.award/1"}',
        '{"schema": "cni.award/1", "requests": [{"circuits": 3}]}',
        '{"schema": "cni.pack/1", "award": {}}',
        '{"schema": "cni.pack/1", "award": []}',
    ],
)
def test_a_document_that_lacks_something_is_bad_input_that_says_what(cni: Cni, broken: str) -> None:
    Path("x.json").write_text(broken)
    done = cni("award", "circuits", "x.json", "--start", "2027-01-01")
    assert (done.code, done.out) == (2, "")
    assert "wrong_form" in done.err
    assert cni("verify", "x.json").code == 2


def test_any_part_of_a_pack_that_is_left_out_is_bad_input_not_a_fault(cni: Cni, net: Path) -> None:
    assert cni("allocate", net, "requests.csv", "--circuits", "circuits.csv", "--pack", "pack.json").code == 0
    pack = json.loads(Path("pack.json").read_text())
    for name in [*pack, *(f"award.{inner}" for inner in pack["award"])]:
        changed = json.loads(Path("pack.json").read_text())
        outer, _, inner = name.partition(".")
        if inner:
            del changed["award"][inner]
        else:
            del changed[outer]
        Path("less.json").write_text(json.dumps(changed))
        for words in (("verify", "less.json"), ("award", "circuits", "less.json", "--start", "2027-01-01")):
            done = cni(*words)
            assert done.code in (0, 1, 2), (name, done.err)
