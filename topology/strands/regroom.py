"""Regrooming: the fewest live circuits to move so that one leg gets a continuous pair.

A continuous pair is two neighbouring strands of one tube on every span of a leg. Spare strands may exist on each span and
yet not so: alone, or in two tubes. Then live circuits are moved to other strands *of the same span*; no circuit changes its
route, and own use, reserve, recalls and maintenance spare stay where they are. Moving a circuit on a span means new splices
(or a new port) for its two strands at both ends of the span; a joint between two spans that both move counts once.

Two proposals, each a proved least by CP-SAT with one worker and a fixed seed, which differ in what is compared first:

* `fewest_moves`: circuits moved, then splices made anew, then crossed joints;
* `straight`: crossed joints, then circuits moved, then splices made anew.

A joint is crossed where a leg goes on as another pair of numbers; those of the new pair and of the circuits that share a span
with it are counted, so that nothing is gained by handing a crossing on.

Ties are broken by the sum of the numbers of the new pair, then of the moved ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from topology.model import Circuit, Leg, Network, StrandPair
from topology.strands.laying import Pairs, StrandPlan, crossings, least_chain, plan_strands

FEWEST, STRAIGHT = "fewest_moves", "straight"


@dataclass(frozen=True, slots=True)
class Move:
    """One leg of a circuit that changes strands on one span."""

    circuit: str
    leg: int
    span: str
    before: StrandPair
    after: StrandPair


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pair for a leg, and the moves that free it. `splices` are those made anew for moved circuits, strand by strand.

    `crossed_before` and `crossed_after` count the crossed splices of the circuits that move, over all of their legs.
    """

    goal: str
    pairs: Pairs
    moves: tuple[Move, ...]
    splices: int
    crossed_before: int = 0
    crossed_after: int = 0

    @property
    def circuits(self) -> tuple[str, ...]:
        """Ids of the circuits that move, sorted."""
        return tuple(sorted({move.circuit for move in self.moves}))


def propose(
    network: Network,
    circuits: Iterable[Circuit],
    leg: Leg,
    on: date,
    goals: tuple[str, ...] = (FEWEST, STRAIGHT),
) -> tuple[Proposal, ...]:
    """Both proposals for a leg that is to be held from a date on without end; one where they agree; none where none helps.

    Circuits that end before `on` are out of it; one that begins later holds its strands from then on and is moved alike.
    """
    live = tuple(c for c in circuits if c.is_fibre and (c.end is None or c.end > on))
    plan = plan_strands(network, live)
    found = [p for goal in goals if (p := _Model(network, live, plan, leg, on, goal).solve())]
    return tuple(found[:1]) if len(found) == 2 and _same(*found) else tuple(found)


def _same(one: Proposal, other: Proposal) -> bool:
    return (one.pairs, one.moves) == (other.pairs, other.moves)


def continuous(plan: StrandPlan, leg: Leg, on: date) -> Pairs | None:
    """The best continuous pair that is free as things lie, from a date on; None where a span has no neighbours free."""
    layers = []
    for span in leg:
        near = [(a, b) for a, b in pairwise(plan.free(span, on, None)) if plan.code.neighbours(a, b)]
        if not near:
            return None
        layers.append(near)
    return least_chain(layers, plan.code)


class _Model:
    """Every leg of every live circuit on every span of the leg chooses a pair; the new pair too; nobody shares a strand."""

    def __init__(
        self, network: Network, live: tuple[Circuit, ...], plan: StrandPlan, leg: Leg, on: date, goal: str
    ) -> None:
        from ortools.sat.python import cp_model

        self.plan, self.leg, self.on, self.goal = plan, leg, on, goal
        self.live = {c.id: c for c in live}
        self.cp = cp_model.CpModel()
        self.new: dict[tuple[int, StrandPair], Any] = {}
        self.put: dict[tuple[str, int, str, StrandPair], Any] = {}
        self.moved: dict[tuple[str, int, str], Any] = {}
        possible = [self._span(place, span, network) for place, span in enumerate(leg)]
        self.feasible = all(possible)
        self.crossed = [self._crossing(place) for place in range(1, len(leg))] + self._crossings_of_others()
        self.joints = self._joints()
        self.circuits = self._circuits()

    def _span(self, place: int, span: str, network: Network) -> bool:
        """The choices on one span; False where it has no place for a pair even if all move."""
        here = sorted(key for key, pairs in self.plan.placed.items() if span in self.live[key[0]].legs[key[1]])
        names = {circuit for circuit, _ in here}
        kept = {n for n, held in self.plan.holds[span].items() if any(h.holder not in names for h in held)}
        open_ = [n for n in range(1, network.spans[span].fibre_count + 1) if n not in kept]
        near = [(a, b) for a, b in pairwise(open_) if self.plan.code.neighbours(a, b)]
        for pair in near:
            self.new[place, pair] = self.cp.new_bool_var(f"new[{span},{pair[0]}-{pair[1]}]")
        self.cp.add_exactly_one(self.new[place, pair] for pair in near) if near else None
        users: dict[int, list[tuple[Circuit | None, Any]]] = {n: [] for n in open_}
        for pair in near:
            for strand in pair:
                users[strand].append((None, self.new[place, pair]))
        for circuit, leg in here:
            self._choices(circuit, leg, span, near, users)
        for using in users.values():
            self._one_at_a_time(using)
        return bool(near)

    def _choices(
        self,
        circuit: str,
        leg: int,
        span: str,
        near: list[StrandPair],
        users: dict[int, list[tuple[Circuit | None, Any]]],
    ) -> None:
        held = self.live[circuit]
        now = self.plan.placed[circuit, leg][held.legs[leg].index(span)]
        choices = {
            pair: self.cp.new_bool_var(f"{circuit}.{leg}[{span},{pair[0]}-{pair[1]}]") for pair in sorted({*near, now})
        }
        self.cp.add_exactly_one(choices.values())
        moved = self.cp.new_bool_var(f"moved[{circuit}.{leg},{span}]")
        self.cp.add(choices[now] + moved == 1)
        self.moved[circuit, leg, span] = moved
        for pair, chosen in choices.items():
            self.put[circuit, leg, span, pair] = chosen
            for strand in pair:
                users.setdefault(strand, []).append((held, chosen))

    def _one_at_a_time(self, using: list[tuple[Circuit | None, Any]]) -> None:
        """On each day at most one has a strand: it is enough to look at the days on which one begins."""
        days = sorted({self.on, *(max(c.start, self.on) for c, _ in using if c)})
        for day in days:
            self.cp.add_at_most_one(x for c, x in using if c is None or day < self.on or _holds(c, day, self.on))

    def _crossing(self, place: int) -> Any:
        """1 where the new pair changes its numbers between two spans."""
        crossed = self.cp.new_bool_var(f"crossed[{place}]")
        for (at, pair), chosen in self.new.items():
            if at == place - 1:
                same = self.new.get((place, pair))
                self.cp.add_implication(chosen, crossed) if same is None else self.cp.add(chosen <= same + crossed)
        return crossed

    def _crossings_of_others(self) -> list[Any]:
        """1 for each joint of a circuit at a span of the leg where its pair changes its numbers."""
        found = []
        for circuit, leg in sorted({(c, leg) for c, leg, _ in self.moved}):
            spans, pairs = self.live[circuit].legs[leg], self.plan.placed[circuit, leg]
            for (one, p), (other, q) in pairwise(zip(spans, pairs, strict=True)):
                if (circuit, leg, one) not in self.moved and (circuit, leg, other) not in self.moved:
                    continue
                crossed = self.cp.new_bool_var(f"crossed[{circuit}.{leg},{one},{other}]")
                here, there = self._options(circuit, leg, one, p), self._options(circuit, leg, other, q)
                for pair, chosen in here.items():
                    self.cp.add(chosen <= crossed + there.get(pair, 0))
                found.append(crossed)
        return found

    def _options(self, circuit: str, leg: int, span: str, now: StrandPair) -> dict[StrandPair, Any]:
        """The pairs that a circuit may have on a span: only the one that it has where the span is none of the leg's."""
        if (circuit, leg, span) not in self.moved:
            return {now: 1}
        return {p: x for (c, number, s, p), x in self.put.items() if (c, number, s) == (circuit, leg, span)}

    def _joints(self) -> list[Any]:
        found = {}
        for (circuit, leg, span), moved in self.moved.items():
            spans = self.live[circuit].legs[leg]
            place = spans.index(span)
            for end in (place, place + 1):
                key = circuit, leg, end
                if key not in found:
                    found[key] = self.cp.new_bool_var(f"joint[{circuit}.{leg},{end}]")
                self.cp.add_implication(moved, found[key])
        return list(found.values())

    def _circuits(self) -> list[Any]:
        found: dict[str, Any] = {}
        for (circuit, _, _), moved in self.moved.items():
            if circuit not in found:
                found[circuit] = self.cp.new_bool_var(f"moved[{circuit}]")
            self.cp.add_implication(moved, found[circuit])
        return list(found.values())

    def solve(self) -> Proposal | None:
        """The proved least, or None where no moves free a pair."""
        from ortools.sat.python import cp_model

        if not self.feasible:
            return None
        parts = [sum(self.circuits), sum(self.joints), sum(self.crossed)]
        order = parts if self.goal == FEWEST else [parts[2], parts[0], parts[1]]
        numbers = sum((a + b) * x for (_, (a, b)), x in self.new.items())
        after = sum((a + b) * x for (_, _, _, (a, b)), x in self.put.items())
        for objective in (*order, numbers, after):
            solver = cp_model.CpSolver()
            solver.parameters.num_workers, solver.parameters.random_seed = 1, 0
            self.cp.minimize(objective)
            status = solver.solve(self.cp)
            if status == cp_model.INFEASIBLE:
                return None
            if status != cp_model.OPTIMAL:
                raise RuntimeError(f"the solver ended with {solver.status_name(status)}")
            if not isinstance(objective, int):
                self.cp.add(objective == round(solver.objective_value))
        return self._read(solver)

    def _read(self, solver: Any) -> Proposal:
        chosen = {at: pair for (at, pair), x in self.new.items() if solver.boolean_value(x)}
        moves = []
        for (circuit, leg, span, pair), x in sorted(self.put.items()):
            if solver.boolean_value(x) and solver.boolean_value(self.moved[circuit, leg, span]):
                before = self.plan.placed[circuit, leg][self.live[circuit].legs[leg].index(span)]
                moves.append(Move(circuit, leg, span, before, pair))
        joints = {(m.circuit, m.leg, i + k) for m in moves for k in (0, 1) for i in [self._place(m)]}
        crossed = self._crossed_of_moved(moves)
        pairs = tuple(chosen[i] for i in range(len(self.leg)))
        return Proposal(self.goal, pairs, tuple(moves), 2 * len(joints), *crossed)

    def _crossed_of_moved(self, moves: list[Move]) -> tuple[int, int]:
        before = after = 0
        for circuit, leg in {(m.circuit, m.leg) for m in moves}:
            now = self.plan.placed[circuit, leg]
            change = {m.span: m.after for m in moves if (m.circuit, m.leg) == (circuit, leg)}
            then = [change.get(s, p) for s, p in zip(self.live[circuit].legs[leg], now, strict=True)]
            before, after = before + crossings(now), after + crossings(then)
        return before, after

    def _place(self, move: Move) -> int:
        return self.live[move.circuit].legs[move.leg].index(move.span)


def _holds(circuit: Circuit, day: date, on: date) -> bool:
    return max(circuit.start, on) <= day and (circuit.end is None or day < circuit.end)
