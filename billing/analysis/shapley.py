"""What fairness theory would say: Shapley values and the airport rule, as analysis beside the fees and never as the fee.

Shapley (1953): a player's marginal contribution, averaged over all orders in which players could come. Paying by it would reward
splitting: of a 110.00 that needs a 10 km and a 1 km part, the owner of the short one gets 55.00, and 73.33 as two members.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import factorial, sqrt

Value = Callable[[frozenset[str]], Fraction]
EXACT_UP_TO = 12
"""Players up to which every coalition is asked: 4,096 of them."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A sampled value: mean over `orders` random orders, and the standard error of that mean."""

    mean: float
    error: float
    orders: int


def shapley(players: Sequence[str], value: Value) -> dict[str, Fraction]:
    """The Shapley value of each player, exactly. Raises ValueError above `EXACT_UP_TO` players.

    >>> worth = {"a": 6, "b": 12, "c": 42, "ab": 12, "ac": 42, "bc": 42, "abc": 42, "": 0}
    >>> shapley("abc", lambda s: Fraction(worth["".join(sorted(s))]))
    {'a': Fraction(2, 1), 'b': Fraction(5, 1), 'c': Fraction(35, 1)}
    """
    count = len(players)
    if count > EXACT_UP_TO:
        raise ValueError(f"{count} players: more than {EXACT_UP_TO} are sampled")
    names = sorted(players)
    worth = [value(frozenset(n for i, n in enumerate(names) if mask >> i & 1)) for mask in range(1 << count)]
    weight = [Fraction(factorial(k) * factorial(count - k - 1), factorial(count)) for k in range(count)]
    return {
        name: sum(
            (
                weight[mask.bit_count()] * (worth[mask | 1 << i] - worth[mask])
                for mask in range(1 << count)
                if not mask >> i & 1
            ),
            Fraction(),
        )
        for i, name in enumerate(names)
    }


def sampled(players: Sequence[str], value: Value, orders: int, seed: str) -> dict[str, Estimate]:
    """Shapley values from random orders, each taken forwards and backwards (which lowers the error); the same seed, the same values."""
    names = sorted(players)
    draw = random.Random(seed)
    sums, squares = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)
    for _ in range(orders):
        order = draw.sample(names, len(names))
        one, other = _marginal(order, value), _marginal(order[::-1], value)
        for name in names:
            mean = (one[name] + other[name]) / 2
            sums[name] += mean
            squares[name] += mean * mean
    made = {}
    for name in names:
        mean = sums[name] / orders
        spread = max(0.0, squares[name] / orders - mean * mean) / max(1, orders - 1)
        made[name] = Estimate(mean, sqrt(spread), 2 * orders)
    return made


def _marginal(order: Sequence[str], value: Value) -> dict[str, float]:
    here: frozenset[str] = frozenset()
    before, found = value(here), {}
    for name in order:
        here |= {name}
        after = value(here)
        found[name] = float(after - before)
        before = after
    return found


def airport(costs: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Shapley values of a cost game whose coalitions cost what their dearest member does (Littlechild and Owen 1973).

    Each increment is shared equally by all who need it.

    >>> {name: int(share) for name, share in airport({"a": Fraction(8), "b": Fraction(11), "c": Fraction(13), "d": Fraction(18)}).items()}
    {'a': 2, 'b': 3, 'c': 4, 'd': 9}
    """
    order = sorted(costs, key=lambda name: (costs[name], name))
    shares, paid, before = {}, Fraction(0), Fraction(0)
    for place, name in enumerate(order):
        paid += (costs[name] - before) / (len(order) - place)
        before = costs[name]
        shares[name] = paid
    return dict(sorted(shares.items()))
