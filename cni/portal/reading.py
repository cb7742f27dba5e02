"""What pages and the API read, cut for who asks. Nothing is computed here that another room does not compute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from cni.portal.desk import Desk
from cni.portal.problems import not_there
from cni.portal.visitors import Visitor
from cni.rounds import holdings, life, notice
from cni.rounds.life import Round
from cni.store.schema import ANNULLED, round_
from topology.disclosure import disclosed
from topology.model import Network
from topology.problems import BadInput


@dataclass(frozen=True, slots=True)
class Seen:
    """The spine as an audience may see it on a day. `round`: whose announcement fixed the public's bands, if one did."""

    network: Network
    audience: str
    member: str
    on: date
    round: str

    @property
    def key(self) -> tuple[str, ...]:
        """What tells it from what another audience sees, or another day."""
        return (self.audience, self.member, self.on.isoformat())


def seen_by(desk: Desk, visitor: Visitor | None) -> Seen:
    """The spine as the visitor may see it: a member its own spans in full, the public bands. Raises BadInput without one."""
    member = visitor.member if visitor is not None and visitor.may("member") else ""
    audience = visitor.sees.name if visitor is not None and visitor.may("member") else "public"
    today = desk.today()

    def made(connection: Connection) -> Seen:
        whole = holdings.load(connection)
        if audience == "public":
            pairs, name = _announced_pairs(connection, whole.newest)
            return Seen(disclosed(whole.network, "public", spare_pairs=pairs), audience, "", today, name)
        return Seen(disclosed(whole.network, audience, member or None), audience, member, today, "")

    return desk.kept(("seen", audience, member, today.isoformat()), made)


def _announced_pairs(connection: Connection, newest: Round | None) -> tuple[dict[str, int] | None, str]:
    """Spare pairs by span at the last announcement: the public's bands do not move with circuits (ofds, disclosure)."""
    told = notice.read(connection, newest.id) if newest else None
    if told is None or newest is None:
        return None, ""
    return {row["id"]: int(row["pairs"]) for row in reversed(told["offer"]["spans"])}, newest.id


def rounds_by_date(desk: Desk) -> list[Round]:
    """Every round, the newest first, each without the offer of its notice."""

    def made(connection: Connection) -> list[Round]:
        ids = connection.execute(select(round_.c.round).order_by(round_.c.audit.desc())).scalars()
        return [life.get(connection, name, whole=False) for name in ids]

    return desk.kept(("rounds",), made)


def told_round(desk: Desk, round_id: str) -> Round:
    """One round with its notice. Raises Refusal for an unknown one."""
    try:
        return desk.kept(("round", round_id), lambda connection: life.get(connection, round_id))
    except BadInput:
        raise not_there() from None


STATES = {
    "draft": "announced",
    "open": "open for requests",
    "closed": "closed, being decided",
    "awarded": "decided, not yet published",
    "published": "published",
    "set_aside": "part of it is decided again",
    "final": "final",
    "annulled": "annulled",
}
"""The states of a round as people read them."""


def announced(rounds: list[Round], at: datetime) -> list[Round]:
    """The rounds that still have something before them, the next gate first; at most the last one that is over."""
    live = [r for r in rounds if r.state not in (ANNULLED, "final")]
    over = [r for r in rounds if r.state == "final"][:1]
    return sorted(live, key=lambda r: (r.calendar.gate is None, str(r.calendar.gate))) + over
