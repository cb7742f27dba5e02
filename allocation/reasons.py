"""Why a request got less than it asked for, and the nearest thing that is free (rules B6 and D1 to D4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from allocation.alternatives import nearest_alternative
from allocation.audit import Audit
from allocation.core import family_of
from allocation.holders import Holders
from allocation.instance import compile_round
from allocation.lifts import CLAUSE_NAMES, Lift
from allocation.progress import Progress
from allocation.request import Request
from allocation.search import Routed
from allocation.settle import Settled
from allocation.spaces import Legs
from allocation.ways import Way, WayFinder, least_increment
from allocation.words import text_of
from topology.disjoint import Certificate, find_routes

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
        self.parent = {r.id: r.alternative_of for r in instance.requests}
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
        if self.granted(request.id) >= request.wanted or request.bundle or self._family_taken(request):
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
        if self._family_taken(request):
            conditions.append(Lift("family", "condition", "family"))
        finder = WayFinder(self.audit, request, conditions)
        way = finder.find()
        reasons = self._as_json(request, way)
        if not conditions and any(lift.code in ROOM for lift in way.lifts):
            reasons.append(self._who_holds(request))
        alternative = None if gate or self._family_taken(request) else nearest_alternative(self.audit, request)
        return reasons, alternative

    def _family_taken(self, request: Request) -> bool:
        """Whether another row of the request's family was granted."""
        mine = family_of(request.id, self.parent)
        return any(
            other != request.id and units and family_of(other, self.parent) == mine
            for other, units in self.audit.granted.items()
        )

    def _as_json(self, request: Request, way: Way) -> list[dict[str, Any]]:
        by_code: dict[str, list[Lift]] = {}
        for lift in way.lifts:
            by_code.setdefault(lift.code, []).append(lift)
        return [self._reason(request, code, lifts, way) for code, lifts in sorted(by_code.items(), key=_first_causes)]

    def _reason(self, request: Request, code: str, lifts: list[Lift], way: Way) -> dict[str, Any]:
        spans = [lift.id for lift in lifts if lift.kind == "span"]
        nodes = [lift.id for lift in lifts if lift.kind in ("rack", "power")]
        certificate = None
        if code in ("no_route", "no_diverse_route"):
            certificate = self._certificate(request)
            spans, nodes = list(certificate.spans), list(certificate.nodes)
        elif code in ("member_cap", "entrant_reserve", "tranche"):
            spans = self._barred_spans(request, code, way)
        refusals = [g for g in self.everyone.refused.get(request.id, ()) if g.code == code]
        return {
            "code": code,
            "text": text_of(request, code, lifts, certificate, refusals, spans),
            "spans": spans,
            "nodes": nodes,
            "clause": CLAUSE_NAMES.get(code, ""),
            "lifts": [lift.as_json() for lift in lifts],
            **({"risk_groups": list(certificate.risk_groups)} if certificate is not None else {}),
        }

    def _certificate(self, request: Request) -> Certificate:
        network = self.everyone.network.at(max(request.start or self.everyone.on, self.everyone.on))
        if request.a not in network.nodes or request.b not in network.nodes:
            gone = tuple(n for n in (request.a, request.b) if n not in network.nodes)
            return Certificate("cut", nodes=gone, text=f"{' and '.join(gone)} is not in service.")
        answer = find_routes(network, request.a, request.b, request.diversity)
        return answer.certificate or Certificate("exhausted", text="No route is in service for the whole term.")

    def _barred_spans(self, request: Request, code: str, way: Way) -> list[str]:
        """The spans of the way on which the clause would be broken."""
        graph, ask = self.everyone.graph, self.audit.ask_of[request.id]
        dropped = frozenset(lift.id for lift in way.lifts if lift.kind == "clause" and lift.id != code)
        units = next(u for a, u in WayFinder(self.audit, request, ()).parts(way.lifts) if a is ask)
        on_way = sorted({s for leg in way.legs for s in leg if s < len(graph.span_ids)})
        return [graph.span_ids[s] for s in on_way if self.audit.lacks(ask, s, units, dropped)[1]]

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


def _first_causes(item: tuple[str, Iterable[Lift]]) -> tuple[int, str]:
    """Gate first, then the network, then limits, then room, then conditions: the order in which a person asks."""
    order: tuple[str, ...] = (
        "not_eligible",
        "late",
        "term",
        "block_size",
        "no_route",
        "no_diverse_route",
        "over_distance",
        "over_loss",
    )
    order += ("avoid", "diverse_from", "span_full", "node_full", "power_full")
    order += ("member_cap", "entrant_reserve", "tranche", "family", "bundle_partner", "below_minimum")
    return order.index(item[0]), item[0]
