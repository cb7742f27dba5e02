"""Files that mean harm, or are merely broken, are refused with what to do: nothing runs, expands or crashes."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import network
from topology.formats import exchange
from topology.formats.geopackage_read import shapes
from topology.problems import BadInput, Problem

NET = network("s1 A B 1.5 groups=duct", "s2 B C 2", name="Small")
OUTS = {"ofds": "n.json", "geojson": "nodes.geojson", "gpkg": "n.gpkg", "kml": "n.kml"}


def written(place: Path, form: str) -> Path:
    """The small network in a form; of a pair, the nodes."""
    made = exchange.files(NET, place / ("x.geojson" if form == "geojson" else OUTS[form]), form)
    for path, data in made.items():
        path.with_name(path.name.removeprefix("x_")).write_bytes(data)
    return place / OUTS[form]


def refusal(path: Path) -> Problem:
    """The first problem of reading a file."""
    with pytest.raises(BadInput) as caught:
        exchange.read(path)
    return caught.value.problems[0]


# Bytes


PIECES = st.sampled_from([b"", b"\0", b'"', b"{", b"]", b"<", b"/>", b"&x;", b"1e999", b"NaN", b"\xff\xfe", b"null"])


@pytest.mark.parametrize("form", OUTS)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_a_mangled_file_is_read_or_refused(tmp_path_factory, form, data):
    path = written(tmp_path_factory.mktemp(form), form)
    whole = path.read_bytes()
    for _ in range(data.draw(st.integers(1, 4))):
        at, end = data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, 16))
        whole = whole[:at] + data.draw(PIECES | st.binary(max_size=4)) + whole[at + end :]
    path.write_bytes(whole)
    with contextlib.suppress(BadInput):
        exchange.read(path)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "name", "location", "route", "type", "coordinates", "start", "fibreCount", "fibreLength", "cni", "owner",
                 "transmissionMediumOwner", "supportingInfrastructure", "roles", "status", "deployment", "about", "links"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)  # fmt: skip
ENTITY = st.dictionaries(
    st.sampled_from(["id", "name", "location", "route", "start", "end", "type", "roles", "cni", "fibreCount", "fibreLength",
                     "physicalInfrastructureProvider", "deploymentDetails", "supportingInfrastructure"]),
    VALUES | st.sampled_from(["A", "B", {"type": "Point", "coordinates": [-2.2, 53.4]},
                              {"type": "MultiLineString", "coordinates": [[[-2.2, 53.4], [-2.1, 53.4, 5]]]}]),
    max_size=6,
)  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            k: st.lists(ENTITY, max_size=3) | VALUES
            for k in ("nodes", "spans", "organisations", "cni", "links", "crs", "id", "phases")
        },
    )
)
def test_any_json_in_the_shape_of_a_package_is_read_or_refused(tmp_path_factory, value):
    from topology.formats.ofds_read import network_of_package

    with contextlib.suppress(BadInput):
        net = network_of_package({"networks": [value]}, "x.json").network
        exchange.files(net, Path("x.json"), "ofds")


@given(st.binary(max_size=60))
def test_any_geometry_is_read_or_refused(data):
    import struct

    with contextlib.suppress(ValueError, struct.error, IndexError):
        shapes(b"GP\0" + data)


# JSON


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"networks": [], "networks": []}', "syntax"),
        ('{"networks": [{"nodes": [{"id": NaN}]}]}', "syntax"),
        ("[" * 100 + "]" * 100, "too_deep"),
        ('{"a": 1}\n{"a": 2}', "syntax"),
        ('{"schema": "cni.pack/1"}', "not_ofds"),
        ('{"networks": 3}', "not_ofds"),
        ('{"networks": [{"nodes": 3}]}', "bad_json"),
        ('{"networks": [{"links": [{"rel": "tag:opentelecomdata.net,2022:nodesAPI", "href": "https://x"}]}]}', "elsewhere"),
    ],
)  # fmt: skip
def test_json_that_is_no_package_is_refused(tmp_path, text, code):
    (tmp_path / "n.json").write_text(text)
    assert refusal(tmp_path / "n.json").code == code


# XML


BOMB = '<!DOCTYPE kml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><kml><Document><name>&b;</name></Document></kml>'
OUTSIDE = '<!DOCTYPE kml SYSTEM "file:///etc/passwd"><kml/>'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (BOMB, "xml_doctype"),
        (OUTSIDE, "xml_doctype"),
        ("<kml>" * 100 + "</kml>" * 100, "too_deep"),
        ("<kml><Document></kml>", "syntax"),
        ("<svg/>", "syntax"),
        ("<kml>&unknown;</kml>", "syntax"),
        ("", "syntax"),
    ],
)
def test_xml_that_could_do_harm_is_refused_with_its_line(tmp_path, text, code):
    (tmp_path / "n.kml").write_text(text)
    assert refusal(tmp_path / "n.kml").code == code


# GeoPackage


def changed(tmp_path: Path, *statements: str) -> Path:
    """A GeoPackage of ours that someone ran statements on."""
    path = written(tmp_path, "gpkg")
    with contextlib.closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()
    return path


def test_a_trigger_is_refused_and_index_triggers_are_not(tmp_path):
    rule = "CREATE TRIGGER {} AFTER INSERT ON nodes BEGIN DELETE FROM spans; END"
    assert refusal(changed(tmp_path, rule.format("mine"))).code == "runs_code"
    (tmp_path / "n.gpkg").unlink()
    assert exchange.read(changed(tmp_path, rule.format("rtree_nodes_geom_insert")))[0] == NET


def test_a_layer_that_is_a_view_is_refused(tmp_path):
    path = changed(
        tmp_path, "ALTER TABLE spans RENAME TO s", "CREATE VIEW spans AS SELECT *, randomblob(1000000000) FROM s"
    )
    assert refusal(path).code == "runs_code"


@pytest.mark.parametrize("what", ["upper(id)", "hex(zeroblob(400000000))"])
def test_a_generated_column_cannot_call_functions(tmp_path, what):
    path = changed(tmp_path, f"ALTER TABLE nodes ADD COLUMN x TEXT GENERATED ALWAYS AS ({what})")
    assert refusal(path).code == "runs_code"


def test_a_virtual_table_as_a_layer_is_refused(tmp_path):
    path = changed(tmp_path, "CREATE VIRTUAL TABLE organisations USING fts5(id)")
    assert refusal(path).code == "runs_code"


def test_an_sqlite_file_that_is_no_geopackage_is_refused(tmp_path):
    path = changed(tmp_path, "PRAGMA application_id = 0")
    assert refusal(path).code == "not_geopackage"


def test_a_geopackage_left_in_write_ahead_mode_is_read(tmp_path):
    assert exchange.read(changed(tmp_path, "PRAGMA journal_mode = WAL"))[0] == NET


def test_a_missing_layer_is_named(tmp_path):
    path = changed(tmp_path, "ALTER TABLE spans RENAME TO cables")
    assert (refusal(path).code, refusal(path).column) == ("missing_layer", "spans")


def test_reading_changes_no_byte_and_leaves_no_file(tmp_path):
    path = written(tmp_path, "gpkg")
    before = path.read_bytes()
    exchange.read(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["n.gpkg"]


def test_a_file_above_the_limit_is_refused(tmp_path):
    for name in ("n.gpkg", "n.kml", "n.json"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(50_000_001)
        assert refusal(tmp_path / name).code == "file_too_large"


def test_what_someone_edited_in_a_gis_program_is_believed(tmp_path):
    path = changed(tmp_path, "UPDATE spans SET fibre_count = 96.0, length_km = 1.75 WHERE id = 's1'")
    span = exchange.read(path)[0].spans["s1"]
    assert (span.fibre_count, span.length_m) == (96, 1750)


def test_what_someone_edited_in_the_standard_fields_is_believed(tmp_path):
    path = written(tmp_path, "ofds")
    value = json.loads(path.read_text())
    value["networks"][0]["nodes"][0]["type"] = ["ixp"]
    value["networks"][0]["spans"][0]["fibreCount"] = 12
    path.write_text(json.dumps(value))
    net = exchange.read(path)[0]
    assert (net.nodes["A"].type, net.spans["s1"].fibre_count) == ("ixp", 12)
