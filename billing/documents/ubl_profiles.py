"""What differs between the e-invoices that we make, as data: profile and document type, by kind of document.

EN 16931 in the syntax UBL 2.1, by Peppol BIS Billing 3.0; self-billed documents by Peppol BIS Self-Billing 3.0, whose identifiers an
ordinary invoice may not bear, nor the other way round. Another profile (a PINT for the United Kingdom, say) is another row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from billing.documents.document import CREDIT_NOTE, INVOICE, SELF_BILLED, SELF_BILLED_CREDIT, TYPE_CODES

EN16931 = "urn:cen.eu:en16931:2017"
VAT_SCHEME = "9932"
"""Electronic address scheme: a VAT number of the United Kingdom."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of e-invoice. `root`: Invoice or CreditNote; `type_code`: UNTDID 1001."""

    root: str
    type_code: str
    customization: str
    process: str

    @property
    def is_credit(self) -> bool:
        """Whether it is a credit note: amounts that are given back stand on it without a sign."""
        return self.root == "CreditNote"


def _profile(root: str, kind: str, billing: str, process: str) -> Profile:
    customization = f"{EN16931}#compliant#urn:fdc:peppol.eu:2017:poacc:{billing}:3.0"
    return Profile(root, TYPE_CODES[kind], customization, f"urn:fdc:peppol.eu:2017:poacc:{process}:01:1.0")


PROFILES: Mapping[str, Profile] = {
    INVOICE: _profile("Invoice", INVOICE, "billing", "billing"),
    CREDIT_NOTE: _profile("CreditNote", CREDIT_NOTE, "billing", "billing"),
    SELF_BILLED: _profile("Invoice", SELF_BILLED, "selfbilling", "selfbilling"),
    SELF_BILLED_CREDIT: _profile("CreditNote", SELF_BILLED_CREDIT, "selfbilling", "selfbilling"),
}
UNITS: Mapping[str, str] = {"day": "DAY", "each": "C62"}
"""UN/ECE Recommendation 20 codes of our units."""
