"""What every member may check: rounds with their whole packs, the reason of each request, verification, the log of all that was done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from cni.portal import log
from cni.portal.asking import explained, pack_of_request, published_pack, published_packs
from cni.portal.desk import Desk
from cni.portal.pages.reasons import map_values, reason_map, reason_parts
from cni.portal.pages.shown import Part, plain, shown
from cni.portal.problems import Refusal
from cni.portal.reading import STATES, rounds_by_date
from cni.portal.visitors import OfMember, SignedIn, Visitor, desk_of
from cni.portal.web import download, moment, page
from cni.views.award import award_view, verify_view
from cni.views.blocks import Fields, table
from topology.canonical import canonical_bytes

Document = dict[str, Any]
router = APIRouter()
HOME = ("/audit", "Audit")
ENTRIES = 50
"""Entries of the log in one page."""


@router.get("/audit")
def audit(request: Request, visitor: SignedIn) -> Response:
    """Rounds that can be checked, and the head of the log to note."""
    desk = desk_of(request)
    rounds = rounds_by_date(desk)
    ready = [r for r in rounds if r.published_at]
    rows = [(r.id, STATES[r.state], moment(r.published_at), r.on) for r in ready]
    waiting = [(r.id, STATES[r.state], moment(r.calendar.gate)) for r in rounds if r not in ready]
    number, digest = log.head(desk)
    head = Fields((("entries", str(number)), ("digest of the last", digest)))
    keep = "Note this digest somewhere else. Later the command below finds a log that was cut or written anew since."
    return shown(
        request,
        "Audit",
        [
            Part(
                "Rounds",
                [table("round state published decided_as_of", rows, empty="no round has been published yet")],
                {"round": "/audit/rounds/{}" if visitor.may("member") else "/rounds/{}"},
            ),
            *(
                [Part("Not yet decided", [table("round state gate", waiting)], {"round": "/rounds/{}"})]
                if waiting
                else []
            ),
            Part("The log", [head], words=keep, command=f"cni audit verify --head {digest}"),
        ],
        lead="Everybody in the co-operative may check every decision and every change, and need not trust this server to do it.",
        actions=[("/audit/log", "Read the log")],
    )


Attempt = Annotated[int | None, Query(ge=1, le=1000)]
"""Which award of a round: after an appeal there is another one, of what was set aside. The last where none is named."""


@router.get("/audit/rounds/{round_id}")
def one_round(request: Request, visitor: OfMember, round_id: str, attempt: Attempt = None) -> Response:
    """The award of a round with its reasons, its whole pack, and how to check both."""
    return _round(request, visitor, round_id, attempt)


@router.post("/audit/rounds/{round_id}/verify")
def verify(request: Request, visitor: OfMember, round_id: str, attempt: Attempt = None) -> Response:
    """The same page with what the server found when it checked the pack."""
    desk = desk_of(request)
    published_pack(desk, visitor, round_id, attempt)
    if not desk.checks.allows(visitor.known.id, desk.ticks()):
        raise Refusal("too_many", "There were too many checks in a short time.", retry_after=60)
    return _round(request, visitor, round_id, attempt, log.verified_pack(desk, visitor, round_id, attempt))


def _round(
    request: Request, visitor: Visitor, round_id: str, attempt: int | None, found: Document | None = None
) -> Response:
    desk = desk_of(request)
    packs = published_packs(desk, visitor, round_id)
    count = len(packs)
    pack, number = published_pack(desk, visitor, round_id, attempt), attempt or count
    award, which = pack["award"], f"?attempt={number}" if count > 1 else ""
    name = f"{round_id}-{number}.json" if which else f"{round_id}.json"
    others = [(n, f"/audit/rounds/{round_id}?attempt={n}") for n in range(1, count + 1) if n != number]
    blocks = plain(award_view(award))
    links = {"request": f"/audit/rounds/{round_id}/requests/{{}}"}
    head = f"What was decided, as of {award['on']}"
    return shown(
        request,
        f"Audit of round {round_id}" + (f", award {number} of {count}" if which else ""),
        [Part(head, blocks, links)],
        lead=_set_aside(packs, award["digest"]) or "Each request leads to the reason of what it got.",
        trail=[HOME],
        actions=[(f"/audit/rounds/{round_id}/pack.json{which}", f"Download the whole pack ({_size(desk, pack)})")],
        illustrative=award["illustrative"],
        template="audit_round.html",
        more={
            "others": others,
            "again": _why_again(packs),
            "check": f"/audit/rounds/{round_id}/verify{which}",
            "checked": None if found is None else list(verify_view(found)),
            "holds": found is not None and found["ok"],
            "command": f"cni verify {name} --digest {award['digest']}",
        },
    )


def _values(packs: Iterable[Document]) -> list[Document]:
    """The overrides that put a public value right, each once, in order (rule G8)."""
    every = [o for pack in packs for o in pack.get("round", {}).get("overrides", ())]
    return list({o["number"]: o for o in every if o["kind"] == "value" and o["confirmed_by"]}.values())


def _set_aside(packs: Iterable[Document], digest: str) -> str:
    """Of an award that never was published: by what it was set aside. Empty for any other."""
    for override in _values(packs):
        body = override["body"]
        if body["award"] == digest:
            who = f"{override['proposed_by']} proposed and {override['confirmed_by']} confirmed"
            values = f"{body['instead_of']}, and the source printed {body['public_value']}"
            return f"This award was set aside before publication: it was drawn with {values}, as {who}."
    return ""


def _why_again(packs: Iterable[Document]) -> str:
    """Why a round has more awards than one."""
    said = []
    if _values(packs):
        said.append("A public value was mistyped and put right before publication, so the round was decided again.")
    if any(pack.get("round", {}).get("lot") is not None for pack in packs):
        said.append("An appeal was upheld, so part of this round was decided again.")
    return " ".join(said)


def _size(desk: Desk, pack: Document) -> str:
    size = desk.kept(("size of pack", pack["digest"]), lambda _: len(canonical_bytes(pack)) + 1)
    return f"{size / 1024:.0f} kB"


@router.get("/audit/rounds/{round_id}/pack.json")
def pack_file(request: Request, visitor: OfMember, round_id: str, attempt: Attempt = None) -> Response:
    """The whole pack as a file: the bytes that `cni round export` writes."""
    pack = published_pack(desk_of(request), visitor, round_id, attempt)
    name = round_id if attempt is None else f"{round_id}-{attempt}"
    return download(canonical_bytes(pack) + b"\n", f"{name}.json", "application/json")


@router.get("/audit/rounds/{round_id}/requests/{request_id}")
def one_request(request: Request, visitor: OfMember, round_id: str, request_id: str) -> Response:
    """Why a request got what it got, in words and on the map: what its member reads, whoever looks."""
    desk = desk_of(request)
    found, pack = explained(desk, visitor, round_id, request_id), pack_of_request(desk, visitor, round_id, request_id)
    return shown(
        request,
        f"Request {request_id} of {found['member']}",
        reason_parts(found),
        lead=found["summary"],
        trail=[HOME, (f"/audit/rounds/{round_id}", f"Round {round_id}")],
        illustrative=pack["award"]["illustrative"],
        template="audit_request.html",
        more={
            **map_values(found, f"/audit/rounds/{round_id}/requests/{request_id}"),
            "command": f"cni round explain {request_id} --round {round_id}",
        },
    )


@router.get("/audit/rounds/{round_id}/requests/{request_id}/map.svg")
def request_map(request: Request, visitor: OfMember, round_id: str, request_id: str) -> Response:
    """The map of it: what was granted, and where it binds."""
    return reason_map(desk_of(request), visitor, round_id, request_id)


@router.get("/audit/log")
def entries(
    request: Request, visitor: SignedIn, after: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None
) -> Response:
    """The log in pages; the newest entries where no page is asked for."""
    desk = desk_of(request)
    last, digest = log.head(desk)
    begin = max(0, last - ENTRIES) if after is None else after
    found = log.log_page(desk, begin, ENTRIES)["entries"]
    values = {
        "entries": found,
        "last": last,
        "digest": digest,
        "older": max(0, begin - ENTRIES) if begin > 0 else None,
        "newer": found[-1]["number"] if found and found[-1]["number"] < last else None,
    }
    return page(request, "audit_log.html", "The log", values)
