"""What a member holds: circuits, offers to accept or decline, connection sheets, and works that put something out of use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from cni.portal.acting import accept_offer, decline_offer
from cni.portal.asking import group_circuits, own_circuit, sheet_for, works_for
from cni.portal.desk import Desk
from cni.portal.pages.shown import Part, plain, shown
from cni.portal.problems import Refusal
from cni.portal.visitors import Deciding, OfMember, Visitor, desk_of
from cni.portal.web import day, moment
from cni.rounds.circuits import Standing
from cni.rounds.lifecycle import LIVE, OFFERED, state_on
from cni.views.blocks import Block, Fields, Para, Table, table
from cni.views.circuit import sheet_view
from cni.views.holdings import Document, circuit_document, circuit_row, circuit_view, words
from cni.views.works import works_list_view, works_view

router = APIRouter()
HOME, CIRCUITS = ("/me", "Your pages"), ("/me/circuits", "Circuits")
PLANNED = "planned"


@router.get("/me/circuits")
def circuits(request: Request, visitor: OfMember) -> Response:
    """Offers that wait for an answer, what is held, and what ended."""
    desk = desk_of(request)
    holdings, now = desk.holdings(), desk.now()
    mine = [(state_on(s, now), s) for s in group_circuits(desk, visitor)]
    rows = {
        kind: [circuit_row(holdings, s, now) for state, s in mine if state in states]
        for kind, states in (("offers", (OFFERED,)), ("held", LIVE[1:]))
    }
    over = [circuit_row(holdings, s, now) for state, s in mine if state not in LIVE]
    link = {"circuit": "/me/circuits/{}"}
    parts = [
        *([Part("Offers that wait for your answer", [_offers(rows["offers"])], link)] if rows["offers"] else []),
        Part("What you hold", [_held(rows["held"], "your member holds no circuit")], link),
        *([Part("What ended", [_held(over, "")], link)] if over else []),
    ]
    return shown(
        request,
        "Circuits",
        parts,
        lead="Each circuit leads to its story and its connection sheet.",
        trail=[HOME],
        actions=[("/me/works", "Planned works")],
        illustrative=holdings.network.illustrative,
    )


def _offers(rows: list[Document]) -> Block:
    lines = [(c["circuit"], _where(c), day(c["start"]), day(c["end"]), moment(c["accept_by"])) for c in rows]
    return table("circuit ~where from to accept_before", lines)


def _held(rows: list[Document], empty: str) -> Block:
    lines = [(c["circuit"], words(c["state"]), _where(c), day(c["start"]), day(c["end"])) for c in rows]
    return table("circuit state ~where from to", lines, empty=empty)


def _where(row: Document) -> str:
    if row["node"]:
        return f"{row['rack_units']} U at {row['node']}"
    return f"{row['a']} to {row['b']}, {'two ways' if len(row['legs']) == 2 else 'one way'}"


@router.get("/me/circuits/{circuit_id}")
def circuit(request: Request, visitor: OfMember, circuit_id: str) -> Response:
    """One circuit: where it runs, what happened to it, and what can be done about it now."""
    desk = desk_of(request)
    held = own_circuit(desk, visitor, circuit_id)
    found = circuit_document(desk.holdings(), held, desk.now())
    on_glass = held.circuit.is_fibre and found["state"] in LIVE
    return shown(
        request,
        f"Circuit {circuit_id}",
        [Part(blocks=readable(plain(circuit_view(found))))],
        lead=f"{_where(found)}: {words(found['state'])}.",
        trail=[HOME, CIRCUITS],
        actions=[(f"/me/circuits/{circuit_id}/sheet", "Connection sheet")] if on_glass else [],
        illustrative=found["illustrative"],
        template="circuit.html",
        more={"circuit": found, "can_answer": found["state"] == OFFERED and _may_answer(desk, visitor, held)},
    )


def _may_answer(desk: Desk, visitor: Visitor, held: Standing) -> bool:
    group = desk.holdings().network.group_of
    return visitor.may("user") and group(held.circuit.member) == group(visitor.member)


@router.post("/me/circuits/{circuit_id}/accept")
def accept(request: Request, visitor: Deciding, circuit_id: str) -> Response:
    """Take up an offer."""
    accept_offer(request, visitor, circuit_id)
    return RedirectResponse(f"/me/circuits/{circuit_id}", 303)


@router.post("/me/circuits/{circuit_id}/decline")
def decline(request: Request, visitor: Deciding, circuit_id: str) -> Response:
    """Leave an offer."""
    decline_offer(request, visitor, circuit_id)
    return RedirectResponse(f"/me/circuits/{circuit_id}", 303)


@router.get("/me/circuits/{circuit_id}/sheet")
def sheet(request: Request, visitor: OfMember, circuit_id: str) -> Response:
    """The connection sheet as a page to print: strands, tubes, colours, splices, loss."""
    desk = desk_of(request)
    held = own_circuit(desk, visitor, circuit_id)
    if not held.circuit.is_fibre:
        raise Refusal("not_found", "A place in a rack has no connection sheet.", "Its circuit page says where it is.")
    found = sheet_for(desk, visitor, circuit_id)
    blocks = readable(sheet_view(found))
    return shown(
        request,
        f"Connection sheet of {circuit_id}",
        [Part(blocks=blocks)],
        lead="For the crew at the frame: which strand of which tube goes where. Print this page from your browser.",
        trail=[HOME, CIRCUITS, (f"/me/circuits/{circuit_id}", circuit_id)],
        illustrative=found["illustrative"],
    )


@router.get("/me/works")
def works(request: Request, visitor: OfMember) -> Response:
    """Works that touch one's own circuits first, then all that are on record."""
    desk = desk_of(request)
    found, now = works_for(desk, visitor), desk.now().isoformat()
    ahead = [w for w in found["works"] if w["state"] == PLANNED and w["to"] > now]
    mine = [w for w in ahead if w["tell"]] if visitor.member else []
    parts = [Part(f"{w['works']}: {w['why'] or 'planned works'}", readable(plain(works_view(w)))) for w in mine]
    every = Part("All works on record", readable(works_list_view(found)))
    touched = len(mine)
    lead = {
        0: "None of your circuits is touched by works that are planned.",
        1: "One planned work touches your circuits.",
    }
    return shown(
        request,
        "Planned works",
        [*parts, every],
        lead=lead.get(touched, f"{touched} planned works touch your circuits.") if visitor.member else "",
        trail=[HOME],
        illustrative=desk.holdings().network.illustrative,
    )


TIME = re.compile(r"\b(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::\d\d(?:\+00:00|Z)?)?)?(?![\w-])")


def readable(blocks: Iterable[Block]) -> list[Block]:
    """Blocks with days and times as people read them."""
    return [_readable(block) for block in blocks]


def _readable(block: Block) -> Block:
    match block:
        case Fields(items):
            return Fields(tuple((name, in_words(value)) for name, value in items))
        case Table():
            return replace(block, rows=tuple(tuple(in_words(cell) for cell in row) for row in block.rows))
        case Para(text):
            return replace(block, text=in_words(text))
        case _:
            return block


def in_words(text: str) -> str:
    """A text whose days and times are as people read them.

    >>> in_words("2027-04-01 to 2027-04-13T09:00:00+00:00")
    '1 April 2027 to 13 April 2027, 09:00 UTC'
    """
    return TIME.sub(lambda found: f"{day(found[1])}, {found[2]} UTC" if found[2] else day(found[1]), text)
