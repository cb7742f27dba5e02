"""A document as an e-invoice: EN 16931 in UBL 2.1, by the profile of its kind (`billing.documents.ubl_profiles`).

Amounts are those of the document, to the penny. A line priced by days says its net as the price of all its days together
(BaseQuantity, unit DAY): price x quantity / base is exact however the days fall, and no unit price is rounded (rule F29).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from billing.documents.ubl_profiles import PROFILES, UNITS, VAT_SCHEME, Profile
from billing.documents.words import PRODUCT_NAMES, amount
from billing.vat import OUTSIDE, TAX_CODES
from topology.cells import decimal_text
from topology.problems import Problems, bad_input

UBL = "urn:oasis:names:specification:ubl:schema:xsd"
Json = Mapping[str, Any]
Element = tuple[str, Mapping[str, str], "str | tuple[Element, ...]"]


def ubl_of(document: Json) -> bytes:
    """The UBL 2.1 of a final VAT document (`cni.document/1`).

    Raises `BadInput` for a plain statement or draft, and naming all that e-invoices need and the parties lack.
    """
    if document["kind"] not in PROFILES or not document["number"] or not document["issued"]:
        said = f"{document['number'] or 'A draft'} ({document['kind']}) has no e-invoice: {no_ubl(document)}"
        raise bad_input(said, value=document["number"] or "")
    profile = PROFILES[document["kind"]]
    _check(document)
    parts = tuple(_head(document, profile) if not profile.is_credit else _credit_head(document, profile))
    body = (*parts, *_parties(document), *_payment(document, profile), *_totals(document, profile))
    sign = -1 if profile.is_credit else 1
    lines = (
        _line(number, line, sign, profile.root, _span(document)) for number, line in enumerate(document["lines"], 1)
    )
    return _bytes(profile.root, (*body, *lines))


def no_ubl(document: Json) -> str:
    """Why a document has no e-invoice, in words; empty where it has one."""
    if document["kind"] not in PROFILES:
        return "it is no VAT document."
    if not document["number"] or not document["issued"]:
        return "it is a draft."
    return " ".join(said for said, _ in _lacks(document))


def has_ubl(document: Json) -> bool:
    """Whether a document is one of which an e-invoice can be made."""
    return not no_ubl(document)


def _lacks(document: Json) -> Iterator[tuple[str, str]]:
    """What an e-invoice needs and the document has not: a sentence, and the party that it is about."""
    for what in document["missing"]:
        yield f"It lacks the {what}.", ""
    if len(document["tax"]) > 1 and any(row["code"] == OUTSIDE for row in document["tax"]):
        yield "It mixes what is outside the scope of VAT with what is not, which e-invoices may not (BR-O-11).", ""
    for role in ("seller", "buyer"):
        party = document[role]
        if not party["endpoint_id"] and not party["vat_number"]:
            yield (
                f"It has no electronic address of its {role}, {party['name']}; a VAT number serves as one.",
                party["id"],
            )


def _check(document: Json) -> None:
    found, name = Problems(), document["number"]
    for said, party in _lacks(document):
        found.add(f"{name}: {said}", file="parties.csv", value=party or name)
    found.raise_errors()


def _leaf(name: str, text: str, **attributes: str) -> Element:
    return (f"cbc:{name}", attributes, text)


def _node(name: str, *parts: Element) -> Element:
    return (f"cac:{name}", {}, parts)


def _money(name: str, pence: int) -> Element:
    return _leaf(name, amount(pence), currencyID="GBP")


def _identity(document: Json, profile: Profile) -> tuple[Element, ...]:
    ids = (("CustomizationID", profile.customization), ("ProfileID", profile.process), ("ID", document["number"]))
    return (*(_leaf(name, text) for name, text in ids), _leaf("IssueDate", document["issued"]))


def _head(document: Json, profile: Profile) -> Iterator[Element]:
    yield from _identity(document, profile)
    yield _leaf("DueDate", document["due"])
    yield _leaf("InvoiceTypeCode", profile.type_code)
    yield from _note(document)
    yield _leaf("TaxPointDate", document["tax_point"])
    yield from _references(document)


def _credit_head(document: Json, profile: Profile) -> Iterator[Element]:
    yield from _identity(document, profile)
    yield _leaf("TaxPointDate", document["tax_point"])
    yield _leaf("CreditNoteTypeCode", profile.type_code)
    yield from _note(document)
    yield from _references(document)


def _note(document: Json) -> Iterator[Element]:
    """All notes in one: the profile allows no more."""
    if document["notes"]:
        yield _leaf("Note", " ".join(document["notes"]))


def _references(document: Json) -> Iterator[Element]:
    yield _leaf("DocumentCurrencyCode", document["currency"])
    yield _leaf("BuyerReference", document["buyer"]["buyer_reference"] or document["party"])
    yield _period("InvoicePeriod", *_span(document))
    for number in document["corrects"]:
        yield _node("BillingReference", _node("InvoiceDocumentReference", _leaf("ID", number)))


def _span(document: Json) -> tuple[date, date]:
    """[first, last) of the document's period and of every line that has days."""
    start, _, end = document["period"].partition("/")
    days = [(start, end), *((row["from"], row["to"]) for row in document["lines"] if row["from"] < row["to"])]
    return date.fromisoformat(min(a for a, _ in days)), date.fromisoformat(max(b for _, b in days))


def _period(name: str, first: date, last: date) -> Element:
    """UBL's periods hold their last day."""
    end = last - timedelta(days=1)
    return _node(name, _leaf("StartDate", first.isoformat()), _leaf("EndDate", end.isoformat()))


def _parties(document: Json) -> Iterator[Element]:
    taxed = any(
        row["code"] != OUTSIDE for row in document["tax"]
    )  # what is outside the scope bears no VAT number (BR-O-02)
    for name, role in (("AccountingSupplierParty", "seller"), ("AccountingCustomerParty", "buyer")):
        yield _node(name, _node("Party", *_party(document[role], taxed=taxed)))


def _party(party: Json, *, taxed: bool) -> Iterator[Element]:
    if party["endpoint_id"]:
        yield _leaf("EndpointID", party["endpoint_id"], schemeID=party["endpoint_scheme"] or VAT_SCHEME)
    else:
        yield _leaf("EndpointID", party["vat_number"], schemeID=VAT_SCHEME)
    yield _node("PartyIdentification", _leaf("ID", party["id"]))
    yield _node("PartyName", _leaf("Name", party["name"]))
    places = (("StreetName", "address"), ("CityName", "city"), ("PostalZone", "postcode"))
    address = (_leaf(name, party[key]) for name, key in places if party[key])
    yield _node("PostalAddress", *address, _node("Country", _leaf("IdentificationCode", party["country"] or "GB")))
    if party["vat_number"] and taxed:
        yield _node("PartyTaxScheme", _leaf("CompanyID", party["vat_number"]), _scheme())
    yield _node("PartyLegalEntity", _leaf("RegistrationName", party["name"]))
    if party["email"]:
        yield _node("Contact", _leaf("ElectronicMail", party["email"]))


def _scheme() -> Element:
    return _node("TaxScheme", _leaf("ID", "VAT"))


def _payment(document: Json, profile: Profile) -> Iterator[Element]:
    payee = document["seller"]["payment"]
    said = "To be set off or paid back." if profile.is_credit else f"To be paid by {document['due']}."
    yield _node("PaymentTerms", _leaf("Note", said if profile.is_credit else f"{said} {payee}".strip()))


def _totals(document: Json, profile: Profile) -> Iterator[Element]:
    sign = -1 if profile.is_credit else 1
    net, tax, total = (sign * document[f"{name}_pence"] for name in ("net", "tax", "total"))
    yield _node("TaxTotal", _money("TaxAmount", tax), *(_subtotal(row, sign) for row in document["tax"]))
    yield _node(
        "LegalMonetaryTotal",
        _money("LineExtensionAmount", net),
        _money("TaxExclusiveAmount", net),
        _money("TaxInclusiveAmount", total),
        _money("PayableAmount", total),
    )


def _subtotal(row: Json, sign: int) -> Element:
    amounts = (_money("TaxableAmount", sign * row["net_pence"]), _money("TaxAmount", sign * row["tax_pence"]))
    reason = TAX_CODES[row["code"]].reason
    more = (_leaf("TaxExemptionReason", reason),) if reason else ()
    return _node("TaxSubtotal", *amounts, _category("TaxCategory", row["code"], row["rate"], *more))


def _category(name: str, code: str, rate: str, *more: Element) -> Element:
    """A VAT category; what is outside the scope has no rate, not even 0."""
    percent = () if code == OUTSIDE else (_leaf("Percent", decimal_text(Decimal(rate) * 100)),)
    return _node(name, _leaf("ID", code), *percent, *more, _scheme())


def _line(number: int, row: Json, sign: int, root: str, span: tuple[date, date]) -> Element:
    pence, unit, quantity = sign * row["net_pence"], UNITS[row["unit"]], row["quantity"]
    name = "CreditedQuantity" if root == "CreditNote" else "InvoicedQuantity"
    days = _line_days(row, span)
    return _node(
        f"{root}Line",
        _leaf("ID", str(number)),
        _leaf(name, str(-quantity if pence < 0 else quantity), unitCode=unit),
        _money("LineExtensionAmount", pence),
        *days,
        _node(
            "Item",
            _leaf("Description", row["text"]),
            _leaf("Name", PRODUCT_NAMES.get(row["product"], row["product"])),
            *((_node("SellersItemIdentification", _leaf("ID", row["subject"])),) if row["subject"] else ()),
            _category("ClassifiedTaxCategory", row["tax_code"], row["tax_rate"]),
        ),
        _node("Price", _money("PriceAmount", abs(pence)), _leaf("BaseQuantity", str(quantity), unitCode=unit)),
    )


def _line_days(row: Json, span: tuple[date, date]) -> Iterable[Element]:
    first, last = date.fromisoformat(row["from"]), date.fromisoformat(row["to"])
    return (_period("InvoicePeriod", first, last),) if span[0] <= first < last <= span[1] else ()


def _bytes(root: str, parts: Iterable[Element]) -> bytes:
    spaces = {
        "": f"{UBL}:{root}-2",
        ":cac": f"{UBL}:CommonAggregateComponents-2",
        ":cbc": f"{UBL}:CommonBasicComponents-2",
    }
    head = f"<{root} " + " ".join(f'xmlns{name}="{space}"' for name, space in spaces.items()) + ">"
    body = "".join(text for part in parts for text in _text(part, 1))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{body}</{root}>\n'.encode()


def _text(element: Element, depth: int) -> Iterator[str]:
    name, attributes, inner = element
    start = f"<{name}" + "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items()) + ">"
    indent = "  " * depth
    if isinstance(inner, str):
        yield f"{indent}{start}{escape(inner)}</{name}>\n"
        return
    yield f"{indent}{start}\n"
    for part in inner:
        yield from _text(part, depth + 1)
    yield f"{indent}</{name}>\n"
