"""What falls due on a day (rules H6): offers that run out, idle circuits, renewals, ends and recalls, and who must be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from cni.rounds import circuits
from cni.rounds.act import Act, changing
from cni.rounds.circuits import Standing
from cni.rounds.holdings import Holdings, load, read
from cni.rounds.lifecycle import ACCEPTED, IN_SERVICE, LAPSED, OFFERED, end_on_record, is_lit, light_by, state_on
from topology.problems import bad_input

WARNED = "warned"


@dataclass(frozen=True, slots=True)
class Due:
    """Something that falls due: `kind` is offer, lapse, idle, renewal, end or recall; `by` the day; `warned`: on record."""

    kind: str
    standing: Standing
    by: date
    text: str
    warned: bool


def due(engine: Engine, at: datetime) -> tuple[Holdings, tuple[Due, ...]]:
    """All that is held, and what falls due at a time or within the days of warning after it, by day, circuit, kind."""
    found = read(engine)
    return found, everything(found, at)


def everything(found: Holdings, at: datetime) -> tuple[Due, ...]:
    """What falls due, by day, then circuit, then kind."""
    rows = [each for standing in found.standings.values() for each in _of(found, standing, at)]
    return tuple(sorted(rows, key=lambda d: (d.by, d.standing.circuit.id, d.kind)))


def record(engine: Engine, act: Act) -> tuple[Holdings, tuple[Due, ...]]:
    """Write down for each thing due that its holder is warned, once. Raises BadInput where all are on record."""
    with changing(engine, act, "circuit due") as change:
        found = load(change.connection)
        new = [d for d in everything(found, act.at) if not d.warned]
        if not new:
            raise bad_input("nothing falls due of which no warning is on record.", code="unchanged")
        for each in new:
            body = {"of": each.kind, "by": each.by.isoformat()}
            circuits.happen(change, each.standing.circuit.id, WARNED, act.at.date(), body)
        now = load(change.connection)
        return now, everything(now, act.at)


def _of(found: Holdings, standing: Standing, at: datetime) -> Iterator[Due]:
    state, circuit, days = state_on(standing, at), standing.circuit, found.deadlines(standing)
    soon = at.date() + timedelta(days=days.warn_days)

    def made(kind: str, by: date, text: str) -> Due:
        body = {"of": kind, "by": by.isoformat()}
        warned = any(e.kind == WARNED and dict(e.body) == body for e in standing.events)
        return Due(kind, standing, by, text, warned)

    if state == OFFERED and standing.accept_by is not None:
        yield made("offer", standing.accept_by.date(), f"the offer runs out at {standing.accept_by.isoformat()}")
    if state == LAPSED and standing.accept_by is not None and not any(e.kind == LAPSED for e in standing.events):
        yield made("lapse", standing.accept_by.date(), "the offer has run out; `cni circuit lapse` records it")
    if state in (ACCEPTED, IN_SERVICE):
        by = light_by(standing, days.light_days)
        if not is_lit(standing) and by <= soon:
            yield made("idle", by, f"it is not lit; it is called idle from {by} on")
        ends = end_on_record(standing)
        if ends is not None and ends.kind == "recalled" and at.date() < ends.on:
            yield made("recall", ends.on, f"its contributor takes strands of {ends.body['span']} back")
        elif ends is None and circuit.end is not None:
            last = circuit.end - timedelta(days=days.renewal_days)
            if is_lit(standing) and state == IN_SERVICE and at.date() <= last <= soon:
                yield made("renewal", last, f"the last day to ask for a renewal; its term ends on {circuit.end}")
            if circuit.end <= soon:
                yield made("end", circuit.end, "its term ends")
