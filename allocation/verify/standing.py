"""Rule A7 and the block size of A6: on which grounds a request is refused at the gate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from allocation.policy import Policy
from allocation.request import Request


def refusals(r: Request, bundle: Sequence[Request], policy: Policy, on: date, *, standing: bool) -> Iterator[str]:
    """The reason codes for which a request does not enter the round. `bundle`: its rows; `standing`: its member's."""
    if not standing:
        yield "not_eligible"
    if policy.gate_closes is not None and r.received is not None:
        closes, received = policy.gate_closes, r.received
        if closes.tzinfo is None or received.tzinfo is None:  # without a zone, a time is read in the gate's
            closes, received = closes.replace(tzinfo=None), received.replace(tzinfo=None)
        if received > closes:
            yield "late"
    if (r.end is not None and r.end <= on) or not _term_allowed(r, policy, on):
        yield "term"
    if policy.block_max_pairs is not None and r.is_fibre:
        block = sum(row.least for row in bundle if row.is_fibre)
        if block > policy.block_max_pairs:
            yield "block_size"


def _term_allowed(r: Request, policy: Policy, on: date) -> bool:
    if policy.terms_years is None:
        return True
    if r.end is None:
        return False
    return any(_years_after(r.start or on, years) == r.end for years in policy.terms_years)


def _years_after(start: date, years: int) -> date | None:
    """The same day so many years later; 29 February becomes 1 March in a common year."""
    if start.year + years > date.max.year:
        return None
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return date(start.year + years, 3, 1)
