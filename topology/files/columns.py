"""The columns of every file about the network and its circuits: one table from which checks and documentation are made."""

from __future__ import annotations

from topology.cells import (
    DAY_KIND,
    EXACT,
    FLAG,
    ID_LIST,
    IDENTIFIER,
    LATITUDE,
    LONGITUDE,
    NAME,
    NUMBER_KIND,
    POSITIVE,
    TEXT,
    THOUSANDS,
    WHOLE,
    CellError,
    Kind,
    choice,
)
from topology.cells import ID as ID_PATTERN
from topology.files.lines import LINE
from topology.files.strand_cells import recalls_of_text, strands_of_text, text_of_recalls, text_of_strands
from topology.files.tables import Column, Table
from topology.funding import funding_text
from topology.model import Circuit, Leg, Node, Organisation, RiskGroup, Span


def _legs(text: str) -> tuple[Leg, ...]:
    legs = tuple(tuple(span.strip() for span in leg.split("+")) for leg in text.split("|"))
    if len(legs) > 2:
        raise CellError(f"A circuit has one or two legs, not {len(legs)}.")
    for leg in legs:
        for span in leg:
            if not ID_PATTERN.fullmatch(span):
                raise CellError("Legs are span ids joined by +, two legs separated by |.")
        if len(set(leg)) < len(leg):
            raise CellError("A leg passes a span twice.")
    return legs


LEGS = Kind("legs", "span ids joined by +, legs separated by |", _legs, lambda v: "|".join("+".join(leg) for leg in v))

AUDIENCE = choice("public", "member", "internal")

STRANDS = Kind(
    "strands", "two strand numbers like 13-14 for each span, joined as in legs", strands_of_text, text_of_strands
)

RECALLS = Kind("recalls", "DATE:STRANDS, separated by spaces", recalls_of_text, text_of_recalls)

FUNDING = Kind("conditions", "names of who may be granted pairs, and until:DATE", funding_text)

FIGURES = (
    Column("inclusion", EXACT, "digital-inclusion figure, as its source counts it; decides no award"),
    Column("inclusion_source", NAME, "who published it"),
    Column("inclusion_year", WHOLE, "of which year it is"),
    Column(
        "carbon_kg",
        EXACT,
        "carbon of building or running it, as its source counts it; decides no award",
        unit="kg CO2e",
    ),
    Column("carbon_source", NAME, "who worked it out"),
    Column("carbon_year", WHOLE, "of which year it is"),
)
"""Figures that are carried with where they come from (rule B)."""

NODES: Table[Node] = Table(
    "nodes.csv",
    Node,
    (
        Column("id", IDENTIFIER, "names the node", required=True),
        Column("name", NAME, "what people call it", required=True),
        Column(
            "type", NAME, "data_centre exchange pop ixp cabinet chamber customer_site, or another word", required=True
        ),
        Column("lat", LATITUDE, "latitude, WGS84", required=True, unit="degrees"),
        Column("lon", LONGITUDE, "longitude, WGS84", required=True, unit="degrees"),
        Column("owner", IDENTIFIER, "organisation that owns the site"),
        Column("key", FLAG, "a key node: the city wants it joined to the others by diverse routes"),
        Column("building", NAME, "building or room"),
        Column("rack_units", WHOLE, "rack units installed for colocation", unit="U"),
        Column("rack_units_reserved", WHOLE, "rack units that the owner keeps", unit="U"),
        Column("power_kw", THOUSANDS, "power installed for colocation", unit="kW", attribute="power_w"),
        Column("power_kw_reserved", THOUSANDS, "power that the owner keeps", unit="kW", attribute="power_reserved_w"),
        Column("risk_groups", ID_LIST, "events that break this node with others"),
        Column("status", NAME, "empty or operational: in service"),
        Column("priority", NAME, "weight or class of the place, for planners"),
        *FIGURES,
        Column("note", TEXT, "free text"),
        Column(
            "disclosure", AUDIENCE, "the owner's word on who may see the node; empty: as the table of docs/formats.md"
        ),
    ),
)

SPANS: Table[Span] = Table(
    "spans.csv",
    Span,
    (
        Column("id", IDENTIFIER, "names the span", required=True),
        Column("start", IDENTIFIER, "node at one end", required=True),
        Column("end", IDENTIFIER, "node at the other end", required=True),
        Column("owner", IDENTIFIER, "contributor that owns the fibre", required=True),
        Column("fibre_count", WHOLE, "strands installed", required=True, unit="strands"),
        Column("length_km", THOUSANDS, "length of the route, to whole metres", True, unit="km", attribute="length_m"),
        Column("name", NAME, "what people call it"),
        Column("own_use", WHOLE, "strands that the contributor uses", unit="strands"),
        Column("reserve", WHOLE, "strands that the contributor keeps free", unit="strands"),
        Column("maintenance_spare", WHOLE, "strands kept free for repairs", unit="strands"),
        Column("risk_groups", ID_LIST, "events that break this span with others"),
        Column("status", NAME, "empty or operational: in service, within the dates"),
        Column("ready_for_service", DAY_KIND, "first day in service"),
        Column("withdrawn_on", DAY_KIND, "first day no longer in service"),
        Column("deployment", NAME, "duct, aerial, ..."),
        Column("fibre_type", NAME, "G.652.D, ..."),
        Column("cuts_per_km_year", NUMBER_KIND, "expected cuts", unit="per km and year"),
        Column("repair_hours", NUMBER_KIND, "expected time to repair", unit="hours"),
        Column(
            "max_pairs_per_member", WHOLE, "most pairs that one member group may hold, live ones included", unit="pairs"
        ),
        Column(
            "funding_conditions",
            FUNDING,
            "roles, organisations and groups that alone may be granted new pairs; until:DATE ends that (rule A6)",
        ),
        Column(
            "recalls", RECALLS, "strands that the contributor takes back for good, and from which day", unit="strands"
        ),
        *FIGURES,
        Column("note", TEXT, "free text"),
        Column(
            "disclosure", AUDIENCE, "the owner's word on who may see the span; empty: as the table of docs/formats.md"
        ),
        Column("route", LINE, "the line on the ground from start to end, for maps; decides nothing", unit="degrees"),
    ),
)

RISK_GROUPS: Table[RiskGroup] = Table(
    "risk_groups.csv",
    RiskGroup,
    (
        Column("id", IDENTIFIER, "names the group", required=True),
        Column("name", NAME, "what people call it"),
        Column("kind", NAME, "duct, bridge, chamber, power, ..."),
        Column("cuts_per_year", NUMBER_KIND, "expected events", unit="per year"),
        Column("repair_hours", NUMBER_KIND, "expected time to repair", unit="hours"),
        Column("note", TEXT, "free text"),
    ),
)

ORGANISATIONS: Table[Organisation] = Table(
    "organisations.csv",
    Organisation,
    (
        Column("id", IDENTIFIER, "names the organisation", required=True),
        Column("name", NAME, "what people call it"),
        Column("roles", ID_LIST, "contributor user investor"),
        Column("group", IDENTIFIER, "connected members that count as one; empty: its own group"),
        Column("member_from", DAY_KIND, "first day of membership"),
        Column("member_to", DAY_KIND, "first day after membership"),
    ),
)

CIRCUITS: Table[Circuit] = Table(
    "circuits.csv",
    Circuit,
    (
        Column("id", IDENTIFIER, "names the circuit", required=True),
        Column("member", IDENTIFIER, "member that holds it", required=True),
        Column("start", DAY_KIND, "first day", required=True),
        Column("end", DAY_KIND, "first day after; empty: open", required=True, may_be_empty=True),
        Column("legs", LEGS, "one or two legs, one pair on each"),
        Column("node", IDENTIFIER, "node of a colocation"),
        Column("rack_units", POSITIVE, "rack units of a colocation", unit="U"),
        Column("power_kw", THOUSANDS, "power of a colocation", unit="kW", attribute="power_w"),
        Column("request", IDENTIFIER, "request that it came from"),
        Column("state", NAME, "for people; only the dates decide whether strands are held"),
        Column("lit_on", DAY_KIND, "day on which it was first used"),
        Column("term_end", DAY_KIND, "day on which its term was agreed to end, where `end` is another"),
        Column("price_key", NAME, "which price of the tariff applies"),
        Column("strands", STRANDS, "on which strands of each span it lies; empty: not recorded (docs/strands.md)"),
    ),
)

NETWORK_TABLES = (NODES, SPANS, RISK_GROUPS, ORGANISATIONS)
