"""Whether a request's least increment fits beside an award, with given lifts: by trying every way (rules B6, D1, D2).

Written from the rules alone. Everything granted stays where it is; the increment's circuits are tried over every leg or pair
of legs of the network. Small networks only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import combinations_with_replacement, product
from typing import Any

from allocation.request import Request
from tests.allocation.oracle import Legs, admitted, changes, columns, refused
from tests.allocation.rounds import Round
from tests.builders import DAY
from topology.model import Network, Span
from topology.quantities import thousandths

Way = tuple[Request, tuple[Legs, ...], int]
"""A request, the circuits that it would get in addition, and the rack units."""

CLAUSES = {"member_cap", "entrant_reserve", "tranche"}
HALF_PLACE = Decimal("0.0005")
"""Losses are compared unrounded and printed to three places, half up."""

MISSING = ("~1", "~2")


@dataclass
class Lifted:
    """The lifts of an award's reasons, sorted by what they change."""

    pairs: Counter[str] = field(default_factory=Counter)
    rack_units: Counter[str] = field(default_factory=Counter)
    watts: Counter[str] = field(default_factory=Counter)
    legs: int = 0
    max_m: int | None = None
    max_loss_db: Decimal | None = None
    names: set[str] = field(default_factory=set)
    items: set[tuple[str, str, str]] = field(default_factory=set)

    @classmethod
    def of(cls, lifts: Iterable[Mapping[str, Any]]) -> Lifted:
        """Read the lifts as the award's JSON shows them."""
        found = cls()
        for lift in lifts:
            if lift["kind"] == "span":
                found.pairs[lift["id"]] += lift["pairs"]
            elif lift["kind"] == "node":
                found.rack_units[lift["id"]] += lift.get("rack_units", 0)
                found.watts[lift["id"]] += lift.get("power_w", 0)
            elif lift["kind"] == "route":
                found.legs = lift["legs"]
            elif lift["kind"] == "max_km":
                found.max_m = thousandths(Decimal(lift["to_km"]))
            elif lift["kind"] in ("avoid", "diverse_from"):
                kind, _, name = lift["id"].partition(":")
                found.items.add((lift["kind"], kind, name))
            elif lift["kind"] == "max_loss_db":
                found.max_loss_db = Decimal(lift["to_db"]) + HALF_PLACE
            else:
                found.names.add({"bundle": "bundle_partner", "min_pairs": "below_minimum"}.get(lift["id"], lift["id"]))
        return found


class Opinion:
    """One round and its award, asked about one request at a time."""

    def __init__(self, this: Round, award: Mapping[str, Any]) -> None:
        self.this = this
        self.line = {line["request"]: line for line in award["requests"]}
        self.request = {r.id: r for r in this.requests}
        self.gate = refused(this.network, this.requests, this.policy)
        self.days = changes(this.network, this.circuits)
        self.held: list[Way] = [self._granted(r) for r in this.requests]

    def _granted(self, r: Request) -> Way:
        line = self.line[r.id]
        if not r.is_fibre:
            return r, (), line["granted"]
        return r, tuple(tuple(tuple(leg["spans"]) for leg in c["legs"]) for c in line["circuits"]), 0

    def fits(self, name: str, lifts: Iterable[Mapping[str, Any]] = ()) -> bool:
        """Whether the least increment of a request fits once these are lifted."""
        lifted = Lifted.of(lifts)
        if not self.gate.get(name, set()) <= lifted.names:
            return False
        if self._family_taken(name) and "family" not in lifted.names:
            return False
        parts = self._parts(name, lifted)
        if any(other != name and (self._family_taken(other) or other in self.gate) for other, _ in parts):
            return False
        network = _with_missing(self.this.network, self.request[name], lifted.legs)
        options = [self._ways(network, self.request[other], units, lifted, other == name) for other, units in parts]
        return any(self._room(network, list(chosen), lifted, name) for chosen in product(*options))

    def _family_taken(self, name: str) -> bool:
        return any(
            other != name and self.line[other]["granted"] and self._root(other) == self._root(name)
            for other in self.request
        )

    def _root(self, name: str) -> str:
        while self.request[name].alternative_of:
            name = self.request[name].alternative_of
        return name

    def _parts(self, name: str, lifted: Lifted) -> list[tuple[str, int]]:
        """Who must grow together, and by how much: one pair; a minimum; a bundle (D1)."""
        me = self.request[name]
        if self.line[name]["granted"]:
            return [(name, 1)]
        alone = not me.bundle or "bundle_partner" in lifted.names
        minimum = me.least if not alone or not me.is_fibre else (me.min_pairs or 1)
        mine = (name, 1 if "below_minimum" in lifted.names else minimum)
        if alone:
            return [mine]
        group = self.this.network.group_of
        partners = [
            r
            for r in self.this.requests
            if r.bundle == me.bundle and r.id != name and group(r.member) == group(me.member)
        ]
        return [mine, *((r.id, r.least) for r in partners)]

    def _ways(self, network: Network, r: Request, units: int, lifted: Lifted, own: bool) -> list[Way]:
        """Every way to place so many more units of a request, room aside."""
        if not r.is_fibre:
            return [(r, (), units)]
        if own:
            r = replace(
                r,
                avoid=tuple(i for i in r.avoid if ("avoid", *i) not in lifted.items),
                diverse_from=tuple(i for i in r.diverse_from if ("diverse_from", *i) not in lifted.items),
            )
            if lifted.max_loss_db is not None and r.max_loss_db is not None:
                r = replace(r, max_loss_db=max(r.max_loss_db, lifted.max_loss_db))
            if lifted.max_m is not None and r.max_m is not None:
                r = replace(r, max_m=max(r.max_m, lifted.max_m))
        usable = columns(network, r, self.this.circuits, self.this.policy)
        if not own or "funding" not in lifted.names:
            usable = [legs for legs in usable if all(admitted(network, r, s) for leg in legs for s in leg)]
        before = {legs for held, circuits, _ in self.held if held.id == r.id for legs in circuits}
        if r.same_route and before:
            usable = [legs for legs in usable if legs in before]
        chosen = combinations_with_replacement(usable, units)
        return [(r, c, 0) for c in chosen if not r.same_route or len(set(c)) <= 1]

    def _room(self, network: Network, more: Sequence[Way], lifted: Lifted, owner: str) -> bool:
        """Whether spans, nodes and clauses bear what is held and the increment, on every day on which something starts."""
        ways = [*self.held, *more]
        days = sorted({max(r.start or DAY, DAY) for r, _, _ in ways} | {d for d in self.days if d > DAY})
        return all(
            self._room_at_nodes(ways, day, lifted) and self._room_on_spans(network, more, day, lifted, owner)
            for day in days
        )

    def _room_at_nodes(self, ways: Sequence[Way], day: date, lifted: Lifted) -> bool:
        units: Counter[str] = Counter()
        for r, _, amount in ways:
            if not r.is_fibre and _active(r, day):
                units[r.id] += amount
        for node in self.this.network.nodes.values():
            here = {self.request[i]: n for i, n in units.items() if self.request[i].node == node.id}
            live = [c for c in self.this.circuits if c.node == node.id and c.holds_on(day)]
            racks = sum(here.values()) + sum(c.rack_units for c in live)
            watts = sum(-(-r.power_w * n // r.rack_units) for r, n in here.items()) + sum(c.power_w for c in live)
            if racks > node.rack_units - node.rack_units_reserved + lifted.rack_units[node.id]:
                return False
            if watts > node.power_w - node.power_reserved_w + lifted.watts[node.id]:
                return False
        return True

    def _room_on_spans(self, network: Network, more: Sequence[Way], day: date, lifted: Lifted, owner: str) -> bool:
        held, added = self._drawn(self.held, day), self._drawn(more, day)
        partners = self._drawn([way for way in more if way[0].id != owner], day)
        touched = {network.spans[span] for span, _ in added if span not in MISSING}
        return all(
            self._room_on(span, held + added, day, lifted)
            and all(
                self._clause_holds(clause, span, held, partners if clause in lifted.names else added, day)
                for clause in CLAUSES
            )
            for span in touched
        )

    def _drawn(self, ways: Sequence[Way], day: date) -> Counter[tuple[str, str]]:
        drawn: Counter[tuple[str, str]] = Counter()
        for r, circuits, _ in ways:
            if _active(r, day):
                drawn.update((s, self.this.network.group_of(r.member)) for c in circuits for leg in c for s in leg)
        return drawn

    def _offered(self, span: Span, day: date) -> tuple[int, Counter[str]]:
        """Pairs on offer, and live pairs of each group."""
        group_of = self.this.network.group_of
        live = Counter(
            group_of(c.member) for c in self.this.circuits if c.holds_on(day) for s in c.spans if s == span.id
        )
        strands = span.fibre_count - span.own_use - span.reserve - span.maintenance_spare - 2 * live.total()
        return (strands // 2 if span.in_service(day) else 0), live

    def _room_on(self, span: Span, drawn: Counter[tuple[str, str]], day: date, lifted: Lifted) -> bool:
        offered, _ = self._offered(span, day)
        taken = sum(n for (s, _), n in drawn.items() if s == span.id)
        return taken <= offered + lifted.pairs[span.id] and (span.in_service(day) or not taken)

    def _clause_holds(
        self, clause: str, span: Span, held: Counter[tuple[str, str]], added: Counter[tuple[str, str]], day: date
    ) -> bool:
        """Whether a clause of A6 bears what is held and what is added; it limits groups that grow."""
        policy, group_of = self.this.policy, self.this.network.group_of
        offered, live = self._offered(span, day)
        growing = {g for s, g in added if s == span.id}
        total = {g: held[span.id, g] + added[span.id, g] for s, g in {*held, *added} if s == span.id}
        if clause == "member_cap":
            caps = [] if span.max_pairs_per_member is None else [span.max_pairs_per_member]
            if policy.cap_share is not None:
                caps.append(max(policy.cap_floor_pairs, int(policy.cap_share * (offered + live.total()))))
            return all(total[g] <= max(0, min(caps, default=10**9) - live[g]) for g in growing)
        now = [c for c in self.this.circuits if c.holds_on(DAY)]
        if clause == "entrant_reserve":
            limited, least = {group_of(c.member) for c in now if span.id in c.spans}, policy.entrant_reserve_pairs or 0
        else:
            limited, least = {group_of(c.member) for c in now}, int((policy.tranche_share or 0) * offered)
        if not least or not growing & limited:
            return True
        return sum(total.get(g, 0) for g in limited) <= max(0, offered - least)


def _active(r: Request, day: date) -> bool:
    return max(r.start or DAY, DAY) <= day and (r.end is None or day < r.end)


def _with_missing(network: Network, r: Request, legs: int) -> Network:
    """The network with spans of length 0, in no group, straight from a to b: one for each leg that is missing."""
    if not legs:
        return network
    extra = [Span(name, r.a, r.b, "nobody", 1 << 20, 0) for name in MISSING[:legs]]
    return replace(network, spans={**network.spans, **{s.id: s for s in extra}})
