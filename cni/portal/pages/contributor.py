"""What a contributor sees: its spans and what others use of them, what it is paid line by line, what it takes back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from billing.documents.document import CREDIT_NOTE, INVOICE
from billing.documents.words import TITLES
from billing.pence import pounds
from cni.portal.asking import own_document, own_documents, recalls_for
from cni.portal.desk import Desk
from cni.portal.pages.shown import Part, plain, shown
from cni.portal.problems import Refusal, not_there
from cni.portal.visitors import Contributor, Visitor, act_of, desk_of
from cni.rounds.recalls import Asked, plan
from cni.views.bill_document import document_view
from cni.views.blocks import Block, Fields, table
from cni.views.holdings import Audience, circuits_document, words
from cni.views.offers import offer_for
from cni.views.recall import recall_document, recalls_document, recalls_view
from topology.disclosure import coder
from topology.model import Span

Document = dict[str, Any]
router = APIRouter()
HOME = ("/me", "Your pages")
CHARGES = (INVOICE, CREDIT_NOTE)
"""Kinds of documents that ask a member for money or give it back; all others pay a contributor."""


def own_spans(desk: Desk, visitor: Visitor) -> list[Document]:
    """The figures of today of each span that the visitor's member owns, as `cni network offer --live` tells them."""
    found, member, today = desk.holdings(), visitor.member, desk.today()

    def made(_: object) -> list[Document]:
        rows = offer_for(found.held, today, None, "member", member)["spans"]
        return [row for row in rows if found.network.spans[row["id"]].owner == member]

    return desk.kept(("own spans", member, today.isoformat()), made)


def own_span(desk: Desk, visitor: Visitor, span_id: str) -> Document:
    """One of them. Raises Refusal for any other."""
    found = next((row for row in own_spans(desk, visitor) if row["id"] == span_id), None)
    if found is None:
        raise not_there()
    return found


@router.get("/me/spans")
def spans(request: Request, visitor: Contributor) -> Response:
    """Every span of one's own, with what is used of it."""
    desk = desk_of(request)
    network, rows = desk.holdings().network, own_spans(desk, visitor)
    lines = [(row["id"], *_ends(network.spans[row["id"]]), *_figures(row)) for row in rows]
    titles = "span from to >km >installed >own_use >set_aside_besides >in_use_by_others >spare_pairs"
    content = table(titles, lines, empty="your member owns no span")
    used, whole = sum(r["live"] for r in rows), sum(r["technical"] for r in rows)
    return shown(
        request,
        "Your spans",
        [Part(blocks=[content], links={"span": "/me/spans/{}"})],
        lead=f"{len(rows)} spans. Others use {used} of their {whole} strands today. A pair is two strands.",
        trail=[HOME],
        illustrative=network.illustrative,
    )


def _ends(span: Span) -> tuple[str, str, str]:
    return span.start, span.end, f"{span.length_m / 1000:.1f}"


def _figures(row: Document) -> tuple[int, ...]:
    besides = row["reserve"] + row["maintenance_spare"] + row["recalled"]
    return row["technical"], row["own_use"], besides, row["live"], row["pairs"]


@router.get("/me/spans/{span_id}")
def span(request: Request, visitor: Contributor, span_id: str) -> Response:
    """One span of one's own: its strands one figure after the other, and the circuits on it by their codes."""
    desk = desk_of(request)
    row, found = own_span(desk, visitor, span_id), desk.holdings()
    fields = (
        ("installed and in service", f"{row['technical']} strands"),
        ("your own use", f"{row['own_use']} strands"),
        ("reserve", f"{row['reserve']} strands"),
        ("kept for repairs", f"{row['maintenance_spare']} strands"),
        ("taken back", f"{row['recalled']} strands"),
        ("in use by others", f"{row['live']} strands"),
        ("spare", f"{row['offered']} strands, {row['pairs']} pairs"),
    )
    live = [s for s in found.standings.values() if span_id in s.circuit.spans and s.circuit.holds_on(desk.today())]
    document = circuits_document(found, live, desk.now(), Audience("member"))
    lines = [(c["circuit"], words(c["state"]), c["start"], c["end"] or "open") for c in document["circuits"]]
    hidden = len(live) - len(lines)
    more = f"and {hidden} more, over spans that their owners show to nobody" if hidden else ""
    used = table("circuit state from to", lines, empty="no circuit is on it today", more=more)
    a, b, km = _ends(found.network.spans[span_id])
    about = "Each circuit takes one pair here. Codes stand for circuits, so that no provider's network can be read off."
    return shown(
        request,
        f"Span {span_id}",
        [Part("Strands", [Fields(fields)]), Part("What is used", [used], words=about)],
        lead=f"From {a} to {b}, {km} km, as of today.",
        trail=[HOME, ("/me/spans", "Your spans")],
        illustrative=found.network.illustrative,
    )


@router.get("/me/fees")
def fees(request: Request, visitor: Contributor, document: str = "") -> Response:
    """Every statement and self-billed invoice, and the newest, or the one that is asked for, with each sum spelled out."""
    desk = desk_of(request)
    rows = [r for r in own_documents(desk, visitor) if r["kind"] not in CHARGES]
    chosen = document or (rows[0]["number"] if rows else "")
    if chosen and chosen not in {r["number"] for r in rows}:
        raise not_there()
    parts = [Part("All documents", [_listed(rows)], {"number": "/me/fees?document={}"})]
    whole = own_document(desk, visitor, chosen) if chosen else None
    if whole is not None:
        blocks = plain(document_view(whole))
        parts = [Part(f"{TITLES[whole['kind']]} {chosen}, sum by sum", blocks), *parts]
    return shown(
        request,
        "Fees",
        parts,
        lead="What your member is paid for the use of its fibre. Each line says what was used, how long, and at which rate.",
        trail=[HOME],
        illustrative=whole is not None and whole["illustrative"],
    )


def _listed(rows: list[Document]) -> Block:
    lines = [
        (
            r["number"],
            TITLES[r["kind"]],
            r["issued"],
            pounds(r["net_pence"]),
            pounds(r["tax_pence"]),
            pounds(r["net_pence"] + r["tax_pence"]),
        )
        for r in rows
    ]
    titles = "number kind issued >net,_£ >VAT,_£ >total,_£"
    return table(titles, lines, empty="nothing is final yet; it appears here once a quarter is billed")


@router.get("/me/recalls")
def recalls(
    request: Request,
    visitor: Contributor,
    span: Annotated[str, Query(max_length=64)] = "",
    strands: Annotated[int, Query(ge=0, le=10_000)] = 0,
    on: date | None = None,
) -> Response:
    """The recalls of one's own that are on record, and what the next one would do; looking writes nothing."""
    desk = desk_of(request)
    found = desk.holdings()
    document = own_recalls(desk, visitor)
    days = found.default.recall_days
    asked = Asked(span, strands, on, visitor.member) if span and on is not None else None
    looked = (
        [Part(f"If you take {strands} strands of {span} back on {on}", _effect(request, visitor, asked))]
        if asked
        else []
    )
    listed = Part("On record", list(recalls_view(document)), {"span": "/me/spans/{}"})
    return shown(
        request,
        "Recalls",
        [*looked, listed],
        lead="What your member takes back of its fibre, and which circuits give way, by their codes.",
        trail=[HOME],
        illustrative=found.network.illustrative,
        template="recalls.html",
        more={
            "days": days,
            "first": (desk.today() + timedelta(days=days)).isoformat(),
            "spans": [row["id"] for row in own_spans(desk, visitor)],
            "asked": asked,
        },
    )


def own_recalls(desk: Desk, visitor: Visitor) -> Document:
    """The recalls of the visitor's member; whoever gives way is a code, where members see the span at all."""
    coded = recalls_document(desk.holdings(), Audience("member"))
    told = {(r["span"], r["on"]): r for r in coded["recalls"]}
    mine = [r for r in recalls_for(desk, visitor)["recalls"] if r["contributor"] == visitor.member]
    return {**coded, "recalls": [told.get((r["span"], r["on"]), r) for r in mine]}


def _effect(request: Request, visitor: Visitor, asked: Asked) -> list[Block]:
    """What a recall would do, as `cni recall plan` tells it, without other members' routes. Raises BadInput, Refusal."""
    desk = desk_of(request)
    own_span(desk, visitor, asked.span)
    if not desk.checks.allows(visitor.known.id, desk.ticks()):
        raise Refusal("too_many", "There were too many checks in a short time.", retry_after=60)
    document = recall_document(plan(desk.engine, act_of(request, visitor), asked))
    code = coder(desk.holdings().network, "member")
    rows = [
        (code(a["circuit"]), words(a["state"]), a["ends"], "another way" if a["replacement"] else "nothing")
        for a in document["affected"]
    ]
    gives = table("circuit state gives_way_on offered_instead", rows, empty="no circuit has to give way")
    return [Fields((("spare then", f"{document['spare']} strands"), ("circuits that give way", str(len(rows))))), gives]
