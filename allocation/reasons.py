"""Why a request got less than it asked for, and the nearest thing that is free (rules B6 and D1 to D4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allocation.alternatives import nearest_alternative
from allocation.audit import Audit
from allocation.holders import Holders
from allocation.instance import compile_round
from allocation.lifts import Lift
from allocation.progress import Progress
from allocation.reason_lines import RequestReasons
from allocation.request import Request
from allocation.search import Routed
from allocation.settle import Settled
from allocation.spaces import Legs
from allocation.ways import WayFinder, least_increment
from allocation.words import text_of

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

    def fill(self) -> None:
        """B6 for an award that a limit cut short: grant what still fits, request by request (an optimal award has none)."""
        if self.settled.optimal:
            return
        search = self.settled.search
        changed = True
        while changed:
            changed = False
            for ask in self.settled.instance.asks:
                legs = self._one_more(ask.request)
                if legs is None:
                    continue
                granted = list(search.best.granted)
                routes = dict(search.best.routes)
                granted[ask.number] += len(legs) if ask.is_fibre else least_increment(self.audit, ask.request, False)
                if ask.is_fibre:
                    routes[ask.number] = (*routes.get(ask.number, ()), *legs)
                search.best = Routed(tuple(granted), routes)
                self._read_award()
                changed = True
        self._recount_levels()

    def _one_more(self, request: Request) -> tuple[Legs, ...] | None:
        """Circuits of one more increment that fits, for requests whose increment is one unit without conditions."""
        if self.granted(request.id) >= request.wanted or request.bundle or self.audit.family_taken(request.id):
            return None
        ask = self.audit.ask_of[request.id]
        increment = least_increment(self.audit, request, False)
        if not self.audit.fits([(ask, increment)]):
            return None
        if not request.is_fibre:
            return ()
        if increment > 1:
            return None
        finder = WayFinder(self.audit, request, ())
        way = finder._candidate(())
        return (way.legs,) if way is not None and not way.lifts else None

    def _recount_levels(self) -> None:
        from dataclasses import replace

        from allocation.linear import value_of

        search = self.settled.search
        core = search.core
        values = core.values(list(search.best.granted))
        for n, level in enumerate(self.settled.levels):
            held = sum(
                value_of(core.units(level.kind, g), values) + core.base(level.kind, g) >= level.level
                for g in self.settled.instance.groups(level.kind)
            )
            self.settled.levels[n] = replace(level, members=held, bound=max(held, level.bound))

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
