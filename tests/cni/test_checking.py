"""`cni network check -o`: the findings as CSV, as a page, as JSON; each with a fix."""

from __future__ import annotations

import csv
import json
from html import unescape
from pathlib import Path

import pytest

from cni.explanations.codes import EXPLANATIONS
from tests.cni.helpers import ROOT, Cni
from topology.checks_report import COLUMNS


def test_each_finding_has_file_line_value_and_fix(cni: Cni, net: Path) -> None:
    rows = (net / "spans.csv").read_text().replace("ab,A,B,council,12,1.5,4", "ab,A,B,council,12,1.5,40")
    (net / "spans.csv").write_text(rows)
    finding = next(f for f in cni("network", "check", net, "--json").document["findings"] if f["level"] == "error")
    assert {k: finding[k] for k in ("file", "line", "column", "value", "fix")} == {
        "file": "spans.csv",
        "line": 2,
        "column": "own_use",
        "value": "40",
        "fix": "Maybe the two columns are swapped.",
    }


def test_the_findings_are_written_as_csv_json_and_a_page_with_the_same_content(cni: Cni, net: Path) -> None:
    for file in ("f.csv", "f.json", "f.html"):
        assert cni("network", "check", net, "-o", file).code == 0
    document = json.loads((cni.folder / "f.json").read_text())
    with (cni.folder / "f.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == COLUMNS
    assert [r["text"] for r in rows] == [f["text"] for f in document["findings"]]
    page = unescape((cni.folder / "f.html").read_text())
    assert all(f["text"] in page and f["fix"] in page for f in document["findings"])


def test_the_page_allows_no_request_and_escapes_what_the_file_says(cni: Cni, net: Path) -> None:
    (net / "spans.csv").write_text("id,start,end,owner,fibre_count,length_km\nx,A,<img src=//x>,o,1,1\n")
    assert cni("network", "check", net, "-o", "f.html").code == 2
    page = (cni.folder / "f.html").read_text()
    assert "default-src 'none'; style-src 'sha256-" in page
    assert "<img" not in page


def test_a_value_that_a_spreadsheet_would_run_is_made_text(cni: Cni, net: Path) -> None:
    (net / "spans.csv").write_text("id,start,end,owner,fibre_count,length_km\nx,A,=1+1,o,1,-1\n")
    cni("network", "check", net, "-o", "f.csv")
    with (cni.folder / "f.csv").open() as stream:
        values = {r["column"]: r["value"] for r in csv.DictReader(stream)}
    assert values["end"] == "'=1+1"


@pytest.mark.parametrize("words", [("-o", "f.pdf"), ("-o", "no/such/f.csv"), ("--within-m", "0")])
def test_what_cannot_be_done_is_refused_at_once(cni: Cni, net: Path, words: tuple[str, ...]) -> None:
    assert cni("network", "check", net, *words).code == 2


def test_spans_that_run_side_by_side_are_proposed_at_the_distance_asked_for(cni: Cni, net: Path) -> None:
    with (net / "spans.csv").open("a") as file:
        file.write("ab2,A,B,tram,12,1.6,4,2,\n")
    assert "parallel_no_group" in cni("network", "check", net).out
    assert "parallel_no_group" not in cni("network", "check", net, "--over-m", "5000").out


def test_every_code_of_reading_and_checking_a_network_tells_what_to_do() -> None:
    """Only what the program mended without loss asks for nothing."""
    files = (ROOT / "topology").rglob("*.py")
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    codes = {code for code, e in EXPLANATIONS.items() if e.kind in ("finding", "input") and f'"{code}"' in source}
    assert len(codes) > 70
    mended = {"decimals", "height", "id_not_text", "fibre_type_tidied", "route_turned", "fields_kept"}
    asked = {
        "bad_usage",
        "broken_leg",
        "leg_with_loop",
        "same_ends",
        "wrong_kind",
        "unknown_id",
        "unwritable",
        "yaml_anchor",
        "yaml_tag",
    }
    assert {code for code in codes if not EXPLANATIONS[code].remedy} <= mended | asked


@pytest.mark.parametrize("file", ["f.csv", "f.json", "f.html"])
def test_a_network_that_cannot_be_read_is_reported_with_a_fix_in_every_form(cni: Cni, net: Path, file: str) -> None:
    (net / "spans.csv").write_text("id,start,end,owner,fibre_count,length_km\nx,A,nowhere,o,1,1\n")
    assert cni("network", "check", net, "-o", file).code == 2
    assert EXPLANATIONS["dangling"].remedy in unescape((cni.folder / file).read_text())


def test_the_fix_of_each_finding_is_printed(cni: Cni, net: Path) -> None:
    done = cni("network", "check", net)
    findings = cni("network", "check", net, "--json").document["findings"]
    assert findings
    printed = " ".join(done.out.split())
    assert all(f["fix"] in printed for f in findings)


def test_one_of_several_networks_is_checked(cni: Cni, net: Path) -> None:
    assert cni("network", "convert", net, "one.json").code == 0
    one = json.loads((cni.folder / "one.json").read_text())["networks"][0]
    (cni.folder / "two.json").write_text(json.dumps({"networks": [one, {**one, "id": "x", "name": "Other"}]}))
    assert cni("network", "check", "two.json").code == 2
    assert cni("network", "check", "two.json", "--network", "Other").code == 0
