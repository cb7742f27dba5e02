"""The tariff: dated prices by product, the same for whoever asks, read from tariff.toml.

Top keys: `version`, `valid_from`, `length_basis` ("route" or "straight"), `minimum_m` (each leg is billed at least so many
metres), `day_count` (see `billing.days`), `[tax] rate` (VAT, a share; 0.20 if not given), `[credit]` (what an outage gives
back: `free_minutes`, `share_per_hour`, `cap_share`; rule F10). `[[price]]` entries:
`product`, `amount` (GBP), `valid_from`, `term_years`, `discount` (a share of the amount).

Which entry holds on a day: of those valid by then, the ones with the longest `term_years` that the circuit's term reaches;
of these the latest `valid_from`. A circuit without an end has no term.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from billing.days import ALIASES
from topology.cells import DAY_KIND, EXACT, NAME, WHOLE, CellError, Kind, choice, decimal_text
from topology.files import read_toml, toml_line
from topology.problems import Problem, Problems

PRODUCTS = ("fibre_pair_metre_year", "rack_unit_month", "kw_month", "connection", "cross_connect")
ONE_OFF = ("connection", "cross_connect")
STANDARD_VAT = Decimal("0.20")


@dataclass(frozen=True, slots=True)
class Price:
    """GBP for one unit of a product from a day on. `discount` is a share of `amount`, 0 to 1."""

    product: str
    amount: Decimal
    valid_from: date = date.min
    term_years: int = 0
    discount: Decimal = Decimal(0)

    @property
    def net(self) -> Fraction:
        """The amount less its discount, exactly."""
        return Fraction(self.amount) * (1 - Fraction(self.discount))


@dataclass(frozen=True, slots=True)
class Credit:
    """What an outage gives back (F10): for each hour of it beyond `free_minutes` a share of the month's charge of the circuit.

    All outages of a month together give back at most `cap_share` of that charge.
    """

    share_per_hour: Decimal
    cap_share: Decimal = Decimal(1)
    free_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Tariff:
    """All prices of one version, and how lengths and days are measured."""

    prices: tuple[Price, ...]
    version: str = ""
    valid_from: date | None = None
    length_basis: str = "route"
    minimum_m: int = 0
    day_count: str = "month-actual"
    tax_rate: Decimal = STANDARD_VAT
    credit: Credit | None = None

    def price_on(self, product: str, day: date, term: int) -> Price | None:
        """The price of a product on a day for a circuit of so many whole years of term; None where there is none."""
        fits = [p for p in self.prices if p.product == product and p.valid_from <= day and p.term_years <= term]
        return max(fits, key=lambda p: (p.term_years, p.valid_from), default=None)

    def changes(self, product: str) -> tuple[date, ...]:
        """The days on which a price of the product begins, sorted."""
        return tuple(sorted({p.valid_from for p in self.prices if p.product == product}))

    def has(self, product: str) -> bool:
        """Whether the product has any price."""
        return any(p.product == product for p in self.prices)

    def as_json(self) -> dict[str, Any]:
        """The tariff as a plain value, prices sorted: what its digest is taken of."""
        prices = sorted(self.prices, key=lambda p: (p.product, p.valid_from, p.term_years))
        return {
            "version": self.version,
            "valid_from": self.valid_from.isoformat() if self.valid_from else "",
            "length_basis": self.length_basis,
            "minimum_m": self.minimum_m,
            "day_count": self.day_count,
            "tax_rate": decimal_text(self.tax_rate),
            **({} if self.credit is None else {"credit": self._credit_json(self.credit)}),
            "prices": [
                {
                    "product": p.product,
                    "amount": decimal_text(p.amount),
                    "valid_from": p.valid_from.isoformat(),
                    "term_years": p.term_years,
                    "discount": decimal_text(p.discount),
                }
                for p in prices
            ],
        }

    @staticmethod
    def _credit_json(credit: Credit) -> dict[str, Any]:
        return {
            "share_per_hour": decimal_text(credit.share_per_hour),
            "cap_share": decimal_text(credit.cap_share),
            "free_minutes": credit.free_minutes,
        }


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
CREDIT: dict[str, Kind] = {"share_per_hour": SHARE, "cap_share": SHARE, "free_minutes": WHOLE}


def read_tariff(path: Path) -> tuple[Tariff, tuple[Problem, ...]]:
    """The tariff in a TOML file and the remarks on it.

    Raises `BadInput` with every fault: values that cannot be read, unknown keys (they would be ignored), a price that is
    given twice for the same product, day and term.
    """
    found = Problems()
    read = read_toml(path, found)
    if read is None:
        found.raise_errors()
        raise AssertionError("an unread file leaves a problem")
    data, text = read
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
            if name not in ("price", "tax", "credit")
            and (typed := self.typed(TOP, name, value, toml_line(self.text, "", name))) is not None
        }
        prices, tax_rate, credit = (
            self.prices(data.get("price", [])),
            self.tax_rate(data.get("tax", {})),
            self.credit(data),
        )
        return Tariff(prices, tax_rate=tax_rate, credit=credit, **values)

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

    def credit(self, data: Mapping[str, Any]) -> Credit | None:
        """The table [credit], or None with a problem where it cannot be read."""
        table = data.get("credit")
        line = toml_line(self.text, "", "credit")
        if table is None:
            return None
        if not isinstance(table, dict):
            self.found.add("[credit] is a table.", file=self.file, line=line, column="credit")
            return None
        before = len(self.found.found)
        values = {k: self.typed(CREDIT, k, v, toml_line(self.text, "credit", k)) for k, v in table.items()}
        if "share_per_hour" not in table:
            said = "[credit] has no share_per_hour."
            self.found.add(said, file=self.file, line=line, column="share_per_hour", code="missing_value")
        return Credit(**values) if len(self.found.found) == before else None

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
