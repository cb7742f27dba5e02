"""`cni bill analysis` on the command line: its schema, its sum, the same bytes again."""

from __future__ import annotations

from pathlib import Path

import pytest

from cni.schemas.published import json_schema
from tests.cni.helpers import Cni
from tests.cni.test_schemas import faults

COMMAND = ("--circuits", "circuits.csv", "--tariff", "tariff.toml", "--period", "2027-01-01/2028-01-01")


def test_what_contributors_add_sums_to_what_all_bring(cni: Cni, net: Path):
    done = cni("bill", "analysis", net, *COMMAND, "--policy", "policy.toml", "--json")
    assert (done.code, list(faults(done.document, json_schema("cni.contribution/1")))) == (0, [])
    assert sum(row["adds_pence"] for row in done.document["contributors"]) == pytest.approx(
        done.document["worth_pence"]
    )
    assert {row["contributor"] for row in done.document["contributors"]} == {"council", "tram"}
    told = cni("bill", "analysis", net, *COMMAND, "--policy", "policy.toml").out
    assert "advice and never a fee" in told
    Path("greedy.toml").write_text("[fees]\nrate = 9\n")
    greedy = cni("bill", "analysis", net, *COMMAND, "--policy", "greedy.toml", "--json")
    assert list(faults(greedy.document, json_schema("cni.contribution/1"))) == []
    assert {row["contributor"] for row in greedy.document["shortfall"]} == {"council", "tram"}
    assert "talmud" in cni("bill", "analysis", net, *COMMAND, "--policy", "greedy.toml").out


def test_above_twelve_contributors_orders_are_drawn_and_the_error_is_told(cni: Cni, net: Path):
    spans = net / "spans.csv"
    head, *rows = spans.read_text().splitlines()
    more = [f"x{n},A,C,owner{n:02},12,3.5,4,2," for n in range(13)]
    spans.write_text("\n".join([head, *rows, *more]) + "\n")
    one, two = (cni("bill", "analysis", net, *COMMAND, "--json") for _ in range(2))
    assert (one.code, one.out) == (0, two.out)
    assert (one.document["exact"], one.document["orders"]) == (False, 400)
    assert any(row["error_pence"] for row in one.document["contributors"])
    assert "standard error" in cni("bill", "analysis", net, *COMMAND).out
