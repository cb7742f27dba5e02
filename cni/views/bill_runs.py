"""Documents and views of runs, their inputs and the books."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cni.views.bill import pounds
from cni.views.blocks import Block, Fields, Heading, Para, table
from cni.views.house import checks_document, checks_view
from topology.about import SOFTWARE

if TYPE_CHECKING:
    from cni.bills.comparing import Comparison
    from cni.bills.computing import Made
    from cni.bills.inputs import Version
    from cni.bills.reproducing import Again
    from cni.bills.runs import Outcome, Run
    from cni.rounds.database import Check

Document = dict[str, Any]
MOST = 40
"""Documents that a view lists; --json has all."""
FIGURE = re.compile(r"-?[0-9]*\.?[0-9]*")
FIRST = ("id", "product")
"""Columns that say what a row is of."""


def _head(name: str) -> Document:
    return {"schema": name, "software": SOFTWARE}


def import_document(version: Version, written: bool) -> Document:
    """A version of a tariff, a policy or facts, and whether it is new."""
    return {**_head("cni.bill_input/1"), "written": written, **version.as_json()}


def import_view(document: Document) -> Iterator[Block]:
    """Which version holds."""
    said = "imported" if document["written"] else "is there already; nothing was written"
    since = f", from {document['valid_from']}" if document["valid_from"] else ""
    yield Para(f"{document['kind']} version {document['number']} {said}{since}, digest {document['digest'][:16]}")


def version_document(version: Version, body: Document) -> Document:
    """A version with all that it says."""
    return {**_head("cni.bill_input/1"), "written": True, **version.as_json(), "body": body}


def input_view(document: Document) -> Iterator[Block]:
    """All that a version says: first what is one value, then a table for each list, its figures last and to the right."""
    since = f"from {document['valid_from']}" if document["valid_from"] else "from the beginning"
    yield Heading(f"{document['kind']} version {document['number']}, {since}, of {document['source']}")
    lists = {key: value for key, value in document["body"].items() if isinstance(value, list)}
    single = [(key, value) for key, value in document["body"].items() if key not in lists]
    inner = [(key, value.items() if isinstance(value, dict) else [("", value)]) for key, value in single]
    values = [(f"{key}.{name}".rstrip("."), str(cell) or "-") for key, cells in inner for name, cell in cells]
    if values:
        yield Fields(tuple(values))
    for key, rows in lists.items():
        yield Heading(f"{key} ({len(rows)})")
        found = dict.fromkeys(name for row in rows for name in row)
        titles = sorted(found, key=lambda name: (name not in FIRST, _figures(rows, name)))
        heads = [f">{name}" if _figures(rows, name) else name for name in titles]
        if titles:
            yield table(" ".join(heads), [tuple(row.get(name, "") for name in titles) for row in rows])


def _figures(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    """Whether a column has figures alone."""
    return all(FIGURE.fullmatch(str(row.get(name, "0"))) for row in rows)


def inputs_document(versions: Iterable[Version]) -> Document:
    """Versions of one kind."""
    return {**_head("cni.bill_inputs/1"), "versions": [v.as_json() for v in versions]}


def inputs_view(document: Document) -> Iterator[Block]:
    """One row a version."""
    rows = [
        (v["number"], v["version"] or "-", v["valid_from"] or "always", v["source"], v["digest"][:16])
        for v in document["versions"]
    ]
    yield table(">number version from ~source digest*", rows)


def _of_made(made: Made) -> Document:
    return {
        "period": f"{made.pins.start}/{made.pins.end}",
        "digest": made.digest,
        "illustrative": made.body["illustrative"],
        "pins": made.pins.as_json(),
        **{k: made.body[k] for k in ("settlement", "kept", "held_back", "wash_stops")},
        "documents": list(made.drafts),
    }


def preview_document(made: Made) -> Document:
    """What a run would make; nothing was written."""
    head: Document = {"run": None, "kind": "run", "subject": "", "state": "preview", "written": False, "steps": []}
    return {**_head("cni.bill_run/1"), **head, **_of_made(made)}


def run_document(run: Run, documents: Sequence[Document]) -> Document:
    """A run with its documents."""
    body = {k: v for k, v in run.body.items() if k != "documents"}
    return {**_head("cni.bill_run/1"), "written": True, **run.as_json(), **body, "documents": list(documents)}


def outcome_document(done: Outcome) -> Document:
    """What asking for a run gave: the run that stands for it, or what was computed."""
    if done.run is None:
        return {**preview_document(done.made), "state": "nothing new"}
    return {**run_document(done.run, done.made.drafts), "written": done.written}


def run_view(document: Document) -> Iterator[Block]:
    """State, pins, sums, documents, and who was held back."""
    name = f"Run {document['run']}" if document["run"] else "Run"
    yield Heading(f"{name} of {document['period']} (the last day is not in it): {document['state']}")
    pins = document["pins"]
    versions = ", ".join(f"{k} {pins[k] or '-'}" for k in ("network", "tariff", "policy", "facts"))
    steps = [(s["state"], f"{s['at'][:10]} by {s['by']}") for s in document["steps"]]
    made = [("drafted", f"{document['at'][:10]} by {document['by']}")] if document.get("at") else []
    turns = [("turns back", document["subject"])] if document["subject"] else []
    yield Fields((("versions", versions), ("as known at", f"audit entry {pins['known_at']}"), *made, *steps, *turns))
    if "settlement" in document:
        yield from _settlement(document["settlement"])
    yield from _documents(document["documents"])
    yield from _warnings(document)
    yield Fields((("digest", document["digest"]),))


def _settlement(sums: Document) -> Iterator[Block]:
    yield Heading("Settlement of the period, GBP without VAT")
    names = ("charges", "fees", "margin", "reserve", "unallocated", "balance")
    signs = ("", "- ", "- ", "- ", "- ", "= ")
    yield Fields(tuple((s + n, pounds(sums[f"{n}_pence"]).rjust(14)) for s, n in zip(signs, names, strict=True)))
    yield Para(sums["scaling"], "quiet")


def _documents(documents: Sequence[Document]) -> Iterator[Block]:
    yield Heading(f"Documents ({len(documents)})")
    rows = [
        (
            d["number"] or "draft",
            d["kind"].replace("_", " "),
            d["party"],
            len(d["lines"]),
            pounds(d["net_pence"]),
            pounds(d["tax_pence"]),
            pounds(d["total_pence"]),
        )
        for d in documents[:MOST]
    ]
    left = len(documents) - len(rows)
    more = f"{left} more; --json has all" if left else ""
    yield table("number kind party >lines* >net >VAT* >total", rows, more=more)


def _warnings(document: Document) -> Iterator[Block]:
    for held in document.get("held_back", ()):
        first = held["problems"][0]["text"] if held["problems"] else ""
        more = f" ({len(held['problems'])} problems)" if len(held["problems"]) > 1 else ""
        yield Para(f"held back: {held['member']}: {first}{more}; a later run bills it", "bad")
    if document.get("wash_stops"):
        names = " ".join(row["circuit"] for row in document["settlement"]["wash"])
        yield Para(f"fees are more than the charge of: {names} (F9); it cannot be made final without a reason", "bad")


def runs_document(runs: Iterable[Run]) -> Document:
    """All runs."""
    rows = [
        {**run.as_json(), "documents": len(run.body["documents"]), "held_back": len(run.body["held_back"])}
        for run in runs
    ]
    return {**_head("cni.bill_runs/1"), "runs": rows}


def runs_view(document: Document) -> Iterator[Block]:
    """One row a run."""
    rows = [
        (
            r["run"],
            r["period"],
            f"credit of {r['subject']}" if r["subject"] else r["kind"],
            r["state"],
            r["documents"],
            r["held_back"],
            r["by"],
        )
        for r in document["runs"]
    ]
    yield table(">run period ~kind state >documents >held_back* by*", rows)


def reproduce_document(done: Again) -> Document:
    """A run computed again."""
    return {
        **_head("cni.bill_reproduce/1"),
        "run": done.run.number,
        "same": done.same,
        "digest": done.digest,
        "kept": done.run.digest,
        "differences": [{"where": w, "before": b, "now": n} for w, b, n in done.differences],
    }


def reproduce_view(document: Document) -> Iterator[Block]:
    """The same, or where not."""
    if document["same"]:
        yield Para(f"run {document['run']} comes out the same: {document['digest']}", "good")
        return
    yield Para(f"run {document['run']} comes out otherwise: {document['digest']}, kept is {document['kept']}", "bad")
    yield table("~where ~before ~now", [(d["where"], d["before"], d["now"]) for d in document["differences"]])


def compare_document(found: Comparison) -> Document:
    """Two runs by party, side and product."""
    rows = [
        {
            "party": row.party,
            "side": row.side,
            "product": row.product,
            "change": row.change,
            "before_pence": row.before,
            "now_pence": row.now,
            "lines_before": row.lines_before,
            "lines_now": row.lines_now,
        }
        for row in found.rows
    ]
    return {**_head("cni.bill_compare/1"), "before": found.before.as_json(), "now": found.now.as_json(), "rows": rows}


def compare_view(document: Document) -> Iterator[Block]:
    """What changed, by party and product; then the sums."""
    before, now = document["before"], document["now"]
    yield Heading(f"Run {now['run']} ({now['period']}) beside run {before['run']} ({before['period']}), GBP")
    rows = [
        (r["party"], r["side"], r["product"], r["change"], pounds(r["before_pence"]), pounds(r["now_pence"]))
        for r in document["rows"]
        if r["change"] != "same"
    ]
    yield table("party side* ~product change >before >now", rows, empty="all is the same")
    for side in ("charge", "fee"):
        sums = [sum(r[key] for r in document["rows"] if r["side"] == side) for key in ("before_pence", "now_pence")]
        yield Para(f"{side}s together: {pounds(sums[0])} before, {pounds(sums[1])} now", "quiet")


def check_document(checks: Iterable[Check], accounts: Mapping[str, int]) -> Document:
    """Checks of the books, with the trial balance."""
    rows = [{"account": name, "pence": pence} for name, pence in sorted(accounts.items())]
    return {**checks_document("cni.bill_check/1", checks), "accounts": rows}


def check_view(document: Document) -> Iterator[Block]:
    """The trial balance with parties taken together, and each check."""
    sums: dict[str, int] = {}
    for row in document["accounts"]:
        kind = row["account"].partition(":")[0]
        name = f"{kind}, all" if kind in ("receivable", "payable") else row["account"]
        sums[name] = sums.get(name, 0) + row["pence"]
    if sums:
        yield Heading("Trial balance, GBP: what is owed to the house, and what it spends, is above 0")
        yield table(
            "account >GBP", [*((n, pounds(p)) for n, p in sorted(sums.items())), ("=", pounds(sum(sums.values())))]
        )
        yield Heading("Checks")
    yield from checks_view(document)
