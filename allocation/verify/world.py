"""The round as the verifier reads it: terms, instants, who is eligible, what each request may touch, every capacity.

Written from the rules alone (A1 to A7 of the allocation page); nothing here is shared with the solver. A *row* is one
capacity at one instant; its name in a certificate is `span:ID@date`, `cap:GROUP:ID@date`, `entrant:ID@date` or
`tranche:ID@date`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeVar

from allocation.policy import Policy
from allocation.request import Request
from allocation.verify.standing import refusals
from allocation.verify.touch import Touch, forbidden
from topology.funding import read_funding
from topology.model import Circuit, Network
from topology.offer import Offer, make_offer

T = TypeVar("T")

EVER = date.max
"""The end of a term that is open."""


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One capacity in pairs. `group` only for a cap."""

    kind: str
    span: str
    at: date
    group: str = ""


class World:
    """A round's inputs with the questions that the checks ask of them. Raises BadInput where live circuits overlap."""

    def __init__(
        self, network: Network, circuits: Iterable[Circuit], requests: Iterable[Request], policy: Policy, on: date
    ) -> None:
        self.network, self.policy, self.on = network, policy, on
        self.circuits: dict[str, Circuit] = {c.id: c for c in sorted(circuits, key=lambda c: c.id)}
        self.requests: dict[str, Request] = {r.id: r for r in sorted(requests, key=lambda r: r.id)}
        last = max((r.end or EVER for r in self.requests.values()), default=EVER)
        self.offer: Offer = make_offer(
            network, self.circuits.values(), on, None if last == EVER or last <= on else last
        )
        self._span_steps: dict[str, list[tuple[date, int]]] = {}
        for row in self.offer.spans:
            self._span_steps.setdefault(row.id, []).append((row.from_, row.pairs))
        self._node_steps: dict[str, list[tuple[date, tuple[int, int]]]] = {}
        for room in self.offer.nodes:
            figures = room.rack_units.offered, room.power_w.offered
            self._node_steps.setdefault(room.id, []).append((room.from_, figures))
        self._dates: dict[tuple[date, date], tuple[date, ...]] = {}
        self._capacity: dict[Row, int | None] = {}
        self._rows: dict[tuple[str, str, date], list[Row]] = {}

    # -- who and when ---------------------------------------------------------------------------------------------

    def group(self, request: Request) -> str:
        """The member group whose units a request's grant counts among."""
        return self.network.group_of(request.member)

    def term(self, request: Request) -> tuple[date, date]:
        """[start, end) of a request, never before the round. One that has ended already is read as open (it is refused)."""
        end = request.end or EVER
        start = max(request.start or self.on, self.on)
        return start, end if end > start else EVER

    @cached_property
    def instants(self) -> tuple[date, ...]:
        """Every date from the round's on at which a grant begins or ends or an offer changes: between two nothing does."""
        marks = {self.on} | {d for r in self.requests.values() for d in self.term(r)}
        marks |= {row.from_ for row in self.offer.spans} | {row.from_ for row in self.offer.nodes}
        marks |= {c.until for s in self.network.spans.values() if (c := read_funding(s.funding_conditions)) and c.until}
        return tuple(sorted(d for d in marks if self.on <= d < EVER))

    def dates(self, request: Request) -> tuple[date, ...]:
        """The instants inside a request's term."""
        start, end = term = self.term(request)
        if term not in self._dates:
            self._dates[term] = tuple(d for d in self.instants if start <= d < end)
        return self._dates[term]

    def unit(self, request: Request) -> int:
        """Units that one granted pair or rack unit counts."""
        return request.legs if request.is_fibre and self.policy.unit == "leg" else 1

    @cached_property
    def parent(self) -> dict[str, str]:
        """Request id -> the earlier wish that it is an alternative of ("" where it is none)."""
        return {r.id: r.alternative_of for r in self.requests.values()}

    def wishes_before(self, request: str) -> list[str]:
        """The chain of earlier wishes of a family, nearest first."""
        chain: list[str] = []
        while (request := self.parent.get(request, "")) and request not in chain:
            chain.append(request)
        return chain

    def family(self, request: str) -> str:
        """The first wish of a request's family (itself where it has no earlier one)."""
        return ([request, *self.wishes_before(request)])[-1]

    @cached_property
    def families(self) -> dict[str, list[str]]:
        """First wish -> every row of its family."""
        table: dict[str, list[str]] = {}
        for r in self.requests:
            table.setdefault(self.family(r), []).append(r)
        return table

    @cached_property
    def bundles(self) -> dict[tuple[str, str], list[Request]]:
        """(group, bundle) -> its rows."""
        table: dict[tuple[str, str], list[Request]] = {}
        for r in self.requests.values():
            if r.bundle:
                table.setdefault((self.group(r), r.bundle), []).append(r)
        return table

    def bundle(self, request: Request) -> list[Request]:
        """The rows of a request's bundle, or the request alone."""
        return self.bundles[self.group(request), request.bundle] if request.bundle else [request]

    @cached_property
    def refused(self) -> dict[str, frozenset[str]]:
        """Request id -> the reason codes for which it is refused at the gate (A7, block size of A6)."""
        found = {
            r.id: frozenset(refusals(r, self.bundle(r), self.policy, self.on, standing=self.in_standing(r.member)))
            for r in self.requests.values()
        }
        return {r: codes for r, codes in found.items() if codes}

    @cached_property
    def eligible(self) -> tuple[Request, ...]:
        """The requests that enter the round, by id."""
        return tuple(r for r in self.requests.values() if r.id not in self.refused)

    def in_standing(self, member: str) -> bool:
        """Whether a member may be granted anything on the round's date (A7)."""
        if self.network.organisations is None:
            return True
        held = self.network.organisations.get(member)
        return held is not None and "user" in held.roles and held.member_on(self.on)

    @cached_property
    def dead_bundles(self) -> frozenset[tuple[str, str]]:
        """Bundles of which a row is refused at the gate: none of their rows can be granted (A5)."""
        return frozenset(key for key, rows in self.bundles.items() if any(r.id in self.refused for r in rows))

    def groups(self, kind: str) -> tuple[str, ...]:
        """Groups with at least one eligible request of a kind, sorted."""
        return tuple(sorted({self.group(r) for r in self.eligible if r.kind == kind}))

    @cached_property
    def base_units(self) -> dict[tuple[str, str], int]:
        """(kind, group) -> units held before the round, where the policy counts them."""
        table: dict[tuple[str, str], int] = {}
        if self.policy.count_live:
            for c in self.circuits.values():
                if c.holds_on(self.on):
                    key = "fibre" if c.is_fibre else "colocation", self.network.group_of(c.member)
                    size = c.rack_units if not c.is_fibre else len(c.legs) if self.policy.unit == "leg" else 1
                    table[key] = table.get(key, 0) + size
        return table

    # -- what a request may touch (A2) ----------------------------------------------------------------------------

    def limit_m(self, request: Request) -> int | None:
        """Greatest metres of a leg: the stricter of `max_km` and, as loss never falls with length, `max_loss_db`."""
        limits = [] if request.max_m is None else [request.max_m]
        if request.max_loss_db is not None:
            by_loss = self.policy.optics.longest_m(request.max_loss_db, request.wavelength_nm)
            limits += [] if by_loss is None else [by_loss]
        return min(limits, default=None)

    def forbidden(self, request: Request) -> Touch:
        """What `avoid` and `diverse_from` keep the request's legs off."""
        start, end = self.term(request)
        beside = {i for i, c in self.circuits.items() if c.start < end and (c.end is None or c.end > start)}
        return forbidden(self.network, self.circuits, request, beside)

    @cached_property
    def closed(self) -> frozenset[str]:
        """Nodes that are not in service."""
        return frozenset(n.id for n in self.network.nodes.values() if not n.in_service)

    def in_service(self, request: Request) -> frozenset[str]:
        """Spans that are in service, with both their ends, at every instant of the term."""
        key = self.dates(request)
        if key not in self._in_service:
            up = {n.id for n in self.network.nodes.values() if n.in_service}
            self._in_service[key] = frozenset(
                s.id
                for s in self.network.spans.values()
                if s.start in up and s.end in up and all(s.in_service(t) for t in key)
            )
        return self._in_service[key]

    @cached_property
    def _in_service(self) -> dict[tuple[date, ...], frozenset[str]]:
        return {}

    # -- capacities (A3, A6) --------------------------------------------------------------------------------------

    def offered_pairs(self, span: str, at: date) -> int:
        """Pairs on offer on a span at an instant."""
        return _at(self._span_steps[span], at, 0)

    def offered_room(self, node: str, at: date) -> tuple[int, int]:
        """Rack units and watts on offer at a node at an instant."""
        return _at(self._node_steps[node], at, (0, 0))

    @cached_property
    def _live(self) -> dict[str, list[tuple[Circuit, int]]]:
        """Span -> the circuits on it and the pairs that each holds there."""
        table: dict[str, list[tuple[Circuit, int]]] = {}
        for c in self.circuits.values():
            for span in sorted(set(c.spans)):
                table.setdefault(span, []).append((c, c.spans.count(span)))
        return table

    def live_pairs(self, span: str, at: date, group: str | None = None) -> int:
        """Pairs under circuits on a span at an instant, of all groups or of one."""
        return sum(
            pairs
            for c, pairs in self._live.get(span, ())
            if c.holds_on(at) and group in (None, self.network.group_of(c.member))
        )

    @cached_property
    def incumbents(self) -> frozenset[tuple[str, str]]:
        """(span, group) where the group held live pairs before the round."""
        return frozenset(
            (span, self.network.group_of(c.member))
            for span, held in self._live.items()
            for c, _ in held
            if c.holds_on(self.on)
        )

    @cached_property
    def holders(self) -> frozenset[str]:
        """Groups with any live circuit at the gate: the tranche is not for them."""
        return frozenset(self.network.group_of(c.member) for c in self.circuits.values() if c.holds_on(self.on))

    def capacity(self, row: Row) -> int | None:
        """Pairs that the row allows to grants; None where no such clause is in force (or the row names nothing)."""
        if row not in self._capacity:
            known = row.span in self.network.spans and row.at >= self.on
            self._capacity[row] = self._capacity_of(row) if known else None
        return self._capacity[row]

    def _capacity_of(self, row: Row) -> int | None:
        offered, policy = self.offered_pairs(row.span, row.at), self.policy
        if row.kind == "span":
            return offered
        if row.kind == "entrant":
            reserve = policy.entrant_reserve_pairs
            return None if reserve is None else max(0, offered - reserve)
        if row.kind == "tranche":
            kept = int((policy.tranche_share or 0) * offered)
            return offered - kept if kept else None
        if row.kind != "cap":
            return None
        mine = self.live_pairs(row.span, row.at, row.group)
        caps = []
        most = self.network.spans[row.span].max_pairs_per_member
        if most is not None:
            caps.append(most)
        if policy.cap_share is not None:
            of_all = int(policy.cap_share * (offered + self.live_pairs(row.span, row.at)))
            caps.append(max(policy.cap_floor_pairs, of_all))
        return max(0, min(caps) - mine) if caps else None

    def rows(self, group: str, span: str, at: date) -> list[Row]:
        """The rows that a pair granted to a group draws on, on a span at an instant."""
        key = (group, span, at)
        if key not in self._rows:
            self._rows[key] = self._rows_of(group, span, at)
        return self._rows[key]

    def _rows_of(self, group: str, span: str, at: date) -> list[Row]:
        found = [Row("span", span, at), Row("cap", span, at, group)]
        if (span, group) in self.incumbents:
            found.append(Row("entrant", span, at))
        if group in self.holders:
            found.append(Row("tranche", span, at))
        return [row for row in found if self.capacity(row) is not None]

    def draws_on(self, request: Request, row: Row) -> bool:
        """Whether a pair of the request on the row's span would draw on the row."""
        start, end = self.term(request)
        if not start <= row.at < end:
            return False
        group = self.group(request)
        if row.kind == "cap":
            return row.group == group
        if row.kind == "entrant":
            return (row.span, group) in self.incumbents
        return row.kind == "span" or group in self.holders

    def unfunded(self, request: Request) -> frozenset[str]:
        """Spans whose funding conditions the member does not meet, where the grant would begin before they lapse (A6)."""
        begins = self.term(request)[0]
        key = request.member, begins
        if key not in self._unfunded:
            self._unfunded[key] = frozenset(
                s.id for s in self.network.spans.values() if not self._admits(s.funding_conditions, *key)
            )
        return self._unfunded[key]

    def _admits(self, cell: str, member: str, begins: date) -> bool:
        """Whether conditions leave a grant to a member from a day on alone: its id, its group or a role of it is named."""
        conditions = read_funding(cell)
        if conditions is None or (conditions.until is not None and conditions.until <= begins):
            return True
        if member in conditions.names or self.network.group_of(member) in conditions.names:
            return True
        held = (self.network.organisations or {}).get(member)
        return held is not None and any(role in conditions.names for role in held.roles)

    @cached_property
    def _unfunded(self) -> dict[tuple[str, date], frozenset[str]]:
        return {}

    @cached_property
    def _open(self) -> dict[tuple[str, tuple[date, ...], frozenset[str]], frozenset[str]]:
        return {}

    def open_spans(self, request: Request) -> frozenset[str]:
        """Spans that a grant of the request could use in an empty round: in service, with room for a pair in every row."""
        key = self.group(request), self.dates(request), self.unfunded(request)
        if key not in self._open:
            self._open[key] = frozenset(
                s
                for s in self.in_service(request) - key[2]
                if all((self.capacity(row) or 0) >= 1 for t in key[1] for row in self.rows(key[0], s, t))
            )
        return self._open[key]


def parse_row(name: str) -> Row | None:
    """The row that a certificate names; None where the name is not of that form."""
    head, _, day = name.rpartition("@")
    parts = head.split(":")
    try:
        at = date.fromisoformat(day)
    except ValueError:
        return None
    if len(parts) == 2 and parts[0] in ("span", "entrant", "tranche"):
        return Row(parts[0], parts[1], at)
    return Row("cap", parts[2], at, parts[1]) if len(parts) == 3 and parts[0] == "cap" else None


def _at(steps: list[tuple[date, T]], at: date, before: T) -> T:
    place = bisect_right([day for day, _ in steps], at)
    return steps[place - 1][1] if place else before
