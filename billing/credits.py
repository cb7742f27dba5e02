"""What outages give back (rule F10): lines of a period, and what expected downtime gives back at most in a year.

Outages are instants; which month they count in is the month in Manchester. Overlapping outages of a circuit count once. Credit is
cumulative within a month, so a month that two periods share gives back what it would in one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from math import ceil
from zoneinfo import ZoneInfo

from billing.charges import Charge, annual_pence
from billing.days import last_day, next_month
from billing.fact_rows import Outage
from billing.pence import half_up, plain, pounds
from billing.tariff import Credit, Tariff
from topology.model import Circuit, Network

MANCHESTER = ZoneInfo("Europe/London")
PRODUCT = "credit"


def most_a_year(credit: Credit, annual_pence: Fraction, minutes: float) -> int:
    """The most pence that `minutes` of expected downtime a year give back of an annual price, rounded up.

    An upper bound: neither free minutes nor the cap of single months are counted, which only lower it.

    >>> from decimal import Decimal
    >>> most_a_year(Credit(Decimal("0.02"), Decimal("0.4")), Fraction(120_000), 90.0)
    300
    """
    hours = Fraction(minutes) / 60
    share = min(Fraction(credit.cap_share), hours * Fraction(credit.share_per_hour) / 12)
    return ceil(annual_pence * share)


def credit_lines(
    network: Network, circuits: Iterable[Circuit], tariff: Tariff, outages: Iterable[Outage], first: date, last: date
) -> tuple[Charge, ...]:
    """The credits of a period [first, last), negative, one line for each circuit and month; none where the tariff has none.

    Raises `BadInput` where a product that a circuit holds has no price.
    """
    if tariff.credit is None:
        return ()
    down: dict[str, list[Outage]] = defaultdict(list)
    for outage in outages:
        if outage.circuit and outage.counts:
            down[outage.circuit].append(outage)
    found: list[Charge] = []
    for circuit in sorted(circuits, key=lambda c: c.id):
        if circuit.id in down:
            found += _of_circuit(network, circuit, tariff, tariff.credit, _merged(down[circuit.id]), first, last)
    return tuple(found)


Spell = tuple[datetime, datetime]


def _merged(outages: Iterable[Outage]) -> list[Spell]:
    """Spells without overlap, in order."""
    merged: list[Spell] = []
    for start, end in sorted((o.start, o.end) for o in outages):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _of_circuit(
    network: Network, circuit: Circuit, tariff: Tariff, credit: Credit, spells: list[Spell], first: date, last: date
) -> Iterator[Charge]:
    month = first.replace(day=1)
    while month < last:
        begin, end = max(first, month), min(last, next_month(month))
        until, before = (_Month(month, circuit, spells, credit, day) for day in (end, begin))
        if until.seconds > before.seconds:
            a_month = annual_pence(network, circuit, tariff, max(month, circuit.start)) / 12
            pence = half_up(until.share * a_month) - half_up(before.share * a_month)
            if pence:
                yield _line(circuit, credit, until, before, a_month, pence, begin, end)
        month = next_month(month)


@dataclass(frozen=True, slots=True)
class _Month:
    """A circuit's outages in a month, up to the midnight on which a day begins."""

    month: date
    circuit: Circuit
    spells: list[Spell]
    credit: Credit
    until: date

    @property
    def seconds(self) -> int:
        """Time down beyond the free minutes of each outage."""
        low = _midnight(max(self.month, self.circuit.start))
        high = _midnight(self.until if self.circuit.end is None else min(self.until, self.circuit.end))
        free = timedelta(minutes=self.credit.free_minutes)
        spent = (min(end, high) - max(start + free, low) for start, end in self.spells)
        return sum(max(0, int(part.total_seconds())) for part in spent)

    @property
    def share(self) -> Fraction:
        """The share of the month's charge that is given back."""
        hours = Fraction(self.seconds, 3600)
        return min(Fraction(self.credit.cap_share), hours * Fraction(self.credit.share_per_hour))


def _midnight(day: date) -> datetime:
    utc = timezone.utc  # noqa: UP017 -- reads as what it is
    return datetime(day.year, day.month, day.day, tzinfo=MANCHESTER).astimezone(utc)


def _line(
    circuit: Circuit,
    credit: Credit,
    until: _Month,
    before: _Month,
    a_month: Fraction,
    pence: int,
    begin: date,
    end: date,
) -> Charge:
    minutes = Fraction(until.seconds - before.seconds, 60)
    capped = f", at most {plain(credit.cap_share * 100)} % a month" if until.share == Fraction(credit.cap_share) else ""
    text = (
        f"down for {plain(round(minutes, 2)) if minutes.denominator == 1 else f'{float(minutes):.2f}'} minutes beyond"
        f" {credit.free_minutes} free ones of each outage ({begin} to {last_day(end)}) x {plain(credit.share_per_hour * 100)} % an hour"
        f" of a month's {pounds(half_up(a_month))} GBP{capped} = {pounds(-pence)} GBP"
    )
    return Charge(circuit.member, circuit.id, PRODUCT, begin, end, 0, -pence, text)
