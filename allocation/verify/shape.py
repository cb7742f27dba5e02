"""Whether a value is shaped like `cni.award/1` at all. What is not shaped right is a failing check, never an exception."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from allocation.verify.report import Report, shown

Test = Callable[[Any], bool]


def is_count(value: Any) -> bool:
    """A JSON integer of at least 0 (true and false are none)."""
    return type(value) is int and 0 <= value < 2**53


def is_text(value: Any) -> bool:
    """A string."""
    return isinstance(value, str)


def is_flag(value: Any) -> bool:
    """True or false."""
    return isinstance(value, bool)


def is_day(value: Any) -> bool:
    """An ISO 8601 date."""
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def is_digest(value: Any) -> bool:
    """64 lower-case hexadecimal digits."""
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def is_thousandths(value: Any) -> bool:
    """A decimal string with three places."""
    return isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,12}\.[0-9]{3}", value) is not None


def is_anything(value: Any) -> bool:
    """Looked at elsewhere."""
    return True


def one_of(*words: str) -> Test:
    """One of some words."""
    return lambda value: isinstance(value, str) and value in words


def or_null(test: Test) -> Test:
    """Null, or what a test accepts."""
    return lambda value: value is None or test(value)


def list_of(test: Test) -> Test:
    """A list of what a test accepts."""
    return lambda value: isinstance(value, list) and all(map(test, value))


def record(**tests: Test) -> Test:
    """An object with exactly these keys; a trailing underscore stands for a key that is a word of Python."""
    table = {name.rstrip("_"): test for name, test in tests.items()}

    def accepts(value: Any) -> bool:
        return isinstance(value, dict) and value.keys() == table.keys() and all(t(value[k]) for k, t in table.items())

    return accepts


TEXTS = list_of(is_text)
LEG = record(spans=TEXTS, nodes=TEXTS, length_km=is_thousandths, loss_db=is_thousandths)
FIBRE = record(legs=lambda v: list_of(LEG)(v) and len(v) in (1, 2))
COLOCATION = record(node=is_text, rack_units=is_count, power_w=is_count)


def is_circuit(value: Any) -> bool:
    """A granted circuit: legs, or room at a node."""
    return FIBRE(value) or COLOCATION(value)


def is_lift(value: Any) -> bool:
    """One thing lifted, with its amount where it has one."""
    if not isinstance(value, dict) or not is_text(value.get("kind")):
        return False
    amounts: Mapping[str, Test] = {
        "id": is_text,
        "kind": is_text,
        "pairs": is_count,
        "rack_units": is_count,
        "power_w": is_count,
        "legs": is_count,
        "to_km": is_thousandths,
        "to_db": is_thousandths,
    }
    return all(key in amounts and amounts[key](held) for key, held in value.items())


def is_reason(value: Any) -> bool:
    """One reason; `risk_groups` only where a cut is named."""
    if not isinstance(value, dict):
        return False
    groups = value.get("risk_groups", [])
    rest = {k: v for k, v in value.items() if k != "risk_groups"}
    known = record(
        code=is_text, text=is_text, spans=TEXTS, nodes=TEXTS, clause=or_null(is_text), lifts=list_of(is_lift)
    )
    return TEXTS(groups) and known(rest)


ALTERNATIVE = record(
    change=is_text,
    pairs=is_count,
    diversity=or_null(is_text),
    max_km=or_null(is_thousandths),
    max_loss_db=or_null(is_thousandths),
    start=or_null(is_day),
    a=is_text,
    b=or_null(is_text),
)
REQUEST = record(
    request=is_text,
    member=is_text,
    kind=one_of("fibre", "colocation"),
    requested=is_count,
    granted=is_count,
    circuits=list_of(is_circuit),
    reasons=list_of(is_reason),
    alternative=or_null(ALTERNATIVE),
)
ROOM = record(offered=is_count, granted=is_count, left=is_count, from_=is_day)


def is_objective(value: Any) -> bool:
    """Name, value and bound; integers for metres and positions, lists of units for the others."""
    number = isinstance(value, dict) and value.get("name") in ("metres", "positions")
    part = is_count if number else list_of(is_count)
    return record(name=one_of("lot", "lot_colocation", "rank", "metres", "positions"), value=part, bound=part)(value)


COUNT_OR_NULL = or_null(is_count)
PRICE = {
    "granted_units": is_count,
    "greatest_units": COUNT_OR_NULL,
    "without_clauses_units": COUNT_OR_NULL,
}
FAIRNESS = record(
    fibre=record(
        **PRICE,
        dark=list_of(record(span=is_text, clause=is_text, pairs=is_count)),
        one_more_pair=record(level=is_count, members=is_count, spans=or_null(TEXTS)),
    ),
    colocation=record(**PRICE),
)

PARTS: dict[str, Test] = {
    "schema": is_text,
    "inputs": record(circuits=is_digest, network=is_digest, policy=is_digest, requests=is_digest),
    "software": record(name=is_text, version=is_text),
    "on": is_day,
    "illustrative": is_flag,
    "proof": one_of("optimal", "bounded"),
    "unique": is_flag,
    "repeatable": is_flag,
    "levels": list_of(record(kind=one_of("fibre", "colocation"), level=is_count, members=is_count, bound=is_count)),
    "objectives": list_of(is_objective),
    "members": list_of(
        record(
            member=is_text,
            group=is_text,
            eligible=is_flag,
            requested=is_count,
            granted=is_count,
            rack_units_requested=is_count,
            rack_units_granted=is_count,
        )
    ),
    "requests": list_of(REQUEST),
    "spans": list_of(record(span=is_text, offered=is_count, granted=is_count, left=is_count, from_=is_day)),
    "nodes": list_of(record(node=is_text, rack_units=ROOM, power_w=ROOM)),
    "totals": lambda v: isinstance(v, dict) and all(is_text(k) and is_count(n) for k, n in v.items()),
    "fairness": FAIRNESS,
    "seed": or_null(is_text),
    "digest": is_digest,
    "evidence": lambda v: isinstance(v, dict),
}
OPTIONAL = ("illustrative",)
"""Parts without which an award is still one."""


def check_shape(award: Any, report: Report) -> bool:
    """Whether every part is there and shaped right; what is not is named. Unknown parts are noted: they carry no rule."""
    if not isinstance(award, dict):
        report.fail("shape", "award", f"An award is a JSON object, not {shown(award)}.")
        return False
    before = len(report.failures)
    for name, test in PARTS.items():
        if name not in award:
            if name not in OPTIONAL:
                report.fail("shape", name, f"The award has no {name}.")
        elif not test(award[name]):
            report.fail("shape", name, _where_in(name, award[name]))
    if award.get("schema") != "cni.award/1" and is_text(award.get("schema")):
        report.fail("shape", "schema", f"The schema is {shown(award['schema'])}, not cni.award/1.")
    for name in sorted(str(k) for k in award.keys() - PARTS.keys()):
        report.note("shape", name, "This part is not known here; only the digest covers it.")
    report.looked_at("shape", "Every part of the award is there and has its form.")
    return len(report.failures) == before


def _where_in(name: str, value: Any) -> str:
    """Which entry of a list is not shaped right, as a sentence."""
    tests: dict[str, Test] = {"requests": REQUEST, "objectives": is_objective}
    if isinstance(value, list):
        for number, entry in enumerate(value, 1):
            if name in tests and not tests[name](entry):
                label = entry.get("request", entry.get("name", "")) if isinstance(entry, dict) else ""
                return f"Entry {number} {label} of {name} is not of its form: {shown(entry)}."
    return f"{name} is not of its form: {shown(value)}."
