"""What can be told of a round beyond its award: submissions, overrides, appeals, dates, and who waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from allocation.files.requests import requests_from_json
from allocation.waiting import waiting_list
from cni.rounds import appeals, life, overrides, packs, receipts
from topology.about import SOFTWARE
from topology.problems import bad_input


def record_of(connection: Connection, round_id: str) -> dict[str, Any]:
    """The round's calendar and record, as `cni round show --json` gives them. Raises BadInput for an unknown one."""
    found = life.get(connection, round_id)
    published = found.published_at
    dates = (
        {}
        if published is None
        else {
            "accept_by": found.calendar.accept_by(published).isoformat(),
            "appeals_until": found.calendar.appeals_end(published).isoformat(),
            "waiting_until": found.calendar.waits_until(published).isoformat(),
        }
    )
    return {
        "calendar": {**found.calendar.as_json(), **dates},
        "lottery": (found.notice or {}).get("lottery"),
        "sealed": len(receipts.of_round(connection, round_id)) if found.is_sealed else None,
        "overrides": [o.as_json() for o in overrides.of_round(connection, round_id)],
        "appeals": [a.as_json() for a in appeals.of_round(connection, round_id)],
    }


def waiting_document(connection: Connection, round_id: str, at: datetime) -> dict[str, Any]:
    """The waiting list as `cni.waiting/1`. Raises BadInput before publication, and after it has run out (rule G10)."""
    found = life.require_state(connection, round_id, "published", "final", "set_aside")
    assert found.published_at is not None
    until = found.calendar.waits_until(found.published_at)
    if at >= until:
        said = f"the waiting list ran out on {until.isoformat()}."
        raise bad_input(said, file="ROUND", value=round_id, code="late")
    rows: list[dict[str, Any]] = []
    for pack in packs.packs(connection, round_id):
        ranks = {r.id: r.rank for r in requests_from_json(pack["requests"])}
        here = {row["request"] for row in pack["award"]["requests"]}
        rows = [r for r in rows if r["request"] not in here] + waiting_list(pack["award"], ranks)
    return {
        "schema": "cni.waiting/1",
        "software": SOFTWARE,
        "round": round_id,
        "until": until.isoformat(),
        "waiting": [{**row, "place": place} for place, row in enumerate(rows, 1)],
    }
