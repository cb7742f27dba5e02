"""The register of circuits that life and safety hang on: dated rows, kept by the co-operative, read from a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from topology.canonical import digest_of
from topology.cells import DAY_KIND, IDENTIFIER, TEXT, choice
from topology.files.table_text import row_cells
from topology.files.tables import Column, Table, read_csv
from topology.model import Circuit
from topology.problems import Problem, Problems


@dataclass(frozen=True, slots=True)
class Entry:
    """A member, or one circuit, that is registered in [start, end)."""

    id: str
    kind: str
    start: date
    end: date | None = None
    note: str = ""
    extra: tuple[tuple[str, str], ...] = ()


REGISTER: Table[Entry] = Table(
    "register.csv",
    Entry,
    (
        Column("id", IDENTIFIER, "the member, or the circuit", required=True),
        Column("kind", choice("member", "circuit"), "what the id names", required=True),
        Column("start", DAY_KIND, "first day on which it is registered", required=True),
        Column("end", DAY_KIND, "first day on which it is not any more"),
        Column("note", TEXT, "who decided, and why"),
    ),
)


@dataclass(frozen=True, slots=True)
class Register:
    """The entries, by id."""

    entries: tuple[Entry, ...] = field(default=())

    def holds(self, circuit: Circuit, on: date) -> bool:
        """Whether a circuit, or its member, is registered on a date."""
        named = {("circuit", circuit.id), ("member", circuit.member)}
        return any((e.kind, e.id) in named and e.start <= on and (e.end is None or on < e.end) for e in self.entries)

    @property
    def digest(self) -> str:
        """SHA-256 of the parsed rows."""
        return digest_of([row_cells(e, REGISTER) for e in self.entries])


def read_register(path: Path) -> tuple[Register, tuple[Problem, ...]]:
    """The register of a CSV file and the remarks on it. Raises BadInput with every fault."""
    found = Problems()
    sheet: Any = read_csv(path, REGISTER, found)
    found.raise_errors()
    return Register(tuple(sorted(sheet.items, key=lambda e: (e.id, e.kind, e.start)))), found.remarks
