"""What VAT asks of documents: the codes of supplies, and the particulars that a VAT document must show.

Codes are those of UNCL 5305 as EN 16931 uses them. Particulars: VAT Regulations 1995 (SI 1995/2518) regulation 14; for a self-billed
document the same of the contributor, who is its seller (VAT Notice 700/62).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from billing.fact_rows import Party

STANDARD, REVERSE_CHARGE, OUTSIDE = "S", "AE", "O"


@dataclass(frozen=True, slots=True)
class TaxCode:
    """One way of taxing a supply. `rated`: at the tariff's rate, else at 0; `reason`: what a document must say of it."""

    words: str
    rated: bool = False
    reason: str = ""


TAX_CODES: Mapping[str, TaxCode] = {
    STANDARD: TaxCode("standard rate", rated=True),
    REVERSE_CHARGE: TaxCode("reverse charge", reason="Reverse charge: the customer is to account for the VAT to HMRC."),
    "Z": TaxCode("zero rate"),
    "E": TaxCode("exempt", reason="Exempt from VAT."),
    OUTSIDE: TaxCode("outside the scope of VAT", reason="Outside the scope of VAT."),
}
"""In the order in which documents list them."""


@dataclass(frozen=True, slots=True)
class TaxCodes:
    """The VAT code of each product, charges first, then fees: `[tax_codes]` of a tariff, and as dated as the tariff is."""

    fibre_pair_metre_year: str = STANDARD
    rack_unit_month: str = STANDARD
    kw_month: str = STANDARD
    connection: str = STANDARD
    cross_connect: str = STANDARD
    credit: str = STANDARD
    early_cease: str = STANDARD
    cost_share: str = STANDARD
    use: str = STANDARD
    availability: str = STANDARD
    cost: str = STANDARD

    @property
    def by_product(self) -> Mapping[str, str]:
        """Product -> code, of every product."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


def particulars_missing(seller: Party, buyer: Party) -> tuple[str, ...]:
    """What a VAT document between two parties cannot show, in words; empty where it can show all that regulation 14 asks."""
    asked = (
        (seller, ("address", "vat_number"), "seller"),
        (buyer, ("address",), "buyer"),
    )
    words = {"address": "address", "vat_number": "VAT number"}
    return tuple(
        f"{words[name]} of the {role}, {party.name}"
        for party, names, role in asked
        for name in names
        if not getattr(party, name)
    )
