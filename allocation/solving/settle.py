"""The whole objective (rules B1 to B5) from first to last, as one settled round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from allocation.progress import Progress
from allocation.solving.finish import Finish
from allocation.solving.instance import Instance
from allocation.solving.levels import KINDS, Level, in_rank_order, settle_levels, settle_lot, settle_rank
from allocation.solving.linear import value_of
from allocation.solving.search import Effort, Outcome, Routed, Search, Stopped


@dataclass(frozen=True, slots=True)
class Objective:
    """One of B2 to B5: integers for metres and positions, lists of units for the others."""

    name: str
    value: Any
    bound: Any


@dataclass(eq=False)
class Settled:
    """What a round came to, before it is written as an award."""

    instance: Instance
    search: Search
    levels: list[Level] = field(default_factory=list)
    objectives: list[Objective] = field(default_factory=list)
    ids_proved: bool = False
    stopped: bool = False
    fixed_after_levels: int = 0
    finish: Finish | None = None

    @property
    def best(self) -> Routed:
        """The award as numbers."""
        return self.search.best

    @property
    def optimal(self) -> bool:
        """Whether every level is proved, up to the one that nobody can reach."""
        done = {level.kind for level in self.levels if level.bound == 0}
        return all(level.members == level.bound for level in self.levels) and done == set(KINDS)

    @property
    def unique(self) -> bool:
        """Whether every objective is proved too, so that no other award is as good."""
        return self.optimal and self.ids_proved and all(o.value == o.bound for o in self.objectives)


def settle(
    instance: Instance,
    seed: str | None,
    effort: Effort,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[Progress], None] = lambda message: None,
    seconds_left: Callable[[], float | None] = lambda: None,
) -> Settled:
    """Settle a round. A limit or `stop` ends it early with the best award so far and the bounds reached."""
    search = Search(instance, effort, stop, seconds_left=seconds_left)
    settled = Settled(instance, search)
    stage: list[Any] = ["levels", 0]

    def note(bound: int, found: int) -> None:
        progress(Progress(str(stage[0]), int(stage[1]), bound, found))

    search.note = note
    try:
        _levels(settled, stage, progress)
        settled.fixed_after_levels = len(search.core.linear.rows)
        _ties(settled, seed, stage, progress)
    except (Stopped, KeyboardInterrupt):  # Ctrl-C ends like a limit; pressed again it ends the programme
        settled.stopped = True
        _complete(settled, seed)
    return settled


def _levels(settled: Settled, stage: list[Any], progress: Callable[[Progress], None]) -> None:
    for kind in KINDS:
        stage[0], stage[1] = f"{kind} level", 1

        def told(level: Level) -> None:
            progress(Progress(f"{level.kind} level", level.level, level.bound, level.members))
            stage[1] = level.level + 1

        for level in settle_levels(settled.search, kind, told):
            settled.levels.append(level)


def _ties(settled: Settled, seed: str | None, stage: list[Any], progress: Callable[[Progress], None]) -> None:
    search = settled.search
    for tie in settled.instance.policy.ties:
        stage[0], stage[1] = tie, 0
        progress(Progress(tie, 0, 0, 0))
        if tie == "lot":
            for kind in KINDS:
                name = "lot" if kind == "fibre" else "lot_colocation"
                settled.objectives.append(Objective(name, *settle_lot(search, kind, seed)))
        elif tie == "rank":
            settled.objectives.append(Objective("rank", *settle_rank(search, seed, _lots_proved(settled))))
        else:
            settled.finish = Finish(search)
            outcome = settled.finish.settle_metres()
            settled.objectives.append(Objective("metres", outcome.value, outcome.bound))
            if settled.finish.columns is not None:
                search.over = settled.finish.maximise  # later objectives are exact over the closed list
    stage[0] = "positions"
    progress(Progress("positions", 0, 0, 0))
    assert settled.finish is not None
    positions = settled.finish.settle_positions()
    settled.objectives.append(Objective("positions", positions.value, positions.bound))
    settled.ids_proved = settled.finish.settle_ids()


def _lots_proved(settled: Settled) -> bool:
    """Whether the lot came first and is proved, so that each group's units are final."""
    lots = [o for o in settled.objectives if o.name.startswith("lot")]
    return bool(lots) and all(o.value == o.bound for o in lots)


def restate(settled: Settled, seed: str | None) -> None:
    """State levels and objectives anew for an award that has changed since: values as they are now, bounds that still hold.

    A level's bound holds whatever was added; bounds of later objectives assumed the values before them, so they become plain.
    """
    search, core = settled.search, settled.search.core
    values = core.values(list(search.best.granted))

    def held(level: Level) -> int:
        groups = settled.instance.groups(level.kind)
        units = (value_of(core.units(level.kind, g), values) + core.base(level.kind, g) for g in groups)
        return sum(u >= level.level for u in units)

    settled.levels = [replace(lv, members=held(lv), bound=max(held(lv), lv.bound)) for lv in settled.levels]
    settled.objectives = []
    settled.ids_proved = False
    settled.finish = None
    _complete(settled, seed)


def _complete(settled: Settled, seed: str | None) -> None:
    """The levels and objectives that were not reached, with the values of the award so far and plain bounds."""
    search, instance = settled.search, settled.instance
    core = search.core
    values = core.values(list(search.best.granted))
    for kind in KINDS:
        done = [level for level in settled.levels if level.kind == kind]
        if done and done[-1].bound == 0:
            continue
        level = len(done) + 1
        while True:
            able = sum(core.most_units(kind, g) >= level for g in instance.groups(kind))
            bound = min(able, done[-1].bound if done else able)
            held = sum(
                value_of(core.units(kind, g), values) + core.base(kind, g) >= level for g in instance.groups(kind)
            )
            done.append(Level(kind, level, held, bound, "stopped", len(search.cuts)))
            settled.levels.append(done[-1])
            if bound == 0:
                break
            level += 1
    settled.levels.sort(key=lambda lv: (KINDS.index(lv.kind), lv.level))
    have = {o.name for o in settled.objectives}
    from allocation.lottery import drawn_order

    for kind, name in (("fibre", "lot"), ("colocation", "lot_colocation")):
        if name not in have:
            groups = drawn_order(seed, instance.groups(kind))
            value = [value_of(core.units(kind, g), values) + core.base(kind, g) for g in groups]
            settled.objectives.append(Objective(name, value, [core.most_units(kind, g) for g in groups]))
    if "rank" not in have:
        asks = in_rank_order(core, seed)
        units = [a.unit * search.best.granted[a.number] for a in asks]
        settled.objectives.append(Objective("rank", units, [a.unit * a.wanted for a in asks]))
    finish = settled.finish or Finish(search)
    for name, outcome in (
        ("metres", Outcome(finish.metres(), 0, "stopped")),
        ("positions", Outcome(finish.positions(), 0, "stopped")),
    ):
        if name not in have:
            settled.objectives.append(Objective(name, outcome.value, outcome.bound))
    names = {"lot": ("lot", "lot_colocation"), "rank": ("rank",), "metres": ("metres",)}
    order = [n for tie in instance.policy.ties for n in names[tie]] + ["positions"]
    settled.objectives.sort(key=lambda o: order.index(o.name))
