"""Planned works in the coordinator's pages: first a look at who must be told, then a second button that plans them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from cni.portal.acting import cancel_works, plan_works, try_works
from cni.portal.asking import INTERNAL, works_for
from cni.portal.pages.shown import Part, plain, shown
from cni.portal.problems import Refusal, not_there
from cni.portal.visitors import Coordinator, PlanningWorks, desk_of
from cni.rounds import works as planned
from cni.rounds.outages import Works
from cni.rounds.works import PLANNED
from cni.views.works import works_document, works_list_view, works_view
from topology.cells import ID
from topology.problems import BadInput, Problems

Document = dict[str, Any]
router = APIRouter()
TRAIL = [("/admin", "Coordination"), ("/admin/works", "Works")]
Word = Annotated[str, Form(max_length=2000)]


@router.get("/admin/works")
def listed(request: Request, visitor: Coordinator) -> Response:
    """All works, and the form for more."""
    document = works_for(desk_of(request), visitor)
    return shown(
        request,
        "Works",
        [Part("On record", list(works_list_view(document)), {"works": "/admin/works/{}"})],
        lead="Works take spans, nodes or risk groups out of use for a time. Nobody may lose both legs of a circuit by them.",
        trail=TRAIL[:1],
        template="admin_works.html",
        more={"asked": dict.fromkeys(FIELDS, "")},
    )


FIELDS = ("works", "start", "end", "spans", "nodes", "risk_groups", "agreed", "why")


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
def look(
    request: Request,
    visitor: PlanningWorks,
    works: Word,
    start: Word,
    end: Word,
    spans: Word = "",
    nodes: Word = "",
    risk_groups: Word = "",
    agreed: Word = "",
    why: Annotated[str, Form(max_length=120)] = "",
) -> Response:
    """Who would have to be told; nothing is planned yet. The next page has the button that plans it."""
    asked = dict(zip(FIELDS, (works, start, end, spans, nodes, risk_groups, agreed, why), strict=True))
    told = try_works(request, visitor, wanted(asked), why)
    told = replace(told, row=replace(told.row, why=why))
    document = works_document(told, INTERNAL)
    document["state"] = "refused" if told.refused else "not planned yet"
    return shown(
        request,
        f"Works {works}: who must be told",
        [Part(blocks=plain(works_view(document)), links={"circuit": "/admin/circuits/{}"})],
        lead="They cannot be planned so." if told.refused else "Nothing is planned yet.",
        trail=TRAIL,
        illustrative=told.found.network.illustrative,
        template="admin_works_look.html",
        more={"asked": asked, "refused": bool(told.refused), "count": len(document["tell"])},
    )


@router.post("/admin/works")
def plan(
    request: Request,
    visitor: PlanningWorks,
    works: Word,
    start: Word,
    end: Word,
    spans: Word = "",
    nodes: Word = "",
    risk_groups: Word = "",
    agreed: Word = "",
    why: Annotated[str, Form(max_length=120)] = "",
) -> Response:
    """Plan them."""
    asked = dict(zip(FIELDS, (works, start, end, spans, nodes, risk_groups, agreed, why), strict=True))
    told = plan_works(request, visitor, wanted(asked), why)
    if told.refused:
        named = " ".join(sorted(o.circuit.id for o in told.refused))
        raise Refusal("both_legs", f"Circuits would lose both of their legs: {named}. Nothing is planned.")
    return RedirectResponse(f"/admin/works/{works}", 303)


@router.post("/admin/works/{works_id}/cancel")
def cancel(request: Request, visitor: PlanningWorks, works_id: str) -> Response:
    """Call them off."""
    cancel_works(request, visitor, works_id)
    return RedirectResponse(f"/admin/works/{works_id}", 303)


def wanted(asked: dict[str, str]) -> Works:
    """The works that a form asks for; ids stand between blanks or commas. Raises BadInput with every fault."""
    found = Problems()
    name = asked["works"].strip()
    if not ID.fullmatch(name):
        found.add("An id is 1 to 64 letters, digits, dots, lines and low lines.", file="Id", value=name[:80])
    start, end = _time(asked["start"], "From", found), _time(asked["end"], "To", found)
    sets = [frozenset(asked[key].replace(",", " ").split()) for key in ("spans", "nodes", "risk_groups", "agreed")]
    found.raise_errors()
    return Works(name, start, end, *sets)


def _time(text: str, field: str, found: Problems) -> datetime:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        said = "this is no time; write it as 2027-05-02T22:00, in UTC."
        found.add(f"{field}: {said}", file=field, value=text[:40])
        return datetime.min.replace(tzinfo=UTC)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
