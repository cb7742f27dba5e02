"""Rounds of three sizes and two loads by seed, and what they are measured against.

S has 60 nodes, 100 spans, 40 groups and 120 requests; M 250, 400, 150, 600; L 750, 900, 400, 2,000. Light: most of what is asked
fits; heavy: about five times too much is asked and a third of the spans has one or two pairs. Half of the requests ask for
two routes. The same arguments give the same round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from random import Random

from allocation.request import Request
from allocation.solving.instance import Ask, Instance
from allocation.solving.spaces import Legs, Space
from tests.benchmarks.networks import LARGE, MIDDLE, Size, metro
from topology.model import Network, Organisation

SIZES = {"S": (Size(60, 100, 12, 100), 40, 120), "M": (MIDDLE, 150, 600), "L": (LARGE, 400, 2000)}
PAIRS = {"light": (2, 8, 24), "heavy": (5, 1, 12)}
"""Load -> most pairs in a request, least and most pairs offered on a span."""


def generated_round(size: str, load: str, seed: int) -> tuple[Network, tuple[Request, ...]]:
    """The network and the requests of one benchmark round."""
    shape, groups, asked = SIZES[size]
    most, low, high = PAIRS[load]
    rnd = Random(f"round-{size}-{load}-{seed}")
    spine = metro(shape, seed)
    spans = [
        replace(
            s, fibre_count=s.own_use + s.reserve + s.maintenance_spare + 2 * min(high, low + int(rnd.expovariate(0.2)))
        )
        for s in spine.spans.values()
    ]
    people = [Organisation(f"owner{i}", roles=("contributor",)) for i in range(8)]
    people += [Organisation(f"m{i:03}", roles=("user",)) for i in range(groups)]
    network = Network.build(
        spine.nodes.values(), spans, (), people, id=f"round-{size}-{load}-{seed}", illustrative=True
    )
    names, hubs = sorted(network.nodes), list(network.key_nodes)
    requests = []
    for k in range(asked):
        a = rnd.choice(hubs if rnd.random() < 0.5 else names)
        b = rnd.choice([n for n in names if n != a])
        level = rnd.choice(("span", "node", "node")) if rnd.random() < 0.5 else "none"
        member = f"m{(k if k < groups else rnd.randrange(groups)):03}"
        requests.append(Request(f"r{k:04}", member, "fibre", a=a, b=b, pairs=rnd.randint(1, most), diversity=level))
    return network, tuple(requests)


class Greedy:
    """Grants pair by pair over the shortest route that has room, as people do by hand. For comparison only."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.left = [row.capacity for row in instance.rows]
        self.units: Counter[str] = Counter({a.group: 0 for a in instance.asks if a.is_fibre})
        self.granted: Counter[int] = Counter()

    def grant(self, ask: Ask) -> bool:
        """One more pair for an ask, if it fits and is wanted."""
        if self.granted[ask.number] >= ask.wanted:
            return False
        legs = self._shortest(ask)
        if legs is None:
            return False
        for row in self.instance.draws(ask, legs):
            self.left[row] -= 1
        self.granted[ask.number] += 1
        self.units[ask.group] += ask.unit
        return True

    def _shortest(self, ask: Ask) -> Legs | None:
        space = ask.space
        assert space is not None
        table = self.instance.profiles[ask.profile]
        spans = frozenset(s for s in space.spans if all(self.left[row] > 0 for row in table[s]))
        now = Space(space.graph, space.a, space.b, space.level, space.limit_m, spans, space.banned_nodes, space.exempt)
        found = now.cheapest(space.graph.length_m)
        return None if found is None else found[1]

    def levels(self) -> list[int]:
        """How many groups hold at least 1 unit, at least 2, and so on."""
        return level_counts(self.units.values())


def level_counts(units: Iterable[int]) -> list[int]:
    """How many hold at least 1, at least 2, and so on, without the empty levels at the end."""
    held = list(units)
    return [sum(u >= k for u in held) for k in range(1, max(held, default=0) + 1)]


def first_come(instance: Instance) -> list[int]:
    """Level counts of *first come, first served*: requests in order of their ids, each served as far as it goes."""
    greedy = Greedy(instance)
    for ask in instance.asks:
        while greedy.grant(ask):
            pass
    return greedy.levels()


def progressive_filling(instance: Instance) -> list[int]:
    """Level counts of *progressive filling*: one unit a turn for each group; a group that could not be served is frozen."""
    greedy = Greedy(instance)
    growing = list(instance.groups("fibre"))
    while growing:
        growing = [g for g in growing if any(greedy.grant(ask) for ask in instance.asks_of("fibre", g))]
    return greedy.levels()


def behind(levels: list[int], best: list[int]) -> str:
    """How far level counts are from the best: the first level that falls short and by how many groups."""
    width = max(len(levels), len(best))
    for k, (ours, theirs) in enumerate(zip(_padded(levels, width), _padded(best, width), strict=True), 1):
        if ours < theirs:
            return f"-{theirs - ours} at level {k}"
        if ours > theirs:
            return f"+{ours - theirs} at level {k}"  # only where the best is not proved
    return "equal"


def _padded(levels: list[int], width: int) -> list[int]:
    return levels + [0] * (width - len(levels))
