"""Whether the rows of a network point at each other rightly: ends, owners, dates, groups.

These are reading errors: with one of them the files are no network. What is merely doubtful about a network that can be
read (own use above installed, lengths, positions) is the work of `topology.checks`.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from difflib import get_close_matches

from topology.files.tables import Place, Row, Sheet, printable
from topology.funding import read_funding
from topology.model import NODE_TYPES, ROLES, Node, Organisation, RiskGroup, Span
from topology.problems import Problems


def near(name: str, names: Mapping[str, object]) -> str:
    """A hint that names the known id nearest to one that is unknown, or the id of what bears that as its name."""
    known = list(names)[:5000]
    called = [each for each in known if name and _name_of(names[each]) == name.casefold()]
    if called:  # people know places by their names, files by their ids
        return f"{printable(name)} is the name of {' and of '.join(called[:3])}; ids are asked for here."
    begun = [
        each for each in known if name and each.startswith(name)
    ]  # an id that was cut short, before one that is like it
    close = begun[:1] or get_close_matches(name, known, 1, 0.7)
    return f"Maybe {close[0]} is meant." if close else ""


def _name_of(thing: object) -> str:
    """What a node, span or group is called, without regard to case; nothing where it has no name."""
    name = getattr(getattr(thing, "item", thing), "name", "")
    return name.casefold() if isinstance(name, str) else ""


def check_network_rows(
    nodes: Sheet[Node],
    spans: Sheet[Span],
    groups: Sheet[RiskGroup],
    organisations: Sheet[Organisation] | None,
    problems: Problems,
) -> None:
    """Add every dangling reference, self-loop and reversed interval, and a note for each unlisted group and odd type."""
    if nodes.ids or not any(
        p.level == "error" for p in problems.found
    ):  # else the nodes are at fault, and every end would dangle
        for place in spans.places:
            _check_ends(place, nodes.ids, problems)
    for span in spans.rows:
        _check_dates(span, problems)
    for node in nodes.rows:
        if node.item.type not in NODE_TYPES:
            text = f"The type {node.item.type} is none of the known; it is kept."
            node.add(problems, text, "type", code="unknown_type", level="note")
    _check_groups([*nodes.rows, *spans.rows], groups.ids, problems)
    if organisations is not None:
        known = {*ROLES, *(name for span in spans.rows for name in _admitted(span.item))}
        for row in organisations.rows:
            _check_organisation(row, known, problems)
        for place in (*nodes.places, *spans.places):
            check_known(place, "owner", organisations.ids, "organisation", problems)


def check_known(place: Place, column: str, known: Mapping[str, object], what: str, problems: Problems) -> None:
    """Add a problem where the id in a cell is none of the known; an empty cell is left to other checks."""
    name = place.cells.get(column, "").strip()
    if name and name not in known:
        listed = " in organisations.csv" if what == "organisation" else ""
        text = f"There is no {what} {printable(name)}{listed}."
        place.add(problems, text, column, code="dangling", hint=near(name, known))


def _check_ends(place: Place, nodes: Mapping[str, int], problems: Problems) -> None:
    for column in ("start", "end"):
        check_known(place, column, nodes, "node", problems)
    start, end = (place.cells.get(column, "").strip() for column in ("start", "end"))
    if start and start == end:
        text = f"The span starts and ends at {printable(end)}."
        place.add(problems, text, "end", code="self_loop", hint="A span joins two different nodes.")


def _check_dates(row: Row[Span], problems: Problems) -> None:
    span = row.item
    if span.ready_for_service and span.withdrawn_on and span.withdrawn_on <= span.ready_for_service:
        text = f"The span {span.id} is withdrawn before it is ready for service."
        row.add(problems, text, "withdrawn_on", code="dates_reversed", hint="Maybe the two dates are swapped.")


def _check_groups(rows: list[Row[Node] | Row[Span]], listed: Mapping[str, int], problems: Problems) -> None:
    """One note per group that is used but not listed, at its first use."""
    told: set[str] = set()
    for row in rows:
        for group in row.item.risk_groups:
            if group not in listed and group not in told:
                told.add(group)
                text = f"The risk group {group} is not listed in risk_groups.csv; it is taken with defaults."
                row.add(problems, text, "risk_groups", value=group, code="unlisted_group", level="note")


def _admitted(span: Span) -> tuple[str, ...]:
    """The names in a span's funding conditions: a role among them is known for that."""
    conditions = read_funding(span.funding_conditions)
    return conditions.names if conditions else ()


def _check_organisation(row: Row[Organisation], known: Set[str], problems: Problems) -> None:
    member = row.item
    for role in member.roles:
        if role not in known:
            text = f"The role {role} is none of {', '.join(ROLES)}, and no funding condition names it; it is kept."
            row.add(problems, text, "roles", value=role, code="unknown_role", level="note")
    if member.member_from and member.member_to and member.member_to <= member.member_from:
        text = f"The membership of {member.id} ends before it begins."
        row.add(problems, text, "member_to", code="dates_reversed", hint="Maybe the two dates are swapped.")
