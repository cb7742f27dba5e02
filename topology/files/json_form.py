"""Networks and circuits as plain JSON values: what digests are taken of, and what a round pack carries.

The same columns and cells as in the CSV files: counts are integers, flags true or false, lists of ids lists, everything
else text (kilometres and degrees too, so that no float decides a byte). Rows are sorted by id; cells that hold their
default are left out. What a pack says is checked exactly like a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from topology.cells import TEXT, Cell, CellError, cell_text
from topology.files.circuits import check_circuit_rows
from topology.files.columns import CIRCUITS, NODES, ORGANISATIONS, RISK_GROUPS, SPANS
from topology.files.csv_folder import ABOUT, about_cells
from topology.files.references import check_network_rows
from topology.files.table_text import row_cells
from topology.files.tables import Sheet, Table, typed_rows
from topology.model import Circuit, Network
from topology.problems import Problems, bad_input

Rows = list[dict[str, Cell]]


def rows_to_json(items: Iterable[Any], table: Table[Any]) -> Rows:
    """Rows as JSON objects, sorted by id."""
    return [row_cells(item, table) for item in sorted(items, key=lambda i: str(i.id))]


def rows_from_json(value: Any, name: str, table: Table[Any], problems: Problems) -> Sheet[Any]:
    """Rows from a JSON list of objects; problems name the place in the list as the line, from 1."""
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        problems.add(f"{name} must be a list of objects.", file=name, code="bad_json")
        return Sheet()
    records: Sequence[tuple[int, dict[str, Any]]] = list(enumerate(value, 1))
    quiet = Problems()
    sheet = typed_rows(records, name, table, quiet)
    problems.found += quiet.errors
    return sheet


def network_to_json(network: Network) -> dict[str, Any]:
    """The whole network as a JSON value; `network_from_json` gives it back unchanged."""
    value: dict[str, Any] = {
        "about": about_cells(network),
        "nodes": rows_to_json(network.nodes.values(), NODES),
        "spans": rows_to_json(network.spans.values(), SPANS),
        "risk_groups": rows_to_json(network.risk_groups.values(), RISK_GROUPS),
    }
    if network.organisations is not None:
        value["organisations"] = rows_to_json(network.organisations.values(), ORGANISATIONS)
    return value


def network_from_json(value: Any) -> Network:
    """A network from its JSON value. Raises `BadInput` with every fault, checked like the files of a folder."""
    if not isinstance(value, dict):
        raise bad_input("network must be an object.", file="network", code="bad_json")
    problems = Problems()
    nodes = rows_from_json(value.get("nodes"), "nodes", NODES, problems)
    spans = rows_from_json(value.get("spans"), "spans", SPANS, problems)
    groups = rows_from_json(value.get("risk_groups", []), "risk_groups", RISK_GROUPS, problems)
    organisations = None
    if "organisations" in value:
        organisations = rows_from_json(value["organisations"], "organisations", ORGANISATIONS, problems)
    about = _about(value.get("about", {}), problems)
    for key in sorted(value.keys() - {"about", "nodes", "spans", "risk_groups", "organisations"}):
        problems.add(f"The key {key} is unknown.", file="network", column=str(key), code="unknown_key")
    check_network_rows(nodes, spans, groups, organisations, problems)
    problems.raise_errors()
    members = None if organisations is None else organisations.items
    return Network.build(nodes.items, spans.items, groups.items, members, **about)


def _about(value: Any, problems: Problems) -> dict[str, Any]:
    if not isinstance(value, dict):
        problems.add("about must be an object.", file="network", column="about", code="bad_json")
        return {}
    about: dict[str, Any] = {}
    extra = []
    for key, cell in value.items():
        try:
            if not isinstance(cell, str | bool | int):
                raise CellError("A single value is expected.")
            if key in ABOUT:
                about[key] = ABOUT[key][0].read(cell_text(cell))
            else:
                extra.append((TEXT.read(key), TEXT.read(cell_text(cell))))
        except CellError as error:
            problems.add(f"about.{key}: {error.text}", file="network", column=str(key), code=error.code)
    return {**about, "extra": tuple(sorted(extra))}


def circuits_to_json(circuits: Iterable[Circuit]) -> Rows:
    """Circuits as JSON objects, sorted by id."""
    return rows_to_json(circuits, CIRCUITS)


def circuits_from_json(value: Any, network: Network) -> tuple[Circuit, ...]:
    """Circuits from their JSON value, sorted by id. Raises `BadInput` with every fault, checked like a file."""
    problems = Problems()
    sheet = rows_from_json(value, "circuits", CIRCUITS, problems)
    check_circuit_rows(sheet, network, problems)
    problems.raise_errors()
    return tuple(sorted(sheet.items, key=lambda c: str(c.id)))
