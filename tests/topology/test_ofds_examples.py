"""The official examples of OFDS 0.3.0 import: what becomes of each, and what it is written as passes the validator.

The files themselves are not kept here: the LICENSE.md beside them grants Apache-2.0 for the schema and GFDL-1.3 for the
documentation, and names no licence for `examples/`. So two sets are read with one table of outcomes. The files made here,
always: same names, same shapes, other content. And the official ones, unchanged, where `OFDS_EXAMPLES` names the folder
`examples` of Open-Telecoms-Data/open-fibre-data-standard at its tag 0__3__0.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.topology.validators import dangling, faults
from topology.checks import find
from topology.formats import exchange
from topology.formats.ofds_schema import json_schema
from topology.formats.ofds_write import package_bytes
from topology.problems import BadInput

Json = dict[str, Any]
OFFICIAL = os.environ.get("OFDS_EXAMPLES")

READ: dict[str, tuple[tuple[int, int], str]] = {
    "json/network-package.json": ((2, 1), "fields_kept length_in_metres route_off_node"),
    "json/network-embedded.json": ((0, 0), "id_no_uuid no_crs no_position span_without_end"),
    "json/nodes-endpoint.json": ((0, 0), "id_no_uuid no_crs no_position no_version"),
    "json/spans-endpoint.json": ((0, 0), "id_no_uuid no_crs no_version span_without_end"),
    "geojson/nodes.geojson": ((2, 1), "fields_kept length_in_metres route_off_node"),
    "geojson/spans.geojson": ((2, 1), "fields_kept length_in_metres route_off_node"),
    "geojson/api-response.geojson": ((0, 0), "no_crs no_position no_version"),
}
"""What can be read -> how many nodes and spans come of it, and the codes of the findings."""

REFUSED = {
    "json/api-response.json": "several_networks",
    "json/multiple-networks.json": "several_networks",
    "json/network-separate-endpoints.json": "elsewhere",
    "json/network-separate-files.json": "elsewhere",
    "json/network-package-additional-checks.json": "duplicate_id",
    "json/network-package-invalid.json": "missing_value",
    "geojson/multiple-networks.geojson": "several_networks",
}
"""What is bad input -> the code that says why."""

SCHEMA = (
    "https://raw.githubusercontent.com/Open-Telecoms-Data/open-fibre-data-standard/0__3__0/schema/network-schema.json"
)
HEAD = [{"rel": "describedby", "href": SCHEMA}]
FIRST, OTHER = "3f0c7a52-6a50-4f4e-8d1c-0b7b1c1f7a01", "3f0c7a52-6a50-4f4e-8d1c-0b7b1c1f7a02"


def _network() -> Json:
    """Two places, a route that ends 300 m from them, and a length in metres."""
    owner = {"id": "o1", "name": "Someone"}
    points = [[-2.30, 53.45], [-2.10, 53.45]]
    nodes = [
        {"id": str(i), "name": f"Place {i}", "type": ["pop"], "physicalInfrastructureProvider": owner,
         "location": {"type": "Point", "coordinates": at}, "phase": {"id": "1", "name": "First"}, "address": {"country": "GB"}}
        for i, at in enumerate(points, 1)
    ]  # fmt: skip
    route = {"type": "LineString", "coordinates": [[lon + 0.004, lat] for lon, lat in points]}
    span = {"id": "1", "start": "1", "end": "2", "physicalInfrastructureProvider": owner, "fibreCount": 24,
            "fibreLength": 13_500, "route": route, "capacity": 4.976}  # fmt: skip
    return {
        "id": FIRST, "name": "Two places", "nodes": nodes, "spans": [span], "links": HEAD, "accuracy": 250,
        "organisations": [{**owner, "roles": ["physicalInfrastructureProvider"], "country": "GB"}],
        "phases": [{"id": "1", "name": "First", "description": "Build", "funders": [owner]}],
        "contracts": [{"id": "c", "title": "Build", "relatedPhases": [{"id": "1", "name": "First"}]}],
        "crs": {"name": "urn:ogc:def:crs:OGC::CRS84", "uri": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"},
    }  # fmt: skip


def _elsewhere(kind: str) -> Json:
    links = [{"rel": f"tag:opentelecomdata.net,2022:{table}{kind}", "href": f"http://example.org/{table}"} for table in ("nodes", "spans")]  # fmt: skip
    return {"networks": [{"id": FIRST, "name": "Two places", "links": [*HEAD, *links]}]}


def _collection(kind: str) -> Json:
    whole = _network()
    nodes, spans = whole.pop("nodes"), whole.pop("spans")
    whole["contracts"][0]["relatedPhases"] = whole["phases"]  # whole objects, as everywhere in this form
    names = {n["id"]: n for n in nodes}
    features = []
    for entity in nodes if kind == "node" else spans:
        geometry = entity.pop("location" if kind == "node" else "route")
        ends = {end: names[entity[end]] for end in ("start", "end") if end in entity}
        organisation = {"physicalInfrastructureProvider": whole["organisations"][0]}
        properties = {**entity, **ends, **organisation, "network": whole, "featureType": kind}
        features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    return {"type": "FeatureCollection", "features": features}


def _pages(*networks: str) -> Json:
    features = [
        {"type": "Feature", "properties": {"id": str(i), "name": "A POP", "network": {"id": n, "name": n}, "featureType": "node"}}
        for i, n in enumerate(networks, 1)
    ]  # fmt: skip
    return {"type": "FeatureCollection", "features": features, "links": {"next": "http://example.org/nodes?cursor=2"}}


def shapes() -> dict[str, Json]:
    """File -> a value of the same shape as the official example of that name."""
    two = {"networks": [{"id": FIRST, "name": "One", "links": HEAD}, {"id": OTHER, "name": "Two", "links": HEAD}]}
    pages = {"links": {"next": "http://example.org/x?cursor=2"}}
    place, line = {"type": "Point", "coordinates": [0, 0]}, {"type": "LineString", "coordinates": [[0, 0], [0, 0]]}
    twice = {
        "id": FIRST, "links": HEAD, "organisations": [{"id": "1", "name": "Fund"}, {"id": "1"}],
        "nodes": [{"id": "1", "location": line, "phase": {"id": "none"}}, {"id": "1"}],
        "spans": [{"id": "1", "start": "Sale", "end": "Bury", "route": place}, {"id": "1"}],
        "phases": [{"id": "1"}, {"id": "1"}],
    }  # fmt: skip
    span = {"status": "open", "route": {"type": "LineString", "properties": ""}, "directed": "yes", "fibreCount": "52"}
    wrong = {"id": "1", "name": "", "nodes": [], "spans": [span], "contracts": {}, "organisations": [{}], "links": HEAD,
             "crs": {"name": "WGS84"}, "accuracy": "medium", "phases": [{"id": "1"}, {"id": "1"}]}  # fmt: skip
    return {
        "json/network-package.json": {"networks": [_network()]},
        "json/network-embedded.json": {"id": "1", "nodes": [{}, {}], "spans": [{}, {}], "links": HEAD},
        "json/nodes-endpoint.json": {"nodes": [{}, {}], **pages},
        "json/spans-endpoint.json": {"spans": [{}, {}], **pages},
        "json/api-response.json": {**two, **pages},
        "json/multiple-networks.json": two,
        "json/network-separate-endpoints.json": _elsewhere("API"),
        "json/network-separate-files.json": _elsewhere("File"),
        "json/network-package-additional-checks.json": {"networks": [twice]},
        "json/network-package-invalid.json": {"networks": [wrong]},
        "geojson/nodes.geojson": _collection("node"),
        "geojson/spans.geojson": _collection("span"),
        "geojson/api-response.geojson": _pages(FIRST, FIRST),
        "geojson/multiple-networks.geojson": _pages(FIRST, OTHER),
    }


@pytest.fixture(params=["made here", "official"] if OFFICIAL else ["made here"])
def examples(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder of examples, `json` and `geojson` inside it."""
    if request.param == "official":
        assert OFFICIAL is not None
        return Path(OFFICIAL)
    for name, value in shapes().items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(value, indent=2), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", READ)
def test_an_example_that_can_be_read_is_read_and_its_export_passes(examples, name, tmp_path):
    network, findings = exchange.read(examples / name)
    sizes, codes = READ[name]
    assert (len(network.nodes), len(network.spans)) == sizes
    assert " ".join(sorted({p.code for p in findings})) == codes
    assert [p for p in findings if not p.line] == []
    value = json.loads(package_bytes(network))
    Draft202012Validator(json_schema()).validate(value)
    assert dangling(value) == []
    if network.nodes:  # the standard wants at least one
        assert faults(value) == []
        (tmp_path / "again.json").write_bytes(package_bytes(network))
        assert exchange.read(tmp_path / "again.json")[0] == network


@pytest.mark.parametrize("name", REFUSED)
def test_an_example_that_is_no_single_whole_network_is_refused_with_its_reason(examples, name):
    with pytest.raises(BadInput) as caught:
        exchange.read(examples / name)
    assert {p.code for p in caught.value.problems} == {REFUSED[name]}


@pytest.mark.parametrize("name", ["json/multiple-networks.json", "geojson/multiple-networks.geojson"])
def test_of_several_networks_each_can_be_named(examples, name):
    text = (examples / name).read_text(encoding="utf-8")
    value = json.loads(text)
    heads = value.get("networks") or [f["properties"]["network"] for f in value["features"]]
    for head in heads:
        network, _ = exchange.read(examples / name, head["id"])
        assert network.name == head["name"]


@pytest.mark.parametrize("name", ["json/network-package.json", "geojson/spans.geojson"])
def test_the_length_of_the_example_is_metres_and_is_an_error_until_it_is_read_so(examples, name):
    codes = {p.code: p.level for p in find(exchange.read(examples / name)[0])}
    assert codes["length_in_metres"] == "error"
    assert "length_in_metres" not in {p.code for p in find(exchange.read(examples / name, metres=True)[0])}


def test_every_official_example_has_its_outcome():
    assert sorted(shapes()) == sorted({*READ, *REFUSED})
    if OFFICIAL:
        files = {str(p.relative_to(OFFICIAL)) for kind in ("json", "geojson") for p in Path(OFFICIAL).glob(f"{kind}/*")}
        assert files == {*READ, *REFUSED}
