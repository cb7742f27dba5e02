"""The requests of a round: appended while it is open, each submission a version; the highest one holds."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select

from allocation.files.columns import REQUESTS
from allocation.files.request_rows import check_request_rows
from allocation.files.requests import requests_from_json, requests_to_json
from allocation.request import Request
from cni.rounds import life, networks, receipts
from cni.rounds.act import Act, changing
from cni.store.engine import reading
from cni.store.schema import request as table
from topology.canonical import canonical_bytes
from topology.files.tables import typed_rows
from topology.problems import Problems, bad_input


@dataclass(frozen=True, slots=True)
class Submitted:
    """A request of a round as it holds now."""

    request: Request
    version: int
    received: str


def submit(engine: Engine, act: Act, round_id: str, requests: Iterable[Request], *, replace: bool = False) -> int:
    """Add requests to an open round, all or none; returns how many.

    A request without `received` gets the act's time. Raises BadInput where the round is unknown or not open, for ids that
    are there already unless `replace`, and where the requests of the round would not fit together (bundles, families).
    """
    rows = sorted(requests, key=lambda r: r.id)
    if not rows:
        raise bad_input("there is no request to submit.", code="missing_value")
    with changing(engine, act, f"request submit {round_id} ({len(rows)})") as change:
        found = life.require_state(change.connection, round_id, "open")
        _refuse_by_rule(found, act)
        held = {s.request.id: s for s in current(change.connection, round_id)}
        _refuse_taken(rows, held, replace=replace)
        versions = _versions(change.connection, round_id)
        for row in rows:
            version = versions.get(row.id, 0) + 1
            stamped = row if row.received else dataclasses.replace(row, received=act.at)
            body = canonical_bytes(requests_to_json([stamped])[0]).decode()
            change.add(
                table,
                round=round_id,
                request=row.id,
                version=version,
                member=row.member,
                body=body,
                received=act.at.isoformat(timespec="seconds"),
            )
        current(change.connection, round_id)  # what came before and what comes now must fit together
    return len(rows)


def _refuse_by_rule(found: life.Round, act: Act) -> None:
    """Raise BadInput after the gate, and where requests have to be sealed (rules G2, G3)."""
    if found.is_sealed:
        hint = "`cni request seal` seals them; `cni request submit --sealed FILE` hands them in."
        raise bad_input(
            "requests of this round are sealed.", file="ROUND", value=found.id, code="not_sealed", hint=hint
        )
    if found.calendar.is_past_gate(act.at):
        assert found.calendar.gate is not None
        said = f"the gate closed at {found.calendar.gate.isoformat()}; it is refused by rule."
        raise bad_input(said, file="ROUND", value=found.id, code="late")


def _refuse_taken(rows: Iterable[Request], held: dict[str, Submitted], *, replace: bool) -> None:
    found = Problems()
    for row in rows:
        there = held.get(row.id)
        if there is not None and not replace:
            found.add(
                "the round has a request of this id already.",
                file="requests",
                value=row.id,
                code="duplicate_id",
                hint="--replace appends a new version.",
            )
        elif there is not None and there.request.member != row.member:
            found.add("the request of this id is another member's.", file="requests", value=row.id, code="duplicate_id")
    found.raise_errors()


def _versions(connection: Connection, round_id: str) -> dict[str, int]:
    """The highest version of each request, withdrawn or not."""
    rows = connection.execute(
        select(table.c.request, func.max(table.c.version)).where(table.c.round == round_id).group_by(table.c.request)
    )
    return {row[0]: row[1] for row in rows}


def current(connection: Connection, round_id: str) -> tuple[Submitted, ...]:
    """The requests of a round as they hold now, by id; what was withdrawn holds no more."""
    rows = connection.execute(select(table).where(table.c.round == round_id).order_by(table.c.request, table.c.version))
    gone = receipts.withdrawn(connection, round_id)
    newest = {row.request: row for row in rows}
    newest = {name: row for name, row in newest.items() if f"request/{name}/{row.version}" not in gone}
    parsed = requests_from_json([json.loads(row.body) for row in newest.values()])
    return tuple(Submitted(r, newest[r.id].version, newest[r.id].received) for r in parsed)


def list_requests(engine: Engine, round_id: str) -> tuple[tuple[Submitted, ...], bool]:
    """The requests of a round as they hold now, and whether its gate is closed, before which nobody reads them.

    Raises BadInput for an unknown round.
    """
    with reading(engine) as connection:
        state = life.state_of(connection, round_id)
        return current(connection, round_id), state not in ("draft", "open")


def spine_of(engine: Engine, round_id: str) -> networks.Held:
    """The spine that a round is decided on. Raises BadInput for an unknown round."""
    with reading(engine) as connection:
        return life.spine_of(connection, life.get(connection, round_id))


def from_cells(engine: Engine, round_id: str, cells: Mapping[str, str]) -> Request:
    """One request from texts as in a requests file, checked against the round's spine. Raises BadInput with every fault."""
    spine, found = spine_of(engine, round_id), Problems()
    sheet = typed_rows([(0, cells)], "request submit", REQUESTS, found)
    check_request_rows(sheet, spine.network, {c.id for c in spine.circuits}, found)
    for remark in found.remarks:
        if remark.code == "unknown_column":
            found.add(
                "there is no such column.", file=remark.file, column=remark.column, hint=remark.hint, code=remark.code
            )
    found.raise_errors()
    return sheet.items[0]
