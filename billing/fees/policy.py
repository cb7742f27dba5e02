"""The fee policy: how contributors are paid, what the co-operative keeps; the table [fees] of a policy file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from billing.tariff_file import SHARE, as_text
from topology.cells import EXACT, FLAG, CellError, Kind, choice, decimal_text
from topology.files.reading import read_toml, toml_line
from topology.problems import Problems

METHODS = ("rate", "pool", "revenue_share", "cost_share")
WASH = {"note": "names it", "limit": "pays no more than the charge", "stop": "refuses to settle"}
"""What the policy may say of F9."""


@dataclass(frozen=True, slots=True)
class FeePolicy:
    """How contributors are paid (rules F6, F14 to F18). Rates in GBP per pair-metre-year, margin and reserve as shares of the charges.

    `cost_ceiling`: no contributor is paid more than its validated costs. `wash_trade`: what is done where the fees of a circuit are
    more than its charge: `note` says so, `limit` pays no more than the charge, `stop` refuses to settle.
    """

    method: str = "rate"
    rate: Decimal = Decimal(0)
    availability_rate: Decimal = Decimal(0)
    margin_share: Decimal = Decimal(0)
    reserve_share: Decimal = Decimal(0)
    cost_ceiling: bool = False
    wash_trade: str = "note"

    def as_json(self) -> dict[str, str]:
        """The policy as a plain value: what its digest is taken of."""
        rates = ("rate", "availability_rate", "margin_share", "reserve_share")
        return {
            "method": self.method,
            **{f: decimal_text(getattr(self, f)) for f in rates},
            **({"cost_ceiling": "true"} if self.cost_ceiling else {}),
            **({"wash_trade": self.wash_trade} if self.wash_trade != "note" else {}),
        }


KINDS: dict[str, Kind] = {
    "method": choice(*METHODS),
    "rate": EXACT,
    "availability_rate": EXACT,
    "margin_share": SHARE,
    "reserve_share": SHARE,
    "cost_ceiling": FLAG,
    "wash_trade": choice(*WASH),
}


def read_fee_policy(path: Path | None) -> FeePolicy:
    """The [fees] table of a policy file; without a file, or without the table, no fees, margin or reserve.

    Raises `BadInput` with every fault. The other tables of the file belong to allocation and are not looked at.
    """
    if path is None:
        return FeePolicy()
    found = Problems()
    read = read_toml(path, found, "policy.toml")
    found.raise_errors()
    assert read is not None
    data, text = read
    if "price" in data and "fees" not in data:
        said, hint = "This is a tariff, not a policy.", "A policy says under [fees] how contributors are paid."
        found.add(said, file=path.name, line=toml_line(text, "", "price"), code="unknown_key", hint=hint)
        found.raise_errors()
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
    _check_together(policy, file, lines or {}, found)
    found.raise_errors()
    return policy


def _check_together(policy: FeePolicy, file: str, lines: Mapping[str, int], found: Problems) -> None:
    def refuse(said: str, key: str, value: object) -> None:
        found.add(said, file=file, line=lines.get(key, 0), column=f"fees.{key}", value=str(value))

    kept = policy.margin_share + policy.reserve_share
    if kept > 1:
        refuse("margin_share and reserve_share together are more than 1.", "margin_share", decimal_text(kept))
    if policy.method == "cost_share":
        if kept == 1:
            refuse(
                "cost_share charges what fees, margin and reserve need: together they stay below 1.", "margin_share", 1
            )
        for key in ("rate", "availability_rate", "cost_ceiling"):
            if getattr(policy, key):
                refuse(f"cost_share pays validated costs; {key} does not go with it.", key, getattr(policy, key))
    elif policy.rate and policy.method != "rate":
        refuse(f"rate does not go with the method {policy.method}.", "rate", decimal_text(policy.rate))
