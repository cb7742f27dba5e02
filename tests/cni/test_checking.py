"""`cni network check -o`: the findings as CSV, as a page, as JSON; each with a fix."""

from __future__ import annotations

import csv
import json
from html import unescape
from pathlib import Path

import pytest

from cni.explanations import EXPLANATIONS
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


def test_every_error_and_warning_of_the_checks_tells_what_to_do() -> None:
    source = (ROOT / "topology" / "checks.py").read_text()
    codes = {code for code, e in EXPLANATIONS.items() if e.kind == "finding" and f'"{code}"' in source}
    assert len(codes) > 15
    assert not [code for code in codes if not EXPLANATIONS[code].remedy]
