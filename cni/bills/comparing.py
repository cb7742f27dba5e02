"""Two runs side by side, by member and product: what is new, gone, more or less."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from cni.bills.posted import final_bodies, lines_standing
from cni.bills.runs import FINAL, RUN, Run, documents_of_run, every, get
from cni.store.engine import reading
from topology.problems import bad_input

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A party's product on one side (charge or fee): pence and lines before and now; `change` is new, gone, changed or same."""

    party: str
    side: str
    product: str
    before: int
    now: int
    lines_before: int
    lines_now: int

    @property
    def change(self) -> str:
        """What became of it."""
        if not self.lines_before:
            return "new"
        if not self.lines_now:
            return "gone"
        return "same" if (self.before, self.lines_before) == (self.now, self.lines_now) else "changed"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run beside an earlier one."""

    before: Run
    now: Run
    rows: tuple[Row, ...]


def compare(engine: Engine, number: int, other: int | None = None) -> Comparison:
    """What stands after a run beside what stands after another; by default the last final one of the period before its own.

    Raises BadInput for unknown runs, and where there is none before.
    """
    with reading(engine) as connection:
        now = get(connection, number)
        before = get(connection, other) if other is not None else _before(connection, now)
        left, right = _sums(connection, before), _sums(connection, now)
        rows = [
            Row(
                *key,
                left.get(key, (0, 0))[0],
                right.get(key, (0, 0))[0],
                left.get(key, (0, 0))[1],
                right.get(key, (0, 0))[1],
            )
            for key in sorted(left.keys() | right.keys())
        ]
        return Comparison(before, now, tuple(rows))


def _before(connection: Connection, now: Run) -> Run:
    earlier = [r for r in every(connection) if r.kind == RUN and r.state == FINAL and r.end <= now.start]
    if not earlier:
        said = f"no final run is of a period before {now.start}."
        raise bad_input(said, file="RUN", value=str(now.number), code="unknown_id", hint="Name two runs.")
    return max(earlier, key=lambda r: (r.end, r.number))


def _sums(connection: Connection, run: Run) -> dict[Key, tuple[int, int]]:
    """Pence and lines that stand in a run's period once it is final, by party, side and product."""
    bodies = list(final_bodies(connection, run.start, run.end, run.audit))
    own = [{**b, "number": b["number"] or "draft"} for b in documents_of_run(connection, run.number)]
    pence: dict[Key, int] = defaultdict(int)
    count: dict[Key, int] = defaultdict(int)
    for row in lines_standing([*bodies, *own]).values():
        key = (row.line.party, row.line.side, row.line.product)
        pence[key] += row.pence
        count[key] += 1
    return {key: (pence[key], count[key]) for key in pence}
