"""Forms of what is billed, in the notation of `cni.schemas`."""

from __future__ import annotations

from typing import Any

PARTY = {
    "id": "id",
    "name": "text",
    "address": "text",
    "city": "text",
    "postcode": "text",
    "country": "text",
    "email": "text",
    "vat_number": "text",
    "buyer_reference": "text",
    "endpoint_scheme": "text",
    "endpoint_id": "text",
    "payment": "text",
}
LINE = {
    "key": "text",
    "product": "text",
    "subject": "text",
    "from": "date",
    "to": "date",
    "days": "count",
    "quantity": "count",
    "unit": "text",
    "net_pence": "pence",
    "tax_code?": "text",
    "tax_rate?": "decimal",
    "text": "text",
    "corrects?": {"document": "text", "line": "count"},
}

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "cni.document/1": (
        "an invoice, a self-billed invoice, a statement or a credit note; a draft while it has no number",
        {
            "kind": "text",
            "type_code?": "text",
            "number?": "text",
            "party": "id",
            "seller": PARTY,
            "buyer": PARTY,
            "period": "text",
            "issued?": "date",
            "tax_point?": "date",
            "due?": "date",
            "currency": "text",
            "lines": [LINE],
            "tax": [{"code": "text", "rate": "decimal", "net_pence": "pence", "tax_pence": "pence"}],
            "net_pence": "pence",
            "tax_pence": "pence",
            "total_pence": "pence",
            "notes": ["text"],
            "missing": ["text"],
            "illustrative": "flag",
            "corrects": ["text"],
            "digest": "digest",
        },
    ),
}
