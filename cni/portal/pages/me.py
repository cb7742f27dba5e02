"""What every signed-in person has: a first page, and the page of their own passkeys, sessions and tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from cni.access import issued, passkeys, sessions, tokens
from cni.portal.reading import announced, rounds_by_date
from cni.portal.visitors import SignedIn, Visitor, act_of, desk_of
from cni.portal.web import page

router = APIRouter()
LIVES = {"7": "a week", "30": "30 days", "90": "90 days", "366": "a year"}

TILES = (
    ("user", "/me/requests", "Ask for fibre", "Draft a request, see at once what is possible, and seal it."),
    ("user", "/me/receipts", "Receipts", "What you handed in, and when the server had it."),
    ("user", "/me/results", "Results", "What you got, why not more, and what else is free."),
    ("member", "/me/circuits", "Circuits", "What your member holds, with connection sheets."),
    ("member", "/me/works", "Planned works", "When something of yours goes out of use."),
    ("contributor", "/me/spans", "Your spans", "What others use of your fibre."),
    ("contributor", "/me/fees", "Fees", "What you are paid, with each sum spelled out."),
    ("contributor", "/me/recalls", "Recalls", "Taking strands back, and the notice it needs."),
    ("auditor", "/me/invoices", "Invoices and statements", "Every document that names your member."),
    ("auditor", "/audit", "Audit", "Every round, its pack, and the log of all that was done."),
    ("coordinator", "/admin", "Coordination", "Rounds, what is due today, people."),
)
"""What the first page leads to, for whom."""


OWN = ("/me/circuits", "/me/works", "/me/invoices")
"""What is a member's, and empty for a person who acts for none."""


@router.get("/me")
def first_page(request: Request, visitor: SignedIn) -> Response:
    """Where a person begins."""
    desk = desk_of(request)
    tiles = [row[1:] for row in TILES if visitor.may(row[0]) and (visitor.member or row[1] not in OWN)]
    values = {"tiles": tiles, "rounds": announced(rounds_by_date(desk), desk.now())}
    return page(request, "me.html", "Your pages", values)


@router.get("/me/access")
def access(request: Request, visitor: SignedIn) -> Response:
    """A person's passkeys, sessions and tokens."""
    return _access(request, visitor)


def _access(request: Request, visitor: Visitor, shown: str = "") -> Response:
    desk, person = desk_of(request), visitor.known.id
    now = desk.now()
    values = {
        "passkeys": passkeys.list_passkeys(desk.engine, person),
        "sessions": [s for s in sessions.list_sessions(desk.engine, person) if issued.live(s, now)],
        "tokens": [t for t in tokens.list_tokens(desk.engine, person) if issued.live(t, now)],
        "scopes": [s for s in tokens.SCOPES if s != "works" or visitor.may("coordinator")],
        "lives": LIVES,
        "shown": shown,
    }
    return page(request, "access.html", "Access", values)


@router.post("/me/tokens")
def make_token(
    request: Request,
    visitor: SignedIn,
    name: Annotated[str, Form(max_length=60)],
    days: Annotated[int, Form(ge=1, le=366)],
    scope: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Make a token, and show its secret this once."""
    desk = desk_of(request)
    expires = desk.now() + timedelta(days=days)
    _, secret = tokens.make(desk.engine, act_of(request, visitor), visitor.known.id, name, scope or ["read"], expires)
    return _access(request, visitor, secret)


@router.post("/me/tokens/{number}/end")
def end_token(request: Request, visitor: SignedIn, number: int) -> Response:
    """End a token of one's own."""
    tokens.end(desk_of(request).engine, act_of(request, visitor), number, visitor.known.id)
    return RedirectResponse("/me/access", 303)


@router.post("/me/sessions/{number}/end")
def end_session(request: Request, visitor: SignedIn, number: int) -> Response:
    """End a session of one's own."""
    sessions.end(desk_of(request).engine, act_of(request, visitor), number, visitor.known.id)
    return RedirectResponse("/me/access", 303)


@router.post("/me/passkeys/{number}/end")
def end_passkey(request: Request, visitor: SignedIn, number: int) -> Response:
    """Give up a passkey of one's own."""
    passkeys.remove_passkey(desk_of(request).engine, act_of(request, visitor), number, visitor.known.id)
    return RedirectResponse("/me/access", 303)
