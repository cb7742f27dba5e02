"""Final documents: invoices, credit notes, statements."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from billing.documents.ubl import no_ubl, ubl_of
from cni.portal.api.paging import After, Limit, paged
from cni.portal.asking import own_document, own_documents
from cni.portal.description import PROBLEMS, returns
from cni.portal.problems import Refusal
from cni.portal.visitors import SignedIn, desk_of
from cni.portal.web import document, download
from topology.about import SOFTWARE

router = APIRouter(tags=["money"])


@router.get("/documents", responses=returns("cni.documents/1"))
def documents(request: Request, visitor: SignedIn, limit: Limit = 100, after: After = "") -> Response:
    """The final documents that name your member, the newest first."""
    rows = own_documents(desk_of(request), visitor)
    found = {"schema": "cni.documents/1", "software": SOFTWARE, "party": visitor.member, "documents": rows}
    return paged(request, found, "documents", "number", limit, after)


@router.get("/documents/{number}", responses=returns("cni.document/1"))
def one_document(request: Request, visitor: SignedIn, number: str) -> Response:
    """One of them with every line."""
    return document(own_document(desk_of(request), visitor, number))


@router.get("/documents/{number}/ubl", responses={200: {"content": {"application/xml": {}}}, **PROBLEMS})
def ubl(request: Request, visitor: SignedIn, number: str) -> Response:
    """The same as an e-invoice (UBL 2.1), where both parties have what that needs."""
    found = own_document(desk_of(request), visitor, number)
    if lacking := no_ubl(found):
        raise Refusal("no_ubl", lacking)
    return download(ubl_of(found), f"{number}.xml", "application/xml")
