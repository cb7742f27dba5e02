"""tariff.toml, read.

Top keys: `version`, `valid_from`, `length_basis` ("route" or "straight"), `minimum_m` (each leg is billed at least so many
metres), `day_count` (see `billing.days`), `[tax] rate` (VAT, a share; 0.20 if not given), `[credit]`, `[early_cease]`, `[index]`,
`[tax_codes]` (rules F10, F12, F13, F11). `[[price]]` entries: `product`, `amount` (GBP), `valid_from`, `term_years`, `discount` (a share of the
amount).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from billing.days import ALIASES
from billing.fact_rows import MONTH, SIGNED
from billing.tariff import PARTS, PRODUCTS, STANDARD_VAT, Credit, EarlyCease, Index, Price, Tariff
from billing.vat import TAX_CODES, TaxCodes
from topology.cells import DAY_KIND, EXACT, NAME, WHOLE, CellError, Kind, choice, decimal_text, one_of
from topology.files.reading import read_toml, toml_line
from topology.problems import Problem, Problems, bad_input


def _share(text: str) -> Decimal:
    value: Decimal = EXACT.read(text)
    if value > 1:
        raise CellError("A share from 0 to 1 is expected.", f"Maybe {decimal_text(value / 100)} is meant.")
    return value


def _day_count(text: str) -> str:
    if text not in ALIASES:
        raise CellError(f"One of {', '.join(sorted(set(ALIASES.values())))} is expected.")
    return ALIASES[text]


SHARE = Kind("share", "a share from 0 to 1", _share, decimal_text)
POLICY_TABLES = (
    *("units", "cap", "entrant", "tranche", "order", "blocks", "gate", "terms", "optics", "fees", "deadlines"),
)
"""Tables that only a policy has."""

TOP: dict[str, Kind] = {
    "version": NAME,
    "valid_from": DAY_KIND,
    "length_basis": choice("route", "straight"),
    "minimum_m": WHOLE,
    "day_count": Kind("choice", "a day count", _day_count),
}
PRICE: dict[str, Kind] = {
    "product": choice(*PRODUCTS),
    "amount": EXACT,
    "valid_from": DAY_KIND,
    "term_years": WHOLE,
    "discount": SHARE,
}
TABLE_KINDS: dict[
    str, tuple[Callable[..., Credit | EarlyCease | Index | TaxCodes], dict[str, Kind], tuple[str, ...]]
] = {
    "credit": (Credit, {"share_per_hour": SHARE, "cap_share": SHARE, "free_minutes": WHOLE}, ("share_per_hour",)),
    "early_cease": (EarlyCease, {"share": SHARE, "minimum_months": WHOLE}, ("share",)),
    "index": (
        Index,
        {
            "series": NAME,
            "reference": NAME,
            "base_month": MONTH,
            "review_month": one_of(range(1, 13)),
            "lag_months": one_of(range(25)),
            "cap": EXACT,
            "floor": SIGNED,
            "places": one_of(range(2, 7)),
        },
        ("series", "reference", "base_month"),
    ),
    "tax_codes": (TaxCodes, {item.name: choice(*TAX_CODES) for item in fields(TaxCodes)}, ()),
}
"""Tables that may be missing: what they make, the kinds of their keys, and the keys that must stand."""


def read_tariff(path: Path) -> tuple[Tariff, tuple[Problem, ...]]:
    """The tariff in a TOML file and the remarks on it.

    Raises `BadInput` with every fault: values that cannot be read, unknown keys (they would be ignored), a price that is
    given twice for the same product, day and term.
    """
    found = Problems()
    read = read_toml(path, found, "tariff.toml")
    if read is None:
        found.raise_errors()
        raise AssertionError("an unread file leaves a problem")
    data, text = read
    if "price" not in data and (of_policy := [name for name in data if name in POLICY_TABLES]):
        line, hint = toml_line(text, "", of_policy[0]), "A tariff lists prices under [[price]]."
        raise bad_input("This is a policy, not a tariff.", file=path.name, line=line, code="unknown_key", hint=hint)
    tariff = _Reader(path.name, text, found).tariff(data)
    found.raise_errors()
    return tariff, found.remarks


@dataclass(frozen=True, slots=True)
class _Reader:
    file: str
    text: str
    found: Problems

    def tariff(self, data: Mapping[str, Any]) -> Tariff:
        values = {
            name: typed
            for name, value in data.items()
            if name not in ("price", "tax", *PARTS)
            and (typed := self.typed(TOP, name, value, toml_line(self.text, "", name))) is not None
        }
        parts = {name: self.part(name, data) for name in PARTS}
        prices = self.prices(data.get("price", []))
        return Tariff(prices, tax_rate=self.tax_rate(data.get("tax", {})), **parts, **values)

    def typed(self, kinds: Mapping[str, Kind], name: str, value: Any, line: int) -> Any:
        """The value of one key, or None with a problem."""
        kind = kinds.get(name)
        shown = as_text(value)
        if kind is None:
            hint = f"There is {', '.join(kinds)}."
            self.found.add(
                f"This version serves no key {name!a}.",
                file=self.file,
                line=line,
                column=name,
                code="unknown_key",
                hint=hint,
            )
            return None
        try:
            if shown is None:
                raise CellError(f"Expected is {kind.words}.")
            return kind.read(shown)
        except CellError as error:
            self.found.add(
                error.text, file=self.file, line=line, column=name, value=shown or "", hint=error.hint, code=error.code
            )
            return None

    def tax_rate(self, table: Any) -> Decimal:
        if not isinstance(table, dict):
            self.found.add("[tax] is a table.", file=self.file, line=toml_line(self.text, "", "tax"), column="tax")
            return STANDARD_VAT
        kinds = {"rate": SHARE}
        rates = [self.typed(kinds, k, v, toml_line(self.text, "tax", k)) for k, v in table.items()]
        return rates[0] if rates and rates[0] is not None else STANDARD_VAT

    def part(self, name: str, data: Mapping[str, Any]) -> Any:
        """One of the tables that may be missing; None where it is, or with a problem where it cannot be read."""
        table = data.get(name)
        line = toml_line(self.text, "", name)
        if table is None:
            return None
        if not isinstance(table, dict):
            self.found.add(f"[{name}] is a table.", file=self.file, line=line, column=name)
            return None
        make, kinds, needed = TABLE_KINDS[name]
        before = len(self.found.found)
        values = {k: self.typed(kinds, k, v, toml_line(self.text, name, k)) for k, v in table.items()}
        for key in needed:
            if key not in table:
                said = f"[{name}] has no {key}."
                self.found.add(said, file=self.file, line=line, column=key, code="missing_value")
        return make(**values) if len(self.found.found) == before else None

    def prices(self, entries: Any) -> tuple[Price, ...]:
        if not isinstance(entries, list) or not entries or not all(isinstance(e, dict) for e in entries):
            self.found.add(
                "The tariff has no [[price]].",
                file=self.file,
                column="price",
                code="missing_value",
                hint="Each price is a table [[price]] with product and amount.",
            )
            return ()
        lines = price_lines(self.text)
        made: dict[tuple[str, date, int], Price] = {}
        for number, entry in enumerate(entries):
            line = lines[number] if number < len(lines) else 0
            price = self.price(entry, line, number + 1)
            if price is None:
                continue
            key = (price.product, price.valid_from, price.term_years)
            if key in made:
                said = f"Price {number + 1} stands twice: {price.product} from {price.valid_from} for the same term."
                self.found.add(
                    said, file=self.file, line=line, column="price", value=price.product, code="duplicate_price"
                )
            made[key] = price
        return tuple(made.values())

    def price(self, entry: Mapping[str, Any], line: int, number: int) -> Price | None:
        before = len(self.found.found)
        values = {name: self.typed(PRICE, name, value, line) for name, value in entry.items()}
        for name in ("product", "amount"):
            if name not in entry:
                said = f"Price {number} has no {name}."
                self.found.add(said, file=self.file, line=line, column=name, code="missing_value")
        return Price(**values) if len(self.found.found) == before else None


def as_text(value: Any) -> str | None:
    """A TOML value as text; None where no single text stands for it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return decimal_text(value) if value.is_finite() else str(value)
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return None


def price_lines(text: str) -> list[int]:
    """The lines on which the [[price]] tables begin."""
    return [n for n, line in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[\s*price\s*\]\]", line)]
