"""What a member's requests got, round by round: how much, why not more in plain words and on the map, what else is free."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from cni.portal.asking import decided_lines, explained, group_circuits, opened_pack
from cni.portal.desk import Desk
from cni.portal.pages.reasons import map_values, reason_map, reason_parts
from cni.portal.pages.shown import Part, shown
from cni.portal.problems import not_there
from cni.portal.reading import rounds_by_date, told_round
from cni.portal.visitors import User, Visitor, desk_of
from cni.portal.web import moment
from cni.rounds.lifecycle import OFFERED, state_on
from cni.views.award import UNITS
from cni.views.blocks import table
from cni.views.holdings import Document, circuit_row, words

router = APIRouter()
HOME, RESULTS = ("/me", "Your pages"), ("/me/results", "Results")


def own_lines(desk: Desk, visitor: Visitor, round_id: str) -> list[Document]:
    """The awards' lines on the requests of the visitor's group. Raises Refusal before publication."""
    group = opened_pack(desk, visitor, round_id).network.group_of
    return [row for row in decided_lines(desk, visitor, round_id) if group(row["member"]) == group(visitor.member)]


@router.get("/me/results")
def results(request: Request, visitor: User) -> Response:
    """Rounds that were decided, with how much of one's own was granted."""
    desk = desk_of(request)
    rows = []
    for found in rounds_by_date(desk):
        if found.published_at:
            own = own_lines(desk, visitor, found.id)
            full = sum(1 for r in own if r["granted"] >= r["requested"])
            part = sum(1 for r in own if 0 < r["granted"] < r["requested"])
            rows.append((found.id, moment(found.published_at), len(own), full, part, len(own) - full - part))
    empty = "no round has been published yet"
    content = table("round published >requests >in_full >in_part >not_granted", rows, empty=empty)
    return shown(
        request,
        "Results",
        [Part(blocks=[content], links={"round": "/me/results/{}"})],
        lead="What your member asked for and what it got, round by round.",
        trail=[HOME],
    )


@router.get("/me/results/{round_id}")
def one_round(request: Request, visitor: User, round_id: str) -> Response:
    """Each request of one's own: asked, got, and why not more in a sentence."""
    desk = desk_of(request)
    found, own = told_round(desk, round_id), own_lines(desk, visitor, round_id)
    rows = [(r["request"], r["member"], _what(r), _amount(r, "requested"), _amount(r, "granted"), _why(r)) for r in own]
    content = table("request member what asked got ~why_not_more", rows, empty="your member asked for nothing")
    until = found.calendar.accept_by(found.published_at) if found.published_at else None
    return shown(
        request,
        f"Results of round {round_id}",
        [Part(blocks=[content], links={"request": f"/me/results/{round_id}/{{}}"})],
        lead=f"Offers can be accepted before {moment(until)}. Each request leads to its reason, its map and its offers.",
        trail=[HOME, RESULTS],
        actions=[(f"/audit/rounds/{round_id}", "Check the whole round")],
        illustrative=opened_pack(desk, visitor, round_id).network.illustrative,
    )


def _what(row: Document) -> str:
    return "fibre" if row["kind"] == "fibre" else "room in a rack"


def _amount(row: Document, which: str) -> str:
    unit = UNITS.get(row["kind"], "units")
    return f"{row[which]} {unit.removesuffix('s') if row[which] == 1 else unit}"


def _why(row: Document) -> str:
    if row["reasons"]:
        return str(row["reasons"][0]["text"])
    return "granted in full" if row["granted"] >= row["requested"] else "-"


@router.get("/me/results/{round_id}/{request_id}")
def one_request(request: Request, visitor: User, round_id: str, request_id: str) -> Response:
    """Why a request got what it got, on the map too; what is free nearby; the offers that came of it."""
    desk = desk_of(request)
    found = _own(desk, visitor, round_id, request_id)
    return shown(
        request,
        f"Request {request_id}: {_amount(found, 'granted')} of {found['requested']}",
        reason_parts(found),
        lead=found["summary"],
        trail=[HOME, RESULTS, (f"/me/results/{round_id}", f"Round {round_id}")],
        illustrative=opened_pack(desk, visitor, round_id).network.illustrative,
        template="result.html",
        more={
            **map_values(found, f"/me/results/{round_id}/{request_id}"),
            "offers": _offers(desk, visitor, round_id, request_id),
            "words_of": words,
        },
    )


def _own(desk: Desk, visitor: Visitor, round_id: str, request_id: str) -> Document:
    if request_id not in {row["request"] for row in own_lines(desk, visitor, round_id)}:
        raise not_there()
    return explained(desk, visitor, round_id, request_id)


def _offers(desk: Desk, visitor: Visitor, round_id: str, request_id: str) -> list[dict[str, Any]]:
    """The circuits that came of a request, with what can be done about each."""
    holdings, now = desk.holdings(), desk.now()
    mine = (s for s in group_circuits(desk, visitor) if (s.round, s.circuit.request) == (round_id, request_id))
    return [{**circuit_row(holdings, s, now), "open": state_on(s, now) == OFFERED} for s in mine]


@router.get("/me/results/{round_id}/{request_id}/map.svg")
def map_(request: Request, visitor: User, round_id: str, request_id: str) -> Response:
    """The map of it: what was granted, and where it binds."""
    _own(desk_of(request), visitor, round_id, request_id)
    return reason_map(desk_of(request), visitor, round_id, request_id)
