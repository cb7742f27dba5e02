"""Rules B4 and B5: least pair-metres, then least span positions, then the smallest list of span ids. Over all routes.

Least metres is a minimum-cost integer routing. For any row weights p >= 0 and any award,

    metres >= sum over asks of least(metres + p) × granted  -  sum over rows of p × capacity,

which is a bound L once the grants are chosen to make it least (Lagrange). A route whose metres + p exceed the ask's least by more than
(best found - L) is in no best award, so the routes that remain are listed, and over that *closed* list every later objective
is exact. (Reduced-cost enumeration: Baldacci, Christofides and Mingozzi, Math. Programming 115, 2008.)
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from allocation.solving.linear import CpSatModel, Linear, Terms, solve_mip, value_of
from allocation.solving.pool import Column
from allocation.solving.search import Outcome, Search
from allocation.solving.spaces import Legs
from topology.routing.graph import SearchLimitError

STEPS = 1000
"""Row weights are whole thousandths of a metre."""


MOST_PLACES = 2**40
"""Greatest place value of one objective over ids: CP-SAT keeps sums below 2^63."""


@dataclass(eq=False)
class Finish:
    """The end of a round: from the settled objectives to the one award that all objectives leave."""

    search: Search
    columns: list[Column] | None = None  # closed list; None until metres are settled, or where it grew too long
    weights: tuple[tuple[int, int], ...] = ()
    linear: Linear = field(default_factory=Linear)
    variables: list[int] = field(default_factory=list)
    model: CpSatModel | None = None
    values: tuple[int, ...] = ()

    @property
    def most_columns(self) -> int:
        """Longest closed list that is tried."""
        return 300 * self.search.effort.scale

    # -- B4 -------------------------------------------------------------------------------------------------------

    def settle_metres(self) -> Outcome:
        """Least pair-metres with everything settled before. Closes the list of routes where that is possible."""
        search = self.search
        duals = search.relaxation.minimise_metres(search.stop)
        if duals is None:
            return Outcome(self.metres(), 0, "none")
        self.weights = tuple((row, w) for row, d in sorted(duals.items()) if (w := round(d * STEPS)) > 0)
        self._shorten()
        priced = {profile: self._weights(profile) for profile in range(len(search.instance.profiles))}
        least: dict[int, int] = {}
        for ask in search.instance.asks:
            if ask.space is not None and search.core.linear.high[search.core.x[ask.number]] > 0:
                cheapest = ask.space.cheapest(priced[ask.profile])
                if cheapest is not None:
                    least[ask.number] = cheapest[0]
        floor = self._floor(least)
        bound = -(-floor // STEPS)
        slack = self.metres() * STEPS - floor
        self.columns = self._close(priced, least, slack)
        if self.columns is None:
            return Outcome(self.metres(), bound, "lagrange")
        self._build()
        outcome = self.maximise(self._metre_terms(-1), fix=False)
        tighter = -outcome.value * STEPS - floor  # the least is known now, so fewer routes can reach it
        self.columns = [c for c in self.columns if self._excess(c, priced, least) <= tighter]
        self._build()
        self.linear.row(self._metre_terms(1), high=-outcome.value)
        return Outcome(-outcome.value, -outcome.bound, "closed list")

    def _excess(self, column: Column, priced: dict[int, list[int]], least: dict[int, int]) -> int:
        """By how much a column's metres and row weights exceed the least of its ask."""
        weight = priced[self.search.instance.asks[column.ask].profile]
        return sum(weight[s] for leg in column.legs for s in leg) - least[column.ask]

    def _weights(self, profile: int) -> list[int]:
        lengths = [m * STEPS for m in self.search.instance.graph.length_m]
        return self.search.instance.span_weights(profile, dict(self.weights), lengths)

    def metres(self) -> int:
        """Pair-metres of the award so far, over all legs."""
        graph = self.search.instance.graph
        routes = self.search.best.routes.values()
        return sum(graph.length_m[s] for circuits in routes for legs in circuits for leg in legs for s in leg)

    def _shorten(self) -> None:
        """The shortest award over the known columns, as the value to beat."""
        search = self.search
        linear = search.core.linear.copy()
        variables = search.column_rows(linear)
        metres = {v: -c.metres for v, c in zip(variables, search.pool.columns, strict=True)}
        answer = solve_mip(linear, metres, nodes=search.effort.nodes, seconds=search.seconds_left())
        if answer.values is not None and -value_of(metres, answer.values) < self.metres():
            search.adopt(answer.values, variables)

    def _floor(self, least: dict[int, int]) -> int:
        """L in thousandths of a metre: the least that grants allowed by the core can cost, minus weights × capacities."""
        search = self.search
        spent = {search.core.x[n]: -c for n, c in least.items()}
        answer = search.master.maximise(spent, hint=search.core.values(list(search.best.granted)))
        paid = -answer.bound if answer.bound is not None else 0
        return paid - sum(w * search.instance.rows[row].capacity for row, w in self.weights)

    def _close(self, priced: dict[int, list[int]], least: dict[int, int], slack: int) -> list[Column] | None:
        """Every column that an award as short as the best found may use, or None where there are too many."""
        search = self.search
        listed: dict[tuple[int, int], list[Legs]] = {}
        closed: list[Column] = []
        for ask in search.instance.asks:
            if ask.number not in least or ask.space is None:
                continue
            most = search.most_granted(ask)
            if most == 0:
                continue
            key = (id(ask.space), ask.profile)
            if key not in listed:
                listed[key] = []
                try:
                    for legs in ask.space.within(priced[ask.profile], least[ask.number] + slack):
                        listed[key].append(legs)
                        if len(listed[key]) + len(closed) > self.most_columns:
                            return None
                except SearchLimitError:
                    return None
            for legs in sorted(listed[key]):
                closed.append(search.pool.columns[search.pool.add(ask, legs)])
            if len(closed) > self.most_columns:
                return None
            search.check_stop()
        return closed

    def _build(self) -> None:
        """The core over the closed list, inside CP-SAT, with the best award found as its first values.

        Where every grant is settled, the core has nothing left to say and its rows are left out.
        """
        assert self.columns is not None
        search = self.search
        core = search.core.linear
        self.linear = core.copy()
        values = list(search.core.values(list(search.best.granted)))
        if len(search.settled) == len(search.instance.asks):
            self.linear = Linear(list(values), list(values), [])
        self.variables = search.column_rows(self.linear, self.columns)
        values += [0] * (len(self.linear.low) - len(values))
        held = Counter((n, legs) for n, circuits in search.best.routes.items() for legs in circuits)
        for variable, column in zip(self.variables, self.columns, strict=True):
            values[variable] = held[column.ask, column.legs]
        self.values = tuple(values)
        self.model = CpSatModel(self.linear)

    # -- later objectives over the closed list --------------------------------------------------------------------

    def maximise(self, objective: Terms, *, fix: bool = True) -> Outcome:
        """Settle an objective over the closed list, and fix it."""
        assert self.model is not None
        self.search.check_stop()
        answer = self.model.maximise(
            objective, hint=self.values, effort=10 * self.search.effort.master, seconds=self.search.seconds_left()
        )
        if answer.values is not None and value_of(objective, answer.values) > value_of(objective, self.values):
            self.values = answer.values
            self.search.adopt(answer.values, self.variables, self.columns)
        value = value_of(objective, self.values)
        if fix:
            self.linear.row(objective, low=value)
        return Outcome(value, value if answer.bound is None else answer.bound, "closed list")

    def _metre_terms(self, sign: int) -> Terms:
        assert self.columns is not None
        return {v: sign * c.metres for v, c in zip(self.variables, self.columns, strict=True)}

    def settle_positions(self) -> Outcome:
        """B5, first part: least sum of span positions."""
        if self.columns is None:
            return Outcome(self.positions(), 0, "none")
        terms = {v: -c.positions for v, c in zip(self.variables, self.columns, strict=True)}
        outcome = self.maximise(terms)
        return Outcome(-outcome.value, -outcome.bound, "closed list")

    def positions(self) -> int:
        """Sum of the span positions of the award so far."""
        routes = self.search.best.routes.values()
        return sum(s + 1 for circuits in routes for legs in circuits for leg in legs for s in leg)

    def settle_ids(self) -> bool:
        """B5, second part: the smallest list of span ids over circuits in order (requests by id, circuits by metres, ids).

        Span numbers follow sorted ids, so lists of numbers compare as lists of ids. As many circuits at a time as fit into one
        objective with place values. Returns whether it was proved.
        """
        if self.columns is None or self.model is None:
            return False
        choices: dict[int, list[tuple[int, Column]]] = {}
        for variable, column in zip(self.variables, self.columns, strict=True):
            choices.setdefault(column.ask, []).append((variable, column))
        proved, chunk, places = True, list[int](), 1
        for number in sorted(choices):
            granted = self.search.best.granted[number]
            if len(choices[number]) == 1 or granted == 0:
                continue
            size = len(choices[number]) ** granted
            if chunk and places * size > MOST_PLACES:
                proved &= self._settle_circuits({n: choices[n] for n in chunk})
                chunk, places = [], 1
            chunk.append(number)
            places *= size
        return (not chunk or self._settle_circuits({n: choices[n] for n in chunk})) and proved

    def _settle_circuits(self, choices: dict[int, list[tuple[int, Column]]]) -> bool:
        """Fix the circuits of some asks: the first as small as possible, then the second, and so on."""
        trial = self.linear.copy()
        values = list(self.values)
        circuits: list[tuple[dict[int, int], int]] = []  # terms: place of each choice among the ids; number of choices
        for columns in choices.values():
            by_ids = {v: k for k, (v, _) in enumerate(sorted(columns, key=lambda c: c[1].legs))}
            in_order = sorted(columns, key=lambda c: (c[1].metres, c[1].legs))
            held = [v for v, _ in in_order for _ in range(self.values[v])]
            before: dict[int, int] | None = None
            takes: dict[int, dict[int, int]] = {v: {v: -1} for v, _ in columns}
            for here in held:
                picks = {v: trial.variable(0, 1) for v, _ in in_order}
                values += [int(v == here) for v in picks]
                trial.row(dict.fromkeys(picks.values(), 1), 1, 1)
                for v, pick in picks.items():
                    takes[v][pick] = 1
                place = {pick: k for k, pick in enumerate(picks.values())}
                if before is not None:
                    trial.row({**place, **{pick: -k for pick, k in before.items()}}, low=0)
                before = place
                circuits.append(({picks[v]: by_ids[v] for v in picks}, len(columns)))
            for terms in takes.values():
                trial.row(terms, 0, 0)
        proved = True
        while circuits:
            part, places = [circuits.pop(0)], 1
            while circuits and places * circuits[0][1] * part[0][1] <= MOST_PLACES:
                places *= circuits[0][1]
                part.append(circuits.pop(0))
            values, settled = self._smallest(trial, part, values)
            proved &= settled
        self.values = tuple(values[: len(self.linear.low)])
        self.search.adopt(self.values, self.variables, self.columns)
        for columns in choices.values():
            for v, _ in columns:
                self.linear.row({v: 1}, self.values[v], self.values[v])
        return proved

    def _smallest(
        self, trial: Linear, part: list[tuple[dict[int, int], int]], values: list[int]
    ) -> tuple[list[int], bool]:
        """Make the places of these circuits as small as possible, the first first, and fix them; whether that was proved."""
        objective: dict[int, int] = {}
        weight = 1
        for terms, size in reversed(part):
            objective.update({v: -weight * k for v, k in terms.items()})
            weight *= size
        self.search.check_stop()
        effort, seconds = self.search.effort.master, self.search.seconds_left()
        answer = CpSatModel(trial).maximise(objective, hint=values, effort=effort, seconds=seconds)
        found = values if answer.values is None else list(answer.values)
        trial.row(objective, value_of(objective, found), value_of(objective, found))
        return found, answer.values is not None and value_of(objective, found) == answer.bound
