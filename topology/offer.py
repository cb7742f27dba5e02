"""The offer: what is spare on each span and at each node, by date, with the figures behind it.

A span offers its installed strands less four others: the contributor's own use, the contributor's reserve, the
maintenance spare, and the strands under live circuits (two for each time a leg passes). Pairs are half, rounded down.
What a contributor recalls is own use from its date on. The same is published as four figures that anyone can add up, in
the manner of capacity offers elsewhere: technical - set aside - sold + returned. Technical is what is installed and in
service; set aside is own use, reserve and maintenance spare; sold is what lies under circuits that held on the first day
of the offer or began since; returned is what of it has ended since. Sold less returned is live.
A node offers rack units and watts: installed less reserved less live. Everything is dated: a figure holds from its `from`
until the next row of the same id; circuits and planned changes that lie ahead make further rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from topology.about import SOFTWARE
from topology.canonical import digest_of
from topology.files.json_form import circuits_to_json, network_to_json
from topology.model import Circuit, Network, Node, Span
from topology.problems import Problem, Problems

STRANDS_PER_PAIR = 2


@dataclass(frozen=True, slots=True)
class SpanOffer:
    """The strands of one span from a date on. All figures count strands."""

    id: str
    from_: date
    installed: int
    own_use: int
    reserve: int
    maintenance_spare: int
    live: int
    offered: int
    returned: int = 0
    recalled: int = 0  # within own_use

    @property
    def set_aside(self) -> int:
        """Strands that are never offered: own use (recalls included), reserve, maintenance spare."""
        return self.own_use + self.reserve + self.maintenance_spare

    @property
    def sold(self) -> int:
        """Strands under circuits that held on the offer's first day or began since, the ended ones included."""
        return self.live + self.returned

    @property
    def pairs(self) -> int:
        """Pairs that can be offered: half the strands, rounded down."""
        return self.offered // STRANDS_PER_PAIR


@dataclass(frozen=True, slots=True)
class Room:
    """Rack units, or watts, at a node: offered = installed - reserved - live."""

    installed: int
    reserved: int
    live: int
    offered: int


@dataclass(frozen=True, slots=True)
class NodeOffer:
    """The colocation of one node from a date on."""

    id: str
    from_: date
    rack_units: Room
    power_w: Room


@dataclass(frozen=True, slots=True)
class Offer:
    """What is spare over [on, until): one row per id and step, sorted by id, then date; the first of each id is at `on`."""

    on: date
    until: date | None
    spans: tuple[SpanOffer, ...]
    nodes: tuple[NodeOffer, ...]


def make_offer(network: Network, circuits: Iterable[Circuit], on: date, until: date | None = None) -> Offer:
    """The offer over [on, until), for ever where `until` is None.

    A span or node that is out of service in a step offers nothing: all its figures are zero there, except `live`. Raises
    `BadInput`, naming the circuits, where circuits hold more than there is (negative spare).
    """
    held = [c for c in circuits if (c.end is None or c.end > on) and (until is None or c.start < until)]
    on_span: dict[str, list[tuple[Circuit, int]]] = {}
    at_node: dict[str, list[Circuit]] = {}
    for circuit in sorted(held, key=lambda c: c.id):
        if circuit.node:
            at_node.setdefault(circuit.node, []).append(circuit)
        for span, times in sorted(Counter(circuit.spans).items()):
            strands = STRANDS_PER_PAIR * times
            on_span.setdefault(span, []).append((circuit, strands))
    problems = Problems()
    spans: list[SpanOffer] = []
    nodes: list[NodeOffer] = []
    for span_id in network.spans:
        spans += _span_rows(network, network.spans[span_id], on_span.get(span_id, []), on, until, problems)
    for node_id in network.nodes:
        nodes += _node_rows(network.nodes[node_id], at_node.get(node_id, []), on, until, problems)
    problems.raise_errors()
    return Offer(on, until, tuple(spans), tuple(nodes))


def spare_pairs(network: Network, circuits: Iterable[Circuit], on: date) -> dict[str, int]:
    """Span id -> pairs that are spare on one date, for the spans in service; 0 where circuits hold more than there is.

    For questions that an overlap elsewhere should not stop (routes over spare, restoration). Never raises.
    """
    live = Counter(s for c in circuits if c.holds_on(on) for s in c.spans)
    spare = {}
    for span in network.at(on).spans.values():
        kept = span.own_use + span.recalled(on) + span.reserve + span.maintenance_spare
        spare[span.id] = max(0, span.fibre_count - kept - STRANDS_PER_PAIR * live[span.id]) // STRANDS_PER_PAIR
    return spare


def _steps(on: date, until: date | None, dates: Iterable[date | None]) -> list[date]:
    """`on` and every other date inside [on, until) at which something may change, sorted."""
    return sorted({on, *(d for d in dates if d is not None and on < d and (until is None or d < until))})


def _merged(rows: list[Any], figures: Callable[[Any], tuple[object, ...]]) -> list[Any]:
    """Only the rows at which a figure changes."""
    return rows[:1] + [later for earlier, later in pairwise(rows) if figures(earlier) != figures(later)]


def _span_rows(
    network: Network,
    span: Span,
    held: list[tuple[Circuit, int]],
    on: date,
    until: date | None,
    problems: Problems,
) -> list[SpanOffer]:
    recalls = [day for day, _ in span.recalls]
    changes = [span.ready_for_service, span.withdrawn_on, *recalls, *(d for c, _ in held for d in (c.start, c.end))]
    ends_up = network.nodes[span.start].in_service and network.nodes[span.end].in_service
    begins = sorted((c.start, strands) for c, strands in held)
    ends = sorted((c.end, strands) for c, strands in held if c.end is not None)
    rows = []
    live = returned = begun = ended = 0  # one sweep over the dates: a span may have thousands of steps
    for day in _steps(on, until, changes):
        while begun < len(begins) and begins[begun][0] <= day:
            live += begins[begun][1]
            begun += 1
        while ended < len(ends) and ends[ended][0] <= day:
            live, returned = live - ends[ended][1], returned + ends[ended][1]
            ended += 1
        if span.in_service(day) and ends_up:
            back = span.recalled(day)
            kept = span.own_use + back, span.reserve, span.maintenance_spare
            offered = span.fibre_count - sum(kept) - live
            rows.append(SpanOffer(span.id, day, span.fibre_count, *kept, live, offered, returned, back))
            if offered < 0:
                there = [(c, strands) for c, strands in held if c.holds_on(day)]
                problems.found.append(_short_span(span, day, offered, there))
                break
        else:
            rows.append(SpanOffer(span.id, day, 0, 0, 0, 0, live, 0, returned))
    return _merged(rows, lambda r: (r.installed, r.own_use, r.reserve, r.maintenance_spare, r.live, r.offered))


def _short_span(span: Span, day: date, offered: int, there: list[tuple[Circuit, int]]) -> Problem:
    kept = span.own_use + span.recalled(day) + span.reserve + span.maintenance_spare
    back = f" ({span.recalled(day)} of them recalled)" if span.recalled(day) else ""
    held = f", circuits {' '.join(c.id for c, _ in there)} hold {sum(s for _, s in there)}" if there else ""
    text = (
        f"Span {span.id} lacks {-offered} strands on {day}: {span.fibre_count} installed, {kept} set aside{back}{held}."
    )
    return Problem("", 0, "fibre_count", span.id, text, code="negative_spare")


def _node_rows(node: Node, held: list[Circuit], on: date, until: date | None, problems: Problems) -> list[NodeOffer]:
    rows = []
    for day in _steps(on, until, (d for c in held for d in (c.start, c.end))):
        there = [c for c in held if c.holds_on(day)]
        units = sum(c.rack_units for c in there)
        watts = sum(c.power_w for c in there)
        rooms = []
        for what, installed, reserved, live in (
            ("rack units", node.rack_units, node.rack_units_reserved, units),
            ("watts", node.power_w, node.power_reserved_w, watts),
        ):
            offered = installed - reserved - live
            rooms.append(Room(installed, reserved, live, offered) if node.in_service else Room(0, 0, live, 0))
            if offered < 0 and node.in_service:
                problems.found.append(_short_node(node, what, (installed, reserved, live), day, there))
        rows.append(NodeOffer(node.id, day, *rooms))
        if any(room.offered < 0 for room in rooms):
            break
    return _merged(rows, lambda r: (r.rack_units, r.power_w))


def _short_node(node: Node, what: str, figures: tuple[int, int, int], day: date, there: list[Circuit]) -> Problem:
    installed, reserved, live = figures
    held = f", circuits {' '.join(c.id for c in there)} hold {live}" if there else ""
    lacks = live + reserved - installed
    text = f"Node {node.id} lacks {lacks} {what} on {day}: {installed} installed, {reserved} reserved{held}."
    column = "rack_units" if what == "rack units" else "power_kw"
    return Problem("", 0, column, node.id, text, code="negative_spare")


def offer_document(
    network: Network, circuits: Iterable[Circuit], on: date, until: date | None = None
) -> dict[str, Any]:
    """The offer as `cni.offer/1`. Raises as `make_offer`."""
    live = tuple(circuits)
    offer = make_offer(network, live, on, until)
    changes = changes_by_day(network, live)
    return {
        "schema": "cni.offer/1",
        "software": SOFTWARE,
        "inputs": inputs_of(network, live),
        "on": on.isoformat(),
        "until": until.isoformat() if until else None,
        "illustrative": network.illustrative,
        "spans": [
            {
                **_span_json(row),
                "changes": changes.get((row.id, row.from_), []) if row.from_ > on else [],
                "stranded": [] if row.installed or not row.live else _on_span(live, row),
            }
            for row in offer.spans
        ],
        "nodes": [
            {
                "id": row.id,
                "from": row.from_.isoformat(),
                "rack_units": _room(row.rack_units),
                "power_w": _room(row.power_w),
            }
            for row in offer.nodes
        ],
    }


def _on_span(circuits: Iterable[Circuit], row: SpanOffer) -> list[str]:
    """Ids of the circuits that hold strands of a span on a row's date, sorted: those that lie on it out of service."""
    return sorted(c.id for c in circuits if c.holds_on(row.from_) and row.id in c.spans)


def changes_by_day(network: Network, circuits: Iterable[Circuit]) -> dict[tuple[str, date], list[dict[str, Any]]]:
    """(span, day) -> what changes its figures, each with its strands (negative: fewer are spare), in a fixed order.

    `what` is one of ready_for_service, withdrawn, recall, circuit_ends, circuit_begins.
    """
    table: dict[tuple[str, date], list[dict[str, Any]]] = {}

    def add(span: str, day: date | None, what: str, strands: int, circuit: str | None = None) -> None:
        if day is not None:
            table.setdefault((span, day), []).append({"what": what, "circuit": circuit, "strands": strands})

    for span in network.spans.values():
        add(span.id, span.ready_for_service, "ready_for_service", span.fibre_count)
        add(span.id, span.withdrawn_on, "withdrawn", -span.fibre_count)
        for day, strands in span.recalls:
            add(span.id, day, "recall", -strands)
    held = sorted(circuits, key=lambda c: c.id)
    for what, sign in (("circuit_ends", 1), ("circuit_begins", -1)):
        for circuit in held:
            for name, times in Counter(circuit.spans).items():
                strands = sign * STRANDS_PER_PAIR * times
                add(name, circuit.end if sign > 0 else circuit.start, what, strands, circuit.id)
    return table


def inputs_of(network: Network, circuits: Iterable[Circuit] | None = None) -> dict[str, str]:
    """The digests of the parsed inputs, as every result shows them under `inputs`."""
    inputs = {"network": digest_of(network_to_json(network))}
    if circuits is not None:
        inputs["circuits"] = digest_of(circuits_to_json(circuits))
    return inputs


def _span_json(row: SpanOffer) -> dict[str, Any]:
    stocks = ("installed", "own_use", "reserve", "maintenance_spare", "live", "offered", "pairs", "recalled")
    four = {"technical": row.installed, "set_aside": row.set_aside, "sold": row.sold, "returned": row.returned}
    return {"id": row.id, "from": row.from_.isoformat(), **{f: getattr(row, f) for f in stocks}, **four}


def _room(room: Room) -> Mapping[str, int]:
    return {f: getattr(room, f) for f in ("installed", "reserved", "live", "offered")}
