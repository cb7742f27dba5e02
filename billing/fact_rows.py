"""The rows of the facts, and the columns of their files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from stdnum.exceptions import ValidationError
from stdnum.gb import vat

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
from topology.files.tables import Column, Table

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
