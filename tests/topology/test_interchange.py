"""What is written in any form comes back as it was; each OFDS file passes the standard's validator and our own checks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from libcoveofds.geojson import GeoJSONAssumeFeatureType, GeoJSONToJSONConverter
from libcoveofds.jsonschemavalidate import JSONSchemaValidator
from libcoveofds.python_validate import PythonValidate
from libcoveofds.schema import OFDSSchema

from scenarios.fibre_manchester import folder
from tests.strategies import whole_networks
from topology.disclosure import disclosed
from topology.formats import exchange
from topology.formats.ofds_geojson import collections
from topology.formats.ofds_schema import json_schema
from topology.formats.ofds_write import package, package_bytes
from topology.model import Network
from topology.problems import BadInput

OUTS = {"csv": "net", "ofds": "net.json", "geojson": "net.geojson", "gpkg": "net.gpkg", "kml": "net.kml"}
UNUSED = "node_not_used_in_any_spans"  # true of the networks themselves


def written(network: Network, form: str, place: Path) -> Path:
    """The network in a form, in a folder."""
    out = place / OUTS.get(form, form)
    for path, data in exchange.files(network, out, form).items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    return out


def bundled() -> Network:
    """The illustrative spine."""
    return exchange.read(folder() / "network")[0]


@pytest.mark.parametrize("form", OUTS)
@settings(max_examples=60, deadline=None)
@given(net=whole_networks())
def test_any_network_comes_back_from_any_form_as_it_was(tmp_path_factory, form, net):
    assert exchange.read(written(net, form, tmp_path_factory.mktemp(form)))[0] == net


@pytest.mark.parametrize("form", OUTS)
def test_the_bundled_network_comes_back_without_a_finding(tmp_path, form):
    assert exchange.read(written(bundled(), form, tmp_path)) == (bundled(), ())


@pytest.mark.parametrize("form", [*OUTS, "netbox"])
def test_the_same_network_gives_the_same_bytes(tmp_path, form):
    assert exchange.files(bundled(), tmp_path, form) == exchange.files(bundled(), tmp_path, form)


# The standard's validator, and the references that it does not look at


def faults(value: dict[str, Any]) -> list[Any]:
    """What the standard's own validator finds in a package."""
    schema = OFDSSchema()
    found = [fault.json() for fault in JSONSchemaValidator(schema).validate(value)]
    checks = PythonValidate(schema).validate(json.loads(json.dumps(value)))
    return [*found, *(check for check in checks if check["type"] != UNUSED)]


def dangling(value: dict[str, Any]) -> list[str]:
    """References to owners and nodes that lead nowhere: libcoveofds 0.10 does not look at owners of 0.4."""
    found = []
    for network in value["networks"]:
        organisations = {o["id"]: o.get("name") for o in network.get("organisations", [])}
        nodes = {n["id"] for n in network.get("nodes", [])}
        for entity in [*network.get("nodes", []), *network.get("spans", [])]:
            owner = entity.get("transmissionMediumOwner")
            if owner and (owner["id"] not in organisations or owner.get("name") != organisations[owner["id"]]):
                found.append(owner["id"])
            found += [entity[end] for end in ("start", "end") if end in entity and entity[end] not in nodes]
    return found


@settings(max_examples=60, deadline=None)
@given(net=whole_networks())
def test_any_ofds_file_of_ours_passes_the_validator_and_our_reference_checks(net):
    value = json.loads(package_bytes(net))
    assert faults(value) == []
    assert dangling(value) == []
    Draft202012Validator(json_schema()).validate(value)


@pytest.mark.parametrize("audience", ["public", "member", "internal"])
def test_the_bundled_network_passes_the_validator_at_every_disclosure(audience):
    value = package(disclosed(bundled(), audience))
    assert (faults(value), dangling(value)) == ([], [])
    Draft202012Validator(json_schema()).validate(value)


def test_the_geojson_pair_passes_through_the_standards_own_converter():
    converter = GeoJSONToJSONConverter()
    nodes, spans = (json.loads(json.dumps(each)) for each in collections(bundled()))
    converter.process_data(nodes, assumed_feature_type=GeoJSONAssumeFeatureType.NODE)
    converter.process_data(spans, assumed_feature_type=GeoJSONAssumeFeatureType.SPAN)
    value = converter.get_json()
    assert faults(value) == []
    assert [len(value["networks"][0][name]) for name in ("nodes", "spans")] == [61, 100]


def test_the_validator_sees_a_fault():
    value = package(bundled())
    del value["networks"][0]["links"]
    value["networks"][0]["spans"][0]["start"] = "nowhere"
    assert len(faults(value)) == 2
    assert dangling(value) == ["nowhere"]


# By name


@pytest.mark.parametrize("name", ["cables.kmz", "net.json.gz", "net.shp", "net.jsonl"])
def test_a_form_that_is_not_read_is_named_with_what_to_do(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(BadInput) as caught:
        exchange.read(tmp_path / name)
    assert caught.value.problems[0].code in ("packed", "unknown_format")
    assert caught.value.problems[0].hint


@pytest.mark.parametrize(("out", "to", "form"), [("x", "", "csv"), ("x.GPKG", "", "gpkg"), ("x.json", "kml", "kml")])
def test_the_form_to_write_goes_by_suffix_unless_it_is_said(out, to, form):
    assert exchange.form_to_write(Path(out), to) == form


def test_a_pair_is_found_by_either_file_by_its_name_and_by_its_folder(tmp_path):
    out = written(bundled(), "geojson", tmp_path)
    names = ["net_nodes.geojson", "net_spans.geojson"]
    assert [exchange.read(p)[0] == bundled() for p in (out, *(tmp_path / n for n in names))] == [True] * 3
    for name in names:
        (tmp_path / name).rename(tmp_path / name.removeprefix("net_"))
    assert exchange.read(tmp_path)[0] == bundled()


def test_a_netbox_folder_is_for_netbox_only(tmp_path):
    out = written(bundled(), "netbox", tmp_path)
    with pytest.raises(BadInput, match="NetBox"):
        exchange.read(out)
    sites = (out / "02_sites.csv").read_text(encoding="utf-8").splitlines()
    cables = (out / "08_cables.csv").read_text(encoding="utf-8").splitlines()
    assert (len(sites), len(cables)) == (62, 101)
    assert sites[0].startswith("name,slug,status,tenant,facility,latitude,longitude")
