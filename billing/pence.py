"""Money as whole pence, and the two places where a fraction becomes pence: rounding, and sharing out.

Between those places every amount is an exact `Fraction`. No float is ever money.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
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
    if total < 0 or any(weight < 0 for weight in weights.values()):
        raise ValueError("neither the total nor a weight may be negative")
    whole = sum((Fraction(weight) for weight in weights.values()), Fraction())
    if whole == 0:
        if total:
            raise ValueError("there is something to share, but no weight")
        return dict.fromkeys(sorted(weights), 0)
    exact = {key: Fraction(total) * weight / whole for key, weight in weights.items()}
    parts = {key: share.numerator // share.denominator for key, share in exact.items()}
    missing = total - sum(parts.values())
    for key in sorted(exact, key=lambda k: (parts[k] - exact[k], k))[:missing]:
        parts[key] += 1
    return {key: parts[key] for key in sorted(parts)}


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
