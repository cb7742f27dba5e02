"""Whether more fits on what an award leaves, with given things lifted: the one exact question behind B6, D1, D2 and D4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from allocation.request import Request
from allocation.verify.clauses import Grants, draws, room_draws
from allocation.verify.flows import Router, span_rows
from allocation.verify.lifts import HALF_PLACE, Lifted
from allocation.verify.programme import NO, YES, Programme
from allocation.verify.routes import Question, Ways
from allocation.verify.world import Row, World

NOTHING = Lifted()
Part = tuple[Request, int]
"""A request and how many more pairs or rack units of it are to fit."""


class Placing:
    """What an award leaves of every row and room, and questions about it."""

    def __init__(self, world: World, grants: Grants, effort: int = 100) -> None:
        self.world, self.grants, self.effort = world, grants, effort
        self.used = draws(world, grants)
        self.rooms = room_draws(world, grants)
        self._ways: dict[Question, Ways] = {}
        self._least: dict[tuple[str, tuple[date, ...], frozenset[str]], dict[str, dict[str, int]]] = {}

    # -- the least increment of a request (B6, D1) ----------------------------------------------------------------

    def family_taken(self, request: str) -> bool:
        """Whether another row of the request's family was granted."""
        rows = self.world.families[self.world.family(request)]
        return any(r != request and self.grants.of(r) for r in rows)

    def parts(self, r: Request, lifted: Lifted = NOTHING) -> list[Part]:
        """What must fit at the same time: one more, or the minimum, or the whole bundle of a request that holds nothing."""
        if self.grants.of(r.id):
            return [(r, 1)]
        own = 1 if lifted.has("below_minimum") else r.least
        rows = self.world.bundle(r)
        if len(rows) > 1 and not lifted.has("bundle_partner"):
            return [(row, own if row.id == r.id else row.least) for row in rows if not self.grants.of(row.id)]
        if len(rows) > 1 and r.is_fibre and r.min_pairs is None:  # without its bundle, empty min_pairs means 1
            own = 1
        return [(r, own)]

    def fits(self, r: Request, lifted: Lifted = NOTHING) -> str:
        """Whether the least increment of a request fits with the lifts: "yes", "no", or "open" within the effort."""
        if any(not lifted.has(code) for code in self.world.refused.get(r.id, ())):
            return NO
        if self.family_taken(r.id) and not lifted.has("family"):
            return NO
        parts = self.parts(r, lifted)
        for partner, _ in parts:
            if partner.id != r.id and (partner.id in self.world.refused or self.family_taken(partner.id)):
                return NO
        return self.place(parts, lifted, r.id)

    # -- any amounts of any requests ------------------------------------------------------------------------------

    def place(self, parts: Sequence[Part], lifted: Lifted = NOTHING, own: str = "") -> str:
        """Whether amounts fit together. A request may be a changed one (another end, level or limit).

        More room, and a missing leg (a span like any other), are there for all parts; items, limits and clauses are lifted
        for request `own` only.
        """
        if not self._rooms_fit([(r, u) for r, u in parts if not r.is_fibre], lifted):
            return NO
        fibre = [(r, u) for r, u in parts if r.is_fibre and u]
        total = sum(u for _, u in fibre)
        all_ways = []
        for r, units in fibre:
            same = self._same_legs(r)
            if same is not None:
                return self._along(r, units, same, lifted)
            ways = self.ways_of(r, lifted, own)
            if not ways.any_way:
                return NO
            all_ways.append(ways)
        return YES if total <= 1 else self._together(fibre, all_ways, lifted, own)

    def _same_legs(self, r: Request) -> tuple[tuple[str, ...], ...] | None:
        """The legs that a request which asks for the same route already holds (A4)."""
        held = self.grants.routes.get(r.id)
        return held[0] if r.same_route and held else None

    def _along(self, r: Request, units: int, legs: tuple[tuple[str, ...], ...], lifted: Lifted) -> str:
        """Whether more pairs fit along given legs."""
        table = self.left_for(r)
        for s in (s for leg in legs for s in leg):
            for kind, left in table.get(s, {"span": 0}).items():
                bonus = lifted.pairs.get(s, 0) if kind == "span" else 0
                if kind not in lifted.dropped and left + bonus < units:
                    return NO
        return YES

    def left_for(self, r: Request) -> dict[str, dict[str, int]]:
        """Span in service -> kind of row -> the least that is left over the request's term."""
        world, group, dates, unfunded = self.world, self.world.group(r), self.world.dates(r), self.world.unfunded(r)
        if (group, dates, unfunded) not in self._least:
            table: dict[str, dict[str, int]] = {}
            for s in world.in_service(r):
                here: dict[str, int] = {"funding": 0} if s in unfunded else {}
                table[s] = here
                for at in dates:
                    for row in world.rows(group, s, at):
                        left = self.left(row)
                        here[row.kind] = min(left, here.get(row.kind, left))
            self._least[group, dates, unfunded] = table
        return self._least[group, dates, unfunded]

    def left(self, row: Row) -> int:
        """Pairs that the award leaves of a row."""
        return (self.world.capacity(row) or 0) - self.used.get(row, 0)

    def ways_of(self, r: Request, lifted: Lifted, own: str) -> Ways:
        """The routes of one more circuit: spans on which every row that is not dropped has room for a pair."""
        dropped = lifted.dropped if r.id == own else frozenset()
        spans = frozenset(
            s
            for s, kinds in self.left_for(r).items()
            if all(
                kind in dropped or left + (lifted.pairs.get(s, 0) if kind == "span" else 0) >= 1
                for kind, left in kinds.items()
            )
        )
        eased = self.eased(r, lifted) if r.id == own else r
        touch = self.world.forbidden(eased)
        owner = self.world.requests.get(own, r)
        ends = (owner.a, owner.b) if lifted.missing else ("", "")
        closed = self.world.closed
        barred = touch.nodes | (closed - set(ends) if lifted.missing else closed)
        limit = self.world.limit_m(eased)
        question = Question(r.a, r.b, r.diversity, limit, spans - touch.spans, barred, lifted.missing, ends)
        if question not in self._ways:
            self._ways[question] = Ways(self.world.network, question, whole_block=False)
        return self._ways[question]

    def eased(self, r: Request, lifted: Lifted) -> Request:
        """The request with lifted items allowed and lifted limits raised."""
        items = lifted.items
        km, db = lifted.find("max_km"), lifted.find("max_loss_db")
        return replace(
            r,
            avoid=tuple(i for i in r.avoid if ("avoid", f"{i[0]}:{i[1]}") not in items),
            diverse_from=tuple(i for i in r.diverse_from if ("diverse_from", f"{i[0]}:{i[1]}") not in items),
            max_m=max(r.max_m, km.by) if km is not None and r.max_m is not None else r.max_m,
            max_loss_db=(
                max(r.max_loss_db, db.db + HALF_PLACE)
                if db is not None and r.max_loss_db is not None
                else r.max_loss_db
            ),
        )

    def _together(self, fibre: Sequence[Part], all_ways: Sequence[Ways], lifted: Lifted, own: str) -> str:
        """Several circuits at once: flows over what is left, in CP-SAT."""
        programme = Programme()
        router = Router(programme)
        drawn = {}
        for (r, units), ways in zip(fibre, all_ways, strict=True):
            drawn[r.id] = router.route(r, ways, programme.var(units, units), units)

        def spared(r: Request, row: Row) -> bool:
            return r.id == own and row.kind in lifted.dropped

        def room(row: Row) -> int:
            return max(0, self.left(row) + (lifted.pairs.get(row.span, 0) if row.kind == "span" else 0))

        for terms, high in span_rows(self.world, [r for r, _ in fibre], drawn, room, spared):
            programme.row(terms, high=high)
        return programme.feasible("cp-sat", self.effort)

    def _rooms_fit(self, parts: Sequence[Part], lifted: Lifted) -> bool:
        """Rack units and watts of all parts at every instant, in nodes that are in service."""
        need: dict[tuple[str, date], tuple[int, int]] = {}
        for r, units in parts:
            if not self.world.network.nodes[r.node].in_service:
                return False
            held = self.grants.of(r.id)
            watts = r.watts_for(held + units) - r.watts_for(held)
            for at in self.world.dates(r):
                racks, power = need.get((r.node, at), (0, 0))
                need[r.node, at] = racks + units, power + watts
        for (node, at), (units, watts) in need.items():
            left_units, left_watts = self.room_left(node, at)
            if units > left_units + lifted.rack_units.get(node, 0) or watts > left_watts + lifted.power_w.get(node, 0):
                return False
        return True

    def room_left(self, node: str, at: date) -> tuple[int, int]:
        """Rack units and watts that the award leaves at a node at an instant."""
        offered, used = self.world.offered_room(node, at), self.rooms.get((node, at), (0, 0))
        return offered[0] - used[0], offered[1] - used[1]
