"""Whether the sums of an e-invoice are right to the penny, reckoned again from its XML alone.

The official rules do not prove pence: EN 16931 lets VAT be wrong by less than a pound (BR-CO-17, BR-S-09), Peppol lets a line be off by
two pence (R120). Here every equation is exact: line = quantity x price / base, VAT = taxable x rate half up, and all sums.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from xml.etree.ElementTree import Element, ParseError, fromstring

from billing.documents.ubl_profiles import PROFILES
from billing.pence import half_up, pounds
from topology.problems import bad_input

SPACES = {
    "a": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "b": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]{1,2})?")


def ubl_faults(xml: bytes) -> tuple[str, ...]:
    """Every equation of an e-invoice that does not hold exactly, in words; empty where all hold.

    Raises `BadInput` for what is no XML, has a document type, or lacks an amount.
    """
    if b"<!DOCTYPE" in xml:
        raise bad_input("An e-invoice has no document type.", hint="Entities could hide what is written.")
    try:
        root = fromstring(xml)
    except ParseError as error:
        raise bad_input(f"This is no XML: {error}.") from None
    return (*_identity_faults(root), *_line_faults(root), *_tax_faults(root), *_total_faults(root))


def _text(node: Element, path: str) -> str:
    found = node.find("/".join(f"{name[0]}:{name[2:]}" for name in path.split("/")), SPACES)
    if found is None or not found.text:
        raise bad_input(f"The e-invoice lacks {path}.", column=path)
    return found.text.strip()


def _pence(node: Element, path: str) -> int:
    text = _text(node, path)
    if not AMOUNT.fullmatch(text):
        raise bad_input(f"{path} is no amount of pounds and pence: {text}.", column=path, value=text)
    return int(Fraction(text) * 100)


def _number(node: Element, path: str) -> Fraction:
    return Fraction(_text(node, path))


def _root_name(root: Element) -> str:
    return root.tag.rpartition("}")[2]


def _lines(root: Element) -> list[Element]:
    return root.findall(f"a:{_root_name(root)}Line", SPACES)


def _identity_faults(root: Element) -> Iterator[str]:
    name = _root_name(root)
    if name not in {profile.root for profile in PROFILES.values()}:
        raise bad_input(f"This is no invoice or credit note, but a {name}.", value=name)
    said = (name, _text(root, f"b:{name}TypeCode"), _text(root, "b:CustomizationID"), _text(root, "b:ProfileID"))
    if said not in {(p.root, p.type_code, p.customization, p.process) for p in PROFILES.values()}:
        yield f"type {said[1]} of a {name} does not go with its profile {said[3]}"


def _line_faults(root: Element) -> Iterator[str]:
    quantity = "b:InvoicedQuantity" if _root_name(root) == "Invoice" else "b:CreditedQuantity"
    for line in _lines(root):
        exact = (
            _number(line, quantity) * _number(line, "a:Price/b:PriceAmount") / _number(line, "a:Price/b:BaseQuantity")
        )
        said = _pence(line, "b:LineExtensionAmount")
        if exact * 100 != said:
            yield f"line {_text(line, 'b:ID')}: {pounds(said)} is not quantity x price / base"


def _category(node: Element, path: str) -> tuple[str, Fraction]:
    code = _text(node, f"{path}/b:ID")
    return code, Fraction(0) if code == "O" else _number(node, f"{path}/b:Percent")


def _tax_faults(root: Element) -> Iterator[str]:
    nets: dict[tuple[str, Fraction], int] = defaultdict(int)
    for line in _lines(root):
        nets[_category(line, "a:Item/a:ClassifiedTaxCategory")] += _pence(line, "b:LineExtensionAmount")
    total, seen = 0, set()
    for row in root.findall("a:TaxTotal/a:TaxSubtotal", SPACES):
        key = _category(row, "a:TaxCategory")
        said, tax = _pence(row, "b:TaxableAmount"), _pence(row, "b:TaxAmount")
        total += tax
        if key in seen:
            yield f"VAT {key[0]} at {key[1]} %: stands twice"
        seen.add(key)
        if nets.get(key) != said:
            yield f"VAT {key[0]} at {key[1]} %: taxable {pounds(said)} is not the sum of its lines"
        if half_up(said * key[1] / 100) != tax:
            yield f"VAT {key[0]} at {key[1]} %: {pounds(tax)} is not {pounds(half_up(said * key[1] / 100))}"
    for code, percent in sorted(nets.keys() - seen):
        yield f"VAT {code} at {percent} %: its lines have no subtotal"
    if _pence(root, "a:TaxTotal/b:TaxAmount") != total:
        yield "total of VAT: not the sum of its subtotals"


def _total_faults(root: Element) -> Iterator[str]:
    def said(name: str) -> int:
        return _pence(root, f"a:LegalMonetaryTotal/b:{name}Amount")

    lines = sum(_pence(line, "b:LineExtensionAmount") for line in _lines(root))
    wanted = {
        "LineExtension": lines,
        "TaxExclusive": lines,
        "TaxInclusive": lines + _pence(root, "a:TaxTotal/b:TaxAmount"),
        "Payable": said("TaxInclusive"),
    }
    for name, pence in wanted.items():
        if said(name) != pence:
            yield f"{name}Amount: {pounds(said(name))} is not {pounds(pence)}"
