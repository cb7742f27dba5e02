"""Documents: who is sent what, VAT once, corrections to a fixpoint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.documents.document import (
    CREDIT_NOTE,
    INVOICE,
    SELF_BILLED,
    SELF_BILLED_CREDIT,
    SELF_BILLING_STATEMENT,
    STATEMENT,
    Document,
    Line,
    Posted,
    differences,
    documents_of,
    finalised,
    lines_of,
)
from billing.documents.words import PRODUCT_NAMES
from billing.fact_rows import Party
from billing.facts import Facts
from billing.fees.policy import FeePolicy
from billing.settlement import settle
from billing.tariff import PRODUCTS
from billing.tariff_file import read_tariff
from billing.vat import TaxCodes
from cni.bills.values import tariff_from_json
from cni.schemas.published import faults, json_schema
from tests.billing import builders
from tests.billing.paper import FACTS, GLASS, HOUSE, ISSUED, QUARTER, RATE, USER, charge, drafts, fee, final
from topology.canonical import digest_of
from topology.problems import BadInput

PENCE = st.integers(-(10**7), 10**7).filter(bool)
LINES = st.lists(st.tuples(st.sampled_from(["USER", "GLASS", "SMALL"]), st.booleans(), PENCE), min_size=1, max_size=12)
RATES = st.sampled_from([Decimal("0.20"), Decimal("0.05"), Decimal("0.175"), Decimal(0)])


def made(rows: Iterable[tuple[str, bool, int]]) -> list[Line]:
    return [(charge if pays else fee)(pence, f"x{i}", party) for i, (party, pays, pence) in enumerate(rows)]


@given(LINES, RATES)
def test_vat_is_reckoned_once_and_totals_add_up(rows: list[tuple[str, bool, int]], rate: Decimal) -> None:
    """Each line stands on one document; VAT of a code is half up on the sum of its lines; total = net + VAT (F11)."""
    lines = made(rows)
    documents = documents_of(lines, FACTS, rate, QUARTER, QUARTER[1])
    assert sorted(line.key for d in documents for line in d.lines) == sorted(line.key for line in lines)
    for document in documents:
        assert document.total_pence == document.net_pence + document.tax_pence
        assert sum(tax.net_pence for tax in document.tax) == (document.net_pence if document.is_vat else 0)
        for tax in document.tax:
            exact = abs(Fraction(rate) * tax.net_pence)
            assert exact - Fraction(1, 2) < abs(tax.tax_pence) <= exact + Fraction(1, 2)


@given(LINES)
def test_no_party_gets_two_of_a_side(rows: list[tuple[str, bool, int]]) -> None:
    """One document per party and side, whatever the order of lines."""
    lines = made(rows)
    documents = documents_of(lines, FACTS, RATE, QUARTER, QUARTER[1])
    assert documents == documents_of(lines[::-1], FACTS, RATE, QUARTER, QUARTER[1])
    sides = [(d.lines[0].side, d.party) for d in documents]
    assert sorted(sides) == sorted({(line.side, line.party) for line in lines})


def test_who_is_both_gets_two_documents() -> None:
    """A contributor that also uses: an invoice and a self-billed invoice, neither set off against the other."""
    found = [(d.kind, d.total_pence) for d in drafts(charge(10_000, party="GLASS"), fee(4_000))]
    assert found == [(INVOICE, 12_000), (SELF_BILLED, 4_800)]


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        ({}, SELF_BILLED, SELF_BILLING_STATEMENT),
        ({"vat_number": ""}, STATEMENT, "no VAT number"),
        ({"self_billing_to": QUARTER[1]}, STATEMENT, "no self-billing agreement covers 2027-04-01"),
        ({"self_billing_from": None}, STATEMENT, "no self-billing agreement"),
        ({"vat_checked_on": None}, STATEMENT, "no check of the VAT number"),
    ],
)
def test_self_billing_needs_agreement_number_and_check(change: dict[str, object], kind: str, said: str) -> None:
    """Where any of them is missing on the tax point it is a plain statement without VAT, and says why."""
    facts = Facts(parties=(HOUSE, replace(GLASS, **change)))  # type: ignore[arg-type]  # a test's shorthand
    (document,) = drafts(fee(1_000), facts=facts)
    assert document.kind == kind
    assert said in document.notes[0]
    assert document.tax_pence == (200 if kind == SELF_BILLED else 0)


def test_negative_is_credit() -> None:
    """Net below nothing: a credit note, a self-billed credit note; a plain statement stays one."""
    found = drafts(charge(-1), fee(-1), fee(-1, party="SMALL"))
    assert [d.kind for d in found] == [CREDIT_NOTE, SELF_BILLED_CREDIT, STATEMENT]


def test_codes_of_products() -> None:
    """Each VAT code has its own sum; what is not taxed at the standard rate says why."""
    lines = (
        charge(1_001),
        replace(charge(500, "c2"), product="connection"),
        replace(charge(3, "c3"), product="credit"),
    )
    (document,) = drafts(*lines, codes={"connection": "AE", "credit": "Z"})
    assert [(t.code, t.net_pence, t.tax_pence) for t in document.tax] == [
        ("S", 1_001, 200),
        ("AE", 500, 0),
        ("Z", 3, 0),
    ]
    assert document.notes == ("Reverse charge: the customer is to account for the VAT to HMRC.",)
    assert [row["tax_rate"] for row in document.as_json(FACTS)["lines"]] == ["0.2", "0", "0"]


TARIFF = """
[tax_codes]
connection = "Z"
use = "E"

[[price]]
product = "fibre_pair_metre_year"
amount = 2

[[price]]
product = "connection"
amount = 150
"""


def test_codes_come_from_the_tariff(tmp_path: Path) -> None:
    """`[tax_codes]`: read, kept as JSON and back, summed in the settlement by rate, and put on documents."""
    (tmp_path / "tariff.toml").write_text(TARIFF, encoding="utf-8")
    tariff, _ = read_tariff(tmp_path / "tariff.toml")
    assert tariff_from_json(tariff.as_json()).codes == tariff.codes
    network = builders.line_of(1_000)
    network = replace(network, spans={"s1": replace(network.spans["s1"], owner="GLASS")})
    circuits = [builders.fibre("c1", "s1", "2027-01-01", member="USER")]
    settlement = settle(network, circuits, tariff, FeePolicy(rate=Decimal("0.4")), *QUARTER)
    assert settlement["tax"] == [
        {"rate": "0.2", "net_pence": 50_000, "tax_pence": 10_000},
        {"rate": "0", "net_pence": 30_000, "tax_pence": 0},
    ]
    documents = documents_of(lines_of(settlement), FACTS, tariff.tax_rate, QUARTER, QUARTER[1], tariff.codes)
    found = {document.kind: [(t.code, t.tax_pence) for t in document.tax] for document in documents}
    assert found == {INVOICE: [("S", 10_000), ("Z", 0)], SELF_BILLED: [("E", 0)]}


def test_an_unknown_code_is_refused(tmp_path: Path) -> None:
    """A code that there is not, and a product that there is not, are named with their lines."""
    (tmp_path / "tariff.toml").write_text(TARIFF.replace('"Z"', '"z"').replace("use =", "usage ="), encoding="utf-8")
    with pytest.raises(BadInput) as stop:
        read_tariff(tmp_path / "tariff.toml")
    assert [(p.line, p.column) for p in stop.value.problems] == [(3, "connection"), (4, "usage")]


def test_every_product_of_the_tariff_has_a_code() -> None:
    """No product can be priced and yet have no VAT code."""
    assert set(PRODUCTS) <= set(TaxCodes().by_product)
    assert set(TaxCodes().by_product) <= set(PRODUCT_NAMES)


def test_dates() -> None:
    """The tax point of a VAT document is its day of issue (reg 90); a statement has none; the payer's terms make the due day."""
    facts = Facts(parties=(replace(HOUSE, terms_days=14), replace(USER, terms_days=60), GLASS))
    invoice, bill, statement = (
        finalised(d, "X-1", ISSUED, facts) for d in drafts(charge(1), fee(1), fee(1, party="SMALL"), facts=facts)
    )
    assert (invoice.tax_point, invoice.due) == (ISSUED, date(2027, 6, 1))
    assert (bill.tax_point, bill.due) == (ISSUED, date(2027, 4, 16))
    assert statement.tax_point is None


def test_json_keeps_its_schema_and_digest() -> None:
    """`cni.document/1` of every kind, draft and final; the digest is of all else."""
    documents = [*final(charge(5), fee(5), fee(5, party="SMALL")), *final(charge(-5), fee(-5))]
    documents += [d.as_json(FACTS) for d in drafts(charge(5), illustrative=True)]
    for document in documents:
        assert list(faults(document, json_schema("cni.document/1"))) == []
        assert document["digest"] == digest_of({k: v for k, v in document.items() if k != "digest"})


def test_what_vat_asks_and_is_not_there_is_named() -> None:
    """Addresses of both and the seller's number (reg 14); a statement is no VAT document and lacks nothing."""
    bare = Facts(parties=(Party("cni", "House"), Party("USER", "User")))
    invoice, statement = (d.as_json(bare) for d in drafts(charge(1), fee(1, party="SMALL"), facts=bare))
    assert invoice["missing"] == [
        "address of the seller, House",
        "VAT number of the seller, House",
        "address of the buyer, User",
    ]
    assert statement["missing"] == []


def test_a_settlement_becomes_documents() -> None:
    """Every penny charged or paid in a settlement stands on a document."""
    network = builders.line_of(1_000, 2_000)
    circuits = [
        builders.fibre("c1", "s1+s2", "2027-01-01", member="USER"),
        builders.fibre("c2", "s2", "2027-02-10", member="A"),
    ]
    policy = FeePolicy(rate=Decimal("0.4"))
    settlement = settle(network, circuits, builders.tariff("2"), policy, *QUARTER)
    lines = lines_of(settlement)
    documents = documents_of(lines, FACTS, RATE, QUARTER, QUARTER[1])
    for side, rows in (("charge", settlement["charges"]), ("fee", settlement["fees"])):
        stand = sum(line.pence for d in documents for line in d.lines if line.side == side)
        assert stand == sum(row["amount_pence"] for row in rows)
    assert {(line.days, row["days"]) for line, row in zip(lines, settlement["charges"], strict=False)} == {
        (50, 50),
        (90, 90),
    }


class Book:
    """What stands: the naive bookkeeping of documents that a store keeps."""

    def __init__(self) -> None:
        self.posted: dict[str, Posted] = {}
        self.count = 0

    def post(self, wanted: list[Line]) -> tuple[Line, ...]:
        """Post what is left of the wanted lines, one document for all."""
        left = differences(wanted, self.posted)
        self.count += bool(left)
        for number, each in enumerate(left, 1):
            before = self.posted.get(each.key)
            pence = each.pence + (before.pence if before else 0)
            self.posted[each.key] = Posted(each, pence, f"INV-{self.count}", number)
        return left


HISTORY = st.lists(
    st.dictionaries(st.sampled_from("abcde"), st.integers(-500, 500).filter(bool), max_size=5), max_size=6
)


@given(HISTORY)
def test_corrections_reach_a_fixpoint(history: list[dict[str, int]]) -> None:
    """After each correction exactly what is wanted stands, however often it changed, and asking again posts nothing."""
    book = Book()
    for wanted in history:
        lines = [charge(pence, name) for name, pence in wanted.items()]
        book.post(lines)
        stands = {posted.line.subject: posted.pence for posted in book.posted.values() if posted.pence}
        assert stands == wanted
        assert book.post(lines) == ()


def test_a_correction_of_a_correction_names_the_last_document() -> None:
    """Each names the document and line before it, and its text does not grow from one to the next."""
    book = Book()
    for pence, text in ((100, "first"), (150, "second"), (120, "third")):
        left = book.post([charge(pence, "a", text=text)])
    (line,) = left
    assert (line.pence, line.corrects) == (-30, ("INV-2", 1))
    assert line.text == "Corrects INV-2, line 1: third; before: second"
    (gone,) = book.post([])
    assert (gone.pence, gone.text) == (-120, "Corrects INV-3, line 1: no longer billed; before: third")


def test_a_whole_credit_bills_anew() -> None:
    """What was turned back to nothing stands at 0: the next run bills it again in full."""
    book = Book()
    book.post([charge(100, "a")])
    book.post([])
    (again,) = book.post([charge(100, "a")])
    assert again.pence == 100
    (document,) = documents_of([again], FACTS, RATE, QUARTER, QUARTER[1])
    assert isinstance(document, Document)
    assert document.as_json(FACTS)["corrects"] == ["INV-2"]
