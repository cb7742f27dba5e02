"""Questions that pages and the API both ask: what a draft could get, over which routes, what a member holds and was billed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select

from allocation.check import check_requests
from allocation.explain import explanation
from allocation.files.pack import OpenPack, open_pack
from allocation.files.requests import read_requests_text
from cni.portal.desk import Desk
from cni.portal.problems import Refusal, not_there
from cni.portal.reading import told_round
from cni.portal.visitors import Visitor
from cni.rounds import dues, life, packs, receipts
from cni.rounds import works as planned
from cni.rounds.circuits import Standing
from cni.rounds.networks import Held
from cni.rounds.receipts import Receipt
from cni.store.engine import reading
from cni.store.schema_billing import bill_document
from cni.views.holdings import Audience, circuits_document, due_document
from cni.views.recall import recalls_document
from cni.views.works import works_list_document
from topology.about import SOFTWARE
from topology.model import Network
from topology.problems import BadInput, Problem
from topology.routing.routes_report import routes_document
from topology.strands.sheet import sheet_document

Document = dict[str, Any]
MOST_IN_DRAFT = 60
CHECK_WAITS = 10
"""Seconds that a check waits for the one before it: checks share one core, so that pages stay quick."""

INTERNAL = Audience("internal")


def spine_of_round(desk: Desk, round_id: str) -> Held:
    """What a round is decided on. Raises Refusal for an unknown round."""
    found = told_round(desk, round_id)
    return desk.kept(("spine of", round_id), lambda connection: life.spine_of(connection, found))


def checked_draft(desk: Desk, visitor: Visitor, round_id: str, rows: list[Any]) -> Document:
    """A draft looked at as `cni request check` does, on the round's own spine and rules; it is kept nowhere.

    What is wrong stands among the findings, what each request could get alone beside them where nothing is wrong. Raises
    Refusal for too many requests, where many drafts are being checked just now, and for a round that is not there.
    """
    if len(rows) > MOST_IN_DRAFT:
        raise Refusal("file_too_large", f"At most {MOST_IN_DRAFT} requests are checked at once.")
    found, spine = told_round(desk, round_id), spine_of_round(desk, round_id)
    try:
        parsed, remarks = read_requests_text(_a_line_each(rows), "draft.json", spine.network, spine.circuits)
    except BadInput as bad:
        return _only_findings(found.on.isoformat(), spine.network, bad.problems)
    if others := sorted({r.member for r in parsed} - {visitor.member}):
        said = f"a draft of {visitor.member} names another member: {', '.join(others)}."
        problem = Problem("draft.json", 0, "member", others[0], said, code="wrong_member")
        return _only_findings(found.on.isoformat(), spine.network, (problem,))
    if not desk.checking.acquire(timeout=CHECK_WAITS):
        raise Refusal("too_many", "Many drafts are being checked just now.", retry_after=5)
    try:
        document = check_requests(spine.network, spine.circuits, parsed, found.policy, on=found.on)
    finally:
        desk.checking.release()
    return {**document, "findings": [p.as_json() for p in remarks]}


def _a_line_each(rows: list[Any]) -> str:
    """The draft as JSON with a request on each line, so that the line of a finding is the place of its request, from 1."""
    return "[" + ",\n".join(json.dumps(row) for row in rows) + "]"


def _only_findings(on: str, network: Network, problems: Iterable[Problem]) -> Document:
    return {
        "schema": "cni.request_check/1",
        "software": SOFTWARE,
        "inputs": {},
        "on": on,
        "illustrative": network.illustrative,
        "findings": [p.as_json() for p in problems],
        "alone": [],
    }


def routes_of_draft(
    desk: Desk, round_id: str, a: str, b: str, diversity: str, max_m: int | None, *, spare: bool
) -> Document:
    """The routes between two nodes on a round's spine, over spare spans alone where asked. Raises Refusal."""
    found, held = told_round(desk, round_id), spine_of_round(desk, round_id)
    for node in (a, b):
        if node not in held.network.nodes:
            raise Refusal("unknown_id", f"There is no node {node}.")
    if a == b:
        raise Refusal("bad_value", "The two ends are the same node.")

    def made(_: Connection) -> Document:
        asked = [(a, b)]
        return routes_document(
            held.network, asked, found.on, diversity, max_m=max_m, spare=spare, circuits=held.circuits
        )

    return desk.kept(("routes", round_id, a, b, diversity, max_m, spare), made)


def own_receipts(desk: Desk, visitor: Visitor, round_id: str) -> tuple[Receipt, ...]:
    """What the visitor's member handed in to a round; the coordinator sees every receipt, none of them readable.

    Raises Refusal for a round that is not there.
    """
    told_round(desk, round_id)
    with reading(desk.engine) as connection:
        every = receipts.of_round(connection, round_id)
    return tuple(r for r in every if r.member == visitor.member)


def own_receipt(desk: Desk, visitor: Visitor, round_id: str, number: int) -> Receipt:
    """One receipt. Raises Refusal where it is not the visitor's."""
    found = next((r for r in own_receipts(desk, visitor, round_id) if r.number == number), None)
    if found is None:
        raise not_there()
    return found


def group_circuits(desk: Desk, visitor: Visitor) -> list[Standing]:
    """The circuits of the visitor's member group, by id, those that ended too."""
    found = desk.holdings()
    if not visitor.member:
        return []
    group = found.network.group_of(visitor.member)
    mine = (s for s in found.standings.values() if found.network.group_of(s.circuit.member) == group)
    return sorted(mine, key=lambda s: s.circuit.id)


def own_circuit(desk: Desk, visitor: Visitor, circuit_id: str) -> Standing:
    """One circuit of the visitor's group; the coordinator has them all. Raises Refusal."""
    if visitor.may("coordinator"):
        found = desk.holdings().standings.get(circuit_id)
    else:
        found = next((s for s in group_circuits(desk, visitor) if s.circuit.id == circuit_id), None)
    if found is None:
        raise not_there()
    return found


def circuits_for(desk: Desk, visitor: Visitor) -> Document:
    """The list of circuits as the visitor may see it: a member's own, the coordinator's all, else codes."""
    found = desk.holdings()
    return circuits_document(found, found.standings.values(), desk.now(), visitor.sees)


def sheet_for(desk: Desk, visitor: Visitor, circuit_id: str) -> Document:
    """The connection sheet of a circuit that the visitor holds. Raises Refusal."""
    own_circuit(desk, visitor, circuit_id)
    member, held = visitor.member, desk.holdings().held
    on = held.network.as_of or desk.today()  # as the command takes it

    def made(_: Connection) -> Document:
        audience = "member" if member else "internal"
        return sheet_document(held.network, held.circuits, on, circuit=circuit_id, member=member, audience=audience)

    return desk.kept(("sheet", circuit_id, member, on.isoformat()), made)


def works_for(desk: Desk, visitor: Visitor) -> Document:
    """Planned works with whom they touch, as the visitor may see it."""
    return works_list_document(planned.list_works(desk.engine), visitor.sees)


def recalls_for(desk: Desk, visitor: Visitor) -> Document:
    """Every recall on record, as the visitor may see it."""
    return recalls_document(desk.holdings(), visitor.sees)


def due_for_house(desk: Desk) -> Document:
    """What falls due, for the coordinator."""
    found = desk.holdings()
    return due_document(found, dues.everything(found, desk.now()), desk.now(), INTERNAL)


def published_packs(desk: Desk, visitor: Visitor | None, round_id: str) -> tuple[Document, ...]:
    """The complete packs of a round, oldest first: as many as were published; the coordinator's also the one that waits.
    A round that is closed has none that stands, also where one was set aside for a mistyped value (rule G8).

    After an appeal there is a second award, which nobody sees before it is published as the first was; one that was set
    aside before its publication comes with the one that took its place. Raises Refusal where there is none to see.
    """
    found = told_round(desk, round_id)
    every = desk.kept(("packs", round_id), lambda connection: packs.packs(connection, round_id))
    sees_all = visitor is not None and visitor.may("coordinator") and found.state != "closed"
    shown = every if sees_all else every[: found.awards_published]
    if not shown:
        raise not_there()
    return shown


def published_pack(desk: Desk, visitor: Visitor | None, round_id: str, attempt: int | None = None) -> Document:
    """One of them, the last by default; `attempt` counts from 1. Raises Refusal."""
    shown = published_packs(desk, visitor, round_id)
    if attempt is not None and not 1 <= attempt <= len(shown):
        raise not_there()
    return shown[(attempt or len(shown)) - 1]


def opened_pack(desk: Desk, visitor: Visitor, round_id: str) -> OpenPack:
    """The last of them with its parts read. Raises Refusal."""
    return parts_of(desk, published_pack(desk, visitor, round_id))


def parts_of(desk: Desk, pack: Document) -> OpenPack:
    """A pack with its parts read."""
    return desk.kept(("opened pack", pack["digest"]), lambda _: open_pack(pack))


def pack_of_request(desk: Desk, visitor: Visitor, round_id: str, request_id: str) -> Document:
    """The pack of the award that decided a request last. Raises Refusal where none did."""
    for pack in reversed(published_packs(desk, visitor, round_id)):
        if any(line["request"] == request_id for line in pack["award"]["requests"]):
            return pack
    raise not_there()


def decided_lines(desk: Desk, visitor: Visitor, round_id: str) -> list[Document]:
    """For each request of a round the line of the award that decided it last. Raises Refusal before publication."""
    lines: dict[str, Document] = {}
    for pack in published_packs(desk, visitor, round_id):
        lines.update({line["request"]: line for line in pack["award"]["requests"]})
    return list(lines.values())


def explained(desk: Desk, visitor: Visitor, round_id: str, request_id: str) -> Document:
    """Why a request got what it got (`cni.explain/1`). Raises Refusal for one that the round did not decide."""
    opened = parts_of(desk, pack_of_request(desk, visitor, round_id, request_id))
    made = explanation(opened.award, request_id, opened.network, opened.requests)
    return {"round": round_id, **made}


def own_documents(desk: Desk, visitor: Visitor) -> list[Document]:
    """Final documents that name the visitor's member, the newest first: their heads."""
    wanted = select(
        bill_document.c.number, bill_document.c.kind, bill_document.c.issued, bill_document.c.net_pence,
        bill_document.c.tax_pence,
    )  # fmt: skip
    wanted = wanted.where(bill_document.c.party == visitor.member).order_by(
        bill_document.c.issued.desc(), bill_document.c.number.desc()
    )
    with reading(desk.engine) as connection:
        return [dict(row._mapping) for row in connection.execute(wanted)]


def own_document(desk: Desk, visitor: Visitor, number: str) -> Document:
    """One of them. Raises Refusal where it does not name the visitor's member; the coordinator has them all."""
    wanted = select(bill_document.c.body).where(bill_document.c.number == number)
    if not visitor.may("coordinator"):
        wanted = wanted.where(bill_document.c.party == visitor.member)
    with reading(desk.engine) as connection:
        body = connection.execute(wanted).scalar_one_or_none()
    if body is None:
        raise not_there()
    return dict(json.loads(body))
