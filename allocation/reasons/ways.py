"""One way to grant a refused request, with the fewest things lifted (rule D2).

Candidates: every small set of lifts other than room (items, limits, clauses, conditions), each with the legs that then need the fewest
spans with more room. The best candidate is then stripped: whatever can be left out while the request still fits is left
out, by the exact test of `Audit.fits`. So all lifts together suffice and none is idle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import combinations

from allocation.reasons.audit import Audit
from allocation.reasons.lifts import CLAUSES, Lift
from allocation.request import Request
from allocation.solving.instance import Ask
from allocation.solving.spaces import Legs
from topology.routing.graph import SearchLimitError

FULL = 10**10
"""Weight of a span that lacks room: more than any length, so that fewest such spans come first."""


@dataclass(frozen=True, slots=True)
class Way:
    """Legs (span numbers; none for colocation) and what must be lifted for them."""

    lifts: tuple[Lift, ...]
    legs: Legs = ()

    @property
    def cost(self) -> int:
        """How many things are lifted; each span or node counts as one."""
        return len(self.lifts)


def least_increment(audit: Audit, request: Request, bundle_granted: bool, alone: bool = False) -> int:
    """The fewest units by which a request can grow: its minimum when it holds nothing, else one."""
    if audit.granted.get(request.id, 0) or (bundle_granted and request.bundle):
        return 1
    if alone:
        return 1 if request.is_fibre and request.min_pairs is None else request.least
    return request.least


class WayFinder:
    """Finds a way for one request on what an award leaves."""

    def __init__(self, audit: Audit, request: Request, conditions: Sequence[Lift]) -> None:
        self.audit, self.request = audit, request
        self.ask: Ask = audit.ask_of[request.id]
        self.conditions = tuple(conditions)  # family and gate: always in the way, lifted in every candidate

    def parts(self, lifts: Iterable[Lift]) -> list[tuple[Ask, int]]:
        """What has to fit at the same time: the request's increment, and its bundle unless that is lifted."""
        lifted = {lift.code for lift in lifts}
        audit, request = self.audit, self.request
        held = audit.granted.get(request.id, 0)
        bundle = self._bundle
        if request.bundle and not held and "bundle_partner" not in lifted and len(bundle) > 1:
            return [
                (audit.ask_of[r.id], 1 if r.id == request.id and "below_minimum" in lifted else r.least)
                for r in bundle
                if not audit.granted.get(r.id, 0)
            ]
        if "below_minimum" in lifted:
            return [(self.ask, 1)]
        return [(self.ask, least_increment(audit, request, False, alone="bundle_partner" in lifted))]

    @cached_property
    def _bundle(self) -> list[Request]:
        """The rows that are granted together with this one, itself included."""
        if not self.request.bundle:
            return [self.request]
        group_of, requests = self.audit.everyone.network.group_of, self.audit.everyone.requests
        me = self.request
        return [r for r in requests if r.bundle == me.bundle and group_of(r.member) == group_of(me.member)]

    def fits(self, lifts: Iterable[Lift]) -> bool:
        """Whether the request's least increment fits with these lifts; conditions that are not lifted forbid it."""
        lifted = tuple(lifts)
        if any(condition not in lifted for condition in self.conditions):
            return False
        parts = self.parts(lifted)
        partners = [ask.request.id for ask, _ in parts if ask is not self.ask]
        if any(self.audit.is_barred(partner) for partner in partners):
            return False
        return self.audit.fits(parts, lifted, self.request.id)

    def spans_used(self, lifts: Iterable[Lift]) -> dict[int, int]:
        """The spans that the request's increment would use with these lifts, each with the pairs of all that is placed there."""
        lifted = tuple(lifts)
        placed = self.audit.place(self.parts(lifted), lifted, self.request.id) or {}
        drawn = Counter(s for circuits in placed.values() for legs in circuits for leg in legs for s in leg)
        own = {s for legs in placed.get(self.request.id, ()) for leg in legs for s in leg}
        return {s: drawn[s] for s in sorted(own) if s < len(self.audit.everyone.graph.span_ids)}

    def find(self) -> Way:
        """The way with the fewest lifts that the candidates give, stripped of idle lifts."""
        best: Way | None = None
        optional = self._optional()
        for size in range(len(optional) + 1):
            for chosen in combinations(optional, size):
                if best is not None and size + len(self.conditions) > best.cost:
                    break
                way = self._candidate(chosen)
                if way is None or (best is not None and self._order(way) >= self._order(best)):
                    continue
                if self.fits(way.lifts):  # the rest of a bundle may lack room where this request does not
                    best = way
        if best is None:
            best = self._with_missing_legs(optional)
        return self._strip(best)

    def _order(self, way: Way) -> tuple[int, int, list[tuple[str, str]]]:
        length = self.audit.everyone.graph.length_m
        metres = sum(length[s] for leg in way.legs for s in leg if s < len(length))
        return way.cost, metres, sorted((lift.code, lift.id) for lift in way.lifts)

    def _optional(self) -> list[Lift]:
        """Lifts other than room that could matter here."""
        r, found = self.request, list[Lift]()
        if r.is_fibre:
            found += [Lift("avoid", "avoid", f"{kind}:{name}") for kind, name in r.avoid]
            found += [Lift("diverse_from", "diverse_from", f"{kind}:{name}") for kind, name in r.diverse_from]
            if r.max_m is not None:
                found.append(Lift("over_distance", "max_km"))
            if r.max_loss_db is not None:
                found.append(Lift("over_loss", "max_loss_db"))
            kinds = {self.audit.everyone.rows[row].kind for t in self._tables() for row in t}
            found += [Lift(CLAUSES[kind], "clause", CLAUSES[kind]) for kind in sorted(kinds & set(CLAUSES))]
        if not self.audit.granted.get(r.id, 0):
            if r.bundle and len(self._bundle) > 1:
                found.append(Lift("bundle_partner", "condition", "bundle"))
            if r.is_fibre and r.least > 1:
                found.append(Lift("below_minimum", "condition", "min_pairs"))
        return sorted(found)

    def _tables(self) -> Iterable[tuple[int, ...]]:
        return self.audit.everyone.profiles[self.ask.profile]

    def _candidate(self, chosen: Sequence[Lift], missing: int = 0) -> Way | None:
        """The legs that need the fewest spans with more room, once `chosen` is lifted; None where there are none."""
        lifts = [*self.conditions, *chosen]
        own = next(units for ask, units in self.parts(lifts) if ask is self.ask)
        if not self.request.is_fibre:
            return Way((*lifts, *self._room_lifts(own)))
        raised = [self._endless(lift) if lift.kind in ("max_km", "max_loss_db") else lift for lift in lifts]
        if missing:
            extra = Lift(self._missing_code(), "route", f"{self.request.a} {self.request.b}", missing)
            raised.append(extra)
            lifts.append(extra)
        legs = self._least_legs(raised, own)
        if legs is None:
            return None
        dropped = frozenset(lift.id for lift in lifts if lift.kind == "clause")
        settled = [self._raised_to(lift, legs) if lift.kind in ("max_km", "max_loss_db") else lift for lift in lifts]
        ids = self.audit.everyone.graph.span_ids
        for span in sorted({s for leg in legs for s in leg if s < len(ids)}):
            short, _ = self.audit.lacks(self.ask, span, own, dropped)
            if short:
                settled.append(Lift("span_full", "span", ids[span], short))
        return Way(tuple(sorted(settled)), legs)

    def _least_legs(self, lifts: Sequence[Lift], units: int) -> Legs | None:
        audit = self.audit
        dropped = frozenset(lift.id for lift in lifts if lift.kind == "clause")
        length = audit.everyone.graph.length_m
        weight = [FULL] * len(length) + [0, 0]
        spans = []
        for span in audit.usable(self.ask):
            short, barred = audit.lacks(self.ask, span, units, dropped)
            if not barred:
                spans.append(span)
                weight[span] = length[span] + (FULL if short else 0)
        if self.request.same_route and audit.routes.get(self.request.id):
            held = {s for leg in audit.routes[self.request.id][0] for s in leg}
            spans = [s for s in spans if s in held]
        try:
            found = audit.space(self.request, lifts, spans).cheapest(weight)
        except SearchLimitError:
            return None
        return None if found is None else found[1]

    def _endless(self, lift: Lift) -> Lift:
        return Lift(lift.code, lift.kind, lift.id, 1 << 40, Decimal(10**9))

    def _raised_to(self, lift: Lift, legs: Legs) -> Lift:
        """The limit that these legs need."""
        length = self.audit.everyone.graph.length_m
        longest = max(sum(length[s] for s in leg if s < len(length)) for leg in legs)
        if lift.kind == "max_km":
            return Lift(lift.code, lift.kind, lift.id, longest)
        optics = self.audit.everyone.policy.optics
        return Lift(lift.code, lift.kind, lift.id, 0, optics.loss_db(longest, self.request.wavelength_nm))

    def _room_lifts(self, units: int) -> list[Lift]:
        """Rack units and watts that the node lacks for so many more units."""
        audit, ask, node = self.audit, self.ask, self.request.node
        racks = max((units - audit.left[r] for r in ask.rack_rows), default=0)
        watts = max((audit.more_watts(ask, units) - audit.left[r] for r in ask.power_rows), default=0)
        found = [Lift("node_full", "rack", node, racks)] if racks > 0 else []
        return found + ([Lift("power_full", "power", node, watts)] if watts > 0 else [])

    def _missing_code(self) -> str:
        return "no_route" if self.request.diversity == "none" else "no_diverse_route"

    def _with_missing_legs(self, optional: Sequence[Lift]) -> Way:
        """No set of lifts gives legs: the network itself lacks one, or both."""
        for missing in range(1, self.request.legs + 1):
            best: Way | None = None
            for size in range(len(optional) + 1):
                for chosen in combinations(optional, size):
                    way = self._candidate(chosen, missing)
                    if way is None or (best is not None and self._order(way) >= self._order(best)):
                        continue
                    if self.fits(way.lifts):
                        best = way
            if best is not None:
                return best
        raise AssertionError(f"request {self.request.id} has no way even over missing legs")

    def _strip(self, way: Way) -> Way:
        """Leave out what is idle: first room, then the rest, each judged by the exact test."""
        kept = list(way.lifts)
        for lift in sorted(way.lifts, key=lambda x: (x.kind != "span", x)):
            rest = [k for k in kept if k != lift]
            if self.fits(rest):
                kept = rest
        for lift in [k for k in kept if k.kind == "span" and k.by > 1]:
            kept = self._shrink(kept, lift)
        return Way(tuple(kept), way.legs)

    def _shrink(self, kept: list[Lift], lift: Lift) -> list[Lift]:
        """Lift no more pairs on a span than are needed: some of several pairs may run elsewhere."""
        low, high = 0, lift.by  # with none it does not fit, with all it does
        while high - low > 1:
            middle = (low + high) // 2
            if self.fits([replace(k, by=middle) if k == lift else k for k in kept]):
                high = middle
            else:
                low = middle
        return [replace(k, by=high) if k == lift else k for k in kept]
