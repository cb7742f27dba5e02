"""Two scenarios on one map: the first that was named as it is before, the last as it is after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from scenarios.reports.pictures import State, before_after_map, damage_of
from scenarios.runs.cutting import Cut
from scenarios.runs.loading import Loaded
from topology.model import Network
from topology.problems import bad_input

Json = Mapping[str, Any]


def check_shown(loaded: Sequence[Loaded], audience: str) -> None:
    """Refuse a map that the audience does not get: the public none, members none of what fails. Raises BadInput."""
    fails = any(item.event is not None for item in (loaded[0], loaded[-1]))
    if audience == "public" or (fails and audience != "internal"):
        said = "a map of what fails is for the co-operative's own use; the public gets no map of scenarios."
        raise bad_input(said, file="--map", value=audience, code="not_disclosed")


def compared_map(run: Json, seen: Sequence[Cut], name: str = "map") -> str:
    """The before/after map of the first and the last scenario of a run, as SVG text. Raises BadInput as `check_shown`."""
    check_shown([cut.loaded for cut in seen], seen[0].audience)
    first, last = run["scenarios"][0], run["scenarios"][-1]
    states = [_state(scenario, cut) for scenario, cut in ((first, seen[0]), (last, seen[-1]))]
    scope = "; ".join(f"{s['id']}: {_said(s)}, on {s['on']}" for s in (first, last))
    return before_after_map(states[0], states[1], claim=_claim(first, last), scope=scope, name=name)


def _state(scenario: Json, cut: Cut) -> State:
    changed, event, on = cut.changed, cut.loaded.event, cut.loaded.on
    damage = damage_of(changed.network, changed.circuits, event, on) if event else None
    built = frozenset(c.id for c in changed.built or ()) & changed.network.spans.keys()
    altered = frozenset(s for c in changed.changes if c.kind in ("recall", "move", "withdraw") for s in c.spans)
    network = changed.network if cut.whole else _keyless(changed.network)
    return State(network, scenario["name"] or scenario["id"], _counts(scenario), damage, built, altered, on)


def _keyless(network: Network) -> Network:
    """Below internal nobody is told which nodes are key."""
    return replace(network, nodes={n.id: replace(n, key=False) for n in network.nodes.values()})


def _counts(scenario: Json) -> tuple[str, ...]:
    figures = scenario["figures"]
    lines = [
        f"Circuits down: {figures['circuits_down']} of {figures['circuits']}",
        f"Pairs of key nodes parted: {figures['key_pairs_lost']} of {figures['key_pairs']}",
        f"Key pairs that survive any single failure: {_safe(scenario)} of {figures['key_pairs']}",
    ]
    return tuple(lines if scenario["event_text"] or figures["circuits_down"] else lines[2:])


def _safe(scenario: Json) -> str:
    found = scenario["figures"]["key_pairs_protected"]
    return str(found["low"]) if found["low"] == found["high"] else f"{found['low']} to {found['high']}"


def _claim(first: Json, last: Json) -> str:
    """The one thing that the map says: circuits down where that differs, else the pairs that survive."""
    one, other = first["figures"], last["figures"]
    if one["circuits_down"] != other["circuits_down"]:
        down = f"{other['circuits_down']} of {other['circuits']} circuits down"
        return f"{_title(last)}: {down}; {_title(first)}: {one['circuits_down']}"
    safe = f"{_safe(last)} of {other['key_pairs']} key pairs survive any single failure"
    return f"{_title(last)}: {safe}; {_title(first)}: {_safe(first)}"


def _title(scenario: Json) -> str:
    return str(scenario["name"] or scenario["id"])


def _said(scenario: Json) -> str:
    return "; ".join([*(c["text"] for c in scenario["changes"]), scenario["event_text"]]).strip("; ") or "as it is"
