"""The network as a folder: nodes.csv, spans.csv, and, where there are any, risk_groups.csv, organisations.csv, network.toml.

`network.toml` holds `name`, `id`, `licence`, `as_of`, `illustrative`, `colours`, `strands_per_tube`, and defaults for empty cells: `[defaults.spans]`
(one table for each file) or `[defaults]` (every file that has the column). Other plain keys are kept and reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from topology.cells import DAY_KIND, FLAG, IDENTIFIER, NAME, POSITIVE, TEXT, Cell, CellError, Kind, cell_text
from topology.colours import COLOURS
from topology.files.columns import NETWORK_TABLES, NODES, ORGANISATIONS, RISK_GROUPS, SPANS
from topology.files.reading import folder_problem, read_toml, toml_line
from topology.files.references import check_network_rows
from topology.files.table_text import csv_text
from topology.files.tables import Sheet, printable, read_csv
from topology.model import Network
from topology.problems import Problem, Problems, bad_input

ABOUT: dict[str, tuple[Kind, str]] = {
    "id": (IDENTIFIER, ""),
    "name": (NAME, ""),
    "licence": (NAME, ""),
    "as_of": (DAY_KIND, ""),
    "illustrative": (FLAG, ""),
    "colours": (COLOURS, ""),
    "strands_per_tube": (POSITIVE, ""),
}
"""The keys of network.toml that are not defaults, and what may stand there."""

Defaults = Mapping[str, Mapping[str, str]]


def read_network(folder: Path) -> tuple[Network, tuple[Problem, ...]]:
    """The network in a folder and the remarks on it (notes, warnings). Raises `BadInput` with every fault of every file."""
    problems = Problems()
    if folder_problem(folder, problems):
        problems.raise_errors()
    about, defaults = _read_about(folder / "network.toml", problems)
    nodes = read_csv(folder / NODES.file, NODES, problems, defaults["nodes"])
    spans = read_csv(folder / SPANS.file, SPANS, problems, defaults["spans"])
    groups, organisations = Sheet[Any](), None
    if (folder / RISK_GROUPS.file).exists():
        groups = read_csv(folder / RISK_GROUPS.file, RISK_GROUPS, problems, defaults["risk_groups"])
    if (folder / ORGANISATIONS.file).exists():
        organisations = read_csv(folder / ORGANISATIONS.file, ORGANISATIONS, problems, defaults["organisations"])
    check_network_rows(nodes, spans, groups, organisations, problems)
    problems.raise_errors()
    members = None if organisations is None else organisations.items
    return Network.build(nodes.items, spans.items, groups.items, members, **about), problems.remarks


def _read_about(path: Path, problems: Problems) -> tuple[dict[str, Any], Defaults]:
    defaults: dict[str, dict[str, str]] = {t.file.removesuffix(".csv"): {} for t in NETWORK_TABLES}
    about: dict[str, Any] = {}
    read = read_toml(path, problems) if path.exists() else None
    if read is None:
        return about, defaults
    data, text = read
    extra = []
    for key, value in data.items():
        line = toml_line(text, "", key)
        if key == "defaults" and isinstance(value, dict):
            _read_defaults(value, defaults, text, problems)
        elif key in defaults and isinstance(value, dict):
            _take_defaults(value, key, key, defaults, text, problems)
        elif key in ABOUT:
            about_value = _one(ABOUT[key][0], value, key, line, problems)
            if about_value is not None:
                about[key] = about_value
        elif isinstance(value, dict | list):
            problems.add(f"The key {key} is unknown.", file=path.name, line=line, column=key, code="unknown_key")
        elif (kept := _one(TEXT, value, key, line, problems)) is not None:
            extra.append((key, kept))
            said = f"The key {key} is unknown; it is kept."
            problems.add(said, file=path.name, line=line, column=key, code="unknown_column", level="note")
    about["extra"] = tuple(sorted(extra))
    return about, defaults


def _one(kind: Kind, value: Any, key: str, line: int, problems: Problems) -> Any:
    """A value of network.toml, typed; None, with a problem, where it cannot be."""
    text = _toml_text(value)
    try:
        if text is None:
            raise CellError(f"{kind.words} is expected.")
        return kind.read(text)
    except CellError as error:
        shown = printable(text or "")
        problems.add(
            error.text, file="network.toml", line=line, column=key, value=shown, hint=error.hint, code=error.code
        )
        return None


def _toml_text(value: Any) -> str | None:
    if isinstance(value, str | bool | int):
        return cell_text(value)
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return " ".join(value)
    return str(value) if isinstance(value, Decimal | date) else None


def _read_defaults(
    tables: Mapping[str, Any], defaults: dict[str, dict[str, str]], text: str, problems: Problems
) -> None:
    for key, value in tables.items():
        if not isinstance(value, dict):
            files = [t.file.removesuffix(".csv") for t in NETWORK_TABLES if any(c.name == key for c in t.columns)]
            for file in files:
                _take_defaults({key: value}, "defaults", file, defaults, text, problems)
            if files:
                continue
        elif key in defaults:
            _take_defaults(value, f"defaults.{key}", key, defaults, text, problems)
            continue
        line = toml_line(text, "defaults", key)
        said = f"No file has a column {key} to give a default for."
        problems.add(said, file="network.toml", line=line, column=key, code="unknown_key")


def _take_defaults(
    values: Mapping[str, Any],
    table: str,
    file: str,
    defaults: dict[str, dict[str, str]],
    text: str,
    problems: Problems,
) -> None:
    """Take the defaults of one file; a value that could not stand in the column is a problem here, once."""
    kinds = {c.name: c.kind for t in NETWORK_TABLES if t.file == f"{file}.csv" for c in t.columns if c.name != "id"}
    for key, value in values.items():
        line = toml_line(text, table, key)
        if key not in kinds:
            said = f"{file}.csv has no column {key} to give a default for."
            problems.add(said, file="network.toml", line=line, column=key, code="unknown_key")
        elif _one(kinds[key], value, key, line, problems) is not None:
            defaults[file][key] = _toml_text(value) or ""


def texts(network: Network) -> dict[str, str]:
    """File name -> text of a network as a folder; empty for a file that it does not need."""
    return {
        NODES.file: csv_text(network.nodes.values(), NODES),
        SPANS.file: csv_text(network.spans.values(), SPANS),
        RISK_GROUPS.file: csv_text(network.risk_groups.values(), RISK_GROUPS) if network.risk_groups else "",
        ORGANISATIONS.file: ""
        if network.organisations is None
        else csv_text(network.organisations.values(), ORGANISATIONS),
        "network.toml": _about_text(network),
    }


def write_network(network: Network, folder: Path) -> None:
    """Write a network as a folder, made if need be; `read_network` gives it back unchanged.

    Files that the network does not need are not written, and an old one of that name is removed. Raises `BadInput` where
    the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts(network).items():
            if text:
                (folder / name).write_text(text, encoding="utf-8", newline="")
            else:
                (folder / name).unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise bad_input(f"The folder {folder.name} cannot be written: {reason}.", code="unwritable") from error


def about_cells(network: Network) -> dict[str, Cell]:
    """What network.toml says, defaults left out."""
    values = {key: getattr(network, key) for key in ABOUT}
    shown = {key: ABOUT[key][0].show(value) for key, value in values.items() if value not in ("", None, False)}
    return {**shown, **dict(network.extra)}


def _about_text(network: Network) -> str:
    return "".join(f"{_toml_key(key)} = {_toml_value(key, value)}\n" for key, value in about_cells(network).items())


def _toml_value(key: str, value: Cell) -> str:
    if isinstance(value, bool):
        return cell_text(value)
    if key == "as_of":
        return str(value)
    marks = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
    return '"' + "".join(marks.get(c, c) for c in cell_text(value)) + '"'


def _toml_key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() and key.isascii() else _toml_value("", key)


def line_numbers(folder: Path) -> dict[tuple[str, str], int]:
    """The line of each (file name, id) in a folder that `read_network` has read, for findings to point at."""
    quiet = Problems()
    found = {}
    for table in NETWORK_TABLES:
        if (folder / table.file).exists():
            sheet: Sheet[Any] = read_csv(folder / table.file, table, quiet)
            found.update({(table.file, name): line for name, line in sheet.ids.items()})
    return found
