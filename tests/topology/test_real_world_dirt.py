"""What real files get wrong: each is survived with a finding that says what, where and what to do.

The kinds of fault, and how often they stand in 24 published OFDS networks, are from a count of Open-Telecoms-Data/
OFDS-public-data (May 2026). All files here are made up; their fields are those of OFDS 0.3.0 and 0.4.0.
"""

from __future__ import annotations

import contextlib
import copy
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.builders import DAY, network
from topology.checks import check_document, find
from topology.files.csv_folder import read_network
from topology.formats import exchange
from topology.formats.ofds_write import package_bytes
from topology.model import Network
from topology.problems import BadInput, Problem

Json = dict[str, Any]
CRS = {"name": "urn:ogc:def:crs:OGC::CRS84", "uri": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}
LINK = (
    "https://raw.githubusercontent.com/Open-Telecoms-Data/open-fibre-data-standard/0__3__0/schema/network-schema.json"
)


def place(name: str, lon: float, lat: float) -> Json:
    """A node as other people write it, in the words of 0.3."""
    return {
        "id": name,
        "name": f"Place {name}",
        "type": ["pop"],
        "status": "operational",
        "location": {"type": "Point", "coordinates": [lon, lat]},
        "physicalInfrastructureProvider": {"id": "GB-COH-1", "name": "FibreCo"},
        "networkProviders": [{"id": "GB-COH-2", "name": "FastWeb"}],
        "phase": {"id": "1", "name": "First"},
        "address": {"locality": "Salford", "country": "GB"},
        "accessPoint": True,
    }


def package() -> Json:
    """A clean package of 0.3: two nodes 6.6 km apart, a span, organisations, a phase, a contract."""
    route = {"type": "LineString", "coordinates": [[-2.3, 53.45], [-2.25, 53.46], [-2.2, 53.45]]}
    span = {
        "id": "s",
        "name": "One to two",
        "start": "1",
        "end": "2",
        "directed": False,
        "status": "operational",
        "readyForServiceDate": "2018-01-01",
        "route": route,
        "physicalInfrastructureProvider": {"id": "GB-COH-1", "name": "FibreCo"},
        "supplier": {"id": "GB-COH-2", "name": "FastWeb"},
        "phase": {"id": "1", "name": "First"},
        "transmissionMedium": ["fibre"],
        "deployment": ["belowGround"],
        "deploymentDetails": {"description": "Buried in ducts"},
        "darkFibre": True,
        "fibreType": "G.652",
        "fibreTypeDetails": {"fibreSubtype": "G.652.D", "description": "low water peak"},
        "fibreCount": 24,
        "fibreLength": 7.1,
        "capacity": 4.976,
    }
    organisations = [
        {"id": "GB-COH-1", "name": "FibreCo", "roles": ["physicalInfrastructureProvider"], "country": "GB"},
        {"id": "GB-COH-2", "name": "FastWeb", "roles": ["networkProvider", "supplier"]},
    ]
    network = {
        "id": "a096d627-72e1-4f9b-b129-951b1737bff4",
        "name": "Two places",
        "nodes": [place("1", -2.3, 53.45), place("2", -2.2, 53.45)],
        "spans": [span],
        "organisations": organisations,
        "phases": [{"id": "1", "name": "First", "funders": [{"id": "GB-COH-2", "name": "FastWeb"}]}],
        "contracts": [{"id": "c", "title": "Build", "relatedPhases": [{"id": "1", "name": "First"}]}],
        "publisher": {"name": "FibreCo"},
        "accuracy": 250,
        "crs": CRS,
        "links": [{"rel": "describedby", "href": LINK}],
    }
    return {"networks": [network]}


def read(value: Json, folder: Path, **how: Any) -> tuple[Network, dict[str, Problem]]:
    """The network of a package and its findings by code."""
    (folder / "n.json").write_text(json.dumps(value))
    network, found = exchange.read(folder / "n.json", **how)
    assert all(p.text and p.file == "n.json" for p in found)
    return network, {p.code: p for p in found}


def test_a_clean_package_of_03_is_read_and_written_again_as_04_with_all_it_held(tmp_path):
    network, found = read(package(), tmp_path)
    assert set(found) == {"fields_kept"}
    span = network.spans["s"]
    assert (span.owner, span.fibre_count, span.length_m, span.fibre_type) == ("GB-COH-1", 24, 7100, "G.652.D")
    assert network.organisations
    assert network.organisations["GB-COH-1"].roles == ("contributor",)
    again = json.loads(package_bytes(network))["networks"][0]
    assert again["phases"] == package()["networks"][0]["phases"]
    assert again["spans"][0]["supportingInfrastructure"] == {"description": "Buried in ducts"}
    assert again["spans"][0]["transmissionMediumOwner"] == {"id": "GB-COH-1", "name": "FibreCo"}
    assert again["nodes"][0]["address"] == {"locality": "Salford", "country": "GB"}


def edited(change: Callable[[Json, Json, Json], Any]) -> Json:
    """The clean package after a change of (network, first node, span)."""
    value = package()
    network = value["networks"][0]
    change(network, network["nodes"][0], network["spans"][0])
    return value


def drop(where: str, *names: str) -> Callable[[Json, Json, Json], Any]:
    """Leave fields out."""

    def change(network: Json, node: Json, span: Json) -> None:
        for name in names:
            {"network": network, "node": node, "span": span}[where].pop(name)

    return change


def put(where: str, name: str, given: Any) -> Callable[[Json, Json, Json], Any]:
    """Set a field."""

    def change(network: Json, node: Json, span: Json) -> None:
        {"network": network, "node": node, "span": span}[where][name] = copy.deepcopy(given)

    return change


def another_node(name: str, lon: float, lat: float, **fields: Any) -> Callable[[Json, Json, Json], Any]:
    """Add a node."""
    return lambda network, node, span: network["nodes"].append({**place(name, lon, lat), **fields})


LINE = {"type": "LineString", "coordinates": [[-2.3, 53.45], [-2.2, 53.45]]}
BACK = {**LINE, "coordinates": LINE["coordinates"][::-1]}
PIECES = {"type": "MultiLineString", "coordinates": [[[-2.25, 53.45], [-2.2, 53.45]], [[-2.25, 53.45], [-2.3, 53.45]]]}
APART = {"type": "MultiLineString", "coordinates": [[[-2.3, 53.45], [-2.29, 53.45]], [[-2.22, 53.45], [-2.2, 53.45]]]}
LONG = {"type": "LineString", "coordinates": [[-2.3 + 0.1 * i / 4825, 53.45] for i in range(4826)]}
HIGH = {"type": "LineString", "coordinates": [[-2.3, 53.45, 38.5], [-2.2, 53.45, 40]]}


@pytest.mark.parametrize(
    ("change", "level", "code"),
    [
        pytest.param(drop("span", "fibreCount"), "warning", "no_strand_count", id="no number of strands"),
        pytest.param(drop("span", "fibreLength"), "warning", "no_length", id="no length, from the route"),
        pytest.param(drop("span", "fibreLength", "route"), "warning", "no_length", id="no length, no route"),
        pytest.param(drop("node", "type"), "note", "no_type", id="no type"),
        pytest.param(drop("node", "name"), "note", "no_name", id="no name"),
        pytest.param(drop("node", "location"), "error", "no_position", id="no position"),
        pytest.param(drop("span", "physicalInfrastructureProvider"), "note", "no_owner", id="no owner"),
        pytest.param(drop("network", "crs"), "note", "no_crs", id="crs missing"),
        pytest.param(put("network", "crs", {"name": "EPSG:27700"}), "warning", "wrong_crs", id="another crs"),
        pytest.param(put("network", "id", "network-1"), "note", "id_no_uuid", id="network id no UUID"),
        pytest.param(put("network", "links", [{"rel": "describedby", "href": "https://x.org"}]), "note", "no_version", id="wrong link"),
        pytest.param(put("node", "name", "Place 2"), "note", "same_name", id="equal node names"),
        pytest.param(put("node", "location", {"type": "Point", "coordinates": [-2.31, 53.46]}), "warning", "route_off_node", id="route ends far off"),
        pytest.param(drop("span", "end"), "error", "span_without_end", id="span without an end"),
        pytest.param(put("span", "end", "9"), "error", "dangling", id="end that is no node"),
        pytest.param(put("span", "end", "1"), "error", "self_loop", id="self-loop"),
        pytest.param(put("span", "route", {"type": "Point", "coordinates": [-2.3, 53.45]}), "error", "point_as_span", id="a point as span"),
        pytest.param(lambda n, *_: n["organisations"].append({"id": "3", "name": "FibreCo"}), "warning", "same_organisation", id="one organisation under two ids"),
        pytest.param(lambda n, *_: n["organisations"].append({"id": "3", "name": ""}), "note", "no_name", id="empty organisation name"),
        pytest.param(lambda n, *_: n["organisations"].pop(0), "note", "owner_not_listed", id="owner not listed"),
        pytest.param(put("span", "colour", "red"), "note", "fields_kept", id="extra fields"),
        pytest.param(put("node", "location", {"type": "Point", "coordinates": [-2.30000012345678, 53.45]}), "note", "decimals", id="14 decimals"),
        pytest.param(put("span", "fibreLength", 7100), "warning", "length_in_metres", id="length in metres"),
        pytest.param(put("node", "location", {"type": "Point", "coordinates": [-2.3, 53.45, 38]}), "note", "height", id="3-D point"),
        pytest.param(put("span", "route", HIGH), "note", "height", id="3-D line"),
        pytest.param(put("span", "route", PIECES), "warning", "route_joined", id="MultiLineString"),
        pytest.param(put("span", "route", APART), "warning", "route_unusable", id="pieces that do not meet"),
        pytest.param(put("span", "route", BACK), "note", "route_turned", id="reversed route"),
        pytest.param(put("span", "fibreTypeDetails", {"fibreSubtype": "G652D"}), "note", "fibre_type_tidied", id="G652D"),
        pytest.param(another_node("Mast #4", -2.25, 53.45), "note", "id_changed", id="id with other characters"),
    ],
)  # fmt: skip
def test_each_fault_is_survived_with_its_finding(tmp_path, change, level, code):
    network, found = read(edited(change), tmp_path)
    assert found[code].level == level
    assert len(network.nodes) >= 1
    (tmp_path / "again.json").write_bytes(package_bytes(network))
    assert exchange.read(tmp_path / "again.json")[0] == network


def test_numeric_ids_become_text(tmp_path):
    value = package()
    network = value["networks"][0]
    network["nodes"][0]["id"], network["spans"][0]["start"] = 1, 1
    net, found = read(value, tmp_path)
    assert (sorted(net.nodes), net.spans["s"].start) == (["1", "2"], "1")
    assert found["id_not_text"].level == "note"


def test_ids_with_leading_zeros_stay_as_they_are(tmp_path):
    value = json.loads(json.dumps(package()).replace('"id": "1", "name": "Place', '"id": "007", "name": "Place').replace('"start": "1"', '"start": "007"'))  # fmt: skip
    assert sorted(read(value, tmp_path)[0].nodes) == ["007", "2"]


@pytest.mark.parametrize(
    ("lon", "lat", "guess"),
    [
        (384_000, 398_000, "British National Grid"),
        (-249_000, 7_070_000, "3857"),
        (53.45, -122.3, "swapped"),
    ],
)
def test_numbers_that_are_no_degrees_are_bad_input_that_names_the_likely_cause(tmp_path, lon, lat, guess):
    with pytest.raises(BadInput) as caught:
        read(edited(put("node", "location", {"type": "Point", "coordinates": [lon, lat]})), tmp_path)
    (problem,) = caught.value.problems
    assert (problem.code, problem.column) == ("not_degrees", "nodes.location")
    assert guess in problem.hint


def test_latitude_and_longitude_swapped_within_degrees_is_a_finding(tmp_path):
    net, _ = read(edited(put("node", "location", {"type": "Point", "coordinates": [53.45, -2.3]})), tmp_path)
    assert "position_swapped" in {p.code for p in find(net)}


def test_the_other_hemisphere_is_a_finding(tmp_path):
    change = another_node("3", -2.25, 53.46)
    value = edited(change)
    value["networks"][0]["nodes"][0]["location"]["coordinates"] = [-2.3, -53.45]
    assert "position_far" in {p.code for p in find(read(value, tmp_path)[0])}


def test_metres_are_never_converted_unasked_and_read_as_such_when_asked(tmp_path):
    value = edited(put("span", "fibreLength", 7100))
    assert read(value, tmp_path)[0].spans["s"].length_m == 7_100_000
    net, found = read(value, tmp_path, metres=True)
    assert net.spans["s"].length_m == 7100
    assert "length_in_metres" not in found


@pytest.mark.parametrize(("km", "code"), [(3, "length_under_straight"), (30, "length_over_three_times")])
def test_a_length_is_held_against_the_straight_line(tmp_path, km, code):
    assert code in {p.code for p in find(read(edited(put("span", "fibreLength", km)), tmp_path)[0])}


def test_a_route_of_4826_points_is_kept(tmp_path):
    assert len(read(edited(put("span", "route", LONG)), tmp_path)[0].spans["s"].route) == 4826


def test_no_strands_known_means_that_nothing_is_offered(tmp_path):
    net, _ = read(edited(drop("span", "fibreCount")), tmp_path)
    assert net.spans["s"].fibre_count == 0
    assert "no_strands" in {p.code for p in find(net)}


def also_a_span(strands: int) -> Callable[[Json, Json, Json], Any]:
    """The first span without a number of strands, and beside it one with this number."""

    def change(network: Json, node: Json, span: Json) -> None:
        network["spans"].append({**span, "id": "s2", "fibreCount": strands})
        span.pop("fibreCount")

    return change


@pytest.mark.parametrize(("other", "said"), [(24, ["no_strand_count"]), (0, ["no_strand_count", *["no_strands"] * 2])])
def test_a_number_of_strands_that_is_missing_is_said_once(tmp_path, other, said):
    """Where a 0 was given beside it, each span is named: only one of them lacks its number."""
    (tmp_path / "n.json").write_text(json.dumps(edited(also_a_span(other))))
    found = exchange.read_placed(tmp_path / "n.json")
    document = check_document(found.network, DAY, found.findings, found.places)
    assert sorted(f["code"] for f in document["findings"] if f["code"].startswith("no_strand")) == said


def test_a_length_that_was_assumed_is_marked(tmp_path):
    net, _ = read(edited(drop("span", "fibreLength")), tmp_path)
    assert ("length_from", "route") in net.spans["s"].extra


def test_parts_and_parallel_spans_and_a_lonely_node_are_read(tmp_path):
    def change(network: Json, node: Json, span: Json) -> None:
        network["nodes"] += [place("3", -2.1, 53.5), place("4", -2.1, 53.52), place("5", -2.0, 53.5)]
        network["spans"] += [{**span, "id": "twin"}, {**span, "id": "far", "start": "3", "end": "4", "route": None}]
        del network["spans"][-1]["route"]

    net, _ = read(edited(change), tmp_path)
    assert sorted(net.spans) == ["far", "s", "twin"]
    assert {"not_joined", "isolated_node", "same_twice"} <= {p.code for p in find(net)}


@pytest.mark.parametrize("count", [-4, 3.5, "many", True])
def test_a_count_that_is_none_is_bad_input_in_the_words_of_the_file(tmp_path, count):
    with pytest.raises(BadInput) as caught:
        read(edited(put("span", "fibreCount", count)), tmp_path)
    assert [(p.file, p.column) for p in caught.value.problems] == [("n.json", "spans[0].fibreCount")]


def test_of_several_networks_one_is_chosen_by_name(tmp_path):
    value = package()
    value["networks"].append({**package()["networks"][0], "id": "other", "name": "Another"})
    with pytest.raises(BadInput, match="2 networks"):
        read(value, tmp_path)
    assert read(value, tmp_path, which="Another")[0].name == "Another"


# GeoJSON, both forms


def features(kind: str, entities: list[Json], head: Any) -> Json:
    """A collection in the form of 0.3, with whole organisations, phases and end nodes inside."""
    made = []
    for entity in entities:
        properties = {**entity, "network": head, "featureType": kind}
        geometry = properties.pop("location" if kind == "node" else "route", None)
        made.append({"type": "Feature", "geometry": geometry, "properties": properties})
    return {"type": "FeatureCollection", "features": made}


def test_the_geojson_pair_of_03_is_read_with_the_organisations_inside_it(tmp_path):
    network = package()["networks"][0]
    nodes, spans = network.pop("nodes"), network.pop("spans")
    owner = network["organisations"][0]
    head = {key: value for key, value in network.items() if key not in ("organisations", "phases", "contracts")}
    for entity in (*nodes, *spans):
        entity["physicalInfrastructureProvider"] = owner
    spans[0] |= {"start": nodes[0], "end": nodes[1]}
    (tmp_path / "nodes.geojson").write_text(json.dumps(features("node", nodes, head)))
    (tmp_path / "spans.geojson").write_text(json.dumps(features("span", spans, head)))
    net, _ = exchange.read(tmp_path / "spans.geojson")
    assert (sorted(net.nodes), net.spans["s"].end, net.spans["s"].owner) == (["1", "2"], "2", "GB-COH-1")
    assert net.organisations
    assert net.organisations["GB-COH-1"].name == "FibreCo"


def test_the_flat_geojson_form_is_read(tmp_path):
    shared = {"network": "Two places", "transmissionMediumOwner": "FibreCo", "phase": None, "status": "operational"}
    nodes = [
        {**shared, "identifier": n, "name": f"Place {n}", "type": "pop", "supportingInfrastructure__type": "exchange",
         "location": {"type": "Point", "coordinates": [lon, 53.45]}}
        for n, lon in (("1", -2.3), ("2", -2.2))
    ]  # fmt: skip
    span = {
        **shared, "identifier": "s", "start": "Place 1 (1)", "end": "Place 2 (2)", "fibreCount": 24, "fibreLength": 7.1,
        "transmissionMedium": "fibre", "deployment": "belowGround", "fibreTypeDetails__fibreSubtype": "G.652.D", "route": LINE,
    }  # fmt: skip
    for kind, entities in (("node", nodes), ("span", [span])):
        value = features(kind, entities, "Two places")
        for feature in value["features"]:
            del feature["properties"]["featureType"]
        (tmp_path / f"{kind}s.geojson").write_text(json.dumps(value))
    net, _ = exchange.read(tmp_path)
    assert (net.nodes["1"].type, net.spans["s"].start, net.spans["s"].fibre_type) == ("exchange", "1", "G.652.D")
    assert net.spans["s"].owner == "FibreCo"


# KML of contractors


KML = """<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<NetworkLink><name>elsewhere</name></NetworkLink>
<Placemark><name>Alpha</name><Point><coordinates>-2.3,53.45,0</coordinates></Point></Placemark>
<Placemark><name>Beta</name><Point><coordinates>-2.2,53.45</coordinates></Point></Placemark>
<Placemark><name>Cable 1</name><ExtendedData><Data name="fibre_count"><value>24</value></Data></ExtendedData><MultiGeometry>
<LineString><coordinates>-2.25,53.45 -2.2,53.45</coordinates></LineString>
<LineString><coordinates>-2.25,53.45 -2.3,53.45</coordinates></LineString></MultiGeometry></Placemark>
<Placemark><name>Stub</name><LineString><coordinates>-2.2,53.45 -2.15,53.45,7</coordinates></LineString></Placemark>
<Placemark><name>Area</name><Polygon/></Placemark></Document></kml>"""


def test_kml_of_a_contractor_becomes_nodes_and_spans(tmp_path):
    (tmp_path / "cables.kml").write_text(KML)
    net, found = exchange.read(tmp_path / "cables.kml")
    codes = {p.code for p in found}
    assert {
        "network_link",
        "route_joined",
        "node_made",
        "height",
        "not_a_line",
        "no_strand_count",
        "no_length",
    } <= codes
    cable = next(s for s in net.spans.values() if s.name == "Cable 1")
    assert {net.nodes[n].name for n in (cable.start, cable.end)} == {"Alpha", "Beta"}
    assert (cable.fibre_count, len(net.nodes)) == (24, 3)


def test_kml_in_metres_is_bad_input_that_names_the_likely_cause(tmp_path):
    (tmp_path / "cables.kml").write_text(KML.replace("-2.2,53.45", "384000,398000"))
    with pytest.raises(BadInput, match="no degrees"):
        exchange.read(tmp_path / "cables.kml")


# GeoPackages of councils


def test_a_geopackage_with_the_standards_column_names_and_a_moved_order_is_read(tmp_path):
    made = exchange.files(network("s1 A B 9.5"), tmp_path / "x.gpkg", "gpkg")
    (tmp_path / "x.gpkg").write_bytes(next(iter(made.values())))
    with contextlib.closing(sqlite3.connect(tmp_path / "x.gpkg")) as database:
        for statement in (
            "DROP TABLE network",
            "ALTER TABLE spans RENAME COLUMN fibre_count TO fibreCount",
            "ALTER TABLE spans RENAME COLUMN length_km TO fibreLength",
            "ALTER TABLE nodes RENAME COLUMN id TO ofds_id",
            "ALTER TABLE nodes ADD COLUMN id INTEGER",
            "UPDATE nodes SET id = fid",
            "ALTER TABLE nodes ADD COLUMN Surveyor TEXT",
            "UPDATE nodes SET Surveyor = 'J. Smith'",
        ):
            database.execute(statement)
        database.commit()
    net, _ = exchange.read(tmp_path / "x.gpkg")
    assert (sorted(net.nodes), net.spans["s1"].fibre_count, net.spans["s1"].length_m) == (["A", "B"], 48, 9500)
    assert net.nodes["A"].extra == (("Surveyor", "J. Smith"),)


# Spreadsheets


NODES = "id,name,type,lat,lon\nA,Alpha,pop,53.48,-2.24\nB,Beta,pop,53.49,-2.23\n"
SPANS = "id,start,end,owner,fibre_count,length_km,ready_for_service\ns,A,B,o,48,1.5,2027-01-31\n"


@pytest.mark.parametrize(
    ("nodes", "spans", "code"),
    [
        pytest.param(NODES.encode("utf-16"), SPANS.encode(), "encoding", id="UTF-16"),
        pytest.param(NODES.replace("Alpha", "Altrinché").encode("cp1252"), SPANS.encode(), "encoding", id="cp1252"),
        pytest.param(NODES.replace(",", ";").encode(), SPANS.encode(), "missing_column", id="semicolons"),
        pytest.param(NODES.encode(), SPANS.replace("48", '"1,024"').encode(), "bad_value", id="1,024"),
        pytest.param(NODES.encode(), SPANS.replace("1.5", '"1,5"').encode(), "bad_value", id="decimal comma"),
        pytest.param(NODES.encode(), SPANS.replace("2027-01-31", "31/01/2027").encode(), "bad_value", id="dd/mm"),
        pytest.param(NODES.encode(), SPANS.replace("48", "-4").encode(), "bad_value", id="negative"),
        pytest.param(NODES.encode(), SPANS.replace("48", "3.5").encode(), "bad_value", id="fraction of a strand"),
    ],
)
def test_what_spreadsheets_do_is_an_error_of_its_cell_never_a_guess(tmp_path, nodes, spans, code):
    (tmp_path / "nodes.csv").write_bytes(nodes)
    (tmp_path / "spans.csv").write_bytes(spans)
    with pytest.raises(BadInput) as caught:
        read_network(tmp_path)
    assert code in {p.code for p in caught.value.problems}


def test_a_byte_order_mark_and_more_own_use_than_strands_are_read(tmp_path):
    (tmp_path / "nodes.csv").write_bytes(b"\xef\xbb\xbf" + NODES.encode())
    (tmp_path / "spans.csv").write_text(SPANS.replace("fibre_count", "own_use,fibre_count").replace("48", "60,48"))
    assert "own_use_above_installed" in {p.code for p in find(read_network(tmp_path)[0])}
