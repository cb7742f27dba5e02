"""Rules for a pot that is short of the claims on it, as analysis (F19): the one that is used, and what others would give.

`proportional` is the rule of the fees (F7). Equal awards and equal losses (Maimonides), and the Talmud rule, which is consistent with
the contested garment: half of every claim is met first by equal awards, the rest by equal losses (Aumann and Maschler 1985).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

Claims = Mapping[str, Fraction]


def proportional(claims: Claims, pot: Fraction) -> dict[str, Fraction]:
    """Each claim scaled alike."""
    whole = sum(claims.values(), Fraction())
    return {name: claim * min(Fraction(1), pot / whole) if whole else Fraction(0) for name, claim in claims.items()}


def equal_awards(claims: Claims, pot: Fraction) -> dict[str, Fraction]:
    """Everyone gets the same, nobody more than the claim (constrained equal awards)."""
    left, found = min(pot, sum(claims.values(), Fraction())), dict.fromkeys(claims, Fraction(0))
    order = sorted(claims, key=lambda name: (claims[name], name))
    for place, name in enumerate(order):
        found[name] = min(claims[name], left / (len(order) - place))
        left -= found[name]
    return found


def equal_losses(claims: Claims, pot: Fraction) -> dict[str, Fraction]:
    """Everyone loses the same, nobody more than the claim (constrained equal losses)."""
    short = max(Fraction(0), sum(claims.values(), Fraction()) - pot)
    return {name: claims[name] - loss for name, loss in equal_awards(claims, short).items()}


def talmud(claims: Claims, pot: Fraction) -> dict[str, Fraction]:
    """Half of each claim by equal awards; what the pot holds beyond, by equal losses.

    >>> claims = {"a": Fraction(100), "b": Fraction(200), "c": Fraction(300)}
    >>> [list(map(int, talmud(claims, Fraction(pot)).values())) for pot in (200, 300)]
    [[50, 75, 75], [50, 100, 150]]
    """
    half = {name: claim / 2 for name, claim in claims.items()}
    middle = sum(half.values(), Fraction())
    if pot <= middle:
        return equal_awards(half, pot)
    return {name: half[name] + more for name, more in equal_losses(half, pot - middle).items()}


RULES: Mapping[str, Callable[[Claims, Fraction], dict[str, Fraction]]] = {
    "proportional": proportional,
    "equal_awards": equal_awards,
    "equal_losses": equal_losses,
    "talmud": talmud,
}
