"""Every code that the source can say is explained."""

from __future__ import annotations

import re

from cni.explanations.codes import EXPLANATIONS
from tests.cni.helpers import ROOT, Cni

SAID = re.compile(
    r'code="([a-z][a-z_0-9]+)"|"([a-z_]+)", "(?:error|warning|note)"|"(?:error|warning|note)",\s*"([a-z_]+)"'
)


def test_each_code_in_the_source_is_explained() -> None:
    said: dict[str, str] = {}
    for room in ("topology", "allocation", "billing", "scenarios", "cni"):
        for file in (ROOT / room).rglob("*.py"):
            for match in SAID.finditer(file.read_text(encoding="utf-8")):
                said[match[1] or match[2] or match[3]] = file.name
    plain = {"error", "warning", "note", "yellow"}
    missing = {code: file for code, file in said.items() if code not in EXPLANATIONS and code not in plain}
    assert not missing


def test_each_check_of_a_verification_is_explained() -> None:
    said = re.compile(r'(?:fail|note|equal|looked_at)\(\s*"([A-Za-z0-9 -]+)"')
    files = (ROOT / "allocation" / "verify").glob("*.py")
    codes = {code for file in files for code in said.findall(file.read_text(encoding="utf-8"))}
    assert codes
    assert not codes - EXPLANATIONS.keys()


def test_each_explanation_has_a_meaning_that_is_a_sentence() -> None:
    assert not [
        e.code for e in EXPLANATIONS.values() if not (e.meaning.endswith(".") and e.meaning[0].upper() == e.meaning[0])
    ]


def test_an_unknown_code_is_answered_with_those_that_look_like_it(cni: Cni) -> None:
    done = cni("explain", "spanfull")
    assert (done.code, done.out) == (2, "")
    assert "Maybe span_full" in done.err


def test_explain_gives_the_document_too(cni: Cni) -> None:
    assert cni("explain", "fair_share", "--json").document["kind"] == "reason"


def test_no_code_means_two_things() -> None:
    from collections import Counter

    from cni.explanations.codes import _TABLES

    counts = Counter(row[0] for rows in _TABLES.values() for row in rows)
    assert [code for code, count in counts.items() if count > 1] == []
