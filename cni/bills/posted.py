"""What stands already for a period: final documents, line by line, and what was set apart of it (rule F23)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from billing.documents.document import Line, Posted
from cni.bills.values import line_from_json
from cni.store.schema_billing import bill_document, bill_run, entry, entry_line

MARGIN, RESERVE, UNALLOCATED, SURPLUS = "margin", "reserve", "unallocated", "surplus"
KEPT = (MARGIN, RESERVE, UNALLOCATED)


@dataclass(frozen=True)
class Standing:
    """Lines that stand (those turned back to nothing are left out), and pence of margin, reserve and unallocated."""

    lines: Mapping[str, Posted] = field(default_factory=dict)
    kept: Mapping[str, int] = field(default_factory=dict)
    documents: int = 0


def standing(connection: Connection, start: date, end: date, at: int) -> Standing:
    """What final documents of a period say together, of those written by an audit entry."""
    bodies = list(final_bodies(connection, start, end, at))
    return Standing(lines_standing(bodies), kept(connection, start, end, at), len(bodies))


def final_bodies(connection: Connection, start: date, end: date, at: int) -> Iterator[dict[str, Any]]:
    """The final documents of a period, in the order in which they were made."""
    wanted = (
        select(bill_document.c.body)
        .join(bill_run, bill_run.c.number == bill_document.c.run)
        .where(
            bill_run.c.period_from == start.isoformat(),
            bill_run.c.period_to == end.isoformat(),
            bill_document.c.audit <= at,
        )
        .order_by(bill_document.c.audit, bill_document.c.place)
    )
    for text in connection.execute(wanted).scalars():
        yield json.loads(text)


def lines_standing(bodies: Iterable[Mapping[str, Any]]) -> dict[str, Posted]:
    """By key what lines of documents add up to, with the last that said so; without those that add up to nothing."""
    pence: dict[str, int] = defaultdict(int)
    last: dict[str, tuple[Line, str, int]] = {}
    for body in bodies:
        for number, row in enumerate(body["lines"], 1):
            line = line_from_json(row, body["party"])
            pence[line.key] += line.pence
            last[line.key] = (line, body["number"], number)
    return {key: Posted(last[key][0], sum_, *last[key][1:]) for key, sum_ in pence.items() if sum_}


def kept(connection: Connection, start: date, end: date, at: int) -> dict[str, int]:
    """What the books have set apart of a period's charges, in pence by account."""
    wanted = (
        select(entry_line.c.account, func.sum(entry_line.c.pence))
        .join(entry, entry.c.number == entry_line.c.entry)
        .join(bill_run, bill_run.c.number == entry.c.run)
        .where(
            bill_run.c.period_from == start.isoformat(),
            bill_run.c.period_to == end.isoformat(),
            entry.c.audit <= at,
            entry_line.c.account.in_(KEPT),
        )
        .group_by(entry_line.c.account)
    )
    return {account: -int(pence) for account, pence in connection.execute(wanted)}
