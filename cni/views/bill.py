"""How a settlement is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from cni.views.blocks import Block, Fields, Heading, Para, Table, table

MOST_CHARGES = 100
"""Spelled out on a screen; --json has all."""


def pounds(pence: int) -> str:
    """Pence as pounds with two decimals: -123456 -> "-1,234.56"."""
    sign, pence = ("-", -pence) if pence < 0 else ("", pence)
    return f"{sign}{pence // 100:,}.{pence % 100:02d}"


def totals(lines: list[dict[str, Any]], who: str) -> list[tuple[object, ...]]:
    """Per member or contributor: how many lines, and their sum."""
    found: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        found[line[who]].append(line["amount_pence"])
    return [(name, len(amounts), pounds(sum(amounts))) for name, amounts in sorted(found.items())]


MOST = 40
"""Fee lines that people are shown; `--json` has all."""


def settlement_view(document: dict[str, Any], fee_lines: bool = False) -> Iterator[Block]:
    """Sums per member and contributor, each charge in words (with `fee_lines` each fee too), and the balance."""
    yield Heading(f"Period {document['period']} (the last day is not in it), GBP without VAT")
    yield Heading("Charges")
    yield table("member >lines >GBP", totals(document["charges"], "member"))
    yield Heading("Contributor fees")
    yield table("contributor >lines >GBP", totals(document["fees"], "contributor"))
    yield from balance(document)
    yield Heading("How each charge comes about")
    for line in document["charges"][:MOST_CHARGES]:
        yield Para(f"{line['circuit']}: {line['text']}", indent=2)
    if len(document["charges"]) > MOST_CHARGES:
        yield Para(f"and {len(document['charges']) - MOST_CHARGES} more; --json has all", "quiet")
    if fee_lines:
        yield Heading("How each fee comes about")
        yield _fee_lines(document["fees"])
    else:
        yield Para("--lines has every fee line with its sum in words.", "quiet")


def _fee_lines(fees: list[dict[str, Any]]) -> Table:
    """One row a line; a long table is cut."""
    rows = [
        (f["contributor"], f["span"] or "-", f["circuit"] or "-", pounds(f["amount_pence"]), f["text"])
        for f in fees[:MOST]
    ]
    more = f"and {len(fees) - MOST} more; --json has all" if len(fees) > MOST else ""
    return table("contributor span circuit >GBP ~text", rows, more=more)


def balance(document: dict[str, Any]) -> Iterator[Block]:
    """Charges, what they are spent on, and the balance that must be zero."""
    charges = sum(c["amount_pence"] for c in document["charges"])
    fees = sum(f["amount_pence"] for f in document["fees"])
    yield Heading("Settlement")
    yield Fields(
        (
            ("charges", pounds(charges).rjust(14)),
            ("- fees", pounds(fees).rjust(14)),
            ("- margin", pounds(document["margin_pence"]).rjust(14)),
            ("- reserve", pounds(document["reserve_pence"]).rjust(14)),
            ("- unallocated", pounds(document["unallocated_pence"]).rjust(14)),
            ("= balance", pounds(document["balance_pence"]).rjust(14)),
        )
    )
    for line in document["tax"]:
        yield Para(
            f"VAT at {line['rate']} on {pounds(line['net_pence'])}: {pounds(line['tax_pence'])}, once over the whole, half up",
            "quiet",
        )
    if document.get("scaling"):
        yield Para(document["scaling"], "quiet")
