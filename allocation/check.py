"""What an ISP runs before the gate: what could be granted to each request if it were alone (`cni.request_check/1`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from allocation.award import inputs_of
from allocation.policy import Policy
from allocation.reasons.audit import Audit
from allocation.reasons.lifts import Lift
from allocation.reasons.reason_lines import RequestReasons
from allocation.reasons.ways import WayFinder
from allocation.request import Request
from allocation.solving.instance import compile_round
from topology.about import SOFTWARE
from topology.model import Circuit, Network

SCHEMA = "cni.request_check/1"


def check_requests(
    network: Network, circuits: Iterable[Circuit], requests: Iterable[Request], policy: Policy, *, on: date
) -> dict[str, Any]:
    """For each request the pairs (or rack units) that it would get if nobody else asked, with reasons where that is not all.

    `findings` is empty here: what reading the files found is added by the caller.
    """
    live, rows = tuple(circuits), tuple(requests)
    everyone = compile_round(network, live, rows, policy, on, everyone=True)
    audit = Audit(everyone, {}, {})
    return {
        "schema": SCHEMA,
        "inputs": inputs_of(network, live, rows, policy),
        "software": SOFTWARE,
        "on": on.isoformat(),
        "illustrative": network.illustrative,
        "findings": [],
        "alone": [_alone(audit, request) for request in everyone.requests],
    }


def _alone(audit: Audit, request: Request) -> dict[str, Any]:
    gate = [Lift(g.code, "gate", g.code) for g in audit.everyone.refused.get(request.id, ())]
    finder = WayFinder(audit, request, gate)
    grantable = 0 if gate else _most(audit, request)
    reasons: list[dict[str, Any]] = []
    if grantable == 0:
        reasons = RequestReasons(audit, request, gate).as_json(finder.find())
    return {"request": request.id, "grantable": grantable, "reasons": reasons}


def _most(audit: Audit, request: Request) -> int:
    """The greatest amount that fits alone: all is tried first, then by halving (what fits, fits in part too)."""
    ask = audit.ask_of[request.id]
    if not request.is_fibre and not request.partial:
        return request.wanted if audit.fits([(ask, request.wanted)]) else 0
    if audit.fits([(ask, request.wanted)]):
        return request.wanted
    low, high = 0, request.wanted
    while high - low > 1:
        middle = (low + high) // 2
        if audit.fits([(ask, middle)]):
            low = middle
        else:
            high = middle
    return low if low >= request.least else 0
