"""What the page of a document says, in words and pence, whichever way it is set: PDF, plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from billing.documents.document import (
    CREDIT_NOTE,
    ILLUSTRATIVE,
    INVOICE,
    SELF_BILLED,
    SELF_BILLED_CREDIT,
    SELF_BILLING_STATEMENT,
)
from billing.documents.words import PRODUCT_NAMES, TITLES
from billing.pence import pounds
from billing.vat import TAX_CODES
from topology.cells import decimal_text

CREDITS = (CREDIT_NOTE, SELF_BILLED_CREDIT)
SELF_BILLS = (SELF_BILLED, SELF_BILLED_CREDIT)
Json = Mapping[str, Any]
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November"),
    "December",
)
ZERO_WIDTH_SPACE = "\u200b"
LONG_WORD = re.compile(r"\S{31,}")
LONG_FACT = re.compile(r"\S{17,}")


def page_of(document: Json) -> dict[str, Any]:
    """What the page says, in the order in which it says it. Amounts are pence; a credit note's are those given back, without a sign."""
    sign = -1 if document["kind"] in CREDITS else 1
    start, end = map(date.fromisoformat, document["period"].split("/"))
    dated = date.fromisoformat(document["issued"]) if document["issued"] else end
    taxed = bool(document["tax"])
    return {
        "title": TITLES[document["kind"]],
        "number": document["number"] or "draft",
        "issuer": document["seller" if document["kind"] in (INVOICE, CREDIT_NOTE) else "buyer"]["name"],
        "dated": [dated.year, dated.month, dated.day],
        "marks": _marks(document),
        "banners": list(_banners(document)),
        "seller_head": "Supplier" if taxed else "Contributor",
        "buyer_head": "Customer, issuing this" if document["kind"] in SELF_BILLS else "Customer",
        "seller": _party(document["seller"]),
        "buyer": _party(document["buyer"]),
        "facts": _facts(document, start, end),
        "taxed": taxed,
        "net_head": "Net" if taxed else "Amount",
        "lines": [_line(number, row, sign) for number, row in enumerate(document["lines"], 1)],
        "taxes": [_tax(row, sign) for row in document["tax"]],
        "totals": _totals(document, sign),
        "payment_head": "Payment",
        "payment": _payment(document, sign),
        "notes": [note for note in document["notes"] if note != ILLUSTRATIVE],
        "strong": SELF_BILLING_STATEMENT,
        "foot": f"{document['number'] or 'draft'} · SHA-256 {document['digest']}",
    }


def day_text(day: str | date) -> str:
    """A day as people write it: 2 April 2027."""
    found = day if isinstance(day, date) else date.fromisoformat(day)
    return f"{found.day} {MONTHS[found.month - 1]} {found.year}"


def _breakable(text: str, long: re.Pattern[str] = LONG_WORD) -> str:
    """Text whose long words may be broken anywhere: 60 characters without a space would run out of their column."""
    return long.sub(lambda found: ZERO_WIDTH_SPACE.join(found[0]), text)


def _marks(document: Json) -> list[str]:
    return [
        word for word, said in (("illustrative", document["illustrative"]), ("draft", not document["number"])) if said
    ]


def _banners(document: Json) -> list[str]:
    found = [ILLUSTRATIVE] if document["illustrative"] else []
    if not document["number"]:
        found.append("Draft: it has no number yet, asks for no payment and is no VAT invoice.")
    if document["missing"]:
        found.append(f"This cannot serve as a VAT invoice: it lacks the {'; the '.join(document['missing'])}.")
    return found


def _party(party: Json) -> dict[str, Any]:
    place = " ".join(part for part in (party["city"], party["postcode"]) if part)
    country = party["country"] if party["country"] not in ("", "GB") else ""
    return {
        "name": _breakable(party["name"]),
        "lines": [_breakable(part) for part in (party["address"], place, country) if part],
        "vat": party["vat_number"],
    }


def _facts(document: Json, start: date, end: date) -> list[tuple[str, str]]:
    found = [
        ("Number", document["number"] or "draft"),
        ("Date of issue", document["issued"] and day_text(document["issued"])),
        ("Tax point", document["tax_point"] and day_text(document["tax_point"])),
        ("Payment due", document["due"] and document["kind"] not in CREDITS and day_text(document["due"])),
        ("Period from", day_text(start)),
        ("Period to", day_text(end - timedelta(days=1))),
        ("Your reference", document["buyer"]["buyer_reference"]),
        ("Corrects", ", ".join(document["corrects"])),
    ]
    return [(name, _breakable(said, LONG_FACT)) for name, said in found if said]


def _line(number: int, row: Json, sign: int) -> dict[str, Any]:
    unit = {"day": "day" if row["quantity"] == 1 else "days", "each": ""}[row["unit"]]
    return {
        "number": number,
        "head": PRODUCT_NAMES.get(row["product"], row["product"]),
        "subject": _breakable(row["subject"]),
        "text": _breakable(row["text"]),
        "quantity": f"{row['quantity']} {unit}".strip(),
        "vat": _rate(row["tax_code"], row["tax_rate"]) if row["tax_code"] else "",
        "pence": sign * row["net_pence"],
    }


def _rate(code: str, rate: str) -> str:
    return f"{decimal_text(Decimal(rate) * 100)} %" if TAX_CODES[code].rated else code


def _tax(row: Json, sign: int) -> dict[str, Any]:
    words = TAX_CODES[row["code"]].words
    rate = f"{_rate(row['code'], row['rate'])} ({words})"
    return {"rate": rate, "net": sign * row["net_pence"], "tax": sign * row["tax_pence"]}


def _totals(document: Json, sign: int) -> list[tuple[str, int]]:
    last = {CREDIT_NOTE: "Total credit", SELF_BILLED_CREDIT: "Total credit"}.get(document["kind"], "Total")
    total = (last, sign * document["total_pence"])
    if not document["tax"]:
        return [total]
    return [("Net", sign * document["net_pence"]), ("VAT", sign * document["tax_pence"]), total]


def _payment(document: Json, sign: int) -> list[str]:
    total, house = sign * document["total_pence"], document["kind"] in (INVOICE, CREDIT_NOTE)
    if not document["number"] or document["illustrative"] or not total:
        return []
    sum_ = f"£{pounds(abs(total))}"
    if document["kind"] in CREDITS or total < 0:
        who = "your" if house else "our"
        return [f"{sum_} is set off against {who} next payment, or paid back on request."]
    by, how = day_text(document["due"]), document["seller"]["payment"]
    if house:
        return [f"Please pay {sum_} by {by}, quoting {document['number']}.", *([how] if how else [])]
    return [f"We will pay you {sum_} by {by}.", *([f"To: {how}"] if how else [])]
