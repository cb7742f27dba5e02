"""The lines of an award: what each circuit, member, span and node comes to, counted from the routes that were settled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from allocation.request import Request
from allocation.solving.instance import Instance, interval
from allocation.solving.settle import Settled
from allocation.solving.spaces import Legs
from topology.quantities import as_thousands, three_places


def circuits_of(instance: Instance, request: Request, granted: int, routes: Iterable[Legs]) -> list[dict[str, Any]]:
    """The granted circuits as the award shows them, sorted by metres, then ids."""
    if not request.is_fibre:
        if not granted:
            return []
        return [{"node": request.node, "rack_units": granted, "power_w": request.watts_for(granted)}]
    graph, network = instance.graph, instance.network
    optics, wavelength = instance.policy.optics, request.wavelength_nm

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


def member_lines(instance: Instance, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each member asked for and was granted, in units of the policy; sorted by id."""
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


def span_lines(instance: Instance, settled: Settled) -> list[dict[str, Any]]:
    """Pairs offered, granted and left of every span where least is left, and since when."""
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


def node_lines(instance: Instance, settled: Settled) -> list[dict[str, Any]]:
    """The same of every node: rack units and watts."""
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


def totals(settled: Settled, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Sums over all requests: counts, pairs, rack units, and pair-metres of all routes."""
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
