"""A document as plain text, 100 columns: for e-mail, terminals, and wherever Typst is not installed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from billing.documents.page import ZERO_WIDTH_SPACE, page_of
from billing.pence import pounds

WIDTH = 100


def text_of(document: Mapping[str, Any]) -> str:
    """The same as the PDF says, in the same order."""
    page = page_of(document)
    return "".join(f"{line}".rstrip() + "\n" for line in _lines(page)).replace(ZERO_WIDTH_SPACE, "")


def _lines(page: Mapping[str, Any]) -> Iterator[str]:
    yield f"{page['title']} {page['number']}".upper()
    yield from (f"! {said}" for said in page["banners"])
    yield ""
    for role in ("seller", "buyer"):
        party = page[role]
        vat = [f"VAT number {party['vat']}"] if party["vat"] else []
        yield f"{page[f'{role}_head']}: " + ", ".join([party["name"], *party["lines"], *vat])
    yield from (f"{name}: {said}" for name, said in page["facts"])
    yield ""
    for row in page["lines"]:
        head = f"{row['number']:>4}  {row['head']} {row['subject']}".rstrip() + f", {row['quantity']}"
        yield _right(head + (f", VAT {row['vat']}" if row["vat"] else ""), row["pence"])
        yield from textwrap.wrap(row["text"], WIDTH - 22, initial_indent=" " * 6, subsequent_indent=" " * 6)
    yield "-" * WIDTH
    for row in page["taxes"]:
        yield _right(f"      VAT at {row['rate']} on {pounds(row['net'])}", row["tax"])
    yield from (_right(f"      {name}, GBP", pence) for name, pence in page["totals"])
    yield ""
    yield from page["payment"]
    yield from page["notes"]
    yield page["foot"]


def _right(text: str, pence: int) -> str:
    return f"{text:<{WIDTH - 16}}{pounds(pence):>16}"
