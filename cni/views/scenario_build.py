"""How a build is shown: what, for how much, why, and what else there is to choose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cni.views.blocks import Block, Fields, Heading, Para, table

LEVELS = {"survives": "survive any one failure", "disjoint": "have two risk-disjoint routes"}


def build_view(document: dict[str, Any]) -> Iterator[Block]:
    """What to build, what it costs, why each span is needed; or why nothing helps."""
    if document.get("goal") == "requests":
        yield from _requests(document)
    elif "goal" in document:
        yield from _budget(document)
    else:
        yield from _cheapest(document)
    if document["reasons"]:
        yield Heading("Build, and why")
        yield table("span ~why", [tuple(reason.split(": ", 1)) for reason in document["reasons"]])
    elif document["chosen"]:
        yield Para("Build: " + " ".join(document["chosen"]))
    yield from _others(document)
    yield from _curve(document)
    yield from _carbon(document)


def _pounds(pence: int) -> str:
    return f"{pence // 100:,}.{pence % 100:02d}"


def _span_of(interval: dict[str, int]) -> str:
    low, high = interval["low"], interval["high"]
    return str(low) if low == high else f"{low} to {high}"


def _cheapest(document: dict[str, Any]) -> Iterator[Block]:
    before, after = (document[f"key_pairs_protected_{when}"]["low"] for when in ("before", "after"))
    yield Heading(f"So that the key nodes {LEVELS[document['level']]}")
    rows = [("key pairs", str(document["key_pairs"])), ("protected today", str(before))]
    if document["witness"]:
        yield Para(f"Nothing helps: {document['witness']['text']}.", "bad")
        rows.append(("with all candidates", str(after)))
    else:
        rows += [("after", str(after)), ("cost", f"{_pounds(document['cost_pence'])} GBP"), ("proof", _proof(document))]
    yield Fields(tuple(rows))


def _proof(document: dict[str, Any]) -> str:
    return "nothing cheaper does" if document["proof"] == "optimal" else f"at least {_pounds(document['bound_pence'])}"


def _budget(document: dict[str, Any]) -> Iterator[Block]:
    found, weighted = document["class"], document["weighted_pairs"]
    yield Heading(f"The best for {_pounds(document['budget_pence'])} GBP")
    rows = [("cost", f"{_pounds(document['cost_pence'])} GBP"), ("key pairs", str(document["key_pairs"]))]
    if found:
        rows.append((f"that all {LEVELS[document['level']]}", _set(found, weighted is not None)))
    rows.append(("protected today", _span_of(document["key_pairs_protected_before"])))
    rows.append(("protected after", _span_of(document["key_pairs_protected_after"])))
    if weighted:
        rows.append(("by weight", f"{weighted['value']:,} of at most {weighted['bound']:,}"))
    yield Fields(tuple(rows))
    if found and found["members"]:
        yield Para("They are: " + " ".join(found["members"]))


def _set(found: dict[str, Any], weighted: bool) -> str:
    most = "proved the most" if found["weight"] == found["bound"] else f"at most {found['bound']}"
    heavy = f" of weight {found['weight']}" if weighted else ""
    return f"{found['size']} key nodes{heavy} ({most})"


def _requests(document: dict[str, Any]) -> Iterator[Block]:
    asked = document["requests"]
    yield Heading(f"The most requests granted in full for {_pounds(document['budget_pence'])} GBP")
    yield Fields(
        (
            ("requests", str(asked["of"])),
            ("granted today, at most", _span_of(asked["before"])),
            ("granted after, at most", _span_of(asked["after"])),
            ("cost", f"{_pounds(document['cost_pence'])} GBP"),
            ("proof", "no other choice does better or as well for less" if document["proof"] == "optimal" else "open"),
            ("newly possible", " ".join(asked["gained"]) or "none"),
        )
    )
    yield Para(
        "Counted is what some award could grant under the policy's clauses, all at once; a round levels members first, so it may "
        "grant others, and fewer.",
        "quiet",
    )


def _others(document: dict[str, Any]) -> Iterator[Block]:
    if not document.get("alternatives"):
        return
    yield Heading("The next cheapest, each without some span of those before")
    least = document["cost_pence"]
    yield table(
        ">cost >more >carbon_kg ~spans",
        [
            (
                _pounds(other["cost_pence"]) + ("" if other["proof"] == "optimal" else " (not proved)"),
                _pounds(other["cost_pence"] - least),
                other["carbon"]["kg"] if other["carbon"]["without"] == 0 else "-",
                " ".join(other["chosen"]),
            )
            for other in document["alternatives"]
        ],
    )


def _curve(document: dict[str, Any]) -> Iterator[Block]:
    if not document.get("curve"):
        return
    yield Heading("What other budgets give")
    points = [
        (_pounds(p["budget_pence"]), _pounds(p["cost_pence"]), p["class_size"], _span_of(p["key_pairs_protected"]))
        for p in document["curve"]
    ]
    yield table(">budget >cost >key_nodes >pairs", points)


def _carbon(document: dict[str, Any]) -> Iterator[Block]:
    carbon = document["carbon"]
    if carbon["without"] == len(document["chosen"]):
        return
    yield Heading(f"Embodied carbon: {carbon['kg']} kg CO2e")
    rows = [(row["construction"] or "-", f"{row['metres']:,}", row["kg"]) for row in carbon["by_construction"]]
    yield table("construction >metres >kg_CO2e", rows)
    said = "Sources: " + ("; ".join(carbon["sources"]) or "none given") + "."
    yield Para(said + (f" {carbon['without']} spans have no figure." if carbon["without"] else ""), "quiet")
