"""The form of a settlement of files, in the notation of `cni.schemas.notation`."""

from __future__ import annotations

from typing import Any

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "cni.settlement/1": (
        "charges, contributor fees and the balance of a period",
        {
            "period": "text",
            "charges": [
                {
                    "member": "id",
                    "circuit": "id",
                    "product": "text",
                    "from": "date",
                    "to": "date",
                    "days": "count",
                    "amount_pence": "pence",
                    "text": "text",
                }
            ],
            "fees": [
                {
                    "contributor": "id",
                    "span": "text",
                    "circuit": "text",
                    "product": "text",
                    "from": "date",
                    "to": "date",
                    "pair_metre_days": "count",
                    "amount_pence": "pence",
                    "text": "text",
                }
            ],
            "margin_pence": "pence",
            "reserve_pence": "pence",
            "unallocated_pence": "pence",
            "balance_pence": "pence",
            "wash": [{"circuit": "id", "charge_pence": "pence", "fees_pence": "pence"}],
            "tax": [{"rate": "decimal", "net_pence": "pence", "tax_pence": "pence"}],
        },
    ),
}
