"""Rows of requests that a decision on an appeal puts right, where a person copied them wrongly (rule G7).

Only what came in the open or on paper can be put right: a sealed file says itself what it asks for. A corrected row is one more
version of its request; the earlier one stays in the record, and both stand in the packs that follow.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from allocation.files.requests import requests_from_json, requests_to_json
from allocation.request import Request
from cni.rounds import life, opening, receipts, requests
from cni.rounds.life import Round
from cni.store.audit import Change
from cni.store.schema import request as table
from topology.canonical import canonical_bytes
from topology.problems import Problems, bad_input

KEPT = ("member", "received")
"""What a correction leaves as it is, beside the id; an empty `received` in the file stands for the one on record."""


def correct(change: Change, found: Round, named: Collection[str], rows: Iterable[Request]) -> list[dict[str, Any]]:
    """Append the corrected rows of a decision, within its change; returns old and new row of each, by id.

    `rows` are those of the file: the ones that differ from what is on record are the correction, and must be those of the
    requests `named`. Raises BadInput with every fault: a request that came sealed, one that the decision does not name, a
    named one whose row is not there or says the same, another member or time, and rows that do not fit together.
    """
    held = {s.request.id: s for s in requests.current(change.connection, found.id)}
    given = {row.id: _with_time(row, held[row.id].request) if row.id in held else row for row in rows}
    changed = {name: row for name, row in given.items() if name not in held or row != held[name].request}
    _check(change.connection, found, {name: s.request for name, s in held.items()}, named, changed)
    _check_together(change.connection, found, {n: s.request for n, s in held.items()} | changed)
    made = []
    for name in sorted(changed):
        before, after = _body(held[name].request), _body(changed[name])
        change.add(
            table,
            round=found.id,
            request=name,
            version=held[name].version + 1,
            member=changed[name].member,
            body=canonical_bytes(after).decode(),
            received=held[name].received,
        )
        made.append({"request": name, "before": before, "after": after})
    return made


def _body(row: Request) -> dict[str, Any]:
    return requests_to_json([row])[0]


def _with_time(row: Request, before: Request) -> Request:
    return row if row.received else replace(row, received=before.received)


def _check(
    connection: Connection,
    found: Round,
    held: dict[str, Request],
    named: Collection[str],
    changed: dict[str, Request],
) -> None:
    problems, sealed = Problems(), _sealed(connection, found.id)
    for name, row in sorted(changed.items()):
        if name not in held:
            problems.add("the round has no request of this id.", file="--requests", value=name, code="unknown_id")
        elif name in sealed:
            said = f"it came sealed, in submission {sealed[name]}, and counts as it was sealed."
            hint = "Only what a person copied can be put right: what came in the open or on paper."
            problems.add(said, file="--requests", value=name, code="was_sealed", hint=hint)
        elif name not in named:
            said = "its row is not that on record, and the decision does not name it."
            problems.add(said, file="--requests", value=name, code="not_correctable", hint=f"Maybe --set-aside {name}.")
        else:
            _check_kept(row, held[name], problems)
    for name in sorted(set(named) - changed.keys()):
        said = "the file has no row of it that differs from the one on record."
        hint = "A decision that brings rows names the requests that they put right, with --set-aside."
        problems.add(said, file="--requests", value=name, code="unchanged", hint=hint)
    problems.raise_errors()


def _check_kept(row: Request, before: Request, problems: Problems) -> None:
    for column in KEPT:
        if (now := getattr(row, column)) != (was := getattr(before, column)):
            said = f"{column} of {row.id} stays as it is, {was.isoformat() if hasattr(was, 'isoformat') else was}."
            problems.add(said, file="--requests", column=column, value=str(now), code="not_correctable")


def _check_together(connection: Connection, found: Round, rows: dict[str, Request]) -> None:
    """Raises BadInput where a corrected row points at nothing, or bundles and families no longer fit together."""
    spine = life.spine_of(connection, found)
    requests_from_json(requests_to_json(rows.values()), spine.network, spine.circuits)


def _sealed(connection: Connection, round_id: str) -> dict[str, int]:
    """The submission in which each request came that came in a sealed file, and not on paper."""
    opened = opening.read(connection, round_id)
    paper = {r.number for r in receipts.of_round(connection, round_id) if r.paper}
    lines = opened["submissions"] if opened else []
    return {name: line["number"] for line in lines if line["number"] not in paper for name in line["requests"]}


def refuse_without_uphold(rows: Collection[Request], *, uphold: bool) -> None:
    """Raises BadInput for rows that come with an appeal that is dismissed: nothing is decided again."""
    if rows and not uphold:
        raise bad_input("an appeal that is dismissed puts no row right.", file="--requests", code="bad_usage")
