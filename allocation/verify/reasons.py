"""Rules B6 and D1 to D4: nothing more fits, every refusal has true reasons, and the alternative is really free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from allocation.request import DIVERSITY, Request
from allocation.verify.cuts import check_cut
from allocation.verify.grants import Tell
from allocation.verify.lifts import CAUSES, CLAUSES, GATES, HOLDERS, NAMED, Lift, Lifted, read_lift
from allocation.verify.placing import Placing
from allocation.verify.programme import NO, YES
from allocation.verify.report import Report
from allocation.verify.world import World
from topology.quantities import as_thousands, thousandths

Line = Mapping[str, Any]
ROOM = ("span_full", "node_full", "power_full")


def check_reasons(world: World, placing: Placing, award: Mapping[str, Any], report: Report, tell: Tell) -> None:
    """B6, D1, D2, D4, and that D3 is said where it must be. (Whether it is true: the witnesses.)"""
    lines = [line for line in award["requests"] if line["request"] in world.requests]
    for n, line in enumerate(lines):
        tell("reasons", len(lines), n + 1)
        ReasonCheck(world, placing, line, report).run()
    report.looked_at("B6", "With every granted circuit in place, no request's least increment fits.")
    report.looked_at("D1", "Every request that got less than it asked for says why.")
    report.looked_at("D2", "For each, all lifts together suffice and none is idle.")
    report.looked_at("D4", "Every alternative named is free, taken alone.")
    report.note("D4", "", "not checked: whether a nearer alternative is free, or one where none is named")
    report.note("text", "", "not checked: the sentences of reasons (codes, places, clauses and lifts are)")


class ReasonCheck:
    """The reasons and the alternative of one request."""

    def __init__(self, world: World, placing: Placing, line: Line, report: Report) -> None:
        self.world, self.placing, self.line, self.report = world, placing, line, report
        self.r: Request = world.requests[line["request"]]
        self.where = f"request {self.r.id}"

    def fail(self, code: str, text: str) -> None:
        """A failure at this request."""
        self.report.fail(code, self.where, text)

    def run(self) -> None:
        """All checks; a request that got what it asked for has neither reasons nor an alternative."""
        reasons, alternative = self.line["reasons"], self.line["alternative"]
        if self.placing.grants.of(self.r.id) >= self.r.wanted:
            if reasons or alternative is not None:
                self.fail("D1", "It was granted all it asked for, and a reason or an alternative is given.")
            return
        if self.placing.fits(self.r) == YES:
            self.fail("B6", "Its least increment still fits beside every granted circuit.")
            return
        if not reasons:
            self.fail("D1", "It got less than it asked for and no reason is given.")
            return
        lifts = self.read(reasons)
        if lifts is not None:
            self.lifts(lifts, reasons)
            self.holders(lifts, reasons)
        if alternative is not None:
            self.alternative(alternative)

    def read(self, reasons: list[Line]) -> list[Lift] | None:
        """Every lift, once its reason is of its form; None where one is not."""
        before, found = len(self.report.failures), list[Lift]()
        codes = [reason["code"] for reason in reasons]
        if len(set(codes)) < len(codes):
            self.fail("D2", "A reason code stands twice.")
        for reason in reasons:
            code = reason["code"]
            if code in HOLDERS:
                if reason["lifts"] or reason["spans"] or reason["nodes"]:
                    self.fail("D3", f"{code} lifts nothing and names no place.")
            elif code not in CAUSES:
                self.fail("D2", f"{code} is no reason code.")
                continue
            elif not reason["lifts"]:
                self.fail("D2", f"{code} lifts nothing.")
            rule = HOLDERS.get(code) or NAMED.get(code) or CAUSES[code][0]
            if reason["clause"] != rule:
                self.fail("D2", f"The clause of {code} is {rule}, not {reason['clause']}.")
            if not reason["text"].strip():
                self.fail("D2", f"{code} has no text.")
            for value in reason["lifts"] if code in CAUSES else ():
                lift = read_lift(code, value)
                if isinstance(lift, str):
                    self.fail("D2", lift)
                else:
                    found.append(lift)
        if len(set(found)) < len(found) or len({(lift.code, lift.id) for lift in found}) < len(found):
            self.fail("D2", "The same thing is lifted twice.")
        return found if len(self.report.failures) == before else None

    # -- D2 -------------------------------------------------------------------------------------------------------

    def lifts(self, lifts: list[Lift], reasons: list[Line]) -> None:
        """All lifts together suffice, none is idle, none lifts more than is lacking, and the places named are theirs."""
        all_of_them = Lifted.of(lifts)
        answer = self.placing.fits(self.r, all_of_them)
        if answer == NO:
            self.fail("D2", "With everything lifted that its reasons name, it still does not fit.")
        elif answer != YES:
            self.report.note("D2", self.where, "stayed open within the effort: whether its lifts suffice")
        for lift in lifts:
            if self.placing.fits(self.r, Lifted.of(x for x in lifts if x is not lift)) == YES:
                self.fail("D2", f"The lift {lift} is idle: it fits without.")
            elif lift.kind == "route" and lift.by > 1:
                fewer = replace(lift, by=lift.by - 1)
                if self.placing.fits(self.r, Lifted.of(fewer if x is lift else x for x in lifts)) == YES:
                    self.fail("D2", f"The lift {lift} adds {lift.by} legs, and {fewer.by} would do.")
        for lift in lifts:
            self.amount(lift, all_of_them)
        for reason in reasons:
            if reason["code"] in CAUSES:
                self.places(reason, lifts, all_of_them)

    def amount(self, lift: Lift, lifted: Lifted) -> None:
        """A lift of room is what is lacking at most; a raised limit is one that the request has, raised to a need."""
        parts, r = self.placing.parts(self.r, lifted), self.r
        if lift.code == "span_full":
            lacks = sum(u for p, u in parts if p.is_fibre) - self.span_left(lift.id)
            if lift.by > lacks:
                self.fail("D2", f"Span {lift.id} lacks {max(0, lacks)} pairs; {lift.by} are lifted.")
        elif lift.kind == "node":
            self.room_amount(lift, lifted)
        elif lift.kind == "max_km" and (r.max_m is None or lift.by <= r.max_m):
            self.fail("D2", "max_km is lifted to no more than the request allows.")
        elif lift.kind == "max_loss_db" and (r.max_loss_db is None or lift.db < r.max_loss_db):
            self.fail("D2", "max_loss_db is lifted to no more than the request allows.")
        if lift.kind in ("max_km", "max_loss_db"):
            self.needed(lift, lifted)

    def span_left(self, span: str) -> int:
        """Least pairs left on a span over the term; more than anyone lacks where it is not in service."""
        return self.placing.left_for(self.r).get(span, {}).get("span", 1 << 40)

    def room_amount(self, lift: Lift, lifted: Lifted) -> None:
        """Rack units or watts that all parts at the node lack at the tightest instant."""
        key = 0 if lift.code == "node_full" else 1
        lacks = 0
        for at in self.world.instants:
            need = 0
            for p, units in self.placing.parts(self.r, lifted):
                if not p.is_fibre and p.node == lift.id and at in self.world.dates(p):
                    held = self.placing.grants.of(p.id)
                    need += (p.watts_for(held + units) - p.watts_for(held)) if key else units
            if need and lift.id in self.world.network.nodes:
                lacks = max(lacks, need - self.placing.room_left(lift.id, at)[key])
        if lift.by != lacks:
            self.fail("D2", f"Node {lift.id} lacks {lacks} {'W' if key else 'rack units'}; {lift.by} are lifted.")

    def needed(self, lift: Lift, lifted: Lifted) -> None:
        """For one plain pair the raised limit is the length (or loss) of the shortest way; longer ones are not lacking."""
        if self.r.diversity != "none" or sum(u for _, u in self.placing.parts(self.r, lifted)) != 1:
            return
        free = replace(self.r, max_m=None, max_loss_db=None)
        shortest = self.placing.ways_of(free, lifted, self.r.id).shortest_m
        if shortest is None:
            return
        loss = self.world.policy.optics.loss_db(shortest, self.r.wavelength_nm)
        if lift.kind == "max_km" and lift.by != shortest:
            self.fail(
                "D2", f"The nearest way needs {as_thousands(shortest)} km; max_km is lifted to {as_thousands(lift.by)}."
            )
        if lift.kind == "max_loss_db" and abs(lift.db - loss) > Decimal("0.0005"):
            self.fail("D2", f"The nearest way needs {loss} dB; max_loss_db is lifted to {lift.db}.")

    def places(self, reason: Line, lifts: list[Lift], lifted: Lifted) -> None:
        """The spans, nodes and groups that a reason lists."""
        code, spans, nodes = reason["code"], reason["spans"], reason["nodes"]
        own = [lift.id for lift in lifts if lift.code == code]
        if code in ("no_route", "no_diverse_route"):
            if own != [f"{self.r.a} {self.r.b}"] or code != ("no_route" if self.r.legs == 1 else "no_diverse_route"):
                self.fail("D2", f"{code} does not fit diversity {self.r.diversity}, or names other ends.")
            fault = check_cut(self.world, self.r, spans, nodes, reason.get("risk_groups", []))
            if fault:
                self.fail("D2", fault)
            return
        if "risk_groups" in reason:
            self.fail("D2", f"{code} lists risk groups.")
        if code in CLAUSES:
            self.clause_spans(code, spans, lifted)
        elif sorted(spans) != (sorted(own) if code == "span_full" else []):
            self.fail("D2", f"The spans of {code} are not those that it lifts.")
        if sorted(nodes) != (sorted(own) if code in ("node_full", "power_full") else []):
            self.fail("D2", f"The nodes of {code} are not those that it lifts.")

    def clause_spans(self, code: str, spans: list[str], lifted: Lifted) -> None:
        """The spans on which a clause leaves too little for the request."""
        units = sum(u for p, u in self.placing.parts(self.r, lifted) if p.is_fibre)
        table = self.placing.left_for(self.r)
        if not spans:
            self.fail("D2", f"{code} names no span.")
        for s in spans:
            if table.get(s, {}).get(CLAUSES[code], units) >= units:
                self.fail("D2", f"{code} does not bind on span {s}.")

    # -- D3, D4 ---------------------------------------------------------------------------------------------------

    def holders(self, lifts: list[Lift], reasons: list[Line]) -> None:
        """Where room binds, one code says why others hold it; nowhere else."""
        said = [reason["code"] for reason in reasons if reason["code"] in HOLDERS]
        barred = any(lift.code in GATES or lift.code == "family" for lift in lifts)
        needed = any(lift.code in ROOM for lift in lifts) and not barred
        if needed and len(said) != 1:
            self.fail("D3", "Spare is what binds, and not just one code says why others hold it.")
        if not needed and said:
            self.fail("D3", f"{said[0]} is said where spare is not what binds.")
        if "shorter_routes" in said and self.world.policy.ties[0] != "metres":
            self.fail("D3", "shorter_routes is said, and the policy does not put metres first.")

    def alternative(self, said: Line) -> None:
        """The changed request fits, taken alone."""
        if self.r.id in self.world.refused or self.placing.family_taken(self.r.id):
            self.fail("D4", "An alternative is named for a request that no change of wish could help.")
            return
        changed = self.changed(said)
        if isinstance(changed, str):
            self.fail("D4", changed)
        elif self.placing.place([(changed, said["pairs"])]) == NO:
            self.fail("D4", f"The alternative {said['change']} is not free.")

    def changed(self, said: Line) -> Request | str:
        """The request as the alternative changes it, or what is wrong with the alternative."""
        r, change = self.r, said["change"]
        if not r.is_fibre:
            units = said["pairs"]
            right = {**dict.fromkeys(said), "change": "fewer_rack_units", "pairs": units, "a": r.node}
            right["start"] = r.start.isoformat() if r.start else None
            if r.bundle and units == r.rack_units:
                right["change"] = "without_bundle"
            least_wish = r.partial and not r.bundle
            if said != right or not 0 < units <= r.rack_units - (not r.bundle) or least_wish:
                return "The alternative of a colocation is fewer rack units at the same node, or as many without its bundle."
            return replace(r, partial=True, bundle="")
        if said["diversity"] not in DIVERSITY or said["a"] != r.a or said["b"] not in self.world.network.nodes:
            return "The alternative names an unknown level or end."
        max_m = None if said["max_km"] is None else thousandths(said["max_km"])
        loss = None if said["max_loss_db"] is None else Decimal(said["max_loss_db"])
        touched = {
            "lower_diversity": DIVERSITY.index(said["diversity"]) < DIVERSITY.index(r.diversity),
            "other_end": said["b"] not in (r.a, r.b),
            "longer_limit": (max_m or 0) >= (r.max_m or 0) and (loss or 0) >= (r.max_loss_db or 0),
        }
        kept = {
            "lower_diversity": said["diversity"] == r.diversity,
            "other_end": said["b"] == r.b,
            "longer_limit": max_m == r.max_m and (loss is None) == (r.max_loss_db is None) and loss == r.max_loss_db,
        }
        least = 1 if self.placing.grants.of(r.id) else r.least
        if change in ("fewer_pairs", "without_bundle"):
            amount_ok = 0 < said["pairs"] <= r.pairs and not self.placing.grants.of(r.id)
        else:
            amount_ok = said["pairs"] == least
        if change not in (*touched, "fewer_pairs", "without_bundle", "later_start") or not amount_ok:
            return f"The alternative {change} for {said['pairs']} pairs is none."
        if any(not (touched[name] if name == change else kept[name]) for name in touched):
            return f"The alternative changes other things than {change} says."
        start = None if said["start"] is None else type(self.world.on).fromisoformat(said["start"])
        later = start is not None and start > (r.start or self.world.on)
        if later != (change == "later_start") or (not later and start != r.start):
            return "The alternative's start is not the request's, nor a later one under later_start."
        level, end = said["diversity"], said["b"]
        return replace(
            r, diversity=level, b=end, max_m=max_m, max_loss_db=loss, start=start, same_route=False, bundle=""
        )
