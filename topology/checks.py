"""Doubts about a network that can be read: findings with stable codes, each an error, a warning or a note.

Each check is a small function of one signature that yields what it found; none stops the others. A finding of level
error means that results would be wrong (own use above what is installed, a length under the straight line between the
ends); a warning is probably a mistake; a note is worth knowing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from statistics import median
from typing import Any

import networkx as nx

from topology.about import SOFTWARE
from topology.cells import cell_text
from topology.files import columns
from topology.files.source import Places, how_many
from topology.files.table_text import row_cells
from topology.files.tables import Table
from topology.funding import read_funding
from topology.geo import span_straight_m
from topology.model import Network, Node, Span
from topology.offer import inputs_of
from topology.problems import Problem
from topology.routing.shared_risk import MOST, OVER_M, WITHIN_M, beside
from topology.routing.single_points import keys_apart

STATUSES = ("", "operational", "planned", "proposed", "under_construction", "inactive", "decommissioned")
TO_COME = ("planned", "proposed", "under_construction")
SPHERE = 0.994  # a great circle on the sphere may exceed the one on the ellipsoid by 0.6 %
ROUNDING_M = 30  # two positions rounded to four decimals may be off by 11 m each
TOO_LONG = 3
SURELY_METRES = 300  # no route is 300 times the straight line, but metres read as kilometres are 1,000 times
FAR_DEGREES = 5.0
UNITED_KINGDOM = (49.0, 61.5, -9.0, 2.5)  # lat from, to, lon from, to

Check = Callable[[Network], Iterable[Problem]]
NODES, SPANS, GROUPS = "nodes.csv", "spans.csv", "risk_groups.csv"
TABLES: dict[str, Table[Any]] = {t.file: t for t in (columns.NODES, columns.SPANS, columns.RISK_GROUPS)}


def find(network: Network, lines: Places | None = None) -> tuple[Problem, ...]:
    """Every finding, sorted by file, line, column. `lines`: where each thing stands, where the source can say."""
    return tuple(sorted(_placed(p, network, lines or {}) for p in _raw(network)))


def _raw(network: Network) -> list[Problem]:
    """Findings whose `value` is the id of what they are about."""
    return [problem for check in CHECKS for problem in check(network)]


def _placed(problem: Problem, network: Network, lines: Places) -> Problem:
    """The finding with its place, and the text of the cell as its value."""
    items: Mapping[str, Any] = {NODES: network.nodes, SPANS: network.spans, GROUPS: network.risk_groups}[problem.file]
    cells = row_cells(items[problem.value], TABLES[problem.file]) if problem.value in items else {}
    value = cell_text(cells.get(problem.column, ""))
    place = lines.get((problem.file, problem.value), 0)
    if isinstance(place, int):
        return replace(problem, line=place, value=value)
    file, line, character, column = place(problem.column)
    return replace(problem, file=file, line=line, character=character, column=column, value=value)


def check_document(
    network: Network,
    on: date,
    remarks: Iterable[Problem] = (),
    lines: Places | None = None,
    within_m: int = WITHIN_M,
    over_m: int = OVER_M,
) -> dict[str, Any]:
    """The findings as `cni.check/1`; `remarks` are those from reading. `within_m`, `over_m`: see `shared_risk`.

    Joins and single points are looked for in what is in service `on` the date, figures and positions in everything.
    """
    inside = network.at(on)
    here = [problem for check in OF_WHOLE for problem in check(inside)]
    here += [problem for check in CHECKS if check not in (*OF_WHOLE, shared_risk) for problem in check(network)]
    here += shared_risk(network, within_m, over_m)
    remarks = tuple(remarks)
    findings = sorted([*remarks, *(_placed(p, network, lines or {}) for p in _not_said(here, remarks))])
    return {
        "schema": "cni.check/1",
        "software": SOFTWARE,
        "inputs": inputs_of(network),
        "on": on.isoformat(),
        "illustrative": network.illustrative,
        "findings": [f.as_json() for f in findings],
    }


def _not_said(here: list[Problem], remarks: Iterable[Problem]) -> list[Problem]:
    """The findings without those of spans without strands, where reading has said of all of them that no number was given."""
    missing = sum(how_many(r) for r in remarks if r.code == "no_strand_count")
    if not missing or missing != sum(p.code == "no_strands" for p in here):
        return here
    return [p for p in here if p.code != "no_strands"]


def _span(span: Span, column: str, text: str, code: str, level: str, hint: str = "") -> Problem:
    return Problem(SPANS, 0, column, span.id, text, hint, code, level)


def _node(node: Node, column: str, text: str, code: str, level: str, hint: str = "") -> Problem:
    return Problem(NODES, 0, column, node.id, text, hint, code, level)


def strands(network: Network) -> Iterator[Problem]:
    """Own use, reserve and maintenance spare fit into what is installed, and nothing is negative."""
    for span in network.spans.values():
        figures = {"own_use": span.own_use, "reserve": span.reserve, "maintenance_spare": span.maintenance_spare}
        for column, strands_ in {"fibre_count": span.fibre_count, "length_km": span.length_m, **figures}.items():
            if strands_ < 0:
                yield _span(span, column, f"{column} of span {span.id} is negative.", "negative_figure", "error")
        aside = sum(figures.values())
        if span.own_use > span.fibre_count:
            text = f"own_use ({span.own_use}) of span {span.id} must be at most fibre_count ({span.fibre_count})."
            hint = "Maybe the two columns are swapped."
            yield _span(span, "own_use", text, "own_use_above_installed", "error", hint)
        elif aside > span.fibre_count:
            text = f"Span {span.id} sets {aside} strands aside, more than the {span.fibre_count} installed."
            yield _span(span, "fibre_count", text, "negative_spare", "error")
        if span.fibre_count == 0:
            yield _span(span, "fibre_count", f"Span {span.id} has no strands.", "no_strands", "warning")


def rooms(network: Network) -> Iterator[Problem]:
    """What a node reserves fits into what it has."""
    for node in network.nodes.values():
        for column, reserved, installed in (
            ("rack_units_reserved", node.rack_units_reserved, node.rack_units),
            ("power_kw_reserved", node.power_reserved_w, node.power_w),
        ):
            if reserved < 0 or installed < 0:
                yield _node(node, column, f"A figure of node {node.id} is negative.", "negative_figure", "error")
            elif reserved > installed:
                text = f"{column} of node {node.id} is above what is installed."
                yield _node(node, column, text, "reserved_above_installed", "error")


def lengths(network: Network) -> Iterator[Problem]:
    """A length is at least the straight line between the ends, and seldom three times as much."""
    for span in network.spans.values():
        straight = span_straight_m(network, span)
        shown = f"Span {span.id} is {span.length_m / 1000:.3f} km, the straight line {straight / 1000:.3f} km"
        if span.length_m < straight * SPHERE - ROUNDING_M:
            hint = "Maybe a position is wrong, or lat and lon are swapped."
            yield _span(span, "length_km", shown + ".", "length_under_straight", "error", hint)
        elif span.length_m > SURELY_METRES * (straight + ROUNDING_M):
            yield _span(span, "length_km", shown + ".", "length_in_metres", "error", "Maybe it is in metres.")
        elif span.length_m > TOO_LONG * (straight + ROUNDING_M):
            text = f"{shown}: more than {TOO_LONG} times as much."
            yield _span(span, "length_km", text, "length_over_three_times", "warning")


def positions(network: Network) -> Iterator[Problem]:
    """No node lies at 0, 0, far from all others, or where swapping lat and lon would bring it home."""
    if not network.nodes:
        return
    lat = median(sorted(n.lat for n in network.nodes.values()))
    lon = median(sorted(n.lon for n in network.nodes.values()))
    for node in network.nodes.values():
        shown = f"Node {node.id} lies at {node.lat:.4f}, {node.lon:.4f}"
        if node.lat == 0 and node.lon == 0:
            yield _node(node, "lat", f"{shown}: in the sea, off Africa.", "position_zero", "error")
        elif _in_kingdom(node.lon, node.lat) and not _in_kingdom(node.lat, node.lon):
            text = f"{shown}, which is in Britain only with the two swapped."
            yield _node(node, "lat", text, "position_swapped", "error", "Maybe lat and lon are swapped.")
        elif abs(node.lat - lat) > FAR_DEGREES or abs(node.lon - lon) > FAR_DEGREES:
            yield _node(node, "lat", f"{shown}, far from the other nodes.", "position_far", "warning")


def _in_kingdom(lat: float, lon: float) -> bool:
    south, north, west, east = UNITED_KINGDOM
    return south <= lat <= north and west <= lon <= east


def inside_box(network: Network, box: tuple[float, float, float, float]) -> Iterator[Problem]:
    """Nodes outside a box (lat from, to, lon from, to). Not among the default checks: which box is the user's to say."""
    south, north, west, east = box
    for node in network.nodes.values():
        if not (south <= node.lat <= north and west <= node.lon <= east):
            yield _node(node, "lat", f"Node {node.id} lies outside the box.", "outside_box", "warning")


def words(network: Network) -> Iterator[Problem]:
    """Statuses are known, groups are used, owners are contributors."""
    things: list[tuple[str, Node | Span]] = [
        *((NODES, n) for n in network.nodes.values()),
        *((SPANS, s) for s in network.spans.values()),
    ]
    for file, thing in things:
        if thing.status not in STATUSES:
            text = f"The status {thing.status} of {thing.id} is none of the known; it counts as not in service."
            yield Problem(file, 0, "status", thing.id, text, "", "unknown_status", "warning")
        owner = network.organisations.get(thing.owner) if network.organisations and thing.owner else None
        if owner is not None and "contributor" not in owner.roles:
            text = f"{thing.owner}, the owner of {thing.id}, does not have the role contributor."
            yield Problem(file, 0, "owner", thing.id, text, "", "owner_not_contributor", "warning")


def dates(network: Network) -> Iterator[Problem]:
    """A span that is to come into service does: a status that keeps it out keeps it out on every date."""
    for span in network.spans.values():
        if span.ready_for_service is not None and span.status in TO_COME:
            text = f"Span {span.id} is {span.status}, so it does not come into service on {span.ready_for_service}."
            hint = "Maybe leave its status empty: the date alone keeps it out until then."
            yield _span(span, "status", text, "never_in_service", "warning", hint)


def groups(network: Network) -> Iterator[Problem]:
    """Risk groups are used."""
    for group, members in network.members_of_group.items():
        if not members:
            text = f"Nothing in service is in the risk group {group}."
            yield Problem(GROUPS, 0, "id", group, text, "", "unused_group", "note")


def joined(network: Network) -> Iterator[Problem]:
    """The network is one whole; every node in service has a span."""
    if not network.nodes:
        yield Problem(NODES, 0, "", "", "There is no node in service.", "", "empty_network", "error")
        return
    parts = sorted(nx.connected_components(network.to_networkx()), key=lambda part: (-len(part), min(part)))
    for part in parts:
        name = min(part)
        if len(part) == 1 and network.nodes[name].in_service and len(network.nodes) > 1:
            yield _node(
                network.nodes[name], "id", f"No span in service ends at node {name}.", "isolated_node", "warning"
            )
    for part in parts[1:]:
        if len(part) > 1:
            shown = " ".join(sorted(part)[:8]) + (" ..." if len(part) > 8 else "")
            text = f"{len(part)} nodes are not joined to the rest: {shown}."
            yield _node(network.nodes[min(part)], "id", text, "not_joined", "warning")


def single_points(network: Network) -> Iterator[Problem]:
    """Key nodes that one span, or one other node, joins to the rest."""
    spans, nodes = keys_apart(network)
    for name, apart in spans.items():
        text = f"{apart} pairs of key nodes hang on span {name} alone."
        yield _span(network.spans[name], "id", text, "key_on_bridge", "note")
    for name, apart in nodes.items():
        text = f"{apart} pairs of other key nodes hang on node {name} alone."
        yield _node(network.nodes[name], "id", text, "key_behind_node", "note")


def figures(network: Network) -> Iterator[Problem]:
    """A figure of inclusion or carbon is worth nothing without its source and year."""
    things: tuple[tuple[str, Node | Span], ...] = (
        *((NODES, n) for n in network.nodes.values()),
        *((SPANS, s) for s in network.spans.values()),
    )
    for file, thing in things:
        for column, about in (("inclusion", "inclusion"), ("carbon_kg", "carbon")):
            lacks = [w for w in ("source", "year") if not getattr(thing, f"{about}_{w}")]
            if getattr(thing, column) is not None and lacks:
                named = " and ".join(f"{about}_{w}" for w in lacks)
                text = f"{column} of {thing.id} stands without {named}, so nobody can look it up."
                hint = f"Fill {named} in."
                yield Problem(file, 0, column, thing.id, text, hint, "figure_without_source", "warning")


def doubles(network: Network) -> Iterator[Problem]:
    """Parallel spans of one owner and one length are perhaps one span entered twice."""
    seen: dict[tuple[frozenset[str], str, int], str] = {}
    for span in network.spans.values():
        first = seen.setdefault((frozenset((span.start, span.end)), span.owner, span.length_m), span.id)
        if first != span.id:
            text = f"Spans {first} and {span.id} have the same ends, owner and length."
            yield _span(span, "id", text, "same_twice", "note", "Maybe it was entered twice.")


def funding(network: Network) -> Iterator[Problem]:
    """Every name in funding conditions is someone's: a role, an organisation or a group of organisations.csv."""
    if network.organisations is None:
        return
    known = {name for o in network.organisations.values() for name in (o.id, network.group_of(o.id), *o.roles)}
    for span in network.spans.values():
        conditions = read_funding(span.funding_conditions)
        for name in conditions.names if conditions else ():
            if name not in known:
                text = (
                    f"{name}, named by the funding conditions of span {span.id}, is nobody: no pair is granted for it."
                )
                hint = "Maybe a role, an organisation or a group is misspelt."
                yield _span(span, "funding_conditions", text, "funding_names_nobody", "warning", hint)


def shared_risk(network: Network, within_m: int = WITHIN_M, over_m: int = OVER_M) -> Iterator[Problem]:
    """Spans that run side by side without a common risk group; the finding stands at the later of the two."""
    found = beside(network, within_m, over_m)
    for near in found[:MOST]:
        span = network.spans[near.other]
        lines = ("straight lines, no route is known", "one route and one straight line", "routes")[near.routed]
        where = {"parallel_no_group": "join the same two nodes and run", "same_exit": "leave a node together and run"}
        text = (
            f"Spans {near.one} and {near.other} {where.get(near.kind, 'run')} side by side, {near.distance_m} m apart "
            f"on average over {near.length_m} m ({lines}), and share no risk group."
        )
        hint = f"Maybe one event breaks both; then put {near.one}-{near.other} into risk_groups of both."
        yield _span(span, "risk_groups", text, near.kind, "note", hint)
    if len(found) > MOST:
        text = (
            f"{len(found) - MOST} more pairs of spans run side by side and share no risk group; the longest are listed."
        )
        yield Problem(SPANS, 0, "risk_groups", "", text, "", "more_beside", "note")


OF_WHOLE: tuple[Check, ...] = (groups, joined, single_points)
"""Checks of the network as a whole, which depend on what is in service."""

CHECKS: tuple[Check, ...] = (
    strands,
    rooms,
    lengths,
    positions,
    words,
    dates,
    funding,
    figures,
    groups,
    joined,
    single_points,
    doubles,
    shared_risk,
)
