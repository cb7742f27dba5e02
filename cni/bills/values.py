"""Values of billing as JSON and back: tariffs, lines, documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from billing.documents.document import CHARGE, FEE, Document, Line, Tax
from billing.tariff import Price, Tariff
from billing.tariff_file import PRICE, TABLE_KINDS, TOP
from billing.vat import STANDARD
from topology.canonical import canonical_bytes
from topology.problems import BadInput


def text_of(value: Any) -> str:
    """Canonical JSON text of a value: what a row keeps."""
    return canonical_bytes(value).decode()


def tariff_from_json(value: Mapping[str, Any]) -> Tariff:
    """The tariff that `Tariff.as_json` gave."""
    top: dict[str, Any] = {name: kind.read(str(value[name])) for name, kind in TOP.items() if value[name] != ""}
    for name, (make, kinds, _) in TABLE_KINDS.items():
        if name in value:
            top[name] = make(**{key: kinds[key].read(str(cell)) for key, cell in value[name].items()})
    prices = tuple(
        Price(**{key: _price_cell(key, cell) for key, cell in row.items() if not _is_first_day(key, cell)})
        for row in value["prices"]
    )
    return Tariff(prices, tax_rate=Decimal(value["tax_rate"]), **top)


def _is_first_day(key: str, cell: Any) -> bool:
    """A price from the beginning of time on; the reader of files takes no such day."""
    return key == "valid_from" and cell == date.min.isoformat()


def _price_cell(key: str, cell: Any) -> Any:
    return PRICE[key].read(str(cell))


def side_of(key: str) -> str:
    """Of a line's key, whether its party pays or is paid."""
    return CHARGE if key.startswith("charge/") else FEE


def circuit_of(key: str) -> str:
    """The circuit that a line's key names; empty where it is about none."""
    parts = key.split("/")
    return parts[2] if parts[0] == "charge" else parts[3]


def line_from_json(row: Mapping[str, Any], party: str) -> Line:
    """A line of `cni.document/1`."""
    corrects = row["corrects"]
    return Line(
        row["key"],
        party,
        side_of(row["key"]),
        row["product"],
        row["subject"],
        date.fromisoformat(row["from"]),
        date.fromisoformat(row["to"]),
        row["net_pence"],
        row["text"],
        None if corrects is None else (corrects["document"], corrects["line"]),
        row["tax_code"] or STANDARD,
    )


def document_from_json(body: Mapping[str, Any]) -> Document:
    """A `cni.document/1`, draft or final, as the value that it was made of."""
    start, _, end = body["period"].partition("/")
    return Document(
        body["kind"],
        body["party"],
        (date.fromisoformat(start), date.fromisoformat(end)),
        tuple(line_from_json(row, body["party"]) for row in body["lines"]),
        tuple(Tax(t["code"], Decimal(t["rate"]), t["net_pence"], t["tax_pence"]) for t in body["tax"]),
        tuple(body["notes"]),
        body["number"] or "",
        _day(body["issued"]),
        _day(body["tax_point"]),
        _day(body["due"]),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def problems_json(bad: BadInput) -> list[dict[str, object]]:
    """The problems of an input as a document shows them."""
    return [problem.as_json() for problem in bad.problems]
