"""What a visitor can change: hand in and take back sealed files, accept and decline offers, plan works.

Each is one change of the house with its audit entry. With a key it acts once: the same message sent again gets what stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from fastapi import Request

from cni.portal.asking import own_circuit, own_receipt, own_receipts
from cni.portal.desk import Desk
from cni.portal.problems import Refusal
from cni.portal.visitors import Visitor, act_of, desk_of
from cni.rounds import circuit_acts, submissions
from cni.rounds import works as planned
from cni.rounds.act import Act, Key
from cni.rounds.circuits import Standing
from cni.rounds.outages import Works
from cni.rounds.receipts import Receipt
from cni.rounds.works import Told
from cni.sealing import digest_of_file
from topology.problems import BadInput

KEY = "idempotency-key"
REPEATED = "repeated"

DECISIONS = {"accept": circuit_acts.accept, "decline": circuit_acts.decline}

T = TypeVar("T")


def _act(request: Request, visitor: Visitor, what: str) -> Act:
    """The visitor's act, with the key that came with it; `what` is all that the message asks for."""
    text = request.headers.get(KEY, "")
    digest = hashlib.sha256(what.encode()).hexdigest()
    return act_of(request, visitor, Key(text, digest) if text else None)


def _once(act: Callable[[], T], again: Callable[[], T]) -> T:
    """Act; where this very message acted before, what stands."""
    try:
        return act()
    except BadInput as bad:
        if bad.problems[0].code != REPEATED:
            raise
        return again()


def _limited(desk: Desk, visitor: Visitor) -> None:
    if not desk.writes.allows(visitor.person.id if visitor.person else "", desk.ticks()):
        raise Refusal("too_many", "There were too many changes in a short time.", retry_after=60)


def submit_sealed(request: Request, visitor: Visitor, round_id: str, data: bytes) -> Receipt:
    """Take in a sealed file. The time that counts is the server's, now that it has every byte.

    Raises Refusal `too_many`, and BadInput as `submissions.submit`.
    """
    desk, digest = desk_of(request), digest_of_file(data)
    _limited(desk, visitor)
    act = _act(request, visitor, f"submit {round_id} {visitor.member} {digest}")

    def again() -> Receipt:
        return next(r for r in own_receipts(desk, visitor, round_id) if r.digest == digest)

    return _once(lambda: submissions.submit(desk.engine, act, round_id, visitor.member, data), again)


def withdraw_sealed(request: Request, visitor: Visitor, round_id: str, number: int) -> Receipt:
    """Take a sealed file back before the gate. Raises Refusal, and BadInput as `submissions.withdraw`."""
    desk = desk_of(request)
    _limited(desk, visitor)
    own_receipt(desk, visitor, round_id, number)
    act = _act(request, visitor, f"withdraw {round_id} {number}")
    return _once(
        lambda: submissions.withdraw(desk.engine, act, round_id, number, visitor.member),
        lambda: own_receipt(desk, visitor, round_id, number),
    )


def accept_offer(request: Request, visitor: Visitor, circuit_id: str) -> Standing:
    """Take up an offer. Raises Refusal for another's and for `too_many`, and BadInput as `circuit_acts.accept`."""
    return _decided(request, visitor, circuit_id, "accept")


def decline_offer(request: Request, visitor: Visitor, circuit_id: str) -> Standing:
    """Leave an offer. Raises Refusal for another's and for `too_many`, and BadInput as `circuit_acts.decline`."""
    return _decided(request, visitor, circuit_id, "decline")


def _decided(request: Request, visitor: Visitor, circuit_id: str, verb: str) -> Standing:
    desk = desk_of(request)
    _limited(desk, visitor)
    own_circuit(desk, visitor, circuit_id)
    act, use = _act(request, visitor, f"{verb} {circuit_id}"), DECISIONS[verb]
    return _once(lambda: use(desk.engine, act, circuit_id), lambda: own_circuit(desk, visitor, circuit_id))


def plan_works(request: Request, visitor: Visitor, wanted: Works, why: str) -> Told:
    """Plan works; nothing is planned where a circuit would lose both of its legs, and the answer names it.

    Raises Refusal `too_many`, and BadInput as `works.plan` of `cni.rounds`.
    """
    desk = desk_of(request)
    _limited(desk, visitor)
    act = _act(request, visitor, f"works {_spelled(wanted)} {why}")
    told = Act(act.who, act.at, f"{why} ({act.why})" if why else act.why, act.clock_given, key=act.key)
    return _once(lambda: planned.plan(desk.engine, told, wanted), lambda: planned.show(desk.engine, wanted.id))


def _spelled(works: Works) -> str:
    """All that works ask for, the same in every process: sets have no order of their own."""
    parts = (works.spans, works.nodes, works.risk_groups, works.agreed)
    return f"{works.id} {works.start.isoformat()} {works.end.isoformat()} {[sorted(part) for part in parts]}"


def cancel_works(request: Request, visitor: Visitor, works_id: str) -> Told:
    """Call planned works off. Raises Refusal `too_many`, and BadInput as `works.cancel` of `cni.rounds`."""
    desk = desk_of(request)
    _limited(desk, visitor)
    act = _act(request, visitor, f"cancel {works_id}")
    return _once(lambda: planned.cancel(desk.engine, act, works_id), lambda: planned.show(desk.engine, works_id))


def accept_for(request: Request, visitor: Visitor, circuit_id: str) -> Standing:
    """The coordinator takes up an offer for the member that it was made to; the log says for whom.

    Raises Refusal, and BadInput as `circuit_acts.accept`.
    """
    desk = desk_of(request)
    _limited(desk, visitor)
    held = own_circuit(desk, visitor, circuit_id)
    own = _act(request, visitor, f"accept {circuit_id}")
    act = replace(own, why=f"for {held.circuit.member} ({own.why})")
    use = circuit_acts.accept
    return _once(lambda: use(desk.engine, act, circuit_id), lambda: own_circuit(desk, visitor, circuit_id))


def try_works(request: Request, visitor: Visitor, wanted: Works, why: str) -> Told:
    """What `plan_works` would do and who must be told; nothing is planned. Raises as `plan_works`."""
    desk = desk_of(request)
    _limited(desk, visitor)
    act = replace(_act(request, visitor, ""), why=why, dry_run=True, key=None)
    return planned.plan(desk.engine, act, wanted)
