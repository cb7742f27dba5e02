"""Which requests enter a round at all (rule A7), and why the others do not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from allocation.policy import Policy
from allocation.request import Request
from topology.model import Network


@dataclass(frozen=True, slots=True)
class Refusal:
    """One ground on which a request is refused at the gate. `code` as in rule D; `clause` names the rule or policy key."""

    code: str
    clause: str
    text: str


def whole_years(start: date, end: date) -> int | None:
    """How many whole years lie in [start, end): 2027-01-04 to 2030-01-04 is 3; None where it is no whole number."""
    years = end.year - start.year
    try:
        same_day = start.replace(year=end.year)
    except ValueError:  # 29 February in a common year
        same_day = date(end.year, 3, 1)
    return years if years > 0 and same_day == end else None


def refusals(network: Network, requests: Iterable[Request], policy: Policy, on: date) -> dict[str, tuple[Refusal, ...]]:
    """Request id -> the grounds on which it is refused; requests that enter are left out."""
    rows = tuple(requests)
    bundle_size: dict[tuple[str, str], int] = {}
    for r in rows:
        if r.bundle and r.is_fibre:
            key = (network.group_of(r.member), r.bundle)
            bundle_size[key] = bundle_size.get(key, 0) + r.least
    found: dict[str, tuple[Refusal, ...]] = {}
    for r in rows:
        block = bundle_size[network.group_of(r.member), r.bundle] if r.bundle and r.is_fibre else r.least
        grounds = [*_standing(network, r, on), *_in_time(r, policy), *_term(r, policy, on), *_block(r, policy, block)]
        if grounds:
            found[r.id] = tuple(grounds)
    return found


def _standing(network: Network, r: Request, on: date) -> Sequence[Refusal]:
    if network.organisations is None:
        return ()
    member = network.organisations.get(r.member)
    if member is None:
        return (Refusal("not_eligible", "A7", f"{r.member} is not on the list of organisations."),)
    if "user" not in member.roles:
        return (Refusal("not_eligible", "A7", f"{r.member} does not have the role user."),)
    if not member.member_on(on):
        return (Refusal("not_eligible", "A7", f"{r.member} is not a member on {on}."),)
    return ()


def _in_time(r: Request, policy: Policy) -> Sequence[Refusal]:
    closes = policy.gate_closes
    if closes is None or r.received is None:
        return ()
    received = r.received
    if (received.tzinfo is None) != (closes.tzinfo is None):  # a time without a zone is read in the gate's zone
        received, closes = received.replace(tzinfo=None), closes.replace(tzinfo=None)
    if received <= closes:
        return ()
    return (
        Refusal("late", "gate.closes", f"It was received at {r.received}; the gate closed at {policy.gate_closes}."),
    )


def _term(r: Request, policy: Policy, on: date) -> Sequence[Refusal]:
    if r.end is not None and r.end <= on:
        return (Refusal("term", "A7", f"Its term ends on {r.end}, before the round on {on}."),)
    if policy.terms_years is None:
        return ()
    start = r.start or on
    if r.end is not None and whole_years(start, r.end) in policy.terms_years:
        return ()
    terms = ", ".join(str(y) for y in policy.terms_years)
    asked = f"from {start} to {r.end}" if r.end else f"from {start} without an end"
    return (Refusal("term", "terms.years", f"It asks for a term {asked}; the policy has terms of {terms} years."),)


def _block(r: Request, policy: Policy, block: int) -> Sequence[Refusal]:
    limit = policy.block_max_pairs
    if limit is None or not r.is_fibre or block <= limit:
        return ()
    return (
        Refusal(
            "block_size", "blocks.max_pairs", f"It asks for {block} pairs or none; the policy allows blocks of {limit}."
        ),
    )
