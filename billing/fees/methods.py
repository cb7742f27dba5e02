"""Contributor fees: claims met from a pot by the voted method (rules F6, F7, F14 to F18).

`rate`: each claim is worth its rate; where the pot is short all are scaled alike. `pool`: the pot is shared by pair-metre-days.
`revenue_share`: what a circuit's charges bring to the pot is shared over its spans by length. `cost_share`: validated costs are paid.
Proportional sharing is the one rule, under mild conditions, that splitting or merging members cannot game (Ju, Miyagawa and Sakai
2005). Fibre kept available is paid first where the rest of the pot is shared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from billing.charges import Charge
from billing.early_cease import PRODUCT as EARLY_CEASE
from billing.facts import NO_FACTS, Facts
from billing.fees.claims import COST, Claim, Key, availability_claims, use_claims
from billing.fees.costs import costs_in
from billing.fees.policy import FeePolicy
from billing.pence import exact_sum, half_up, pounds, share_out
from billing.tariff import ONE_OFF, Tariff
from topology.model import Circuit, Network
from topology.problems import Problems


@dataclass(frozen=True, slots=True)
class Wash:
    """A circuit whose fees are more than its recurring charge (F9): its owner could earn by renting from itself."""

    circuit: str
    charge_pence: int
    fees_pence: int


@dataclass(frozen=True, slots=True)
class Fees:
    """What each claim is paid: `exact` before rounding, `pence` after; a sentence that says how, the circuits that F9 names."""

    claims: tuple[Claim, ...]
    exact: Mapping[Key, Fraction]
    pence: Mapping[Key, int]
    scaled: bool
    text: str
    wash: tuple[Wash, ...]
    limits: tuple[str, ...] = ()


def fees_of(
    network: Network,
    circuits: Sequence[Circuit],
    tariff: Tariff,
    policy: FeePolicy,
    charges: Sequence[Charge],
    pot: int,
    first: date,
    last: date,
    facts: Facts = NO_FACTS,
) -> Fees:
    """The fees of a period [first, last) from a pot. Raises `BadInput` where rule F9 says `stop`."""
    if policy.method == "cost_share":
        return _costs_paid(facts, tariff, pot, first, last)
    kept = availability_claims(network, tariff, policy, first, last, facts)
    used = use_claims(network, circuits, tariff, policy, first, last, facts)
    room = max(pot, 0)
    shared = used
    if policy.method != "rate":
        first_paid = min(half_up(exact_sum(c.exact for c in kept)), room)
        shared = _shared(policy.method, used, charges, Fraction(room - first_paid))
    claims = tuple(sorted((*shared, *kept), key=lambda c: c.key))
    exact = {c.key: c.exact for c in claims}
    total = min(half_up(exact_sum(exact.values())), room)
    limited, said, limits = _limited(claims, exact, total, charges, policy, tariff, facts, first, last)
    paid = min(half_up(exact_sum(limited.values())), total)
    parts = share_out(paid, limited)
    for group, most in limits:
        _trimmed(parts, limited, group, most)
    claimed = half_up(exact_sum(exact.values()))
    wash = tuple(_wash(charges, claims, parts))
    if policy.wash_trade == "stop" and wash:
        _stop(wash)
    return Fees(claims, limited, parts, total < claimed, _said(total, claimed, pot), wash, said)


def _shared(method: str, used: Iterable[Claim], charges: Iterable[Charge], left: Fraction) -> tuple[Claim, ...]:
    """Use claims that share what is left of the pot: by weight, or circuit by circuit by what its charges bring."""
    claims = tuple(used)
    if method == "pool":
        whole = exact_sum(c.weight for c in claims)
        return tuple(replace(c, exact=left * c.weight / whole if whole else Fraction(0)) for c in claims)
    brought: dict[str, int] = defaultdict(int)
    for line in charges:
        brought[line.circuit] += line.amount_pence
    positive = sum(max(0, pence) for pence in brought.values())
    weight: dict[str, Fraction] = defaultdict(Fraction)
    for claim in claims:
        weight[claim.circuit] += claim.weight
    made = []
    for claim in claims:
        worth = left * max(0, brought[claim.circuit]) / positive if positive else Fraction(0)
        made.append(replace(claim, exact=worth * claim.weight / weight[claim.circuit]))
    return tuple(made)


def _limited(
    claims: Sequence[Claim],
    exact: Mapping[Key, Fraction],
    total: int,
    charges: Sequence[Charge],
    policy: FeePolicy,
    tariff: Tariff,
    facts: Facts,
    first: date,
    last: date,
) -> tuple[dict[Key, Fraction], tuple[str, ...], tuple[Limit, ...]]:
    """Claims after scaling to the pot, then limited by circuit (F9) and by contributor (F17); what that took is unallocated."""
    claimed = exact_sum(exact.values())
    factor = Fraction(1) if total == half_up(claimed) else Fraction(total) / claimed
    left = dict(exact) if factor == 1 else {key: value * factor for key, value in exact.items()}
    said: list[str] = []
    limits: list[Limit] = []
    if policy.wash_trade == "limit":
        recurring = _recurring(charges)
        circuits = {c.key: c.circuit for c in claims if c.circuit}
        most = {circuit: max(0, recurring.get(circuit, 0)) for circuit in circuits.values()}
        said += _scale_groups(left, circuits, most, "circuit {}: fees limited to its charge of {} GBP (F9)")
        limits.append((circuits, most))
    if policy.cost_ceiling:
        costs = costs_in(facts.costs, first, last, tariff.day_count)
        payees = {c.key: c.contributor for c in claims}
        most = {name: int(costs.get(name, 0)) for name in payees.values()}
        said += _scale_groups(left, payees, most, "contributor {}: fees limited to its validated costs of {} GBP (F17)")
        limits.append((payees, most))
    return left, tuple(said), tuple(limits)


Limit = tuple[Mapping[Key, str], Mapping[str, int]]
"""Claims by group, and the most whole pence that a group is paid."""


def _scale_groups(
    left: dict[Key, Fraction], group: Mapping[Key, str], most: Mapping[str, int], words: str
) -> list[str]:
    """Scale the claims of each group down to its limit, in place; a sentence for each that was."""
    sums: dict[str, Fraction] = defaultdict(Fraction)
    for key, name in group.items():
        sums[name] += left[key]
    said = []
    for name in sorted(sums):
        if sums[name] > most[name]:
            for key, held in group.items():
                if held == name:
                    left[key] *= most[name] / sums[name]
            said.append(words.format(name, pounds(most[name])))
    return said


def _trimmed(
    parts: dict[Key, int], exact: Mapping[Key, Fraction], group: Mapping[Key, str], most: Mapping[str, int]
) -> None:
    """Take back, in place, the pence by which rounding lifted a group above its limit: from what was rounded up most, ties by key."""
    sums: dict[str, int] = defaultdict(int)
    for key, name in group.items():
        sums[name] += parts[key]
    for name in sorted(sums):
        held = sorted((key for key, of in group.items() if of == name), key=lambda key: (exact[key] - parts[key], key))
        for key in held[: max(0, sums[name] - most[name])]:
            parts[key] -= 1


def _costs_paid(facts: Facts, tariff: Tariff, pot: int, first: date, last: date) -> Fees:
    """`cost_share`: each contributor's validated costs, from charges that were made to meet them."""
    costs = {name: pence for name, pence in costs_in(facts.costs, first, last, tariff.day_count).items() if pence}
    claims = tuple(
        Claim(
            name,
            "",
            "",
            COST,
            first,
            last,
            0,
            Fraction(0),
            pence,
            f"validated costs of the period, {pounds(half_up(pence))} GBP",
        )
        for name, pence in costs.items()
    )
    total = min(half_up(exact_sum(costs.values())), max(pot, 0))
    exact = {c.key: c.exact for c in claims}
    parts = share_out(total, exact)
    claimed = half_up(exact_sum(costs.values()))
    return Fees(claims, exact, parts, total < claimed, _said(total, claimed, pot), ())


def _said(total: int, claimed: int, pot: int) -> str:
    if total == claimed:
        return f"All claims are paid in full: {pounds(total)} GBP of a pot of {pounds(pot)} GBP."
    percent = Fraction(100 * total, claimed)
    return (
        f"The pot of {pounds(pot)} GBP is short of the claims of {pounds(claimed)} GBP: "
        f"each claim is paid {percent.numerator / percent.denominator:.4f} %."
    )


def _recurring(charges: Iterable[Charge]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for line in charges:
        if line.product not in (*ONE_OFF, EARLY_CEASE):
            found[line.circuit] += line.amount_pence
    return found


def _wash(charges: Iterable[Charge], claims: Iterable[Claim], parts: Mapping[Key, int]) -> Iterable[Wash]:
    recurring = _recurring(charges)
    paid: dict[str, int] = defaultdict(int)
    for claim in claims:
        if claim.circuit:
            paid[claim.circuit] += parts[claim.key]
    for circuit in sorted(paid):
        if paid[circuit] > recurring.get(circuit, 0):
            yield Wash(circuit, recurring.get(circuit, 0), paid[circuit])


def _stop(wash: Iterable[Wash]) -> None:
    found = Problems()
    for row in wash:
        said = f"circuit {row.circuit}: fees of {pounds(row.fees_pence)} GBP are more than its charge of {pounds(row.charge_pence)} GBP."
        found.add(said, file="fees", column="wash_trade", value=row.circuit, code="wash_trade")
    found.raise_errors()
