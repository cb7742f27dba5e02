"""No file makes a traceback: whatever the bytes, the answer is a value or `BadInput`."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.files.requests import policy_from_json, read_policy, read_requests, requests_from_json
from tests.builders import network
from topology.files.circuits import read_circuits
from topology.files.csv_folder import read_network
from topology.files.json_form import circuits_from_json, network_from_json
from topology.problems import BadInput

SEEDS = {
    "nodes.csv": 'id,name,type,lat,lon,key,power_kw\nA,"Al ""x""\n",pop,53.48,-2.24,yes,1.5\nB,b,pop,1e-3,0,,\n',
    "spans.csv": "id,start,end,owner,fibre_count,length_km,risk_groups,withdrawn_on\ns,A,B,o,48,1.5,x y,2027-01-01\n",
    "network.toml": 'name = "N"\nas_of = 2027-01-04\n[defaults.spans]\nown_use = 4\n',
    "circuits.csv": "id,member,start,end,legs,node\nc,m,2027-01-04,,s|t,\n",
    "requests.csv": "id,member,kind,a,b,pairs,received\nr,m,fibre,A,B,2,2027-01-01T00:00:00+01:00\n",
    "requests.json": '{"requests": [{"id": "r", "pairs": 1.5e3, "avoid": ["span:s", null], "x": {"y": [true]}}]}',
    "requests.yaml": "- id: r\n  kind: fibre\n  avoid: [span:s, {a: b}]\n- 'x': \"\\u00e9\"\n",
    "policy.toml": '[cap]\nshare = 0.4\n[gate]\ncloses = 2027-01-03T12:00:00Z\n[order]\nties = ["lot"]\n[fees]\nrate = 1\n',
}
BITS = [
    b"",
    b"\0",
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\xff",
    b"{",
    b"[",
    b":",
    b"- ",
    b"&a ",
    b"1e9",
    b"nan",
    b"\xe2\x80\xae",
    b"9999-12-31",
    b"=",
    b"]",
]


@st.composite
def mangled(draw: st.DrawFn, name: str) -> bytes:
    """A good file with a few cuts, insertions and repetitions."""
    data = SEEDS[name].encode()
    for _ in range(draw(st.integers(0, 4))):
        at, end = draw(st.integers(0, len(data))), draw(st.integers(0, 12))
        data = data[:at] + draw(st.sampled_from(BITS) | st.binary(max_size=4)) + data[at + end :]
    return data


@pytest.mark.parametrize("name", sorted(SEEDS))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_mangled_file_is_read_or_refused(tmp_path_factory, name, data):
    path = tmp_path_factory.mktemp("bad", numbered=True)
    for other in ("nodes.csv", "spans.csv"):
        (path / other).write_text(SEEDS[other], encoding="utf-8")
    (path / name).write_bytes(data.draw(mangled(name)))
    with contextlib.suppress(BadInput):
        if name.startswith("requests"):
            read_requests(path / name, network("s A B 1"))
        elif name == "policy.toml":
            read_policy(path / name)
        elif name == "circuits.csv":
            read_circuits(path / name, network("s A B 1", "t A B 1"))
        else:
            read_network(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "nodes", "spans", "about", "lat", "legs", "cap", "share", "fees"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_any_json_value_of_a_pack_is_read_or_refused(value):
    for read in (network_from_json, policy_from_json, requests_from_json):
        with contextlib.suppress(BadInput):
            read(value)
    with contextlib.suppress(BadInput):
        circuits_from_json(value, network("s A B 1"))
