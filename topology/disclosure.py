"""What of a network may be shown to whom: one table, from which exports, maps and reports are cut.

Three audiences: `public`, `member` (of the co-operative) and `internal` (the coordinator; everything). The table is an
allow-list: a column that has no rule is internal. Weak points, shared risks and exact positions of cabinets and chambers
are what an attacker looks for, so these go first; fixed grids are used instead of noise, which averages out.

The `disclosure` cell of a node or span is its owner's word and can only be stricter than the table, with one exception:
`public` there is the owner's consent that name, id and owner may be shown. `member` hides the object from the public,
`internal` from everyone but its owner's member group.

Figures of spare never follow circuits here: a public band that moved after a round would tell who got what. It is made
of what is installed and set aside, or of the spare pairs at the opening of the round, where the caller gives them.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from topology.canonical import digest_of
from topology.files.columns import NODES, ORGANISATIONS, RISK_GROUPS, SPANS
from topology.files.json_form import network_to_json
from topology.files.tables import Table
from topology.model import Network, Node, Organisation, Span

AUDIENCES = ("public", "member", "internal")
PUBLIC_TYPES = ("data_centre", "exchange", "pop", "ixp")
"""Node types that the public sees. Cabinets, chambers, customer sites and words of other people's are left out."""

SOMEONE = "contributor"
"""Stands for an owner that did not consent to be named."""

BANDS = ((9, "9 or more pairs"), (3, "3 to 8 pairs"), (1, "1 to 2 pairs"), (0, "no spare pair"))
"""Least pairs of each band that the public sees, widest first."""


def band(pairs: int) -> tuple[int, str]:
    """The band of a number of spare pairs: its least number and its words."""
    return next((least, words) for least, words in BANDS if least <= max(pairs, 0))


@dataclass(frozen=True)
class View:
    """One audience looking at one network."""

    network: Network
    audience: str
    member: str | None
    spare_pairs: Mapping[str, int]
    key: str  # digest of the whole network: who lacks parts of it cannot try out which id a code stands for

    def own(self, thing: Any) -> bool:
        """Whether the member that looks (or its group) owns the node or span."""
        member = self.member
        return bool(
            self.audience == "member"
            and member
            and thing.owner
            and self.network.group_of(thing.owner) == self.network.group_of(member)
        )

    def code(self, kind: str, name: str) -> str:
        """A code for an id, the same throughout one network and audience, and another for each audience."""
        told = f"{self.key}|{self.audience}|{kind}|{name}"
        return f"{kind}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"

    def node_id(self, name: str) -> str:
        """How a node is called: by its id for members and where its owner consents, else by a code."""
        return name if self.audience == "member" or named(self.network.nodes[name]) else self.code("n", name)


Treatment = Callable[[Any, Any, View], Any]
"""Makes of (the node or span, its value, the view) what is shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How a value is shown: in words for the documentation, and as a function."""

    words: str
    make: Treatment


@dataclass(frozen=True, slots=True)
class Rule:
    """How one column is shown to the public and to members. None: not at all. Members see all of what they own."""

    public: Shown | None = None
    member: Shown | None = None
    own: bool = True  # whether members see the exact value of what they own


def named(thing: Any) -> bool:
    """Whether the owner consents that the thing is shown under its name."""
    return bool(thing.disclosure == "public")


def _months(day: date | None, step: int) -> date | None:
    return None if day is None else date(day.year, (day.month - 1) // step * step + 1, 1)


def _recall_months(recalls: tuple[tuple[date, int], ...]) -> tuple[tuple[date, int], ...]:
    """Recalls by month: earlier by up to a month, so that nothing looks free that is not."""
    taken: dict[date, int] = {}
    for day, strands in recalls:
        month = day.replace(day=1)
        taken[month] = taken.get(month, 0) + strands
    return tuple(sorted(taken.items()))


def _grid(places: int) -> Treatment:
    return lambda thing, value, view: round(value, places) + 0.0


def _line(thing: Any, value: Any, view: View) -> Any:
    points = [(round(lon, 4) + 0.0, round(lat, 4) + 0.0) for lon, lat in value]
    kept = [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]
    return tuple(kept) if len(kept) > 1 else ()


def _metres(step: int) -> Treatment:
    # Upwards, so that a length does not fall under the straight line between its ends.
    return lambda thing, value, view: max(1, math.ceil(value / step)) * step


def offered_strands(span: Span) -> int:
    """Strands that the contributor does not keep: installed less own use, reserve and maintenance spare."""
    return max(0, span.fibre_count - span.own_use - span.reserve - span.maintenance_spare)


def _band_strands(span: Any, value: Any, view: View) -> int:
    return 2 * band(view.spare_pairs.get(span.id, offered_strands(span) // 2))[0]


def _free(reserved: str) -> Treatment:
    return lambda node, value, view: max(0, value - getattr(node, reserved))


def _if_named(other: Callable[[Any], Any]) -> Treatment:
    return lambda thing, value, view: value if named(thing) else other(thing)


def _group_codes(thing: Any, value: Any, view: View) -> Any:
    return tuple(sorted(view.code("g", name) for name in value))


AS_IT_IS = Shown("yes", lambda thing, value, view: value)
MONTH = Shown("first of the month", lambda thing, value, view: _months(value, 1))
QUARTER = Shown("first of the quarter", lambda thing, value, view: _months(value, 3))
CONSENT_OWNER = Shown("with consent, else `contributor`", _if_named(lambda thing: SOMEONE if thing.owner else ""))
ENDS = Shown("as the id of the node", lambda span, value, view: view.node_id(value))
CODES = Shown("codes instead of ids", _group_codes)

FIGURE_RULES: Mapping[str, Rule] = {
    name: Rule(None, AS_IT_IS)
    for name in ("inclusion", "inclusion_source", "inclusion_year", "carbon_kg", "carbon_source", "carbon_year")
}
NODE_RULES: Mapping[str, Rule] = {
    "id": Rule(Shown("with consent, else a code", lambda n, v, view: view.node_id(v)), AS_IT_IS),
    "name": Rule(Shown("with consent, else the type", _if_named(lambda n: n.type.replace("_", " "))), AS_IT_IS),
    "type": Rule(AS_IT_IS, AS_IT_IS),
    "lat": Rule(Shown("3 decimals", _grid(3)), Shown("4 decimals", _grid(4))),
    "lon": Rule(Shown("3 decimals", _grid(3)), Shown("4 decimals", _grid(4))),
    "owner": Rule(CONSENT_OWNER, AS_IT_IS),
    "building": Rule(None, AS_IT_IS),
    "rack_units": Rule(None, Shown("what is free", _free("rack_units_reserved"))),
    "rack_units_reserved": Rule(),
    "power_kw": Rule(None, Shown("what is free", _free("power_reserved_w"))),
    "power_kw_reserved": Rule(),
    "risk_groups": Rule(None, CODES, own=False),
    "status": Rule(AS_IT_IS, AS_IT_IS),
    "key": Rule(own=False),
    "priority": Rule(own=False),
    **FIGURE_RULES,
    "note": Rule(),
    "disclosure": Rule(),
}
SPAN_RULES: Mapping[str, Rule] = {
    "id": Rule(
        Shown("with consent, else a code", lambda s, v, view: v if named(s) else view.code("s", v)),
        AS_IT_IS,
    ),
    "start": Rule(ENDS, AS_IT_IS),
    "end": Rule(ENDS, AS_IT_IS),
    "owner": Rule(CONSENT_OWNER, AS_IT_IS),
    "fibre_count": Rule(
        Shown("least strands of the band of spare: 0, 2, 6 or 18", _band_strands),
        Shown("strands not set aside", lambda s, v, view: offered_strands(s)),
    ),
    "length_km": Rule(Shown("up to whole km", _metres(1000)), Shown("up to 0.1 km", _metres(100))),
    "name": Rule(Shown("with consent", _if_named(lambda s: "")), AS_IT_IS),
    "own_use": Rule(),
    "reserve": Rule(),
    "maintenance_spare": Rule(),
    "risk_groups": Rule(None, CODES, own=False),
    "status": Rule(AS_IT_IS, AS_IT_IS),
    "ready_for_service": Rule(QUARTER, MONTH),
    "withdrawn_on": Rule(QUARTER, MONTH),
    "deployment": Rule(None, AS_IT_IS),
    "fibre_type": Rule(None, AS_IT_IS),
    "cuts_per_km_year": Rule(),
    "repair_hours": Rule(),
    "max_pairs_per_member": Rule(None, AS_IT_IS),
    "funding_conditions": Rule(None, AS_IT_IS),
    "recalls": Rule(None, Shown("first of the month", lambda s, v, view: _recall_months(v))),
    **FIGURE_RULES,
    "note": Rule(),
    "disclosure": Rule(),
    "route": Rule(None, Shown("4 decimals", _line)),
}
GROUP_RULES: Mapping[str, Rule] = {
    "id": Rule(None, Shown("a code", lambda g, v, view: view.code("g", v))),
    "note": Rule(),
    **{column: Rule() for column in ("name", "kind", "cuts_per_year", "repair_hours")},
}
ORGANISATION_RULES: Mapping[str, Rule] = {
    "id": Rule(Shown("owners that consent", AS_IT_IS.make), AS_IT_IS),
    "name": Rule(AS_IT_IS, AS_IT_IS),
    "roles": Rule(Shown("contributor", lambda o, v, view: ("contributor",)), AS_IT_IS),
    **{column: Rule(None, AS_IT_IS) for column in ("group", "member_from", "member_to")},
}
ABOUT_RULES: Mapping[str, Rule] = {
    **{column: Rule(AS_IT_IS, AS_IT_IS) for column in ("id", "name", "licence", "as_of", "illustrative")},
    **{column: Rule(None, AS_IT_IS) for column in ("colours", "strands_per_tube")},
}
TABLES: tuple[tuple[Table[Any], Mapping[str, Rule]], ...] = (
    (NODES, NODE_RULES),
    (SPANS, SPAN_RULES),
    (RISK_GROUPS, GROUP_RULES),
    (ORGANISATIONS, ORGANISATION_RULES),
)


def disclosed(
    network: Network,
    audience: str,
    member: str | None = None,
    spare_pairs: Mapping[str, int] | None = None,
    *,
    key: str = "",
) -> Network:
    """The network as an audience may see it; `internal` is the network itself.

    `member` looks with audience `member` and sees what it owns in full. `spare_pairs` are pairs by span at the opening of
    the round, for public bands. What refers to something that is left out is left out too. Codes stand for ids that are
    not shown; they are the same in every document made of the same network for the same audience. `key`: the digest of
    another state of the network, whose codes are to stand here too.
    Raises ValueError for an unknown audience, and for a member with another audience than `member`.
    """
    if audience not in AUDIENCES:
        raise ValueError(f"the audience must be one of {', '.join(AUDIENCES)}")
    if member is not None and audience != "member":
        raise ValueError("only the audience member can be one member")
    if audience == "internal":
        return network
    view = View(network, audience, member, spare_pairs or {}, key or digest_of(network_to_json(network)))
    nodes = [n for n in network.nodes.values() if _seen(n, view) and (audience == "member" or n.type in PUBLIC_TYPES)]
    kept = {n.id for n in nodes}
    spans = [s for s in network.spans.values() if _seen(s, view) and s.start in kept and s.end in kept]
    shown_nodes = [_shown(n, NODES, NODE_RULES, view) for n in nodes]
    shown_spans = [_in_order(_shown(s, SPANS, SPAN_RULES, view), view) for s in spans]
    return Network.build(
        shown_nodes,
        shown_spans,
        (),  # groups are named by code only, so that nothing of them but who shares them is told
        _organisations(view, shown_nodes, shown_spans),
        **_about(view),
        extra=(("disclosure", audience),),
    )


def coded(network: Network, audience: str, circuit: str) -> str:
    """The code of a circuit for an audience that may not see its id; the same throughout one network and audience."""
    return coder(network, audience)(circuit)


def coder(network: Network, audience: str) -> Callable[[str], str]:
    """As `coded`, for many circuits: the network is digested once."""
    view = View(network, audience, None, {}, digest_of(network_to_json(network)))
    return lambda circuit: view.code("c", circuit)


def _about(view: View) -> dict[str, Any]:
    shown = {column: rule.public if view.audience == "public" else rule.member for column, rule in ABOUT_RULES.items()}
    values = {column: (how, getattr(view.network, column)) for column, how in shown.items() if how is not None}
    return {column: how.make(view.network, value, view) for column, (how, value) in values.items()}


def _seen(thing: Node | Span, view: View) -> bool:
    """Whether the owner's word lets the audience see the thing at all."""
    if thing.disclosure == "internal":
        return view.own(thing)
    return thing.disclosure != "member" or view.audience == "member"


def _shown(thing: Any, table: Table[Any], rules: Mapping[str, Rule], view: View) -> Any:
    """The thing with each column as its rule says; columns without one, and unknown ones, are left out."""
    values = {}
    for column in table.columns:
        rule = rules.get(column.name, Rule())
        value = getattr(thing, column.fills)
        if rule.own and table in (NODES, SPANS) and view.own(thing):
            values[column.fills] = value
        elif (shown := rule.public if view.audience == "public" else rule.member) is not None:
            values[column.fills] = shown.make(thing, value, view)
    return table.make(**values)


def _in_order(span: Span, view: View) -> Span:
    """The span with its withdrawal in a later month or quarter than its start, where rounding made them one."""
    if span.ready_for_service and span.withdrawn_on and span.withdrawn_on <= span.ready_for_service:
        step = 1 if view.audience == "member" else 3
        month = span.ready_for_service.month - 1 + step
        return replace(span, withdrawn_on=date(span.ready_for_service.year + month // 12, month % 12 + 1, 1))
    return span


def _organisations(view: View, nodes: list[Node], spans: list[Span]) -> list[Organisation] | None:
    listed = view.network.organisations
    if listed is None:
        return None
    organisations = [_shown(o, ORGANISATIONS, ORGANISATION_RULES, view) for o in listed.values()]
    if view.audience == "member":
        return organisations
    owners = {n.owner for n in nodes} | {s.owner for s in spans}
    someone = (
        [Organisation(SOMEONE, "a contributor", ("contributor",))]
        if SOMEONE in owners and SOMEONE not in listed
        else []
    )
    return [*(o for o in organisations if o.id in owners), *someone]


def table_text() -> str:
    """The allow-list as Markdown, for the documentation."""
    lines = ["| file | column | public | member |", "|---|---|---|---|"]
    about: tuple[tuple[str, tuple[str, ...], Mapping[str, Rule]], ...] = (
        *((t.file, tuple(c.name for c in t.columns), rules) for t, rules in TABLES),
        ("network.toml", tuple(ABOUT_RULES), ABOUT_RULES),
    )
    for file, columns, rules in about:
        for column in columns:
            rule = rules.get(column, Rule())
            words = [shown.words if shown else "no" for shown in (rule.public, rule.member)]
            own = "" if words[1] == "yes" or not rule.own or file not in (NODES.file, SPANS.file) else "; own: yes"
            lines.append(f"| {file} | `{column}` | {words[0]} | {words[1]}{own} |")
    return "\n".join(lines) + "\n"
