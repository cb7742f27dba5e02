"""Turning a final document back as a whole: a draft that is reviewed and made final as any run (rule F25)."""

from __future__ import annotations

import json
from dataclasses import replace

from sqlalchemy import Connection, Engine, select

from billing.documents.document import CREDIT_NOTE, INVOICE, SELF_BILLED, SELF_BILLED_CREDIT, STATEMENT, Document, Tax
from cni.bills import inputs
from cni.bills.posted import UNALLOCATED
from cni.bills.runs import CREDIT, Run, append, every
from cni.bills.values import document_from_json
from cni.rounds.act import Act, changing
from cni.store.schema_billing import bill_document
from topology.canonical import digest_of
from topology.problems import bad_input

TURNED = {
    INVOICE: CREDIT_NOTE,
    CREDIT_NOTE: INVOICE,
    SELF_BILLED: SELF_BILLED_CREDIT,
    SELF_BILLED_CREDIT: SELF_BILLED,
    STATEMENT: STATEMENT,
}
"""The kind of the document that turns one of a kind back."""


def credit(engine: Engine, act: Act, number: str) -> Run:
    """Draft what turns a final document back, line by line, with the reason (`act.why`).

    Raises BadInput without a reason, for an unknown document and for one that is turned back already.
    """
    if not act.why:
        raise bad_input("say why the document is turned back.", file="--why", code="missing_value")
    with changing(engine, act, f"bill credit {number}") as change:
        document, run = _found(change.connection, number)
        turned = turned_back(document, act.why)
        pins = replace(run.pins, on=act.at.date(), posted_at=change.number - 1)
        draft, text = turned.written(inputs.facts_of(change.connection, pins.facts))
        charged = document.kind in (INVOICE, CREDIT_NOTE)
        body = {
            "documents": [draft["digest"]],
            "kept": {UNALLOCATED: turned.net_pence if charged else -turned.net_pence},
            "held_back": [],
            "wash_stops": False,
            "illustrative": run.body["illustrative"],
        }
        digest = digest_of({"credits": number, **body})
        return append(change, CREDIT, pins, number, body, digest, [(draft, text)])


def _found(connection: Connection, number: str) -> tuple[Document, Run]:
    row = connection.execute(
        select(bill_document.c.body, bill_document.c.run).where(bill_document.c.number == number)
    ).one_or_none()
    runs = {run.number: run for run in every(connection)}
    if row is None:
        raise bad_input(
            "there is no final document of this number.",
            file="DOCUMENT",
            value=number,
            code="unknown_id",
            hint="`cni bill show RUN`",
        )
    before = next((r for r in runs.values() if r.kind == CREDIT and r.subject == number), None)
    if before is not None:
        said = f"run {before.number} turns it back; that is {before.state}."
        raise bad_input(said, file="DOCUMENT", value=number, code="unchanged", hint=f"`cni bill show {before.number}`")
    return document_from_json(json.loads(row.body)), runs[row.run]


def turned_back(document: Document, why: str) -> Document:
    """The draft that turns every line of a document back, and its VAT to the penny."""
    lines = tuple(
        replace(
            line,
            pence=-line.pence,
            text=f"Turns back {document.number}, line {place}: {line.text}",
            corrects=(document.number, place),
        )
        for place, line in enumerate(document.lines, 1)
    )
    tax = tuple(Tax(t.code, t.rate, -t.net_pence, -t.tax_pence) for t in document.tax)
    notes = (*document.notes, f"Turns back {document.number}: {why}")
    kind = TURNED[document.kind]
    return Document(kind, document.party, document.period, lines, tax, notes)
