"""What billing needs to know beyond circuits, network and tariff: parties, owners, costs, accepted fibre, outages, index levels.

A folder of CSV files, each of which may be missing; every file is facts with dates, kept by the co-operative. Nothing here depends
on who asks: the same rows for all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from billing.fact_rows import ONE, TABLES, Accepted, Cost, CrossConnect, Level, Outage, Owner, Party
from topology.canonical import digest_of
from topology.files.reading import folder_problem
from topology.files.references import near
from topology.files.table_text import row_cells
from topology.files.tables import Place, Sheet, read_csv, typed_rows
from topology.model import Network
from topology.problems import Problem, Problems

ORDER = {
    "parties": ("id",),
    "owners": ("span", "start", "owner"),
    "accepted": ("span", "start"),
    "levels": ("series", "reference", "month"),
}


@dataclass(frozen=True)
class Facts:
    """All facts, each table in a fixed order."""

    parties: tuple[Party, ...] = ()
    owners: tuple[Owner, ...] = ()
    costs: tuple[Cost, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    outages: tuple[Outage, ...] = ()
    cross_connects: tuple[CrossConnect, ...] = ()
    levels: tuple[Level, ...] = ()

    @cached_property
    def party(self) -> Mapping[str, Party]:
        """Id -> party."""
        return {p.id: p for p in self.parties}

    @cached_property
    def owners_of(self) -> Mapping[str, tuple[Owner, ...]]:
        """Span -> shares in it, of any day."""
        found: dict[str, list[Owner]] = defaultdict(list)
        for owner in self.owners:
            found[owner.span].append(owner)
        return {span: tuple(owners) for span, owners in found.items()}

    def named(self, name: str) -> Party:
        """A party; by its id alone where parties.csv does not list it."""
        return self.party.get(name, Party(name, name))

    def as_json(self) -> dict[str, list[dict[str, Any]]]:
        """Every row as cells: what the digest is taken of, and what a database keeps."""
        return {name: [row_cells(row, table) for row in getattr(self, name)] for name, table in TABLES.items()}

    @property
    def digest(self) -> str:
        """SHA-256 of the parsed rows."""
        return digest_of(self.as_json())


NO_FACTS = Facts()


def read_facts(folder: Path) -> tuple[Facts, tuple[Problem, ...]]:
    """The facts of a folder and the remarks on it. Raises BadInput with every fault of every file, also where it is no folder."""
    found = Problems()
    if not folder_problem(folder, found):
        _check_names(folder, found)
    found.raise_errors()
    sheets = {
        name: read_csv(path, table, found) if (path := folder / table.file).exists() else Sheet[Any]()
        for name, table in TABLES.items()
    }
    return _made(sheets, found)


def _check_names(folder: Path, found: Problems) -> None:
    """A folder holds at least one of the files; another CSV file beside them is pointed at, as it counts for nothing."""
    known = {table.file: None for table in TABLES.values()}
    there = sorted(path.name for path in folder.glob("*.csv"))
    if not known.keys() & set(there):
        said = f"the folder {folder.name} holds none of {', '.join(known)}."
        below = sorted({path.parent.name for path in folder.glob("*/*.csv") if path.name in known})[:1]
        hint = f"Maybe {folder.name}/{below[0]} is meant." if below else ""
        found.add(said, file=folder.name, code="missing_file", hint=hint)
    for name in there:
        if name not in known:
            said = "this file is none of the facts; it counts for nothing."
            found.add(said, file=name, code="unknown_file", hint=near(name, known), level="warning")


def facts_from_json(value: Mapping[str, Any]) -> Facts:
    """The facts that `as_json` gave. Raises BadInput."""
    found = Problems()
    sheets = {
        name: typed_rows(list(enumerate(value.get(name, ()), 1)), table.file, table, found)
        for name, table in TABLES.items()
    }
    return _made(sheets, found)[0]


def _made(sheets: Mapping[str, Sheet[Any]], found: Problems) -> tuple[Facts, tuple[Problem, ...]]:
    for name, sheet in sheets.items():
        for row in sheet.rows:
            _check_row(name, row.item, row, found)
    found.raise_errors()
    _check_shares(sheets["owners"], found)
    found.raise_errors()
    tables = {
        name: tuple(sorted(sheet.items, key=lambda item: tuple(getattr(item, key) for key in ORDER.get(name, ("id",)))))
        for name, sheet in sheets.items()
    }
    return Facts(**tables), found.remarks


def _check_row(name: str, item: Any, place: Place, found: Problems) -> None:
    start, end = getattr(item, "start", None), getattr(item, "end", None)
    if start is not None and end is not None and end <= start:
        place.add(found, "it ends before it starts.", "end")
    if name == "outages" and bool(item.circuit) == bool(item.span):
        place.add(found, "an outage names a circuit or a span, one of them.", "circuit", code="missing_value")
    if name == "costs" and item.kind == "capital" and not item.years:
        place.add(found, "capital is paid back over years.", "years", code="missing_value")
    if name == "levels" and not item.level:
        place.add(found, "a level is above 0.", "level")


def _check_shares(sheet: Sheet[Owner], found: Problems) -> None:
    """The shares of a span add up to 1 on every day on which there is one."""
    rows: dict[str, list[Any]] = defaultdict(list)
    for row in sheet.rows:
        rows[row.item.span].append(row)
    for span in sorted(rows):
        days = sorted({d for row in rows[span] for d in (row.item.start, row.item.end) if d})
        for day in days:
            held = [
                r.item.share for r in rows[span] if r.item.start <= day and (r.item.end is None or day < r.item.end)
            ]
            if held and sum(held) != 1:
                said = f"the shares of {span} on {day} add up to {sum(held)}, not 1."
                rows[span][0].add(found, said, "share", value=span, code="shares")


def check_against(facts: Facts, network: Network) -> tuple[Problem, ...]:
    """Remarks on spans that the facts name and the network has not: they count for nothing."""
    found = Problems()
    for name in ("owners", "costs", "accepted", "outages"):
        for item in getattr(facts, name):
            if item.span and item.span not in network.spans:
                said = f"the network has no span {item.span}; the row counts for nothing."
                found.add(
                    said, file=TABLES[name].file, column="span", value=item.span, code="unknown_span", level="warning"
                )
    return found.remarks


def shares_on(
    facts: Facts, network: Network, span: str, first: date, last: date
) -> Iterable[tuple[str, date, date, Decimal]]:
    """Who owns a span in [first, last): (owner, from, to, share), cut where the shares change, by day and owner."""
    rows = facts.owners_of.get(span)
    if rows is None:
        yield network.spans[span].owner, first, last, ONE
        return
    marks = sorted({first, last, *(d for r in rows for d in (r.start, r.end) if d is not None and first < d < last)})
    for start, end in pairwise(marks):
        held = [(r.owner, r.share) for r in rows if r.start <= start and (r.end is None or start < r.end)]
        for owner, share in held or [(network.spans[span].owner, ONE)]:
            yield owner, start, end, share
