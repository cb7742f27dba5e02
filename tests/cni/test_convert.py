"""`cni network convert` and `export`, and NET in every form where a command takes one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.cni.helpers import Cni


def codes(document: dict[str, Any]) -> list[str]:
    """The codes of findings, without the note on a group that the folder uses but does not list: other forms list it."""
    return [f["code"] for f in document.get("findings", []) if f["code"] != "unlisted_group"]


OUTS = ["out", "out.json", "out.geojson", "out.gpkg", "out.kml"]


@pytest.mark.parametrize("out", OUTS)
def test_every_command_takes_net_in_any_form(cni: Cni, net: Path, out: str) -> None:
    assert cni("network", "convert", net, out).code == 0
    for words in (
        ("network", "offer", "{}", "--circuits", "circuits.csv"),
        ("network", "check", "{}"),
        ("allocate", "{}", "requests.csv"),
        ("scenario", "weak-points", "{}", "--circuits", "circuits.csv"),
    ):
        one, two = (cni(*(str(place) if w == "{}" else w for w in words), "--json") for place in (net, out))
        assert one.code == two.code
        assert codes(one.document) == codes(two.document)
        assert one.document["inputs"] == two.document["inputs"]


def test_convert_says_what_it_wrote_and_what_netbox_cannot_carry(cni: Cni, net: Path) -> None:
    assert "written: out.gpkg (5 nodes, 5 spans)" in cni("network", "convert", net, "out.gpkg").err
    done = cni("network", "convert", net, "netbox", "--to", "netbox")
    assert "not carried by netbox" in done.err
    assert sorted(p.name for p in Path("netbox").iterdir())[0] == "01_tenants.csv"


def test_a_file_is_not_written_over_itself_nor_a_folder_over_another(cni: Cni, net: Path) -> None:
    assert cni("network", "convert", net, "out.json").code == 0
    assert cni("network", "convert", "out.json", "out.json").code == 2
    assert cni("network", "convert", "out.json", net).code == 2


def test_conversion_is_whole_unless_asked_and_public_is_never_implicit(cni: Cni, net: Path) -> None:
    assert cni("network", "convert", net, "whole.json").code == 0
    assert "left out" in cni("network", "convert", net, "public.json", "--disclosure", "public").err
    whole, public = (json.loads(Path(f).read_text())["networks"][0] for f in ("whole.json", "public.json"))
    assert whole["spans"][0]["cni"] == {"own_use": 4, "reserve": 2}
    assert "Alpha" not in json.dumps(public)


def test_the_database_is_exported_for_members_unless_it_is_said(house: Cni) -> None:
    assert house("network", "export", "members").code == 0
    assert "own_use" not in Path("members/spans.csv").read_text()
    assert house("network", "export", "all", "--disclosure", "internal").code == 0
    assert "own_use" in Path("all/spans.csv").read_text()
    assert house("network", "export", "nobody", "--for", "stranger").code == 2


def test_one_of_several_networks_is_chosen_and_metres_are_read_when_asked(cni: Cni, net: Path) -> None:
    assert cni("network", "convert", net, "one.json").code == 0
    value = json.loads(Path("one.json").read_text())
    for span in value["networks"][0]["spans"]:
        span["fibreLength"] *= 1000
    value["networks"].append({**value["networks"][0], "id": "other"})
    Path("two.json").write_text(json.dumps(value))
    assert "several_networks" in cni("network", "check", "two.json").err
    assert cni("network", "convert", "two.json", "three", "--network", "other", "--lengths", "m").code == 0
    one, other = (cni("network", "offer", place, "--json").document["spans"] for place in (net, "three"))
    assert one == other


def test_a_span_that_had_to_be_left_out_is_an_error_of_the_check_and_the_rest_is_read(cni: Cni, net: Path) -> None:
    assert cni("network", "convert", net, "one.json").code == 0
    value = json.loads(Path("one.json").read_text())
    del value["networks"][0]["cni"]
    del value["networks"][0]["spans"][0]["end"]
    Path("two.json").write_text(json.dumps(value))
    done = cni("network", "check", "two.json", "--json")
    assert done.code == 1
    assert "span_without_end" in {f["code"] for f in done.document["findings"] if f["level"] == "error"}
    assert len(cni("network", "offer", "two.json", "--json").document["spans"]) == 4


def test_the_cni_objects_keep_to_their_published_schema(cni: Cni, net: Path) -> None:
    assert cni("network", "convert", net, "one.json").code == 0
    schema = cni("schema", "cni.ofds/1").document
    Draft202012Validator.check_schema(schema)
    value = json.loads(Path("one.json").read_text())
    Draft202012Validator(schema).validate(value)
    value["networks"][0]["spans"][0]["cni"]["own_use"] = "four"
    assert list(Draft202012Validator(schema).iter_errors(value))
