"""What billing needs to know beyond circuits, network and tariff: parties, owners, costs, accepted fibre, outages, index levels.

A folder of CSV files, each of which may be missing; every file is facts with dates, kept by the co-operative. Nothing here depends
on who asks: the same rows for all.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from stdnum.exceptions import ValidationError
from stdnum.gb import vat

from topology.canonical import digest_of
from topology.cells import (
    DAY_KIND,
    EXACT,
    FLAG,
    IDENTIFIER,
    MOMENT_KIND,
    NAME,
    POSITIVE,
    TEXT,
    WHOLE,
    CellError,
    Kind,
    choice,
)
from topology.files import folder_problem
from topology.formats.references import near
from topology.model import Network
from topology.problems import Problem, Problems
from topology.table_text import row_cells
from topology.tables import Column, Place, Sheet, Table, read_csv, typed_rows

ONE = Decimal(1)
HOUSE = "cni"
"""The id of the co-operative's own row in parties.csv."""

Extra = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Party:
    """Whom documents name: a member, or the co-operative itself (id `cni`). `terms_days`: days to pay.

    A self-billed VAT document needs an agreement that covers its tax point (`self_billing_from`, `self_billing_to`) and a
    recorded check of the number (`vat_checked_on`).
    """

    id: str
    name: str
    address: str = ""
    city: str = ""
    postcode: str = ""
    country: str = "GB"
    email: str = ""
    vat_number: str = ""
    buyer_reference: str = ""
    endpoint_scheme: str = ""
    endpoint_id: str = ""
    self_billing_from: date | None = None
    self_billing_to: date | None = None
    vat_checked_on: date | None = None
    vat_check_reference: str = ""
    terms_days: int = 30
    payment: str = ""
    extra: Extra = ()

    def self_bills_on(self, day: date) -> bool:
        """Whether a self-billed VAT document may be made: agreement, number and check cover the day."""
        start, end = self.self_billing_from, self.self_billing_to
        agreed = start is not None and start <= day and (end is None or day < end)
        checked = self.vat_checked_on is not None and self.vat_checked_on <= day
        return agreed and bool(self.vat_number) and checked


@dataclass(frozen=True, slots=True)
class Owner:
    """A share of a span in [start, end); the shares of a day add up to 1, else the span's own owner has it whole."""

    span: str
    owner: str
    share: Decimal
    start: date
    end: date | None = None
    extra: Extra = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """A validated cost of a contributor: `annual` pounds a year in [start, end), or `capital` paid back over `years`.

    `rate` is the interest of the annuity, `trend` the yearly change of its payments (a tilted annuity); `span` may name
    what it was spent on. It counts from `validated_on`.
    """

    id: str
    contributor: str
    kind: str
    amount: Decimal
    start: date
    validated_on: date | None = None
    end: date | None = None
    span: str = ""
    rate: Decimal = Decimal(0)
    trend: Decimal = Decimal(0)
    years: int = 0
    note: str = ""
    extra: Extra = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """Fibre that was accepted as available: pairs of a span in [start, end), of which at most `cap_pairs` are paid for."""

    span: str
    pairs: int
    start: date
    cap_pairs: int | None = None
    end: date | None = None
    note: str = ""
    extra: Extra = ()


@dataclass(frozen=True, slots=True)
class Outage:
    """A circuit, or a span, that was down in [start, end). What does not count (planned works in time) gives nothing back."""

    id: str
    start: datetime
    end: datetime
    circuit: str = ""
    span: str = ""
    counts: bool = True
    note: str = ""
    extra: Extra = ()


@dataclass(frozen=True, slots=True)
class CrossConnect:
    """Patches that were made for a member in a room, on a day; `circuit` where they belong to one."""

    id: str
    member: str
    node: str
    made_on: date
    count: int = 1
    circuit: str = ""
    note: str = ""
    extra: Extra = ()


@dataclass(frozen=True, slots=True)
class Level:
    """The level of a price index in a month (its first day), as first published; `reference` is what it is 100 of."""

    series: str
    reference: str
    month: date
    level: Decimal
    released: date
    extra: Extra = ()


def _signed(text: str) -> Decimal:
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text)
    value: Decimal = EXACT.read(rest)
    return sign * value


def _month(text: str) -> date:
    day: date = DAY_KIND.read(text if len(text) != 7 else f"{text}-01")
    if day.day != 1:
        raise CellError("A month is written as 2027-01.")
    return day


def _vat_number(text: str) -> str:
    try:
        return f"GB{vat.validate(text)}"
    except ValidationError:
        said = "This is no UK VAT number: its shape or its check digits do not fit."
        raise CellError(said, "Maybe two digits are swapped.") from None


VAT_NUMBER = Kind("vat number", "a UK VAT number, GB123456727", _vat_number)
SIGNED = Kind("decimal", "a decimal, may be negative", _signed, str)
MONTH = Kind("month", "a month, 2027-01", _month)

PARTIES: Table[Party] = Table(
    "parties.csv",
    Party,
    (
        Column("id", IDENTIFIER, "the member; `cni` is the co-operative", required=True),
        Column("name", NAME, "the legal name on documents", required=True),
        Column("address", NAME, "street"),
        Column("city", NAME, "town"),
        Column("postcode", NAME, "post code"),
        Column("country", NAME, "two letters; GB if empty"),
        Column("email", NAME, "where documents go"),
        Column("vat_number", VAT_NUMBER, "of a business that is registered; checked by its check digits"),
        Column("buyer_reference", NAME, "what the buyer wants on invoices, as a purchase order"),
        Column("endpoint_scheme", NAME, "of the electronic address: 9932 is a GB VAT number, 0088 a GLN"),
        Column("endpoint_id", NAME, "the electronic address"),
        Column("self_billing_from", DAY_KIND, "first day of a self-billing agreement"),
        Column("self_billing_to", DAY_KIND, "first day after it"),
        Column("vat_checked_on", DAY_KIND, "the day on which the VAT number was checked with HMRC"),
        Column("vat_check_reference", NAME, "HMRC's consultation number"),
        Column("terms_days", WHOLE, "days to pay; 30 if empty"),
        Column("payment", TEXT, "how to pay the party, in words: of the co-operative, printed on invoices"),
    ),
)
OWNERS: Table[Owner] = Table(
    "owners.csv",
    Owner,
    (
        Column("span", IDENTIFIER, "a span that several own", required=True),
        Column("owner", IDENTIFIER, "one of them", required=True),
        Column("share", EXACT, "its share; those of a day add up to 1", required=True),
        Column("start", DAY_KIND, "first day", required=True),
        Column("end", DAY_KIND, "first day after"),
    ),
)
COSTS: Table[Cost] = Table(
    "costs.csv",
    Cost,
    (
        Column("id", IDENTIFIER, "of the claim", required=True),
        Column("contributor", IDENTIFIER, "who bore it", required=True),
        Column("kind", choice("annual", "capital"), "pounds a year, or a sum that is paid back", required=True),
        Column("amount", EXACT, "the cost", required=True, unit="pounds"),
        Column("start", DAY_KIND, "first day", required=True),
        Column("validated_on", DAY_KIND, "day on which it was accepted; before that it does not count"),
        Column("end", DAY_KIND, "first day after, of an annual cost"),
        Column("span", IDENTIFIER, "what it was spent on"),
        Column("rate", EXACT, "interest of the annuity, a share a year"),
        Column("trend", SIGNED, "yearly change of its payments, a share"),
        Column("years", WHOLE, "over which capital is paid back"),
        Column("note", TEXT, "what it was"),
    ),
)
ACCEPTED: Table[Accepted] = Table(
    "accepted.csv",
    Accepted,
    (
        Column("span", IDENTIFIER, "the span", required=True),
        Column("pairs", WHOLE, "pairs that passed the acceptance test", required=True),
        Column("start", DAY_KIND, "day of the acceptance test", required=True),
        Column("cap_pairs", WHOLE, "pairs that are paid for at most; all if empty"),
        Column("end", DAY_KIND, "first day after"),
        Column("note", TEXT, "which report"),
    ),
)
OUTAGES: Table[Outage] = Table(
    "outages.csv",
    Outage,
    (
        Column("id", IDENTIFIER, "of the outage", required=True),
        Column("start", MOMENT_KIND, "when it began", required=True),
        Column("end", MOMENT_KIND, "when it was over", required=True),
        Column("circuit", IDENTIFIER, "the circuit that was down; this or span"),
        Column("span", IDENTIFIER, "the span that was out of service"),
        Column("counts", FLAG, "false where the rules give nothing back; true if empty"),
        Column("note", TEXT, "why"),
    ),
)
CROSS_CONNECTS: Table[CrossConnect] = Table(
    "cross_connects.csv",
    CrossConnect,
    (
        Column("id", IDENTIFIER, "of the work", required=True),
        Column("member", IDENTIFIER, "for whom", required=True),
        Column("node", IDENTIFIER, "in which room", required=True),
        Column("made_on", DAY_KIND, "the day", required=True),
        Column("count", POSITIVE, "how many; 1 if empty"),
        Column("circuit", IDENTIFIER, "the circuit that they belong to"),
        Column("note", TEXT, "what for"),
    ),
)
LEVELS: Table[Level] = Table(
    "index.csv",
    Level,
    (
        Column("series", NAME, "the series, as CPI D7BT", required=True),
        Column("reference", NAME, "what is 100, as 2015", required=True),
        Column("month", MONTH, "the month", required=True),
        Column("level", EXACT, "the level, not a rate", required=True),
        Column("released", DAY_KIND, "when it was first published", required=True),
    ),
)
TABLES: Mapping[str, Table[Any]] = {
    "parties": PARTIES,
    "owners": OWNERS,
    "costs": COSTS,
    "accepted": ACCEPTED,
    "outages": OUTAGES,
    "cross_connects": CROSS_CONNECTS,
    "levels": LEVELS,
}
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
        found.add(said, file=folder.name, code="missing_file")
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
    for start, end in itertools.pairwise(marks):
        held = [(r.owner, r.share) for r in rows if r.start <= start and (r.end is None or start < r.end)]
        for owner, share in held or [(network.spans[span].owner, ONE)]:
            yield owner, start, end, share
