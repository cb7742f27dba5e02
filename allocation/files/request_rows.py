"""What can be wrong with requests that could each be read: kinds, references, bundles and families (rule A5)."""

from __future__ import annotations

from collections.abc import Mapping, Set

from allocation.files.columns import COLOCATION, FIBRE, NEEDED, REQUESTS
from allocation.request import Request
from topology.files.references import check_known, near
from topology.files.tables import Place, Row, Sheet, printable
from topology.model import Network
from topology.problems import Problems

Rows = Mapping[str, Row[Request]]


def check_request_rows(sheet: Sheet[Request], network: Network | None, circuits: Set[str], problems: Problems) -> None:
    """Add every fault; references only where a network is given."""
    for place in sheet.places:
        _check_kind(place, problems)
        if network is not None:
            for column in ("a", "b", "node"):
                check_known(place, column, network.nodes, "node", problems)
            if network.organisations is not None:
                check_known(place, "member", network.organisations, "organisation", problems)
        check_known(place, "alternative_of", sheet.ids, "request", problems)
    for row in sheet.rows:
        _check_row(row, problems)
        if network is not None:
            _check_items(row, network, circuits, problems)
    rows = {row.item.id: row for row in sheet.rows}
    _check_bundles(rows, network, problems)
    _check_families(rows, network, problems)


def _check_kind(place: Place, problems: Problems) -> None:
    """Columns of the other kind must be empty, those of its own given."""
    kind = place.cells.get("kind", "").strip()
    others = {"fibre": COLOCATION, "colocation": FIBRE}.get(kind, ())
    for column in others:
        if place.cells.get(column, "").strip():
            other = "colocation" if kind == "fibre" else "fibre"
            text = f"{column} belongs to {other}; this is {kind}."
            place.add(problems, text, column, code="wrong_kind")
    a, b = (place.cells.get(column, "").strip() for column in ("a", "b"))
    if kind == "fibre" and a and a == b:
        place.add(
            problems, f"a and b are both {printable(a)}.", "b", code="same_ends", hint="A circuit joins two nodes."
        )
    for column in NEEDED.get(kind, ()):
        if column not in place.cells:
            known = {c.name for c in REQUESTS.columns}
            hint = near(column, {name: None for name in place.cells if name not in known})
            place.add(problems, f"{column} is not given; {kind} needs it.", column, code="missing_value", hint=hint)
        elif not place.cells[column].strip():
            place.add(problems, f"{column} is empty.", column, code="missing_value")


def _check_row(row: Row[Request], problems: Problems) -> None:
    request = row.item
    if request.min_pairs is not None and 0 < request.pairs < request.min_pairs:
        text = f"min_pairs ({request.min_pairs}) must be at most pairs ({request.pairs})."
        row.add(problems, text, "min_pairs", code="min_above_pairs", hint="Maybe the two columns are swapped.")
    if request.start and request.end and request.end <= request.start:
        row.add(problems, "The request ends before it begins.", "end", code="dates_reversed")


def _check_items(row: Row[Request], network: Network, circuits: Set[str], problems: Problems) -> None:
    known: Mapping[str, Mapping[str, object]] = {
        "span": network.spans,
        "node": network.nodes,
        "group": network.risk_groups,
        "circuit": dict.fromkeys(circuits),
    }
    for column, items in (("avoid", row.item.avoid), ("diverse_from", row.item.diverse_from)):
        for kind, name in items:
            if name not in known[kind]:
                text, hint = f"There is no {kind} {name}.", near(name, known[kind])
                if kind == "circuit" and not circuits:
                    hint = "No circuits were given."
                row.add(problems, text, column, value=f"{kind}:{name}", code="dangling", hint=hint)


def _group(request: Request, network: Network | None) -> str:
    return network.group_of(request.member) if network is not None else ""


def _check_bundles(rows: Rows, network: Network | None, problems: Problems) -> None:
    """A bundle belongs to one group; it may mix fibre and colocation. Groups are known only with a network."""
    first: dict[str, Row[Request]] = {}
    for row in rows.values():
        bundle = row.item.bundle
        if not bundle:
            continue
        head = first.setdefault(bundle, row)
        ours, theirs = _group(row.item, network), _group(head.item, network)
        if ours != theirs:
            text = f"The bundle {bundle} spans two groups, {theirs} and {ours}."
            row.add(problems, text, "bundle", code="bundle_groups", hint="Names of bundles are shared by all members.")


def _check_families(rows: Rows, network: Network | None, problems: Problems) -> None:
    """`alternative_of` stays within a group, makes no circle, and no bundle holds two rows of a family."""
    roots: dict[str, str] = {}
    for row in rows.values():
        parent = rows.get(row.item.alternative_of)
        if parent is not None and _group(row.item, network) != _group(parent.item, network):
            text = f"The request {parent.item.id} is of another group."
            row.add(problems, text, "alternative_of", code="family_groups")
        root = first_wish(row.item, rows)
        if root is None:
            text = "The alternatives make a circle."
            row.add(problems, text, "alternative_of", code="family_cycle")
        else:
            roots[row.item.id] = root
    held: dict[tuple[str, str], str] = {}
    for name, root in roots.items():
        row = rows[name]
        if not row.item.bundle:
            continue
        other = held.setdefault((row.item.bundle, root), name)
        if other != name:
            text = f"The bundle {row.item.bundle} holds {other} and {name}, of which at most one is granted."
            row.add(problems, text, "bundle", code="bundle_family")


def first_wish(request: Request, rows: Rows) -> str | None:
    """The id of the wish that a request descends from; None where the way back is a circle."""
    seen = [request.id]
    while (parent := rows.get(request.alternative_of)) is not None:
        request = parent.item
        if request.id in seen:
            return None
        seen.append(request.id)
    return request.id
