"""Which key pairs have no two risk-disjoint routes with some candidates built, and the cut that says what they lack."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from scenarios.builds.candidates import Candidate
from scenarios.builds.surviving import Cut, with_candidates
from topology.model import Network
from topology.routing.disjoint import find_routes
from topology.routing.quick_pairs import PairFinder

Pair = tuple[str, str]


class TwoRoutes:
    """The question for one network and its candidates. Building more never takes a route away."""

    def __init__(self, network: Network, candidates: Sequence[Candidate]) -> None:
        self.network, self.candidates = network, candidates
        self.all = frozenset(range(len(candidates)))

    def lacking(self, chosen: Collection[int], pairs: Iterable[Pair]) -> list[Pair]:
        """Those of some pairs that have no two risk-disjoint routes with a choice built."""
        wanted = list(pairs)
        if not wanted:
            return []
        built = with_candidates(self.network, [self.candidates[i] for i in sorted(chosen)])
        finder = PairFinder(built)
        return [pair for pair in wanted if not find_routes(built, *pair, "risk", finder=finder).routes]

    def cut(self, pair: Pair, chosen: frozenset[int]) -> Cut:
        """Candidates of which one is needed for a pair that lacks two routes: those left over when as much is built as the
        pair stays without.
        """
        built = chosen
        for i in sorted(self.all - chosen):
            if self.lacking(built | {i}, [pair]):
                built |= {i}
        return self.all - built
