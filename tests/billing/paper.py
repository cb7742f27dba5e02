"""Documents for tests: parties with numbers that pass their check digits, lines, and documents made of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from billing.documents.document import CHARGE, FEE, KINDS, SERIES, Document, Line, documents_of, finalised
from billing.fact_rows import Party
from billing.facts import Facts

QUARTER = (date(2027, 1, 1), date(2027, 4, 1))
ISSUED = date(2027, 4, 2)
RATE = Decimal("0.20")
HOUSE = Party(
    "cni",
    "Cooperative Network Infrastructure Limited",
    "1 Example Street",
    "Manchester",
    "M1 1AA",
    vat_number="GB333289454",
    email="accounts@example.org",
    payment="Sort code 00-00-00, account 00000000; quote the number of the document.",
)
USER = Party("USER", "User Members & Sons", "2 Example Street", "Salford", "M5 1AA", vat_number="GB123456727")
GLASS = Party(
    "GLASS",
    "Glass <Owners> Ltd",
    "3 Example Street",
    "Bury",
    "BL9 1AA",
    vat_number="GB123456727",
    self_billing_from=date(2027, 1, 1),
    self_billing_to=date(2028, 1, 1),
    vat_checked_on=date(2027, 1, 1),
)
SMALL = Party("SMALL", "Small Contributor", "4 Example Street", "Bolton", "BL1 1AA")
FACTS = Facts(parties=(HOUSE, GLASS, SMALL, USER))


def charge(pence: int, subject: str = "c1", party: str = "USER", **more: Any) -> Line:
    """A quarter of dark fibre."""
    return line(pence, CHARGE, party, "fibre_pair_metre_year", subject, **more)


def fee(pence: int, subject: str = "s1", party: str = "GLASS", **more: Any) -> Line:
    """A quarter's use of a span."""
    return line(pence, FEE, party, "use", subject, **more)


def line(pence: int, side: str, party: str, product: str, subject: str, **more: Any) -> Line:
    """A line of the quarter; its key is made of what it is about."""
    days = {"first": QUARTER[0], "last": QUARTER[1], **more}
    key = f"{side}/{party}/{subject}/{product}/{days['first']}"
    text = days.pop("text", f"{subject} for the quarter")
    return Line(key, party, side, product, subject, pence=pence, text=text, **days)


def drafts(*lines: Line, facts: Facts = FACTS, **more: Any) -> tuple[Document, ...]:
    """What lines make, at 20 %."""
    return documents_of(lines, facts, RATE, QUARTER, QUARTER[1], **more)


def final(*lines: Line, facts: Facts = FACTS, start: int = 1, **more: Any) -> list[dict[str, Any]]:
    """Final documents as JSON, numbered by series."""
    return numbered(drafts(*lines, facts=facts, **more), facts, start)


def numbered(documents: Iterable[Document], facts: Facts = FACTS, start: int = 1) -> list[dict[str, Any]]:
    """Documents finalised on one day, numbered by series."""
    count = dict.fromkeys(KINDS, start)
    made = []
    for document in documents:
        number = f"{SERIES[document.kind]}-2027-{count[document.kind]:04d}"
        count[document.kind] += 1
        made.append(finalised(document, number, ISSUED, facts).as_json(facts))
    return made
