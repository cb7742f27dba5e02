"""Rule B1: the counts of each level from the grants, and each bound proved again.

A bound holds if "one more group at this level, with the counts before" has no solution: first over the small programme of grants
and metric inequalities, then with exact least weights, then over a full model of flows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from allocation.verify.clauses import Grants
from allocation.verify.figures import group_units
from allocation.verify.flows import FlowProgramme
from allocation.verify.grants import GrantProgramme, Tell
from allocation.verify.metric import violated
from allocation.verify.programme import NO, YES, Programme
from allocation.verify.report import Report
from allocation.verify.world import World

KINDS = ("fibre", "colocation")
Level = Mapping[str, Any]

OWN_INEQUALITIES = 40
"""Attempts at one question over grants before the full model is asked."""


def check_level_list(world: World, grants: Grants, award: Mapping[str, Any], report: Report) -> bool:
    """The list itself: levels in order, counts as granted, bounds not below them, `proof` consistent. True where it is sound."""
    levels: list[Level] = award["levels"]
    before = len(report.failures)
    by_kind = {kind: [lv for lv in levels if lv["kind"] == kind] for kind in KINDS}
    if levels != [lv for kind in KINDS for lv in by_kind[kind]]:
        report.fail("B1", "levels", "The levels are not those of fibre, then those of colocation.")
    for kind, own in by_kind.items():
        if [lv["level"] for lv in own] != list(range(1, len(own) + 1)):
            report.fail("B1", f"{kind} levels", "The levels are not 1, 2, 3 and so on.")
        ends = [lv["level"] for lv in own if lv["bound"] == 0]
        if ends != [len(own)]:
            report.fail("B1", f"{kind} levels", "The list does not end with the first level whose bound is 0.")
        held = group_units(world, grants, kind)
        for lv in own:
            where = f"{kind} level {lv['level']}"
            report.equal("B1", where, "members", lv["members"], sum(u >= lv["level"] for u in held.values()))
            if lv["members"] > lv["bound"]:
                report.fail("B1", where, f"{lv['members']} groups hold it and the bound is {lv['bound']}.")
    optimal = all(lv["members"] == lv["bound"] for lv in levels)
    report.equal("B1", "proof", "proof", award["proof"], "optimal" if optimal else "bounded")
    report.looked_at("B1", "The counts of every level are those of the grants.")
    return len(report.failures) == before


class BoundProver:
    """Proves level bounds; `flows` is built only when the small programme leaves a level open."""

    def __init__(self, world: World, base: GrantProgramme, effort: int = 100) -> None:
        self.world, self.base, self.effort = world, base, effort
        self.sharp = False
        self._flows: FlowProgramme | None = None

    @property
    def flows(self) -> FlowProgramme:
        """The full model of flows over all routes."""
        if self._flows is None:
            self._flows = FlowProgramme(self.base)
        return self._flows

    def question(self, programme: Programme, levels: Sequence[Level], asked: int, more: int) -> Programme:
        """The programme with the counts of the levels before as floors, and `more` groups at the one asked about."""
        copy = programme.copy()
        for kind in KINDS:
            own = [(n, lv) for n, lv in enumerate(levels[: asked + 1]) if lv["kind"] == kind]
            if not own:
                continue
            top = max(lv["level"] for _, lv in own)
            for (n, lv), terms in zip(own, self.base.counts(copy, kind, top), strict=True):
                copy.row(terms, low=more if n == asked else lv["members"])
        return copy

    def refute(self, levels: Sequence[Level], asked: int, more: int) -> str:
        """Whether `more` groups can be at a level, given those before: "no", "yes" or "open"."""
        base = self.base
        kind, level = levels[asked]["kind"], levels[asked]["level"]
        able = sum(base.most(kind, g) >= level for g in self.world.groups(kind))
        if able < more:
            return NO
        answer = self.over_grants(lambda programme: self.question(programme, levels, asked, more))
        if answer == NO:
            return NO
        return self.over_flows(lambda programme: self.question(programme, levels, asked, more))

    def over_grants(self, ask: Callable[[Programme], Programme]) -> str:
        """Refute a question over grants and inequalities: those of the evidence, sharpened, then such as its own answers break."""
        for attempt in range(OWN_INEQUALITIES):
            answer, values = ask(self.base.programme).solve("scip", self.effort)
            if answer != YES:
                return answer
            if not self.sharp:
                self.sharp = True
                self.base.sharpen()
            elif attempt == OWN_INEQUALITIES - 1:
                break
            else:
                broken = violated(self.base, self.base.granted(values))
                if broken is None:
                    break
                self.base.learn(broken)
        return YES

    def over_flows(self, ask: Callable[[Programme], Programme]) -> str:
        """The same question over the full model of flows, which is exact."""
        return ask(self.flows.programme).feasible("scip", self.effort_of_flows)

    def found_over_flows(self, ask: Callable[[Programme], Programme]) -> str:
        """As `over_flows`, where the answer is expected to be yes: what HiGHS finds is checked; what it does not, SCIP decides."""
        question = ask(self.flows.programme)
        return YES if question.found(self.effort_of_flows) else question.feasible("scip", self.effort_of_flows)

    @property
    def effort_of_flows(self) -> int:
        """A question over flows is dear, so it gets a part of the effort."""
        return max(1, self.effort // 20)


def prove_levels(prover: BoundProver, award: Mapping[str, Any], report: Report, tell: Tell) -> None:
    """Prove every bound of the list; one that stays open fails only where the award claims a proof."""
    levels: list[Level] = award["levels"]
    proved = 0
    for n, lv in enumerate(levels):
        where = f"{lv['kind']} level {lv['level']}"
        tell(where, lv["bound"], lv["members"])
        answer = prover.refute(levels, n, lv["bound"] + 1)
        if answer == NO:
            proved += 1
        elif answer == YES:
            report.fail(
                "B1", where, f"{lv['bound'] + 1} groups can hold it, given the counts before; the bound is wrong."
            )
        else:
            text = f"The bound {lv['bound']} stayed open within the effort: not re-proved, which is not to say wrong."
            if award["proof"] == "optimal":
                report.fail("B1 bounds", where, text)
            else:
                report.note("B1 bounds", where, text)
    report.looked_at("B1 bounds", f"{proved} of {len(levels)} level bounds were proved again, over all routes.")
