"""Computing a run again from its pins, and where it differs (rule F22)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from cni.bills.computing import computed
from cni.bills.runs import RUN, Run, drafts_of, get
from cni.store.engine import reading
from topology.problems import bad_input

MOST = 20
"""Differences that are told."""


@dataclass(frozen=True)
class Again:
    """A run computed again: its digest now, and what differs from what it keeps, as (where, before, now)."""

    run: Run
    digest: str
    differences: tuple[tuple[str, str, str], ...]

    @property
    def same(self) -> bool:
        """Whether the bytes are the same."""
        return self.digest == self.run.digest and not self.differences


def reproduce(engine: Engine, number: int) -> Again:
    """Compute a run again from its pins, under the name of the version that made it (rule F22). Raises BadInput for an unknown run, and for a credit, which is not computed."""
    with reading(engine) as connection:
        found = get(connection, number)
        if found.kind != RUN:
            said = f"run {number} turns a document back; there is nothing to compute."
            raise bad_input(said, file="RUN", value=str(number), code="wrong_state")
        made = computed(connection, found.pins, found.body["settlement"]["software"])
        before = {k: v for k, v in found.body.items() if k != "pins"}
        differs = [
            *_where(before, made.body, ""),
            *_where(list(drafts_of(connection, number)), list(made.drafts), "draft"),
        ]
        return Again(found, made.digest, tuple(differs[:MOST]))


def _where(before: Any, now: Any, place: str) -> Iterator[tuple[str, str, str]]:
    """Every place where two JSON values differ."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted(before.keys() | now.keys()):
            yield from _where(before.get(key), now.get(key), f"{place}.{key}".lstrip("."))
    elif isinstance(before, list) and isinstance(now, list):
        for index in range(max(len(before), len(now))):
            old, new = (side[index] if index < len(side) else None for side in (before, now))
            yield from _where(old, new, f"{place}[{index}]")
    elif before != now:
        yield place, str(before), str(now)
