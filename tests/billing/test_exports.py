"""Documents in the forms that others take in: what they must add up to, and an independent program that says so."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from billing.exports.forms import export, export_names
from billing.exports.packages import sage_reference
from billing.facts import Facts
from tests.billing.paper import FACTS, HOUSE, USER, charge, fee, final
from topology.problems import BadInput


def books() -> list[dict[str, Any]]:
    """Every kind of document, two months' worth of one user, one contributor with VAT and one without."""
    return [
        *final(charge(10_005), charge(-200, "c2"), fee(3_333), fee(555, party="SMALL")),
        *final(charge(-777), fee(-5), start=2),
    ]


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_names() -> None:
    """What there is; what there is not, a draft, and a changed document are refused."""
    assert export_names() == ("json", "xero", "sage", "quickbooks", "beancount", "ubl", "pdf", "text")
    document = final(charge(1))[0]
    for name, bad in (
        ("peachtree", document),
        ("json", {**document, "number": None}),
        ("json", {**document, "due": "2030-01-01"}),
    ):
        with pytest.raises(BadInput):
            export(name, [bad])


@pytest.mark.parametrize("name", [name for name in export_names() if name != "pdf"])
def test_same_bytes_whatever_the_order(name: str) -> None:
    """Documents in any order make the same files."""
    assert export(name, books(), FACTS) == export(name, books()[::-1], FACTS)


def test_json_lines() -> None:
    """One document a line, as it is."""
    lines = export("json", books())["documents.jsonl"].splitlines()
    assert sorted(json.loads(line)["number"] for line in lines) == sorted(document["number"] for document in books())
    assert all(json.loads(line) in books() for line in lines)


XERO_SALES = (
    "*ContactName,EmailAddress,POAddressLine1,POAddressLine2,POAddressLine3,POAddressLine4,POCity,PORegion,POPostalCode,POCountry,"
    "*InvoiceNumber,Reference,*InvoiceDate,*DueDate,InventoryItemCode,*Description,*Quantity,*UnitAmount,Discount,*AccountCode,*TaxType,"
    "TrackingName1,TrackingOption1,TrackingName2,TrackingOption2,Currency,BrandingTheme"
)


def test_xero_sales() -> None:
    """Xero's own header; one line per rate with quantity 1; a credit is negative; days as in Britain."""
    content = export("xero", books())["xero-sales-1.csv"]
    assert content.decode().splitlines()[0] == XERO_SALES
    found = [(row["*InvoiceNumber"], row["*UnitAmount"], row["*TaxType"], row["*InvoiceDate"]) for row in rows(content)]
    assert found == [
        ("CRN-2027-0002", "-7.77", "20% (VAT on Income)", "02/04/2027"),
        ("INV-2027-0001", "98.05", "20% (VAT on Income)", "02/04/2027"),
    ]


def test_xero_bills_carry_our_vat() -> None:
    """Bills have a column for VAT; a contributor without a number has none."""
    found = rows(export("xero", books())["xero-bills-1.csv"])
    assert [(row["*InvoiceNumber"], row["TaxAmount"], row["*TaxType"]) for row in found] == [
        ("SBC-2027-0002", "-0.01", "20% (VAT on Expenses)"),
        ("SBI-2027-0001", "6.67", "20% (VAT on Expenses)"),
        ("STM-2027-0001", "0.00", "No VAT"),
    ]


def many(count: int) -> list[dict[str, Any]]:
    """As many invoices, of a penny more each."""
    return [final(charge(100 + i), start=i + 1)[0] for i in range(count)]


def test_at_most_500_invoices_a_file() -> None:
    """501 invoices make two files, and the totals beside them say how many each holds."""
    found = export("xero", many(501))
    assert [len(rows(found[f"xero-sales-{i}.csv"])) for i in (1, 2)] == [500, 1]
    assert [(row["file"], row["documents"]) for row in rows(found["xero-totals.csv"])] == [
        ("xero-sales-1.csv", "500"),
        ("xero-sales-2.csv", "1"),
    ]


@pytest.mark.parametrize("name", ["xero", "sage", "quickbooks"])
def test_totals_are_those_of_the_documents(name: str) -> None:
    """What stands beside the files is what all documents together say, to the penny."""
    found = rows(export(name, books())[f"{name}-totals.csv"])
    for column, key in (("net", "net_pence"), ("vat", "tax_pence"), ("total", "total_pence")):
        assert sum(Decimal(row[column]) * 100 for row in found) == sum(document[key] for document in books())


def test_two_rates_make_two_lines() -> None:
    """An invoice at the standard and at the zero rate: its number stands twice."""
    documents = final(charge(1_000), replace(charge(500, "c9"), product="connection"), codes={"connection": "Z"})
    found = rows(export("xero", documents)["xero-sales-1.csv"])
    assert [(row["*InvoiceNumber"], row["*UnitAmount"], row["*TaxType"]) for row in found] == [
        ("INV-2027-0001", "10.00", "20% (VAT on Income)"),
        ("INV-2027-0001", "5.00", "Zero Rated Income"),
    ]


@pytest.mark.parametrize("name", ["xero", "sage", "quickbooks"])
def test_what_a_package_has_no_code_for_is_refused(name: str) -> None:
    """Nobody guesses the word of a package for the reverse charge."""
    with pytest.raises(BadInput, match="no fixed tax code"):
        export(name, final(charge(1_000), codes={"fibre_pair_metre_year": "AE"}))


def test_sage() -> None:
    """Types, codes and our own VAT; what is credited stands without a sign."""
    found = rows(export("sage", books())["sage-audit-trail-1.csv"])
    assert [(r["Type"], r["Account Reference"], r["Net Amount"], r["Tax Code"], r["Tax Amount"]) for r in found] == [
        ("SC", "USER", "7.77", "T1", "1.55"),
        ("SI", "USER", "98.05", "T1", "19.61"),
        ("PC", "GLASS", "0.05", "T1", "0.01"),
        ("PI", "GLASS", "33.33", "T1", "6.67"),
        ("PI", "SMALL", "5.55", "T9", "0.00"),
    ]


def test_sage_accounts_are_told_apart() -> None:
    """Two long ids with the same beginning get two references of eight characters; two that differ by case alone are refused."""
    first, second = sage_reference("manchester-one"), sage_reference("manchester-two")
    assert (len(first), len(second), first == second) == (8, 8, False)
    parties = Facts(parties=(HOUSE, USER, replace(USER, id="user")))
    with pytest.raises(BadInput, match="would share"):
        export("sage", final(charge(1), charge(1, party="user"), facts=parties))


def test_quickbooks_has_no_negative_document() -> None:
    """Credit notes and supplier credits are files of their own, with positive amounts."""
    found = export("quickbooks", books())
    assert {
        name: [row["Item amount"] for row in rows(content)] for name, content in found.items() if "totals" not in name
    } == {
        "quickbooks-invoices-1.csv": ["98.05"],
        "quickbooks-credit-notes-1.csv": ["7.77"],
        "quickbooks-bills-1.csv": ["33.33", "5.55"],
        "quickbooks-supplier-credits-1.csv": ["0.05"],
    }


@pytest.mark.parametrize("name", ["xero", "sage", "quickbooks", "beancount", "ubl", "text"])
def test_what_is_illustrative_says_so_everywhere(name: str) -> None:
    """Nobody posts invented invoices unawares."""
    documents = final(charge(1_000), illustrative=True)
    assert any("illustrative" in content.decode().lower() for content in export(name, documents, FACTS).values())


def test_a_name_is_no_formula() -> None:
    """A member called =1+1 stays text in a spreadsheet."""
    odd = Facts(parties=(HOUSE, replace(USER, name="=1+1")))
    (row,) = rows(export("xero", final(charge(-5), facts=odd))["xero-sales-1.csv"])
    assert (row["*ContactName"], row["*UnitAmount"]) == ("'=1+1", "-0.05")


def test_e_invoices_and_who_has_none() -> None:
    """A file per VAT document; the others are named with the reason."""
    bare = replace(FACTS, parties=tuple(replace(p, vat_number="") if p.id == "USER" else p for p in FACTS.parties))
    found = export("ubl", final(charge(5), fee(5), fee(5, party="SMALL"), facts=bare), bare)
    assert sorted(found) == ["SBI-2027-0001.xml", "without-e-invoice.txt"]
    assert found["without-e-invoice.txt"].decode() == (
        "INV-2027-0001: It has no electronic address of its buyer, User Members & Sons; a VAT number serves as one.\n"
        "STM-2027-0001: it is no VAT document.\n"
    )


def test_text_says_what_the_document_says() -> None:
    """Plain text needs nothing installed: totals, what HMRC wants said, how to pay."""
    found = export("text", books())
    invoice, bill = (found[f"{number}.txt"].decode() for number in ("INV-2027-0001", "SBI-2027-0001"))
    assert "Total, GBP" in invoice
    assert "Please pay £117.66 by 2 May 2027, quoting INV-2027-0001." in invoice
    assert "The VAT shown is your output tax due to HMRC" in bill


BEAN_CHECK = Path(sys.executable).parent / "bean-check"


def bean_check(folder: Path, ledger: str) -> int:
    """The verdict of beancount, run as the separate program that it is."""
    file = folder / "documents.beancount"
    file.write_text(ledger, encoding="utf-8")
    return subprocess.run([BEAN_CHECK, "--no-cache", file], capture_output=True, check=False).returncode


def without(ledger: str, number: str) -> str:
    """The ledger less one transaction."""
    return "\n\n".join(part for part in ledger.split("\n\n") if f"^{number}" not in part)


def test_beancount_accepts_the_books(tmp_path: Path) -> None:
    """The journal as exported balances; names with quotes do no harm."""
    odd = replace(FACTS, parties=tuple(replace(p, name='A "quoted" \\ name') for p in FACTS.parties))
    assert bean_check(tmp_path, ledger_of(books())) == 0
    assert bean_check(tmp_path, ledger_of(final(charge(7), fee(9), facts=odd), odd)) == 0


def ledger_of(documents: Sequence[dict[str, Any]], facts: Facts = FACTS) -> str:
    return export("beancount", documents, facts)["documents.beancount"].decode()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("117.66 GBP", "117.67 GBP"),
        lambda text: text.replace("-100.05 GBP", "-100.045 GBP"),
        lambda text: without(text, "SBI-2027-0001"),
        lambda text: text.replace("33.33 GBP", "33.34 GBP").replace("-40.00 GBP", "-40.01 GBP"),
    ],
    ids=["one penny", "half a penny", "one document gone", "a penny on both sides"],
)
def test_beancount_refuses_what_is_wrong(tmp_path: Path, change: Any) -> None:
    """A penny, half a penny, a whole document, a penny that balances within its entry: each is found."""
    ledger = ledger_of(books())
    assert change(ledger) != ledger
    assert bean_check(tmp_path, change(ledger)) == 1
