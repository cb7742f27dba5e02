"""What an award carries so that others can check it: certificates of levels (rule C2), weights of metres, witnesses of D3."""

from __future__ import annotations

from typing import Any

from allocation.reasons.finding import Reasons
from allocation.solving.search import Routed
from allocation.solving.settle import Settled


def evidence_of(settled: Settled, reasons: Reasons) -> dict[str, Any]:
    """Certificates by level (weights on named rows; the counts assumed are those of the levels before), and witnesses.

    Not part of the digest: other weights prove the same bound.
    """
    search, rows = settled.search, settled.instance.rows
    cuts = [{rows[row].name: weight for row, weight in cut.weights} for cut in search.cuts]
    return {
        "certificates": [
            {"kind": lv.kind, "level": lv.level, "inequalities": lv.cuts, "closed_by": lv.how} for lv in settled.levels
        ],
        "inequalities": cuts,
        "metre_weights": {} if settled.finish is None else {rows[r].name: w for r, w in settled.finish.weights},
        "witnesses": [
            {"request": request, "code": code, "award": _routed(settled, award)}
            for request, (code, award) in sorted(reasons.holders.witnesses.items())
        ],
        "engines": {"master": "CP-SAT", "relaxation": "GLOP", "columns": "HiGHS", "flows": "HiGHS"},
        "effort": search.effort.scale,
    }


def _routed(settled: Settled, award: Routed) -> list[dict[str, Any]]:
    """An award as request -> units and legs, only what is granted."""
    graph = settled.instance.graph
    table = []
    for ask in settled.instance.asks:
        units = award.granted[ask.number]
        if not units:
            continue
        legs = [[[graph.span_ids[s] for s in leg] for leg in circuit] for circuit in award.routes.get(ask.number, ())]
        table.append({"request": ask.request.id, "granted": units, "circuits": legs})
    return table
