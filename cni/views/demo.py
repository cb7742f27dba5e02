"""What the demo shows: a few lines and one small table per step, and the command that gives the same figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from cni.views.award import alternative_text, reason_counts
from cni.views.bill import balance, totals
from cni.views.blocks import Block, Fields, Heading, Para, table

Document = dict[str, Any]


def command(text: str, *more: str) -> Iterator[Para]:
    """The command that reproduces what stands above it, over several lines where it is long."""
    lines = [f"$ {text}", *(f"    {line}" for line in more)]
    for number, line in enumerate(lines, 1):
        yield Para(line + (" \\" if number < len(lines) else ""), "command", indent=2)


def opening(folder: str, call: str) -> Iterator[Block]:
    """What follows, and that it is invented."""
    yield Heading("CNI's rule book: one round on Fibre Manchester, illustrative")
    yield Para(
        "Places are real; spans, owners, members and all figures are invented (illustrative). "
        f"Everything lies in {folder}; lines with $ give the figures above them again, after:"
    )
    yield Para(call, "command", indent=2)


def spine(document: Document) -> Iterator[Block]:
    """The spine in figures."""
    yield Heading("1 The spine is imported")
    yield Para(
        f"{document['nodes']} nodes ({document['key_nodes']} key), {document['spans']} spans over "
        f"{document['length_m'] / 1000:,.1f} km, {document['risk_groups']} risk groups, {document['circuits']} live circuits, "
        f"{document['members']} members."
    )
    yield from command("cni network show --disclosure internal --db sqlite:///cni.db")


def offer(document: Document) -> Iterator[Block]:
    """Where spare is scarcest."""
    yield Heading("2 The offer: what contributors can spare")
    today = [s for s in document["spans"] if s["from"] == document["on"]]
    pairs = [s["pairs"] for s in today]
    yield Para(f"{sum(pairs)} pairs on {len(today)} spans on {document['on']}. The scarcest, in strands:")
    scarce = sorted(today, key=lambda s: (s["pairs"], -s["live"], s["id"]))[:4]
    fields = ("id", "installed", "own_use", "reserve", "maintenance_spare", "live", "offered", "pairs")
    rows = [tuple(s[f] for f in fields) for s in scarce]
    yield table("span >installed >own_use >reserve >maintenance* >live >offered >pairs", rows)
    yield from command("cni network offer network --circuits circuits.csv")


def award(document: Document, round_id: str, seed: str) -> Iterator[Block]:
    """Proof and levels."""
    yield Heading(f"3 Round {round_id} is decided")
    requests = document["requests"]
    got = [r for r in requests if r["granted"]]
    members = {r["member"] for r in requests}
    yield Para(
        f"{len(requests)} requests of {len(members)} members; {len(got)} get something. Proof: {document['proof']}. "
        "How many groups hold at least so many pairs, and the most that any award can give:"
    )
    levels = [lv for lv in document["levels"] if lv["kind"] == "fibre"]
    yield table(
        ">at_least >groups >bound proof",
        [
            (lv["level"], lv["members"], lv["bound"], "proved" if lv["members"] == lv["bound"] else "open")
            for lv in levels
        ],
    )
    yield from command(
        "cni allocate network requests.csv --policy policy.toml", f"--circuits circuits.csv --seed {seed}"
    )


def reasons(document: Document) -> Iterator[Block]:
    """How often each reason stands, and three requests told."""
    yield Heading("4 Each refusal has its reason")
    yield reason_counts(document, 4)
    told: list[tuple[object, ...]] = []
    seen: Counter[str] = Counter()
    for request in document["requests"]:
        codes = [r["code"] for r in request["reasons"]]
        if codes and not request["granted"] and not seen[codes[0]] and len(told) < 3:
            seen[codes[0]] += 1
            told.append((request["request"], request["reasons"][0]["text"], alternative_text(request["alternative"])))
    yield Para("")
    yield table("request ~why ~nearest_that_is_free", told)
    if told:
        yield from command(f"cni round explain {told[0][0]} --db sqlite:///cni.db")
        yield from command("cni explain span_full")


def verification(document: Document) -> Iterator[Block]:
    """The outcome of the checks."""
    yield Heading("5 Anyone can check it, without the database")
    good = sum(c["ok"] is True for c in document["checks"])
    said = "verified" if document["ok"] else "NOT verified"
    yield Para(
        f"pack.json is {said}: {good} of {len(document['checks'])} checks hold.", "good" if document["ok"] else "bad"
    )
    yield from command("cni verify pack.json")


def bill(document: Document, granted: int, period: str) -> Iterator[Block]:
    """The settlement of a quarter."""
    yield Heading(f"6 The first quarter is settled: {granted} new circuits beside the live ones")
    rows = sorted(totals(document["fees"], "contributor"), key=lambda r: -_number(str(r[2])))
    yield table("contributor >lines >fees_GBP", rows[:3], more=f"and {len(rows) - 3} more contributors")
    yield from list(balance(document))[1:2]
    yield from command(
        "cni bill preview network --circuits after.csv",
        "--tariff tariff.toml --policy policy.toml",
        f"--period {period}",
    )


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def failure(document: Document, event: str, name: str) -> Iterator[Block]:
    """What one cut takes down."""
    yield Heading(f"7 One duct is cut: {event}" + (f" ({name})" if name else ""))
    down, one_leg = document["circuits_down"], document["circuits_one_leg"]
    yield Fields(
        (
            ("circuits down", str(len(down))),
            ("held up by their second leg", str(len(one_leg))),
            ("members with a circuit down", str(len(document["members_hit"]))),
            ("pairs of key nodes parted", str(len(document["key_pairs_lost"]))),
            ("could go another way over spare", str(len(document["restorable"]))),
        )
    )
    yield from command("cni scenario fail network --circuits after.csv", f"--risk-group {event}")


def drawing() -> Iterator[Block]:
    """Where the map is."""
    yield Heading("8 The award on a map: open map.svg")
    yield from command("cni network map network --award award.json -o map2.svg")


def closing(folder: str) -> Iterator[Block]:
    """Where everything is."""
    yield Para("")
    yield Para(f"All of it is illustrative. Files: {folder}. Next: cni --help, and docs/.", "quiet")
