"""What came in, told without reading it: receipts, withdrawals, and the ordered list that is fixed at the gate (rule G4)."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from cni import sealing
from cni.rounds import notice, overrides
from cni.store.audit import Change
from cni.store.schema import audit, closing, opening, sealed, withdrawal
from cni.store.schema import request as readable
from topology.about import SOFTWARE
from topology.canonical import canonical_bytes, digest_of

RECEIPT, CLOSING = "cni.receipt/1", "cni.closing/1"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of a submission: its number in the round, the SHA-256 of what came, and when the house had it.

    `entry` and `entry_digest`: the entry of the audit log that wrote it, which ties its place in the order of all things to
    the log. `gate`: as the calendar had it then; None where there was none.
    """

    round: str
    number: int
    member: str
    digest: str
    size: int
    received: str
    paper: bool = False
    withdrawn: bool = False
    entry: int = 0
    entry_digest: str = ""
    gate: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The receipt as a document."""
        return {"schema": RECEIPT, "software": SOFTWARE, **{name: getattr(self, name) for name in self.__slots__}}


def withdrawn(connection: Connection, round_id: str) -> frozenset[str]:
    """What was withdrawn: `sealed/NUMBER` and `request/ID/VERSION`."""
    return frozenset(connection.execute(select(withdrawal.c.subject).where(withdrawal.c.round == round_id)).scalars())


def of_round(connection: Connection, round_id: str) -> tuple[Receipt, ...]:
    """The receipts of a round, in the order in which they came."""
    gone = withdrawn(connection, round_id)
    columns = (sealed.c.number, sealed.c.member, sealed.c.digest, sealed.c.size, sealed.c.received, sealed.c.audit)
    kind, entry = func.substr(sealed.c.body, 1, 6).label("kind"), audit.c.digest.label("entry_digest")
    wanted = select(*columns, kind, entry).select_from(sealed.join(audit, audit.c.number == sealed.c.audit))
    gate_at = _Gates(connection, round_id)
    return tuple(
        Receipt(
            round_id,
            r.number,
            r.member,
            r.digest,
            r.size,
            r.received,
            r.kind == "paper:",
            f"sealed/{r.number}" in gone,
            r.audit,
            r.entry_digest,
            gate_at(r.audit),
        )
        for r in connection.execute(wanted.where(sealed.c.round == round_id).order_by(sealed.c.number))
    )


class _Gates:
    """The gate of a round as it stood at an entry of the audit log."""

    def __init__(self, connection: Connection, round_id: str) -> None:
        self.published = notice.calendar(notice.read_head(connection, round_id)).as_json()["gate"]
        moved = overrides.gates_moved(connection, round_id)
        self.moved = [(entry, gate.isoformat(timespec="seconds")) for entry, gate in moved]

    def __call__(self, entry: int) -> str | None:
        return next((gate for since, gate in reversed(self.moved) if since < entry), self.published)


def bytes_of(connection: Connection, round_id: str, number: int) -> bytes:
    """The sealed bytes of a submission; of a paper one its seal number."""
    text = connection.execute(
        select(sealed.c.body).where(sealed.c.round == round_id, sealed.c.number == number)
    ).scalar_one()
    return text.removeprefix("paper:").encode() if text.startswith("paper:") else base64.b64decode(text)


def fix(change: Change, round_id: str) -> None:
    """Write down the ordered list of everything that came in, within the change that closes the gate (rule G4).

    Of requests that were not sealed it holds digests too, so that none can be exchanged between gate and award.
    """
    connection = change.connection
    plain = connection.execute(
        select(readable.c.request, readable.c.version, readable.c.member, readable.c.received, readable.c.body)
        .where(readable.c.round == round_id)
        .order_by(readable.c.request, readable.c.version)
    )
    body = {
        "schema": CLOSING,
        "round": round_id,
        "closed_at": change.at,
        "sealed": [
            {k: getattr(r, k) for k in ("number", "member", "digest", "size", "received", "paper", "withdrawn")}
            for r in of_round(connection, round_id)
        ],
        "requests": [
            {
                "request": row.request,
                "version": row.version,
                "member": row.member,
                "received": row.received,
                "digest": sealing.digest_of_file(row.body.encode()),
            }
            for row in plain
        ],
        "withdrawn": sorted(withdrawn(connection, round_id)),
    }
    change.add(closing, round=round_id, body=canonical_bytes(body).decode(), digest=digest_of(body))


def closing_of(connection: Connection, round_id: str) -> dict[str, Any] | None:
    """The list of the gate; None before it."""
    body = connection.execute(select(closing.c.body).where(closing.c.round == round_id)).scalar_one_or_none()
    return None if body is None else dict(json.loads(body))


def is_opened(connection: Connection, round_id: str) -> bool:
    """Whether the sealed submissions were opened."""
    return connection.execute(select(opening.c.digest).where(opening.c.round == round_id)).first() is not None
