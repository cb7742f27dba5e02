"""`cni scenario availability --tariff`: expected downtime as money."""

from __future__ import annotations

from pathlib import Path

from cni.schemas.published import json_schema
from tests.cni.helpers import Cni
from tests.cni.test_schemas import faults

CREDIT = "\n[credit]\nshare_per_hour = 0.02\ncap_share = 0.4\n"


def test_the_most_that_a_tariff_gives_back_stands_beside_the_minutes(cni: Cni, net: Path, tmp_path: Path):
    tariff = tmp_path / "tariff.toml"
    command = ("scenario", "availability", net, "--circuits", "circuits.csv", "--tariff", "tariff.toml")
    refused = cni(*command)
    assert (refused.code, refused.out) == (2, "")
    assert "[credit]" in refused.err
    tariff.write_text(tariff.read_text() + CREDIT)
    done = cni(*command, "--json")
    assert (done.code, list(faults(done.document, json_schema("cni.availability/1")))) == (0, [])
    credits = done.document["credits"]
    for total in credits["total"]:
        for rows in (credits["circuits"], credits["members"]):
            assert sum(r["at_most_pence"] for r in rows if r["scale"] == total["scale"]) == total["at_most_pence"]
    by_scale = {row["scale"]: row["at_most_pence"] for row in credits["total"]}
    assert 0 < by_scale["0.25"] < by_scale["1"] < by_scale["4"]
    assert done.document["inputs"]["tariff"]
    assert "at most, in GBP" in cni(*command).out
