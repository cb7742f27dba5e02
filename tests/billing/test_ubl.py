"""E-invoices: exact by our own check, and accepted by the official rules."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.documents.ubl import ubl_of
from billing.documents.ubl_check import ubl_faults
from billing.facts import Facts
from tests.billing.official import rule_faults, schema_faults
from tests.billing.paper import FACTS, GLASS, HOUSE, QUARTER, USER, charge, fee, final, line
from topology.problems import BadInput

PENCE = st.integers(-(10**9), 10**9).filter(bool)
DAYS = st.integers(1, 90)


def mixed() -> dict[str, list[dict[str, Any]]]:
    """Documents of every kind and VAT code."""
    codes = {"S": "S", "AE": "AE", "Z": "Z", "E": "E", "O": "O"}
    by_code = {f"VAT {code}": final(charge(5_001), codes={"fibre_pair_metre_year": code}, start=10) for code in codes}
    part = charge(23_620 * 20 // 31, "c3", first=date(2027, 1, 12), last=date(2027, 2, 1))
    connection = line(30_000, "charge", "USER", "connection", "c3", first=date(2027, 1, 12), last=date(2027, 1, 12))
    ended = line(700, "charge", "USER", "early_cease", "c3", first=QUARTER[1], last=QUARTER[1])
    back = line(-55, "charge", "USER", "credit", "c1", text="down < 90 minutes & more")
    two = {"fibre_pair_metre_year": "S", "connection": "Z"}
    return {
        "invoice": final(charge(10_005), part, connection, ended, back),
        "two codes": final(charge(10_005), connection, codes=two),
        "credit note": final(charge(-10_005), charge(5, "c2")),
        "self-billed invoice": final(fee(3_333), fee(-10, "s2")),
        "self-billed credit note": final(fee(-3_333)),
        "correction": final(replace(charge(-1), corrects=("INV-2026-0009", 3))),
        **by_code,
    }


@pytest.mark.parametrize("name", mixed())
def test_documents_of_every_kind_are_exact(name: str) -> None:
    """Every equation of every kind of e-invoice holds to the penny."""
    for document in mixed()[name]:
        assert ubl_faults(ubl_of(document)) == ()


@given(st.lists(st.tuples(PENCE, DAYS), min_size=1, max_size=8), st.booleans())
def test_any_amounts_are_exact(rows: list[tuple[int, int]], fees: bool) -> None:
    """Whatever the pence and the days, price x quantity / base is the line, and VAT is reckoned once on the sum."""
    make = fee if fees else charge
    lines = [
        make(pence, f"x{i}", last=date.fromordinal(QUARTER[0].toordinal() + days))
        for i, (pence, days) in enumerate(rows)
    ]
    (document,) = final(*lines)
    assert ubl_faults(ubl_of(document)) == ()


def test_profile_and_type_by_kind() -> None:
    """Self-billed documents bear their own profile and the types 389 and 261."""
    said = {
        document["kind"]: [part for part in (b"selfbilling:3.0", b">380<", b">381<", b">389<", b">261<") if part in xml]
        for documents in mixed().values()
        for document in documents
        for xml in [ubl_of(document)]
    }
    assert said == {
        "invoice": [b">380<"],
        "credit_note": [b">381<"],
        "self_billed_invoice": [b"selfbilling:3.0", b">389<"],
        "self_billed_credit_note": [b"selfbilling:3.0", b">261<"],
    }


def test_a_line_says_its_days() -> None:
    """Twenty days of a month: the price of these days per 20 DAY, which multiplies back to the penny."""
    xml = ubl_of(mixed()["invoice"][0]).decode()
    assert '<cbc:InvoicedQuantity unitCode="DAY">20</cbc:InvoicedQuantity>' in xml
    assert '<cbc:BaseQuantity unitCode="DAY">20</cbc:BaseQuantity>' in xml
    assert '<cbc:PriceAmount currencyID="GBP">152.38</cbc:PriceAmount>' in xml


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (">117.66<", ">117.67<", "PayableAmount"),
        (
            'TaxAmount currencyID="GBP">19.61<',
            'TaxAmount currencyID="GBP">19.60<',
            "total of VAT: not the sum of its subtotals",
        ),
        (">100.05<", ">100.06<", "sum of its lines"),
        ("billing:3.0", "selfbilling:3.0", "does not go with its profile"),
        (">90<", ">91<", "line 1: 100.05 is not quantity x price / base"),
    ],
)
def test_one_penny_is_found(old: str, new: str, said: str) -> None:
    """One penny, one day or one name changed: the check says where."""
    xml = ubl_of(final(charge(10_005), charge(-200, "c2"))[0]).decode()
    found = ubl_faults(xml.replace(old, new, 1).encode())
    assert said in "; ".join(found)


SUBTOTAL = re.compile(r"    <cac:TaxSubtotal>.*?</cac:TaxSubtotal>\n", re.DOTALL)


def test_a_subtotal_too_few_or_too_many_is_found() -> None:
    """Lines whose VAT stands nowhere, and VAT that stands twice."""
    xml = ubl_of(final(charge(10_005))[0]).decode()
    (subtotal,) = SUBTOTAL.findall(xml)
    assert "VAT S at 20 %: its lines have no subtotal" in ubl_faults(xml.replace(subtotal, "").encode())
    assert "VAT S at 20 %: stands twice" in ubl_faults(xml.replace(subtotal, subtotal * 2).encode())


def test_periods_hold_their_last_day() -> None:
    """A quarter ends on 31 March; a line of an earlier quarter widens the period of its document."""
    early = charge(5, "c0", first=date(2026, 12, 1), last=date(2027, 1, 1))
    xml = ubl_of(final(charge(10_005), early)[0]).decode()
    found = re.findall(r"<cbc:StartDate>(.*?)</cbc:StartDate>\s*<cbc:EndDate>(.*?)</cbc:EndDate>", xml)
    assert found == [("2026-12-01", "2027-03-31"), ("2026-12-01", "2026-12-31"), ("2027-01-01", "2027-03-31")]


def test_what_is_no_e_invoice_is_refused() -> None:
    """No XML, a document type, another root, a missing total."""
    xml = ubl_of(final(charge(1))[0])
    for bad in (
        b"<",
        b"<!DOCTYPE x []><x/>",
        b"<Order/>",
        xml.replace(b"PayableAmount", b"Other"),
        xml.replace(b">0.01<", b">0.010<"),
    ):
        with pytest.raises(BadInput):
            ubl_faults(bad)


def test_what_is_lacking_is_named_at_once() -> None:
    """A buyer without address and number, a seller without number: all three are named, and nothing is made."""
    bare = Facts(parties=(replace(HOUSE, vat_number=""), replace(USER, address="", vat_number="")))
    (document,) = final(charge(1), facts=bare)
    with pytest.raises(BadInput) as stop:
        ubl_of(document)
    assert len(stop.value.problems) == 4
    assert document["missing"] == [
        "VAT number of the seller, Cooperative Network Infrastructure Limited",
        "address of the buyer, User Members & Sons",
    ]


def test_statements_and_drafts_have_none() -> None:
    """A plain statement is no VAT document; a draft has no number yet."""
    plain = Facts(parties=(HOUSE, replace(GLASS, vat_number="")))
    for document in (final(fee(1), facts=plain)[0], {**final(charge(1))[0], "number": None}):
        with pytest.raises(BadInput):
            ubl_of(document)


def test_own_address_and_reference() -> None:
    """An electronic address of the party's own comes before its VAT number; so does a buyer's reference."""
    gln = replace(USER, endpoint_scheme="0088", endpoint_id="5790000435944", buyer_reference="PO-7")
    xml = ubl_of(final(charge(1), facts=replace(FACTS, parties=(HOUSE, gln)))[0]).decode()
    assert '<cbc:EndpointID schemeID="0088">5790000435944</cbc:EndpointID>' in xml
    assert "<cbc:BuyerReference>PO-7</cbc:BuyerReference>" in xml


BILLING_ONLY = {"PEPPOL-EN16931-R004", "PEPPOL-EN16931-R007"}
"""The rules of the billing profile that say that it is the billing profile."""


@pytest.mark.einvoice
@pytest.mark.parametrize("name", mixed())
def test_official_rules_accept(name: str) -> None:
    """UBL 2.1 schema, EN 16931 and Peppol find nothing; of self-billed ones only that theirs is another profile."""
    for document in mixed()[name]:
        xml = ubl_of(document)
        assert schema_faults(xml) == []
        assert rule_faults(xml, "cen") == []
        assert set(rule_faults(xml, "peppol")) == (BILLING_ONLY if "self" in document["kind"] else set())


ROWS = st.lists(
    st.tuples(PENCE, DAYS, st.sampled_from(["use", "connection", "credit", "availability"])), min_size=1, max_size=6
)
CODES = st.dictionaries(st.sampled_from(["use", "connection", "credit"]), st.sampled_from(["S", "AE", "Z", "E"]))


@pytest.mark.einvoice
@settings(max_examples=60, deadline=None, derandomize=True)
@given(ROWS, CODES, st.booleans())
def test_official_rules_accept_any_amounts(rows: list[tuple[int, int, str]], codes: dict[str, str], fees: bool) -> None:
    """Whatever the signs, days and codes of lines, also where a code's sum is negative on an invoice."""
    make = fee if fees else charge
    lines = [
        replace(make(pence, f"x{i}", last=date.fromordinal(QUARTER[0].toordinal() + days)), product=product)
        for i, (pence, days, product) in enumerate(rows)
    ]
    (document,) = final(*lines, codes=codes)
    xml = ubl_of(document)
    assert (schema_faults(xml), rule_faults(xml, "cen"), ubl_faults(xml)) == ([], [], ())
    assert set(rule_faults(xml, "peppol")) <= BILLING_ONLY


@pytest.mark.einvoice
def test_official_rules_let_95_pence_through() -> None:
    """VAT too low by 95 pence, totals consistent: schema, EN 16931 and Peppol accept it; ours does not."""
    (document,) = final(charge(10_005))
    row = {**document["tax"][0], "tax_pence": document["tax_pence"] - 95}
    wrong = {**document, "tax": [row], "tax_pence": row["tax_pence"], "total_pence": document["total_pence"] - 95}
    xml = ubl_of(wrong)
    assert (schema_faults(xml), rule_faults(xml, "cen"), rule_faults(xml, "peppol")) == ([], [], [])
    assert ubl_faults(xml) == ("VAT S at 20 %: 19.06 is not 20.01",)


@pytest.mark.einvoice
def test_official_rules_let_a_penny_of_a_line_through() -> None:
    """7.62 a day x 20 days is 152.40; a line of 152.39 passes the official rules and not ours."""
    xml = ubl_of(final(charge(15_239, last=date(2027, 1, 21)))[0])
    price = '<cbc:PriceAmount currencyID="GBP">152.39</cbc:PriceAmount>\n      <cbc:BaseQuantity unitCode="DAY">20<'
    daily = '<cbc:PriceAmount currencyID="GBP">7.62</cbc:PriceAmount>\n      <cbc:BaseQuantity unitCode="DAY">1<'
    wrong = xml.decode().replace(price, daily).encode()
    assert wrong != xml
    assert (rule_faults(wrong, "cen"), rule_faults(wrong, "peppol")) == ([], [])
    assert ubl_faults(wrong) == ("line 1: 152.39 is not quantity x price / base",)


@pytest.mark.einvoice
@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("<cbc:BuyerReference>USER</cbc:BuyerReference>", "", "PEPPOL-EN16931-R003"),
        ('PayableAmount currencyID="GBP">120.06', 'PayableAmount currencyID="GBP">120.07', "BR-CO-16"),
        ("InvoiceTypeCode>380", "InvoiceTypeCode>389", "PEPPOL-EN16931-P0100"),
    ],
)
def test_official_rules_are_awake(old: str, new: str, rule: str) -> None:
    """A missing reference, a total that does not add up, a self-billed type in the billing profile are found by name."""
    xml = ubl_of(final(charge(10_005))[0]).decode().replace(old, new).encode()
    assert rule in rule_faults(xml, "cen") + rule_faults(xml, "peppol")
