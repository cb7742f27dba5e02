"""Why a request got less than it asked for, and the nearest thing that is free (rules B6 and D1 to D4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allocation.progress import Progress
from allocation.reasons.alternatives import nearest_alternative
from allocation.reasons.audit import Audit
from allocation.reasons.holders import Holders
from allocation.reasons.lifts import Lift
from allocation.reasons.reason_lines import RequestReasons
from allocation.reasons.ways import WayFinder
from allocation.reasons.words import text_of
from allocation.request import Request
from allocation.solving.instance import compile_round
from allocation.solving.search import Routed
from allocation.solving.settle import Settled, restate
from allocation.solving.spaces import Legs

ROOM = ("span_full", "node_full", "power_full")


class Reasons:
    """Explains every request of a settled round. What is granted is read through here, because `fill` may add to it."""

    def __init__(self, settled: Settled, progress: Callable[[Progress], None], stop: Callable[[], bool]) -> None:
        self.settled, self.progress, self.stop = settled, progress, stop
        instance = settled.instance
        self.everyone = compile_round(
            instance.network,
            instance.circuits.values(),
            instance.requests,
            instance.policy,
            instance.on,
            everyone=True,
        )
        self._read_award()
        self.holders = Holders(settled, stop)
        self.done = 0

    def _read_award(self) -> None:
        best, asks = self.settled.best, self.settled.instance.asks
        granted = {a.request.id: best.granted[a.number] for a in asks if best.granted[a.number]}
        routes = {asks[n].request.id: circuits for n, circuits in best.routes.items()}
        self.audit = Audit(self.everyone, granted, routes)

    def granted(self, request: str) -> int:
        """Pairs or rack units granted to a request."""
        return self.audit.granted.get(request, 0)

    def routes(self, request: str) -> tuple[Legs, ...]:
        """The legs of each granted circuit of a request."""
        return tuple(self.audit.routes.get(request, ()))

    def fill(self, seed: str | None) -> None:
        """B6 for an award that a limit cut short: grant what still fits, least increment by least increment.

        An award whose levels are proved leaves nothing that fits, as granting it would better a level.
        """
        if self.settled.optimal:
            return
        grew = True
        changed = False
        while grew:
            grew = (
                sum(self._grow(ask.request) for ask in self.settled.instance.asks) > 0
            )  # each is tried, not the first
            changed |= grew
        if changed:
            restate(self.settled, seed)

    def _grow(self, request: Request) -> bool:
        """Grant a request's least increment (with its bundle, where that is not granted yet) if it fits."""
        if self.granted(request.id) >= request.wanted or self.audit.is_barred(request.id):
            return False
        parts = WayFinder(self.audit, request, ()).parts(())
        if any(self.audit.is_barred(ask.request.id) for ask, _ in parts):
            return False
        placed = self.audit.place(parts)
        if placed is None:
            return False
        best = self.settled.best
        number = {a.request.id: a.number for a in self.settled.instance.asks}
        granted, routes = list(best.granted), dict(best.routes)
        for ask, units in parts:
            own = number[ask.request.id]
            granted[own] += units
            if ask.is_fibre:
                routes[own] = (*routes.get(own, ()), *placed[ask.request.id])
        self.settled.search.best = Routed(tuple(granted), routes)
        self._read_award()
        return True

    # -- one request ----------------------------------------------------------------------------------------------

    def explain(self, request: Request) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
        """The reasons of a request and its nearest alternative; both empty where it got all it asked for."""
        self.done += 1
        self.progress(Progress("reasons", 0, len(self.everyone.requests), self.done))
        if self.granted(request.id) >= request.wanted:
            return [], None
        gate = [Lift(g.code, "gate", g.code) for g in self.everyone.refused.get(request.id, ())]
        conditions = list(gate)
        if self.audit.family_taken(request.id):
            conditions.append(Lift("family", "condition", "family"))
        finder = WayFinder(self.audit, request, conditions)
        way = finder.find()
        reasons = RequestReasons(self.audit, request, conditions).as_json(way)
        if not conditions and any(lift.code in ROOM for lift in way.lifts):
            reasons.append(self._who_holds(request))
        alternative = None if gate or self.audit.family_taken(request.id) else nearest_alternative(self.audit, request)
        return reasons, alternative

    def _who_holds(self, request: Request) -> dict[str, Any]:
        """D3: why others hold what this request lacks."""
        code = self.holders.decide(request.id)
        return {
            "code": code,
            "text": text_of(request, code, (), None, (), ()),
            "spans": [],
            "nodes": [],
            "clause": {"own_rank": "B3", "drawn_lot": "B2", "fair_share": "B1", "shorter_routes": "B4"}.get(code, "C"),
            "lifts": [],
        }
