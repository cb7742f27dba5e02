"""Charges: what each circuit costs its member in a period, each line with its sum in words.

Rules F1 to F5. A recurring charge for [a, b) is R(P x Y(b)) - R(P x Y(a)), where P is the exact annual price, Y(t) the years billed since
the price began to apply to the circuit, and R rounds half up to the penny (cumulative rounding): slices of any size add up
to what the whole costs. Where the price changes within a period there are two lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import asin, cos, radians, sin, sqrt

from billing.days import billed_years, last_day, overlap, term_years
from billing.pence import half_up, plain, pounds
from billing.tariff import Price, Tariff
from topology.model import Circuit, Leg, Network, Node
from topology.problems import Problems, bad_input
from topology.quantities import as_thousands

EARTH_RADIUS_M = 6_371_008.8  # mean radius of the sphere that the distances of the data are measured on


@dataclass(frozen=True, slots=True)
class Charge:
    """One line. `days` are those in [first, last) that it bills; a one-off charge bills none."""

    member: str
    circuit: str
    product: str
    first: date
    last: date
    days: int
    amount_pence: int
    text: str

    def as_json(self) -> dict[str, object]:
        """The line as `cni.settlement/1` shows it."""
        return {
            "member": self.member,
            "circuit": self.circuit,
            "product": self.product,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "days": self.days,
            "amount_pence": self.amount_pence,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class _Quantity:
    """How much of a product a circuit holds, and in words. `per_year` turns a product's price into an annual one."""

    product: str
    units: Fraction
    per_year: int
    words: str


def charges(
    network: Network, circuits: Iterable[Circuit], tariff: Tariff, first: date, last: date
) -> tuple[Charge, ...]:
    """All lines of a period [first, last), sorted by member, circuit, product and day.

    Raises `BadInput`, naming every one, where a product that a circuit holds has no price on a day.
    """
    found, problems = list[Charge](), Problems()
    for circuit in sorted(circuits, key=lambda c: c.id):
        days = overlap(circuit.start, circuit.end, first, last)
        if days is None:
            continue
        for quantity in _quantities(network, circuit, tariff):
            found += _recurring(circuit, quantity, tariff, days, problems)
        found += _one_off(circuit, tariff, days)
    problems.raise_errors()
    return tuple(sorted(found, key=lambda c: (c.member, c.circuit, c.product, c.first)))


def term_of(circuit: Circuit) -> int:
    """Whole years of the term that was agreed: a circuit that is handed back early keeps the price of its term."""
    return term_years(circuit.start, circuit.term_end or circuit.end)


def annual_pence(network: Network, circuit: Circuit, tariff: Tariff, on: date) -> Fraction:
    """What a circuit costs in a year at the prices of a day, in pence before rounding, one-off charges apart.

    Raises `BadInput` where a product that it holds has no price on the day.
    """
    term = term_of(circuit)
    total, problems = Fraction(0), Problems()
    for quantity in _quantities(network, circuit, tariff):
        price = tariff.price_on(quantity.product, on, term)
        if price is None:
            _no_price(circuit, quantity, on, problems)
        else:
            total += 100 * price.net * quantity.units * quantity.per_year
    problems.raise_errors()
    return total


def _quantities(network: Network, circuit: Circuit, tariff: Tariff) -> Iterator[_Quantity]:
    if circuit.is_fibre:
        lengths = [max(tariff.minimum_m, _leg_m(network, leg, tariff)) for leg in circuit.legs]
        legs = "1 leg" if len(lengths) == 1 else f"{len(lengths)} legs ({' + '.join(f'{m:,}' for m in lengths)} m)"
        yield _Quantity("fibre_pair_metre_year", Fraction(sum(lengths)), 1, f"{sum(lengths):,} m over {legs}")
    else:
        if circuit.rack_units:
            yield _Quantity(
                "rack_unit_month", Fraction(circuit.rack_units), 12, f"{circuit.rack_units} U at {circuit.node}"
            )
        if circuit.power_w:
            words = f"{as_thousands(circuit.power_w)} kW at {circuit.node}"
            yield _Quantity("kw_month", Fraction(circuit.power_w, 1000), 12, words)


def _leg_m(network: Network, leg: Leg, tariff: Tariff) -> int:
    if tariff.length_basis == "route":
        return network.length_m(leg)
    start, end = leg_ends(network, leg)
    return straight_m(network.nodes[start], network.nodes[end])


def leg_ends(network: Network, leg: Leg) -> tuple[str, str]:
    """The two nodes that a leg joins: those that an odd number of its spans touch. Raises BadInput for a broken leg."""
    odd: set[str] = set()
    for span_id in leg:
        odd ^= {network.spans[span_id].start, network.spans[span_id].end}
    if len(odd) != 2:
        raise bad_input(f"The spans {'+'.join(leg)} do not make one leg.", value="+".join(leg), code="broken_leg")
    first, second = sorted(odd)
    return first, second


def straight_m(a: Node, b: Node) -> int:
    """Whole metres of the great circle between two nodes, half up (haversine, sphere of 6371.0088 km)."""
    lat_a, lat_b = radians(a.lat), radians(b.lat)
    square = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin(radians(b.lon - a.lon) / 2) ** 2
    return int(2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(square))) + 0.5)


def _recurring(
    circuit: Circuit, quantity: _Quantity, tariff: Tariff, days: tuple[date, date], problems: Problems
) -> Iterator[Charge]:
    term = term_of(circuit)
    for start, end, price, since in _priced(circuit, quantity.product, tariff, term, days):
        if price is None:
            _no_price(circuit, quantity, start, problems)
            continue
        yield _line(circuit, quantity, tariff, price, since, start, end)


def _no_price(circuit: Circuit, quantity: _Quantity, day: date, problems: Problems) -> None:
    problems.add(
        f"The tariff has no price of {quantity.product} on {day}, which circuit {circuit.id} holds.",
        file="tariff",
        column="product",
        value=quantity.product,
        code="no_price",
        hint="Maybe its valid_from is too late; a price of 0 makes it free.",
    )


def _priced(
    circuit: Circuit, product: str, tariff: Tariff, term: int, days: tuple[date, date]
) -> Iterator[tuple[date, date, Price | None, date]]:
    """The days cut where the price changes: first day, day after the last, the price, and the day it began to apply."""
    edges = [circuit.start, *(d for d in tariff.changes(product) if circuit.start < d < days[1]), days[1]]
    since, held = circuit.start, tariff.price_on(product, circuit.start, term)
    begin = max(days[0], circuit.start)
    for edge in edges[1:]:
        following = tariff.price_on(product, edge, term) if edge < days[1] else None
        if edge < days[1] and following == held:
            continue
        if begin < edge:
            yield begin, edge, held, since
            begin = edge
        since, held = edge, following


def _line(
    circuit: Circuit, quantity: _Quantity, tariff: Tariff, price: Price, since: date, start: date, end: date
) -> Charge:
    annual = 100 * price.net * quantity.units * quantity.per_year
    origin = circuit.start

    def billed(until: date) -> int:
        years = billed_years(origin, until, tariff.day_count) - billed_years(origin, since, tariff.day_count)
        return half_up(annual * years)

    years = billed_years(origin, end, tariff.day_count) - billed_years(origin, start, tariff.day_count)
    amount, count = billed(end) - billed(start), (end - start).days
    discount = f" less {plain(price.discount * 100)} %" if price.discount else ""
    uplift = f" ({price.uplift})" if price.uplift else ""
    unit = "a year" if quantity.per_year == 1 else "a month"
    text = (
        f"{quantity.words} x {plain(price.amount)} GBP {unit}{uplift}{discount} x {_duration(years, count, quantity)}"
        f" ({count} days, {start} to {last_day(end)}) = {pounds(amount)} GBP"
    )
    return Charge(circuit.member, circuit.id, quantity.product, start, end, count, amount, text)


def _duration(years: Fraction, count: int, quantity: _Quantity) -> str:
    """Years or months in the form in which a person would multiply them."""
    if years == Fraction(count, 365):
        return f"{count}/365 year" if quantity.per_year == 1 else f"12 x {count}/365 year"
    return f"{plain(years)} year" if quantity.per_year == 1 else f"{plain(years * 12)} month"


def _one_off(circuit: Circuit, tariff: Tariff, days: tuple[date, date]) -> Iterator[Charge]:
    """The connection of both ends of a fibre circuit, on the day it starts."""
    starts = days[0] <= circuit.start < days[1]
    price = tariff.price_on("connection", circuit.start, term_of(circuit))
    if not (circuit.is_fibre and starts and price is not None):
        return
    amount = half_up(200 * price.net)
    discount = f" less {plain(price.discount * 100)} %" if price.discount else ""
    text = f"2 ends connected on {circuit.start} x {plain(price.amount)} GBP{discount} = {pounds(amount)} GBP"
    yield Charge(circuit.member, circuit.id, "connection", circuit.start, circuit.start, 0, amount, text)
