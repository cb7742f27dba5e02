"""`allocate`: one round as a pure function, and the award as the document `cni.award/1`."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from allocation.evidence import evidence_of
from allocation.fairness import Fairness
from allocation.files.requests import policy_to_json, requests_to_json
from allocation.policy import Policy
from allocation.progress import Progress
from allocation.reasons.finding import Reasons
from allocation.request import Request
from allocation.solving.instance import Instance, compile_round
from allocation.solving.search import Effort
from allocation.solving.settle import Settled, settle
from allocation.solving.spaces import Legs
from topology.about import SOFTWARE
from topology.canonical import digest_of
from topology.files.json_form import circuits_to_json, network_to_json
from topology.model import Circuit, Network
from topology.quantities import as_thousands, three_places

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
        "members": _members(instance, lines),
        "requests": lines,
        "spans": _spans(instance, settled),
        "nodes": _nodes(instance, settled),
        "totals": _totals(settled, lines),
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


def circuits_of(instance: Instance, request: Request, granted: int, routes: Iterable[Legs]) -> list[dict[str, Any]]:
    """The granted circuits as the award shows them, sorted by metres, then ids."""
    if not request.is_fibre:
        if not granted:
            return []
        return [{"node": request.node, "rack_units": granted, "power_w": request.watts_for(granted)}]
    graph, network = instance.graph, instance.network
    optics, wavelength = instance.policy.optics, request.wavelength_nm or 1550

    def metres(legs: Legs) -> int:
        return sum(graph.length_m[s] for leg in legs for s in leg)

    shown = []
    for legs in sorted(routes, key=lambda legs: (metres(legs), legs)):
        parts = []
        for leg in legs:
            spans = tuple(graph.span_ids[s] for s in leg)
            length = network.length_m(spans)
            parts.append(
                {
                    "spans": list(spans),
                    "nodes": list(network.nodes_of_leg(spans, request.a)),
                    "length_km": as_thousands(length),
                    "loss_db": three_places(optics.loss_db(length, wavelength)),
                }
            )
        shown.append({"legs": parts})
    return shown


def _members(instance: Instance, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    unit = {r.id: (r.legs if instance.policy.unit == "leg" else 1) for r in instance.requests}
    table: dict[str, dict[str, Any]] = {}
    eligible = {
        r.member for r in instance.requests if not any(g.code == "not_eligible" for g in instance.refused.get(r.id, ()))
    }
    asked = {r.id for r in instance.requests if r.id not in instance.refused and not r.alternative_of}
    for line in lines:
        member = table.setdefault(
            line["member"],
            {
                "member": line["member"],
                "group": instance.network.group_of(line["member"]),
                "eligible": line["member"] in eligible,
                "requested": 0,
                "granted": 0,
                "rack_units_requested": 0,
                "rack_units_granted": 0,
            },
        )
        prefix, size = ("", unit[line["request"]]) if line["kind"] == "fibre" else ("rack_units_", 1)
        member[f"{prefix}granted"] += line["granted"] * size
        if line["request"] in asked:
            member[f"{prefix}requested"] += line["requested"] * size
    return [table[m] for m in sorted(table)]


def draws_by_row(settled: Settled) -> dict[int, int]:
    """Pairs, rack units or watts that the award draws on each row."""
    instance, best = settled.instance, settled.best
    drawn: dict[int, int] = defaultdict(int)
    for number, circuits in best.routes.items():
        for legs in circuits:
            for row in instance.draws(instance.asks[number], legs):
                drawn[row] += 1
    for ask in instance.asks:
        for row in ask.rack_rows:
            drawn[row] += best.granted[ask.number]
        for row in ask.power_rows:
            drawn[row] += ask.request.watts_for(best.granted[ask.number])
    return drawn


def _tightest(offers: Iterable[tuple[date, int]], used: Mapping[date, int]) -> tuple[date, int, int]:
    """(since, offered, granted) where least is left. `used` holds what is granted from a date on, until the next."""
    steps = dict(offers)
    marks = sorted(set(steps) | set(used))
    best: tuple[int, date, int, int] | None = None
    offered = granted = 0
    for at in marks:
        offered, granted = steps.get(at, offered), used.get(at, granted)
        if best is None or offered - granted < best[0]:
            best = (offered - granted, at, offered, granted)
    assert best is not None
    return best[1], best[2], best[3]


def usage(instance: Instance, lines: Iterable[tuple[Request, Mapping[str, int]]]) -> dict[str, dict[date, int]]:
    """Place -> what is granted there from each date on: the sum over requests that hold it then."""
    from allocation.solving.instance import interval

    changes: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for request, amounts in lines:
        start, end = interval(request, instance.on)
        for place, amount in amounts.items():
            changes[place][start] += amount
            if end != date.max:
                changes[place][end] -= amount
    running: dict[str, dict[date, int]] = {}
    for place, steps in changes.items():
        total, table = 0, {}
        for at in sorted(steps):
            total += steps[at]
            table[at] = total
        running[place] = table
    return running


def _spans(instance: Instance, settled: Settled) -> list[dict[str, Any]]:
    drawn: list[tuple[Request, Mapping[str, int]]] = []
    for number, circuits in settled.best.routes.items():
        amounts: dict[str, int] = defaultdict(int)
        for legs in circuits:
            for leg in legs:
                for s in leg:
                    amounts[instance.graph.span_ids[s]] += 1
        drawn.append((instance.asks[number].request, amounts))
    used = usage(instance, drawn)
    offers: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for row in instance.offer.spans:
        offers[row.id].append((row.from_, row.pairs))
    table = []
    for span in instance.network.spans:
        since, offered, granted = _tightest(offers[span], used.get(span, {}))
        table.append(
            {"span": span, "offered": offered, "granted": granted, "left": offered - granted, "from": since.isoformat()}
        )
    return table


def _nodes(instance: Instance, settled: Settled) -> list[dict[str, Any]]:
    asks = [a for a in instance.asks if not a.is_fibre and settled.best.granted[a.number]]
    units = usage(instance, [(a.request, {a.request.node: settled.best.granted[a.number]}) for a in asks])
    watts = usage(
        instance, [(a.request, {a.request.node: a.request.watts_for(settled.best.granted[a.number])}) for a in asks]
    )
    offers: dict[str, dict[str, list[tuple[date, int]]]] = defaultdict(lambda: {"rack_units": [], "power_w": []})
    for row in instance.offer.nodes:
        offers[row.id]["rack_units"].append((row.from_, row.rack_units.offered))
        offers[row.id]["power_w"].append((row.from_, row.power_w.offered))
    table = []
    for node in instance.network.nodes:
        line: dict[str, Any] = {"node": node}
        for name, used in (("rack_units", units), ("power_w", watts)):
            since, offered, granted = _tightest(offers[node][name], used.get(node, {}))
            line[name] = {
                "offered": offered,
                "granted": granted,
                "left": offered - granted,
                "from": since.isoformat(),
            }
        table.append(line)
    return table


def _totals(settled: Settled, lines: list[dict[str, Any]]) -> dict[str, Any]:
    fibre = [line for line in lines if line["kind"] == "fibre"]
    room = [line for line in lines if line["kind"] != "fibre"]
    return {
        "requests": len(lines),
        "requests_granted_in_full": sum(line["granted"] == line["requested"] for line in lines),
        "requests_granted_in_part": sum(0 < line["granted"] < line["requested"] for line in lines),
        "requests_refused": sum(line["granted"] == 0 for line in lines),
        "pairs_requested": sum(line["requested"] for line in fibre),
        "pairs_granted": sum(line["granted"] for line in fibre),
        "rack_units_requested": sum(line["requested"] for line in room),
        "rack_units_granted": sum(line["granted"] for line in room),
        "pair_metres": sum(
            settled.instance.graph.length_m[s]
            for circuits in settled.best.routes.values()
            for legs in circuits
            for leg in legs
            for s in leg
        ),
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
