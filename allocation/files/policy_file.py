"""The policy file, policy.toml, and its JSON value inside packs: the same keys, the same checks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from allocation.files.columns import POLICY_KEYS, Key
from allocation.policy import Deadlines, Policy
from topology.cells import NAME, CellError, cell_text, decimal_text
from topology.files.reading import read_toml, toml_line
from topology.files.tables import printable
from topology.optics import Optics
from topology.problems import Problem, Problems, bad_input

PARTS: dict[str, type[Any]] = {"optics": Optics, "deadlines": Deadlines}
"""Tables whose keys fill a value of their own."""
KEYS = {(k.table, k.name): k for k in POLICY_KEYS}
TABLES = {k.table for k in POLICY_KEYS if k.table} | {"fees"}

LineOf = Callable[[str, str], int]


def read_policy(path: Path) -> tuple[Policy, tuple[Problem, ...]]:
    """The policy in a TOML file. Raises `BadInput` with every fault; a key that is unknown is one, since it would be ignored."""
    problems = Problems()
    read = read_toml(path, problems, "policy.toml")
    if read is None:
        problems.raise_errors()
        raise AssertionError("an unread file leaves a problem")
    data, text = read
    if "price" in data and "fees" not in data:  # one sentence in place of an unknown key for each of a tariff's
        hint = "A policy is what the meeting voted on: caps, order, terms, [fees] (docs/files.md)."
        line = toml_line(text, "", "price")
        raise bad_input("This is a tariff, not a policy.", file=path.name, line=line, code="unknown_key", hint=hint)
    policy = _policy(data, path.name, lambda table, key: toml_line(text, table, key), problems)
    problems.raise_errors()
    return policy, problems.remarks


def policy_from_json(value: Any) -> Policy:
    """A policy from its JSON value. Raises `BadInput` with every fault, checked like the file."""
    if not isinstance(value, dict):
        raise bad_input("policy must be an object.", file="policy", code="bad_json")
    problems = Problems()
    policy = _policy(value, "policy", lambda table, key: 0, problems)
    problems.raise_errors()
    return policy


def policy_to_json(policy: Policy) -> dict[str, Any]:
    """The policy as a JSON value with the tables and keys of the file; what holds its default is left out."""
    value: dict[str, Any] = {}
    plain = Policy()
    for key in POLICY_KEYS:
        here, default = (getattr(p, key.table) if key.table in PARTS else p for p in (policy, plain))
        held = getattr(here, key.attribute)
        if held != getattr(default, key.attribute):
            table = value.setdefault(key.table, {}) if key.table else value
            table[key.name] = key.kind.show(held)
    if policy.fees:
        value["fees"] = dict(policy.fees)
    return value


def policy_to_toml(policy: Policy) -> str:
    """The policy as the text of a file that `read_policy` reads as the same policy; figures stand as texts."""
    value = policy_to_json(policy)
    lines = [_line(key, inner) for key, inner in value.items() if not isinstance(inner, dict)]
    for table, keys in value.items():
        if isinstance(keys, dict):
            lines += ["", f"[{table}]", *(_line(key, inner) for key, inner in keys.items())]
    return "\n".join(lines).lstrip("\n") + "\n"


def _line(key: str, value: Any) -> str:
    return f"{key} = {json.dumps(value)}"  # texts, numbers, truth and lists of texts are written alike in JSON and TOML


def _policy(data: Mapping[str, Any], file: str, line_of: LineOf, problems: Problems) -> Policy:
    values: dict[str, Any] = {}
    parts: dict[str, dict[str, Any]] = {name: {} for name in PARTS}
    fees: tuple[tuple[str, str], ...] = ()
    for table, name, value in _flat(data, file, line_of, problems):
        line = line_of(table, name)
        if table == "fees":
            fees += _fee(name, value, file, line, problems)
            continue
        key = KEYS.get((table, name))
        if key is None:
            _unknown(table, name, file, line, problems)
        elif (typed := _typed(key, value, file, line, problems)) is not None:
            parts.get(table, values)[key.attribute] = typed
    if "cap_floor_pairs" in values and "cap_share" not in values:
        line, said = line_of("cap", "floor_pairs"), "floor_pairs stands without the share of the cap."
        problems.add(said, file=file, line=line, column="cap.share", code="missing_value", hint="Maybe share = 0.")
    made = {name: kind(**parts[name]) for name, kind in PARTS.items()}
    return Policy(**values, **made, fees=tuple(sorted(fees)))


def _flat(data: Mapping[str, Any], file: str, line_of: LineOf, problems: Problems) -> list[tuple[str, str, Any]]:
    """Every key as (table, key, value)."""
    found: list[tuple[str, str, Any]] = []
    for name, value in data.items():
        if isinstance(value, dict) and name in TABLES:
            found += [(name, inner, inner_value) for inner, inner_value in value.items()]
        elif name in TABLES:
            said = f"[{name}] is a table."
            problems.add(said, file=file, line=line_of("", name), column=name, code="bad_value")
        else:
            found.append(("", name, value))
    return found


def _unknown(table: str, name: str, file: str, line: int, problems: Problems) -> None:
    path = f"{table}.{name}".lstrip(".")
    paths = [k.path for k in POLICY_KEYS] + sorted(TABLES)
    close = get_close_matches(path, paths, 1, 0.6) or [k.path for k in POLICY_KEYS if k.name == name][:1]
    hint = f"Maybe {close[0]} is meant." if close else ""
    said = f"This version serves no key {printable(path)}."
    problems.add(said, file=file, line=line, column=printable(path), code="unknown_key", hint=hint)


def _text(value: Any) -> str | None:
    """A TOML or JSON value as cell text; None where no cell can hold it."""
    if isinstance(value, str | bool | int):
        return cell_text(value)
    if isinstance(value, Decimal):
        return decimal_text(value) if value.is_finite() else str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list) and all(isinstance(v, str | int) and not isinstance(v, bool) for v in value):
        return " ".join(str(v) for v in value)
    return None


def _typed(key: Key, value: Any, file: str, line: int, problems: Problems) -> Any:
    text = _text(value)
    try:
        if text is None or (isinstance(value, list) and key.kind.name not in ("words", "years")):
            raise CellError(f"Expected is {key.kind.words}.")
        return key.kind.read(text)
    except CellError as error:
        shown = printable(text or "")
        problems.add(error.text, file=file, line=line, column=key.path, value=shown, hint=error.hint, code=error.code)
        return None


def _fee(name: str, value: Any, file: str, line: int, problems: Problems) -> tuple[tuple[str, str], ...]:
    """A key of [fees] as text, for `billing` to read."""
    text = _text(value)
    try:
        if text is None:
            raise CellError("A single value is expected.")
        return ((NAME.read(name), NAME.read(text)),)
    except CellError as error:
        problems.add(error.text, file=file, line=line, column=f"fees.{name}", code=error.code)
        return ()
