"""Documents in the forms that others take in: accounts packages, plain-text accounting, e-invoices, PDF, lines of JSON.

All are pure: `cni.document/1` values in, names and bytes of files out, the same bytes for the same documents in whatever order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from billing.documents.pdf import pdf_of
from billing.documents.plain import text_of
from billing.documents.ubl import has_ubl, no_ubl, ubl_of
from billing.exports.beancount import beancount
from billing.exports.packages import quickbooks, sage, xero
from billing.facts import NO_FACTS, Facts
from topology.canonical import canonical_bytes, digest_of
from topology.problems import Problems, bad_input

Files = dict[str, bytes]
Export = Callable[[Sequence[Mapping[str, Any]], Facts], Files]


def json_lines(documents: Sequence[Mapping[str, Any]], facts: Facts) -> Files:
    """One document a line, each with its digest."""
    return {"documents.jsonl": b"".join(canonical_bytes(document) + b"\n" for document in documents)}


def ubl(documents: Sequence[Mapping[str, Any]], facts: Facts) -> Files:
    """An e-invoice per VAT document; `without-e-invoice.txt` names the documents that have none, and why."""
    made = {f"{document['number']}.xml": ubl_of(document) for document in documents if has_ubl(document)}
    rest = [f"{document['number']}: {why}\n" for document in documents if (why := no_ubl(document))]
    return {**made, **({"without-e-invoice.txt": "".join(rest).encode()} if rest else {})}


def pdf(documents: Sequence[Mapping[str, Any]], facts: Facts) -> Files:
    """A PDF/A-3 per document."""
    return {f"{document['number']}.pdf": pdf_of(document) for document in documents}


def text(documents: Sequence[Mapping[str, Any]], facts: Facts) -> Files:
    """A page of plain text per document."""
    return {f"{document['number']}.txt": text_of(document).encode() for document in documents}


EXPORTS: Mapping[str, Export] = {
    "json": json_lines,
    "xero": xero,
    "sage": sage,
    "quickbooks": quickbooks,
    "beancount": beancount,
    "ubl": ubl,
    "pdf": pdf,
    "text": text,
}


def export_names() -> tuple[str, ...]:
    """What documents can be exported to."""
    return tuple(EXPORTS)


def export(name: str, documents: Iterable[Mapping[str, Any]], facts: Facts = NO_FACTS) -> Files:
    """The files (name -> bytes) of final documents (`cni.document/1`) for a package or reader, one of `export_names`.

    Raises `BadInput` for an unknown name, a draft, a document whose digest does not fit it, and what the form cannot carry.
    """
    if name not in EXPORTS:
        raise bad_input(f"There is no export to {name}.", value=name, hint=f"There is: {', '.join(EXPORTS)}.")
    held = sorted(documents, key=lambda d: (str(d["issued"]), str(d["number"])))
    _check(held)
    return EXPORTS[name](held, facts)


def _check(documents: Iterable[Mapping[str, Any]]) -> None:
    found = Problems()
    for document in documents:
        name = str(document["number"] or "")
        if not name or not document["issued"]:
            found.add(f"The {document['kind']} of {document['party']} is a draft; only final documents are exported.")
        elif digest_of({key: value for key, value in document.items() if key != "digest"}) != document["digest"]:
            found.add(f"The digest of {name} does not fit what it says.", value=name)
    found.raise_errors()
