"""Documents: what each party is sent for a period. Pure values; numbers and dates of issue come from whoever finalises them.

A document is made of lines that are billed and not yet posted: of a first run all lines, of a correction only differences, each of
which names the line that it corrects. Per party and side there is one document: an invoice or, where its net is negative, a credit
note; for a contributor a self-billed invoice or credit note where an agreement, a number and a check cover the tax point
(VAT Regulations 1995 reg 13(3)-(3F); Notice 700/62), else a plain statement without VAT, and the reason is said on it.
VAT is computed once per document and rate, half up (docs/rules F11). `billing.vat` knows its codes and what a VAT document must show.
A party that pays charges and is paid fees gets two documents: they are two supplies (rule F28).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from billing.fact_rows import HOUSE, Party
from billing.facts import Facts
from billing.pence import half_up
from billing.tariff import ONE_OFF
from billing.vat import STANDARD, TAX_CODES, particulars_missing
from topology.about import SOFTWARE
from topology.canonical import with_digest
from topology.cells import decimal_text

CHARGE, FEE = "charge", "fee"

INVOICE, CREDIT_NOTE = "invoice", "credit_note"
SELF_BILLED, SELF_BILLED_CREDIT, STATEMENT = "self_billed_invoice", "self_billed_credit_note", "statement"
KINDS = (INVOICE, CREDIT_NOTE, SELF_BILLED, SELF_BILLED_CREDIT, STATEMENT)
TYPE_CODES = {INVOICE: "380", CREDIT_NOTE: "381", SELF_BILLED: "389", SELF_BILLED_CREDIT: "261"}
"""UNTDID 1001 codes; a plain statement is no VAT document and has none."""

SERIES = {INVOICE: "INV", CREDIT_NOTE: "CRN", SELF_BILLED: "SBI", SELF_BILLED_CREDIT: "SBC", STATEMENT: "STM"}
"""Prefix of the gapless number series of each kind."""

NOT_BY_DAY = frozenset({*ONE_OFF, "credit", "early_cease"})
"""Products whose price is for the thing itself, not for its days."""

ILLUSTRATIVE = "Illustrative: made from invented data; nothing is owed."
"""What a document says that was made from an illustrative network."""

SELF_BILLING_STATEMENT = "The VAT shown is your output tax due to HMRC"
"""What a self-billed VAT invoice must say (VAT Notice 700/62)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is billed. `key` is the same for the same thing in every run of a period; `pence` net of VAT.

    `side`: `charge` (the party pays) or `fee` (the party is paid). `first` and `last`: the days [first, last) that it covers.
    `tax`: the VAT code (`billing.vat.TAX_CODES`). `corrects`: number of the document and of its line of which this is the difference.
    """

    key: str
    party: str
    side: str
    product: str
    subject: str
    first: date
    last: date
    pence: int
    text: str
    corrects: tuple[str, int] | None = None
    tax: str = STANDARD

    @property
    def days(self) -> int:
        """Days that it is priced by, 0 for what is not counted by days."""
        return 0 if self.product in NOT_BY_DAY else (self.last - self.first).days

    def as_json(self) -> dict[str, Any]:
        """The line as `cni.document/1` shows it. Its price is `net_pence` for `quantity` units together: exact, also pro rata."""
        days = self.days
        return {
            "key": self.key,
            "product": self.product,
            "subject": self.subject,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "days": days,
            "quantity": days or 1,
            "unit": "day" if days else "each",
            "net_pence": self.pence,
            "text": self.text,
            "corrects": None if self.corrects is None else {"document": self.corrects[0], "line": self.corrects[1]},
        }


@dataclass(frozen=True, slots=True)
class Posted:
    """What stands already for a line's key: the pence of all documents together, and the last document and line that said so."""

    line: Line
    pence: int
    document: str
    number: int


@dataclass(frozen=True, slots=True)
class Tax:
    """VAT of one code and rate over a document."""

    code: str
    rate: Decimal
    net_pence: int
    tax_pence: int

    def as_json(self) -> dict[str, Any]:
        """The subtotal as `cni.document/1` shows it."""
        return {
            "code": self.code,
            "rate": decimal_text(self.rate),
            "net_pence": self.net_pence,
            "tax_pence": self.tax_pence,
        }


@dataclass(frozen=True, slots=True)
class Document:
    """One document: a draft while `number` is empty. `pence` of lines are signed as settled; a credit note shows them turned."""

    kind: str
    party: str
    period: tuple[date, date]
    lines: tuple[Line, ...]
    tax: tuple[Tax, ...]
    notes: tuple[str, ...] = ()
    number: str = ""
    issued: date | None = None
    tax_point: date | None = None
    due: date | None = None
    replaces: tuple[str, ...] = field(default=())

    @property
    def net_pence(self) -> int:
        """Lines together, as settled: negative on a credit note."""
        return sum(line.pence for line in self.lines)

    @property
    def tax_pence(self) -> int:
        """VAT together, with the sign of the net."""
        return sum(tax.tax_pence for tax in self.tax)

    @property
    def total_pence(self) -> int:
        """What is owed: net and VAT."""
        return self.net_pence + self.tax_pence

    @property
    def is_vat(self) -> bool:
        """Whether it is a VAT document."""
        return self.kind in TYPE_CODES

    def as_json(self, facts: Facts) -> dict[str, Any]:
        """The document as `cni.document/1` (`written`)."""
        return self.written(facts)[0]

    def written(self, facts: Facts, software: Mapping[str, str] = SOFTWARE) -> tuple[dict[str, Any], str]:
        """The document as `cni.document/1`, with both parties as they are on it, its digest taken of all else; and its canonical text.

        `missing` names what a VAT document must show and this one cannot: it should not be finalised before that is mended.
        """
        seller, buyer = _sides(self, facts)
        rates = {tax.code: decimal_text(tax.rate) for tax in self.tax}
        document = {
            "schema": "cni.document/1",
            "software": dict(software),
            "kind": self.kind,
            "type_code": TYPE_CODES.get(self.kind),
            "number": self.number or None,
            "party": self.party,
            "seller": _party_json(seller),
            "buyer": _party_json(buyer),
            "period": f"{self.period[0]}/{self.period[1]}",
            "issued": _iso(self.issued),
            "tax_point": _iso(self.tax_point),
            "due": _iso(self.due),
            "currency": "GBP",
            "lines": [
                {**line.as_json(), "tax_code": line.tax if rates else None, "tax_rate": rates.get(line.tax)}
                for line in self.lines
            ],
            "tax": [tax.as_json() for tax in self.tax],
            "net_pence": self.net_pence,
            "tax_pence": self.tax_pence,
            "total_pence": self.total_pence,
            "notes": list(self.notes),
            "missing": list(particulars_missing(seller, buyer)) if self.is_vat else [],
            "illustrative": ILLUSTRATIVE in self.notes,
            "corrects": sorted({line.corrects[0] for line in self.lines if line.corrects is not None}),
        }
        return with_digest(document)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _sides(document: Document, facts: Facts) -> tuple[Party, Party]:
    """Seller and buyer: of fees the contributor sells to the co-operative, of charges the other way round."""
    house, other = facts.named(HOUSE), facts.named(document.party)
    return (house, other) if document.kind in (INVOICE, CREDIT_NOTE) else (other, house)


def _party_json(party: Party) -> dict[str, Any]:
    shown = ("id", "name", "address", "city", "postcode", "country", "email", "vat_number", "buyer_reference")
    return {key: getattr(party, key) for key in (*shown, "endpoint_scheme", "endpoint_id", "payment")}


def lines_of(settlement: Mapping[str, Any]) -> tuple[Line, ...]:
    """The lines of a `cni.settlement/1`, by side, party and key. Lines of nothing are left out."""
    start, _, end = settlement["period"].partition("/")
    found = [_charge_line(row) for row in settlement["charges"]]
    found += [_fee_line(row, date.fromisoformat(start), date.fromisoformat(end)) for row in settlement["fees"]]
    return tuple(sorted((line for line in found if line.pence), key=lambda line: (line.side, line.party, line.key)))


def _charge_line(row: Mapping[str, Any]) -> Line:
    first, last = date.fromisoformat(row["from"]), date.fromisoformat(row["to"])
    key = f"charge/{row['member']}/{row['circuit']}/{row['product']}/{first}"
    return Line(
        key,
        row["member"],
        CHARGE,
        row["product"],
        row["circuit"],
        first,
        last,
        row["amount_pence"],
        row["text"],
    )


def _fee_line(row: Mapping[str, Any], start: date, end: date) -> Line:
    product = row.get("product", "fee")
    first = date.fromisoformat(row["from"]) if "from" in row else start
    last = date.fromisoformat(row["to"]) if "to" in row else end
    key = f"fee/{row['contributor']}/{row['span']}/{row['circuit']}/{product}/{first}"
    subject = row["span"] if not row["circuit"] else f"{row['span']} {row['circuit']}".strip()
    return Line(key, row["contributor"], FEE, product, subject, first, last, row["amount_pence"], row["text"])


def differences(lines: Iterable[Line], posted: Mapping[str, Posted]) -> tuple[Line, ...]:
    """What is left to post: lines less what stands for their keys already, and what stands and is no longer right turned back.

    Posting these and asking again gives nothing.
    """
    wanted = {line.key: line for line in lines}
    found = []
    for key in sorted(wanted.keys() | posted.keys()):
        line, before = wanted.get(key), posted.get(key)
        if before is None:
            assert line is not None
            found.append(line)
            continue
        pence = (0 if line is None else line.pence) - before.pence
        if pence:
            now = "no longer billed" if line is None else line.text
            text = f"Corrects {before.document}, line {before.number}: {now}; before: {_first_text(before.line.text)}"
            found.append(
                replace(line or before.line, pence=pence, text=text, corrects=(before.document, before.number))
            )
    return tuple(sorted(found, key=lambda line: (line.side, line.party, line.key)))


CORRECTED = re.compile(r"Corrects \S+, line [0-9]+: (.*?); before: ", re.DOTALL)


def _first_text(text: str) -> str:
    """What a line said when it was posted: of a correction what it set right, so that corrections of corrections stay short."""
    found = CORRECTED.match(text)
    return found[1] if found else text


def documents_of(
    lines: Iterable[Line],
    facts: Facts,
    rate: Decimal,
    period: tuple[date, date],
    tax_point: date,
    codes: Mapping[str, str] = MappingProxyType({}),
    *,
    illustrative: bool = False,
) -> tuple[Document, ...]:
    """The drafts that lines make, by kind and party. `rate`: the standard rate of VAT at the tax point.

    `codes`: the VAT code of products at the tax point, where it is not that of the line. `illustrative`: of an invented network.
    """
    by_side: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: line.key):
        code = codes.get(line.product, line.tax)
        by_side[line.side, line.party].append(line if code == line.tax else replace(line, tax=code))
    made = [
        _document(side, party, tuple(held), facts, rate, period, tax_point, illustrative)
        for (side, party), held in by_side.items()
    ]
    return tuple(sorted(made, key=lambda d: (KINDS.index(d.kind), d.party)))


def _document(
    side: str,
    party: str,
    lines: tuple[Line, ...],
    facts: Facts,
    rate: Decimal,
    period: tuple[date, date],
    tax_point: date,
    illustrative: bool,
) -> Document:
    net = sum(line.pence for line in lines)
    kind, notes = _kind(side, net, facts.named(party), tax_point)
    tax = tuple(_taxes(lines, rate)) if kind != STATEMENT else ()
    said = tuple(TAX_CODES[t.code].reason for t in tax if TAX_CODES[t.code].reason)
    label = (ILLUSTRATIVE,) if illustrative else ()
    return Document(kind, party, period, lines, tax, (*notes, *said, *label))


def _taxes(lines: Iterable[Line], rate: Decimal) -> Iterator[Tax]:
    """VAT of each code on the sum of its lines, rounded once, half up (F11); codes in the order of the table."""
    nets: dict[str, int] = defaultdict(int)
    for line in lines:
        nets[line.tax] += line.pence
    for code in (code for code in TAX_CODES if code in nets):
        due = rate if TAX_CODES[code].rated else Decimal(0)
        yield Tax(code, due, nets[code], half_up(Fraction(due) * nets[code]))


def _kind(side: str, net: int, party: Party, tax_point: date) -> tuple[str, tuple[str, ...]]:
    """What a document is, and what it must say."""
    if side == CHARGE:
        return (INVOICE if net >= 0 else CREDIT_NOTE), ()
    if party.self_bills_on(tax_point):
        return (SELF_BILLED if net >= 0 else SELF_BILLED_CREDIT), (SELF_BILLING_STATEMENT,)
    said = "This is no VAT invoice: " + why_no_self_bill(party, tax_point)
    return STATEMENT, (said,)


def why_no_self_bill(party: Party, day: date) -> str:
    """What a self-billed VAT document for a party on a day lacks, in words; empty where nothing is lacking."""
    start, end = party.self_billing_from, party.self_billing_to
    if not party.vat_number:
        return "no VAT number of the contributor is on record."
    if start is None or day < start or (end is not None and day >= end):
        return f"no self-billing agreement covers {day}."
    if party.vat_checked_on is None or party.vat_checked_on > day:
        return f"no check of the VAT number by {day} is on record."
    return ""


def finalised(document: Document, number: str, issued: date, facts: Facts) -> Document:
    """A draft with its number and dates. The tax point of a continuous supply is the day of its VAT invoice (reg 90)."""
    payer = document.party if document.kind in (INVOICE, CREDIT_NOTE) else HOUSE
    due = issued + timedelta(days=facts.named(payer).terms_days)
    return replace(document, number=number, issued=issued, tax_point=issued if document.is_vat else None, due=due)
