"""How findings, the offer and routes are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from cni.views.blocks import Block, Fields, Heading, Para, table
from topology.problems import place_text


def place_of(finding: dict[str, Any]) -> str:
    """`file:line:character:column` of a finding, without the parts that are not given."""
    return place_text(finding["file"], finding["line"], finding["character"], finding["column"])


def check_view(document: dict[str, Any]) -> Iterator[Block]:
    """Each finding, then how many of each level."""
    findings = document["findings"]
    rows = [(f["level"], f["code"], place_of(f), f["value"] or "-", f["text"]) for f in findings]
    yield table("level code ~place ~value* ~text", rows, empty="nothing found")
    if fixes := {f["code"]: f["fix"] for f in findings if f.get("fix")}:
        yield Heading("What to do")
        yield Fields(tuple(sorted(fixes.items())))
    counts = Counter(f["level"] for f in findings)
    words = ", ".join(f"{counts[level]} of level {level}" for level in ("error", "warning", "note") if counts[level])
    yield Para(words or "no findings", "bad" if counts["error"] else "good")


def offer_view(document: dict[str, Any]) -> Iterator[Block]:
    """The four figures behind each span's spare, what changes them, then room and power."""
    yield Heading(f"Spans on {document['on']}, in strands (technical - set aside - sold + returned)")
    spans = document["spans"]
    dated = len({s["from"] for s in spans}) > 1
    figures = ("technical", "set_aside", "sold", "returned", "offered", "pairs")
    rows = [
        (s["id"], *((s["from"],) if dated else ()), *(s[f] for f in figures), *((_causes(s),) if dated else ()))
        for s in spans
    ]
    ahead = ("from ", " ~because") if dated else ("", "")
    yield table(f"span {ahead[0]}>technical >set_aside >sold >returned >offered >pairs*{ahead[1]}", rows)
    for row in spans:
        if row["stranded"]:
            named = " ".join(row["stranded"])
            yield Para(
                f"{row['id']} is out of service from {row['from']} on, with live circuits on it: {named}.", "bad"
            )
    nodes = [n for n in document["nodes"] if n["rack_units"]["installed"] or n["power_w"]["installed"]]
    dated = len({n["from"] for n in nodes}) > 1
    yield Heading("Nodes with room: rack units and watts")
    yield table(
        f"node {'from ' if dated else ''}>units >reserved* >live >offered >watts >W_reserved* >W_live** >W_offered",
        [
            (
                n["id"],
                *((n["from"],) if dated else ()),
                *(
                    n[kind][f]
                    for kind in ("rack_units", "power_w")
                    for f in ("installed", "reserved", "live", "offered")
                ),
            )
            for n in nodes
        ],
    )


CAUSES = {
    "ready_for_service": "ready for service",
    "withdrawn": "withdrawn",
    "recall": "recall",
    "circuit_ends": "ends",
    "circuit_begins": "begins",
}


def _causes(row: dict[str, Any]) -> str:
    """What a row's changes are, in few words."""
    said = (f"{c['circuit'] or ''} {CAUSES[c['what']]} {c['strands']:+d}".strip() for c in row["changes"])
    return ", ".join(said) or "-"


def routes_view(document: dict[str, Any]) -> Iterator[Block]:
    """Per pair the routes with their length and loss, or why there is none."""
    for pair in document["pairs"]:
        yield Heading(f"{pair['a']} to {pair['b']}, diversity {pair['diversity']}")
        for number, route in enumerate(pair["routes"], 1):
            yield Fields(
                (
                    (f"leg {number}", f"{route['length_km']} km, {route['loss_db']} dB"),
                    ("  nodes", " ".join(route["nodes"])),
                    ("  spans", " ".join(route["spans"])),
                )
            )
        if len(pair["routes"]) > 1:
            yield Fields((("both legs", f"{pair['total_km']} km"),))
        if pair["exempt"]:
            yield Para(f"Exempt, as groups of the ends: {_items(pair['exempt'])}.")
        if pair["shared"]:
            yield Para(f"Shared all the same: {_items(pair['shared'])}.")
        if pair["certificate"]:
            yield Para(pair["certificate"]["text"], "bad")
            yield from (Para(_lift(each), indent=2) for each in pair["certificate"]["lifts"])
        if pair["rechecked"]:
            verdict = pair["rechecked"]["verdict"]
            told = f"Checked again by plain code: {VERDICTS[verdict]}. {pair['rechecked']['text']}".strip()
            yield Para(told, "bad" if verdict == "fails" else "good" if verdict == "holds" else "quiet")


VERDICTS = {"holds": "it holds", "fails": "it does not hold", "not_checked": "not decided"}


def _items(items: list[dict[str, str]]) -> str:
    return ", ".join(f"{e['kind']} {e['id']}" for e in items)


def _lift(lift: dict[str, Any]) -> str:
    """What would have to be exempt for a pair to appear."""
    groups = lift["risk_groups"]
    named = f"group {groups[0]}" if len(groups) == 1 else f"groups {' '.join(groups)} together"
    return f"With {named} exempt there is a pair of {lift['total_km']} km in all."
