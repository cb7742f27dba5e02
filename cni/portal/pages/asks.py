"""Asking for fibre: the draft that is kept in the member's own browser and sealed there, the sealed file from home, receipts.

The server has a draft in its hands only to check it (`api/rounds.py`), which the page says and lets its reader turn off.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from cni.portal.acting import submit_sealed, withdraw_sealed
from cni.portal.asking import own_receipt, own_receipts
from cni.portal.desk import Desk
from cni.portal.draft_map import draft_map
from cni.portal.pages.shown import Part, shown
from cni.portal.problems import not_there
from cni.portal.reading import Seen, rounds_by_date, seen_by, told_round
from cni.portal.visitors import Submitting, User, Visitor, desk_of
from cni.portal.web import download, moment, page
from cni.rounds.life import Round
from cni.rounds.receipts import Receipt
from cni.views.blocks import Block, Fields, table
from topology.canonical import canonical_bytes
from topology.model import Node

router = APIRouter()
HOME, ASK, KEPT = ("/me", "Your pages"), ("/me/requests", "Ask for fibre"), ("/me/receipts", "Receipts")

LEVELS = (
    ("none", "one way", "one leg; a cut anywhere on it interrupts the circuit"),
    ("span", "two ways, no span in common", "two legs that share no span"),
    ("node", "two ways, no place in common", "two legs that share no span and no place between the ends"),
    ("risk", "two ways, no risk in common", "two legs that also share no duct, bridge or other known risk"),
)
"""Levels of diversity with words for them, from the weakest to the strongest."""


def takes_requests(found: Round, desk: Desk) -> bool:
    """Whether sealed requests can be handed in now."""
    return found.state == "open" and found.is_sealed and not found.calendar.is_past_gate(desk.now())


@router.get("/me/requests")
def requests(request: Request, visitor: User) -> Response:
    """The rounds that take requests, and how asking goes."""
    desk = desk_of(request)
    rounds = rounds_by_date(desk)
    values = {
        "open": [(r, len(_standing(desk, visitor, r.id))) for r in rounds if takes_requests(r, desk)],
        "later": [r for r in rounds if r.state == "draft"],
    }
    return page(request, "requests.html", "Ask for fibre", values)


def _standing(desk: Desk, visitor: Visitor, round_id: str) -> list[Receipt]:
    """What was handed in and not taken back."""
    return [r for r in own_receipts(desk, visitor, round_id) if not r.withdrawn]


@router.get("/me/requests/{round_id}")
def draft(request: Request, visitor: User, round_id: str) -> Response:
    """The form in which requests are drafted, checked and sealed; and the way in for a file that was sealed at home."""
    desk = desk_of(request)
    found = told_round(desk, round_id)
    if not found.is_sealed:
        raise not_there()
    if not takes_requests(found, desk):
        return _closed(request, found)
    seen = seen_by(desk, visitor)
    assert found.notice is not None
    values = {
        "round": found,
        "recipient": found.notice["key"]["recipient"],
        "terms": found.policy.terms_years or (),
        "most": found.policy.block_max_pairs,
        "levels": LEVELS,
        "nodes": _places(seen),
        "map": desk.kept(("draft map", *seen.key), lambda _: draft_map(seen.network)),
        "files": len(own_receipts(desk, visitor, round_id)),
        "handed_in": _standing(desk, visitor, round_id),
        "illustrative": seen.network.illustrative,
    }
    return page(request, "draft.html", f"Ask in round {round_id}", values)


def _closed(request: Request, found: Round) -> Response:
    later = "It opens " + moment(found.calendar.opens) if found.state == "draft" else "Its gate is closed"
    ways = [("/me/receipts", "What you handed in"), (f"/rounds/{found.id}", "About the round")]
    lead = f"Round {found.id} takes no requests now. {later}."
    return shown(request, f"Ask in round {found.id}", [], lead=lead, trail=[HOME, ASK], actions=ways)


def _places(seen: Seen) -> list[Node]:
    return sorted((n for n in seen.network.nodes.values() if n.in_service), key=lambda n: n.id)


@router.post("/me/requests/{round_id}/file")
async def hand_in(
    request: Request, visitor: Submitting, round_id: str, sealed: Annotated[UploadFile, File()]
) -> Response:
    """Take in a file that was sealed elsewhere. The receipt says when the server had all of it."""
    data = await sealed.read()
    request.state.complete_at = desk_of(request).now()  # before it waits for a thread
    made = await run_in_threadpool(submit_sealed, request, visitor, round_id, data)
    return RedirectResponse(f"/me/receipts/{round_id}/{made.number}", 303)


@router.get("/me/receipts")
def receipts(request: Request, visitor: User) -> Response:
    """Every receipt of the visitor's member, round by round."""
    desk = desk_of(request)
    parts = [
        Part(f"Round {found.id}", [_listed(rows)], {"receipt": f"/me/receipts/{found.id}/{{}}"})
        for found in rounds_by_date(desk)
        if (rows := own_receipts(desk, visitor, found.id))
    ]
    return shown(
        request,
        "Receipts",
        parts or [Part(words="Your member has handed in nothing yet.")],
        lead="What your member handed in. A receipt proves what the server had and when; of what is inside it knows nothing.",
        trail=[HOME],
    )


def _listed(rows: tuple[Receipt, ...]) -> Block:
    lines = [(r.number, moment(r.received), f"{r.size} bytes", _state(r), r.digest) for r in rows]
    return table("receipt handed_in >size state ~digest", lines)


def _state(receipt: Receipt) -> str:
    return "taken back" if receipt.withdrawn else "stands"


@router.get("/me/receipts/{round_id}/{number}")
def receipt(request: Request, visitor: User, round_id: str, number: int) -> Response:
    """One receipt, and the way to take the file back while that can be done."""
    desk = desk_of(request)
    found, held = told_round(desk, round_id), own_receipt(desk, visitor, round_id, number)
    fields: list[tuple[str, str]] = [
        ("round", round_id),
        ("member", held.member),
        ("the server had it", moment(held.received)),
        ("state", _state(held)),
        ("gate", moment(held.gate)),
        ("SHA-256 of the file", held.digest),
        ("size", f"{held.size} bytes{', a paper envelope' if held.paper else ''}"),
        ("entry of the log", str(held.entry)),
        ("digest of the entry", held.entry_digest),
    ]
    return shown(
        request,
        f"Receipt {number} of round {round_id}",
        [Part(blocks=[Fields(tuple(fields))])],
        lead=_said(held, found),
        trail=[HOME, KEPT],
        actions=[(f"/me/receipts/{round_id}/{number}/receipt.json", "Save the receipt")],
        template="receipt.html",
        more={"receipt": held, "can_go": takes_requests(found, desk) and not held.withdrawn},
    )


def _said(held: Receipt, found: Round) -> str:
    if held.withdrawn:
        return "You took this file back. It stays on record and is never opened."
    if found.state != "open":
        return "The server had your sealed file before the gate."
    return "The server has your sealed file. Nobody can read it before the gate."


@router.get("/me/receipts/{round_id}/{number}/receipt.json")
def receipt_file(request: Request, visitor: User, round_id: str, number: int) -> Response:
    """The receipt as a file, which `cni audit verify --head` holds against the log."""
    made: dict[str, Any] = own_receipt(desk_of(request), visitor, round_id, number).as_json()
    return download(canonical_bytes(made) + b"\n", f"{round_id}-receipt-{number}.json", "application/json")


@router.post("/me/receipts/{round_id}/{number}/withdraw")
def withdraw(request: Request, visitor: Submitting, round_id: str, number: int) -> Response:
    """Take a file back before the gate."""
    withdraw_sealed(request, visitor, round_id, number)
    return RedirectResponse(f"/me/receipts/{round_id}/{number}", 303)
