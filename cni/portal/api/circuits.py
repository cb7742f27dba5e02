"""Circuits, their sheets, offers accepted and declined, planned works, recalls, what falls due."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from cni.portal.acting import accept_offer, cancel_works, decline_offer, plan_works
from cni.portal.api.paging import After, Limit, paged
from cni.portal.asking import INTERNAL, circuits_for, due_for_house, own_circuit, recalls_for, sheet_for, works_for
from cni.portal.description import returns
from cni.portal.problems import Refusal
from cni.portal.visitors import Coordinator, Deciding, OfMember, PlanningWorks, desk_of
from cni.portal.web import document
from cni.rounds.circuits import Standing
from cni.rounds.outages import Works
from cni.views.holdings import circuit_document
from cni.views.works import works_document

router = APIRouter(tags=["circuits"])
Key = Annotated[str, Header(alias="Idempotency-Key", max_length=200, description="acts once for each key")]
ID = r"^[A-Za-z0-9._-]{1,64}$"
Id = Annotated[str, Field(pattern=ID)]


@router.get("/circuits", responses=returns("cni.circuits/1"))
def circuits(request: Request, visitor: OfMember, limit: Limit = 100, after: After = "") -> Response:
    """Circuits as you may see them: your group's in full."""
    return paged(request, circuits_for(desk_of(request), visitor), "circuits", "circuit", limit, after)


@router.get("/circuits/{circuit_id}", responses=returns("cni.circuit/1"))
def circuit(request: Request, visitor: OfMember, circuit_id: str) -> Response:
    """One circuit of your group's with all that happened to it."""
    return _told(request, own_circuit(desk_of(request), visitor, circuit_id))


@router.get("/circuits/{circuit_id}/sheet", responses=returns("cni.sheet/1"))
def sheet(request: Request, visitor: OfMember, circuit_id: str) -> Response:
    """Its connection sheet: strands, tubes, colours, splices, loss."""
    return document(sheet_for(desk_of(request), visitor, circuit_id))


@router.post("/circuits/{circuit_id}/accept", responses=returns("cni.circuit/1"))
def accept(request: Request, visitor: Deciding, circuit_id: str, key: Key = "") -> Response:
    """Take up an offer."""
    return _told(request, accept_offer(request, visitor, circuit_id))


@router.post("/circuits/{circuit_id}/decline", responses=returns("cni.circuit/1"))
def decline(request: Request, visitor: Deciding, circuit_id: str, key: Key = "") -> Response:
    """Leave an offer."""
    return _told(request, decline_offer(request, visitor, circuit_id))


def _told(request: Request, standing: Standing) -> Response:
    desk = desk_of(request)
    return document(circuit_document(desk.holdings(), standing, desk.now()))


@router.get("/works", responses=returns("cni.works_list/1"))
def works(request: Request, visitor: OfMember, limit: Limit = 100, after: After = "") -> Response:
    """Planned works, those called off too."""
    return paged(request, works_for(desk_of(request), visitor), "works", "works", limit, after)


class WorksAsked(BaseModel):
    """Works to be planned. Times with an offset; what goes out of use by spans, nodes and risk groups."""

    works: Id
    start: datetime = Field(alias="from")
    end: datetime = Field(alias="to")
    spans: list[Id] = []
    nodes: list[Id] = []
    risk_groups: list[Id] = []
    agreed: list[Id] = []
    why: str = Field(default="", max_length=120)


@router.post("/works", responses=returns("cni.works/1"))
def plan(request: Request, visitor: PlanningWorks, asked: WorksAsked, key: Key = "") -> Response:
    """Plan works. Where a circuit would lose both of its legs nothing is planned, and the answer is refused (409)."""
    start, end = (_utc(t) for t in (asked.start, asked.end))
    parts = (frozenset(ids) for ids in (asked.spans, asked.nodes, asked.risk_groups, asked.agreed))
    told = plan_works(request, visitor, Works(asked.works, start, end, *parts), asked.why)
    found = works_document(told, INTERNAL)
    if told.refused:
        named = " ".join(found["refused"])
        raise Refusal("both_legs", f"Circuits would lose both of their legs: {named}. Nothing is planned.")
    return document(found)


def _utc(time: datetime) -> datetime:
    from datetime import timezone

    aware = time if time.tzinfo else time.replace(tzinfo=timezone.utc)  # noqa: UP017 -- reads as what it is
    return aware.astimezone(timezone.utc).replace(microsecond=0)  # noqa: UP017


@router.post("/works/{works_id}/cancel", responses=returns("cni.works/1"))
def cancel(request: Request, visitor: PlanningWorks, works_id: str, key: Key = "") -> Response:
    """Call planned works off."""
    return document(works_document(cancel_works(request, visitor, works_id), INTERNAL))


@router.get("/recalls", responses=returns("cni.recalls/1"))
def recalls(request: Request, visitor: OfMember) -> Response:
    """Every recall on record, as you may see it."""
    return document(recalls_for(desk_of(request), visitor))


@router.get("/due", responses=returns("cni.due/1"))
def due(request: Request, visitor: Coordinator) -> Response:
    """What falls due, and who must be told."""
    return document(due_for_house(desk_of(request)))
