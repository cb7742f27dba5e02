"""Integer flows of circuits that come back: one unit each from end to end, spare pairs shared, objectives fixed in turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from allocation.solving.linear import INFINITY, Linear, solve_mip
from scenarios.failures.restore_greedy import Job
from topology.model import Leg, Network

GREATEST_WEIGHT = 1 << 20
"""Objectives in turn are weighed in one where the weights stay below this: engines work in doubles, with tolerances."""


class Flows:
    """A growing programme and the best values known. `proved`: every step so far was solved to its end."""

    def __init__(
        self, network: Network, jobs: Sequence[Job], spare: Mapping[str, int], start: Mapping[str, Leg], nodes: int
    ) -> None:
        self.network, self.jobs, self.nodes = network, jobs, nodes
        self.linear = Linear()
        self.back = {j.id: self.linear.variable(0, 1) for j in jobs}
        self.arcs: dict[str, dict[tuple[str, str], int]] = {}
        """Circuit -> (span, node it leaves) -> variable."""
        shared: dict[str, dict[int, int]] = {}
        for job in jobs:
            arcs = self.arcs[job.id] = self._arcs_of(job, spare)
            for (span, _), variable in arcs.items():
                if span not in job.own:
                    shared.setdefault(span, {})[variable] = 1
            self._conserve(job, arcs)
        for span, terms in shared.items():
            self.linear.row(terms, high=spare[span])
        self.values = self._values_of(start)
        self.proved = True
        assert self.linear.holds(self.values)

    def _arcs_of(self, job: Job, spare: Mapping[str, int]) -> dict[tuple[str, str], int]:
        usable = [s for name, s in self.network.spans.items() if spare.get(name, 0) > 0 or name in job.own]
        return {(s.id, end): self.linear.variable(0, 1) for s in usable for end in (s.start, s.end)}

    def _conserve(self, job: Job, arcs: Mapping[tuple[str, str], int]) -> None:
        """What leaves a node less what comes in: `back` at one end, its opposite at the other, else nothing."""
        rows: dict[str, dict[int, int]] = {job.a: {}, job.b: {}}
        for (span, end), variable in arcs.items():
            rows.setdefault(end, {})[variable] = 1
            rows.setdefault(self.network.spans[span].other_end(end), {})[variable] = -1
        rows[job.a][self.back[job.id]] = -1
        rows[job.b][self.back[job.id]] = 1
        for node in sorted(rows):
            self.linear.row(rows[node], 0, 0)

    def _values_of(self, legs: Mapping[str, Leg]) -> tuple[int, ...]:
        values = [0] * len(self.linear.low)
        for job in self.jobs:
            at = job.a
            for span in legs.get(job.id, ()):
                values[self.arcs[job.id][span, at]] = 1
                at = self.network.spans[span].other_end(at)
            values[self.back[job.id]] = int(job.id in legs)
        return tuple(values)

    def level(self, groups: Sequence[Sequence[str]], level: int) -> tuple[bool, int]:
        """As many groups as possible with `level` circuits back, then fixed; whether that is proved, and the bound."""
        flags = {}
        values = list(self.values)
        for group in groups:
            flag = self.linear.variable(0, 1)
            terms = {self.back[c]: 1 for c in group}
            self.linear.row({**terms, flag: -level}, low=0)
            flags[flag] = 1
            values.append(int(sum(self.values[v] for v in terms) >= level))
        self.values = tuple(values)
        return self._best(flags)

    def in_turn(self, wishes: Sequence[Sequence[str]]) -> None:
        """As many circuits as possible of the first list, then of the second, ...; each fixed before the next."""
        batch: dict[int, int] = {}
        weight = 1
        parts: list[list[Sequence[str]]] = [[]]
        for wish in wishes:
            if weight * (len(wish) + 1) > GREATEST_WEIGHT:
                parts.append([])
                weight = 1
            weight *= len(wish) + 1
            parts[-1].append(wish)
        for part in parts:
            batch, weight = {}, 1
            for wish in reversed(part):
                batch.update(dict.fromkeys((self.back[c] for c in wish), weight))
                weight *= len(wish) + 1
            self._best(batch)
            for wish in part:
                terms = {self.back[c]: 1 for c in wish}
                self.linear.row(terms, low=sum(self.values[v] for v in terms))

    def least_metres(self) -> None:
        """Least pair-metres in all. Own strands count as much: they are the same metres of light."""
        costs = {v: -self.network.spans[span].length_m for arcs in self.arcs.values() for (span, _), v in arcs.items()}
        self._best(costs)

    def _best(self, objective: Mapping[int, int]) -> tuple[bool, int]:
        """Maximise, keep the better of the answer and what was known, and fix its value; whether it is proved, the bound."""
        known = sum(c * self.values[v] for v, c in objective.items())
        most = sum(c for c in objective.values() if c > 0)
        if known == most or not objective:
            bound = known
        else:
            answer = solve_mip(self.linear, objective, engine="scip", nodes=self.nodes, hint=self.values)
            if answer.values is not None:
                value = sum(c * answer.values[v] for v, c in objective.items())
                if value > known:
                    self.values, known = answer.values, value
            bound = most if answer.bound is None else max(known, min(most, answer.bound))
        self.proved = self.proved and bound == known
        self.linear.row(objective, low=known, high=INFINITY)
        return bound == known, bound

    def legs(self) -> dict[str, Leg]:
        """The leg of every circuit that is back: its flow from end to end, without rings."""
        return {job.id: self._leg(job) for job in self.jobs if self.values[self.back[job.id]]}

    def _leg(self, job: Job) -> Leg:
        out: dict[str, list[str]] = {}
        for (span, end), variable in sorted(self.arcs[job.id].items()):
            if self.values[variable]:
                out.setdefault(end, []).append(span)
        return _path(self.network, out, job.a, job.b)


def _path(network: Network, out: Mapping[str, Iterable[str]], a: str, b: str) -> Leg:
    """A path with fewest spans along arcs."""
    reached: dict[str, Leg] = {a: ()}
    queue = [a]
    for node in queue:
        for span in out.get(node, ()):
            other = network.spans[span].other_end(node)
            if other not in reached:
                reached[other] = (*reached[node], span)
                queue.append(other)
    return reached[b]
