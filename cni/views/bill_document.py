"""One document on the terminal: what its page says, as wide as the window is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from billing.documents.page import ZERO_WIDTH_SPACE, page_of
from billing.pence import pounds
from cni.views.blocks import Block, Fields, Heading, Para, table


def document_view(document: dict[str, Any]) -> Iterator[Block]:
    """Who to whom, when, each line with its sum, VAT and total."""
    page = page_of(document)

    def plain(text: object) -> str:
        return str(text).replace(ZERO_WIDTH_SPACE, "")

    yield Heading(plain(f"{page['title']} {page['number']}"))
    parties = [(page[f"{role}_head"], page[role]) for role in ("seller", "buyer")]
    who = [(head, ", ".join([party["name"], *party["lines"]])) for head, party in parties]
    yield Fields(tuple((plain(name), plain(said)) for name, said in [*who, *page["facts"]]))
    rows = [
        (row["number"], plain(f"{row['head']} {row['subject']}: {row['text']}"), row["quantity"], pounds(row["pence"]))
        for row in page["lines"]
    ]
    yield table("no ~what quantity >net", rows)
    taxes = [(f"VAT at {row['rate']} on {pounds(row['net'])}", pounds(row["tax"])) for row in page["taxes"]]
    totals = [(f"{name}, GBP", pounds(pence)) for name, pence in page["totals"]]
    yield Fields(tuple((plain(name), said) for name, said in [*taxes, *totals]))
    yield from (Para(plain(said), "quiet") for said in [*page["payment"], *page["notes"], *page["banners"]])
