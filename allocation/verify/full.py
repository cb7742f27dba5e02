"""`verify --full`: the bounds of B2 to B5 proved again, one after the other, and `fair_share`.

Each proof asks whether anything better has a solution, given all that comes before it in the order: first over grants and
metric inequalities, then over the full model of flows. Ids (the last part of B5) are not proved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allocation.verify.clauses import Grants
from allocation.verify.figures import drawn_order, rank_order
from allocation.verify.grants import GrantProgramme, Inequality, Tell, read_inequalities
from allocation.verify.levels import KINDS, BoundProver
from allocation.verify.programme import NO, YES, Programme, Terms
from allocation.verify.report import Report
from allocation.verify.witnesses import said_codes
from allocation.verify.world import World

STEPS = 1000
"""The evidence weighs metres in whole thousandths."""


def note_unchecked(award: Mapping[str, Any], report: Report) -> None:
    """What the default leaves out, by name."""
    names = ", ".join(o["name"] for o in award["objectives"])
    report.note("B2-B5 bounds", "", f"not checked (use --full): the bounds of {names}")
    fair = [request for request, code in said_codes(award).items() if code == "fair_share"]
    if fair:
        report.note("D3", " ".join(fair), "not checked (use --full): that no award with equal level counts gives more")


def note_never_checked(report: Report) -> None:
    """What no verification of this version looks at."""
    report.note("B5", "", "not checked: that the list of span ids is the smallest among awards of equal positions")
    report.note("repeatable", "", "not checked: whether a wall limit cut the solve; it leaves no trace in an award")


class FullCheck:
    """Proves the bounds of the objectives in order."""

    def __init__(
        self, world: World, grants: Grants, award: Mapping[str, Any], prover: BoundProver, report: Report, tell: Tell
    ) -> None:
        self.world, self.grants, self.award = world, grants, award
        self.prover, self.report, self.tell = prover, report, tell
        self.base: GrantProgramme = prover.base
        self.floors: list[tuple[Terms, int]] = []
        self.metres_value: int | None = None

    def run(self) -> None:
        """Levels first as floors, then each objective, then `fair_share` (which only the levels bind)."""
        self.fair_shares()
        for o in self.award["objectives"]:
            self.tell(o["name"], 0, 0)
            if o["name"] in ("lot", "lot_colocation", "rank"):
                self.listed(o)
            else:
                self.least(o)

    # -- questions ------------------------------------------------------------------------------------------------

    def ask(self, terms: Terms, low: int, *, levels_only: bool = False) -> str:
        """Whether `terms` can be at least `low`, given the levels and (unless left out) every objective before."""
        floors = [] if levels_only else self.floors

        def over(programme: Programme) -> Programme:
            trial = self._with_levels(programme)
            for before, value in floors:
                trial.row(before, low=value)
            trial.row(terms, low=low)
            return trial

        def over_flows(programme: Programme) -> Programme:
            trial = over(programme)
            if not levels_only and self.metres_value is not None:
                trial.row(self.prover.flows.metres, high=self.metres_value)
            return trial

        answer = self.prover.over_grants(over)
        return NO if answer == NO else self.prover.over_flows(over_flows)

    def _with_levels(self, programme: Programme) -> Programme:
        trial = programme.copy()
        for kind in KINDS:
            own = [lv for lv in self.award["levels"] if lv["kind"] == kind]
            for lv, terms in zip(own, self.base.counts(trial, kind, len(own)), strict=True):
                trial.row(terms, low=lv["members"])
        return trial

    def judge(self, code: str, where: str, answer: str, claim: str) -> None:
        """Record a refuted, open or proved claim."""
        if answer == YES:
            self.report.fail(code, where, f"{claim}: it is wrong, a better award exists.")
        elif answer != NO and self.award["proof"] == "optimal":
            self.report.fail(
                code, where, f"{claim}: it stayed open within the effort; not re-proved, which is not to say wrong."
            )
        elif answer != NO:
            self.report.note(code, where, f"{claim}: it stayed open within the effort.")
        self.report.looked_at(
            "B2-B5 bounds", "Every bound was proved again, given all that comes before it in the order."
        )

    # -- B2, B3 ---------------------------------------------------------------------------------------------------

    def listed(self, o: Mapping[str, Any]) -> None:
        """A list of units: each entry's bound, given the entries before."""
        named: list[tuple[str, Terms, int, int]] = []
        x, high, world = self.base.x, self.base.programme.high, self.world
        if o["name"] == "rank":
            for r in rank_order(world, self.award["seed"]):
                named.append((f"request {r.id}", {x[r.id]: world.unit(r)}, 0, high[x[r.id]] * world.unit(r)))
        else:
            kind = "fibre" if o["name"] == "lot" else "colocation"
            for group in drawn_order(self.award["seed"], world.groups(kind)):
                base = world.base_units.get((kind, group), 0)
                named.append((f"group {group}", self.base.units(kind, group), base, self.base.most(kind, group)))
        for (where, terms, base, most), value, bound in zip(named, o["value"], o["bound"], strict=True):
            answer = NO if bound >= most else self.ask(terms, bound + 1 - base)
            self.judge("B2-B5 bounds", f"{o['name']}, {where}", answer, f"The bound {bound} of {o['name']}")
            self.floors.append((terms, value - base))

    # -- B4, B5 ---------------------------------------------------------------------------------------------------

    def least(self, o: Mapping[str, Any]) -> None:
        """Metres or positions: nothing below the bound has a solution."""
        name, bound = o["name"], o["bound"]
        claim = f"The bound {bound} of {name}"
        if bound == 0 or (name == "metres" and self.by_weights() >= bound):
            self.judge("B2-B5 bounds", f"objective {name}", NO, claim)
        else:
            flows = self.prover.flows
            trial = self._with_levels(flows.programme)
            for before, value in self.floors:
                trial.row(before, low=value)
            if self.metres_value is not None:
                trial.row(flows.metres, high=self.metres_value)
            trial.row(flows.metres if name == "metres" else flows.positions, high=bound - 1)
            answer = trial.feasible("scip", self.prover.effort)
            self.judge("B2-B5 bounds", f"objective {name}", answer, claim)
        if name == "metres":
            self.metres_value = o["value"]

    def by_weights(self) -> int:
        """The Lagrangian bound of the evidence's weights, once the rank has settled every grant; 0 where it has not.

        Metres × 1000 >= sum of least(metres × 1000 + weights) × granted - sum of weights × capacities.
        """
        if "rank" not in [o["name"] for o in self.award["objectives"][: self._place("metres")]]:
            return 0
        found, _ = read_inequalities(self.world, [self.award["evidence"].get("metre_weights")])
        weighed = found[0] if found else Inequality({}, 0)
        floor = -weighed.bound
        for r in self.world.eligible:
            if r.is_fibre and self.grants.of(r.id):
                floor += self.grants.of(r.id) * self.base.least(r, weighed.weights, exact=True, metres=STEPS)
        return -(-floor // STEPS)

    def _place(self, name: str) -> int:
        return [o["name"] for o in self.award["objectives"]].index(name)

    # -- D3 -------------------------------------------------------------------------------------------------------

    def fair_shares(self) -> None:
        """No award with the same level counts gives the request more."""
        for request, code in said_codes(self.award).items():
            if code == "fair_share" and request in self.base.x:
                self.tell(f"fair_share {request}", 0, 0)
                answer = self.ask({self.base.x[request]: 1}, self.grants.of(request) + 1, levels_only=True)
                self.judge("D3", f"request {request}", answer, "fair_share")
