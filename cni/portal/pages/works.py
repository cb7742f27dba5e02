"""Planned works in the coordinator's pages: first a look at who must be told, then a second button that plans them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from cni.portal.acting import cancel_works, plan_works, try_works
from cni.portal.asking import INTERNAL, works_for
from cni.portal.pages.shown import Part, plain, shown
from cni.portal.pages.works_form import WorksForm, faults
from cni.portal.problems import Refusal, not_there
from cni.portal.problems import told as in_words
from cni.portal.visitors import Coordinator, PlanningWorks, Visitor, desk_of
from cni.rounds import works as planned
from cni.rounds.works import PLANNED
from cni.views.works import works_document, works_list_view, works_view
from topology.problems import BadInput

Document = dict[str, Any]
router = APIRouter()
TRAIL = [("/admin", "Coordination"), ("/admin/works", "Works")]
Asked = Annotated[WorksForm, Form()]


@router.get("/admin/works")
def listed(request: Request, visitor: Coordinator) -> Response:
    """All works, and the form for more."""
    return _form(request, visitor, WorksForm())


def _form(request: Request, visitor: Visitor, asked: WorksForm, bad: BadInput | None = None) -> Response:
    """The page with the form; where it was refused, as it was filled in, with each fault beside its field."""
    document = works_for(desk_of(request), visitor)
    found = faults(bad) if bad else []
    return shown(
        request,
        "Works",
        [Part("On record", list(works_list_view(document)), {"works": "/admin/works/{}"})],
        lead="Works take spans, nodes or risk groups out of use for a time. Nobody may lose both legs of a circuit by them.",
        trail=TRAIL[:1],
        template="admin_works.html",
        more={"asked": asked.model_dump(), "faults": found},
        status=_status(bad) if bad else 200,
    )


def _status(bad: BadInput) -> int:
    """As an error page would have it; but an id that nobody knows is a fault of the form, not a page that is missing."""
    found = in_words(bad).status
    return 422 if found == 404 else found


@router.get("/admin/works/{works_id}")
def one(request: Request, visitor: Coordinator, works_id: str) -> Response:
    """One of them, with who must be told as things are now."""
    try:
        told = planned.show(desk_of(request).engine, works_id)
    except BadInput:
        raise not_there() from None
    document = works_document(told, INTERNAL)
    return shown(
        request,
        f"Works {works_id}",
        [Part(blocks=plain(works_view(document)), links={"circuit": "/admin/circuits/{}"})],
        lead=f"These works are {document['state']}.",
        trail=TRAIL,
        illustrative=told.found.network.illustrative,
        template="admin_works_one.html",
        more={"works": document, "live": document["state"] == PLANNED and told.row.works.end > desk_of(request).now()},
    )


@router.post("/admin/works/look")
def look(request: Request, visitor: PlanningWorks, asked: Asked) -> Response:
    """Who would have to be told; nothing is planned yet. The next page has the button that plans it."""
    try:
        told = try_works(request, visitor, asked.wanted(), asked.why)
    except BadInput as bad:
        return _form(request, visitor, asked, bad)
    told = replace(told, row=replace(told.row, why=asked.why))
    document = works_document(told, INTERNAL)
    document["state"] = "refused" if told.refused else "not planned yet"
    return shown(
        request,
        f"Works {asked.works}: who must be told",
        [Part(blocks=plain(works_view(document)), links={"circuit": "/admin/circuits/{}"})],
        lead="They cannot be planned so." if told.refused else "Nothing is planned yet.",
        trail=TRAIL,
        illustrative=told.found.network.illustrative,
        template="admin_works_look.html",
        more={"asked": asked.model_dump(), "refused": bool(told.refused), "count": len(document["tell"])},
    )


@router.post("/admin/works")
def plan(request: Request, visitor: PlanningWorks, asked: Asked) -> Response:
    """Plan them."""
    try:
        wanted = asked.wanted()
        told = plan_works(request, visitor, wanted, asked.why)
    except BadInput as bad:
        return _form(request, visitor, asked, bad)
    if told.refused:
        named = " ".join(sorted(o.circuit.id for o in told.refused))
        raise Refusal("both_legs", f"Circuits would lose both of their legs: {named}. Nothing is planned.")
    return RedirectResponse(f"/admin/works/{wanted.id}", 303)


@router.post("/admin/works/{works_id}/cancel")
def cancel(request: Request, visitor: PlanningWorks, works_id: str) -> Response:
    """Call them off."""
    cancel_works(request, visitor, works_id)
    return RedirectResponse(f"/admin/works/{works_id}", 303)
