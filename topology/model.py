"""The spine as a value: nodes, spans, risk groups, organisations and circuits.

Everything is immutable; a change makes a new `Network`. Lengths are whole metres, power whole watts, fibre whole strands
(a pair is two strands), dates civil days in half-open intervals [start, end). Mappings are sorted by id, so that nothing
downstream depends on the order of rows in a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Any

NODE_TYPES = ("data_centre", "exchange", "pop", "ixp", "cabinet", "chamber", "customer_site")
ROLES = ("contributor", "user", "investor")
IN_SERVICE = ("", "operational")

Leg = tuple[str, ...]
"""Span ids in the order in which the leg passes them."""

Recall = tuple[date, int]
"""The first day on which a contributor has so many of its offered strands back, for good."""

StrandPair = tuple[int, int]
"""Two strand numbers of one span, from 1; the first continues as the first of the next span."""

Position = tuple[float, float]
"""Longitude and latitude in degrees, WGS84: the order of lines in GIS files."""


@dataclass(frozen=True, slots=True)
class Node:
    """A place where spans end. `key`: the city wants it joined to the other key nodes by diverse routes.

    `inclusion` (a digital-inclusion figure as its source counts it) and `carbon_kg` (kg CO2e) are carried with source and
    year; no award depends on them.
    """

    id: str
    name: str
    type: str
    lat: float
    lon: float
    owner: str = ""
    key: bool = False
    building: str = ""
    rack_units: int = 0
    rack_units_reserved: int = 0
    power_w: int = 0
    power_reserved_w: int = 0
    risk_groups: tuple[str, ...] = ()
    status: str = ""
    priority: str = ""
    inclusion: Decimal | None = None
    inclusion_source: str = ""
    inclusion_year: int | None = None
    carbon_kg: Decimal | None = None
    carbon_source: str = ""
    carbon_year: int | None = None
    note: str = ""
    disclosure: str = ""
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def in_service(self) -> bool:
        """Whether the node's status lets it be used."""
        return self.status in IN_SERVICE


@dataclass(frozen=True, slots=True)
class Span:
    """A cable between exactly two nodes; parallel spans are normal. The four strand figures count strands, not pairs.

    `route` is the line on the ground from `start` to `end`, where it is known; it decides no length and no award.
    """

    id: str
    start: str
    end: str
    owner: str
    fibre_count: int
    length_m: int
    name: str = ""
    own_use: int = 0
    reserve: int = 0
    maintenance_spare: int = 0
    risk_groups: tuple[str, ...] = ()
    status: str = ""
    ready_for_service: date | None = None
    withdrawn_on: date | None = None
    deployment: str = ""
    fibre_type: str = ""
    cuts_per_km_year: float | None = None
    repair_hours: float | None = None
    max_pairs_per_member: int | None = None
    funding_conditions: str = ""
    recalls: tuple[Recall, ...] = ()
    inclusion: Decimal | None = None
    inclusion_source: str = ""
    inclusion_year: int | None = None
    carbon_kg: Decimal | None = None
    carbon_source: str = ""
    carbon_year: int | None = None
    note: str = ""
    disclosure: str = ""
    route: tuple[Position, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()

    def in_service(self, on: date) -> bool:
        """Whether the span can carry circuits on a date: status, and on in [ready_for_service, withdrawn_on)."""
        return (
            self.status in IN_SERVICE
            and (self.ready_for_service is None or self.ready_for_service <= on)
            and (self.withdrawn_on is None or on < self.withdrawn_on)
        )

    def recalled(self, on: date) -> int:
        """Strands that the contributor has taken back by a date."""
        return sum(strands for day, strands in self.recalls if day <= on)

    def other_end(self, node: str) -> str:
        """The end that is not `node`."""
        return self.end if node == self.start else self.start


@dataclass(frozen=True, slots=True)
class RiskGroup:
    """One event that can break several spans or nodes together: a duct, bridge, chamber or power feed (an SRLG)."""

    id: str
    name: str = ""
    kind: str = ""
    cuts_per_year: float | None = None
    repair_hours: float | None = None
    note: str = ""
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Organisation:
    """A member of the co-operative, or the owner of something. Connected members share a `group` and count as one."""

    id: str
    name: str = ""
    roles: tuple[str, ...] = ()
    group: str = ""
    member_from: date | None = None
    member_to: date | None = None
    extra: tuple[tuple[str, str], ...] = ()

    def member_on(self, on: date) -> bool:
        """Whether the organisation is a member on a date, on in [member_from, member_to)."""
        return (self.member_from is None or self.member_from <= on) and (self.member_to is None or on < self.member_to)


@dataclass(frozen=True, slots=True)
class Circuit:
    """What a member holds: one pair end to end over one or two legs, or colocation at a node, in [start, end).

    `strands` says on which strands of each span, in the order of `legs`; empty where that is not recorded. `term_end` is the
    day on which its term was agreed to end, where `end` is another: it was handed back early, or renewed.
    """

    id: str
    member: str
    start: date
    end: date | None = None
    legs: tuple[Leg, ...] = ()
    node: str = ""
    rack_units: int = 0
    power_w: int = 0
    request: str = ""
    state: str = ""
    lit_on: date | None = None
    price_key: str = ""
    strands: tuple[tuple[StrandPair, ...], ...] = ()
    term_end: date | None = None
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def is_fibre(self) -> bool:
        """Whether the circuit is fibre (else colocation)."""
        return bool(self.legs)

    @property
    def spans(self) -> tuple[str, ...]:
        """The spans of all legs, in order; a span that two legs share stands twice, as it holds two pairs."""
        return tuple(s for leg in self.legs for s in leg)

    def holds_on(self, on: date) -> bool:
        """Whether the circuit holds strands or room on a date; only `start` and `end` decide."""
        return self.start <= on and (self.end is None or on < self.end)


def _sorted_by_id(items: Iterable[Any]) -> Mapping[str, Any]:
    return MappingProxyType({item.id: item for item in sorted(items, key=lambda i: i.id)})


@dataclass(frozen=True)
class Network:
    """The whole spine: a multigraph keyed by span id, its risk groups and, where given, the members.

    `organisations` is None where no file was given: then every member named anywhere is eligible. `colours` names the
    colour code of tubes and strands, `strands_per_tube` counts them; "" and 0 are the defaults of `topology.colours`.
    """

    nodes: Mapping[str, Node]
    spans: Mapping[str, Span]
    risk_groups: Mapping[str, RiskGroup] = field(default_factory=dict)
    organisations: Mapping[str, Organisation] | None = None
    id: str = ""
    name: str = ""
    licence: str = ""
    as_of: date | None = None
    illustrative: bool = False
    colours: str = ""
    strands_per_tube: int = 0
    extra: tuple[tuple[str, str], ...] = ()

    @classmethod
    def build(
        cls,
        nodes: Iterable[Node],
        spans: Iterable[Span],
        risk_groups: Iterable[RiskGroup] = (),
        organisations: Iterable[Organisation] | None = None,
        **about: Any,
    ) -> Network:
        """A network from its parts in any order. Groups that are used but not listed are created with defaults."""
        node_map, span_map, listed = _sorted_by_id(nodes), _sorted_by_id(spans), dict(_sorted_by_id(risk_groups))
        for thing in (*node_map.values(), *span_map.values()):
            for group in thing.risk_groups:
                listed.setdefault(group, RiskGroup(group))
        members = None if organisations is None else _sorted_by_id(organisations)
        return cls(node_map, span_map, _sorted_by_id(listed.values()), members, **about)

    def at(self, on: date) -> Network:
        """The spine that is in service on a date: nodes and spans that are not are left out."""
        nodes = [n for n in self.nodes.values() if n.in_service]
        kept = {n.id for n in nodes}
        spans = [s for s in self.spans.values() if s.in_service(on) and s.start in kept and s.end in kept]
        return replace(self, nodes=_sorted_by_id(nodes), spans=_sorted_by_id(spans))

    def without(
        self, *, spans: Iterable[str] = (), nodes: Iterable[str] = (), risk_groups: Iterable[str] = ()
    ) -> Network:
        """The network after an event: the named spans and nodes, all that is in the named groups, and spans left endless."""
        groups, gone_nodes, gone_spans = set(risk_groups), set(nodes), set(spans)
        left_nodes = [n for n in self.nodes.values() if n.id not in gone_nodes and groups.isdisjoint(n.risk_groups)]
        kept = {n.id for n in left_nodes}
        left_spans = [
            s
            for s in self.spans.values()
            if s.id not in gone_spans and groups.isdisjoint(s.risk_groups) and s.start in kept and s.end in kept
        ]
        return replace(self, nodes=_sorted_by_id(left_nodes), spans=_sorted_by_id(left_spans))

    @cached_property
    def incident(self) -> Mapping[str, tuple[Span, ...]]:
        """Node id -> its spans, sorted by id."""
        table: dict[str, list[Span]] = {n: [] for n in self.nodes}
        for span in self.spans.values():
            table[span.start].append(span)
            table[span.end].append(span)
        return MappingProxyType({n: tuple(spans) for n, spans in table.items()})

    @cached_property
    def members_of_group(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Risk group id -> its ("node", id) and ("span", id) members, sorted."""
        table: dict[str, list[tuple[str, str]]] = {g: [] for g in self.risk_groups}
        for kind, things in (("node", self.nodes), ("span", self.spans)):
            for thing in things.values():
                for group in thing.risk_groups:
                    table[group].append((kind, thing.id))
        return MappingProxyType({g: tuple(sorted(m)) for g, m in table.items()})

    @property
    def key_nodes(self) -> tuple[str, ...]:
        """Ids of the key nodes, sorted."""
        return tuple(n.id for n in self.nodes.values() if n.key)

    def group_of(self, member: str) -> str:
        """The member group that a member counts in: its `group`, or itself."""
        organisation = self.organisations.get(member) if self.organisations is not None else None
        return organisation.group or member if organisation else member

    def length_m(self, leg: Iterable[str]) -> int:
        """Metres of a leg: the sum over its spans."""
        return sum(self.spans[s].length_m for s in leg)

    def nodes_of_leg(self, leg: Leg, start: str) -> tuple[str, ...]:
        """The nodes that a leg passes, from `start` on. Raises ValueError where the spans do not follow on each other."""
        at = [start]
        for span_id in leg:
            span = self.spans[span_id]
            if at[-1] not in (span.start, span.end):
                raise ValueError(f"span {span_id} does not start at node {at[-1]}")
            at.append(span.other_end(at[-1]))
        return tuple(at)

    def to_networkx(self) -> Any:
        """A `networkx.MultiGraph` keyed by span id, with every field as an attribute."""
        import networkx as nx

        graph: nx.MultiGraph[str] = nx.MultiGraph(name=self.name)
        for node in self.nodes.values():
            graph.add_node(node.id, **{f: getattr(node, f) for f in Node.__slots__ if f not in ("id", "extra")})
        for span in self.spans.values():
            fields = {f: getattr(span, f) for f in Span.__slots__ if f not in ("id", "start", "end", "extra")}
            graph.add_edge(span.start, span.end, key=span.id, **fields)
        return graph
