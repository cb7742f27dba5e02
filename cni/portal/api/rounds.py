"""Rounds: what was announced, the offer, checking a draft, handing in sealed files, receipts, packs, reasons."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from cni.portal.acting import submit_sealed, withdraw_sealed
from cni.portal.api.paging import After, Limit, paged
from cni.portal.asking import checked_draft, explained, own_receipt, own_receipts, published_pack, routes_of_draft
from cni.portal.description import returns
from cni.portal.desk import Desk
from cni.portal.pages.public import public_pack_of
from cni.portal.problems import Refusal, not_there
from cni.portal.reading import rounds_by_date, told_round
from cni.portal.visitors import Anyone, OfMember, Submitting, User, Visitor, desk_of
from cni.portal.web import document
from cni.views.house import rounds_document
from cni.views.offers import offer_for
from cni.views.round_ import receipts_document
from topology.quantities import thousandths
from topology.routing.diversity import LEVELS

router = APIRouter(tags=["rounds"])
Key = Annotated[str, Header(alias="Idempotency-Key", max_length=200, description="acts once for each key")]
SEALED = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class Draft(BaseModel):
    """Requests as in a requests file (JSON): id, member, kind and the columns of that kind."""

    requests: list[dict[str, Any]]


@router.get("/rounds", responses=returns("cni.rounds/1"))
def list_rounds(request: Request, visitor: Anyone, limit: Limit = 100, after: After = "") -> Response:
    """Every round, the newest first."""
    return paged(request, rounds_document(rounds_by_date(desk_of(request))), "rounds", "round", limit, after)


@router.get("/rounds/{round_id}/notice", responses=returns("cni.notice/1"))
def notice(request: Request, visitor: OfMember, round_id: str) -> Response:
    """What was fixed before a round opened: offer, calendar, rules, key."""
    found = told_round(desk_of(request), round_id)
    if found.notice is None:
        raise not_there()
    return document(found.notice)


@router.get("/rounds/{round_id}/public-pack", responses=returns("cni.pack/1"))
def public_pack(request: Request, visitor: Anyone, round_id: str) -> Response:
    """The public pack of a published round."""
    return document(public_pack_of(desk_of(request), round_id))


@router.get("/rounds/{round_id}/pack", responses=returns("cni.pack/1"))
def pack(request: Request, visitor: OfMember, round_id: str) -> Response:
    """The complete pack of a published round, for members."""
    return document(published_pack(desk_of(request), visitor, round_id))


@router.get("/rounds/{round_id}/requests/{request_id}/explanation", responses=returns("cni.explain/1"))
def explanation(request: Request, visitor: OfMember, round_id: str, request_id: str) -> Response:
    """Why a request got what it got."""
    return document(explained(desk_of(request), visitor, round_id, request_id))


@router.post("/rounds/{round_id}/check", responses=returns("cni.request_check/1"))
def check(request: Request, visitor: User, round_id: str, draft: Draft) -> Response:
    """A draft looked at as `cni request check` does. It is read in memory and kept nowhere.

    The line of a finding is the place of its request in the list, from 1.
    """
    desk = desk_of(request)
    _allow(desk, visitor)
    return document(checked_draft(desk, visitor, round_id, draft.requests))


@router.get("/rounds/{round_id}/routes", responses=returns("cni.routes/1"))
def routes(
    request: Request,
    visitor: User,
    round_id: str,
    a: Annotated[str, Query(max_length=64)],
    b: Annotated[str, Query(max_length=64)],
    diversity: Annotated[str, Query(max_length=10)] = "none",
    max_km: Annotated[str, Query(max_length=12)] = "",
    spare: bool = True,
) -> Response:
    """The shortest route or pair of routes between two nodes on a round's spine, over spare spans unless said otherwise."""
    if diversity not in LEVELS:
        raise Refusal("bad_value", f"diversity is one of {', '.join(LEVELS)}.")
    desk = desk_of(request)
    _allow(desk, visitor)
    return document(routes_of_draft(desk, round_id, a, b, diversity, _metres(max_km), spare=spare))


def _allow(desk: Desk, visitor: Visitor) -> None:
    if not desk.checks.allows(visitor.known.id, desk.ticks()):
        raise Refusal("too_many", "There were too many checks in a short time.", retry_after=30)


def _metres(km: str) -> int | None:
    from decimal import Decimal, InvalidOperation

    if not km:
        return None
    try:
        value = Decimal(km)
    except InvalidOperation:
        raise Refusal("bad_value", "max_km is a number of kilometres.") from None
    if not value.is_finite() or not 0 < value < 100_000:
        raise Refusal("bad_value", "max_km is a positive number of kilometres.")
    return thousandths(value)


@router.post(
    "/rounds/{round_id}/submissions", status_code=201, responses=returns("cni.receipt/1", 201), openapi_extra=SEALED
)
async def submit(request: Request, visitor: Submitting, round_id: str, key: Key = "") -> Response:
    """Hand in a sealed (age) file. The receipt says when this server had all of it: that is the time that counts."""
    from starlette.concurrency import run_in_threadpool

    data = await request.body()
    request.state.complete_at = desk_of(request).now()  # before it waits for a thread
    made = await run_in_threadpool(submit_sealed, request, visitor, round_id, data)
    return document(made.as_json(), 201)


@router.get("/rounds/{round_id}/submissions", responses=returns("cni.receipts/1"))
def receipts(request: Request, visitor: User, round_id: str, limit: Limit = 100, after: After = "") -> Response:
    """Your member's receipts."""
    found = receipts_document(round_id, own_receipts(desk_of(request), visitor, round_id))
    return paged(request, found, "receipts", "number", limit, after)


@router.get("/rounds/{round_id}/submissions/{number}", responses=returns("cni.receipt/1"))
def receipt(request: Request, visitor: User, round_id: str, number: int) -> Response:
    """One receipt of your member's."""
    return document(own_receipt(desk_of(request), visitor, round_id, number).as_json())


@router.post("/rounds/{round_id}/submissions/{number}/withdraw", responses=returns("cni.receipt/1"))
def withdraw(request: Request, visitor: Submitting, round_id: str, number: int, key: Key = "") -> Response:
    """Take a sealed file back before the gate."""
    return document(withdraw_sealed(request, visitor, round_id, number).as_json())


@router.get("/offer", responses=returns("cni.offer/1"))
def offer(request: Request, visitor: OfMember) -> Response:
    """The offer today, as your member may see it."""
    desk = desk_of(request)
    member, today = visitor.member, desk.today()
    audience = visitor.sees.name
    key = ("offer", audience, member, today.isoformat())
    return document(desk.kept(key, lambda _: offer_for(desk.holdings().held, today, None, audience, member or None)))
