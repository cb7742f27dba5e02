"""What `cni network check` adds to findings: what a person may do about each, and files of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cni.cli import files, render
from topology.problems import bad_input

SUFFIXES = (".json", ".csv", ".html")
NOTHING, MEND = "Nothing need be done.", "Mend the value and check again."


def with_fixes(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Findings, each with `fix`: the remedy of its code, as `cni explain` tells it."""
    from cni.explanations.codes import EXPLANATIONS

    def fix(finding: dict[str, Any]) -> str:
        known = EXPLANATIONS.get(finding["code"])
        return (known.remedy if known else "") or (NOTHING if finding["level"] == "note" else MEND)

    return [{**finding, "fix": fix(finding)} for finding in findings]


def check_report(path: Path | None) -> None:
    """Refuse early a report that cannot be written. Raises BadInput."""
    if path is None:
        return
    if path.suffix.lower() not in SUFFIXES:
        text = f"-o writes {', '.join(SUFFIXES)}."
        raise bad_input(text, file="-o", value=path.suffix or str(path), code="not_served")
    files.check_target(path, "-o")


def write_report(path: Path | None, document: dict[str, Any], name: str) -> None:
    """Write the findings to a file, where one was asked for; its suffix says the form.

    Raises BadInput where it cannot be written there.
    """
    if path is None:
        return
    from topology.canonical import canonical_bytes
    from topology.checks_report import findings_csv, findings_html

    form = path.suffix.lower()
    if form == ".json":
        data = canonical_bytes(document) + b"\n"
    else:
        data = (findings_csv(document) if form == ".csv" else findings_html(document, name)).encode()
    files.write_atomically(path, data)
    render.note(f"written: {path}")
