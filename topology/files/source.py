"""Rows that know where in their file they stand, and findings that say so.

A place is a file, a line and a character, counted from 1; 0 where there is none. In JSON both are known, in KML the line of
the placemark. A GeoPackage has no lines: there the line is the row's `fid`, which QGIS shows beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from topology.files.tables import printable
from topology.model import Network
from topology.problems import Problem

Cells = dict[str, Any]
Spot = tuple[str, int, int]
Where = Callable[[str], Spot]
"""Field of the source -> file, line, character."""

SHOWN = 5


class Row(dict[str, Any]):
    """Cells by our column names, with their place in the source."""

    def __init__(self, cells: Mapping[str, Any], table: str, number: int, where: Where) -> None:
        super().__init__(cells)
        self.table, self.number, self.where = table, number, where

    @property
    def called(self) -> str:
        """The id, else the place in its list."""
        name = self.get("id")
        return f"{self.table}[{self.number}]" if name is None or name == "" else str(name)


@dataclass
class Rows:
    """What a reader found: cells by column name, and how the tables are called in the source."""

    file: str
    about: Cells = field(default_factory=dict)
    nodes: list[Row] = field(default_factory=list)
    spans: list[Row] = field(default_factory=list)
    risk_groups: list[Cells] = field(default_factory=list)
    organisations: list[Row] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    """Our column -> the word of the source, for messages."""

    def table(self, name: str) -> list[Any]:
        """The rows of a table; none for an unknown name."""
        return getattr(self, name, None) or [] if name in ("nodes", "spans", "risk_groups", "organisations") else []


@dataclass
class Report:
    """Findings of reading; those that say the same of many things are said once, with how many and the first few."""

    file: str
    head: Where | None = None
    """Where the fields of the network as a whole stand."""
    said: list[Problem] = field(default_factory=list)
    counted: dict[tuple[str, str, str, str, str], list[tuple[str, Spot]]] = field(default_factory=dict)

    def add(
        self, level: str, code: str, column: str, text: str, value: str = "", hint: str = "", row: Row | None = None
    ) -> None:
        """One finding, at the place of a row where one is given."""
        file, line, character = self._spot(column, row)
        shown = printable(value)[:80]
        self.said.append(Problem(file, line, column, shown, text, hint, code, level, character))

    def count(self, level: str, code: str, column: str, text: str, name: str, row: Row | None = None) -> None:
        """The same finding about one more thing; its place is that of the first."""
        self.counted.setdefault((level, code, column, text, ""), []).append((name, self._spot(column, row)))

    def _spot(self, column: str, row: Row | None) -> Spot:
        name = column.rpartition(".")[2]
        if row is not None:
            return row.where(name)
        return self.head(name) if self.head is not None else (self.file, 0, 0)

    def problems(self) -> tuple[Problem, ...]:
        """All findings, sorted."""
        made = list(self.said)
        for (level, code, column, text, hint), things in self.counted.items():
            names = ", ".join(printable(name)[:64] for name, _ in things[:SHOWN])
            shown = names + (", ..." if len(things) > SHOWN else "")
            file, line, character = things[0][1]
            made.append(Problem(file, line, column, shown, f"{text} ({len(things)})", hint, code, level, character))
        return tuple(sorted(made))


def how_many(finding: Problem) -> int:
    """Of how many things a finding that `Report.count` made says the same."""
    return int(finding.text.rpartition("(")[2].rstrip(")"))


Placed = Callable[[str], tuple[str, int, int, str]]
"""Our column -> file, line, character and field of the source."""

Places = Mapping[tuple[str, str], "int | Placed"]
"""(File of ours, id) -> its line, or how to find its columns in the source."""


@dataclass(frozen=True)
class Reading:
    """A network, what was found while reading it, and where its things stand."""

    network: Network
    findings: tuple[Problem, ...] = ()
    places: Places = field(default_factory=dict)
