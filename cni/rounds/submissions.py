"""What comes in before the gate (rules G3, G4): sealed files with receipts, withdrawals, and the ordered list at the gate.

Nothing here can read a sealed file. A paper request comes in a closed envelope: its seal number is registered in place of
a file, and the trustees' transcript is given when the round is opened.
"""

from __future__ import annotations

import base64
from dataclasses import replace

from sqlalchemy import Engine, func, select

from cni import sealing
from cni.rounds import life, members, overrides, receipts
from cni.rounds.act import Act, changing, one_line
from cni.rounds.receipts import Receipt, of_round, withdrawn
from cni.store.audit import Change
from cni.store.engine import reading
from cni.store.schema import request as readable
from cni.store.schema import sealed, withdrawal
from topology.problems import bad_input


def submit(engine: Engine, act: Act, round_id: str, member: str, data: bytes, *, envelope: str = "") -> Receipt:
    """Take in a sealed file, or the seal number of a paper envelope, and give a receipt.

    The time of the receipt is the act's, when the house had the bytes. That of the log's entry can be later: another change
    may have been written while this one waited for its turn.

    Raises BadInput where the round is not open to sealed files, after the gate (unless an override admits this very file),
    for what is no age file, for a member that is not registered, and for bytes that came before.
    """
    body = data if not envelope else envelope.encode()
    digest = sealing.digest_of_file(body)
    one_line(envelope, "--envelope")
    if not envelope and not sealing.looks_sealed(data):
        said = "this is no sealed (age) file."
        raise bad_input(said, file="--sealed", code="not_sealed", hint="`cni request seal` makes one.")
    if len(body) > sealing.LARGEST:
        raise bad_input(f"a sealed file has at most {sealing.LARGEST} bytes.", file="--sealed", code="file_too_large")
    with changing(engine, act, f"request submit {round_id} (sealed)") as change:
        found = life.require_state(change.connection, round_id, "open", "closed")
        if not found.is_sealed:
            said = "requests of this round are not sealed."
            raise bad_input(
                said, file="ROUND", value=round_id, code="not_sealed", hint="`cni request import` adds them."
            )
        late = found.state == "closed" or found.calendar.is_past_gate(act.at)
        if late and (
            digest not in overrides.admitted(change.connection, round_id)
            or receipts.is_opened(change.connection, round_id)
        ):
            raise bad_input("the gate is closed; it is refused by rule.", file="ROUND", value=digest, code="late")
        members.require(change.connection, member, "--member")
        held = of_round(change.connection, round_id)
        for same in (r for r in held if r.digest == digest):
            said, hint = "these very bytes came before.", f"They are submission {same.number}, which counts."
            if same.withdrawn:
                hint = f"They are submission {same.number}, which was taken back; `cni request seal` makes other bytes."
            raise bad_input(said, file="--sealed", value=digest, code="duplicate_id", hint=hint)
        text = base64.b64encode(data).decode() if not envelope else f"paper:{envelope}"
        received = act.at.isoformat(timespec="seconds")
        made = Receipt(round_id, len(held) + 1, member, digest, len(body), received, bool(envelope))
        values = {k: getattr(made, k) for k in ("round", "number", "member", "digest", "size", "received")}
        change.add(sealed, **values, body=text)
        if late:  # the list of the gate stays as it was; this entry of the log says how it came in
            change.what += " (admitted by override)"
    gate = found.calendar.as_json()["gate"]
    return replace(made, entry=change.number, entry_digest=change.digest, gate=gate)


def withdraw(engine: Engine, act: Act, round_id: str, number: int, member: str) -> Receipt:
    """Take a sealed submission back before the gate. It stays in the record, and is never opened.

    Raises BadInput after the gate, where the member has none of this number, and where it was withdrawn before.
    """
    with changing(engine, act, f"request withdraw {round_id} {number}") as change:
        _before_gate(change, round_id, act)
        found = [r for r in of_round(change.connection, round_id) if r.number == number]
        if not found or found[0].member != member:
            said = f"{member} has no submission of this number in the round."
            raise bad_input(said, file="--number", value=str(number), code="unknown_id")
        if found[0].withdrawn:
            raise bad_input("it was withdrawn before.", file="--number", value=str(number), code="unchanged")
        change.add(withdrawal, round=round_id, subject=f"sealed/{number}", member=member)
        return next(r for r in of_round(change.connection, round_id) if r.number == number)


def withdraw_request(engine: Engine, act: Act, round_id: str, request_id: str, member: str) -> None:
    """Take back a request that was not sealed, before the gate. Raises BadInput."""
    with changing(engine, act, f"request withdraw {round_id} {request_id}") as change:
        _before_gate(change, round_id, act)
        newest = select(func.max(readable.c.version), func.max(readable.c.member)).where(
            readable.c.round == round_id, readable.c.request == request_id
        )
        version, holder = change.connection.execute(newest).one()
        if version is None or holder != member:
            said = f"{member} has no request of this id in the round."
            raise bad_input(said, file="REQUEST", value=request_id, code="unknown_id")
        subject = f"request/{request_id}/{version}"
        if subject in withdrawn(change.connection, round_id):
            raise bad_input("it was withdrawn before.", file="REQUEST", value=request_id, code="unchanged")
        change.add(withdrawal, round=round_id, subject=subject, member=member)


def _before_gate(change: Change, round_id: str, act: Act) -> None:
    found = life.require_state(change.connection, round_id, "open")
    if found.calendar.is_past_gate(act.at):
        raise bad_input("the gate is closed; nothing can be changed.", file="ROUND", value=round_id, code="late")


def list_receipts(engine: Engine, round_id: str) -> tuple[Receipt, ...]:
    """The receipts of a round. Raises BadInput for an unknown one."""
    with reading(engine) as connection:
        life.state_of(connection, round_id)
        return of_round(connection, round_id)
