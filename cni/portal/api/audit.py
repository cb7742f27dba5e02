"""The audit log and its head, and verification of a round by the server."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from cni.portal.description import returns
from cni.portal.log import log_page, verified_pack
from cni.portal.visitors import OfMember, SignedIn, desk_of
from cni.portal.web import document

router = APIRouter(tags=["audit"])


@router.get("/log", responses=returns("cni.audit_log/1"))
def log(
    request: Request,
    visitor: SignedIn,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="the entry after which the page begins")] = 0,
) -> Response:
    """Entries of the audit log from the oldest, in pages."""
    found = log_page(desk_of(request), after, limit)
    entries = found["entries"]
    headers = {}
    if len(entries) == limit:
        there = request.url.include_query_params(limit=limit, after=entries[-1]["number"])
        headers["link"] = f'<{there.path}?{there.query}>; rel="next"'
    return document(found, headers=headers)


@router.post("/rounds/{round_id}/verify", responses=returns("cni.verify/1"))
def verify(request: Request, visitor: OfMember, round_id: str) -> Response:
    """The round's pack checked by this server: the same as `cni verify` does at home, where you need not trust it."""
    return document(verified_pack(desk_of(request), visitor, round_id))
