"""Which key nodes stay joined under every single failure, with some candidates built: the conditions that a build must meet.

A failure is a span, a node or a risk group, alone. It does not count for pairs whose end it takes; all other key nodes must be
joined. What survives a failure of today's spine is contracted, so that a condition is a small graph: its parts, the parts that
hold key nodes, and the candidates between parts. A set of candidates meets it if the key parts are joined; it fails exactly if
some part S with some of the key nodes but not all has no chosen candidate out of it, which is the cut that is then demanded
(Menger; Groetschel, Monma and Stoer, Design of survivable networks).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations

from scenarios.builds.candidates import Candidate
from scenarios.failures.joining import parts_of
from topology.model import Network, Span

Cut = frozenset[int]
"""Candidates by number, of which at least one must be built."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that fails: its name (`span:ID`, `node:ID`, `group:ID`; "" is none), and what it breaks."""

    name: str
    spans: frozenset[str]
    nodes: frozenset[str]


def with_candidates(network: Network, candidates: Iterable[Span]) -> Network:
    """The network with candidates as spans."""
    spans = [*network.spans.values(), *candidates]
    organisations = None if network.organisations is None else network.organisations.values()
    made = Network.build(network.nodes.values(), spans, network.risk_groups.values(), organisations)
    return replace(network, spans=made.spans, risk_groups=made.risk_groups)


def failures_of(whole: Network) -> tuple[Failure, ...]:
    """No failure at all, then every span, node and group of a network (with its candidates) alone."""
    found = [Failure("", frozenset(), frozenset())]
    found += [Failure(f"span:{s}", frozenset((s,)), frozenset()) for s in whole.spans]
    found += [Failure(f"node:{n}", frozenset(s.id for s in whole.incident[n]), frozenset((n,))) for n in whole.nodes]
    for group in whole.risk_groups:
        members = whole.members_of_group.get(group, ())
        nodes = frozenset(name for kind, name in members if kind == "node")
        spans = {name for kind, name in members if kind == "span"} | {s.id for n in nodes for s in whole.incident[n]}
        found.append(Failure(f"group:{group}", frozenset(spans), nodes))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be joined under one failure. `keys`: each key node that is left, with its part; `links`: (part, part, candidate)."""

    failure: Failure
    keys: tuple[tuple[str, int], ...]
    links: tuple[tuple[int, int, int], ...]

    def broken_cuts(self, chosen: Collection[int]) -> list[Cut]:
        """The cuts that a set of candidates fails: one for each part of the key nodes that it leaves apart; empty if it meets all."""
        top = self.parts(chosen)
        parts = {top[part] for _, part in self.keys}
        if len(parts) < 2:
            return []
        found: dict[int, set[int]] = {part: set() for part in parts}
        for a, b, candidate in self.links:
            if top[a] != top[b]:
                for end in (top[a], top[b]):
                    if end in found:
                        found[end].add(candidate)
        return [frozenset(cut) for cut in found.values()]

    def parts(self, chosen: Collection[int]) -> dict[int, int]:
        """The part that each part falls into with some candidates built."""
        ends = (end for a, b, _ in self.links for end in (a, b))
        built = ((a, b) for a, b, candidate in self.links if candidate in chosen)
        return parts_of(chain((part for _, part in self.keys), ends), built)

    def parted(self, chosen: Collection[int]) -> list[tuple[str, str]]:
        """The key pairs that are parted under the failure with some candidates built."""
        top = self.parts(chosen)
        return [(a, b) for (a, x), (b, y) in combinations(self.keys, 2) if top[x] != top[y]]


def conditions(network: Network, candidates: Sequence[Candidate]) -> tuple[Condition, ...]:
    """The conditions that today's spine does not meet by itself; what it meets needs no candidate (building only adds)."""
    whole = with_candidates(network, candidates)
    found = []
    for failure in failures_of(whole):
        condition = _condition(network, candidates, failure)
        if len({part for _, part in condition.keys}) > 1:
            found.append(condition)
    return tuple(found)


def _condition(network: Network, candidates: Sequence[Candidate], failure: Failure) -> Condition:
    left = (n for n in network.nodes if n not in failure.nodes)
    tops = parts_of(left, ((s.start, s.end) for s in network.spans.values() if s.id not in failure.spans))
    number: dict[str, int] = {}
    part = {node: number.setdefault(top, len(number)) for node, top in tops.items()}
    links = tuple(
        (part[c.start], part[c.end], i)
        for i, c in enumerate(candidates)
        if c.id not in failure.spans and c.start in part and c.end in part and part[c.start] != part[c.end]
    )
    return Condition(failure, tuple((k, part[k]) for k in network.key_nodes if k in part), links)


def unprotected(conditions: Iterable[Condition], chosen: Collection[int]) -> dict[tuple[str, str], str]:
    """The key pairs that some failure parts, each with the first such failure."""
    found: dict[tuple[str, str], str] = {}
    for condition in conditions:
        for pair in condition.parted(chosen):
            found.setdefault(pair, condition.failure.name)
    return found
