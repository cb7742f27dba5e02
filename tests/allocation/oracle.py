"""A brute-force oracle for small rounds: every award is tried, and the best is taken by the rules as written. Tests only."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import combinations, combinations_with_replacement, product
from math import ceil, prod

from allocation.policy import Policy
from allocation.request import Item, Request
from tests.builders import DAY
from topology.model import Circuit, Leg, Network

Legs = tuple[Leg, ...]


@dataclass(frozen=True)
class Best:
    """The best award: circuits per fibre request, rack units per colocation request, and the level counts."""

    circuits: dict[str, tuple[Legs, ...]]
    rack_units: dict[str, int]
    levels: dict[str, list[int]]


def simple_legs(network: Network, a: str, b: str) -> list[Leg]:
    """Every leg from a to b that passes no node twice."""
    found: list[Leg] = []

    def walk(at: str, seen: frozenset[str], leg: Leg) -> None:
        if at == b:
            found.append(leg)
            return
        for span in network.incident[at]:
            other = span.other_end(at)
            if other not in seen:
                walk(other, seen | {other}, (*leg, span.id))

    walk(a, frozenset((a,)), ())
    return found


def between(network: Network, leg: Leg, a: str, b: str) -> set[str]:
    return {n for s in leg for n in (network.spans[s].start, network.spans[s].end)} - {a, b}


def groups_on(network: Network, leg: Leg, a: str, b: str) -> set[str]:
    groups = {g for s in leg for g in network.spans[s].risk_groups}
    groups |= {g for n in between(network, leg, a, b) for g in network.nodes[n].risk_groups}
    return groups - set(network.nodes[a].risk_groups) - set(network.nodes[b].risk_groups)


def is_kept_off(network: Network, circuits: Sequence[Circuit], r: Request, leg: Leg, item: Item, apart: bool) -> bool:
    """Whether a leg uses what an item of `avoid` (or, with `apart`, of `diverse_from`) names, by the letter of A2."""
    kind, name = item
    level = "span" if not apart or r.diversity == "none" else r.diversity
    inner = between(network, leg, r.a, r.b)
    spans: set[str] = set()
    nodes: set[str] = set()
    groups: set[str] = set()
    if kind == "group":
        held = [network.spans[s].risk_groups for s in leg] + [network.nodes[n].risk_groups for n in inner]
        return any(name in g for g in held)
    if kind == "span":
        spans, groups = {name}, set(network.spans[name].risk_groups)
    elif kind == "node":
        nodes, groups = {name}, set(network.nodes[name].risk_groups)
    else:
        circuit = next(c for c in circuits if c.id == name)
        if apart and not any(circuit.holds_on(d) for d in _days_of(r, circuit)):
            return False
        spans, nodes = set(circuit.spans), {circuit.node} - {""}
        groups = {g for s in spans for g in network.spans[s].risk_groups}
        groups |= {g for n in nodes for g in network.nodes[n].risk_groups}
        for one in circuit.legs:
            meets = [n for s in one for n in (network.spans[s].start, network.spans[s].end)]
            groups |= {g for n in meets if meets.count(n) == 2 for g in network.nodes[n].risk_groups}
    if spans & set(leg) or nodes & (inner if apart else {*inner, r.a, r.b}):
        return True
    if level in ("node", "risk") and any({network.spans[s].start, network.spans[s].end} & inner for s in spans):
        return True
    return level == "risk" and bool(groups & groups_on(network, leg, r.a, r.b))


def _days_of(r: Request, circuit: Circuit) -> list[date]:
    """Days of a request's term of which one lies in the circuit's, if any does: the later start of the two."""
    start, end = _span_of(r, DAY)
    day = max(start, circuit.start)
    return [day] if start <= day < end else []


def columns(network: Network, request: Request, circuits: Sequence[Circuit], policy: Policy) -> list[Legs]:
    """Every way to route one circuit of a request, by the letter of A1 and A2, room and dates aside."""
    longest = request.max_m
    legs = [
        leg
        for leg in simple_legs(network, request.a, request.b)
        if (longest is None or network.length_m(leg) <= longest)
        and (request.max_loss_db is None or loss_db(network.length_m(leg), request, policy) <= request.max_loss_db)
        and not any(is_kept_off(network, circuits, request, leg, item, False) for item in request.avoid)
        and not any(is_kept_off(network, circuits, request, leg, item, True) for item in request.diverse_from)
    ]
    if request.diversity == "none":
        return [(leg,) for leg in legs]
    pairs = []
    for one, two in combinations(legs, 2):
        if set(one) & set(two):
            continue
        if request.diversity in ("node", "risk") and between(network, one, request.a, request.b) & between(
            network, two, request.a, request.b
        ):
            continue
        if request.diversity == "risk" and groups_on(network, one, request.a, request.b) & groups_on(
            network, two, request.a, request.b
        ):
            continue
        pairs.append(tuple(sorted((one, two), key=lambda leg: (network.length_m(leg), leg))))
    return pairs


def loss_db(metres: int, request: Request, policy: Policy) -> Fraction:
    """Loss of a leg as interfaces write it, in fractions: F × dB/km + splice_db × ⌈F / every⌉ + 2 × connector_db + margin_db."""
    o = policy.optics
    fibre_km = Fraction(metres, 1000) * Fraction(o.slack)
    per_km = Fraction(o.db_per_km_1310 if request.wavelength_nm == 1310 else o.db_per_km_1550)
    splices = ceil(fibre_km / Fraction(o.splice_every_km))
    return fibre_km * per_km + splices * Fraction(o.splice_db) + 2 * Fraction(o.connector_db) + Fraction(o.margin_db)


def admitted(network: Network, request: Request, span: str) -> bool:
    """Whether funding conditions let a request's member be granted a pair on a span for its term (A6)."""
    words = network.spans[span].funding_conditions.split()
    lapses = [date.fromisoformat(w.removeprefix("until:")) for w in words if w.startswith("until:")]
    if not words or any(_span_of(request, DAY)[0] >= day for day in lapses):
        return True
    member = (network.organisations or {}).get(request.member)
    mine = {request.member, network.group_of(request.member)} | set(member.roles if member else ())
    return bool(mine & set(words))


def choices(network: Network, request: Request, circuits: Sequence[Circuit], policy: Policy) -> list[tuple[Legs, ...]]:
    """Every grant of a request alone: multisets of columns."""
    ways = [
        legs
        for legs in columns(network, request, circuits, policy)
        if all(admitted(network, request, span) for leg in legs for span in leg)
    ]
    amounts = [0, *range(max(1, request.least), request.pairs + 1)]
    found: list[tuple[Legs, ...]] = []
    for n in amounts:
        for chosen in combinations_with_replacement(ways, n):
            if not request.same_route or len(set(chosen)) <= 1:
                found.append(chosen)
    return found


def awards_to_try(network: Network, requests: Iterable[Request], circuits: Sequence[Circuit], policy: Policy) -> int:
    """How many awards there are to try, feasible or not."""
    return prod(len(_options(network, r, circuits, policy)) for r in requests)


def every_award(
    network: Network, circuits: Sequence[Circuit], requests: Sequence[Request], policy: Policy, on: date
) -> list[dict]:
    """All feasible awards (A1 to A7): requests that are refused at the gate get nothing."""
    asks = sorted(requests, key=lambda r: r.id)
    return list(_feasible(network, circuits, asks, policy, on, requests))


def best_of(
    awards: Iterable[dict],
    network: Network,
    requests: Iterable[Request],
    policy: Policy,
    seed: str | None,
    circuits: Sequence[Circuit] = (),
) -> Best:
    """The best of the awards under B1 to B5, ties in the policy's order. `circuits` matter where live ones count."""
    asks = sorted(requests, key=lambda r: r.id)
    kept = max(awards, key=lambda grants: _key(network, asks, grants, policy, seed, circuits))
    fibre = {r.id: kept[r.id] for r in asks if r.is_fibre}
    room = {r.id: kept[r.id] for r in asks if not r.is_fibre}
    return Best(fibre, room, levels_of(network, asks, kept, policy, circuits))


def amounts(grants: dict) -> dict[str, int]:
    """Pairs or rack units of each request in an award."""
    return {r: len(grant) if isinstance(grant, tuple) else grant for r, grant in grants.items()}


def _options(network: Network, r: Request, circuits: Sequence[Circuit], policy: Policy) -> list:
    if r.is_fibre:
        return choices(network, r, circuits, policy)
    return list(range(r.rack_units + 1)) if r.partial else [0, r.rack_units]


def _span_of(r: Request, on: date) -> tuple[date, date]:
    return max(r.start or on, on), r.end or date.max


def _feasible(
    network: Network,
    circuits: Sequence[Circuit],
    asks: Sequence[Request],
    policy: Policy,
    on: date,
    everyone: Sequence[Request],
) -> Iterator[dict]:
    out = refused(network, asks, policy)
    options = [_options(network, r, circuits, policy) for r in asks]
    options = [(held[:1] if r.id in out else held) for r, held in zip(asks, options, strict=True)]
    days = sorted({_span_of(r, on)[0] for r in asks} | {_span_of(r, on)[1] for r in asks} - {date.max})
    days = sorted({*days, *(d for d in changes(network, circuits) if d > on)})
    for chosen in product(*options):
        grants = {r.id: c for r, c in zip(asks, chosen, strict=True)}
        if _conditions(network, asks, grants, everyone) and all(
            _fits(network, circuits, asks, grants, policy, on, day) for day in days
        ):
            yield grants


def refused(network: Network, requests: Iterable[Request], policy: Policy) -> dict[str, set[str]]:
    """Request -> why the gate refuses it: a member that is no user, a block larger than the policy lets it be (A6, A7)."""
    rows = list(requests)
    people = network.organisations
    out: dict[str, set[str]] = {}
    for r in rows:
        if people is not None and "user" not in people[r.member].roles:
            out.setdefault(r.id, set()).add("not_eligible")
        tie = (r.bundle, network.group_of(r.member))
        mates = [q for q in rows if r.bundle and (q.bundle, network.group_of(q.member)) == tie]
        block = sum(q.least for q in mates or [r] if q.is_fibre)
        if r.is_fibre and policy.block_max_pairs is not None and block > policy.block_max_pairs:
            out.setdefault(r.id, set()).add("block_size")
    return out


def changes(network: Network, circuits: Sequence[Circuit]) -> set[date]:
    """Days on which a span comes or goes or a circuit begins or ends."""
    days = {d for s in network.spans.values() for d in (s.ready_for_service, s.withdrawn_on) if d}
    return days | {d for c in circuits for d in (c.start, c.end) if d}


def _units(r: Request, grant: object, policy: Policy) -> int:
    if not r.is_fibre:
        return grant  # type: ignore[return-value]
    return len(grant) * (r.legs if policy.unit == "leg" else 1)  # type: ignore[arg-type]


def _amount(r: Request, grant: object) -> int:
    return len(grant) if r.is_fibre else grant  # type: ignore[arg-type,return-value]


def _conditions(network: Network, asks: Sequence[Request], grants: dict, everyone: Sequence[Request]) -> bool:
    parent = {r.id: r.alternative_of for r in everyone}

    def first(i: str) -> str:
        while parent.get(i):
            i = parent[i]
        return i

    families: dict[str, int] = {}
    bundles: dict[tuple[str, str], list[bool]] = {}
    for r in asks:
        on = _amount(r, grants[r.id]) > 0
        families[first(r.id)] = families.get(first(r.id), 0) + on
        if r.bundle:
            bundles.setdefault((network.group_of(r.member), r.bundle), []).append(on)
    asked = {r.id for r in asks}
    for r in everyone:
        if r.bundle and r.id not in asked:
            bundles.setdefault((network.group_of(r.member), r.bundle), []).append(False)
    return all(n <= 1 for n in families.values()) and all(len(set(v)) == 1 for v in bundles.values())


def _fits(
    network: Network,
    circuits: Sequence[Circuit],
    asks: Sequence[Request],
    grants: dict,
    policy: Policy,
    on: date,
    day: date,
) -> bool:
    active = [r for r in asks if _span_of(r, on)[0] <= day < _span_of(r, on)[1]]
    used: dict[str, int] = {}
    by_group: dict[tuple[str, str], int] = {}
    for r in active:
        if r.is_fibre:
            for legs in grants[r.id]:
                for leg in legs:
                    for s in leg:
                        used[s] = used.get(s, 0) + 1
                        key = (s, network.group_of(r.member))
                        by_group[key] = by_group.get(key, 0) + 1
    held = [c for c in circuits if c.holds_on(day)]
    for s, n in used.items():
        span = network.spans[s]
        in_service = span.in_service(day)
        live = sum(c.spans.count(s) for c in held)
        offered = (span.fibre_count - span.own_use - span.reserve - span.maintenance_spare - 2 * live) // 2
        if n > (offered if in_service else 0):
            return False
        before = {network.group_of(c.member) for c in circuits if c.holds_on(on) and s in c.spans}
        if policy.entrant_reserve_pairs:
            taken = sum(k for (sp, g), k in by_group.items() if sp == s and g in before)
            if taken > max(0, offered - policy.entrant_reserve_pairs):
                return False
        if policy.tranche_share:
            holders = {network.group_of(c.member) for c in circuits if c.holds_on(on)}
            taken = sum(k for (sp, g), k in by_group.items() if sp == s and g in holders)
            if taken > offered - int(policy.tranche_share * offered):
                return False
    for (s, group), n in by_group.items():
        span = network.spans[s]
        mine = sum(c.spans.count(s) for c in held if network.group_of(c.member) == group)
        if span.max_pairs_per_member is not None and n > max(0, span.max_pairs_per_member - mine):
            return False
        if policy.cap_share is not None:
            live = sum(c.spans.count(s) for c in held)
            offered = (span.fibre_count - span.own_use - span.reserve - span.maintenance_spare - 2 * live) // 2
            cap = max(policy.cap_floor_pairs, int(policy.cap_share * (offered + live)))
            if n > max(0, cap - mine):
                return False
    for node in network.nodes.values():
        room = [r for r in active if not r.is_fibre and r.node == node.id]
        taken_units = sum(c.rack_units for c in held if c.node == node.id)
        taken_watts = sum(c.power_w for c in held if c.node == node.id)
        if sum(grants[r.id] for r in room) > node.rack_units - node.rack_units_reserved - taken_units:
            return False
        if (
            sum(-(-r.power_w * grants[r.id] // r.rack_units) for r in room)
            > node.power_w - node.power_reserved_w - taken_watts
        ):
            return False
    return True


def _group_units(network: Network, asks: Sequence[Request], grants: dict, policy: Policy, kind: str) -> dict[str, int]:
    held: dict[str, int] = {}
    for r in asks:
        if r.kind == kind:
            g = network.group_of(r.member)
            held[g] = held.get(g, 0) + _units(r, grants[r.id], policy)
    return held


def base_units(
    network: Network, circuits: Sequence[Circuit], asks: Sequence[Request], policy: Policy, kind: str
) -> dict[str, int]:
    """Units that groups with an eligible request hold before the round, where the policy counts them."""
    out = refused(network, asks, policy)
    held = {network.group_of(r.member): 0 for r in asks if r.kind == kind and r.id not in out}
    for c in circuits if policy.count_live else ():
        group = network.group_of(c.member)
        if group in held and c.is_fibre == (kind == "fibre") and c.holds_on(DAY):
            held[group] += c.rack_units if not c.is_fibre else len(c.legs) if policy.unit == "leg" else 1
    return held


def levels_of(
    network: Network, asks: Sequence[Request], grants: dict, policy: Policy, circuits: Sequence[Circuit] = ()
) -> dict[str, list[int]]:
    """How many groups hold at least 1, 2, … units of each kind; `circuits` matter where live ones count."""
    result = {}
    for kind in ("fibre", "colocation"):
        held = Counter(_group_units(network, asks, grants, policy, kind))
        held.update(base_units(network, circuits, asks, policy, kind))
        counts: list[int] = []
        while not counts or counts[-1]:
            counts.append(sum(u > len(counts) for u in held.values()))
        result[kind] = counts
    return result


def _key(
    network: Network,
    asks: Sequence[Request],
    grants: dict,
    policy: Policy,
    seed: str | None,
    circuits: Sequence[Circuit],
) -> tuple:
    position = {s: n for n, s in enumerate(sorted(network.spans), 1)}

    def lot(g: str) -> str:
        return hashlib.sha256(f"{seed or ''}\n{g}".encode()).hexdigest()

    levels = levels_of(network, asks, grants, policy, circuits)
    lots = []
    for kind in ("fibre", "colocation"):
        held = _group_units(network, asks, grants, policy, kind)
        lots.append([held[g] for g in sorted(held, key=lot)])
    parent = {r.id: r.alternative_of for r in asks}

    def depth(i: str) -> int:
        return 1 + depth(parent[i]) if parent.get(i) else 0

    def first(i: str) -> str:
        return first(parent[i]) if parent.get(i) else i

    order = sorted(
        asks,
        key=lambda r: (lot(network.group_of(r.member)), r.rank is None, r.rank or 0, first(r.id), depth(r.id), r.id),
    )
    rank = [_units(r, grants[r.id], policy) for r in order]
    metres = positions = 0
    ids: list[tuple[str, ...]] = []
    for r in asks:
        if r.is_fibre:
            size = lambda legs: sum(network.length_m(leg) for leg in legs)  # noqa: E731
            for legs in sorted(grants[r.id], key=lambda legs: (size(legs), legs)):
                metres += size(legs)
                positions += sum(position[s] for leg in legs for s in leg)
                ids += [s for leg in legs for s in leg]
    smallest = [-position[s] for s in ids]
    ties = {"lot": lots, "rank": rank, "metres": -metres}
    return (levels["fibre"], levels["colocation"], *(ties[name] for name in policy.ties), -positions, smallest)
