"""Every result has a published schema, and keeps to it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cni.schemas import SCHEMAS, json_schema
from tests.cni.helpers import Cni


def faults(value: Any, schema: dict[str, Any], place: str = "") -> list[str]:
    """Where a value does not keep to a schema of the few forms that we use."""
    if "anyOf" in schema:
        return [] if any(not faults(value, each) for each in schema["anyOf"]) else [f"{place}: none of them"]
    if "const" in schema or "enum" in schema:
        allowed = schema.get("enum", [schema.get("const")])
        return [] if value in allowed else [f"{place}: {value!r}"]
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
    kind = schema.get("type")
    if kind is None:
        return []
    if not isinstance(value, kinds[kind]) or (kind == "integer" and isinstance(value, bool)):
        return [f"{place}: {value!r} is no {kind}"]
    found = []
    if kind == "object":
        found += [f"{place}.{name} is missing" for name in schema["required"] if name not in value]
        for name, inner in schema["properties"].items():
            found += faults(value[name], inner, f"{place}.{name}") if name in value else []
    if kind == "array":
        found += [fault for i, each in enumerate(value) for fault in faults(each, schema["items"], f"{place}[{i}]")]
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{place}: {value!r}")
    if "minimum" in schema and value < schema["minimum"]:
        found.append(f"{place}: {value!r}")
    return found


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
    assert faults(document, json_schema(document["schema"])) == []


def test_the_pack_and_its_verification_keep_to_their_schemas(cni: Cni, net: Path) -> None:
    assert cni("allocate", net, "requests.csv", "--circuits", "circuits.csv", "--pack", "pack.json").code == 0
    import json

    pack = json.loads(Path("pack.json").read_text())
    assert faults(pack, json_schema("cni.pack/1")) == []
    done = cni("verify", "pack.json", "--json")
    assert (done.code, faults(done.document, json_schema("cni.verify/1"))) == (0, [])


def test_schemas_are_listed_and_printed(cni: Cni) -> None:
    assert {s["name"] for s in cni("schema", "--json").document["schemas"]} == set(SCHEMAS)
    assert cni("schema", "cni.award/1").document["properties"]["schema"] == {"const": "cni.award/1"}
