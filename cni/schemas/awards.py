"""Forms of an award, its pack, its checks, and what is told of it, in the notation of `cni.schemas.notation`."""

from __future__ import annotations

from typing import Any

from cni.schemas.parts import LEG, REASON

CIRCUIT = ({"legs": [LEG]}, {"node": "id", "rack_units": "count", "power_w": "count"})
REQUEST_LINE = {
    "request": "id",
    "member": "id",
    "kind": "kind",
    "requested": "count",
    "granted": "count",
    "circuits": [CIRCUIT],
    "reasons": [REASON],
    "alternative?": "any",
}
LINE_KEPT = ("request", "member", "kind", "requested", "granted")
TOTALS = {"granted_units": "count", "greatest_units?": "count", "without_clauses_units?": "count"}
FAIRNESS = {
    "fibre": {
        **TOTALS,
        "dark": [{"span": "id", "clause": "text", "pairs": "count"}],
        "one_more_pair": {"level": "count", "members": "count", "spans?": ["id"]},
    },
    "colocation": TOTALS,
}
AWARD = {
    "proof": "proof",
    "unique": "flag",
    "repeatable": "flag",
    "levels": [{"kind": "kind", "level": "count", "members": "count", "bound": "count"}],
    "objectives": [{"name": "text", "value": "any", "bound": "any"}],
    "members": [
        {
            "member": "id",
            "group": "id",
            "eligible": "flag",
            "requested": "count",
            "granted": "count",
            "rack_units_requested": "count",
            "rack_units_granted": "count",
        }
    ],
    "requests": [REQUEST_LINE],
    "spans": [{"span": "id", "offered": "count", "granted": "count", "left": "count", "from": "date"}],
    "nodes": "any",
    "totals": "any",
    "fairness?": FAIRNESS,
    "seed?": "text",
    "digest": "digest",
    "evidence": "any",
}
MASKED = {"masked": "digest"}
PUBLIC_AWARD = {
    **{key: AWARD[key] for key in ("proof", "unique", "repeatable", "levels", "members", "totals", "seed?", "digest")},
    **MASKED,
    "requests": [{**{k: REQUEST_LINE[k] for k in LINE_KEPT}, "reasons": ["text"]}],
}
"""What a public pack keeps of an award (`allocation.files.masking`)."""

SIDE = {"digest": "digest", "on": "date", "proof": "proof", "unique": "flag", "seed?": "text"}
CHANGE = {"before?": "count", "after?": "count"}
SPAN_FIGURES = {"offered": "count", "granted": "count", "left": "count"}

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "cni.award/1": ("what a round grants, with proof and reasons", AWARD),
    "cni.pack/1": (
        "an award with all its inputs: all that is needed to check it",
        {
            "network": "any",
            "requests": "any",
            "policy": "any",
            "circuits": "any",
            "commitment?": "any",
            "award": (
                {"schema": "text", "on": "date", "inputs": "any", **AWARD},
                {"schema": "text", "on": "date", **PUBLIC_AWARD},
            ),
            "digest": "digest",
            "readme": "any",
        },
    ),
    "cni.verify/1": (
        "the checks of an award",
        {"ok": "flag", "checks": [{"code": "text", "ok": "any", "where": "any", "text": "text"}]},
    ),
    "cni.compare/1": (
        "two awards side by side: who gains, who loses, and why",
        {
            "before": SIDE,
            "after": SIDE,
            "same": "flag",
            "differs": ["text"],
            "changes?": "any",
            "gain": ["id"],
            "lose": ["id"],
            "mixed": ["id"],
            "groups": [{"group": "id", "fibre": CHANGE, "colocation": CHANGE}],
            "members": [{"member": "id", "group": "id", "fibre": CHANGE, "colocation": CHANGE}],
            "requests": [
                {
                    "request": "id",
                    "member": "id",
                    "kind": "kind",
                    "before?": {"requested": "count", "granted": "count", "reasons": ["text"]},
                    "after?": {"requested": "count", "granted": "count", "reasons": ["text"]},
                    "less_in": "text",
                    "why": [{"code": "text", "text": "text", "spans": ["id"], "nodes": ["id"]}],
                }
            ],
            "rerouted": ["id"],
            "levels": [{"kind": "kind", "level": "count", **CHANGE}],
            "totals": [{"name": "text", **CHANGE}],
            "fairness": [{"kind": "kind", "name": "text", **CHANGE}],
            "spans": [{"span": "id", "before?": SPAN_FIGURES, "after?": SPAN_FIGURES}],
        },
    ),
    "cni.explain/1": (
        "one request of an award: what was asked, what was got, why, and what would have helped",
        {
            "digest": "digest",
            "round?": "text",
            **REQUEST_LINE,
            "asked": "text",
            "summary": "text",
            "group": "id",
            "a": "id",
            "b": "text",
            "binding_spans": [
                {
                    "span": "id",
                    "name": "text",
                    "start": "id",
                    "end": "id",
                    "codes": ["text"],
                    **SPAN_FIGURES,
                    "from?": "date",
                    "held": [{"member": "id", "group": "id", "request": "id", "pairs": "count"}],
                }
            ],
            "binding_nodes": [{"node": "id", "name": "text", "rack_units?": "any", "power_w?": "any", "held": "any"}],
            "risk_groups": ["text"],
            "would_help": ["text"],
        },
    ),
}
