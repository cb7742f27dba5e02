"""Rule D3: why others hold what a request lacks, decided by a solve.

`own_rank`: an award with the same grants to all other groups and the same units of each kind for the request's own group gives it
more.
`drawn_lot`: an award with the same level counts does. `fair_share`: none does. Each "does" has a witness award; a "does not" is a bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from allocation.solving.linear import CpSatModel
from allocation.solving.search import Routed, Search, Stopped
from allocation.solving.settle import Settled


@dataclass(eq=False)
class Holders:
    """Decides D3 for the requests of a settled round. `witnesses`: request id -> (code, award that gives it more)."""

    settled: Settled
    stop: Callable[[], bool]
    witnesses: dict[str, tuple[str, Routed]] = field(default_factory=dict)
    cut: bool = False  # whether a wall limit or Ctrl-C left a request undecided
    _levels_only: Search | None = None

    def decide(self, request: str) -> str:
        """The code for one request that lacks room; `undecided` where the award is bounded or the effort ran out."""
        settled = self.settled
        if not settled.optimal or settled.stopped:
            return "undecided"
        ask = next(a for a in settled.instance.asks if a.request.id == request)
        try:
            own = self._own_group(ask.number)
            if own is not None:
                return own
            search = self._with_levels()
            search.best = settled.best
            outcome = search.maximise({search.core.x[ask.number]: 1})
        except (Stopped, KeyboardInterrupt):
            self.cut = True
            return "undecided"
        if outcome.value > settled.best.granted[ask.number]:
            code = "shorter_routes" if settled.instance.policy.ties[0] == "metres" else "drawn_lot"
            self.witnesses[request] = (code, search.best)
            return code
        return "fair_share" if outcome.proved else "undecided"

    def _with_levels(self) -> Search:
        """The search as it stood after the levels, with every inequality found since (they hold for any award)."""
        if self._levels_only is None:
            self._levels_only = self._branch(self.settled.fixed_after_levels)
        return self._levels_only

    def _branch(self, rows: int) -> Search:
        from copy import copy

        whole = self.settled.search
        branch = copy(whole)
        core = copy(whole.core)
        core.linear = whole.core.linear.copy()
        core.linear.rows = core.linear.rows[:rows]
        for cut in whole.cuts:
            core.linear.row({core.x[n]: c for n, c in cut.coefficients}, high=cut.bound)
        branch.core = core
        branch.cuts = list(whole.cuts)
        branch.master = CpSatModel(core.linear)
        branch._relaxation = None
        branch.settled = {}
        branch.note = lambda bound, found: None  # the stage on show is that of the reasons
        branch.over = None
        return branch

    def _own_group(self, number: int) -> str | None:
        """`own_rank` where the group's own other requests hold it; None where they do not, or it has no other."""
        settled = self.settled
        ask = settled.instance.asks[number]
        siblings = [a for a in settled.instance.asks if a.group == ask.group]  # of both kinds: a bundle may mix them
        if len(siblings) < 2 or not any(settled.best.granted[a.number] for a in siblings if a.number != number):
            return None
        search = self._branch(0)
        search.quick = False
        linear = search.core.linear
        linear.rows = settled.search.core.linear.rows[: self._conditions_end()]
        mine = {a.number for a in siblings}
        for other in settled.instance.asks:
            if other.number not in mine:
                x = search.core.x[other.number]
                linear.low[x] = linear.high[x] = settled.best.granted[other.number]
        for kind in sorted({a.request.kind for a in siblings}):
            units = search.core.units(kind, ask.group)
            held = sum(a.unit * settled.best.granted[a.number] for a in siblings if a.request.kind == kind)
            linear.row(units, held, held)
        search.best = settled.best
        quick = search.master.maximise({search.core.x[number]: 1}, effort=search.effort.master)
        if quick.bound is not None and quick.bound <= settled.best.granted[number]:
            return None
        outcome = search.maximise({search.core.x[number]: 1})
        if outcome.value > settled.best.granted[number]:
            self.witnesses[ask.request.id] = ("own_rank", search.best)
            return "own_rank"
        if not outcome.proved:
            return "undecided"
        return None

    def _conditions_end(self) -> int:
        """Rows of the core that are clauses, before any level or objective was added."""
        return self.settled.search.condition_rows
