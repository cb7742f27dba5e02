"""Spans that could be built: a file as spans.csv with a column `cost` in pounds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from topology.cells import NAME, CellError, Kind, decimal_text
from topology.files.columns import SPANS
from topology.files.references import near
from topology.files.tables import Column, Sheet, Table, read_csv
from topology.model import Network, Span
from topology.problems import Problem, Problems


@dataclass(frozen=True, slots=True)
class Candidate(Span):
    """A span that is not there yet, what it would cost to build, in pence, and how it would be built (a free word)."""

    cost_pence: int = 0
    construction: str = ""


def _pence(text: str) -> int:
    try:
        value = Decimal(text)
    except ArithmeticError:
        raise CellError("An amount in pounds is expected.", "Maybe without a sign and with a decimal point.") from None
    if not value.is_finite() or value < 0 or value != round(value, 2):
        raise CellError("An amount in pounds is expected, 0 or more, with at most two decimals.")
    return int(value * 100)


POUNDS = Kind("decimal", "pounds, with at most two decimals", _pence, lambda v: decimal_text(Decimal(v) / 100))
COST = Column("cost", POUNDS, "what it costs to build", required=True, unit="pounds", attribute="cost_pence")
CONSTRUCTION = Column(
    "construction", NAME, "how it would be built, as a file of carbon rates names it: trench, duct, …"
)
CANDIDATES: Table[Candidate] = Table("candidates.csv", Candidate, (*SPANS.columns, COST, CONSTRUCTION))


def read_candidates(path: Path, network: Network) -> tuple[tuple[Candidate, ...], tuple[Problem, ...]]:
    """The candidates of a file by id, as they would be when built (in service), and the remarks on the file.

    Raises BadInput with every fault: cells, ids that the network has already, ends that it does not know.
    """
    found = Problems()
    sheet = read_csv(path, CANDIDATES, found)
    _check(sheet, network, found, path.name)
    found.raise_errors()
    built = (replace(c, status="", ready_for_service=None, withdrawn_on=None) for c in sheet.items)
    return tuple(sorted(built, key=lambda c: c.id)), found.remarks


def _check(sheet: Sheet[Candidate], network: Network, found: Problems, file: str) -> None:
    for row in sheet.rows:
        span: Any = row.item
        if span.id in network.spans:
            said = "the network has a span of this id already."
            found.add(said, file=file, line=row.line, column="id", value=span.id, code="duplicate_id")
        for column in ("start", "end"):
            name = getattr(span, column)
            if name not in network.nodes:
                said = "there is no such node."
                hint = near(name, network.nodes)
                found.add(said, file=file, line=row.line, column=column, value=name, code="dangling", hint=hint)
        if span.start == span.end:
            said = "a span joins two different nodes."
            found.add(said, file=file, line=row.line, column="end", value=span.end, code="self_loop")
