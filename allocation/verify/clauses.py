"""Rules A1 to A7 over a routed award, in plain integers. Used for the award itself and for every witness in its evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from allocation.request import Request
from allocation.verify.report import Report
from allocation.verify.world import Row, World
from topology.model import Leg
from topology.quantities import as_thousands, three_places
from topology.routing.diversity import shared

Legs = tuple[Leg, ...]


@dataclass(frozen=True)
class Grants:
    """What an award gives: pairs or rack units per request, and the legs of each pair."""

    granted: Mapping[str, int]
    routes: Mapping[str, tuple[Legs, ...]] = field(default_factory=dict)

    def of(self, request: str) -> int:
        """Pairs or rack units granted to a request."""
        return self.granted.get(request, 0)


def check_clauses(world: World, grants: Grants, report: Report, label: str = "") -> bool:
    """Every clause of A over a set of grants. `label` goes before each place (the name of a witness). True where all hold."""
    before = len(report.failures)
    checker = _Checker(world, grants, report, label)
    sound = True
    for request in world.requests.values():
        sound &= checker.request(request)
    if sound:
        checker.spans()
        checker.rooms()
    checker.together()
    return len(report.failures) == before


class _Checker:
    def __init__(self, world: World, grants: Grants, report: Report, label: str) -> None:
        self.world, self.grants, self.report, self.label = world, grants, report, label

    def fail(self, code: str, where: str, text: str) -> None:
        self.report.fail(code, f"{self.label}{where}", text)

    def request(self, r: Request) -> bool:
        """What one request's own grant must keep: A7, A5 (minimum), A4, A1 and A2. False where its legs make no sense."""
        units, routes = self.grants.of(r.id), self.grants.routes.get(r.id, ())
        where = f"request {r.id}"
        if units and r.id in self.world.refused:
            codes = ", ".join(sorted(self.world.refused[r.id]))
            self.fail("A7", where, f"It is refused at the gate ({codes}) and holds {units}.")
        if units > r.wanted:
            self.fail("A5", where, f"It holds {units} and asks for {r.wanted}.")
        if 0 < units < r.least:
            self.fail("A5", where, f"It holds {units}; its minimum is {r.least} or none.")
        if r.is_fibre and len(routes) != units:
            self.fail("A1", where, f"{units} pairs are granted over {len(routes)} circuits.")
        if r.same_route and len({tuple(sorted(legs)) for legs in routes}) > 1:
            self.fail("A4", where, "Its pairs use different legs, and it asks for the same route.")
        sound = True
        for number, legs in enumerate(routes, 1):
            sound &= self.circuit(r, legs, f"{where} circuit {number}")
        return sound

    def circuit(self, r: Request, legs: Legs, where: str) -> bool:
        """A1 and A2 of one circuit. False where a span is unknown or the spans make no way from a to b."""
        network, world = self.world.network, self.world
        if len(legs) != r.legs:
            self.fail("A1", where, f"It has {len(legs)} legs; diversity {r.diversity} takes {r.legs}.")
            return False
        forbidden, up, limit = world.forbidden(r), world.in_service(r), world.limit_m(r)
        unfunded = world.unfunded(r)
        for leg in legs:
            unknown = [s for s in leg if s not in network.spans]
            if unknown or not leg:
                self.fail("A1", where, f"There is no span {unknown[0]}." if unknown else "A leg has no span.")
                return False
            try:
                nodes = network.nodes_of_leg(leg, r.a)
            except ValueError as fault:
                self.fail("A1", where, f"The leg is not continuous: {fault}.")
                return False
            if nodes[-1] != r.b:
                self.fail("A1", where, f"The leg ends at {nodes[-1]}, not at {r.b}.")
                return False
            if len(set(nodes)) < len(nodes):
                self.fail("A6", where, "The leg passes a node twice.")
            for s in leg:
                if s not in up:
                    self.fail("A1", where, f"Span {s} is not in service on all days of the request.")
                if s in unfunded:
                    said = network.spans[s].funding_conditions
                    self.fail("A6", where, f"The funding conditions of span {s} ({said}) do not admit {r.member}.")
                if s in forbidden.spans:
                    self.fail("A2", where, f"Span {s} is among what the request avoids or is to be diverse from.")
            for n in nodes:
                if n in forbidden.nodes:
                    self.fail("A2", where, f"Node {n} is among what the request avoids or is to be diverse from.")
            self.limits(r, network.length_m(leg), limit, where)
        for kind, name in shared(network, r.a, r.b, (legs[0], legs[1]), r.diversity) if len(legs) == 2 else ():
            self.fail("A1", where, f"The two legs share {kind} {name}, at level {r.diversity}.")
        return True

    def limits(self, r: Request, metres: int, limit: int | None, where: str) -> None:
        """A2: `max_km` and `max_loss_db` of one leg, unrounded."""
        if limit is None or metres <= limit:
            return
        if r.max_m is not None and metres > r.max_m:
            self.fail("A2", where, f"A leg is {as_thousands(metres)} km; the limit is {as_thousands(r.max_m)} km.")
        else:
            loss = self.world.policy.optics.loss_db(metres, r.wavelength_nm)
            self.fail("A2", where, f"A leg loses {three_places(loss)} dB; the limit is {r.max_loss_db} dB.")

    def spans(self) -> None:
        """A3 and A6 on spans: every row at every instant."""
        for row, used in draws(self.world, self.grants).items():
            room = self.world.capacity(row)
            if room is not None and used > room:
                code = "A3" if row.kind == "span" else "A6"
                whom = f" to group {row.group}" if row.group else ""
                what = {"span": "are offered", "cap": "are its cap", "entrant": "are left by the entrant reserve"}
                said = what.get(row.kind, "are left by the tranche")
                self.fail(code, f"span {row.span}", f"On {row.at}, {used} pairs are granted{whom}; {room} {said}.")

    def rooms(self) -> None:
        """A3 at nodes: rack units and watts at every instant, in nodes that are in service."""
        for (node, at), (units, watts) in room_draws(self.world, self.grants).items():
            offered_units, offered_watts = self.world.offered_room(node, at)
            if units > offered_units:
                self.fail(
                    "A3", f"node {node}", f"On {at}, {units} rack units are granted; {offered_units} are offered."
                )
            if watts > offered_watts:
                self.fail("A3", f"node {node}", f"On {at}, {watts} W are granted; {offered_watts} are offered.")

    def together(self) -> None:
        """A5 over several rows: bundles and families."""
        for (group, name), rows in self.world.bundles.items():
            held = [r.id for r in rows if self.grants.of(r.id)]
            if held and len(held) < len(rows):
                lacks = next(r.id for r in rows if r.id not in held)
                self.fail("A5", f"bundle {name} of {group}", f"{held[0]} is granted and {lacks} is not.")
        for rows_of_family in self.world.families.values():
            granted = [r for r in rows_of_family if self.grants.of(r)]
            if len(granted) > 1:
                self.fail("A5", f"request {granted[1]}", f"{granted[0]}, of the same family, is granted too.")


def draws(world: World, grants: Grants) -> dict[Row, int]:
    """Pairs that grants draw on each row that is in force."""
    used: dict[Row, int] = defaultdict(int)
    for request, routes in grants.routes.items():
        r = world.requests[request]
        group = world.group(r)
        amounts: dict[str, int] = defaultdict(int)
        for legs in routes:
            for leg in legs:
                for span in leg:
                    amounts[span] += 1
        for span, pairs in amounts.items():
            for at in world.dates(r):
                for row in world.rows(group, span, at):
                    used[row] += pairs
    return used


def room_draws(world: World, grants: Grants) -> dict[tuple[str, date], tuple[int, int]]:
    """(node, instant) -> rack units and watts that grants draw there."""
    used: dict[tuple[str, date], tuple[int, int]] = {}
    for r in world.requests.values():
        units = grants.of(r.id)
        if not r.is_fibre and units:
            for at in world.dates(r):
                racks, watts = used.get((r.node, at), (0, 0))
                used[r.node, at] = racks + units, watts + r.watts_for(units)
    return used
