"""What members may rely on (allocation.md, B): no gain from asking for more, splitting, or names; the same bytes always.

The first four hold for fibre requests without `bundle`, `min_pairs`, `same_route` and `alternative_of`, in the default order of ties.
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from allocation.award import award_digest
from allocation.request import Item, Request
from tests.allocation.rounds import Round, a_round, ask, counts, granted, group_units, members, random_round
from tests.builders import network
from topology.canonical import canonical_bytes
from topology.model import Circuit, Network

SEEDS = range(7000, 7024)
BLOCKS = 8

blocks = pytest.mark.parametrize("block", range(BLOCKS))


def free_round(seed: int) -> Round:
    """A random round without all-or-nothing conditions, with circuits as units."""
    this = random_round(seed, conditions=False, most_awards=10**6)
    return replace(this, policy=replace(this.policy, unit="circuit"))


def units(this: Round) -> tuple[dict[str, int], dict[str, int]]:
    award = this.award("s")
    return group_units(this, award), group_units(this, award, "colocation")


@blocks
def test_asking_for_more_than_could_be_granted_changes_no_units(block):
    """A request for all that could be granted to it alone, and the same request for thirty pairs more."""
    for seed in SEEDS[block::BLOCKS]:
        this = free_round(seed)
        most = {r.id: max(1, most_alone(this, r)) for r in this.requests if r.is_fibre}
        fair = tuple(replace(r, pairs=most.get(r.id, 0)) for r in this.requests)
        greedy = tuple(replace(r, pairs=r.pairs + 30) if r.id == min(most, default="") else r for r in fair)
        assert units(replace(this, requests=fair)) == units(replace(this, requests=greedy)), seed


def most_alone(this: Round, request: Request) -> int:
    """The pairs that a request would get if it were alone and asked for more than there are."""
    only = replace(this, requests=(replace(request, pairs=40),))
    return granted(only.award("s"))[request.id]


@blocks
def test_splitting_a_request_changes_no_units(block):
    """Each fibre request as one row per pair, under ids in another order, without its rank."""
    for seed in SEEDS[block::BLOCKS]:
        this = free_round(seed)
        split = [replace(r, id=f"{9 - n}-{r.id}", pairs=1) for r in this.requests if r.is_fibre for n in range(r.pairs)]
        whole = replace(this, requests=tuple(r for r in this.requests if r.is_fibre))
        parts = replace(this, requests=tuple(split))
        assert units(whole)[0] == units(parts)[0], seed


@blocks
def test_renaming_requests_nodes_and_spans_changes_no_units(block):
    for seed in SEEDS[block::BLOCKS]:
        this = free_round(seed)
        assert units(this) == units(renamed(this, seed)), seed


def renamed(this: Round, seed: int) -> Round:
    """The same round with the ids of requests, nodes, spans and circuits swapped about."""
    draw = random.Random(seed)

    def shuffled(names: Any, prefix: str) -> dict[str, str]:
        new = [f"{prefix}{n}" for n in range(len(names))]
        draw.shuffle(new)
        return dict(zip(names, new, strict=True))

    node, span = shuffled(this.network.nodes, "place"), shuffled(this.network.spans, "cable")
    request = shuffled([r.id for r in this.requests], "wish")
    named = {"node": node, "span": span, "circuit": {c.id: f"x{c.id}" for c in this.circuits}}

    def items(old: tuple[Item, ...]) -> tuple[Item, ...]:
        return tuple(sorted((kind, named[kind][name] if kind in named else name) for kind, name in old))

    net = Network.build(
        [replace(n, id=node[n.id]) for n in this.network.nodes.values()],
        [replace(s, id=span[s.id], start=node[s.start], end=node[s.end]) for s in this.network.spans.values()],
        organisations=this.network.organisations.values() if this.network.organisations else None,
    )
    requests = tuple(
        replace(
            r,
            id=request[r.id],
            a=node.get(r.a, ""),
            b=node.get(r.b, ""),
            node=node.get(r.node, ""),
            avoid=items(r.avoid),
            diverse_from=items(r.diverse_from),
        )
        for r in this.requests
    )
    circuits = tuple(
        replace(c, id=f"x{c.id}", node=node.get(c.node, ""), legs=tuple(tuple(span[s] for s in leg) for leg in c.legs))
        for c in this.circuits
    )
    return Round(net, requests, this.policy, circuits)


@blocks
def test_renaming_groups_changes_only_what_the_lot_decides(block):
    """Other names draw another lot, so units may move between groups; how many groups hold how much does not."""
    for seed in SEEDS[block::BLOCKS]:
        this = free_round(seed)
        assert this.network.organisations is not None
        people = [
            replace(o, id=f"zz-{o.id[::-1]}", group=o.group and f"q{o.group}")
            for o in this.network.organisations.values()
        ]
        new = {"m1": "zz-1m", "G": "qG"}  # the names in funding conditions
        spans = {
            s.id: replace(s, funding_conditions=" ".join(new.get(w, w) for w in s.funding_conditions.split()))
            for s in this.network.spans.values()
        }
        net = replace(this.network, spans=spans, organisations={o.id: o for o in sorted(people, key=lambda o: o.id)})
        requests = tuple(replace(r, member=f"zz-{r.member[::-1]}") for r in this.requests)
        circuits = tuple(replace(c, member=f"zz-{c.member[::-1]}") for c in this.circuits)
        other = Round(net, requests, this.policy, circuits).award("s")
        award = this.award("s")
        for kind in ("fibre", "colocation"):
            assert counts(award, kind) == counts(other, kind), seed


def test_conditions_may_displace_and_that_is_said():
    """The promise excludes bundles for a reason: two groups, two spans, and who bundles both wins what would have been shared."""
    net = network("s A B 1 strands=2", "t B C 1 strands=2")
    apart = a_round(net, ask("r1 m1 A-B 1"), ask("r2 m1 B-C 1"), ask("r3 m2 A-B 1"))
    assert group_units(apart, apart.award()) == {"m1": 1, "m2": 1}
    tied = a_round(net, ask("r1 m1 A-B 1 bundle=x"), ask("r2 m1 B-C 1 bundle=x"), ask("r3 m2 A-B 1"))
    assert group_units(tied, tied.award()) == {"m1": 2, "m2": 0}


def test_members_of_one_group_gain_nothing_by_asking_apart():
    """Two pairs, m1 and m2 in one group and m3 alone: one pair each for G and m3, not one each for two of three."""
    net = network("s A B 1 strands=4", organisations=members("m3", m1="G", m2="G"))
    this = a_round(net, ask("r1 m1 A-B 1"), ask("r2 m2 A-B 1"), ask("r3 m3 A-B 1"))
    award = this.award()
    assert group_units(this, award) == {"G": 1, "m3": 1}
    assert sum(granted(award).values()) == 2


@blocks
def test_shuffled_rows_give_the_same_bytes(block):
    """Nodes, spans, organisations, requests and circuits in another order: the same award to the byte, evidence included."""
    for seed in SEEDS[block::BLOCKS]:
        this = random_round(seed)
        draw = random.Random(seed)

        def shuffled(rows: Any, draw: random.Random = draw) -> list[Any]:
            rows = list(rows)
            draw.shuffle(rows)
            return rows

        net = Network.build(
            shuffled(this.network.nodes.values()),
            shuffled(this.network.spans.values()),
            shuffled(this.network.risk_groups.values()),
            organisations=shuffled((this.network.organisations or {}).values()),
        )
        extra = (Circuit("c9", "m0", this.circuits[0].start, node="n0"),) if this.circuits else ()
        first = replace(this, circuits=(*this.circuits, *extra)).award("s")
        other = Round(net, tuple(shuffled(this.requests)), this.policy, tuple(shuffled((*this.circuits, *extra))))
        assert canonical_bytes(first) == canonical_bytes(other.award("s")), seed
        assert first["digest"] == award_digest(first)


SCRIPT = """
import hashlib
from tests.allocation.rounds import random_round
from topology.canonical import canonical_bytes
whole = hashlib.sha256()
for seed in range(8000, 8012):
    whole.update(canonical_bytes(random_round(seed).award("s")))
print(whole.hexdigest())
"""


def test_two_processes_with_other_hash_seeds_give_the_same_bytes():
    """Twelve awards, evidence included, in two processes whose sets are ordered differently, and once in this one."""
    outputs = set()
    for hash_seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=True)
        outputs.add(done.stdout.strip().splitlines()[-1])
    here = hashlib.sha256()
    for seed in range(8000, 8012):
        here.update(canonical_bytes(random_round(seed).award("s")))
    assert outputs == {here.hexdigest()}
