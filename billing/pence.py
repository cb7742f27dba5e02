"""Money as whole pence, and the two places where a fraction becomes pence: rounding, and sharing out.

Between those places every amount is an exact `Fraction`. No float is ever money.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import TypeVar

Key = TypeVar("Key", bound="str | tuple[str, ...]")


def half_up(amount: Fraction) -> int:
    """The nearest whole number, halves away from zero: 2.5 -> 3, -2.5 -> -3."""
    sign = -1 if amount < 0 else 1
    return sign * ((2 * abs(amount.numerator) + amount.denominator) // (2 * amount.denominator))


def share_out(total: int, weights: Mapping[Key, Fraction | int]) -> dict[Key, int]:
    """Whole parts of `total` in proportion to the weights, by largest remainder (Hamilton); ties by key.

    The parts add up to `total`, and each is the floor or the ceiling of its exact share. A larger total can make one part
    smaller by one (the Alabama paradox); a rule without that would leave the floor-or-ceiling bound.

    Raises ValueError for a negative total or weight, and where there is something to share but no weight.

    >>> share_out(100, {"a": 1, "b": 1, "c": 1})
    {'a': 34, 'b': 33, 'c': 33}
    """
    _, parts = over_one_denominator(weights.values())
    if total < 0 or any(part < 0 for part in parts):
        raise ValueError("neither the total nor a weight may be negative")
    weight = sum(parts)
    if weight == 0:
        if total:
            raise ValueError("there is something to share, but no weight")
        return dict.fromkeys(sorted(weights), 0)
    shares = {key: divmod(total * part, weight) for key, part in zip(weights, parts, strict=True)}
    found = {key: floor for key, (floor, _) in shares.items()}
    missing = total - sum(found.values())
    for key in sorted(shares, key=lambda k: (-shares[k][1], k))[:missing]:
        found[key] += 1
    return {key: found[key] for key in sorted(found)}


def over_one_denominator(values: Iterable[Fraction | int]) -> tuple[int, list[int]]:
    """The least common denominator of fractions, and their numerators over it: sums of integers are quicker than of fractions.

    >>> over_one_denominator([Fraction(1, 2), Fraction(1, 3), 1])
    (6, [3, 2, 6])
    """
    every = list(values)
    whole = lcm(*{value.denominator for value in every})
    return whole, [value.numerator * (whole // value.denominator) for value in every]


def exact_sum(values: Iterable[Fraction | int]) -> Fraction:
    """The sum of fractions, exactly."""
    whole, parts = over_one_denominator(values)
    return Fraction(sum(parts), whole)


def pounds(pence: int) -> str:
    """Pence as pounds with two decimals: 123456 -> "1,234.56", -5 -> "-0.05"."""
    sign = "-" if pence < 0 else ""
    return f"{sign}{abs(pence) // 100:,}.{abs(pence) % 100:02d}"


def plain(value: Decimal | Fraction) -> str:
    """A decimal without exponent and trailing zeros; a fraction as "a/b" where it is no short decimal."""
    if isinstance(value, Fraction):
        if value.denominator == 1:
            return str(value.numerator)
        return f"{value.numerator}/{value.denominator}"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
