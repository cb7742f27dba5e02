"""Random small spines for properties: multigraphs of up to six nodes with risk groups, key nodes and circuits."""

from __future__ import annotations

import os
from datetime import date
from unicodedata import normalize

from hypothesis import strategies as st

from tests.builders import DAY, node
from topology.model import Circuit, Network, Node, Organisation, RiskGroup, Span

MANY = int(os.environ.get("CNI_EXAMPLES", "1"))
"""How many times as many examples as usual: `python3 dev.py test-many` sets it."""


def many(usual: int) -> int:
    """The number of examples of a property that is held against plain enumeration."""
    return usual * MANY


NAMES = "ABCDEF"
GROUPS = ("g1", "g2", "g3")


@st.composite
def spines(draw: st.DrawFn, most_spans: int = 9) -> Network:
    """A multigraph; some spans and nodes are in groups, some nodes are key."""
    size = draw(st.integers(2, len(NAMES)))
    nodes = [
        node(n, key=draw(st.booleans()), risk_groups=tuple(sorted(draw(st.sets(st.sampled_from(GROUPS), max_size=1)))))
        for n in NAMES[:size]
    ]
    spans = []
    for i in range(draw(st.integers(1, most_spans))):
        a, b = draw(st.lists(st.sampled_from(NAMES[:size]), min_size=2, max_size=2, unique=True))
        held = tuple(sorted(draw(st.sets(st.sampled_from(GROUPS), max_size=2))))
        metres = draw(st.integers(1, 5)) * 1000
        spans.append(Span(f"s{i}", a, b, "owner", 48, metres, risk_groups=held))
    return Network.build(nodes, spans)


@st.composite
def circuits_on(draw: st.DrawFn, spine: Network) -> tuple[Circuit, ...]:
    """Circuits over one or two single-span legs (parallel spans are common), and colocation."""
    made = []
    for i in range(draw(st.integers(0, 4))):
        if draw(st.booleans()):
            span = spine.spans[draw(st.sampled_from(sorted(spine.spans)))]
            twins = [s.id for s in spine.spans.values() if {s.start, s.end} == {span.start, span.end}]
            legs = tuple((s,) for s in draw(st.lists(st.sampled_from(twins), min_size=1, max_size=2, unique=True)))
            made.append(Circuit(f"c{i}", f"m{i % 3}", DAY, legs=legs))
        else:
            made.append(
                Circuit(f"c{i}", f"m{i % 3}", DAY, node=draw(st.sampled_from(sorted(spine.nodes))), rack_units=1)
            )
    return tuple(made)


IDS = st.text("abcXYZ019._-", min_size=1, max_size=8)
WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=12).map(
    lambda t: normalize("NFC", t.strip())
)
DATES = st.none() | st.dates(date(2020, 1, 1), date(2040, 1, 1))
COUNTS = st.integers(0, 10**6)
RATES = st.none() | st.floats(0, 1000, allow_nan=False)
DEGREES = st.floats(-80, 80).map(lambda d: d + 0.0) | st.floats(-80, 80).map(lambda d: round(d, 6) + 0.0)
POINTS = st.tuples(*[st.integers(-80_000_000, 80_000_000).map(lambda n: n / 1_000_000)] * 2)
ROUTES = st.just(()) | st.lists(POINTS, min_size=2, max_size=4).map(tuple)
EXTRA = st.dictionaries(
    st.sampled_from(["colour", "zeta", "Ünits", "x y", "ofds", "fid", "geometry_is", "route_text"]),
    st.sampled_from(["red", "a, b", '{"phase":{"id":"1"}}', "{", '{"id":"other"}', "1"]),
    max_size=2,
).map(lambda d: tuple(sorted(d.items())))
HELD = st.sets(st.sampled_from(["g1", "g2"])).map(lambda g: tuple(sorted(g)))
STATUSES = st.sampled_from(["", "operational", "planned", "under_construction", "decommissioned", "live", "planned "])
KINDS = st.sampled_from(
    ["data_centre", "exchange", "pop", "ixp", "cabinet", "chamber", "customer_site", "hut", "dataCentre", "building"]
)
DEPLOYED = st.sampled_from(["", "duct", "pole", "buried", "aerial", "trough", "underground", "none", "sewer", "pipe"])
FIBRES = st.sampled_from(["", "G.652", "G.652.D", "G.657.A1", "G652D", "multimode", "G.651.1"])
AMOUNTS = st.none() | st.decimals(0, 10**6, places=3).map(lambda d: d.normalize() + 0)
YEARS = st.none() | st.integers(1990, 2040)
FIGURES = st.fixed_dictionaries(
    {
        "inclusion": AMOUNTS, "inclusion_source": WORDS, "inclusion_year": YEARS,
        "carbon_kg": AMOUNTS, "carbon_source": WORDS, "carbon_year": YEARS,
    }
)  # fmt: skip
AUDIENCES = st.sampled_from(["", "public", "member", "internal"])


@st.composite
def whole_networks(draw: st.DrawFn) -> Network:
    """Networks of two to five nodes with every field filled now and then, also with what other formats cannot say."""
    ids = draw(st.lists(IDS, min_size=2, max_size=5, unique=True))
    owners = st.sampled_from(["", "o", "con-b"])
    nodes = [
        Node(
            i, draw(WORDS) or "n", draw(KINDS), draw(DEGREES), draw(DEGREES), owner=draw(owners), key=draw(st.booleans()),
            building=draw(WORDS), rack_units=draw(COUNTS), rack_units_reserved=draw(COUNTS), power_w=draw(COUNTS),
            power_reserved_w=draw(COUNTS), risk_groups=draw(HELD), status=draw(STATUSES), priority=draw(WORDS),
            note=draw(WORDS), disclosure=draw(AUDIENCES), extra=draw(EXTRA), **draw(FIGURES),
        )
        for i in ids
    ]  # fmt: skip
    spans = []
    for i in range(draw(st.integers(0, 4))):
        a, b = draw(st.lists(st.sampled_from(ids), min_size=2, max_size=2, unique=True))
        ready = draw(DATES)
        spans.append(
            Span(
                f"s{i}", a, b, draw(st.sampled_from(["o", "con-b"])), draw(COUNTS), draw(COUNTS), name=draw(WORDS),
                own_use=draw(COUNTS), reserve=draw(COUNTS), maintenance_spare=draw(COUNTS), risk_groups=draw(HELD),
                status=draw(STATUSES), ready_for_service=ready, withdrawn_on=None if ready else draw(DATES),
                deployment=draw(DEPLOYED), fibre_type=draw(FIBRES), cuts_per_km_year=draw(RATES),
                repair_hours=draw(RATES), max_pairs_per_member=draw(st.none() | COUNTS), note=draw(WORDS),
                funding_conditions=draw(st.sampled_from(["", "school until:2032-04-01"])),
                recalls=draw(st.sampled_from([(), ((date(2030, 1, 1), 2),)])),
                disclosure=draw(AUDIENCES), route=draw(ROUTES), extra=draw(EXTRA), **draw(FIGURES),
            )
        )  # fmt: skip
    members = [
        Organisation("o", draw(WORDS), ("contributor", "school"), "grp", date(2024, 1, 1)),
        Organisation(
            "con-b", draw(WORDS), draw(st.sampled_from([(), ("user",), ("networkProvider",)])), extra=draw(EXTRA)
        ),
    ]
    groups = [RiskGroup("g1", draw(WORDS), "duct", draw(RATES), 4.5, draw(WORDS), draw(EXTRA))]
    return Network.build(
        nodes, spans, draw(st.sampled_from([[], groups])), draw(st.none() | st.just(members)), name=draw(WORDS),
        id=draw(st.just("") | IDS), as_of=draw(DATES), illustrative=draw(st.booleans()), licence=draw(WORDS),
        extra=draw(EXTRA),
    )  # fmt: skip
