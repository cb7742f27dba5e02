"""Rounds written as a few readable lines, what an award says in as few, and small random rounds by number.

ask("r1 m1 A-C 2 diversity=node max_km=7.5")     two diverse pairs from A to C
rack("r2 m1 A 4 watts=1000 partial")             four rack units and 1 kW at A, or fewer
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from allocation.award import allocate
from allocation.policy import TIES, Policy
from allocation.request import Item, Request
from tests.allocation.oracle import awards_to_try
from tests.builders import DAY
from topology.model import Circuit, Network, Node, Organisation, Span
from topology.quantities import thousandths

NO_CLAUSES = Policy()
LATER = date(2028, 1, 4)
"""The day that parts early and late requests of the random rounds."""

MUCH_LATER = date(2030, 1, 4)
FUNDING = ["school", "school until:2028-01-04", "m1 G"]
"""Conditions of spans in the random rounds, of which some members meet each."""

NUMBERS = ("pairs", "min_pairs", "rank", "wavelength_nm")
DATES = ("start", "end")
ITEMS = ("avoid", "diverse_from")


def ask(line: str) -> Request:
    """`id member A-B pairs`, then words: `key=value` for a field, `same_route` alone; items as `avoid=span:s1,node:B`."""
    name, member, ends, pairs, *words = line.split()
    a, b = ends.split("-")
    return Request(name, member, "fibre", a=a, b=b, pairs=int(pairs), **_fields(words))


def rack(line: str) -> Request:
    """`id member node units`, then words: `watts=1000`, `partial`, `rank=1`."""
    name, member, node, units, *words = line.split()
    return Request(name, member, "colocation", node=node, rack_units=int(units), **_fields(words))


def _fields(words: Iterable[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for word in words:
        key, given, value = word.partition("=")
        if not given:
            fields[key] = True
        elif key == "watts":
            fields["power_w"] = int(value)
        elif key == "max_km":
            fields["max_m"] = thousandths(value)
        elif key in NUMBERS:
            fields[key] = int(value)
        elif key in DATES:
            fields[key] = date.fromisoformat(value)
        elif key in ITEMS:
            fields[key] = tuple(sorted(tuple(item.split(":")) for item in value.split(",")))
        else:
            fields[key] = Decimal(value) if key == "max_loss_db" else value
    return fields


@dataclass(frozen=True)
class Round:
    """All that `allocate` is given, bar the seed."""

    network: Network
    requests: tuple[Request, ...]
    policy: Policy = NO_CLAUSES
    circuits: tuple[Circuit, ...] = ()

    def award(self, seed: str | None = "s", on: date = DAY) -> dict[str, Any]:
        """The award of the round."""
        return allocate(self.network, self.circuits, self.requests, self.policy, on=on, seed=seed)


def a_round(net: Network, *requests: Request, circuits: Sequence[Circuit] = (), **policy: Any) -> Round:
    """A round from a network and requests; further words are fields of the policy."""
    return Round(net, tuple(requests), Policy(**policy), tuple(circuits))


def members(*names: str, **group_of: str) -> tuple[Organisation, ...]:
    """Organisations with the role of a user; `m2="G"` puts m2 into group G."""
    return tuple(Organisation(n, roles=("user",), group=group_of.get(n, "")) for n in sorted({*names, *group_of}))


def granted(award: dict[str, Any]) -> dict[str, int]:
    """Request -> pairs or rack units granted."""
    return {line["request"]: line["granted"] for line in award["requests"]}


def counts(award: dict[str, Any], kind: str = "fibre") -> list[int]:
    """How many groups hold at least 1, 2, … units; the last count is 0."""
    return [level["members"] for level in award["levels"] if level["kind"] == kind]


def routes(award: dict[str, Any], request: str) -> list[str]:
    """The legs of each circuit as circuits.csv writes them: `s1+s2|s3`."""
    line = next(line for line in award["requests"] if line["request"] == request)
    return ["|".join("+".join(leg["spans"]) for leg in circuit["legs"]) for circuit in line["circuits"]]


def codes(award: dict[str, Any], request: str) -> list[str]:
    """The reason codes of a request, in the order shown."""
    line = next(line for line in award["requests"] if line["request"] == request)
    return [reason["code"] for reason in line["reasons"]]


def lifts(award: dict[str, Any], request: str) -> list[dict[str, Any]]:
    """Everything that would have to be lifted for a request."""
    line = next(line for line in award["requests"] if line["request"] == request)
    return [lift for reason in line["reasons"] for lift in reason["lifts"]]


def group_units(this: Round, award: dict[str, Any], kind: str = "fibre") -> dict[str, int]:
    """Group -> units, for circuits as units."""
    held: dict[str, int] = {}
    for line in award["requests"]:
        if line["kind"] == kind:
            group = this.network.group_of(line["member"])
            held[group] = held.get(group, 0) + line["granted"]
    return held


def random_round(seed: int, *, conditions: bool = True, most_awards: int = 20_000) -> Round:
    """A round with at most 5 nodes, 7 spans and 4 requests; the last requests are left out until trying every award is quick.

    Parallel spans, risk groups on spans and nodes, funding conditions, spans that come and go, live circuits, dates, limits, items
    to avoid and be diverse from, caps and every clause of A6 come up. Without `conditions` no request is all or nothing: no
    minimum, bundle, family or same route.
    """
    draw = random.Random(seed)
    net = _random_network(draw)
    live = _random_circuits(draw, net)
    requests = _random_requests(draw, net, live, conditions)
    cap = draw.choice([None, None, Decimal("0.5")])
    policy = Policy(
        cap_share=cap,
        cap_floor_pairs=0 if cap is None else 1,
        entrant_reserve_pairs=draw.choice([None, None, 1]),
        tranche_share=draw.choice([None, None, Decimal("0.5")]),
        unit=draw.choice(["circuit", "circuit", "leg"]),
    )
    while awards_to_try(net, requests, live, policy) > most_awards:
        requests = requests[:-1]
    kept = {r.id for r in requests}
    requests = tuple(r if r.alternative_of in kept else replace(r, alternative_of="") for r in requests)
    return Round(net, requests, policy, live)


def other_rules(seed: int, *, most_awards: int = 20_000) -> Round:
    """A random round under another order of ties, with live circuits that count, blocks, and a member that is no user."""
    this, draw = random_round(seed, most_awards=most_awards), random.Random(seed)
    ties = list(TIES)
    draw.shuffle(ties)
    policy = replace(
        this.policy,
        ties=tuple(ties),
        count_live=draw.random() < 0.5,
        block_max_pairs=draw.choice([None, 1, 2]),
    )
    people = dict(this.network.organisations or {})
    if draw.random() < 0.3:
        people["m1"] = replace(people["m1"], roles=("investor",))
    return replace(this, network=replace(this.network, organisations=people), policy=policy)


def _random_network(draw: random.Random) -> Network:
    size = draw.randint(2, 5)
    count = draw.randint(max(1, size - 1), 7)

    def groups(chance: float) -> tuple[str, ...]:
        return (f"g{draw.randrange(3)}",) if draw.random() < chance else ()

    nodes = [
        Node(
            f"n{i}",
            f"Node {i}",
            "pop",
            53.4 + i / 100,
            -2.2,
            risk_groups=groups(0.1),
            rack_units=draw.randint(0, 5),
            power_w=draw.choice([0, 500, 1000, 3000]),
        )
        for i in range(size)
    ]
    spans = []
    for k in range(count):
        a, b = (k, k + 1) if k < size - 1 else draw.sample(range(size), 2)
        spans.append(
            Span(
                f"s{k:02d}",
                f"n{a}",
                f"n{b}",
                "o",
                2 * draw.choice([1, 1, 2, 2, 3, 4]),
                1000 * draw.choice([1, 1, 2, 3, 5]),
                risk_groups=groups(0.4),
                max_pairs_per_member=draw.choice([None] * 5 + [1]),
                ready_for_service=draw.choice([None] * 9 + [LATER]),
                withdrawn_on=draw.choice([None] * 11 + [LATER, MUCH_LATER]),
                funding_conditions=draw.choice([""] * 8 + FUNDING),
            )
        )
        if spans[-1].ready_for_service == spans[-1].withdrawn_on:
            spans[-1] = replace(spans[-1], withdrawn_on=None)
    owner = Organisation("o", "Owner", ("contributor",))
    users = [
        Organisation(
            f"m{i}", f"Member {i}", draw.choice([("user",), ("school", "user")]), group=draw.choice(["", "", "G"])
        )
        for i in range(4)
    ]
    return Network.build(nodes, spans, organisations=[owner, *users])


def _random_circuits(draw: random.Random, net: Network) -> tuple[Circuit, ...]:
    """Up to two live circuits: over one span, over two spans in a row, or at a node."""
    live: list[Circuit] = []
    spans = [s for s in net.spans.values() if s.fibre_count >= 4 and s.in_service(DAY) and s.withdrawn_on is None]
    for k in range(draw.choice([0, 0, 0, 1, 1, 2])):
        base = Circuit(f"c{k}", f"m{draw.randrange(4)}", date(2026, 1, 1), draw.choice([None, None, LATER]))
        place = draw.choice(list(net.nodes.values()))
        if draw.random() < 0.2 and place.rack_units >= 2:
            live.append(replace(base, node=place.id, rack_units=1, power_w=min(place.power_w, 200)))
        elif spans:
            held = draw.choice(spans)
            spans.remove(held)  # so that no strand is held twice
            after = [s for s in spans if {s.start, s.end} & {held.start, held.end} and _in_a_row(held, s)]
            leg = (held.id,)
            if after and draw.random() < 0.5:
                spans.remove(after[0])
                leg = (held.id, after[0].id)
            live.append(replace(base, legs=(leg,)))
    return tuple(live)


def _in_a_row(one: Span, other: Span) -> bool:
    return len({one.start, one.end, other.start, other.end}) == 3


def _random_requests(
    draw: random.Random, net: Network, live: Sequence[Circuit], conditions: bool
) -> tuple[Request, ...]:
    made = [_random_request(draw, net, live, k, conditions) for k in range(draw.randint(2, 4))]
    if conditions and len(made) > 1:
        i, j = draw.sample(range(len(made)), 2)
        tie = draw.random()
        if tie < 0.3:
            if draw.random() < 0.5:
                made[j] = _as_room(draw, net, made[j])
            made[j] = replace(made[j], member=made[i].member, bundle="B")
            made[i] = replace(made[i], bundle="B")
        elif tie < 0.4:
            made[j] = replace(made[j], member=made[i].member, alternative_of=made[i].id)
        elif tie < 0.55:
            made[j] = replace(_changed_wish(draw, net, made[i]), id=made[j].id, alternative_of=made[i].id)
    return tuple(made)


def _changed_wish(draw: random.Random, net: Network, first: Request) -> Request:
    """The same wish with a later start, a lower diversity or another end."""
    if not first.is_fibre:
        return replace(first, node=draw.choice(list(net.nodes)))
    others = [n for n in net.nodes if n not in (first.a, first.b)]
    ways = [replace(first, start=LATER, end=None), replace(first, diversity="none"), replace(first, max_m=None)]
    return draw.choice([*ways, *(replace(first, b=n) for n in others)])


def _as_room(draw: random.Random, net: Network, r: Request) -> Request:
    """A colocation row with the id, member, dates and rank of another row."""
    return Request(
        r.id,
        r.member,
        "colocation",
        start=r.start,
        end=r.end,
        rank=r.rank,
        node=draw.choice(list(net.nodes)),
        rack_units=draw.randint(1, 4),
        power_w=draw.choice([0, 400, 1000]),
        partial=draw.random() < 0.5,
    )


def _random_items(draw: random.Random, net: Network, live: Sequence[Circuit], chance: float) -> tuple[Item, ...]:
    """One or two spans, nodes, groups or circuits; mostly none."""
    if draw.random() >= chance:
        return ()
    known = (
        [("span", s) for s in net.spans] + [("node", n) for n in net.nodes] + [("group", g) for g in net.risk_groups]
    )
    circuits = [("circuit", c.id) for c in live]
    return tuple(sorted(set(draw.choices([*known, *(circuits * 4)], k=draw.choice([1, 1, 2])))))


def _random_request(
    draw: random.Random, net: Network, live: Sequence[Circuit], number: int, conditions: bool
) -> Request:
    nodes = list(net.nodes)
    start, end = draw.choice([(None, None)] * 4 + [(None, LATER), (LATER, None), (LATER, MUCH_LATER)])
    base = Request(f"r{number}", f"m{draw.randrange(4)}", "fibre", start=start, end=end, rank=draw.choice([None, 1, 2]))
    if draw.random() < 0.15:
        room = _as_room(draw, net, base)
        return room if conditions else replace(room, partial=True)
    a, b = draw.sample(nodes, 2)
    pairs = draw.randint(1, 2)
    plain = replace(
        base,
        a=a,
        b=b,
        pairs=pairs,
        max_m=draw.choice([None, None, None, 4000, 7000]),
        max_loss_db=draw.choice([None] * 5 + [Decimal("2.8"), Decimal("3.4")]),
        wavelength_nm=draw.choice([None, None, 1310, 1550]),
        avoid=_random_items(draw, net, live, 0.1),
        diverse_from=_random_items(draw, net, live, 0.15),
        diversity=draw.choice(["none", "none", "span", "node", "risk"]),
    )
    if not conditions:
        return plain
    return replace(plain, min_pairs=draw.choice([None, None, None, pairs]), same_route=draw.random() < 0.15)


THIRTY = [pytest.param(n, marks=pytest.mark.slow if n < 3 else pytest.mark.long) for n in range(30)]
"""Thirty blocks of rounds: three for each change, all of them before a release (`python3 dev.py test-long`)."""
