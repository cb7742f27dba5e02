"""The books: double entry in whole pence, an entry a final document and one for what a run sets apart (rule F26).

Accounts: `receivable:MEMBER`, `payable:CONTRIBUTOR`, `income:charges`, `expense:fees`, `vat:output`, `vat:input`; `surplus` is what
charges leave over fees, and `margin`, `reserve`, `unallocated` say where it goes. What is owed to the house, and what it spends, is
above 0; so surplus and income less expense add up to 0 whenever every run that was made is final.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from billing.documents.document import CREDIT_NOTE, INVOICE, Document
from cni.bills.posted import SURPLUS
from cni.store.audit import Change
from cni.store.schema_billing import entry, entry_line

INCOME, EXPENSE, OUTPUT, INPUT = "income:charges", "expense:fees", "vat:output", "vat:input"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry to post: its lines as (account, pence)."""

    kind: str
    document: str | None
    said: str
    lines: tuple[tuple[str, int], ...]


def account_of(kind: str, party: str) -> str:
    """The account on which a party's documents stand."""
    return f"{'receivable' if kind in (INVOICE, CREDIT_NOTE) else 'payable'}:{party}"


def entry_of(document: Document) -> Entry:
    """The entry of a final document."""
    charged = document.kind in (INVOICE, CREDIT_NOTE)
    sign = 1 if charged else -1
    rows = (
        (account_of(document.kind, document.party), sign * document.total_pence),
        (INCOME if charged else EXPENSE, -sign * document.net_pence),
        (OUTPUT if charged else INPUT, -sign * document.tax_pence),
    )
    said = f"{document.number} {document.kind.replace('_', ' ')} of {document.period[0]}/{document.period[1]}"
    return Entry("document", document.number, said, _told(rows))


def entry_of_kept(kept: Mapping[str, int], period: str) -> Entry | None:
    """The entry of what a run sets apart; None where that is nothing."""
    if not any(kept.values()):
        return None
    rows = [(name, -pence) for name, pence in sorted(kept.items())]
    return Entry("settlement", None, f"settlement of {period}", _told((*rows, (SURPLUS, sum(kept.values())))))


def _told(rows: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Lines without those of nothing; of an entry that is all nothing the first stays, so that each document has one."""
    every = tuple(rows)
    return tuple(row for row in every if row[1]) or every[:1]


def post(change: Change, run: int, on: str, entries: Iterable[Entry]) -> None:
    """Append entries, each after its lines, within a change."""
    last = change.connection.execute(select(func.max(entry.c.number))).scalar_one() or 0
    numbered = list(enumerate(entries, last + 1))
    lines = (
        {"entry": number, "place": place, "account": account, "pence": pence}
        for number, made in numbered
        for place, (account, pence) in enumerate(made.lines, 1)
    )
    change.add_all(entry_line, lines)
    heads = (
        {
            "number": number,
            "kind": made.kind,
            "on_date": on,
            "run": run,
            "document": made.document,
            "said": made.said,
            "lines": len(made.lines),
        }
        for number, made in numbered
    )
    change.add_all(entry, heads)


def balances(connection: Connection) -> dict[str, int]:
    """The trial balance: pence of each account."""
    wanted = (
        select(entry_line.c.account, func.sum(entry_line.c.pence))
        .group_by(entry_line.c.account)
        .order_by(entry_line.c.account)
    )
    return {account: int(pence) for account, pence in connection.execute(wanted)}


def entries_of(connection: Connection, run: int) -> Iterator[tuple[int, str, str, list[tuple[str, int]]]]:
    """The entries of a run: number, day, what it says, its lines."""
    for row in connection.execute(select(entry).where(entry.c.run == run).order_by(entry.c.number)).all():
        wanted = select(entry_line.c.account, entry_line.c.pence).where(entry_line.c.entry == row.number)
        found = connection.execute(wanted.order_by(entry_line.c.place))
        yield row.number, row.on_date, row.said, [(account, int(pence)) for account, pence in found]
