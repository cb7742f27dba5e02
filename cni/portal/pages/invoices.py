"""Every final document that names a member: as a page, as an e-invoice (UBL 2.1), and as PDF where Typst is installed."""

from __future__ import annotations

from importlib.util import find_spec

from fastapi import APIRouter, Request
from fastapi.responses import Response

from billing.documents.ubl import has_ubl, no_ubl, ubl_of
from billing.documents.words import TITLES
from billing.pence import pounds
from cni.portal.asking import Document, own_document, own_documents
from cni.portal.pages.shown import Part, plain, shown
from cni.portal.problems import Refusal
from cni.portal.visitors import SignedIn, desk_of
from cni.portal.web import day, download
from cni.views.bill_document import document_view
from cni.views.blocks import table

router = APIRouter()
HOME, INVOICES = ("/me", "Your pages"), ("/me/invoices", "Invoices and statements")
TYPST = "typst"
"""What sets pages as PDF; the optional extra `pdf` of the program brings it."""


@router.get("/me/invoices")
def invoices(request: Request, visitor: SignedIn) -> Response:
    """Every final document, the newest first."""
    lines = [
        (r["number"], TITLES[r["kind"]], day(r["issued"]), *_sums(r))
        for r in own_documents(desk_of(request), visitor)
    ]  # fmt: skip
    content = table("number kind issued >net,_£ >VAT,_£ >total,_£", lines, empty="no document names your member yet")
    return shown(
        request,
        "Invoices and statements",
        [Part(blocks=[content], links={"number": "/me/invoices/{}"})],
        lead="Every final document that names your member. Each leads to its lines, one by one.",
        trail=[HOME],
    )


def _sums(row: Document) -> tuple[str, str, str]:
    net, tax = row["net_pence"], row["tax_pence"]
    return pounds(net), pounds(tax), pounds(net + tax)


@router.get("/me/invoices/{number}.xml")
def ubl(request: Request, visitor: SignedIn, number: str) -> Response:
    """The same as an e-invoice. Raises Refusal where it cannot be one."""
    found = own_document(desk_of(request), visitor, number)
    if lacking := no_ubl(found):
        raise Refusal("no_ubl", lacking)
    return download(ubl_of(found), f"{number}.xml", "application/xml")


@router.get("/me/invoices/{number}.pdf")
def pdf(request: Request, visitor: SignedIn, number: str) -> Response:
    """The same as PDF/A-3. Raises BadInput where Typst is not installed."""
    from billing.documents.pdf import pdf_of

    found = own_document(desk_of(request), visitor, number)
    return download(pdf_of(found), f"{number}.pdf", "application/pdf")


@router.get("/me/invoices/{number}")
def invoice(request: Request, visitor: SignedIn, number: str) -> Response:
    """One document with every line."""
    found = own_document(desk_of(request), visitor, number)
    address, sets = f"/me/invoices/{number}", find_spec(TYPST) is not None
    ways = [
        *([(f"{address}.pdf", "PDF")] if sets else []),
        *([(f"{address}.xml", "E-invoice (UBL)")] if has_ubl(found) else []),
    ]
    asked = "Whoever issued it asks for payment as it says below." if found["kind"] == "invoice" else ""
    return shown(
        request,
        f"{TITLES[found['kind']]} {number}",
        [Part(blocks=plain(document_view(found)))],
        lead=asked if sets else f"{asked} Print this page from your browser, or save it as PDF there.".strip(),
        trail=[HOME, INVOICES],
        actions=ways,
        illustrative=found["illustrative"],
    )
