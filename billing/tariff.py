"""The tariff: dated prices by product, the same for whoever asks. `tariff_file` reads it from tariff.toml.

Which price holds on a day: of those valid by then, the ones with the longest `term_years` that the circuit's term reaches; of these
the latest `valid_from`. A circuit without an end has no term.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from billing.vat import TaxCodes
from topology.cells import decimal_text

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
    uplift: str = ""  # how an index made the amount, in words

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
class EarlyCease:
    """What a circuit that ends before its term, or before `minimum_months`, still costs: a share of what was left to pay (F12)."""

    share: Decimal
    minimum_months: int = 0


@dataclass(frozen=True, slots=True)
class Index:
    """How prices follow an index (F13): on the first of `review_month` of each year, by levels and not by published rates.

    The level `lag_months` before the review is compared with that before the review a year earlier, the first time with
    `base_month`; `floor` and `cap` limit the change of one year. New prices are rounded half up to `places` decimals of a pound.
    """

    series: str
    reference: str
    base_month: date
    review_month: int = 4
    lag_months: int = 3
    cap: Decimal | None = None
    floor: Decimal | None = None
    places: int = 4


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
    early_cease: EarlyCease | None = None
    index: Index | None = None
    tax_codes: TaxCodes | None = None

    @property
    def codes(self) -> Mapping[str, str]:
        """The VAT code of products, where it is not the standard one for all."""
        return {} if self.tax_codes is None else self.tax_codes.by_product

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
            **{name: _fields(part) for name in PARTS if (part := getattr(self, name)) is not None},
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


PARTS = ("credit", "early_cease", "index", "tax_codes")
"""Tables of the tariff that may be missing."""


def _fields(part: Credit | EarlyCease | Index | TaxCodes) -> dict[str, Any]:
    """The fields of a table as plain values."""
    found: dict[str, Any] = {}
    for item in fields(part):
        value = getattr(part, item.name)
        if isinstance(value, Decimal):
            found[item.name] = decimal_text(value)
        elif value is not None:
            found[item.name] = value.isoformat() if isinstance(value, date) else value
    return found
