"""What is left after an award, and whether something still fits: rules B6, D1 and D2 as one exact question.

An audit holds the round compiled for everyone (requests refused at the gate too), with the award's draws taken off every row.
`fits` then asks whether given amounts of given requests can be placed on what is left, with given lifts; it is decided exactly:
by one search where one unit of one request is asked for, else by arc flows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from allocation.limits import exempt_groups, forbidden_by_avoid, forbidden_by_diverse_from
from allocation.reasons.lifts import CLAUSES, Lift, bonus
from allocation.request import Request
from allocation.solving.core import Core, family_of
from allocation.solving.flows import FlowModel
from allocation.solving.instance import Ask, Instance, Row, interval
from allocation.solving.linear import solve_mip
from allocation.solving.spaces import Legs, Space
from topology.routing.graph import SpanGraph

MISSING = ("~1", "~2")
"""Ids of spans that do not exist: one for each leg that is missing (no real id has a tilde)."""


@dataclass(eq=False)
class Audit:
    """An instance for everyone and what an award leaves of each row."""

    everyone: Instance
    granted: dict[str, int]
    routes: Mapping[str, tuple[Legs, ...]]
    left: list[int] = field(default_factory=list)
    ask_of: dict[str, Ask] = field(default_factory=dict)
    parent: dict[str, str] = field(default_factory=dict)
    _usable: dict[int, frozenset[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ask_of = {a.request.id: a for a in self.everyone.asks}
        self.parent = {r.id: r.alternative_of for r in self.everyone.requests}
        self.recount()

    def recount(self) -> None:
        """Take the award's draws off every row."""
        self.left = [row.capacity for row in self.everyone.rows]
        for request, circuits in self.routes.items():
            for legs in circuits:
                for row in self.everyone.draws(self.ask_of[request], legs):
                    self.left[row] -= 1
        for request, units in self.granted.items():
            ask = self.ask_of[request]
            for row in ask.rack_rows:
                self.left[row] -= units
            for row in ask.power_rows:
                self.left[row] -= ask.request.watts_for(units)

    def is_barred(self, request: str) -> bool:
        """Whether a request cannot be granted whatever room there is: refused at the gate, or its family holds another row."""
        return request in self.everyone.refused or self.family_taken(request)

    def family_taken(self, request: str) -> bool:
        """Whether another row of the request's family was granted."""
        mine = family_of(request, self.parent)
        return any(
            other != request and units and family_of(other, self.parent) == mine
            for other, units in self.granted.items()
        )

    # -- rows under lifts -----------------------------------------------------------------------------------------

    def lacks(self, ask: Ask, span: int, units: int, dropped: frozenset[str]) -> tuple[int, bool]:
        """Pairs that a span lacks for so many units, and whether a clause that is not dropped forbids them."""
        short, barred = 0, False
        for number in self.everyone.profiles[ask.profile][span]:
            row = self.everyone.rows[number]
            missing = units - self.left[number]
            if missing <= 0:
                continue
            if row.kind == "span":
                short = max(short, missing)
            elif CLAUSES[row.kind] not in dropped:
                barred = True
        return short, barred

    def usable(self, ask: Ask) -> frozenset[int]:
        """Spans in service in every period of the ask, both ends included."""
        if ask.profile not in self._usable:
            self._usable[ask.profile] = self._in_service(ask)
        return self._usable[ask.profile]

    def _in_service(self, ask: Ask) -> frozenset[int]:
        network, graph = self.everyone.network, self.everyone.graph
        starts = {self.everyone.rows[r].start for rows in self.everyone.profiles[ask.profile] for r in rows}
        return frozenset(
            n
            for n, span_id in enumerate(graph.span_ids)
            if all(network.spans[span_id].in_service(t) for t in starts)
            and all(network.nodes[graph.node_ids[end]].in_service for end in graph.ends[n])
        )

    def space(self, request: Request, lifts: Iterable[Lift], spans: Iterable[int]) -> Space:
        """The request's space over given spans with items, limits and missing legs lifted; room is the caller's to judge."""
        everyone = self.everyone
        lifted = list(lifts)
        graph, network = everyone.graph, everyone.network
        allowed_items = {(lift.kind, lift.id) for lift in lifted if lift.kind in ("avoid", "diverse_from")}
        avoid = [i for i in request.avoid if ("avoid", f"{i[0]}:{i[1]}") not in allowed_items]
        apart = [i for i in request.diverse_from if ("diverse_from", f"{i[0]}:{i[1]}") not in allowed_items]
        barred = forbidden_by_avoid(network, everyone.circuits, request, avoid)
        barred |= forbidden_by_diverse_from(network, everyone.circuits, request, interval(request, everyone.on), apart)
        numbers = {n: k for k, n in enumerate(graph.node_ids)}
        missing = sum(lift.by for lift in lifted if lift.kind == "route")
        open_spans = {s for s in spans if s >= len(graph.span_ids) or graph.span_ids[s] not in barred.spans}
        if missing:
            a, b = next(lift.id for lift in lifted if lift.kind == "route").split()
            graph = with_missing(graph, numbers[a], numbers[b])
            open_spans |= {len(everyone.graph.span_ids) + k for k in range(missing)}
        groups = {g: k for k, g in enumerate(graph.group_ids)}
        level = request.diversity
        exempt = frozenset(groups[g] for g in exempt_groups(network, request)) if level == "risk" else frozenset()
        nodes = frozenset(numbers[n] for n in barred.nodes)
        limit = self.limit_m(request, lifted)
        ends = numbers[request.a], numbers[request.b]
        return Space(graph, *ends, level, limit, frozenset(open_spans), nodes, exempt, searched_once=True)

    def limit_m(self, request: Request, lifts: Iterable[Lift]) -> int | None:
        """The limit in metres with lifted limits raised."""
        raised = {lift.kind: lift for lift in lifts}
        limits = []
        if request.max_m is not None:
            limits.append(max(request.max_m, raised["max_km"].by) if "max_km" in raised else request.max_m)
        if request.max_loss_db is not None:
            lift = raised.get("max_loss_db")
            budget = request.max_loss_db if lift is None or lift.exact is None else max(lift.exact, request.max_loss_db)
            longest = self.everyone.policy.optics.longest_m(budget, request.wavelength_nm)
            if longest is not None:
                limits.append(longest)
        return min(limits, default=None)

    # -- the question ---------------------------------------------------------------------------------------------

    def fits(self, parts: Sequence[tuple[Ask, int]], lifts: Iterable[Lift] = (), owner: str | None = None) -> bool:
        """Whether the amounts fit on what is left, with the lifts.

        Room that is lifted is there for all parts; items, limits, clauses and missing legs are lifted for `owner` alone
        (the only request where there is one).
        """
        return self.place(parts, lifts, owner) is not None

    def place(
        self, parts: Sequence[tuple[Ask, int]], lifts: Iterable[Lift] = (), owner: str | None = None
    ) -> dict[str, list[Legs]] | None:
        """Circuits for the amounts on what is left (none for colocation), or None where they do not fit. As `fits`."""
        lifted = tuple(lifts)
        owner = parts[0][0].request.id if len(parts) == 1 else owner
        if not self._room_fits([(ask, units) for ask, units in parts if not ask.is_fibre], lifted):
            return None
        fibre = [(ask, units) for ask, units in parts if ask.is_fibre and units]
        spaces = self._spaces(fibre, lifted, owner)
        if spaces is None:
            return None
        if len(fibre) == 1 and fibre[0][1] == 1:
            found = spaces[0].cheapest([*self.everyone.graph.length_m, 0, 0])
            return None if found is None else {fibre[0][0].request.id: [found[1]]}
        if not fibre:
            return {}
        return self._flows(fibre, spaces, bonus(lifted, "span"), dropped_clauses(lifted), owner)

    def _spaces(
        self, fibre: Sequence[tuple[Ask, int]], lifted: Sequence[Lift], owner: str | None
    ) -> list[Space] | None:
        """The space of each part over the spans with room for one more unit; None where `same_route` rules it out."""
        room, ids = bonus(lifted, "span"), self.everyone.graph.span_ids
        spaces = []
        for ask, _ in fibre:
            # a missing leg would be a span like any other, so a partner may use it too; the rest is the owner's own
            own = lifted if ask.request.id == owner else [lift for lift in lifted if lift.kind == "route"]
            dropped = dropped_clauses(own)
            least = {s: self.lacks(ask, s, 1, dropped) for s in self.usable(ask)}
            spans = frozenset(s for s, (short, barred) in least.items() if short <= room.get(ids[s], 0) and not barred)
            if ask.request.same_route and self.routes.get(ask.request.id):
                legs = self.routes[ask.request.id][0]
                if any(s not in spans for leg in legs for s in leg):
                    return None
                spans = frozenset(s for leg in legs for s in leg)
            spaces.append(self.space(ask.request, own, spans))
        return spaces

    def _room_fits(self, parts: Sequence[tuple[Ask, int]], lifts: Iterable[Lift]) -> bool:
        """Whether rack units and watts fit at the nodes, all parts together."""
        racks, watts = bonus(lifts, "rack"), bonus(lifts, "power")
        need: dict[int, int] = {}
        for ask, units in parts:
            if not self.everyone.network.nodes[ask.request.node].in_service:
                return False
            for row in ask.rack_rows:
                need[row] = need.get(row, 0) + units
            for row in ask.power_rows:
                need[row] = need.get(row, 0) + self.more_watts(ask, units)
        for row, amount in need.items():
            extra = racks if self.everyone.rows[row].kind == "rack" else watts
            if amount > self.left[row] + extra.get(self.everyone.rows[row].place, 0):
                return False
        return True

    def more_watts(self, ask: Ask, units: int) -> int:
        """Watts that so many more rack units bring with them."""
        held = self.granted.get(ask.request.id, 0)
        return ask.request.watts_for(held + units) - ask.request.watts_for(held)

    def _flows(
        self,
        fibre: Sequence[tuple[Ask, int]],
        spaces: Sequence[Space],
        room: Mapping[str, int],
        dropped: frozenset[str],
        owner: str | None,
    ) -> dict[str, list[Legs]] | None:
        """Several units or several requests at once: circuits by arc flows over the rows that are left, or None."""
        everyone = self.everyone
        rows = []
        for number, row in enumerate(everyone.rows):
            free = self.left[number] + (room.get(row.place, 0) if row.kind == "span" else 0)
            rows.append(Row(row.kind, row.place, row.start, max(0, free), row.group))
        profiles = [(*table, (), ()) for table in everyone.profiles]
        asks = []
        for n, ((ask, units), space) in enumerate(zip(fibre, spaces, strict=True)):
            profile = ask.profile
            if dropped and ask.request.id == owner:
                kept = [
                    tuple(r for r in of_span if CLAUSES.get(rows[r].kind) not in dropped)
                    for of_span in profiles[profile]
                ]
                profile = len(profiles)
                profiles.append((*kept,))
            request = replace(ask.request, bundle="", alternative_of="", min_pairs=1)
            asks.append(replace(ask, number=n, request=request, wanted=units, least=1, space=space, profile=profile))
        requests = tuple(a.request for a in asks)
        graph = next((s.graph for s in spaces if len(s.graph.span_ids) > len(everyone.graph.span_ids)), everyone.graph)
        small = replace(everyone, graph=graph, rows=rows, profiles=profiles, asks=asks, requests=requests)
        core = Core.of(small)
        model = FlowModel.of(core, [units for _, units in fibre])
        values = solve_mip(model.linear, {}).values
        return None if values is None else {asks[n].request.id: c for n, c in model.routes(values).items()}


def dropped_clauses(lifts: Iterable[Lift]) -> frozenset[str]:
    """Codes of the clauses that are lifted."""
    return frozenset(lift.id for lift in lifts if lift.kind == "clause")


def with_missing(graph: SpanGraph, a: int, b: int) -> SpanGraph:
    """The graph with two more spans of length 0, in no group, straight from a to b."""
    none: frozenset[int] = frozenset()
    return replace(
        graph,
        span_ids=(*graph.span_ids, *MISSING),
        ends=(*graph.ends, (a, b), (a, b)),
        length_m=(*graph.length_m, 0, 0),
        groups_of_span=(*graph.groups_of_span, none, none),
    )
