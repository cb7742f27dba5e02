"""Random small spines for properties: multigraphs of up to six nodes with risk groups, key nodes and circuits."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.builders import DAY, node
from topology.model import Circuit, Network, Span

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
