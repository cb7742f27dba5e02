"""The audit log in pages, and verification on the server."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from allocation.verify import verify_pack
from cni.portal.asking import published_pack
from cni.portal.desk import Desk
from cni.portal.visitors import Visitor
from cni.rounds.history import Entry
from cni.store.audit import last_of
from cni.store.engine import reading
from cni.store.schema import audit
from cni.views.house import log_document

COLUMNS = tuple(audit.c[name] for name in ("number", "at", "who", "what", "why", "digest"))


def log_page(desk: Desk, after: int, limit: int) -> dict[str, Any]:
    """Entries after a number, the oldest first (`cni.audit_log/1`)."""
    wanted = select(*COLUMNS).where(audit.c.number > after).order_by(audit.c.number).limit(limit)
    with reading(desk.engine) as connection:
        return log_document(Entry(*row) for row in connection.execute(wanted))


def head(desk: Desk) -> tuple[int, str]:
    """Number and digest of the last entry."""
    with reading(desk.engine) as connection:
        return last_of(connection)


def verified_pack(desk: Desk, visitor: Visitor, round_id: str, attempt: int | None = None) -> dict[str, Any]:
    """The pack of a round checked as `cni verify` does it (`cni.verify/1`); the answer is kept for the next who asks.

    Raises Refusal for a round that is not published.
    """
    pack = published_pack(desk, visitor, round_id, attempt)
    return desk.kept(("verified", round_id, pack["digest"]), lambda _: verify_pack(pack))
