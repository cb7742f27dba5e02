"""Integer routing with asks merged: plain asks from one node as one flow, diverse asks between the same ends as one.

An integer flow from one source to many ends always splits into the asks' own paths, and a flow of two legs a pair that no span carries
more than once a pair always splits into disjoint pairs, so merging loses nothing. Limits, risk groups, `same_route` and what
a request avoids are left out, so the programme is exact for asks without them and a relaxation for the others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from allocation.solving.core import Core
from allocation.solving.instance import Ask
from allocation.solving.linear import Linear
from allocation.solving.spaces import spans_between
from topology.routing.graph import Adjacency

Arc = tuple[int, int, int]
"""(span, from node, to node)."""


@dataclass(eq=False)
class MergedFlows:
    """The core with merged flows for every fibre ask that can still be granted something."""

    core: Core
    linear: Linear = field(default_factory=Linear)
    adjacency: Adjacency = field(default_factory=list)
    use: dict[int, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    def __post_init__(self) -> None:
        self.linear = self.core.linear.copy()
        graph = self.core.instance.graph
        self.adjacency = graph.adjacency(range(len(graph.span_ids)), frozenset())
        asks = [a for a in self.core.instance.asks if a.space is not None and self.linear.high[self.core.x[a.number]]]
        self._plain([a for a in asks if a.request.legs == 1])
        self._diverse([a for a in asks if a.request.legs == 2])
        for row, terms in sorted(self.use.items()):
            self.linear.row(terms, high=self.core.instance.rows[row].capacity)

    def _plain(self, asks: list[Ask]) -> None:
        """One flow for each source and profile; an ask starts at that end from which more of them could start."""
        popular = Counter((a.profile, end) for a in asks for end in _ends(a))
        flows: dict[tuple[int, int], dict[int, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
        for ask in asks:
            source, sink = sorted(_ends(ask), key=lambda end: (-popular[ask.profile, end], end))
            flows[ask.profile, source][sink][self.core.x[ask.number]] = 1
        for (profile, source), sinks in sorted(flows.items()):
            usable = {s for sink in sinks for s in spans_between(self.adjacency, source, sink)}
            most = sum(self.linear.high[x] for terms in sinks.values() for x in terms)
            self._balance(self._arcs(usable, profile, most, source), source, sinks)

    def _diverse(self, asks: list[Ask]) -> None:
        """One flow for each two ends, level and profile."""
        alike: dict[tuple[int, int, int, bool], list[Ask]] = defaultdict(list)
        for ask in asks:
            assert ask.space is not None
            a, b = sorted(_ends(ask))
            alike[a, b, ask.profile, ask.space.rules.node_disjoint].append(ask)
        for (a, b, profile, node_disjoint), same in sorted(alike.items()):
            xs = [self.core.x[ask.number] for ask in same]
            most = sum(self.linear.high[x] for x in xs)
            arcs = self._arcs(spans_between(self.adjacency, a, b), profile, most, a)
            self._balance(arcs, a, {b: dict.fromkeys(xs, 2)})
            through: dict[tuple[str, int], dict[int, int]] = defaultdict(dict)
            for (span, _, v), variable in arcs.items():
                through["span", span][variable] = 1
                if node_disjoint and v != b:
                    through["node", v][variable] = 1
            for _, terms in sorted(through.items()):
                self.linear.row({**terms, **dict.fromkeys(xs, -1)}, high=0)

    def _arcs(self, usable: Set[int], profile: int, most: int, source: int) -> dict[Arc, int]:
        arcs: dict[Arc, int] = {}
        instance = self.core.instance
        for span in sorted(usable):
            rows = instance.profiles[profile][span]
            room = min((instance.rows[row].capacity for row in rows), default=most)
            u, v = instance.graph.ends[span]
            for arc in ((span, u, v), (span, v, u)):
                if arc[2] == source or room == 0:
                    continue
                arcs[arc] = self.linear.variable(0, min(most, room))
                for row in rows:
                    self.use[row][arcs[arc]] = 1
        return arcs

    def _balance(self, arcs: Mapping[Arc, int], source: int, sinks: Mapping[int, Mapping[int, int]]) -> None:
        """In minus out is each sink's grants, and 0 elsewhere; the source follows from the rest."""
        rows: dict[int, dict[int, int]] = {sink: {x: -c for x, c in terms.items()} for sink, terms in sinks.items()}
        for (_, u, v), variable in arcs.items():
            rows.setdefault(v, {})[variable] = 1
            rows.setdefault(u, {})[variable] = -1
        for node, terms in sorted(rows.items()):
            if node != source:
                self.linear.row(terms, 0, 0)


def _ends(ask: Ask) -> tuple[int, int]:
    assert ask.space is not None
    return ask.space.a, ask.space.b
