"""Documents for accounts packages: Xero, Sage 50, QuickBooks Online. Their forms are data here; what they share is code.

One line per document and VAT rate: packages that compute VAT themselves do so per line, and would else differ from our documents by
pence. Beside the files stands what they must add up to. Columns that a package renames are changed in the tables below.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from billing.days import last_day
from billing.documents.document import CREDIT_NOTE, INVOICE
from billing.documents.words import TITLES, amount
from billing.facts import Facts
from topology.cells import decimal_text
from topology.problems import Problems

Json = Mapping[str, Any]
Files = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Part:
    """What a document says at one VAT code and rate; pence as settled, negative on a credit. `tax_name`: the package's word for it."""

    document: Json
    code: str
    rate: Decimal
    net: int
    tax: int
    tax_name: str = ""

    @property
    def sale(self) -> bool:
        """Whether the co-operative sells: else it is a bill to it."""
        return self.document["kind"] in (INVOICE, CREDIT_NOTE)

    @property
    def party(self) -> Json:
        """The member whose account it stands on."""
        found: Json = self.document["buyer" if self.sale else "seller"]
        return found

    @property
    def words(self) -> str:
        """What the line is described by; the document itself has the detail."""
        start, _, end = self.document["period"].partition("/")
        mark = "ILLUSTRATIVE " if self.document["illustrative"] else ""
        return f"{mark}{start} to {last_day(date.fromisoformat(end))}: {TITLES[self.document['kind']].lower()}"


@dataclass(frozen=True, slots=True)
class Package:
    """How one package takes documents. `tax_names`: (sale?, VAT code, rate in percent) -> its word; "" is a document without VAT."""

    name: str
    most: int
    tax_names: Mapping[tuple[bool, str, str], str]


XERO = Package(
    "xero",
    500,
    {
        (True, "S", "20"): "20% (VAT on Income)",
        (True, "S", "5"): "5% (VAT on Income)",
        (True, "Z", "0"): "Zero Rated Income",
        (True, "E", "0"): "Exempt Income",
        (True, "O", "0"): "No VAT",
        (False, "S", "20"): "20% (VAT on Expenses)",
        (False, "S", "5"): "5% (VAT on Expenses)",
        (False, "Z", "0"): "Zero Rated Expenses",
        (False, "E", "0"): "Exempt Expenses",
        (False, "O", "0"): "No VAT",
        (False, "", "0"): "No VAT",
    },
)
SAGE_CODES = {
    ("S", "20"): "T1",
    ("S", "5"): "T5",
    ("Z", "0"): "T0",
    ("E", "0"): "T2",
    ("O", "0"): "T9",
    ("", "0"): "T9",
}
SAGE = Package("sage", 10_000, {(sale, *key): name for key, name in SAGE_CODES.items() for sale in (True, False)})
QUICKBOOKS_CODES = {
    ("S", "20"): "20.0% S",
    ("S", "5"): "5.0% R",
    ("Z", "0"): "0.0% Z",
    ("E", "0"): "Exempt",
    ("O", "0"): "No VAT",
    ("", "0"): "No VAT",
}
QUICKBOOKS = Package(
    "quickbooks", 100, {(sale, *key): name for key, name in QUICKBOOKS_CODES.items() for sale in (True, False)}
)

CONTACT = "*ContactName,EmailAddress,POAddressLine1,POAddressLine2,POAddressLine3,POAddressLine4,POCity,PORegion,POPostalCode,POCountry"
XERO_SALES = (
    f"{CONTACT},*InvoiceNumber,Reference,*InvoiceDate,*DueDate,InventoryItemCode,*Description,*Quantity,*UnitAmount,Discount,"
    "*AccountCode,*TaxType,TrackingName1,TrackingOption1,TrackingName2,TrackingOption2,Currency,BrandingTheme"
).split(",")
XERO_BILLS = (
    f"{CONTACT},*InvoiceNumber,*InvoiceDate,*DueDate,Total,InventoryItemCode,*Description,*Quantity,*UnitAmount,*AccountCode,"
    "*TaxType,TaxAmount,TrackingName1,TrackingOption1,TrackingName2,TrackingOption2,Currency"
).split(",")
SAGE_COLUMNS = [
    "Type",
    "Account Reference",
    "Nominal A/C Ref",
    "Department Code",
    "Date",
    "Reference",
    "Details",
    "Net Amount",
    "Tax Code",
    "Tax Amount",
    "Exchange Rate",
    "Extra Reference",
]
QUICKBOOKS_COLUMNS = [
    "Invoice number",
    "Customer",
    "Invoice date",
    "Due date",
    "Terms",
    "Service date",
    "Item",
    "Item description",
    "Item quantity",
    "Item rate",
    "Item amount",
    "Item tax code",
    "Memo",
]
XERO_ACCOUNTS = {True: "200", False: "310"}
SAGE_NOMINALS = {True: "4000", False: "5000"}
TOTALS = ("file", "documents", "net", "vat", "total")


def xero(documents: Sequence[Json], facts: Facts) -> Files:
    """Sales and bills for Xero's import of invoices and of bills. What is credited has a negative amount."""
    parts = _parts(documents, XERO)
    sales, bills = ([part for part in parts if part.sale is sale] for sale in (True, False))
    return _with_totals(
        XERO, [("xero-sales", XERO_SALES, sales, _xero_row), ("xero-bills", XERO_BILLS, bills, _xero_row)]
    )


def _xero_row(part: Part) -> dict[str, str]:
    document, party = part.document, part.party
    return {
        "*ContactName": party["name"],
        "EmailAddress": party["email"],
        "POAddressLine1": party["address"],
        "POCity": party["city"],
        "POPostalCode": party["postcode"],
        "POCountry": party["country"],
        "*InvoiceNumber": document["number"],
        "Reference": document["buyer"]["buyer_reference"],
        "*InvoiceDate": _day(document["issued"]),
        "*DueDate": _day(document["due"]),
        "Total": amount(document["total_pence"]),
        "*Description": part.words,
        "*Quantity": "1",
        "*UnitAmount": amount(part.net),
        "*AccountCode": XERO_ACCOUNTS[part.sale],
        "*TaxType": part.tax_name,
        "TaxAmount": amount(part.tax),
        "Currency": "GBP",
    }


def sage(documents: Sequence[Json], facts: Facts) -> Files:
    """Audit trail transactions for Sage 50, with our VAT amounts, and which member each account reference is."""
    parts = _parts(documents, SAGE)
    found = _with_totals(SAGE, [("sage-audit-trail", SAGE_COLUMNS, parts, _sage_row)])
    accounts = sorted({(sage_reference(part.party["id"]), part.party["id"], part.party["name"]) for part in parts})
    _no_doubles(accounts)
    return {**found, "sage-accounts.csv": _csv(("account reference", "member", "name"), accounts)}


def sage_reference(member: str) -> str:
    """The account reference of a member: its id, or what fits into eight characters, made distinct by its digest."""
    return member.upper() if len(member) <= 8 else member[:4].upper() + sha256(member.encode()).hexdigest()[:4].upper()


def _no_doubles(accounts: Sequence[tuple[str, str, str]]) -> None:
    found = Problems()
    for first, second in itertools.pairwise(accounts):
        if first[0] == second[0]:
            found.add(f"{first[1]} and {second[1]} would share the Sage account {first[0]}.", value=second[1])
    found.raise_errors()


def _sage_row(part: Part) -> dict[str, str]:
    document, credit = part.document, part.net < 0
    return {
        "Type": ("S" if part.sale else "P") + ("C" if credit else "I"),
        "Account Reference": sage_reference(part.party["id"]),
        "Nominal A/C Ref": SAGE_NOMINALS[part.sale],
        "Department Code": "0",
        "Date": _day(document["issued"]),
        "Reference": document["number"],
        "Details": part.words[:60],
        "Net Amount": amount(abs(part.net)),
        "Tax Code": part.tax_name,
        "Tax Amount": amount(abs(part.tax)),
        "Exchange Rate": "1",
        "Extra Reference": "",
    }


def quickbooks(documents: Sequence[Json], facts: Facts) -> Files:
    """Files for QuickBooks Online, where columns are matched by hand; credits and bills apart, since it takes no negative invoice."""
    parts = _parts(documents, QUICKBOOKS)
    names = {
        (True, False): "quickbooks-invoices",
        (True, True): "quickbooks-credit-notes",
        (False, False): "quickbooks-bills",
        (False, True): "quickbooks-supplier-credits",
    }
    return _with_totals(
        QUICKBOOKS,
        [
            (name, QUICKBOOKS_COLUMNS, [p for p in parts if (p.sale, _is_credit(p.document)) == key], _quickbooks_row)
            for key, name in names.items()
        ],
    )


def _is_credit(document: Json) -> bool:
    return bool(document["total_pence"] < 0)


def _quickbooks_row(part: Part) -> dict[str, str]:
    document = part.document
    net = amount(-part.net if _is_credit(document) else part.net)
    return {
        "Invoice number": document["number"],
        "Customer": part.party["name"],
        "Invoice date": _day(document["issued"]),
        "Due date": _day(document["due"]),
        "Service date": _day(document["tax_point"] or document["issued"]),
        "Item": "Charges" if part.sale else "Contributor fees",
        "Item description": part.words,
        "Item quantity": "1",
        "Item rate": net,
        "Item amount": net,
        "Item tax code": part.tax_name,
        "Memo": f"SHA-256 {document['digest']}",
    }


def _parts(documents: Iterable[Json], package: Package) -> list[Part]:
    """One part per document and rate. Raises `BadInput` for each rate of which the package has no word."""
    found, problems = list[Part](), Problems()
    for document in documents:
        for code, rate, net, tax in _taxes(document):
            sale = document["kind"] in (INVOICE, CREDIT_NOTE)
            percent = decimal_text(rate * 100)
            name = package.tax_names.get((sale, code, percent), "")
            if not name:
                said = f"{document['number']}: {package.name} has no fixed tax code of VAT {code} at {percent} %."
                problems.add(said, value=document["number"], hint="Enter this document by hand.")
            found.append(Part(document, code, rate, net, tax, name))
    problems.raise_errors()
    return found


def _taxes(document: Json) -> Iterator[tuple[str, Decimal, int, int]]:
    if not document["tax"]:
        yield "", Decimal(0), document["net_pence"], 0
    for row in document["tax"]:
        yield row["code"], Decimal(row["rate"]), row["net_pence"], row["tax_pence"]


Sheet = tuple[str, Sequence[str], Sequence[Part], Callable[[Part], dict[str, str]]]


def _with_totals(package: Package, sheets: Iterable[Sheet]) -> Files:
    """Files of at most so many documents each as the package takes, and what each must add up to."""
    made: Files = {}
    totals: list[tuple[str, ...]] = []
    for name, columns, parts, row in sheets:
        numbers = list(dict.fromkeys(part.document["number"] for part in parts))
        for start in range(0, len(numbers), package.most):
            held = set(numbers[start : start + package.most])
            chosen = [part for part in parts if part.document["number"] in held]
            file = f"{name}-{start // package.most + 1}.csv"
            made[file] = _csv(columns, ([row(part).get(column, "") for column in columns] for part in chosen))
            net, tax = sum(part.net for part in chosen), sum(part.tax for part in chosen)
            totals.append((file, str(len(held)), amount(net), amount(tax), amount(net + tax)))
    return {**made, f"{package.name}-totals.csv": _csv(TOTALS, totals)}


def _csv(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(
        [tuple(columns), *([_harmless(cell) for cell in row] for row in rows)]
    )
    return out.getvalue().encode()


AMOUNT = re.compile(r"-?[0-9]+\.[0-9]{2}")


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula gets an apostrophe ahead (OWASP, "CSV Injection")."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") and not AMOUNT.fullmatch(cell) else cell


def _day(text: str) -> str:
    """A day as the packages want it: 02/04/2027."""
    return f"{date.fromisoformat(text):%d/%m/%Y}"
