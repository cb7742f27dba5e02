"""What the fuzzer found, as small inputs: each was a fault of ours once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cni.rounds.history import noted_heads
from tests.builders import network
from tests.cni.helpers import Cni
from tests.cni.stores import Store
from topology.formats import exchange
from topology.problems import BadInput


@pytest.mark.parametrize(
    "entries", ['"x"', "true", "7", "null", '["x"]', "[null]", '{"a": 1}', "[[]]", '[{"digest": 7}]']
)
def test_a_log_whose_entries_are_none_has_no_head(entries: str) -> None:
    with pytest.raises(BadInput) as caught:
        noted_heads(f'{{"schema": "cni.audit_log/1", "entries": {entries}}}')
    assert caught.value.problems[0].code == "no_head"


def test_a_placemark_of_ours_that_lost_its_id_gets_one(tmp_path: Path) -> None:
    path = tmp_path / "n.kml"
    made = exchange.files(network("s1 A B 1.5"), path, "kml")[path].decode()
    assert '"id":"A"' in made
    path.write_text(made.replace('"id":"A"', '"ix":"A"'))
    with pytest.raises(BadInput) as caught:  # the span's end is gone, and that is said
        exchange.read(path)
    assert {p.code for p in caught.value.problems} == {"dangling"}


def test_organisations_of_a_feature_that_are_no_list_count_as_none(tmp_path: Path) -> None:
    net = network("s1 A B 1.5")
    for name, data in exchange.files(net, tmp_path / "n.geojson", "geojson").items():
        value = json.loads(data)
        for feature in value["features"]:
            feature["properties"]["network"]["organisations"] = 7
        name.write_text(json.dumps(value))
    read, _ = exchange.read(tmp_path / "n_nodes.geojson")
    assert set(read.spans) == {"s1"}


@pytest.mark.parametrize("number", [2**31, 2**63, 10**300])
def test_a_number_that_no_database_keeps_is_told(cni: Cni, store: Store, number: int) -> None:
    for words in (("access", "end", "session", number), ("bill", "show", number), ("round", "confirm", number)):
        found = cni(*words, "--db", store.url)
        assert found.code == 2, found.err


def test_spans_of_a_network_without_nodes_end_nowhere(tmp_path: Path) -> None:
    (tmp_path / "nodes.csv").write_text("id,name,type,lat,lon\n")
    (tmp_path / "spans.csv").write_text("id,start,end,owner,fibre_count,length_km\ns1,A,B,c,12,1.5\n")
    path = tmp_path / "n.json"
    value = json.loads(exchange.files(network("s1 A B 1.5"), path, "ofds")[path])
    del value["networks"][0]["nodes"]
    path.write_text(json.dumps(value))
    for net in (tmp_path, path):
        with pytest.raises(BadInput) as caught:
            exchange.read(net)
        assert {p.code for p in caught.value.problems} == {"dangling"}
