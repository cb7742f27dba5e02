"""Under each figure of a scenario the command that gives it, to be run in the folder of the scenario's file."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from scenarios.runs.figures import FIGURES
from scenarios.runs.loading import Loaded

BY_EVENT = ("circuits_down", "circuits_one_leg", "circuits_restorable", "members_hit", "key_pairs_lost")
SWEPT = ("singles_with_key_loss", "only_together")


def commands_of(loaded: Loaded, audience: str = "internal") -> dict[str, str]:
    """Figure -> command. What no single command gives (after changes, by several polygons) is given by running the scenario.

    Below the audience internal every figure comes from a run that is cut for it: other commands would name ids.
    """
    scenario = loaded.scenario
    cut = [] if audience == "internal" else ["--disclosure", audience]
    run = shlex.join(["cni", "scenario", "run", scenario.file, "--json", *cut])
    commands = {key: run for key, _, _ in FIGURES}
    if cut:
        return commands
    if scenario.changes.candidates and not scenario.changes.build:
        commands |= dict.fromkeys(("cost_pence", "carbon_kg"), _command("build", loaded, _build(loaded), False))
    if scenario.changes != type(scenario.changes)():
        return commands
    if scenario.event.names_something and len(scenario.event.polygons) < 2:
        commands |= dict.fromkeys(BY_EVENT, _command("fail", loaded, _event(loaded)))
    order = str(scenario.ask.sweep or 1)
    commands |= dict.fromkeys(SWEPT, _command("sweep", loaded, ["--order", order]))
    return {**commands, "minutes_year": _command("availability", loaded, ())}


def _command(verb: str, loaded: Loaded, more: Iterable[str], circuits: bool = True) -> str:
    scenario = loaded.scenario
    words = ["cni", "scenario", verb, scenario.network]
    if circuits and scenario.circuits:
        words += ["--circuits", scenario.circuits]
    return shlex.join([*words, *more, "--on", loaded.on.isoformat()])


def _event(loaded: Loaded) -> list[str]:
    event = loaded.scenario.event
    words = [word for name in event.spans for word in ("--span", name)]
    words += [word for name in event.nodes for word in ("--node", name)]
    words += [word for name in event.risk_groups for word in ("--risk-group", name)]
    words += [word for name in event.contributors for word in ("--contributor", name)]
    words += [word for a in event.areas for word in ("--area", f"{a.lat},{a.lon},{a.km}")]
    return words + [word for name in event.polygons for word in ("--polygon", name)]


def _build(loaded: Loaded) -> list[str]:
    changes = loaded.scenario.changes
    words = ["--candidates", changes.candidates]
    if changes.carbon:
        words += ["--carbon", changes.carbon]
    if changes.level:
        words += ["--level", changes.level]
    if changes.budget is None:
        return words
    words += ["--budget", f"{changes.budget // 100}.{changes.budget % 100:02d}", "--goal", changes.goal]
    return [*words, "--weights", changes.weights] if changes.weights else words
