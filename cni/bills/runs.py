"""Runs of a period: preview, draft, review, and what is told of them (rules F22 to F24)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from cni.bills.computing import Made, Pins, chosen, computed, pins_from_json
from cni.bills.values import text_of
from cni.rounds.act import Act, changing
from cni.store.audit import Change, last_of
from cni.store.engine import reading
from cni.store.schema import audit
from cni.store.schema_billing import bill_document, bill_draft, bill_run, bill_step
from topology.problems import Problems, bad_input

DRAFT, REVIEWED, FINAL, STALE = "draft", "reviewed", "final", "stale"
RUN, CREDIT = "run", "credit"


@dataclass(frozen=True)
class Run:
    """A run as it stands. `state`: draft, reviewed, final, or stale where another run of its period came after it."""

    number: int
    kind: str
    start: date
    end: date
    subject: str
    body: dict[str, Any]
    digest: str
    state: str
    by: str
    at: str
    why: str
    audit: int
    steps: tuple[dict[str, Any], ...] = ()

    @property
    def pins(self) -> Pins:
        """What it was computed from."""
        return pins_from_json(self.body["pins"])

    def as_json(self) -> dict[str, Any]:
        """The head of the run, as lists show it."""
        return {
            "run": self.number,
            "kind": self.kind,
            "period": f"{self.start}/{self.end}",
            "subject": self.subject,
            "state": self.state,
            "by": self.by,
            "at": self.at,
            "why": self.why,
            "digest": self.digest,
            "steps": list(self.steps),
        }


@dataclass(frozen=True)
class Outcome:
    """What asking for a run did: the run that stands for it, if there is one, what was computed, whether anything was written."""

    run: Run | None
    made: Made
    written: bool


def preview(engine: Engine, start: date, end: date, on: date, known_at: int | None = None) -> Made:
    """What a run would make now; nothing is written. Raises BadInput."""
    with reading(engine) as connection:
        check_period(connection, start, end)
        return _computed_now(connection, start, end, on, known_at)


def _computed_now(
    connection: Connection, start: date, end: date, on: date, known_at: int | None, now: int = -1
) -> Made:
    last = last_of(connection)[0] if now < 0 else now
    if known_at is not None and not 1 <= known_at <= last:
        said = f"the audit log has the entries 1 to {last}."
        raise bad_input(said, file="--as-known-at", value=str(known_at), code="unknown_id")
    return computed(connection, chosen(connection, start, end, on, known_at or last, last))


def run(engine: Engine, act: Act, start: date, end: date, known_at: int | None = None) -> Outcome:
    """Draft a run of a period, or say that there is nothing that does not stand or is not drafted already.

    Raises BadInput where the period overlaps another one that was billed, and as `computed`.
    """
    with reading(engine) as connection:
        check_period(connection, start, end)
        made = _computed_now(connection, start, end, act.at.date(), known_at)
        same = _same(connection, made)
        if same is not None or not made.posts_anything:
            return Outcome(same, made, False)
    with changing(engine, act, f"bill run {start}/{end}") as change:
        check_period(change.connection, start, end)
        if change.number - 1 != made.pins.posted_at:
            made = _computed_now(change.connection, start, end, act.at.date(), known_at, change.number - 1)
            same = _same(change.connection, made)
            if same is not None or not made.posts_anything:
                said = (
                    f"run {same.number} of another process says the same." if same else "another process posted it all."
                )
                raise bad_input(said, code="unchanged", hint="`cni bill list`")
        return Outcome(append(change, RUN, made.pins, "", made.body, made.digest, made.written), made, True)


def append(
    change: Change,
    kind: str,
    pins: Pins,
    subject: str,
    body: dict[str, Any],
    digest: str,
    drafts: Iterable[tuple[dict[str, Any], str]],
) -> Run:
    """Add a run with its drafts and their texts, within a change."""
    last = change.connection.execute(select(func.max(bill_run.c.number))).scalar_one()
    number, whole = (last or 0) + 1, {**body, "pins": pins.as_json()}
    change.add(
        bill_run,
        number=number,
        kind=kind,
        period_from=pins.start.isoformat(),
        period_to=pins.end.isoformat(),
        subject=subject,
        body=text_of(whole),
        digest=digest,
    )
    rows = (
        {"run": number, "place": place, "kind": draft["kind"], "party": draft["party"], "body": text}
        for place, (draft, text) in enumerate(drafts, 1)
    )
    change.add_all(bill_draft, rows)
    told = (change.who, change.at, change.why, change.number)
    return Run(number, kind, pins.start, pins.end, subject, whole, digest, DRAFT, *told)


def _same(connection: Connection, made: Made) -> Run | None:
    """The newest run of the period where it is a draft or reviewed and says the same."""
    runs = of_period(connection, made.pins.start, made.pins.end)
    newest = next((r for r in reversed(runs) if r.kind == RUN), None)
    fits = newest is not None and newest.state in (DRAFT, REVIEWED) and newest.digest == made.digest
    return newest if fits else None


def check_period(connection: Connection, start: date, end: date) -> None:
    """Raises BadInput where a final run is of another period that shares days with this one: no day is billed twice."""
    found = Problems()
    wanted = (
        select(bill_run.c.period_from, bill_run.c.period_to)
        .join(bill_step, bill_step.c.run == bill_run.c.number)
        .where(
            bill_step.c.state == FINAL,
            bill_run.c.period_from < end.isoformat(),
            bill_run.c.period_to > start.isoformat(),
        )
        .distinct()
        .order_by(bill_run.c.period_from)
    )
    billed = [(row.period_from, row.period_to) for row in connection.execute(wanted)]
    hint = _left(start.isoformat(), end.isoformat(), billed)
    for first, last in billed:
        if (first, last) != (start.isoformat(), end.isoformat()):
            said = f"{first}/{last} was billed, and shares days with it."
            found.add(said, file="--period", value=f"{start}/{end}", code="period_overlaps", hint=hint)
    found.raise_errors()


def _left(start: str, end: str, billed: list[tuple[str, str]]) -> str:
    """A hint that names the parts of a period that no final run has; `billed` by first day, as ISO dates."""
    parts = []
    for first, last in billed:
        if start < first:
            parts.append(f"--period {start}/{first}")
        start = max(start, last)
    if start < end:
        parts.append(f"--period {start}/{end}")
    if not parts:
        return "All of it was billed; a run of the period that was is a correction of it."
    return f"No day is billed twice. Not billed yet: {', '.join(parts)}."


def of_period(connection: Connection, start: date, end: date) -> tuple[Run, ...]:
    """The runs of a period, oldest first."""
    return tuple(r for r in every(connection) if (r.start, r.end) == (start, end))


def every(connection: Connection) -> tuple[Run, ...]:
    """All runs, oldest first."""
    rows = connection.execute(
        select(bill_run, audit.c.who, audit.c.at, audit.c.why)
        .join(audit, audit.c.number == bill_run.c.audit)
        .order_by(bill_run.c.number)
    ).all()
    steps: dict[int, list[dict[str, Any]]] = {}
    last_final: dict[tuple[str, str], int] = {}
    wanted = (
        select(bill_step, audit.c.at, bill_run.c.period_from, bill_run.c.period_to)
        .join(audit, audit.c.number == bill_step.c.audit)
        .join(bill_run, bill_run.c.number == bill_step.c.run)
        .order_by(bill_step.c.run, bill_step.c.step)
    )
    for row in connection.execute(wanted):
        told = {"state": row.state, "by": row.who, "at": row.at, **json.loads(row.body)}
        steps.setdefault(row.run, []).append(told)
        if row.state == FINAL:
            key = (row.period_from, row.period_to)
            last_final[key] = max(last_final.get(key, 0), row.audit)
    newest = {(r.period_from, r.period_to): r.number for r in rows if r.kind == RUN}
    return tuple(_run(row, steps.get(row.number, []), newest, last_final) for row in rows)


def _run(
    row: Any, steps: list[dict[str, Any]], newest: dict[tuple[str, str], int], final: dict[tuple[str, str], int]
) -> Run:
    state = steps[-1]["state"] if steps else DRAFT
    period = (row.period_from, row.period_to)
    if row.kind == RUN and state != FINAL and (newest[period] != row.number or final.get(period, 0) > row.audit):
        state = STALE
    day = date.fromisoformat
    return Run(
        row.number,
        row.kind,
        day(row.period_from),
        day(row.period_to),
        row.subject,
        json.loads(row.body),
        row.digest,
        state,
        row.who,
        row.at,
        row.why,
        row.audit,
        tuple(steps),
    )


def get(connection: Connection, number: int) -> Run:
    """A run. Raises BadInput for an unknown one."""
    found = {run.number: run for run in every(connection)}.get(number)
    if found is None:
        raise bad_input(
            "there is no such run.", file="RUN", value=str(number), code="unknown_id", hint="`cni bill list`"
        )
    return found


def list_runs(engine: Engine) -> tuple[Run, ...]:
    """All runs, oldest first."""
    with reading(engine) as connection:
        return every(connection)


def drafts_of(connection: Connection, number: int) -> tuple[dict[str, Any], ...]:
    """The drafts of a run, in order."""
    wanted = select(bill_draft.c.body).where(bill_draft.c.run == number).order_by(bill_draft.c.place)
    return tuple(json.loads(text) for text in connection.execute(wanted).scalars())


def documents_of_run(connection: Connection, number: int) -> tuple[dict[str, Any], ...]:
    """The documents of a run: final ones where it is final, else its drafts."""
    wanted = select(bill_document.c.body).where(bill_document.c.run == number).order_by(bill_document.c.place)
    final = tuple(json.loads(text) for text in connection.execute(wanted).scalars())
    return final or drafts_of(connection, number)


def document_of(engine: Engine, number: str) -> dict[str, Any]:
    """A final document by its number. Raises BadInput for an unknown one."""
    with reading(engine) as connection:
        body = connection.execute(select(bill_document.c.body).where(bill_document.c.number == number)).scalar()
    if body is None:
        hint = "`cni bill list`, then `cni bill show RUN`, name them."
        said = "there is neither a run nor a final document of this number."
        raise bad_input(said, file="RUN|DOCUMENT", value=number, code="unknown_id", hint=hint)
    found: dict[str, Any] = json.loads(body)
    return found


def show(engine: Engine, number: int) -> tuple[Run, tuple[dict[str, Any], ...]]:
    """A run with its documents. Raises BadInput for an unknown one."""
    with reading(engine) as connection:
        return get(connection, number), documents_of_run(connection, number)


def review(engine: Engine, act: Act, number: int) -> Run:
    """draft -> reviewed, by another person than who made the run. Raises BadInput otherwise."""
    with changing(engine, act, f"bill review {number}") as change:
        found = get(change.connection, number)
        require(found, DRAFT)
        if found.by == act.who:
            said = f"{act.who} made run {number}; another person reviews it."
            raise bad_input(said, file="--by", value=act.who, code="second_person")
        change.add(bill_step, run=number, step=1, state=REVIEWED, who=act.who, body=text_of({"digest": found.digest}))
        return replace(found, state=REVIEWED)


def require(found: Run, state: str) -> None:
    """Raises BadInput unless a run is in a state."""
    if found.state != state:
        hints = {
            DRAFT: f"`cni bill review {found.number} --by NAME` comes next.",
            STALE: f"`cni bill run --period {found.start}/{found.end}` computes it anew.",
            REVIEWED: f"`cni bill finalise {found.number}` comes next.",
            FINAL: f"`cni bill credit DOCUMENT` turns one of its documents back; `cni bill show {found.number}` lists them.",
        }
        said = f"run {found.number} is {found.state}; it must be {state}."
        raise bad_input(said, file="RUN", value=str(found.number), code="wrong_state", hint=hints[found.state])
