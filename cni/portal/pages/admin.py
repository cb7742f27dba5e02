"""The coordinator's pages: rounds and what comes next, what falls due, offers without an answer, accepting for a member.

Everything else that changes a round stays on the command line; overrides are never made here (rule G8). Planned works and people
have files of their own.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from cni.portal.acting import accept_for
from cni.portal.asking import INTERNAL, due_for_house, own_circuit, works_for
from cni.portal.desk import Desk
from cni.portal.pages import people, works
from cni.portal.pages.shown import Part, plain, shown
from cni.portal.reading import STATES, rounds_by_date, told_round
from cni.portal.visitors import Coordinator, CoordinatorDeciding, desk_of
from cni.portal.web import moment
from cni.rounds import receipts
from cni.rounds.life import NEXT, Round
from cni.rounds.lifecycle import OFFERED, state_on
from cni.store.engine import reading
from cni.views.blocks import Fields, Table, table
from cni.views.holdings import circuit_document, circuit_view, circuits_document, due_view
from cni.views.round_ import notice_view, receipts_document, receipts_view
from cni.views.works import works_list_view

Document = dict[str, Any]
router = APIRouter()
router.include_router(works.router)
router.include_router(people.router)
HOME = ("/admin", "Coordination")
CIRCUIT = {"circuit": "/admin/circuits/{}"}


@router.get("/admin")
def first(request: Request, visitor: Coordinator) -> Response:
    """Where each round stands, what falls due today, who has not answered, which works are planned."""
    desk = desk_of(request)
    due, planned = due_for_house(desk), works_for(desk, visitor)
    today = [row for row in due["due"] if row["by"] <= due["on"]]
    rounds = [(r.id, STATES[r.state], _until(r), next_of(r)) for r in rounds_by_date(desk)]
    return shown(
        request,
        "Coordination",
        [
            Part("Rounds", [table("round state until ~next", rounds, empty="none yet")], {"round": "/admin/rounds/{}"}),
            Part("Due today", [_first_table(due_view({**due, "due": today, "tell": []}))], CIRCUIT),
            Part("Offers without an answer", [unanswered(desk, "")], CIRCUIT),
            Part("Falls due later", [_first_table(due_view({**due, "due": _later(due), "tell": []}))], CIRCUIT),
            Part("Planned works", list(works_list_view(planned)), {"works": "/admin/works/{}"}),
        ],
        lead="What happens in rounds is done on the command line; here you see what is next.",
        actions=[("/admin/works", "Plan works"), ("/admin/people", "People")],
        illustrative=due["illustrative"],
    )


def _later(due: Document) -> list[Document]:
    """What falls due on a later day; offers stand in a list of their own."""
    return [row for row in due["due"] if row["by"] > due["on"] and row["kind"] != "offer"]


def _first_table(blocks: Any) -> Table:
    return next(b for b in blocks if isinstance(b, Table))


def _until(found: Round) -> str:
    """The moment that the state waits for."""
    if found.published_at is not None and found.state == "published":
        return moment(found.calendar.appeals_end(found.published_at))
    return moment(found.calendar.opens if found.state == "draft" else found.calendar.gate)


def next_of(found: Round) -> str:
    """The next step of a round as the command line tells it."""
    return NEXT[found.state].replace("ROUND", found.id).replace("`", "") or "nothing: it is over"


def unanswered(desk: Desk, round_id: str) -> Table:
    """Offers that nobody has answered yet, of one round or of all, those that run out first."""
    found, now = desk.holdings(), desk.now()
    open_ = [s for s in found.standings.values() if state_on(s, now) == OFFERED and round_id in ("", s.round)]
    rows = circuits_document(found, open_, now, INTERNAL)["circuits"]
    rows = sorted(rows, key=lambda c: (str(c["accept_by"]), c["member"], c["circuit"]))
    lines = [(c["circuit"], c["member"], c["round"] or "-", moment(c["accept_by"])) for c in rows]
    return table("circuit member round answer_by", lines, empty="every offer has an answer")


@router.get("/admin/rounds/{round_id}")
def one_round(request: Request, visitor: Coordinator, round_id: str) -> Response:
    """One round: its steps, what came in (nobody can read it before the gate), its notice."""
    desk = desk_of(request)
    found = told_round(desk, round_id)
    with reading(desk.engine) as connection:
        came = receipts_document(round_id, receipts.of_round(connection, round_id))
    steps = table("state since", [(STATES[state], moment(at)) for state, at in found.steps])
    parts = [
        Part("Steps", [steps]),
        Part("Next", [Fields((("command line", next_of(found)), ("until", _until(found))))]),
        Part("What came in", list(receipts_view(came))),
    ]
    if found.published_at:
        parts.insert(2, Part("Offers without an answer", [unanswered(desk, round_id)], CIRCUIT))
    if found.notice:
        parts.append(Part("Fixed before it opened", plain(notice_view(found.notice))))
    ways = [(f"/rounds/{round_id}", "As the public sees it")]
    ways += [(f"/audit/rounds/{round_id}", "Audit")] if found.published_at else []
    lead = f"This round is {STATES[found.state]}. Sealed requests cannot be read before the gate, by you either."
    return shown(request, f"Round {round_id}", parts, lead=lead, trail=[HOME], actions=ways)


@router.get("/admin/circuits/{circuit_id}")
def one_circuit(request: Request, visitor: Coordinator, circuit_id: str) -> Response:
    """One circuit, and the button that takes up its offer for the member."""
    desk = desk_of(request)
    standing = own_circuit(desk, visitor, circuit_id)
    document = circuit_document(desk.holdings(), standing, desk.now())
    return shown(
        request,
        f"Circuit {circuit_id}",
        [Part(blocks=plain(circuit_view(document)))],
        lead=f"Of {document['member']}: {document['state'].replace('_', ' ')}.",
        trail=[HOME],
        illustrative=document["illustrative"],
        template="admin_circuit.html",
        more={"circuit": document},
    )


@router.post("/admin/circuits/{circuit_id}/accept")
def accept(request: Request, visitor: CoordinatorDeciding, circuit_id: str) -> Response:
    """Take up an offer for the member, who said so by mail or letter; the log tells who did it for whom."""
    standing = accept_for(request, visitor, circuit_id)
    return RedirectResponse(f"/admin/circuits/{standing.circuit.id}", 303)
