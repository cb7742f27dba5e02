"""Scenarios, run: changes first, then the event; what is asked, the figures, and all scenarios side by side.

The event is looked at on the network after the changes. The sweep, availability, weak points and protected key pairs are of
that network without the event. All is a function of the files: the same bytes whatever the order of their rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

from scenarios.failures.availability import availability_document
from scenarios.failures.events import Event
from scenarios.failures.fail import fail_document
from scenarios.failures.sweep import sweep, sweep_document
from scenarios.failures.weak_points import weak_points_document
from scenarios.runs.changes import Changed, apply
from scenarios.runs.commands import commands_of
from scenarios.runs.cutting import Cut, cut_for
from scenarios.runs.figures import compared, figures_of
from scenarios.runs.loading import Loaded
from scenarios.runs.scenario import CIRCUITS
from topology.about import SOFTWARE
from topology.offer import inputs_of

Progress = Callable[[int, int], None]
BLOCKS = 64
"""Pieces that a sweep is cut into, for an executor."""

PARTS = 20
"""Into how many parts a step is divided for progress."""

STEPS = 5
"""Steps of each scenario that progress hears of: changes, event, sweep, availability, weak points with figures."""


def run_document(
    loaded: Sequence[Loaded],
    audience: str = "internal",
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
    seen: list[Cut] | None = None,
) -> tuple[dict[str, Any], bool, bool]:
    """`cni.scenario_run/1`, whether all that was asked is proved, and whether every build is possible.

    `seen` is filled with each scenario as the audience sees it, for pictures. `progress(done, of)` hears of each part of a
    step. Raises BadInput where a moved circuit finds no strands.
    """
    told = _Told(progress, STEPS * len(loaded))
    runs = [_Run(item, apply(item), audience, told) for item in loaded]
    scenarios = [run.document(executor) for run in runs]
    if seen is not None:
        seen += [run.cut for run in runs]
    inputs = {
        f"{item.scenario.id}/{name}": hexa
        for run, item in zip(runs, loaded, strict=True)
        for name, hexa in run.inputs().items()
    }
    document = {
        "schema": "cni.scenario_run/1",
        "software": SOFTWARE,
        "inputs": inputs,
        "illustrative": any(item.network.illustrative for item in loaded),
        "disclosure": audience,
        "scenarios": scenarios,
        "compare": compared(scenarios),
    }
    return document, all(run.proved for run in runs), all(run.possible for run in runs)


class _Told:
    """Counts steps."""

    def __init__(self, progress: Progress | None, of: int) -> None:
        self.progress, self.done, self.of = progress, 0, of

    def step(self) -> None:
        """A step is done."""
        self.done += 1
        self.part(0, 1)

    def part(self, done: int, of: int) -> None:
        """So much of the next step is done."""
        if self.progress is not None:
            self.progress(PARTS * self.done + PARTS * done // max(1, of), PARTS * self.of)


class _Run:
    """One scenario."""

    def __init__(self, loaded: Loaded, changed: Changed, audience: str, told: _Told) -> None:
        self.told = told
        self.cut: Cut = cut_for(loaded, changed, audience)
        self.loaded, self.changed = self.cut.loaded, self.cut.changed
        self.proved = changed.document is None or changed.document["proof"] != "bounded"
        self.possible = changed.document is None or changed.document["proof"] != "infeasible"
        told.step()

    def document(self, executor: Executor | None = None) -> dict[str, Any]:
        """The scenario as its result shows it."""
        scenario, parts = self.loaded.scenario, self._parts(executor)
        event = scenario.event
        return {
            "id": scenario.id,
            "name": scenario.name,
            "text": scenario.text,
            "file": scenario.file,
            "on": self.loaded.on.isoformat(),
            "event": self.cut.event_json(),
            "event_text": self.cut.event_text(),
            "per_year": None
            if event.per_year is None
            else {"value": f"{event.per_year:f}", "source": event.rate_source},
            "repair_hours": None if event.repair_hours is None else f"{event.repair_hours:f}",
            "changes": self.cut.changes_json(),
            "assumptions": dict(scenario.assumptions),
            "figures": figures_of(self.loaded, self.changed, parts),
            **{key: self.cut.shown(key, parts[key]) for key in ("fail", "sweep", "availability", "weak_points")},
            "build": self.cut.shown("build", self.changed.document),
            "left_out": self.cut.left_out,
            "commands": commands_of(self.loaded, self.cut.audience),
        }

    def _parts(self, executor: Executor | None) -> dict[str, Any]:
        """The documents that are asked for, else None; and the totals of the single failures."""
        network, circuits, on = self.changed.network, self.changed.circuits, self.loaded.on
        ask = self.loaded.scenario.ask
        parts: dict[str, Any] = dict.fromkeys(("fail", "sweep", "availability", "weak_points"))
        if self.loaded.event is not None:
            parts["fail"] = fail_document(network, circuits, _here(self.loaded.event, self.changed), on)
            self.proved &= parts["fail"]["restoration"]["proof"] == "optimal"
        self.told.step()
        if ask.sweep:
            parts["sweep"] = sweep_document(
                network, circuits, on, ask.sweep, executor=executor, blocks=BLOCKS, progress=self.told.part
            )
        parts["singles"] = parts["sweep"]["totals"] if ask.sweep else sweep(network, circuits, on, 1, 1).totals
        self.told.step()
        if ask.availability:
            parts["availability"], closed = self._availability(executor)
            self.proved &= closed
        self.told.step()
        if ask.weak_points:
            parts["weak_points"] = weak_points_document(network, circuits, on)
        self.told.step()
        return parts

    def _availability(self, executor: Executor | None) -> tuple[dict[str, Any], bool]:
        """Expected downtime; without key pairs where only circuits are asked for."""
        network, circuits = self.changed.network, self.changed.circuits
        if self.loaded.scenario.ask.availability != CIRCUITS:
            return availability_document(network, circuits, self.loaded.on, executor=executor, progress=self.told.part)
        keyless = {name: replace(node, key=False) for name, node in network.nodes.items()}
        document, closed = availability_document(replace(network, nodes=keyless), circuits, self.loaded.on)
        return {**document, "inputs": inputs_of(network, circuits)}, closed

    def inputs(self) -> dict[str, str]:
        """Digests of what the scenario was computed from; what the audience may not see has none, as ids could be tried out."""
        found = inputs_of(self.loaded.network, self.loaded.circuits if self.loaded.scenario.circuits else None)
        if not self.cut.whole:
            return found
        if self.changed.document is not None:
            found |= {k: v for k, v in self.changed.document["inputs"].items() if k not in found}
        return {**found, "scenario": self.loaded.scenario.digest}


def _here(event: Event, changed: Changed) -> Event:
    """The event without candidates that are not built, and groups that only they are in."""
    network = changed.network
    return Event(
        tuple(s for s in event.spans if s in network.spans),
        tuple(n for n in event.nodes if n in network.nodes),
        tuple(g for g in event.risk_groups if g in network.risk_groups),
    )
