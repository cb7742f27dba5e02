"""JSON Schemas (2020-12) of the result documents, made from a short notation.

`{"name": form}` is an object that has at least these keys; more may be added without a new schema number. `[form]` is a
list, a tuple one of several forms. Text is one of the words below. A name that ends in `?` may be missing or null.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from cni.schemas import access as schemas_access
from cni.schemas import billing as schemas_billing
from cni.schemas import circuits as schemas_circuits
from cni.schemas import reports as schemas_reports
from cni.schemas import rounds as schemas_rounds
from cni.schemas import scenarios as schemas_scenarios
from topology.formats import ofds_schema

WORDS: dict[str, dict[str, Any]] = {
    "id": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    "text": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "count": {"type": "integer", "minimum": 0},
    "pence": {"type": "integer"},
    "integer": {"type": "integer"},
    "flag": {"type": "boolean"},
    "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "decimal": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    "three places": {"type": "string", "pattern": r"^[0-9]+\.[0-9]{3}$"},
    "proof": {"enum": ["optimal", "bounded"]},
    "build proof": {"enum": ["optimal", "bounded", "infeasible"]},
    "kind": {"enum": ["fibre", "colocation"]},
    "level": {"enum": ["error", "warning", "note"]},
    "any": {},
}

FINDINGS = [
    {
        "code": "text",
        "level": "level",
        "file": "text",
        "line": "count",
        "character": "count",
        "column": "text",
        "value": "text",
        "text": "text",
    }
]
LEG = {"spans": ["id"], "nodes": ["id"], "length_km": "three places", "loss_db": "three places"}
REASON = {"code": "text", "text": "text", "spans": ["id"], "nodes": ["id"], "clause?": "any", "lifts": "any"}
CIRCUIT = ({"legs": [LEG]}, {"node": "id", "rack_units": "count", "power_w": "count"})
STRAND = {"number": "count", "tube": "count", "tube_colour": "text", "place": "count", "colour": "text"}
SPLICE = {"node": "id", "span_in": "id", "span_out": "id", "from": STRAND, "to": STRAND, "straight": "flag"}
ROOM = {"installed": "count", "reserved": "count", "live": "count", "offered": "count"}
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
    "cni.offer/1": (
        "what is spare, with the figures behind it",
        {
            "spans": [
                {
                    "id": "id",
                    "from": "date",
                    "installed": "count",
                    "own_use": "count",
                    "reserve": "count",
                    "maintenance_spare": "count",
                    "live": "count",
                    "offered": "count",
                    "pairs": "count",
                    "recalled": "count",
                    "technical": "count",
                    "set_aside": "count",
                    "sold": "count",
                    "returned": "count",
                    "changes": [{"what": "text", "circuit?": "id", "strands": "integer"}],
                    "stranded": ["id"],
                }
            ],
            "nodes": [{"id": "id", "from": "date", "rack_units": ROOM, "power_w": ROOM}],
        },
    ),
    "cni.check/1": ("findings about a network", {"findings": [{**FINDINGS[0], "fix": "text"}]}),
    "cni.request_check/1": (
        "findings about requests, and what each could be granted alone",
        {"findings": FINDINGS, "alone": [{"request": "id", "grantable": "count", "reasons": [REASON]}]},
    ),
    "cni.routes/1": (
        "routes between nodes, or why there are none",
        {
            "pairs": [
                {
                    "a": "id",
                    "b": "id",
                    "diversity": "text",
                    "routes": [LEG],
                    "total_km?": "any",
                    "exempt": [{"kind": "text", "id": "id"}],
                    "shared": [{"kind": "text", "id": "id"}],
                    "certificate?": {
                        "kind": "text",
                        "spans": ["id"],
                        "nodes": ["id"],
                        "risk_groups": ["id"],
                        "text": "text",
                        "lifts": [{"risk_groups": ["id"], "total_km": "three places"}],
                    },
                    "rechecked?": {"verdict": "text", "text": "text"},
                }
            ]
        },
    ),
    "cni.sheet/1": (
        "connection reports and splice schedules",
        {
            "network": "text",
            "node?": "id",
            "for?": "id",
            "disclosure": "text",
            "colours": {"code": "text", "sequence": ["text"], "strands_per_tube": "count"},
            "circuits": [
                {
                    "circuit": "id",
                    "member": "id",
                    "start": "date",
                    "end?": "date",
                    "recorded": "flag",
                    "legs": [
                        {
                            "leg": "count",
                            "a": "id",
                            "b": "id",
                            "nodes": ["id"],
                            "length_km": "three places",
                            "loss_db": {"1310": "three places", "1550": "three places"},
                            "placed": "flag",
                            "cross_splices": "count",
                            "not_neighbours": ["id"],
                            "spans": [
                                {
                                    "span": "id",
                                    "name": "text",
                                    "from": "id",
                                    "to": "id",
                                    "length_km": "three places",
                                    "fibre_count": "count",
                                    "strands": [STRAND],
                                }
                            ],
                            "ports": [{"node": "id", "span": "id", "ports": [{"port": "text", **STRAND}]}],
                            "splices": [SPLICE],
                        }
                    ],
                }
            ],
            "nodes": [
                {
                    "node": "id",
                    "name": "text",
                    "ports": [{"circuit": "id", "leg": "count", "span": "id", "port": "text", **STRAND}],
                    "splices": [{"circuit": "id", "leg": "count", **SPLICE}],
                }
            ],
            "unplaced": [{"circuit": "id", "leg": "count", "span": "id"}],
        },
    ),
    "cni.regroom/1": (
        "the fewest moves that free a continuous pair",
        {
            "a": "id",
            "b": "id",
            "route?": LEG,
            "free?": [{"span": "id", "strands": ["count"]}],
            "pairs?": [["count"]],
            "cross_splices?": "count",
            "proposals": [
                {
                    "goal": "text",
                    "pairs": [["count"]],
                    "cross_splices": "count",
                    "circuits": ["id"],
                    "splices": "count",
                    "cross_splices_of_moved": {"before": "count", "after": "count"},
                    "moves": [{"circuit": "id", "leg": "count", "span": "id", "before": ["count"], "after": ["count"]}],
                }
            ],
            "other_route?": "any",
            "certificate?": "any",
        },
    ),
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
HOUSE = {
    **schemas_rounds.FORMS,
    **schemas_circuits.FORMS,
    **schemas_scenarios.FORMS,
    **schemas_reports.FORMS,
    **schemas_billing.FORMS,
    **schemas_access.FORMS,
}
"""Documents of the house: made from the database, so without digests of input files."""
HEAD = {"software": {"name": "text", "version": "text"}}

SCHEMAS: dict[str, str] = {
    **{name: title for name, (title, _) in {**FORMS, **HOUSE}.items()},
    ofds_schema.NAME: ofds_schema.TITLE,
}
"""The documents that have a schema, with what each holds."""


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of a document. Raises KeyError for an unknown name."""
    if name == ofds_schema.NAME:
        return ofds_schema.json_schema()
    title, form = {**FORMS, **HOUSE}[name]
    inputs = {} if name in HOUSE else {"inputs": "any"}
    head = {} if name == "cni.pack/1" else {**HEAD, **inputs, "on?": "any"}
    made = _schema({**head, **form})
    made["properties"]["schema"] = {"const": name}
    made["required"] = sorted([*made["required"], "schema"])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"{name}: {title}", **made}


def _schema(form: Any) -> dict[str, Any]:
    match form:
        case str():
            return dict(WORDS[form])
        case tuple():
            return {"anyOf": [_schema(inner) for inner in form]}
        case [inner]:
            return {"type": "array", "items": _schema(inner)}
    properties, required = {}, []
    for name, inner in form.items():
        plain = name.removesuffix("?")
        made = _schema(inner)
        if plain == name:
            required.append(name)
        elif made:
            made = {"anyOf": [made, {"type": "null"}]}
        properties[plain] = made
    return {"type": "object", "properties": properties, "required": sorted(required)}


KINDS: dict[str, type] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def faults(value: Any, schema: dict[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    """(place, what is wrong) wherever a value does not keep to a schema of the forms made here."""
    if "anyOf" in schema:
        if all(next(faults(value, each), None) for each in schema["anyOf"]):
            yield place, "has none of the forms that it may have"
    elif "const" in schema or "enum" in schema:
        allowed = schema.get("enum", [schema.get("const")])
        if value not in allowed:
            yield place, f"must be {' or '.join(map(str, allowed))}"
    elif (kind := schema.get("type")) is not None:
        if not isinstance(value, KINDS[kind]) or (kind == "integer" and isinstance(value, bool)):
            yield place, f"must be of type {kind}"
        else:
            yield from _inner_faults(value, schema, place)


def _inner_faults(value: Any, schema: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
    """Faults within a value of the right type."""
    if isinstance(value, dict):
        for name in schema["required"]:
            if name not in value:
                yield f"{place}.{name}".lstrip("."), "is missing"
        for name in schema["properties"].keys() & value.keys():
            yield from faults(value[name], schema["properties"][name], f"{place}.{name}".lstrip("."))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from faults(item, schema["items"], f"{place}[{number}]")
    elif "pattern" in schema and not re.search(schema["pattern"], value):
        yield place, "is not written as it must be"
    elif "minimum" in schema and value < schema["minimum"]:
        yield place, f"must be at least {schema['minimum']}"
    elif schema.get("format") == "date" and not _is_day(value):
        yield place, "must be a date"


def _is_day(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False
