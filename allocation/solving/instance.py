"""A round, compiled: who asks for what over which routes, and every capacity as a row.

A *row* is one capacity that grants draw on: a span's offer in one period, a group's cap on a span, the entrant reserve, the
tranche, rack units or watts at a node, or none at all where funding conditions keep a member off. A circuit draws one pair on each row of each span that a leg of it uses (A3, A6). A
*period* is a maximal interval in which neither offers nor requests change; periods in which no more is active than in another one
with the same offers are left out, as they can never bind alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date

from allocation.funding import closed_to, conditions_of
from allocation.gate import Refusal, refusals
from allocation.limits import exempt_groups, forbidden_by_avoid, forbidden_by_diverse_from, limit_m
from allocation.policy import Policy
from allocation.request import Request
from allocation.solving.spaces import Space
from topology.model import Circuit, Network
from topology.offer import Offer, make_offer
from topology.routing.graph import SpanGraph


@dataclass(frozen=True, slots=True)
class Row:
    """One capacity. `kind`: span, cap, entrant, tranche, funding, rack or power; `place`: span or node id; `group` for a cap."""

    kind: str
    place: str
    start: date
    capacity: int
    group: str = ""

    @property
    def name(self) -> str:
        """The name under which certificates weigh the row: `span@from`, `cap:group@span@from`, …"""
        head = f"{self.kind}:{self.group}" if self.group else self.kind
        return f"{head}:{self.place}@{self.start}"


@dataclass(frozen=True, eq=False)
class Ask:
    """An eligible request, compiled. `rows_of_span` maps a span number to the rows that one pair on it draws on."""

    number: int
    request: Request
    group: str
    wanted: int
    least: int
    unit: int
    space: Space | None = None
    profile: int = -1
    rack_rows: tuple[int, ...] = ()
    power_rows: tuple[int, ...] = ()

    @property
    def is_fibre(self) -> bool:
        """Whether it asks for fibre."""
        return self.request.is_fibre


@dataclass(eq=False)
class Instance:
    """One round as numbers. Asks and rows are in the order of ids, so nothing depends on the order of input rows."""

    network: Network
    graph: SpanGraph
    policy: Policy
    on: date
    offer: Offer
    circuits: Mapping[str, Circuit]
    requests: tuple[Request, ...]
    refused: Mapping[str, tuple[Refusal, ...]]
    periods: tuple[date, ...]
    asks: list[Ask] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    profiles: list[tuple[tuple[int, ...], ...]] = field(default_factory=list)
    base_units: dict[tuple[str, str], int] = field(default_factory=dict)
    _read_by_row: dict[int, Mapping[int, Sequence[int]]] = field(default_factory=dict, init=False)

    def groups(self, kind: str) -> tuple[str, ...]:
        """Groups with at least one eligible request of a kind, sorted."""
        return tuple(sorted({a.group for a in self.asks if a.request.kind == kind}))

    def asks_of(self, kind: str, group: str) -> list[Ask]:
        """The asks of a group of one kind."""
        return [a for a in self.asks if a.group == group and a.request.kind == kind]

    def draws(self, ask: Ask, legs: Iterable[Iterable[int]]) -> list[int]:
        """The rows that one pair over these legs draws on, once for each span and leg."""
        table = self.profiles[ask.profile]
        return [row for leg in legs for span in leg for row in table[span]]

    def span_weights(
        self, profile: int, row_weight: Mapping[int, int], length: Sequence[int] | None = None
    ) -> list[int]:
        """Weight of each span for asks of a profile: the sum over its rows, on top of `length` where given."""
        spans_of_row = self._spans_of_row(profile)
        weights = [0] * len(self.profiles[profile]) if length is None else list(length)
        for row, weight in row_weight.items():  # few rows have a weight, and each is of few spans
            for span in spans_of_row.get(row, ()):
                weights[span] += weight
        return weights

    def _spans_of_row(self, profile: int) -> Mapping[int, Sequence[int]]:
        """A profile read the other way."""
        if profile not in self._read_by_row:
            table: dict[int, list[int]] = defaultdict(list)
            for span, rows in enumerate(self.profiles[profile]):
                for row in rows:
                    table[row].append(span)
            self._read_by_row[profile] = dict(table)
        return self._read_by_row[profile]


def interval(request: Request, on: date) -> tuple[date, date]:
    """[start, end) of a request, clipped to the round's date; an open end is date.max, and so is one that lies before."""
    start, end = max(request.start or on, on), request.end or date.max
    return start, end if end > start else date.max


def _periods(
    requests: Sequence[Request], offer: Offer, lapses: Set[date], on: date, every: bool = False
) -> tuple[date, ...]:
    """Starts of the periods in which something can bind that does not bind elsewhere (or of every period).

    A day on which funding conditions lapse is a step like one of the offer: what binds before it may not bind after.
    """
    marks = {on}
    for r in requests:
        start, end = interval(r, on)
        marks |= {start, end} - {date.max}
    steps = sorted({row.from_ for row in offer.spans} | {row.from_ for row in offer.nodes} | lapses | {on})
    marks |= {s for s in steps if s > on}
    starts = sorted(m for m in marks if m >= on)
    active = {t: frozenset(r.id for r in requests if interval(r, on)[0] <= t < interval(r, on)[1]) for t in starts}
    era = {t: max(s for s in steps if s <= t) for t in starts}
    kept: list[date] = []
    for t in starts:
        rivals = [] if every else [u for u in starts if era[u] == era[t] and u != t]
        if not active[t] or any(active[t] < active[u] or (active[t] == active[u] and u < t) for u in rivals):
            continue
        kept.append(t)
    return tuple(kept)


def compile_round(
    network: Network,
    circuits: Iterable[Circuit],
    requests: Iterable[Request],
    policy: Policy,
    on: date,
    *,
    everyone: bool = False,
) -> Instance:
    """The instance of a round on a date. Raises BadInput where live circuits hold more than is there.

    With `everyone`, requests that were refused at the gate are compiled too, over every period: reasons ask what else they
    would have lacked, and from when on there is room.
    """
    live = {c.id: c for c in sorted(circuits, key=lambda c: c.id)}
    rows = tuple(sorted(requests, key=lambda r: r.id))
    ends = [r.end for r in rows]
    until = None if not ends or any(e is None for e in ends) else max(e for e in ends if e is not None)
    offer = make_offer(network, live.values(), on, until if until is None or until > on else None)
    refused = refusals(network, rows, policy, on)
    entered = [r for r in rows if everyone or r.id not in refused]
    lapses = {c.until for c in conditions_of(network).values() if c.until is not None}
    periods = _periods(entered, offer, lapses, on, everyone)
    instance = Instance(network, SpanGraph.of(network), policy, on, offer, live, rows, refused, periods)
    _Compiler(instance, entered, everyone).run()
    return instance


ProfileKey = tuple[tuple[date, ...], str, frozenset[str]]
"""Periods, the group where rows of its own bind, and the spans whose funding conditions keep the member off."""


class _Compiler:
    """Builds rows, profiles, spaces and asks; kept apart so that `Instance` stays plain data."""

    def __init__(self, instance: Instance, entered: Sequence[Request], everyone: bool) -> None:
        self.i, self.everyone = instance, everyone
        self.entered = entered
        self.row_number: dict[tuple[str, str, date, str], int] = {}
        self.spaces: dict[tuple[object, ...], Space] = {}
        self.profile_number: dict[ProfileKey, int] = {}
        self.profile_of_group: dict[ProfileKey, int] = {}
        self.rows_of_group: dict[tuple[str, str, date], list[tuple[str, str, date, int, str]]] = {}
        self.limits_of_span: dict[tuple[str, date], tuple[int, int | None, int | None]] = {}
        self.conditions = conditions_of(instance.network)
        network, on = instance.network, instance.on
        self.offered = {
            "span": _steps((o.id, o.from_, o.pairs) for o in instance.offer.spans),
            "rack": _steps((o.id, o.from_, o.rack_units.offered) for o in instance.offer.nodes),
            "power": _steps((o.id, o.from_, o.power_w.offered) for o in instance.offer.nodes),
        }
        self.live_pairs: dict[tuple[str, str], list[Circuit]] = defaultdict(list)  # (span, group) -> circuits
        self.live_on_span: dict[str, list[Circuit]] = defaultdict(list)
        for c in instance.circuits.values():
            for span in c.spans:
                self.live_pairs[span, network.group_of(c.member)].append(c)
                self.live_on_span[span].append(c)
        self.incumbent = {
            (span, group) for (span, group), held in self.live_pairs.items() if any(c.holds_on(on) for c in held)
        }
        self.holders = {network.group_of(c.member) for c in instance.circuits.values() if c.holds_on(on)}
        self.asked: dict[str, int] = defaultdict(int)  # group -> pairs that it could at most draw on one span
        for r in entered:
            if r.is_fibre:
                self.asked[network.group_of(r.member)] += r.pairs

    def run(self) -> None:
        i = self.i
        for r in self.entered:
            group = i.network.group_of(r.member)
            start, end = interval(r, i.on)
            periods = tuple(t for t in i.periods if start <= t < end)
            if r.is_fibre:
                closed = closed_to(self.conditions, i.network, r.member, start)
                profile = self._profile((periods, group, closed))
                unit = r.legs if i.policy.unit == "leg" else 1
                space = self._space(r, profile, start, end)
                i.asks.append(Ask(len(i.asks), r, group, r.pairs, r.least, unit, space, profile))
            else:
                racks = tuple(self._row("rack", r.node, t) for t in periods)
                watts = tuple(self._row("power", r.node, t) for t in periods) if r.power_w else ()
                i.asks.append(Ask(len(i.asks), r, group, r.rack_units, r.least, 1, None, -1, racks, watts))
        if i.policy.count_live:
            for c in i.circuits.values():
                if c.holds_on(i.on):
                    key = ("fibre" if c.is_fibre else "colocation", i.network.group_of(c.member))
                    units = (len(c.legs) if i.policy.unit == "leg" else 1) if c.is_fibre else c.rack_units
                    i.base_units[key] = i.base_units.get(key, 0) + units

    def _row(self, kind: str, place: str, at: date, capacity: int | None = None, group: str = "") -> int:
        key = (kind, place, at, group)
        if key not in self.row_number:
            self.row_number[key] = len(self.i.rows)
            room = self._offered(kind, place, at) if capacity is None else capacity
            self.i.rows.append(Row(kind, place, at, max(0, room), group))
        return self.row_number[key]

    def _offered(self, kind: str, place: str, at: date) -> int:
        steps = self.offered[kind].get(place, ())
        return next((figure for start, figure in reversed(steps) if start <= at), 0)

    def _profile(self, asked: ProfileKey) -> int:
        """The rows that each span means to this group in these periods; one profile where the group has no rows of its own."""
        if asked not in self.profile_of_group:
            periods, group, closed = asked
            own = {span: [self._rows_of(span, group, t) for t in periods] for span in self.i.network.spans}
            special = any(rows for per_span in own.values() for rows in per_span)
            key = (periods, group if special else "", closed)
            self.profile_of_group[asked] = self._profile_of(key, own)
        return self.profile_of_group[asked]

    def _profile_of(
        self,
        key: ProfileKey,
        own: Mapping[str, list[list[tuple[str, str, date, int, str]]]],
    ) -> int:
        periods, _, closed = key
        if key not in self.profile_number:
            table = []
            for span in self.i.network.spans:
                rows = [self._row("span", span, t) for t in periods]
                for extra in own[span]:
                    rows += [self._row(*row) for row in extra]
                if span in closed:
                    rows += [self._row("funding", span, t, 0) for t in periods if self._binds(span, t)]
                table.append(tuple(rows))
            self.profile_number[key] = len(self.i.profiles)
            self.i.profiles.append(tuple(table))
        return self.profile_number[key]

    def _binds(self, span: str, at: date) -> bool:
        """Whether the funding conditions of a span are still in force in the period that begins on a day."""
        until = self.conditions[span].until
        return until is None or at < until

    def _rows_of(self, span: str, group: str, at: date) -> list[tuple[str, str, date, int, str]]:
        """`_group_rows`, found once: the requests of a group share most of their periods."""
        key = (span, group, at)
        if key not in self.rows_of_group:
            self.rows_of_group[key] = self._group_rows(span, group, at)
        return self.rows_of_group[key]

    def _group_rows(self, span: str, group: str, at: date) -> list[tuple[str, str, date, int, str]]:
        """Rows of clause A6 on a span for a group in a period, as arguments of `_row`; only those that could bind."""
        policy = self.i.policy
        offered, own_limit, cap = self._limits_of_span(span, at)
        live = self.live_pairs.get((span, group))
        held = sum(1 for c in live if c.holds_on(at)) if live else 0
        most = self.asked[group] if self.everyone else min(offered, self.asked[group])
        rows: list[tuple[str, str, date, int, str]] = []
        if own_limit is not None or cap is not None:
            room = max(0, min(limit for limit in (own_limit, cap) if limit is not None) - held)
            if room < most:  # for everyone: a cap may bind once more room is lifted in
                rows.append(("cap", span, at, room, group))
        if policy.entrant_reserve_pairs and (span, group) in self.incumbent:
            rows.append(("entrant", span, at, max(0, offered - policy.entrant_reserve_pairs), ""))
        if policy.tranche_share and group in self.holders:
            kept = int(policy.tranche_share * offered)
            if kept:  # a share that rounds down to no pair keeps nothing from anyone
                rows.append(("tranche", span, at, offered - kept, ""))
        return rows

    def _limits_of_span(self, span: str, at: date) -> tuple[int, int | None, int | None]:
        """Pairs offered on a span in a period, and the two limits on what one group holds there: the contributor's, clause [cap]'s."""
        key = (span, at)
        if key not in self.limits_of_span:
            policy, offered, cap = self.i.policy, self._offered("span", span, at), None
            if policy.cap_share is not None:
                all_held = sum(1 for c in self.live_on_span.get(span, ()) if c.holds_on(at))
                cap = max(
                    policy.cap_floor_pairs, int(policy.cap_share * (offered + all_held))
                )  # floor: neither is negative
            self.limits_of_span[key] = offered, self.i.network.spans[span].max_pairs_per_member, cap
        return self.limits_of_span[key]

    def _space(self, r: Request, profile: int, start: date, end: date) -> Space:
        """The routes open to a request: in service all the time, not forbidden, and with room for at least one pair."""
        i, network, graph = self.i, self.i.network, self.i.graph
        barred = forbidden_by_avoid(network, i.circuits, r)
        barred |= forbidden_by_diverse_from(network, i.circuits, r, (start, end))
        table = i.profiles[profile]
        spans = frozenset(
            n
            for n, span in enumerate(graph.span_ids)
            if span not in barred.spans and all(i.rows[row].capacity >= 1 for row in table[n])
        )
        node_number = {n: k for k, n in enumerate(graph.node_ids)}
        closed = {n.id for n in network.nodes.values() if not n.in_service}
        nodes = frozenset(node_number[n] for n in barred.nodes | closed if n in node_number)
        group_number = {g: k for k, g in enumerate(graph.group_ids)}
        exempt = frozenset(group_number[g] for g in exempt_groups(network, r)) if r.diversity == "risk" else frozenset()
        a, b, limit = node_number[r.a], node_number[r.b], limit_m(r, i.policy)
        key = (a, b, r.diversity, limit, spans, nodes, exempt)
        if key not in self.spaces:
            self.spaces[key] = Space(graph, a, b, r.diversity, limit, spans, nodes, exempt)
        return self.spaces[key]


def _steps(figures: Iterable[tuple[str, date, int]]) -> dict[str, tuple[tuple[date, int], ...]]:
    table: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for place, start, figure in figures:
        table[place].append((start, figure))
    return {place: tuple(sorted(steps)) for place, steps in table.items()}
