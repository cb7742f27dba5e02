"""The waiting list (rule G10): who got less than asked for, in an order that everybody can recompute from the award."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allocation.lottery import lot_of

UNMET = frozenset(("not_eligible", "late", "term", "family"))
"""Reasons that leave a request off the list: it was refused by rule, or another wish of its family was granted."""


def waiting_list(award: Mapping[str, Any], ranks: Mapping[str, int | None]) -> list[dict[str, Any]]:
    """The requests that wait, first in line first, as `{place, request, member, kind, waits}` (pairs, or rack units).

    Order: the group with fewer granted units first (what B1 would serve first), then the drawn lot, then the group's own
    rank, then id. `ranks`: the rank of each request, None where it has none.
    """
    group = {m["member"]: m["group"] for m in award["members"]}
    held: dict[str, int] = {}
    for member in award["members"]:
        held[member["group"]] = held.get(member["group"], 0) + member["granted"]
    waiting = [
        row
        for row in award["requests"]
        if row["granted"] < row["requested"] and not UNMET & {r["code"] for r in row["reasons"]}
    ]

    def place(row: Mapping[str, Any]) -> tuple[Any, ...]:
        name = group[row["member"]]
        rank = ranks.get(row["request"])
        return held[name], lot_of(award["seed"], name), rank is None, rank or 0, row["request"]

    return [
        {
            "place": number,
            "request": row["request"],
            "member": row["member"],
            "kind": row["kind"],
            "waits": row["requested"] - row["granted"],
        }
        for number, row in enumerate(sorted(waiting, key=place), 1)
    ]
