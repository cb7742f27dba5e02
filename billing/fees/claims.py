"""What contributors can claim for a period, before the pot is looked at: use of their spans, fibre kept available (rules F6, F14, F15).

Use is read from circuits, never reported: pair-metre-days of each span under each circuit. A span that several own is divided by their
shares of each day (`owners.csv`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from billing.days import billed_years, last_day, overlap, year_fraction
from billing.fact_rows import Accepted
from billing.facts import Facts, shares_on
from billing.fees.policy import FeePolicy
from billing.pence import plain
from billing.tariff import Tariff
from topology.model import Circuit, Network

USE, AVAILABILITY, COST = "use", "availability", "cost"
Key = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Claim:
    """What something is worth to a contributor in [first, last). `exact` in pence; `weight` in pair-metre-days x share.

    `circuit` is empty for fibre kept available, `span` too for validated costs.
    """

    contributor: str
    span: str
    circuit: str
    product: str
    first: date
    last: date
    pair_metre_days: int
    weight: Fraction
    exact: Fraction
    text: str
    key: Key = field(init=False, repr=False, compare=False)  # what a claim is known by, and ties are decided by

    def __post_init__(self) -> None:
        key = (self.contributor, self.span, self.circuit, self.product, self.first.isoformat())
        object.__setattr__(self, "key", key)


def use_claims(
    network: Network,
    circuits: Iterable[Circuit],
    tariff: Tariff,
    policy: FeePolicy,
    first: date,
    last: date,
    facts: Facts,
) -> tuple[Claim, ...]:
    """One claim for each owner, span and circuit, and for each stretch of days of a share; sorted by key."""
    found = [
        claim
        for circuit in circuits
        if circuit.is_fibre and (days := overlap(circuit.start, circuit.end, first, last)) is not None
        for span, crossings in sorted(Counter(circuit.spans).items())
        for claim in _use(network, circuit, span, crossings, tariff, policy, days, facts)
    ]
    return tuple(sorted(found, key=lambda c: c.key))


def _use(
    network: Network,
    circuit: Circuit,
    span: str,
    crossings: int,
    tariff: Tariff,
    policy: FeePolicy,
    days: tuple[date, date],
    facts: Facts,
) -> Iterator[Claim]:
    metres = network.spans[span].length_m * crossings
    for owner, start, end, share in shares_on(facts, network, span, *days):
        a_metre, times, said = _worth(policy.rate, circuit.start, start, end, tariff.day_count)
        exact = Fraction(a_metre.numerator * metres, a_metre.denominator)
        weight = Fraction(metres * (end - start).days)
        held = ""
        if share != 1:
            part = Fraction(share)
            exact, weight, held = exact * part, weight * part, f" x share {plain(share)}"
        text = f"{metres:,} pair-metres of span {span}{times}{held} {said}"
        yield Claim(owner, span, circuit.id, USE, start, end, metres * (end - start).days, weight, exact, text)


@lru_cache(maxsize=200_000)  # every span of a circuit asks for the same days
def _worth(rate: Decimal, origin: date, start: date, end: date, day_count: str) -> tuple[Fraction, str, str]:
    """Pence that a pair-metre of a circuit earns in [start, end), and the words for the rate and for the days."""
    years = billed_years(origin, end, day_count) - billed_years(origin, start, day_count)
    count = (end - start).days
    times = f" x {plain(rate)} GBP a year x {_spent(years, count)} year" if rate else ""
    return 100 * Fraction(rate) * years, times, f"({count} days, {start} to {last_day(end)})"


def _spent(years: Fraction, count: int) -> str:
    return f"{count}/365" if years == Fraction(count, 365) else plain(years)


def availability_claims(
    network: Network, tariff: Tariff, policy: FeePolicy, first: date, last: date, facts: Facts
) -> tuple[Claim, ...]:
    """What accepted, capped fibre earns for being there (F14), less the days on which its span was out of service."""
    if not policy.availability_rate:
        return ()
    down = _days_down(facts)
    found: list[Claim] = []
    for row in facts.accepted:
        if row.span in network.spans and (days := overlap(row.start, row.end, first, last)) is not None:
            found += _availability(network, row, tariff, policy, days, facts, down.get(row.span, frozenset()))
    return tuple(sorted(found, key=lambda c: c.key))


def _days_down(facts: Facts) -> Mapping[str, frozenset[date]]:
    """Span -> days on which an outage that counts touched it, by UTC."""
    found: dict[str, set[date]] = defaultdict(set)
    for outage in facts.outages:
        if outage.span and outage.counts:
            day = outage.start.date()
            while day <= outage.end.date():
                found[outage.span].add(day)
                day += timedelta(days=1)
    return {span: frozenset(days) for span, days in found.items()}


def _availability(
    network: Network,
    row: Accepted,
    tariff: Tariff,
    policy: FeePolicy,
    days: tuple[date, date],
    facts: Facts,
    down: frozenset[date],
) -> Iterator[Claim]:
    span = network.spans[row.span]
    pairs = row.pairs if row.cap_pairs is None else min(row.pairs, row.cap_pairs)
    metres = span.length_m * pairs
    for owner, start, end, share in shares_on(facts, network, row.span, *days):
        count, off = (end - start).days, sum(start <= day < end for day in down)
        years = year_fraction(start, end, tariff.day_count) * Fraction(count - off, count)
        exact = 100 * Fraction(policy.availability_rate) * metres * years * Fraction(share)
        capped = f" (of {row.pairs} accepted)" if pairs < row.pairs else ""
        held = f" x share {plain(share)}" if share != 1 else ""
        out = f", {off} days out of service" if off else ""
        text = (
            f"{pairs} pairs{capped} x {span.length_m:,} m of span {row.span} kept available x {plain(policy.availability_rate)} GBP"
            f" a year x {_spent(years, count - off)} year{held} ({count} days{out}, {start} to {last_day(end)})"
        )
        weight = Fraction(metres * (count - off)) * Fraction(share)
        yield Claim(owner, row.span, "", AVAILABILITY, start, end, metres * (count - off), weight, exact, text)
