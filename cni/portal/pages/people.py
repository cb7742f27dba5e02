"""The coordinator's page of people: who may come in, and what lets them in just now. People are registered on the command line."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from cni.access import issued, people, sessions, tokens
from cni.portal.pages.shown import Part, shown
from cni.portal.problems import not_there
from cni.portal.visitors import Coordinator, act_of, desk_of
from cni.views.access import people_document, people_view

router = APIRouter()


@router.get("/admin/people")
def listed(request: Request, visitor: Coordinator) -> Response:
    """Everyone who may come in, with their live sessions and tokens."""
    desk = desk_of(request)
    now = desk.now()
    live = [s for s in sessions.list_sessions(desk.engine) if issued.live(s, now)]
    held = [t for t in tokens.list_tokens(desk.engine) if issued.live(t, now)]
    return shown(
        request,
        "People",
        [Part("Who may come in", list(people_view(people_document(people.list_people(desk.engine)))))],
        lead="People are registered and removed on the command line: cni access add, cni access remove.",
        trail=[("/admin", "Coordination")],
        template="admin_people.html",
        more={"live": live, "held": held},
    )


@router.post("/admin/sessions/{number}/end")
def end_session(request: Request, visitor: Coordinator, number: int) -> Response:
    """End anybody's session (rule J5)."""
    desk = desk_of(request)
    if number not in {s.number for s in sessions.list_sessions(desk.engine)}:
        raise not_there()
    sessions.end(desk.engine, act_of(request, visitor), number, None)
    return RedirectResponse("/admin/people", 303)


@router.post("/admin/tokens/{number}/end")
def end_token(request: Request, visitor: Coordinator, number: int) -> Response:
    """End anybody's token."""
    desk = desk_of(request)
    if number not in {t.number for t in tokens.list_tokens(desk.engine)}:
        raise not_there()
    tokens.end(desk.engine, act_of(request, visitor), number, None)
    return RedirectResponse("/admin/people", 303)
