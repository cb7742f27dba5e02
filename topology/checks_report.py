"""Findings as files for people: CSV for a spreadsheet, and one HTML page that makes no request and prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html import escape
from typing import Any

from topology.files.table_text import quoted
from topology.page import page
from topology.problems import place_text

Json = dict[str, Any]
COLUMNS = ("level", "code", "file", "line", "character", "column", "value", "text", "fix")
SIGNS = {"error": "✕", "warning": "▲", "note": "●"}
"""A sign beside each level, so that colour is not the only cue."""

STYLE = """
@page{margin:14mm}
body{font:15px/1.45 system-ui,"Helvetica Neue",Arial,sans-serif;color:#1a1a1a;background:#fff;max-width:1200px;margin:2em auto;padding:0 1em}
h1{font-size:1.6em;margin:0 0 .2em}h2{font-size:1.15em;margin:1.6em 0 .4em}p{margin:.3em 0}
.label{display:inline-block;background:#1a1a1a;color:#fff;font-weight:700;padding:.1em .6em}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #999;padding:.3em .5em;text-align:left;vertical-align:top}
th{background:#eee}td.code{white-space:nowrap;font-family:ui-monospace,monospace;font-size:.9em}td.value{overflow-wrap:anywhere;min-width:9em}
.error{color:#a83c00}.warning{color:#7a5300}.note{color:#005a8c}thead{display:table-header-group}tr{break-inside:avoid}
"""


def findings_csv(document: Json) -> str:
    """The findings of a `cni.check/1` document as CSV, one row each.

    A cell that a spreadsheet would take for a formula gets an apostrophe ahead (OWASP, "CSV Injection").
    """
    rows = [COLUMNS, *([str(finding[c] or "") for c in COLUMNS] for finding in document["findings"])]
    return "".join(",".join(quoted(_harmless(cell)) for cell in row) + "\n" for row in rows)


def _harmless(cell: str) -> str:
    if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not cell[1:].replace(".", "", 1).isdigit():
        return "'" + cell
    return cell


def findings_html(document: Json, name: str) -> str:
    """The findings as one page, by level and code; `name` says what was checked."""
    return page(f"Check of {name}", "".join(_body(document, name)), STYLE)


def _body(document: Json, name: str) -> Iterator[str]:
    findings = document["findings"]
    counts = Counter(f["level"] for f in findings)
    said = ", ".join(f"{counts[level]} of level {level}" for level in SIGNS if counts[level]) or "no findings"
    yield f"<h1>Check of {escape(name)}</h1>\n<p>"
    yield f"On {document['on']}: " if document["on"] else "Not readable as a network: "
    yield f"{said}."
    if document.get("illustrative"):
        yield ' <span class="label">ILLUSTRATIVE</span>'
    yield "</p>\n"
    for level, sign in SIGNS.items():
        if counts[level]:
            yield f'<h2 class="{level}">{sign} {counts[level]} of level {level}</h2>\n<table><thead><tr>'
            yield "<th>place<th>value<th>what<th>fix<th>code</tr></thead><tbody>\n"
            yield from (_row(f, sign) for f in findings if f["level"] == level)
            yield "</tbody></table>\n"


def _row(finding: Json, sign: str) -> str:
    place = place_text(finding["file"], finding["line"], finding["character"], finding["column"])
    cells = (
        ("code", f"{sign} {place}"),
        ("value", finding["value"]),
        ("", finding["text"]),
        ("", finding["fix"]),
        ("code", finding["code"]),
    )
    return "<tr>" + "".join(f'<td class="{kind}">{escape(text)}' for kind, text in cells) + "</tr>\n"
