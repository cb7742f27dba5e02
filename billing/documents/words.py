"""The words by which documents name what is billed, and what they are called themselves."""

from __future__ import annotations

from collections.abc import Mapping

from billing.documents.document import CREDIT_NOTE, INVOICE, SELF_BILLED, SELF_BILLED_CREDIT, STATEMENT
from billing.pence import pounds

PRODUCT_NAMES: Mapping[str, str] = {
    "fibre_pair_metre_year": "Dark fibre",
    "rack_unit_month": "Rack space",
    "kw_month": "Power",
    "connection": "Connection",
    "cross_connect": "Cross-connect",
    "credit": "Credit for outages",
    "early_cease": "Early end of a term",
    "cost_share": "Share of validated costs",
    "use": "Use of your fibre",
    "availability": "Fibre kept available",
    "cost": "Validated costs",
    "fee": "Contributor fee",
}
"""Product -> what a line is headed with."""

TITLES: Mapping[str, str] = {
    INVOICE: "Invoice",
    CREDIT_NOTE: "Credit note",
    SELF_BILLED: "Self-billed invoice",
    SELF_BILLED_CREDIT: "Self-billed credit note",
    STATEMENT: "Contributor statement",
}


def amount(pence: int) -> str:
    """Pence as pounds for machines, without thousands: 123456 -> "1234.56", -5 -> "-0.05"."""
    return pounds(pence).replace(",", "")
