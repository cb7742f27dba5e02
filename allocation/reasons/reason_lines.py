"""A way with its lifts, as the reasons that an award shows: one entry per code (rule D2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from allocation.funding import conditions_of
from allocation.reasons.audit import Audit
from allocation.reasons.lifts import CLAUSE_NAMES, CLAUSES, Lift
from allocation.reasons.ways import Way, WayFinder
from allocation.reasons.words import text_of
from allocation.request import Request
from topology.routing.disjoint import Certificate, find_routes


class RequestReasons:
    """Writes the reasons of one request."""

    def __init__(self, audit: Audit, request: Request, conditions: Sequence[Lift]) -> None:
        self.audit, self.request = audit, request
        self.finder = WayFinder(audit, request, conditions)
        self.refused = audit.everyone.refused.get(request.id, ())

    def as_json(self, way: Way) -> list[dict[str, Any]]:
        """One reason per code, in the order in which a person asks."""
        by_code: dict[str, list[Lift]] = {}
        for lift in way.lifts:
            by_code.setdefault(lift.code, []).append(lift)
        return [self._reason(code, lifts, way) for code, lifts in sorted(by_code.items(), key=_first_causes)]

    def _reason(self, code: str, lifts: list[Lift], way: Way) -> dict[str, Any]:
        spans = [lift.id for lift in lifts if lift.kind == "span"]
        nodes = [lift.id for lift in lifts if lift.kind in ("rack", "power")]
        certificate = None
        if code in ("no_route", "no_diverse_route"):
            certificate = self._certificate()
            spans, nodes = list(certificate.spans), list(certificate.nodes)
        elif code in CLAUSES.values():
            spans = self._barred_spans(code, way)
        conditions = {}
        if code == "funding":
            all_of_them = conditions_of(self.audit.everyone.network)
            conditions = {s: str(all_of_them[s]) for s in spans}
        refusals = [g for g in self.refused if g.code == code]
        return {
            "code": code,
            "text": text_of(self.request, code, lifts, certificate, refusals, spans, conditions),
            "spans": spans,
            "nodes": nodes,
            "clause": CLAUSE_NAMES.get(code, ""),
            "lifts": [lift.as_json() for lift in lifts],
            **({"risk_groups": list(certificate.risk_groups)} if certificate is not None else {}),
        }

    def _certificate(self) -> Certificate:
        everyone, request = self.audit.everyone, self.request
        network = everyone.network.at(max(request.start or everyone.on, everyone.on))
        gone = tuple(n for n in (request.a, request.b) if n not in network.nodes)
        if gone:
            return Certificate("cut", nodes=gone, text=f"{' and '.join(gone)} is not in service.")
        answer = find_routes(network, request.a, request.b, request.diversity)
        if answer.certificate is not None:
            return answer.certificate
        ids = everyone.graph.span_ids
        kept = {ids[s]: network.spans[ids[s]] for s in sorted(self.audit.usable(self.finder.ask))}
        lasting = find_routes(replace(network, spans=kept), request.a, request.b, request.diversity).certificate
        if lasting is None:
            return Certificate("exhausted", text="No route is in service for the whole term.")
        return replace(lasting, text=f"Over the spans that are in service for the whole term: {lasting.text}")

    def _barred_spans(self, code: str, way: Way) -> list[str]:
        """The spans on which the clause would be broken, were the request placed with all its lifts."""
        others = frozenset(CLAUSES.values()) - {code}
        ids = self.audit.everyone.graph.span_ids
        used = self.finder.spans_used(way.lifts)
        return [ids[s] for s, pairs in used.items() if self.audit.lacks(self.finder.ask, s, pairs, others)[1]]


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
    order += ("member_cap", "entrant_reserve", "tranche", "funding", "family", "bundle_partner", "below_minimum")
    return order.index(item[0]), item[0]
