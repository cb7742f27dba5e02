"""PDF: the same bytes each time, the e-invoice inside, and a page that says what the document says."""

from __future__ import annotations

import re
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from billing.documents.page import page_of
from billing.documents.pdf import pdf_of, png_of
from billing.documents.plain import text_of
from billing.documents.ubl import ubl_of
from tests.billing.paper import FACTS, HOUSE, USER, charge, drafts, fee, final, line
from topology.problems import BadInput

LONG = "The Royal Manchester and Salford Metropolitan Area Consortium of Colleges Limited"


def sixty() -> dict[str, Any]:
    """Sixty lines, one of them negative, for a buyer with a name of 80 characters."""
    facts = replace(FACTS, parties=(HOUSE, replace(USER, name=LONG)))
    sum_ = "12,345 m over 2 legs (6,789 + 5,556 m) x 1.25 GBP a year x 0.25 year (90 days) = 3,857.81 GBP"
    lines = [charge(385_781 + i, f"C-{i:03d}", text=sum_) for i in range(59)]
    return final(*lines, charge(-20_117, "C-900"), facts=facts)[0]


def test_page_of_an_invoice() -> None:
    """Particulars of regulation 14 in the order of the page; the statement that HMRC wants on what is self-billed."""
    (invoice, bill) = final(charge(10_005, text="how"), fee(3_333))
    page = page_of(invoice)
    assert page["facts"] == [
        ("Number", "INV-2027-0001"),
        ("Date of issue", "2 April 2027"),
        ("Tax point", "2 April 2027"),
        ("Payment due", "2 May 2027"),
        ("Period from", "1 January 2027"),
        ("Period to", "31 March 2027"),
    ]
    assert (page["seller"]["vat"], page["buyer"]["name"]) == ("GB333289454", "User Members & Sons")
    assert page["lines"][0] == {
        "number": 1,
        "head": "Dark fibre",
        "subject": "c1",
        "text": "how",
        "quantity": "90 days",
        "vat": "20 %",
        "pence": 10_005,
    }
    assert page["taxes"] == [{"rate": "20 % (standard rate)", "net": 10_005, "tax": 2_001}]
    assert page["totals"] == [("Net", 10_005), ("VAT", 2_001), ("Total", 12_006)]
    assert page_of(bill)["notes"] == ["The VAT shown is your output tax due to HMRC"]
    assert page_of(bill)["issuer"] == HOUSE.name


def test_credit_notes_show_what_is_given_back() -> None:
    """Amounts of a credit note stand without a sign, and ask for no payment."""
    page = page_of(final(charge(-10_005), charge(5, "c2"))[0])
    assert [row["pence"] for row in page["lines"]] == [10_005, -5]
    assert page["totals"][-1] == ("Total credit", 12_000)
    assert page["payment"] == ["£120.00 is set off against your next payment, or paid back on request."]


def test_what_is_no_invoice_says_so() -> None:
    """A draft, an illustrative document, and one that lacks what VAT asks for bear a banner and ask for no payment."""
    draft = drafts(charge(100))[0].as_json(FACTS)
    invented = final(charge(100), illustrative=True)[0]
    assert [page_of(document)["marks"] for document in (draft, invented)] == [["draft"], ["illustrative"]]
    assert [page_of(document)["payment"] for document in (draft, invented)] == [[], []]
    bare = replace(FACTS, parties=(HOUSE, replace(USER, address="")))
    assert "lacks the address of the buyer" in page_of(final(charge(1), facts=bare)[0])["banners"][0]


def test_plain_text_fits() -> None:
    """Sixty lines and a long name: every amount ends in the same column."""
    said = text_of(sixty())
    assert {len(row) for row in said.splitlines() if re.search(r"VAT 20 %", row)} == {100}
    assert LONG in said


def test_without_typst_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Typst is optional: where it is missing the command that brings it is named."""
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(BadInput) as stop:
        pdf_of(final(charge(1))[0])
    assert "pip install 'typst" in stop.value.problems[0].hint


def streams(pdf: bytes) -> Iterator[bytes]:
    """What the streams of a PDF hold."""
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            yield zlib.decompress(found[1])
        except zlib.error:
            yield found[1]


@pytest.mark.einvoice
@pytest.mark.parametrize("seed", ["0", "77"])
def test_same_bytes_in_every_process(seed: str) -> None:
    """Another process with another hash seed makes the same bytes."""
    code = "import sys; from tests.billing.test_pdf import *; sys.stdout.buffer.write(pdf_of(sixty()))"
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."}
    )
    assert other.stdout == pdf_of(sixty())


@pytest.mark.einvoice
def test_the_e_invoice_is_inside() -> None:
    """A VAT document is PDF/A-3 with its UBL attached, byte for byte; a statement has nothing attached; the date is that of issue."""
    invoice, statement = final(charge(10_005), fee(7, party="SMALL"))
    pdf = pdf_of(invoice)
    assert pdf.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf
    assert ubl_of(invoice) in streams(pdf)
    assert b"/AFRelationship/Alternative" in pdf.replace(b" ", b"")
    assert b"D:20270402" in pdf
    assert b"invoice.xml" not in pdf_of(statement)


@pytest.mark.einvoice
def test_fonts_are_those_shipped() -> None:
    """No font of the system is in the file."""
    fonts = set(
        re.findall(rb"/BaseFont\s*/[A-Z]{6}\+([A-Za-z]+)", b"".join([pdf_of(sixty()), *streams(pdf_of(sixty()))]))
    )
    assert fonts == {b"Inter"}


@pytest.mark.einvoice
def test_pages() -> None:
    """One line is one page, sixty are four; each is a picture of A4."""
    assert [len(png_of(document, 20)) for document in (final(charge(1))[0], sixty())] == [1, 4]


@pytest.mark.einvoice
def test_text_is_never_markup() -> None:
    """What would be markup in Typst is set as it stands, and a character without a glyph is named, not dropped."""
    odd = line(1, "charge", "USER", "fibre_pair_metre_year", "c1", text='#panic("no") $x$ *b* _i_ @ref <l> \\ " //')
    assert pdf_of(final(odd)[0]).startswith(b"%PDF")
    alien = replace(FACTS, parties=(HOUSE, replace(USER, name="\u2d30")))
    with pytest.raises(BadInput, match="cannot be set"):
        pdf_of(final(charge(1), facts=alien)[0])


@pytest.mark.einvoice
def test_every_kind_can_be_set() -> None:
    """Credit note, self-billed invoice and credit note, statement, draft."""
    made = [*final(charge(-1)), *final(fee(1)), *final(fee(-1)), *final(fee(-1, party="SMALL"))]
    made.append(drafts(charge(1, first=date(2027, 1, 31)))[0].as_json(FACTS))
    assert all(pdf_of(document).startswith(b"%PDF") for document in made)
