"""Documents as a beancount ledger: an independent program says whether the books balance.

One transaction per document, with its number as link and its digest, made of its lines; after the last day a `balance` per account that
is reckoned from the documents' totals. `bean-check` compares the two. Tolerances are set to nothing: by default it lets 0.004 pass.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from billing.documents.document import CREDIT_NOTE, ILLUSTRATIVE, INVOICE
from billing.documents.words import TITLES, amount
from billing.fact_rows import HOUSE
from billing.facts import Facts

Json = Mapping[str, Any]
RECEIVABLE, PAYABLE = "Assets:Receivable", "Liabilities:Payable"
CHARGES, FEES = "Income:Charges", "Expenses:Fees"
OUTPUT, INPUT = "Liabilities:VAT:Output", "Assets:VAT:Input"


def beancount(documents: Sequence[Json], facts: Facts) -> dict[str, bytes]:
    """The ledger `documents.beancount` of final documents."""
    return {"documents.beancount": "\n".join(_ledger(documents, facts)).encode()}


def _ledger(documents: Sequence[Json], facts: Facts) -> Iterator[str]:
    if any(document["illustrative"] for document in documents):
        yield f"; {ILLUSTRATIVE}"
    yield f'option "title" {_quoted(facts.named(HOUSE).name)}'
    yield 'option "operating_currency" "GBP"'
    yield 'option "tolerance_multiplier" "0"'
    yield 'option "inferred_tolerance_default" "GBP:0"'
    yield 'plugin "beancount.plugins.noduplicates"'
    yield ""
    if not documents:
        return
    first, last = documents[0]["issued"], documents[-1]["issued"]
    sums = _sums(documents)
    yield from (f"{first} open {account} GBP" for account in sums)
    for document in documents:
        yield from _transaction(document)
    after = date.fromisoformat(last) + timedelta(days=1)
    yield ""
    yield from (f"{after} balance {account}  {amount(pence)} GBP" for account, pence in sums.items())
    yield ""


def _is_sale(document: Json) -> bool:
    return document["kind"] in (INVOICE, CREDIT_NOTE)


def _accounts(document: Json) -> tuple[str, str, str, int]:
    """Accounts of the party, of what is billed and of VAT, and the sign of the party's."""
    name = component(document["party"])
    return (
        (f"{RECEIVABLE}:{name}", CHARGES, OUTPUT, 1) if _is_sale(document) else (f"{PAYABLE}:{name}", FEES, INPUT, -1)
    )


def _sums(documents: Sequence[Json]) -> dict[str, int]:
    """Pence per account, from the totals of the documents: not from their lines, of which the transactions are made."""
    found: dict[str, int] = defaultdict(int)
    for document in documents:
        party, kind, vat, sign = _accounts(document)
        found[party] += sign * document["total_pence"]
        found[kind] -= sign * document["net_pence"]
        found[vat] -= sign * document["tax_pence"]
    return dict(sorted(found.items()))


def _transaction(document: Json) -> Iterator[str]:
    party, kind, vat, sign = _accounts(document)
    owed = sum(row["net_pence"] for row in document["lines"]) + sum(row["tax_pence"] for row in document["tax"])
    other = document["buyer" if _is_sale(document) else "seller"]["name"]
    yield ""
    yield f"{document['issued']} * {_quoted(other)} {_quoted(TITLES[document['kind']])} ^{document['number']}"
    yield f'  digest: "{document["digest"]}"'
    yield f'  period: "{document["period"]}"'
    yield f"  {party}  {amount(sign * owed)} GBP"
    for number, row in enumerate(document["lines"], 1):
        yield f"  {kind}  {amount(-sign * row['net_pence'])} GBP"
        yield f"    line: {number}"
        yield f"    of: {_quoted(row['subject'] or row['product'])}"
    for row in document["tax"]:
        yield f"  {vat}  {amount(-sign * row['tax_pence'])} GBP"


def component(member: str) -> str:
    """A member's id as part of an account name, where only letters, digits and hyphens may stand; no two ids become the same.

    >>> component("FM1"), component("FM-1"), component("a.b")
    ('M-FM1', 'M-FM--1', 'M-a-x2E-b')
    """
    written = {"-": "--", ".": "-x2E-", "_": "-x5F-"}
    return "M-" + "".join(written.get(c, c) for c in member)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
