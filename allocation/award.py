"""`allocate`: one round as a pure function, and the award as the document `cni.award/1`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from allocation.award_lines import circuits_of, member_lines, node_lines, span_lines, totals
from allocation.evidence import evidence_of
from allocation.fairness import Fairness
from allocation.files.requests import policy_to_json, requests_to_json
from allocation.policy import Policy
from allocation.progress import Progress
from allocation.reasons.finding import Reasons
from allocation.request import Request
from allocation.solving.instance import compile_round
from allocation.solving.search import Effort
from allocation.solving.settle import Settled, settle
from topology.about import SOFTWARE
from topology.canonical import digest_of
from topology.files.json_form import circuits_to_json, network_to_json
from topology.model import Circuit, Network

SCHEMA = "cni.award/1"
NOT_IN_DIGEST = ("digest", "evidence")


def inputs_of(
    network: Network, circuits: Iterable[Circuit], requests: Iterable[Request], policy: Policy
) -> dict[str, str]:
    """Digest of each parsed input: shuffling rows or columns changes nothing."""
    return {
        "circuits": digest_of(circuits_to_json(circuits)),
        "network": digest_of(network_to_json(network)),
        "policy": digest_of(policy_to_json(policy)),
        "requests": digest_of(requests_to_json(requests)),
    }


def award_digest(award: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical bytes without `digest` and `evidence`."""
    return digest_of({k: v for k, v in award.items() if k not in NOT_IN_DIGEST})


def allocate(
    network: Network,
    circuits: Iterable[Circuit],
    requests: Iterable[Request],
    policy: Policy,
    *,
    on: date,
    seed: str | None = None,
    effort: int | None = None,
    time_limit_s: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> dict[str, Any]:
    """One round (rules A to D): who gets which pairs over which routes, with proof and a reason for each refusal.

    `effort` bounds the work in engine steps (default 100) and is repeatable; `time_limit_s` is wall time, and where it cut
    something the award says `repeatable: false`. At either, and at Ctrl-C, the best award so far comes back with its bounds.
    Raises BadInput where the network, the circuits and the offer contradict each other.
    """
    started = time.monotonic()  # the only clock here, and only where a wall limit was asked for

    def seconds_left() -> float | None:
        return None if time_limit_s is None else time_limit_s - (time.monotonic() - started)

    def stop() -> bool:
        left = seconds_left()
        return left is not None and left <= 0

    live, rows = tuple(circuits), tuple(requests)
    instance = compile_round(network, live, rows, policy, on)
    settled = settle(
        instance,
        seed,
        Effort(100 if effort is None else effort),
        stop,
        progress or (lambda message: None),
        seconds_left,
    )
    reasons = Reasons(settled, progress or (lambda message: None), stop)
    reasons.fill(seed)
    return _document(settled, reasons, live, seed, stop)


def _document(
    settled: Settled, reasons: Reasons, circuits: tuple[Circuit, ...], seed: str | None, stop: Callable[[], bool]
) -> dict[str, Any]:
    instance = settled.instance
    lines = [_request_line(settled, reasons, r) for r in instance.requests]
    price = Fairness(settled, reasons, stop)
    fairness = price.as_json(lines)
    award: dict[str, Any] = {
        "schema": SCHEMA,
        "inputs": inputs_of(instance.network, circuits, instance.requests, instance.policy),
        "software": SOFTWARE,
        "on": instance.on.isoformat(),
        "illustrative": instance.network.illustrative,
        "proof": "optimal" if settled.optimal else "bounded",
        "unique": settled.unique,
        "repeatable": not (settled.stopped or reasons.holders.cut or price.cut),
        "levels": [
            {"kind": lv.kind, "level": lv.level, "members": lv.members, "bound": lv.bound} for lv in settled.levels
        ],
        "objectives": [{"name": o.name, "value": o.value, "bound": o.bound} for o in settled.objectives],
        "members": member_lines(instance, lines),
        "requests": lines,
        "spans": span_lines(instance, settled),
        "nodes": node_lines(instance, settled),
        "totals": totals(settled, lines),
        "fairness": fairness,
        "seed": seed,
    }
    award["digest"] = award_digest(award)
    award["evidence"] = {**evidence_of(settled, reasons), "fairness": price.evidence}
    return award


def _request_line(settled: Settled, reasons: Reasons, request: Request) -> dict[str, Any]:
    granted = reasons.granted(request.id)
    found, alternative = reasons.explain(request)
    return {
        "request": request.id,
        "member": request.member,
        "kind": request.kind,
        "requested": request.wanted,
        "granted": granted,
        "circuits": circuits_of(settled.instance, request, granted, reasons.routes(request.id)),
        "reasons": found,
        "alternative": alternative,
    }


def award_circuits(
    award: Mapping[str, Any], requests: Iterable[Request], start: date, end: date | None
) -> tuple[Circuit, ...]:
    """The granted circuits of an award, one per pair; a request's own dates win over `start` and `end`."""
    by_id = {r.id: r for r in requests}
    made: list[Circuit] = []
    for line in award["requests"]:
        request = by_id.get(line["request"])
        first = (request.start if request else None) or start
        last = (request.end if request else None) or end
        for number, circuit in enumerate(line["circuits"], 1):
            base = Circuit(f"{line['request']}-{number}", line["member"], first, last, request=line["request"])
            if "legs" in circuit:
                made.append(replace(base, legs=tuple(tuple(leg["spans"]) for leg in circuit["legs"])))
            else:
                made.append(
                    replace(
                        base,
                        node=circuit["node"],
                        rack_units=circuit["rack_units"],
                        power_w=circuit["power_w"],
                    )
                )
    return tuple(made)
