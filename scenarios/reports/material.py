"""What a report shows beside the run: maps, rates of events, the spans that are built, and lines of scope.

All of it is made of the scenarios as the audience sees them (`cutting.Cut`). A map of what fails is for the co-operative's own use
only, as such a map is everywhere; what is built is drawn for members too, without telling which nodes are key; the public
gets no map here.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from scenarios.builds.candidates import Candidate
from scenarios.failures.events import Event
from scenarios.reports.charts import Step
from scenarios.reports.choices import Built, Curve
from scenarios.reports.parts import caution
from scenarios.reports.pictures import State, before_after_map, damage_of
from scenarios.reports.register import is_risk, title_of
from scenarios.reports.report import Material
from scenarios.reports.risk_scales import Rate, rate_of
from scenarios.runs.cutting import Cut
from topology.maps.context import Context
from topology.model import Network

Json = dict[str, Any]


def material_of(
    run: Json,
    seen: Sequence[Cut],
    context: Context | None = None,
    *,
    points: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Material:
    """The material for a run, from the same scenarios in the same order. `points` above 0: the curve of so many budgets too."""
    pairs = list(zip(run["scenarios"], seen, strict=True))
    maps = {s["id"]: svg for n, (s, cut) in enumerate(pairs) if (svg := _map(run, s, cut, f"map{n}", context))}
    rates = {s["id"]: rate for s, cut in pairs if is_risk(s) and (rate := _rate(s, cut))}
    built = {s["id"]: tuple(_built(cut)) for s, cut in pairs if cut.changed.built and cut.audience != "public"}
    fails = {s["id"]: tuple(_fails(cut)) for s, cut in pairs if cut.whole and cut.loaded.event}
    return Material(maps, rates, fails, built, _curve(seen, points, progress), _scope(run, seen))


def map_of(run: Json, number: int, seen: Sequence[Cut], name: str = "map") -> str:
    """The before/after map of one scenario, "" where the audience gets none."""
    return _map(run, run["scenarios"][number], seen[number], name, None)


def _map(run: Json, scenario: Json, cut: Cut, name: str, context: Context | None) -> str:
    event = cut.loaded.event
    built = _built_ids(cut)
    altered = frozenset(s for c in cut.changed.changes if c.kind in ("recall", "move", "withdraw") for s in c.spans)
    if cut.audience == "public" or not (event or built or altered):
        return ""
    if event and not cut.whole:
        return ""
    after = _drawable(cut.changed.network, cut)
    before = _drawable(cut.loaded.network if cut.whole else _without(cut.changed.network, built), cut)
    on = cut.loaded.on
    damage = damage_of(cut.changed.network, cut.changed.circuits, event, on) if event else None
    first = State(before, "Today", _counts_before(run, scenario), on=on)
    last = State(after, title_of(scenario), _counts_after(scenario), damage, built, altered, on)
    scope = f"{_order(scenario)}; as on {on.isoformat()}; {_recorded(cut.changed.network)}"
    return before_after_map(first, last, claim=_claim(scenario), scope=scope, context=context, name=name)


def _built_ids(cut: Cut) -> frozenset[str]:
    """The ids of what is built, as the audience sees them."""
    return frozenset(c.id for c in cut.changed.built or ())


def _drawable(network: Network, cut: Cut) -> Network:
    """The network to draw: below internal nobody is told which nodes are key."""
    if cut.whole:
        return network
    nodes = {n.id: replace(n, key=False) for n in network.nodes.values()}
    return replace(network, nodes=nodes)


def _without(network: Network, spans: frozenset[str]) -> Network:
    return replace(network, spans={s.id: s for s in network.spans.values() if s.id not in spans})


def _claim(scenario: Json) -> str:
    """The one thing that the map says."""
    counts, name = scenario["figures"], title_of(scenario)
    if is_risk(scenario):
        return (
            f"{counts['circuits_down']:,} of {counts['circuits']:,} circuits down, "
            f"{counts['key_pairs_lost']:,} of {counts['key_pairs']:,} key pairs parted: {name}"
        )
    return f"{_safe(counts['key_pairs_protected'], counts['key_pairs'])} key pairs survive any single failure: {name}"


def _safe(found: Json, pairs: int) -> str:
    low, high = found["low"], found["high"]
    return f"{low:,}{'' if low == high else f' to {high:,}'} of {pairs:,}"


def _counts_before(run: Json, scenario: Json) -> tuple[str, ...]:
    """Figures of today that the run holds; for an event what it is measured against."""
    counts = scenario["figures"]
    if is_risk(scenario):
        return (f"Circuits: {counts['circuits']:,}", f"Pairs of key nodes: {counts['key_pairs']:,}")
    base = next((s for s in run["scenarios"] if not s["changes"] and not is_risk(s)), None)
    if scenario["build"]:
        before = scenario["build"]["key_pairs_protected_before"]
    elif base is not None and base["figures"]["key_pairs"] == counts["key_pairs"]:
        before = base["figures"]["key_pairs_protected"]
    else:
        return ()
    return (f"Key pairs that survive any single failure: {_safe(before, counts['key_pairs'])}",)


def _counts_after(scenario: Json) -> tuple[str, ...]:
    counts = scenario["figures"]
    if is_risk(scenario):
        return (
            f"Circuits down: {counts['circuits_down']:,} of {counts['circuits']:,}",
            f"Pairs of key nodes parted: {counts['key_pairs_lost']:,} of {counts['key_pairs']:,}",
        )
    return (f"Key pairs that survive any single failure: {_safe(counts['key_pairs_protected'], counts['key_pairs'])}",)


def _order(scenario: Json) -> str:
    if scenario["event_text"]:
        return f"one event: {scenario['event_text']}"
    return "; ".join(c["text"] for c in scenario["changes"])


def _recorded(network: Network) -> str:
    count = len(network.risk_groups)
    return f"{count:,} risk group{'' if count == 1 else 's'} recorded"


def _rate(scenario: Json, cut: Cut) -> Rate | None:
    told, hours = scenario["per_year"], scenario["repair_hours"]
    given = (float(told["value"]), told["source"]) if told else None
    event = cut.loaded.event
    if event is None and given is None:
        return None
    return rate_of(cut.changed.network, event or Event(), given, float(hours) if hours else None)


def _built(cut: Cut) -> Iterator[Built]:
    nodes: Mapping[str, Any] = cut.changed.network.nodes
    for span in cut.changed.built or ():
        if span.id not in cut.changed.network.spans:
            continue
        start, end = (nodes[n].name or n for n in (span.start, span.end))
        yield Built(span.id, span.name, start, end, span.length_m, span.cost_pence, *_carbon(span))


def _carbon(span: Candidate) -> tuple[str, str]:
    return ("" if span.carbon_kg is None else str(span.carbon_kg), span.carbon_source)


def _fails(cut: Cut) -> Iterator[str]:
    """What an event names, by name: risk groups with what is in them, nodes, spans."""
    event, net = cut.loaded.event, cut.changed.network
    assert event is not None
    for group in event.risk_groups:
        if group in net.risk_groups:
            held = ", ".join(f"{kind} {name}" for kind, name in net.members_of_group.get(group, ()))
            yield f"{net.risk_groups[group].name or group} ({held})"
    for node in event.nodes:
        yield f"{net.nodes[node].name or node} ({node})"
    for span in event.spans:
        if span in net.spans:
            yield f"{net.spans[span].name or span} ({span})"


def _curve(seen: Sequence[Cut], points: int, progress: Callable[[int, int], None] | None) -> Curve | None:
    """The best at so many budgets up to the dearest build, from the candidates of the first scenario that builds.

    Only for the co-operative's own use: it is computed on the whole network.
    """
    builds = [cut for cut in seen if cut.whole and cut.changed.built]
    if not points or not builds:
        return None
    from scenarios.builds.build import Plan, budget_document  # loads solvers, which other reports do not need

    first = builds[0].loaded
    same = [c for c in builds if (c.loaded.network, c.loaded.candidates) == (first.network, first.candidates)]
    most = max(c.changed.cost_pence or 0 for c in same)
    goal = next((g for c in same if (g := c.loaded.scenario.changes.goal)), "class")
    plan = Plan(first.network, first.candidates, first.on)
    told = budget_document(plan, goal, most, points=points, progress=progress)
    before = told["key_pairs_protected_before"]
    steps = [Step(0, 0, before["low"], before["high"])]
    for point in told["curve"]:
        found = point["key_pairs_protected"]
        steps.append(Step(point["budget_pence"], point["cost_pence"], found["low"], found["high"]))
    words = ["cni", "scenario", "build", first.scenario.network, "--candidates", first.scenario.changes.candidates]
    words += ["--budget", f"{most // 100}.{most % 100:02d}", "--goal", goal, "--curve", str(points)]
    return Curve(tuple(steps), goal, shlex.join([*words, "--on", first.on.isoformat()]))


def _scope(run: Json, seen: Sequence[Cut]) -> tuple[str, ...]:
    """Which networks, how large, how many risk groups; and what is left out for the audience."""
    lines = []
    for cut in seen:
        net = cut.loaded.network if cut.whole else _without(cut.changed.network, _built_ids(cut))
        groups = {g for part in (net.spans, net.nodes) for thing in part.values() for g in thing.risk_groups}
        sizes = f"{len(net.nodes):,} nodes, {len(net.spans):,} spans and {len(groups):,} risk groups (what one event can break together)"
        name = net.name or net.id or "without a name"
        lines.append(f"Network: {name}." if cut.audience == "public" else f"Network: {name}, with {sizes}.")
    left = next((s["left_out"]["text"] for s in run["scenarios"] if s.get("left_out")), "")
    return tuple(dict.fromkeys([*lines, *([left] if left and not caution(run) else [])]))
