"""Forms of what is billed, in the notation of `cni.schemas.notation`."""

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

INPUT = {
    "kind": "text",
    "number": "count",
    "version": "text",
    "valid_from?": "date",
    "source": "text",
    "digest": "digest",
    "audit": "count",
}
STEP = {
    "state": "text",
    "by": "text",
    "at": "text",
    "digest": "digest",
    "accept_wash?": "text",
    "accept_missing?": "text",
}
RUN = {
    "run?": "count",
    "kind": "text",
    "period": "text",
    "subject": "text",
    "state": "text",
    "by?": "text",
    "at?": "text",
    "why?": "text",
    "digest": "digest",
    "steps": [STEP],
}
KEPT = {"margin?": "pence", "reserve?": "pence", "unallocated": "pence"}
HELD_BACK = [{"member": "id", "problems": [{"code": "text", "text": "text", "file": "text", "value": "text"}]}]
SUMS = {
    "digest": "digest",
    "inputs": "any",
    "charges_pence": "pence",
    "fees_pence": "pence",
    "margin_pence": "pence",
    "reserve_pence": "pence",
    "unallocated_pence": "pence",
    "balance_pence": "pence",
    "lines": "count",
    "scaling": "text",
    "wash": [{"circuit": "id", "charge_pence": "pence", "fees_pence": "pence"}],
    "notes": ["text"],
}
PINS = {
    "period": "text",
    "on": "date",
    "known_at": "count",
    "posted_at": "count",
    "network": "count",
    "tariff": "count",
    "policy": "count",
    "facts": "count",
}

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "cni.contribution/1": (
        "what each contributor adds to the charges of a period (Shapley values), beside its fees",
        {
            "period": "text",
            "seed": "text",
            "exact": "flag",
            "orders": "count",
            "worth_pence": "pence",
            "contributors": [{"contributor": "id", "fees_pence": "pence", "adds_pence": "any", "error_pence": "any"}],
        },
    ),
    "cni.documents/1": (
        "the final documents that name a party",
        {
            "party": "text",
            "documents": [
                {"number": "text", "kind": "text", "issued": "date", "net_pence": "pence", "tax_pence": "pence"}
            ],
        },
    ),
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
    "cni.bill_input/1": (
        "a version of tariff, fee policy or facts in the database",
        {"written": "flag", **INPUT, "body?": "any"},
    ),
    "cni.bill_inputs/1": ("versions of tariff, fee policy or facts", {"versions": [INPUT]}),
    "cni.bill_run/1": (
        "a run of a period, or a document turned back: pins, sums, documents",
        {
            **RUN,
            "written": "flag",
            "pins": PINS,
            "settlement?": SUMS,
            "kept": KEPT,
            "held_back": HELD_BACK,
            "wash_stops": "flag",
            "illustrative": "flag",
            "documents": [{"schema": "text", "kind": "text", "party": "id", "lines": "any", "digest": "digest"}],
        },
    ),
    "cni.bill_runs/1": ("all runs", {"runs": [{**RUN, "documents": "count", "held_back": "count"}]}),
    "cni.bill_reproduce/1": (
        "a run computed again from its pins",
        {
            "run": "count",
            "same": "flag",
            "digest": "digest",
            "kept": "digest",
            "differences": [{"where": "text", "before": "text", "now": "text"}],
        },
    ),
    "cni.bill_compare/1": (
        "two runs by party, side and product",
        {
            "before": RUN,
            "now": RUN,
            "rows": [
                {
                    "party": "id",
                    "side": "text",
                    "product": "text",
                    "change": "text",
                    "before_pence": "pence",
                    "now_pence": "pence",
                    "lines_before": "count",
                    "lines_now": "count",
                }
            ],
        },
    ),
    "cni.bill_check/1": (
        "the trial balance and the checks of the books",
        {
            "ok": "flag",
            "checks": [{"code": "text", "ok": "any", "where": "text", "text": "text"}],
            "accounts": [{"account": "text", "pence": "pence"}],
        },
    ),
}
