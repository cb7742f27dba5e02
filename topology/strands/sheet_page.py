"""A sheet as one HTML page that prints on A4: it makes no request (`page.py`) and runs no script, and every colour stands
beside its name and number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from topology.colours import HUES
from topology.page import page

Json = dict[str, Any]
MOST_RINGS = 3
"""Rings that a swatch shows; the words beside it count them all."""


BASE = """
@page{size:A4;margin:14mm 12mm}
*{box-sizing:border-box}
body{font:10pt/1.35 system-ui,"Helvetica Neue",Arial,sans-serif;color:#111;background:#fff;max-width:186mm;margin:8mm auto;padding:0 4mm}
h1{font-size:16pt;margin:0 0 1mm}h2{font-size:12.5pt;margin:6mm 0 1mm;border-top:.6mm solid #111;padding-top:2mm}
h3{font-size:10.5pt;margin:4mm 0 1mm}p{margin:1mm 0}
.label{display:inline-block;border:.4mm solid #111;padding:.5mm 2mm;font-weight:600}
table{border-collapse:collapse;width:calc(100% - .4mm);margin:1mm 0 3mm}
th,td{border:.2mm solid #777;padding:.7mm 1.4mm;text-align:left;vertical-align:middle}
th{background:#eee;font-weight:600}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
h2,h3,h3+p{break-after:avoid}
thead{display:table-header-group}tr{break-inside:avoid}section{break-before:page}section.first{break-before:auto}
td{font-size:8.5pt}.p{white-space:nowrap}
.sw{display:inline-block;width:4mm;height:3mm;border:.3mm solid #111;vertical-align:-.5mm;margin-right:1mm}
.cross{font-weight:700}.blank{min-width:11mm}.tick{width:6mm;text-align:center}
.note{color:#333;font-size:9pt}
@media screen and (max-width:600px){table{display:block;overflow-x:auto}}
@media print{body{margin:0;padding:0;max-width:none}.sw,th{-webkit-print-color-adjust:exact;print-color-adjust:exact}a{color:inherit}}
"""


def sheet_page(document: Json) -> str:
    """The page of a `cni.sheet/1`: a section per circuit, or only the schedule of the node where one was asked for."""
    title = _title(document)
    return page(title, "".join(_body(document, title)), _style())


def _style() -> str:
    hues = "".join(f".c-{name}{{background-color:{hue}}}" for name, hue in HUES.items())
    return BASE + hues + "".join(_stripes(dark, n) for dark in (True, False) for n in range(1, MOST_RINGS + 1))


def _stripes(dark: bool, count: int) -> str:
    """Rings round a strand beyond the twelfth: black, and white on what is black."""
    ink = "#111" if dark else "#fff"
    bands = []
    for n in range(count):
        at = 100 * (n + 1) // (count + 1)
        bands += [f"transparent {at - 6}%", f"{ink} {at - 6}%", f"{ink} {at + 6}%", f"transparent {at + 6}%"]
    return f".{'s' if dark else 'w'}{count}{{background-image:linear-gradient(90deg,{','.join(bands)})}}"


def _title(document: Json) -> str:
    if document["node"]:
        return f"Splice schedule of node {document['node']}"
    named = [c["circuit"] for c in document["circuits"]]
    return (
        f"Connection report of circuit {named[0]}"
        if len(named) == 1
        else f"Connection reports of {len(named)} circuits"
    )


def _body(document: Json, title: str) -> Iterator[str]:
    code = document["colours"]
    whose = f", for {escape(document['for'])}" if document["for"] else ""
    yield f"<h1>{escape(title)}</h1>\n<p>{escape(document['network'] or 'Network')}, as on {document['on']}{whose}."
    if document["illustrative"]:
        yield ' <span class="label">Illustrative data</span>'
    yield f"</p>\n<p class=note>Colours: {escape(code['code'])}, {code['strands_per_tube']} strands a tube. "
    yield "Strands are numbered from 1. Port SPAN/NUMBER is on the frame of the span. Straight: both strands of a splice have "
    yield "the same number; CROSSED: they have not.</p>\n"
    for lack in document["unplaced"]:
        yield f"<p class=cross>Circuit {escape(lack['circuit'])}, leg {lack['leg']}: no two strands of span "
        yield f"{escape(lack['span'])} are free for its whole term.</p>\n"
    if document["node"]:
        yield from _node_part(document["nodes"])
        return
    for number, sheet in enumerate(document["circuits"]):
        yield from _circuit(sheet, "first" if number == 0 else "")
    if len(document["circuits"]) > 1:
        yield "<section><h1>Schedule by node</h1>\n"
        yield from _node_part(document["nodes"])
        yield "</section>\n"


def _circuit(sheet: Json, kind: str) -> Iterator[str]:
    term = f"{sheet['start']} to {sheet['end'] or 'open'}"
    state = "strands as recorded" if sheet["recorded"] else "strands proposed, not yet recorded"
    yield f'<section class="{kind}"><h2>Circuit {escape(sheet["circuit"])}</h2>\n'
    yield f"<p>Member {escape(sheet['member'])}, {term}; {state}.</p>\n"
    for leg in sheet["legs"]:
        loss = leg["loss_db"]
        yield f"<h3>Leg {leg['leg']}: {escape(leg['a'])} to {escape(leg['b'])}, {leg['length_km']} km</h3>\n"
        yield f"<p>Expected loss: 1310 nm <b>{loss['1310']} dB</b>, 1550 nm <b>{loss['1550']} dB</b>. "
        yield f"Splices: {len(leg['splices'])}, of them crossed: {leg['cross_splices']}."
        if leg["not_neighbours"]:
            yield f" Strands that are no neighbours in one tube: {escape(' '.join(leg['not_neighbours']))}."
        yield "</p>\n"
        if leg["placed"]:
            yield from _spans(leg)
            yield from _work(leg)
    yield "</section>\n"


def _spans(leg: Json) -> Iterator[str]:
    yield "<table><thead><tr><th>span<th>from<th>to<th class=n>km<th>strand A<th>strand B</tr></thead><tbody>\n"
    for span in leg["spans"]:
        name = f"{span['span']} {span['name']}".strip()
        yield f"<tr><td>{escape(name)}<td>{escape(span['from'])}<td>{escape(span['to'])}<td class=n>{span['length_km']}"
        yield "".join(f"<td>{_strand(s)}" for s in span["strands"]) + "</tr>\n"
    yield "</tbody></table>\n"


def _work(leg: Json) -> Iterator[str]:
    """Ports and splices in the order of the way from a to b, with room to tick off and to write the measured loss."""
    head = "<th>at<th>work<th>from<th>to<th>dB<th class=tick>✓"
    yield f"<table><thead><tr>{head}</tr></thead><tbody>\n"
    start, end = leg["ports"]
    for port in start["ports"]:
        yield _line(start["node"], "port", f"port {escape(port['port'])}", f"{escape(start['span'])}: {_strand(port)}")
    for splice in leg["splices"]:
        yield _splice_line(splice["node"], splice)
    for port in end["ports"]:
        yield _line(end["node"], "port", f"{escape(end['span'])}: {_strand(port)}", f"port {escape(port['port'])}")
    yield "</tbody></table>\n"


def _splice_line(first: str, splice: Json) -> str:
    work = "straight" if splice["straight"] else "CROSSED"
    frm, to = (f"{escape(splice[s])}: {_strand(splice[k])}" for s, k in (("span_in", "from"), ("span_out", "to")))
    return _line(first, work, frm, to)


def _line(at: str, work: str, frm: str, to: str) -> str:
    mark = " class=cross" if "CROSSED" in work else ""
    return f"<tr><td>{escape(at)}<td{mark}>{work}<td>{frm}<td>{to}<td class=blank><td class=tick>☐</tr>\n"


def _node_part(nodes: Iterable[Json]) -> Iterator[str]:
    for node in nodes:
        yield f"<h3>Node {escape(node['node'])}, {escape(node['name'])}</h3>\n"
        yield "<table><thead><tr><th>circuit<th>work<th>from<th>to<th>dB<th class=tick>✓</tr></thead><tbody>\n"
        for port in node["ports"]:
            who = f"{port['circuit']} leg {port['leg']}"
            yield _line(who, "port", f"{escape(port['span'])}: {_strand(port)}", f"port {escape(port['port'])}")
        for splice in node["splices"]:
            yield _splice_line(f"{splice['circuit']} leg {splice['leg']}", splice)
        yield "</tbody></table>\n"


def _strand(strand: Json) -> str:
    """Number, then tube and place, each with a swatch, its colour's name and its number."""
    tube = f"{_swatch(strand['tube_colour'])}tube {strand['tube']} {escape(strand['tube_colour'])}"
    place = f"{_swatch(strand['colour'])}{strand['place']} {escape(strand['colour'])}"
    return f"<b>{strand['number']}</b> <span class=p>{tube}</span> <span class=p>{place}</span>"


def _swatch(colour: str) -> str:
    name, _, rings = colour.partition(", ")
    mark = f" {'w' if name == 'black' else 's'}{min(MOST_RINGS, int(rings.split()[0]))}" if rings else ""
    return f'<span class="sw c-{name}{mark}" aria-hidden="true"></span>'
