"""The fee policy, and contributor fees by the method `rate`.

Rules F6 and F7. A contributor's claim on one span for one circuit is pair-metre-days in use, in years by the tariff's
day count, times `rate`. Where the claims together are more than the pot (charges less margin and reserve), all are scaled
by the same factor: proportional sharing is the rule that splitting or merging members cannot game.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from billing.days import billed_years, last_day, overlap
from billing.pence import half_up, plain, pounds, share_out
from billing.tariff import SHARE, Tariff, as_text
from topology.cells import EXACT, CellError, Kind, choice, decimal_text
from topology.files import read_toml, toml_line
from topology.model import Circuit, Network
from topology.problems import Problems

METHODS = ("rate", "pool", "revenue_share", "cost_share")
SERVED = ("rate",)


@dataclass(frozen=True, slots=True)
class FeePolicy:
    """How contributors are paid: `rate` in GBP per pair-metre-year, margin and reserve as shares of the charges."""

    method: str = "rate"
    rate: Decimal = Decimal(0)
    availability_rate: Decimal = Decimal(0)
    margin_share: Decimal = Decimal(0)
    reserve_share: Decimal = Decimal(0)

    def as_json(self) -> dict[str, str]:
        """The policy as a plain value: what its digest is taken of."""
        return {
            "method": self.method,
            **{
                f: decimal_text(getattr(self, f))
                for f in ("rate", "availability_rate", "margin_share", "reserve_share")
            },
        }


KINDS: dict[str, Kind] = {
    "method": choice(*METHODS),
    "rate": EXACT,
    "availability_rate": EXACT,
    "margin_share": SHARE,
    "reserve_share": SHARE,
}


def read_fee_policy(path: Path | None) -> FeePolicy:
    """The [fees] table of a policy file; without a file, or without the table, no fees, margin or reserve.

    Raises `BadInput` with every fault. The other tables of the file belong to allocation and are not looked at.
    """
    if path is None:
        return FeePolicy()
    found = Problems()
    read = read_toml(path, found)
    found.raise_errors()
    assert read is not None
    data, text = read
    table = data.get("fees", {})
    if not isinstance(table, dict):
        found.add("[fees] is a table.", file=path.name, line=toml_line(text, "", "fees"), column="fees")
        found.raise_errors()
    return fee_policy_from(table, path.name, {key: toml_line(text, "fees", key) for key in table})


def fee_policy_from(
    table: Mapping[str, Any], file: str = "policy", lines: Mapping[str, int] | None = None
) -> FeePolicy:
    """A fee policy from the keys and values of [fees], as text or as typed values. Raises `BadInput` with every fault."""
    found, values = Problems(), dict[str, Any]()
    for name, value in table.items():
        line, column, shown = (lines or {}).get(name, 0), f"fees.{name}", as_text(value)
        if name not in KINDS:
            found.add(
                f"This version serves no key {name!a}.",
                file=file,
                line=line,
                column=column,
                code="unknown_key",
                hint=f"There is {', '.join(KINDS)}.",
            )
            continue
        try:
            if shown is None:
                raise CellError(f"Expected is {KINDS[name].words}.")
            values[name] = KINDS[name].read(shown)
        except CellError as error:
            found.add(
                error.text, file=file, line=line, column=column, value=shown or "", hint=error.hint, code=error.code
            )
    found.raise_errors()
    policy = FeePolicy(**values)
    _check_served(policy, file, lines or {}, found)
    found.raise_errors()
    return policy


def _check_served(policy: FeePolicy, file: str, lines: Mapping[str, int], found: Problems) -> None:
    if policy.method not in SERVED:
        found.add(
            f"The fee method {policy.method} is not served yet; rate is.",
            file=file,
            line=lines.get("method", 0),
            column="fees.method",
            value=policy.method,
            code="not_served",
        )
    if policy.availability_rate:
        found.add(
            "availability_rate is not served yet; leave it out or give 0.",
            file=file,
            line=lines.get("availability_rate", 0),
            column="fees.availability_rate",
            value=decimal_text(policy.availability_rate),
            code="not_served",
        )
    if policy.margin_share + policy.reserve_share > 1:
        found.add(
            "margin_share and reserve_share together are more than 1.",
            file=file,
            line=lines.get("margin_share", 0),
            column="fees.margin_share",
            value=decimal_text(policy.margin_share + policy.reserve_share),
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """What the use of one span by one circuit in a period is worth to its owner. `exact` in pence."""

    contributor: str
    span: str
    circuit: str
    pair_metre_days: int
    exact: Fraction
    text: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What ties are decided by."""
        return (self.contributor, self.span, self.circuit)


def claims(
    network: Network, circuits: Iterable[Circuit], tariff: Tariff, policy: FeePolicy, first: date, last: date
) -> tuple[Claim, ...]:
    """The claims of a period [first, last), one per span and circuit, sorted by contributor, span, circuit."""
    found = [
        _claim(network, circuit, span, tariff, policy, days)
        for circuit in circuits
        if circuit.is_fibre and (days := overlap(circuit.start, circuit.end, first, last)) is not None
        for span in sorted(set(circuit.spans))
    ]
    return tuple(sorted(found, key=lambda c: c.key))


def _claim(
    network: Network, circuit: Circuit, span_id: str, tariff: Tariff, policy: FeePolicy, days: tuple[date, date]
) -> Claim:
    span, pairs = network.spans[span_id], circuit.spans.count(span_id)
    start, end = days
    count = (end - start).days
    years = billed_years(circuit.start, end, tariff.day_count) - billed_years(circuit.start, start, tariff.day_count)
    metres = span.length_m * pairs
    exact = 100 * Fraction(policy.rate) * metres * years
    spent = f"{count}/365" if years == Fraction(count, 365) else plain(years)
    text = (
        f"{metres:,} pair-metres of span {span_id} x {plain(policy.rate)} GBP a year x {spent} year"
        f" ({count} days, {start} to {last_day(end)})"
    )
    return Claim(span.owner, span_id, circuit.id, metres * count, exact, text)


def fee_pence(found: Iterable[Claim], pot: int) -> tuple[dict[tuple[str, str, str], int], str]:
    """Pence per claim, and a sentence that says whether they were scaled.

    The total is the claims' sum rounded half up, or the pot where that is less; it is shared out by largest remainder, so
    each fee is within a penny of its (scaled) claim and together they are exactly the total.
    """
    by_key = {claim.key: claim.exact for claim in found}
    claimed = half_up(sum(by_key.values(), Fraction()))
    total = min(claimed, max(pot, 0))
    parts = share_out(total, by_key)
    if total == claimed:
        return parts, f"All claims are paid in full: {pounds(total)} GBP of a pot of {pounds(pot)} GBP."
    percent = Fraction(100 * total, claimed)
    return parts, (
        f"The pot of {pounds(pot)} GBP is short of the claims of {pounds(claimed)} GBP: "
        f"each claim is paid {percent.numerator / percent.denominator:.4f} %."
    )
