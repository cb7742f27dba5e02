"""Circuits from rows that were checked when they were written, without checking them again.

A house that is ten years old has twenty thousand circuits, and every command on it reads them all. Rows come from
`json_form.circuits_to_json`; whoever doubts them verifies their digests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from topology.files.columns import CIRCUITS
from topology.files.json_form import rows_from_json
from topology.model import Circuit, Leg
from topology.problems import Problems

PLAIN = frozenset(("id", "member", "start", "end", "legs", "request", "state", "price_key"))
"""Columns of fibre without recorded strands, which nearly all circuits are; others go the longer way."""


def kept_circuits(rows: Iterable[Mapping[str, Any]]) -> dict[str, Circuit]:
    """Circuits by id, equal to those of `circuits_from_json`. Raises BadInput for rows that were never written so."""
    found, others = {}, []
    for row in rows:
        if row.keys() <= PLAIN and "legs" in row:
            found[row["id"]] = Circuit(
                row["id"],
                row["member"],
                _day(row["start"]),
                _day(row["end"]) if row.get("end") else None,
                _legs(row["legs"]),
                request=row.get("request", ""),
                state=row.get("state", ""),
                price_key=row.get("price_key", ""),
            )
        else:
            others.append(row)
    problems = Problems()
    found.update((c.id, c) for c in rows_from_json(others, "circuits", CIRCUITS, problems).items)
    problems.raise_errors()
    return found


_day: Callable[[str], date] = lru_cache(maxsize=10_000)(date.fromisoformat)


@lru_cache(maxsize=50_000)
def _legs(text: str) -> tuple[Leg, ...]:
    """Many circuits lie on one route; they share its value."""
    return tuple(tuple(leg.split("+")) for leg in text.split("|"))
