"""Kilometres, watts and decibels as text and as integers; no float in between.

Files and results carry decimal text; inside, lengths are whole metres and power is whole watts. Rounding is half up, as
`interfaces` says ("read to whole metres, half up"), done once, here.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def thousandths(text: str | Decimal) -> int:
    """A decimal number of thousands as an integer of ones, half up: kilometres -> metres, kilowatts -> watts."""
    return int((Decimal(text) * 1000).to_integral_value(ROUND_HALF_UP))


def as_thousands(ones: int) -> str:
    """The reverse of `thousandths`, with three places: 1234 -> "1.234"."""
    sign, ones = ("-", -ones) if ones < 0 else ("", ones)
    return f"{sign}{ones // 1000}.{ones % 1000:03d}"


def three_places(value: Decimal) -> str:
    """A decimal to three places, half up: the form of `*_db` in results."""
    return str(value.quantize(Decimal("0.001"), ROUND_HALF_UP))
