"""Rule B7: the price of fairness. By default what follows from grants and reasons; `--full` proves totals and helpful spans again.

A total is proved from both sides: no award grants one unit more (over grants and inequalities, else over flows), and one that
grants as much exists (over flows, its values checked in plain integers).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from allocation.verify.clauses import Grants, draws
from allocation.verify.grants import GrantProgramme, Tell, WaysOf, read_inequalities
from allocation.verify.levels import KINDS, BoundProver
from allocation.verify.programme import NO, YES, Programme
from allocation.verify.report import Report
from allocation.verify.world import Row, World

CODES = ("member_cap", "entrant_reserve", "tranche")
TOTALS = ("greatest_units", "without_clauses_units")
LEFT_OUT = "that the greatest totals are so, and which spans one more pair would help"


def check_fairness(world: World, grants: Grants, award: Mapping[str, Any], report: Report) -> None:
    """Granted units and dark pairs recomputed, totals not below one another, the level and the spans of the marginal view."""
    said = award["fairness"]
    for kind in KINDS:
        where, part = f"fairness {kind}", said[kind]
        granted = sum(grants.of(r.id) * world.unit(r) for r in world.eligible if r.kind == kind)
        report.equal("B7", where, "granted_units", part["granted_units"], granted)
        least = granted
        for name in TOTALS:
            if part[name] is not None and part[name] < least:
                report.fail("B7", where, f"{name} is {part[name]}; {least} units are reached already.")
            least = max(least, part[name] or 0)
    report.equal("B7", "fairness fibre", "dark", said["fibre"]["dark"], dark_pairs(world, grants, award))
    _check_marginal(world, award, report)
    report.looked_at("B7", "Granted units and dark pairs were recomputed; no total is below what is reached.")


def dark_pairs(world: World, grants: Grants, award: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Per span and clause: the lesser of what requests that clauses alone refuse still lack, and of what is left over a term."""
    used = draws(world, grants)
    lacking: dict[tuple[str, str], int] = defaultdict(int)
    left: dict[tuple[str, str], int] = defaultdict(int)
    for line in award["requests"]:
        reasons, request = line["reasons"], world.requests.get(line["request"])
        if request is None or not reasons or any(reason["code"] not in CODES for reason in reasons):
            continue
        for reason in reasons:
            for span in (s for s in reason["spans"] if s in world.network.spans):
                key = span, reason["code"]
                lacking[key] += line["requested"] - line["granted"]
                free = (world.offered_pairs(span, t) - used.get(Row("span", span, t), 0) for t in world.dates(request))
                left[key] = max(left[key], min(free, default=0))
    return [{"span": s, "clause": c, "pairs": min(left[s, c], lacking[s, c])} for s, c in sorted(lacking)]


def _check_marginal(world: World, award: Mapping[str, Any], report: Report) -> None:
    more, where = award["fairness"]["fibre"]["one_more_pair"], "fairness one_more_pair"
    groups = len(world.groups("fibre"))
    lowest = _lowest(award, groups)
    right = (lowest["level"], lowest["members"]) if lowest else (1, 0)
    report.equal("B7", where, "level", more["level"], right[0])
    report.equal("B7", where, "members", more["members"], right[1])
    spans = more["spans"]
    if spans is None:
        return
    if spans != sorted(set(spans)) or any(s not in world.network.spans for s in spans):
        report.fail("B7", where, "The spans are not spans of the network, each once, sorted by id.")
    if lowest is None and spans:
        report.fail("B7", where, "Spans are named although nobody asks for fibre.")


def _lowest(award: Mapping[str, Any], groups: int) -> Mapping[str, Any] | None:
    """The first fibre level that fewer groups hold than ask."""
    return next((lv for lv in award["levels"] if lv["kind"] == "fibre" and lv["members"] < groups), None)


def note_fairness(award: Mapping[str, Any], report: Report) -> None:
    """What the default leaves out of B7."""
    report.note("B7", "", f"not checked (use --full): {LEFT_OUT}")


class FairnessCheck:
    """`--full`: totals proved again, and each span that is said to help."""

    def __init__(self, world: World, award: Mapping[str, Any], report: Report, tell: Tell) -> None:
        self.world, self.award, self.report, self.tell = world, award, report, tell

    def run(self) -> None:
        """Both totals of each kind, then the spans."""
        said = self.award["fairness"]
        for name, world in (("greatest_units", self.world), ("without_clauses_units", unclaused(self.world))):
            for kind in KINDS:
                if said[kind][name] is not None:
                    self.tell(f"{name} {kind}", said[kind][name], 0)
                    self._total(world, kind, name, said[kind][name])
        for span in said["fibre"]["one_more_pair"]["spans"] or ():
            self.tell(f"one more pair {span}", 0, 0)
            self._helps(span)
        self.report.note("B7", "", "not checked: that no other span would help")

    def _total(self, world: World, kind: str, name: str, value: int) -> None:
        held = self.award["evidence"].get("fairness")
        listed = held.get(kind, {}).get(name, {}).get("inequalities") if _nested(held, kind, name) else None
        prover = _prover(world, [listed, self.award["evidence"].get("inequalities")])
        terms = {x: c for g in world.groups(kind) for x, c in prover.base.units(kind, g).items()}

        def at_least(total: int) -> Any:
            def ask(programme: Programme) -> Programme:
                trial = programme.copy()
                trial.row(terms, low=total)
                return trial

            return ask

        more = prover.over_grants(at_least(value + 1))
        more = more if more == NO else prover.over_flows(at_least(value + 1))
        where = f"fairness {kind} {name}"
        if more == YES:
            self.report.fail("B7", where, f"{value + 1} units can be granted; the total is wrong.")
        reached = (
            YES if value <= self.award["fairness"][kind]["granted_units"] else prover.found_over_flows(at_least(value))
        )
        if reached == NO:
            self.report.fail("B7", where, f"No award grants {value} units; the total is wrong.")
        if more != NO or reached != YES:
            self.report.note("B7", where, f"The total {value} stayed open within the effort: not re-proved.")

    def _helps(self, span: str) -> None:
        levels = [lv for lv in self.award["levels"] if lv["kind"] == "fibre"]
        lowest = _lowest(self.award, len(self.world.groups("fibre")))
        if lowest is None:
            return
        prover = _prover(with_one_more(self.world, span), [])
        asked = levels.index(lowest)
        answer = prover.found_over_flows(lambda p: prover.question(p, levels, asked, lowest["members"] + 1))
        if answer == NO:
            self.report.fail("B7", f"span {span}", "One more pair there lets no further group hold the level.")
        elif answer != YES:
            self.report.note("B7", f"span {span}", "That one more pair helps there stayed open within the effort.")


def _nested(held: object, kind: str, name: str) -> bool:
    inner = held.get(kind) if isinstance(held, dict) else None
    return isinstance(inner, dict) and isinstance(inner.get(name), dict)


def _prover(world: World, lists: list[object]) -> BoundProver:
    """A prover over another round, with what can be read of the inequalities there (rows that it lacks weigh nothing)."""
    known = []
    for entries in lists:
        for entry in entries if isinstance(entries, list) else ():
            known += read_inequalities(world, [entry])[0]
    return BoundProver(world, GrantProgramme(world, WaysOf(world), known))


def unclaused(world: World) -> World:
    """The round without cap, reserve for entrants, tranche and `max_pairs_per_member`."""
    spans = {name: replace(span, max_pairs_per_member=None) for name, span in world.network.spans.items()}
    policy = replace(world.policy, cap_share=None, cap_floor_pairs=0, entrant_reserve_pairs=None, tranche_share=None)
    network = replace(world.network, spans=spans)
    return World(network, world.circuits.values(), world.requests.values(), policy, world.on)


def with_one_more(world: World, span: str) -> World:
    """The round with two more strands on a span."""
    held = world.network.spans[span]
    more = {**world.network.spans, span: replace(held, fibre_count=held.fibre_count + 2)}
    network = replace(world.network, spans=more)
    return World(network, world.circuits.values(), world.requests.values(), world.policy, world.on)
