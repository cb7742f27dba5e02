"""The marginal view: the spans where one more pair would lift the lowest level that not every group reaches (rule B7).

One more pair on a span means: its contributor installs two more strands, all else being equal; caps and reserves follow the new
offer. Whether that lets one more group hold the level, with the levels before as they are, is decided for every span:

1. All spans that a request could use are asked about at once, by an integer programme over grants, level marks, one switch per span
   (just one is on) and the round's metric inequalities, each loosened by what its weights make of the pair that is switched on. No row
   on a span rises by more than one, and the least weights are taken over the routes of a round in which *every* span has the pair,
   so each inequality holds whichever one is on. Where the programme has no solution, no span that is left can help.
2. Else the span that its solution names is decided by a solve of the round with that pair, and left out from then on; the
   inequalities that the solve found join the programme.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from allocation.solving.instance import Instance, compile_round
from allocation.solving.levels import Level
from allocation.solving.linear import CpSatModel, Linear
from allocation.solving.search import Effort, Search
from allocation.solving.settle import Settled

KIND = "fibre"
SHARE = 5
"""The part of a round's effort that the solve of one span may take: one in so many."""

Weights = Mapping[str, int]
"""Name of a row -> its weight in a metric inequality."""


@dataclass(eq=False)
class OneMorePair:
    """Decides every span of one settled round. `found`: those that help; `open`: those that the effort left undecided."""

    settled: Settled
    stop: Callable[[], bool]
    found: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    done: bool = False

    @property
    def level(self) -> Level | None:
        """The first level that fewer groups hold than have an eligible request; None where nobody asks for fibre."""
        groups = len(self.settled.instance.groups(KIND))
        return next((lv for lv in self.settled.levels if lv.kind == KIND and lv.members < groups), None)

    def as_json(self) -> dict[str, Any]:
        """Level, groups that hold it, and the spans where one more pair lets one more hold it; null where any is undecided."""
        level = self.level
        spans = sorted(self.found) if self.done and not self.open else None
        return {"level": level.level if level else 1, "members": level.members if level else 0, "spans": spans}

    def evidence(self) -> dict[str, Any]:
        """What was found, and what stayed undecided within the effort."""
        return {"found": sorted(self.found), "undecided": sorted(self.open)}

    def decide(self) -> None:
        """Decide every span, as far as the effort goes. Raises Stopped at a wall limit. Leaves all open where a level is not proved."""
        level = self.level
        if level is None:
            self.done = True
            return
        before = [lv for lv in self.settled.levels if lv.kind == KIND and lv.level <= level.level]
        if any(lv.members < lv.bound for lv in before):
            return
        every = with_one_more(self.settled.instance, self.settled.instance.network.spans)
        trial = _Trial(self.settled, every, level)
        self.open = trial.candidates()
        trial.build(self.open, [names_of(self.settled.instance, c.weights) for c in self._known(level)])
        self._loop(trial)
        self.done = True

    def _known(self, level: Level) -> list[Any]:
        """The inequalities that are worth their pricing: the last ones that the level's own proof may use."""
        settled = self.settled
        most = 2000 * settled.search.effort.scale // max(1, len(settled.instance.asks))
        return settled.search.cuts[: level.cuts][-max(1, most) :]

    def _loop(self, trial: _Trial) -> None:
        solves = 400 * self.settled.search.effort.scale // max(1, len(self.settled.search.pool.columns))
        for solve in range(len(self.open) + 1):
            span = trial.next_span()
            if span is None:
                self.open = []
            if not span or solve >= solves:
                return
            answer, weights = self._solve(span, trial.level)
            trial.close(span, weights)
            if answer is not None:
                self.open.remove(span)
            if answer:
                self.found.append(span)

    def _solve(self, span: str, level: Level) -> tuple[bool | None, list[Weights]]:
        """Whether one more group holds the level in the round with the pair (None: open), and the inequalities found."""
        settled = self.settled
        instance = with_one_more(settled.instance, [span])
        whole = settled.search
        search = Search(
            instance, Effort(max(1, whole.effort.scale // SHARE)), self.stop, seconds_left=whole.seconds_left
        )
        for column in whole.pool.columns:
            search.pool.add(instance.asks[column.ask], column.legs)
        search.best = settled.best
        goal = _open_levels(search, settled, level)
        search.core.linear.row(goal, high=level.members + 1)  # one more is enough, so nothing further is proved
        outcome = search.maximise(goal, relax=True)
        weights = [names_of(instance, cut.weights) for cut in search.cuts]
        if outcome.value > level.members:
            return True, weights
        return (False if outcome.proved else None), weights


def with_one_more(instance: Instance, spans: Iterable[str]) -> Instance:
    """The round with two more strands on each of the spans."""
    network = instance.network
    more = {s: replace(network.spans[s], fibre_count=network.spans[s].fibre_count + 2) for s in spans}
    grown = replace(network, spans={**network.spans, **more})
    return compile_round(grown, instance.circuits.values(), instance.requests, instance.policy, instance.on)


def names_of(instance: Instance, weights: Iterable[tuple[int, int]]) -> Weights:
    """Weights by row number as weights by the name of the row."""
    return {instance.rows[row].name: weight for row, weight in weights}


def _open_levels(search: Search, settled: Settled, level: Level) -> dict[int, int]:
    """Open the levels up to one, those before it fixed; returns the terms that count it."""
    terms: dict[int, int] = {}
    for before in settled.levels:
        if before.kind == KIND and before.level <= level.level:
            terms = search.core.open_level(KIND, before.level)
            if before.level < level.level and terms:
                search.fix(terms, before.members)
    return terms


class _Trial:
    """The programme of step 1. `every`: the round in which every span has one more pair."""

    def __init__(self, settled: Settled, every: Instance, level: Level) -> None:
        self.settled, self.level = settled, level
        self.search = Search(every, settled.search.effort)
        self.linear: Linear = self.search.core.linear
        goal = _open_levels(self.search, settled, level)
        self.linear.row(goal, low=level.members + 1)
        self.hopeless = len(goal) <= level.members
        self.base = {row.name: row for row in settled.instance.rows}
        self.grown = {row.name: n for n, row in enumerate(every.rows)}
        self.switch: dict[str, int] = {}
        self.model = CpSatModel(self.linear)

    def candidates(self) -> list[str]:
        """Spans on which more could be asked than is offered at some time."""
        every, asked = self.search.instance, dict[str, int]()
        for ask in every.asks:
            for span in ask.space.spans if ask.space is not None else ():
                name = every.graph.span_ids[span]
                asked[name] = asked.get(name, 0) + ask.wanted
        least = dict[str, int]()
        for row in self.settled.instance.rows:
            if row.kind not in ("rack", "power"):
                least[row.place] = min(least.get(row.place, row.capacity), row.capacity)
        return sorted(name for name, pairs in asked.items() if pairs > least.get(name, 0))

    def build(self, spans: Iterable[str], known: Iterable[Weights]) -> None:
        """One switch per span, just one on, and the inequalities that are known."""
        self.switch = {span: self.linear.variable(0, 1) for span in spans}
        self.linear.row(dict.fromkeys(self.switch.values(), 1), 1, 1)
        for weights in known:
            self._add(weights)

    def _add(self, weights: Weights) -> None:
        """A metric inequality with room for the pair that is switched on."""
        every = self.search.instance
        kept = {name: w for name, w in weights.items() if name in self.grown and name in self.base}
        prices = self.search.pool.price({self.grown[name]: w for name, w in kept.items()}, every.asks)
        terms = {self.search.core.x[n]: price[0] for n, price in prices.items() if price is not None and price[0]}
        for name, weight in kept.items():
            row = self.base[name]
            rise = every.rows[self.grown[name]].capacity - row.capacity
            if row.place in self.switch and rise:
                switch = self.switch[row.place]
                terms[switch] = terms.get(switch, 0) - weight * rise
        self.linear.row(terms, high=sum(w * self.base[name].capacity for name, w in kept.items()))

    def next_span(self) -> str | None:
        """A span that may help as far as the programme knows; None where it proves that none is left, "" where it stayed open."""
        if self.hopeless or not self.switch:
            return None
        answer = self.model.maximise({}, effort=self.search.effort.master)
        if answer.infeasible:
            return None
        values = answer.values
        return next((span for span, v in self.switch.items() if values[v]), "") if values is not None else ""

    def close(self, span: str, more: Iterable[Weights]) -> None:
        """Leave a span out from now on, and keep what its solve found."""
        self.linear.row({self.switch[span]: 1}, high=0)
        for weights in more:
            self._add(weights)
