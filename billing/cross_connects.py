"""Cross-connects: patches in a room, charged once on the day on which they are made (rule F5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from billing.charges import Charge
from billing.fact_rows import CrossConnect
from billing.pence import half_up, plain, pounds
from billing.tariff import Tariff
from topology.problems import Problems

PRODUCT = "cross_connect"


def cross_connect_lines(made: Iterable[CrossConnect], tariff: Tariff, first: date, last: date) -> tuple[Charge, ...]:
    """One line for each circuit (or row without one) and day in [first, last), with all that was made for it then.

    Raises `BadInput`, naming each row, where the tariff has no price on its day.
    """
    together: dict[tuple[str, str, date], list[CrossConnect]] = defaultdict(list)
    problems = Problems()
    for row in made:
        if not first <= row.made_on < last:
            continue
        if tariff.price_on(PRODUCT, row.made_on, 0) is None:
            said = f"The tariff has no price of {PRODUCT} on {row.made_on}, when {row.id} was made."
            problems.add(said, file="tariff", column="product", value=PRODUCT, code="no_price")
        together[row.member, row.circuit or row.id, row.made_on].append(row)
    problems.raise_errors()
    return tuple(_line(member, subject, day, rows, tariff) for (member, subject, day), rows in together.items())


def _line(member: str, subject: str, day: date, rows: Sequence[CrossConnect], tariff: Tariff) -> Charge:
    price = tariff.price_on(PRODUCT, day, 0)
    assert price is not None
    count = sum(row.count for row in rows)
    amount = half_up(100 * price.net * count)
    discount = f" less {plain(price.discount * 100)} %" if price.discount else ""
    places = ", ".join(f"{row.count} at {row.node}" for row in rows) if len(rows) > 1 else f"at {rows[0].node}"
    text = (
        f"{count} cross-connect{'s' if count > 1 else ''} {places} on {day} x {plain(price.amount)} GBP{discount}"
        f" = {pounds(amount)} GBP"
    )
    return Charge(member, subject, PRODUCT, day, day, 0, amount, text)
