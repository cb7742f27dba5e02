"""How the contributors' Shapley values are shown, beside their fees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from billing.pence import pounds
from cni.views.blocks import Block, Heading, Para, table


def contribution_view(document: dict[str, Any]) -> Iterator[Block]:
    """One row for each contributor: fees, what it adds, and how sure that is."""
    yield Heading(f"What each contributor adds, {document['period']} (analysis, rule F19)")
    rows = [
        (
            row["contributor"],
            pounds(row["fees_pence"]),
            pounds(round(row["adds_pence"])),
            "" if document["exact"] else f"± {row['error_pence'] / 100:,.2f}",
        )
        for row in sorted(document["contributors"], key=lambda r: (-r["adds_pence"], r["contributor"]))
    ]
    yield table("contributor >fees_GBP >adds_GBP >error", rows)
    how = "exact" if document["exact"] else f"from {document['orders']} drawn orders; the error is a standard error"
    yield Para(
        f"All together bring {pounds(document['worth_pence'])} GBP over spans. What each adds is its Shapley value: {how}. "
        "It is advice and never a fee: paying by it would reward splitting (F19).",
        "quiet",
    )
    if document["shortfall"]:
        yield Heading("The pot is short: what other rules would give, GBP")
        names = ("claim_pence", "proportional", "equal_awards", "equal_losses", "talmud")
        yield table(
            "contributor >claim >proportional_(paid) >equal_awards >equal_losses >talmud",
            [(row["contributor"], *(pounds(round(row[name])) for name in names)) for row in document["shortfall"]],
        )
