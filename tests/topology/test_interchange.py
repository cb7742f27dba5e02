"""What is written in any form comes back as it was; each OFDS file passes the standard's validator and our own checks."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from libcoveofds.geojson import GeoJSONAssumeFeatureType, GeoJSONToJSONConverter

from scenarios.fibre_manchester import folder
from tests.builders import DAY, network, node
from tests.strategies import whole_networks
from tests.topology.validators import dangling, faults
from topology.checks import check_document
from topology.disclosure import disclosed
from topology.formats import exchange
from topology.formats.ofds_geojson import collections
from topology.formats.ofds_schema import json_schema
from topology.formats.ofds_write import package, package_bytes
from topology.model import Network, Node
from topology.problems import BadInput

A, B = Node("A", "A", "pop", 53.48, -2.24), Node("B", "B", "pop", 53.48, -2.20)
OUTS = {"csv": "net", "ofds": "net.json", "geojson": "net.geojson", "gpkg": "net.gpkg", "kml": "net.kml"}


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


@pytest.mark.parametrize("name", ["all_spans.geojson", "nodes_of_bury.geojson"])
def test_a_pair_is_found_whatever_its_common_name_holds(tmp_path, name):
    for path, data in exchange.files(bundled(), tmp_path / name, "geojson").items():
        path.write_bytes(data)
        written_last = path
    assert exchange.read(tmp_path / name)[0] == bundled()
    assert exchange.read(written_last)[0] == bundled()


def test_a_netbox_folder_is_for_netbox_only(tmp_path):
    out = written(bundled(), "netbox", tmp_path)
    with pytest.raises(BadInput, match="NetBox"):
        exchange.read(out)
    sites = (out / "02_sites.csv").read_text(encoding="utf-8").splitlines()
    cables = (out / "08_cables.csv").read_text(encoding="utf-8").splitlines()
    assert (len(sites), len(cables)) == (62, 101)
    assert sites[0].startswith("name,slug,status,tenant,facility,latitude,longitude")


# Where findings stand


def placed(path: Path, code: str) -> tuple[str, int, int, str]:
    """File, line, character and column of the first finding of a code, from reading or from the checks."""
    found = exchange.read_placed(path)
    findings = check_document(found.network, DAY, found.findings, found.places)["findings"]
    first = next(f for f in exchange.in_its_words(path, findings) if f["code"] == code)
    return first["file"], first["line"], first["character"], first["column"]


def spoilt(form: str, place: Path) -> Path:
    """A network in a form, whose second span is far too long."""
    return written(network("s A B 3", "t A B 9000", nodes=[A, B]), form, place)


def test_a_finding_of_an_ofds_file_names_line_character_and_field(tmp_path):
    path = spoilt("ofds", tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()), indent=1))
    lines = path.read_text().splitlines()
    file, line, character, column = placed(path, "length_in_metres")
    assert (file, column) == ("net.json", "spans.fibreLength")
    assert lines[line - 1][character - 1 :].startswith("9000")
    whole = path.read_text()
    path.write_text(json.dumps(json.loads(whole)))  # one line
    _, line, character, _ = placed(path, "length_in_metres")
    assert (line, path.read_text()[character - 1 :][:4]) == (1, "9000")


def test_a_finding_of_a_geojson_pair_names_the_one_of_the_two_files(tmp_path):
    spoilt("geojson", tmp_path)
    file, line, character, column = placed(tmp_path / "net.geojson", "length_in_metres")
    assert (file, line, column) == ("net_spans.geojson", 1, "spans.fibreLength")
    assert (tmp_path / file).read_text()[character - 1 :].startswith("9000")


def test_a_finding_of_a_kml_file_names_the_line_of_the_placemark(tmp_path):
    path = spoilt("kml", tmp_path)
    file, line, character, column = placed(path, "length_in_metres")
    assert (file, character, column) == ("net.kml", 0, "spans.length_km")
    assert "<Placemark><name>t</name>" in path.read_text().splitlines()[line - 1]


def test_a_finding_of_a_geopackage_names_table_column_and_fid(tmp_path):
    path = spoilt("gpkg", tmp_path)
    assert placed(path, "length_in_metres") == ("net.gpkg", 2, 0, "spans.length_km")
    assert sqlite3.connect(path).execute("SELECT id FROM spans WHERE fid = 2").fetchone() == ("t",)


def test_a_fault_names_its_place_also_where_rows_ahead_of_it_were_left_out(tmp_path):
    """The first node has no position and goes; the fault of the second is still the second's."""
    value = package(network("s A B 3", nodes=[A, B, node("C")]))
    nodes = value["networks"][0]["nodes"]
    del value["networks"][0]["cni"], nodes[0]["location"]
    nodes[2]["id"] = nodes[1]["id"]
    path = tmp_path / "x.json"
    path.write_text(json.dumps(value, indent=1))
    with pytest.raises(BadInput) as caught:
        exchange.read(path)
    (problem,) = caught.value.problems
    assert (problem.code, problem.column) == ("duplicate_id", "nodes[2].id")
    assert '"B"' in path.read_text().splitlines()[problem.line - 1]
    assert "first at nodes[1], line" in problem.text
