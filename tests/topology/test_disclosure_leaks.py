"""No value that an audience may not see stands anywhere in the bytes of what is written for it, in any form."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from topology.disclosure import disclosed
from topology.formats import exchange
from topology.model import Network, Node, Organisation, RiskGroup, Span

FORMS = {"csv": "x", "ofds": "x.json", "geojson": "x.geojson", "gpkg": "x.gpkg", "kml": "x.kml", "netbox": "x"}

NODE = {
    "id": "SECRETNODE", "name": "Hushed House", "lat": 53.123457, "lon": -2.765433, "owner": "con-hidden",
    "building": "Vault Nine", "rack_units": 7919, "rack_units_reserved": 3571, "power_w": 7_717_000,
    "power_reserved_w": 2_711_000, "risk_groups": ("duct-quiet",), "priority": "prime target", "note": "key under the mat",
    "extra": (("alarm_code", "1379xyz"),),
}  # fmt: skip
SPAN = {
    "id": "SECRETSPAN", "owner": "con-hidden", "fibre_count": 6151, "length_m": 77_377, "name": "Whisper Lane",
    "own_use": 4093, "reserve": 1021, "maintenance_spare": 509, "risk_groups": ("duct-quiet",),
    "ready_for_service": date(2023, 5, 17), "withdrawn_on": date(2039, 8, 23), "deployment": "sewer-b", "fibre_type": "G.657.A9",
    "cuts_per_km_year": 0.013717, "repair_hours": 37.173, "max_pairs_per_member": 613, "note": "unlit after dark",
    "funding_conditions": "hospital until:2031-07-19", "recalls": ((date(2033, 9, 27), 211),),
    "route": ((-2.765433, 53.123457), (-2.711117, 53.155557), (-2.6, 53.2)), "extra": (("supplier", "Sub-Rosa Ltd"),),
}  # fmt: skip

# What must not be found, as it would be written. Members see less of strangers' things than the coordinator, more than the public.
SECRET_FROM_MEMBERS = (
    "53.123457", "2.765433", "3571", "2711", "duct-quiet", "Silent Duct", "prime target", "key under the mat", "1379xyz",
    "alarm_code", "6151", "77377", "77.377", "4093", "1021", "509", "2023-05-17", "2039-08-23", "0.013717", "37.173",
    "unlit after dark", "2033-09-27", "2.711117", "53.155557", "Sub-Rosa", "author of it",
)  # fmt: skip
SECRET_FROM_THE_PUBLIC = (
    *SECRET_FROM_MEMBERS, "SECRETNODE", "SECRETSPAN", "Hushed", "con-hidden", "Undisclosed Estates", "Vault Nine", "7919",
    "7717", "Whisper", "sewer-b", "G.657.A9", "613", "hospital", "2031-07-19", "isp-quiet", "Murmur", "SECRETCAB",
    "Locked Cabinet", "53.1235", "2.7654", "tia-598",
)  # fmt: skip


def network() -> Network:
    """A node and a span full of secrets, an open one beside them, a cabinet."""
    open_node = Node("OPEN", "Open House", "exchange", 53.2, -2.6, owner="con-open", disclosure="public")
    nodes = [
        Node(type="data_centre", **NODE),
        open_node,
        Node("SECRETCAB", "Locked Cabinet", "cabinet", 53.15, -2.6),
    ]
    spans = [Span(start="SECRETNODE", end="OPEN", **SPAN), Span("c", "OPEN", "SECRETCAB", "con-hidden", 10, 6000)]
    members = [
        Organisation("con-hidden", "Undisclosed Estates", ("contributor",)),
        Organisation("con-open", "Open Estates", ("contributor",)),
        Organisation("isp-quiet", "Murmur Net", ("user",)),
    ]
    groups = [RiskGroup("duct-quiet", "Silent Duct", "duct", 0.013717)]
    return Network.build(
        nodes, spans, groups, members, id="spine", name="Spine", extra=(("author", "author of it"),), colours="tia-598"
    )


def everything(net: Network, form: str, tmp_path: Path) -> str:
    """All bytes of all files as text, and whatever SQLite tells of them."""
    made = exchange.files(net, tmp_path / FORMS[form], form)
    texts = [str(path.relative_to(tmp_path)) + "\n" + data.decode("latin-1") for path, data in made.items()]
    if form == "gpkg":
        (tmp_path / "x.gpkg").write_bytes(next(iter(made.values())))
        texts += list(sqlite3.connect(tmp_path / "x.gpkg").iterdump())
    return "\n".join(texts)


def holds(text: str, secret: str) -> bool:
    """Whether a secret stands in a text; a number only where no other digit makes it part of a longer one."""
    if secret.replace(".", "").isdigit():
        return re.search(rf"(?<![0-9a-f.]){re.escape(secret)}(?![0-9a-f])", text) is not None
    return secret in text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("audience", "member", "secrets"),
    [
        ("public", None, SECRET_FROM_THE_PUBLIC),
        ("member", None, SECRET_FROM_MEMBERS),
        ("member", "isp-quiet", SECRET_FROM_MEMBERS),
    ],
)
def test_nothing_that_was_dropped_stands_in_the_bytes(tmp_path, form, audience, member, secrets):
    text = everything(disclosed(network(), audience, member), form, tmp_path)
    assert not [secret for secret in secrets if holds(text, secret)]


@pytest.mark.parametrize("form", ["csv", "ofds", "geojson", "gpkg", "kml"])
def test_the_test_would_see_each_secret(tmp_path, form):
    """In the whole network each secret is found, so that its absence above means something."""
    whole = everything(network(), form, tmp_path)
    rounded = ("77377", "53.1235", "2.7654")  # forms that are never written exactly so
    packed = ("53.123457", "2.765433", "2.711117", "53.155557") if form == "gpkg" else ()  # numbers in binary there
    numbers = ("2711", "7717", "3571", "77.377")  # 2711.000, as text or number
    for secret in SECRET_FROM_THE_PUBLIC:
        if secret not in (*rounded, *packed, *numbers):
            assert holds(whole, secret), secret


def test_exact_positions_are_not_in_the_binary_geometry_either(tmp_path):
    import struct

    for audience in ("public", "member"):
        (data,) = exchange.files(disclosed(network(), audience), tmp_path / "x.gpkg", "gpkg").values()
        for number in (53.123457, -2.765433, -2.711117, 53.155557):
            assert struct.pack("<d", number) not in data


def test_an_owner_sees_its_own(tmp_path):
    text = everything(disclosed(network(), "member", "con-hidden"), "csv", tmp_path)
    assert all(holds(text, secret) for secret in ("53.123457", "4093", "2023-05-17", "unlit after dark"))
    assert not holds(text, "1379xyz")


def test_a_hidden_span_takes_its_strands_out_of_every_figure(tmp_path):
    net = network()
    hidden = replace(net, spans={k: replace(s, disclosure="internal") for k, s in net.spans.items()})
    text = everything(disclosed(hidden, "member"), "csv", tmp_path)
    assert "SECRETSPAN" not in text
