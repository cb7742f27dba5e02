"""Requests as CSV, JSON and YAML, and as the JSON value inside packs. The policy file is read by `allocation.files.policy_file`.

All three hold the same rows: in JSON and YAML a list of objects, or an object with the list under `requests`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from allocation.files.columns import REQUESTS
from allocation.files.policy_file import policy_from_json, policy_to_json, read_policy
from allocation.files.request_rows import check_request_rows
from allocation.request import Request
from topology.cells import Cell
from topology.files.reading import MAX_ROWS, is_folder, json_lines, parse_json, parse_yaml, read_text
from topology.files.table_text import csv_text, row_cells
from topology.files.tables import Sheet, read_csv_text, typed_rows
from topology.model import Circuit, Network
from topology.problems import Problem, Problems

__all__ = [
    "policy_from_json",
    "policy_to_json",
    "read_policy",
    "read_requests",
    "requests_from_json",
    "requests_to_json",
    "write_requests_csv",
]

Parsed = tuple[Any, list[int]] | None


def read_requests(
    path: Path, network: Network | None = None, circuits: Iterable[Circuit] = ()
) -> tuple[tuple[Request, ...], tuple[Problem, ...]]:
    """The requests of a `.csv`, `.json` or `.yaml` file, sorted by id, and the remarks on them.

    With a network, also what points at nothing is a fault: nodes, members where organisations are listed, and what
    `avoid` and `diverse_from` name (`circuit:ID` is looked up in `circuits`). Raises `BadInput` with every fault.
    """
    problems = Problems()
    served = is_folder(path) or _is_served(path.name, problems)  # reading says which file of a folder is meant
    text = read_text(path, problems, wanted=REQUESTS.file) if served else None
    return _checked(Sheet() if text is None else _sheet(text, path.name, problems), network, circuits, problems)


def request_lines(path: Path) -> dict[str, int]:
    """The line of each request of a file that `read_requests` has read, by id; of JSON and YAML that of its element."""
    problems = Problems()
    text = read_text(path, problems)
    return {} if text is None else _sheet(text, path.name, problems).ids


def read_requests_text(
    text: str, name: str, network: Network | None = None, circuits: Iterable[Circuit] = ()
) -> tuple[tuple[Request, ...], tuple[Problem, ...]]:
    """As `read_requests`, of a text that is in no file; `name` says the format by its suffix."""
    problems = Problems()
    sheet: Sheet[Request] = _sheet(text, name, problems) if _is_served(name, problems) else Sheet()
    return _checked(sheet, network, circuits, problems)


def _checked(
    sheet: Sheet[Request], network: Network | None, circuits: Iterable[Circuit], problems: Problems
) -> tuple[tuple[Request, ...], tuple[Problem, ...]]:
    check_request_rows(sheet, network, {c.id for c in circuits}, problems)
    problems.raise_errors()
    return tuple(sorted(sheet.items, key=lambda r: r.id)), problems.remarks


def _is_served(name: str, problems: Problems) -> bool:
    suffix = Path(name).suffix.lower()
    if suffix in (".csv", ".json", ".yaml", ".yml"):
        return True
    said = f"Requests are .csv, .json or .yaml, not {suffix or 'a file without suffix'}."
    problems.add(said, file=name, value=suffix, code="unknown_format")
    return False


def _sheet(text: str, name: str, problems: Problems) -> Sheet[Request]:
    suffix = Path(name).suffix.lower()
    if suffix == ".csv":
        return read_csv_text(text, name, REQUESTS, problems)
    parse: Callable[[str, str, Problems], Parsed] = _json if suffix == ".json" else parse_yaml
    parsed = parse(text, name, problems)
    return Sheet() if parsed is None else _rows(*parsed, name, problems)


def _json(text: str, file: str, problems: Problems) -> Parsed:
    before = len(problems.found)
    value = parse_json(text, file, problems)
    if len(problems.found) > before:
        return None
    return value, list(json_lines(text, "requests")) if isinstance(value, list | dict) else []


def _rows(value: Any, lines: list[int], file: str, problems: Problems) -> Sheet[Request]:
    rows = value.get("requests") if isinstance(value, dict) else value
    if isinstance(value, dict):
        for key in sorted(map(str, value.keys() - {"requests"})):
            said = f"The key {key} is unknown; it is not used."
            problems.add(said, file=file, column=key, code="unknown_column", level="note")
    if not isinstance(rows, list):
        said = "A list of requests is expected, or an object with such a list under requests."
        problems.add(said, file=file, code="bad_json")
        return Sheet()
    if len(rows) > MAX_ROWS:
        problems.add(f"The file has more than {MAX_ROWS} rows.", file=file, code="file_too_large")
        return Sheet()
    places = lines if len(lines) == len(rows) else list(range(1, len(rows) + 1))
    records: list[tuple[int, Mapping[str, Any]]] = []
    for line, row in zip(places, rows, strict=True):
        if isinstance(row, dict):
            records.append((line, row))
        else:
            problems.add("A request is an object with keys.", file=file, line=line, code="bad_json")
    return typed_rows(records, file, REQUESTS, problems)


def requests_to_json(requests: Iterable[Request]) -> list[dict[str, Cell]]:
    """Requests as JSON objects with the columns as keys, sorted by id; what holds its default is left out."""
    return [row_cells(r, REQUESTS) for r in sorted(requests, key=lambda r: r.id)]


def requests_from_json(
    value: Any, network: Network | None = None, circuits: Iterable[Circuit] = ()
) -> tuple[Request, ...]:
    """Requests from their JSON value, sorted by id. Raises `BadInput`; problems name the place in the list, from 1.

    With a network what points at nothing is a fault too, as in `read_requests`.
    """
    problems = Problems()
    sheet = _rows(value, [], "requests", problems)
    check_request_rows(sheet, network, {c.id for c in circuits}, problems)
    problems.raise_errors()
    return tuple(sorted(sheet.items, key=lambda r: r.id))


def write_requests_csv(requests: Iterable[Request]) -> str:
    """CSV text, sorted by id; `read_requests` gives the same requests back."""
    return csv_text(requests, REQUESTS)
