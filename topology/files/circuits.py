"""Circuits as CSV: what members hold, one row for each pair (over one or two legs) or colocation."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from topology.files.columns import CIRCUITS
from topology.files.references import check_known, near
from topology.files.strand_cells import check_shared_strands, check_strands
from topology.files.table_text import csv_text
from topology.files.tables import Row, Sheet, read_csv
from topology.legs import walk
from topology.model import Circuit, Leg, Network
from topology.problems import Problem, Problems


def read_circuits(path: Path, network: Network) -> tuple[tuple[Circuit, ...], tuple[Problem, ...]]:
    """The circuits of a file, sorted by id, and the remarks on them. Raises `BadInput` with every fault that was found.

    Faults are also: spans, nodes and members that the network does not know, legs that are not one continuous way, two
    legs that do not join the same two nodes, and an end that is not after the start.
    """
    problems = Problems()
    sheet = read_csv(path, CIRCUITS, problems)
    check_circuit_rows(sheet, network, problems)
    problems.raise_errors()
    return tuple(sorted(sheet.items, key=lambda c: c.id)), problems.remarks


def write_circuits(circuits: Iterable[Circuit]) -> str:
    """CSV text, sorted by id; `read_circuits` gives the same circuits back."""
    return csv_text(circuits, CIRCUITS)


def check_circuit_rows(sheet: Sheet[Circuit], network: Network, problems: Problems) -> None:
    """Add what is wrong with rows that could each be read."""
    for place in sheet.places:
        check_known(place, "node", network.nodes, "node", problems)
        if network.organisations is not None:
            check_known(place, "member", network.organisations, "organisation", problems)
    for row in sheet.rows:
        circuit = row.item
        if circuit.end is not None and circuit.end <= circuit.start:
            row.add(problems, f"The circuit {circuit.id} ends before it begins.", "end", code="dates_reversed")
        if bool(circuit.legs) == bool(circuit.node):
            text = f"The circuit {circuit.id} needs legs, or a node with rack units: one of the two."
            row.add(problems, text, "legs", code="missing_value")
        elif circuit.legs:
            _check_legs(row, network, problems)
        elif not circuit.rack_units:
            row.add(problems, "rack_units is empty.", "rack_units", code="missing_value")
    check_shared_strands(sheet.rows, problems)


def _check_legs(row: Row[Circuit], network: Network, problems: Problems) -> None:
    circuit = row.item
    for column in ("rack_units", "power_kw"):
        if row.cells.get(column, "").strip():
            row.add(problems, f"{column} belongs to colocation, this is fibre.", column, code="wrong_kind")
    unknown = [s for s in dict.fromkeys(circuit.spans) if s not in network.spans]
    for span in unknown:
        text = f"There is no span {span}."
        row.add(problems, text, "legs", value=span, code="dangling", hint=near(span, network.spans))
    if unknown:
        return
    ways = [way for leg in circuit.legs if (way := _way(row, leg, network, problems))]
    if len(ways) == 2 and {ways[0][0], ways[0][-1]} != {ways[1][0], ways[1][-1]}:
        text = f"One leg joins {ways[0][0]} and {ways[0][-1]}, the other {ways[1][0]} and {ways[1][-1]}."
        row.add(problems, text, "legs", code="broken_leg")
    check_strands(row, network, problems)


def _way(row: Row[Circuit], leg: Leg, network: Network, problems: Problems) -> tuple[str, ...]:
    try:
        nodes = walk(network, leg)
    except ValueError as error:
        row.add(problems, str(error), "legs", value="+".join(leg), code="broken_leg")
        return ()
    if nodes[0] == nodes[-1]:
        row.add(problems, f"The leg ends where it begins, at {nodes[0]}.", "legs", code="broken_leg")
        return ()
    if len(set(nodes)) < len(nodes):
        text = "The leg passes a node twice."
        row.add(problems, text, "legs", value="+".join(leg), code="leg_with_loop", level="warning")
    return nodes
