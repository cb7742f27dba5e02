"""What `cni network routes` asks of the topology room."""

from __future__ import annotations

import csv
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

from topology.problems import Problems, bad_input
from topology.quantities import thousandths

if TYPE_CHECKING:
    from topology.model import Network


def longest_m(max_km: str | None) -> int | None:
    """Metres of --max-km. Raises BadInput where it is no positive number of kilometres."""
    if max_km is None:
        return None
    try:
        value = Decimal(max_km)
        if not value.is_finite() or not 0 < value < 100_000:
            raise InvalidOperation
    except InvalidOperation:
        raise bad_input("--max-km must be a positive number of kilometres.", file="--max-km", value=max_km) from None
    return thousandths(value)


def wanted_pairs(a: str, b: str, file: Path | None, network: Network) -> list[tuple[str, str]]:
    """The node pairs asked for, from the words or the file. Raises BadInput for unknown nodes and for neither or both."""
    if file is not None and (a or b):
        raise bad_input("give A and B, or --pairs FILE, not both.", file="--pairs")
    if file is None and not (a and b):
        raise bad_input("give the two nodes A and B, or --pairs FILE.", hint="Maybe one of the two was left out.")
    rows = [(0, a, b)] if file is None else _rows(file)
    found = Problems()
    for line, *ends in rows:
        for column, node in zip("ab", ends, strict=True):
            if node not in network.nodes:
                place = str(file) if file else column.upper()
                found.add(
                    "there is no such node.",
                    file=place,
                    line=line,
                    column=column if file else "",
                    value=node,
                    hint=_alike(node, network),
                    code="unknown_id",
                )
        if ends[0] == ends[1]:
            found.add("the two ends are the same node.", file=str(file or "B"), line=line, value=ends[0])
    found.raise_errors()
    return [(first, second) for _, first, second in rows]


def _alike(node: str, network: Network) -> str:
    from difflib import get_close_matches

    near = get_close_matches(node.upper(), network.nodes, n=3)
    return f"Maybe {' or '.join(near)}." if near else ""


def _rows(file: Path) -> list[tuple[int, str, str]]:
    if not file.is_file():
        raise bad_input("there is no such file.", file=str(file), code="missing_file")
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = [c for c in "ab" if c not in (reader.fieldnames or ())]
            if missing:
                raise bad_input(
                    f"column {missing[0]} is missing.", file=str(file), line=1, column=missing[0], code="missing_column"
                )
            return [(reader.line_num, (row["a"] or "").strip(), (row["b"] or "").strip()) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise bad_input(f"not a CSV file in UTF-8: {error}.", file=str(file), code="not_csv") from None
