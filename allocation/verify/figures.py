"""Every figure of an award that follows from its grants: recomputed, and compared to the last digit."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from allocation.request import Request
from allocation.verify.clauses import Grants, draws, room_draws
from allocation.verify.report import Report
from allocation.verify.world import World
from topology.quantities import as_thousands, three_places


def check_lines(world: World, award: Mapping[str, Any], report: Report) -> None:
    """The list of requests: each once, in order, with its own figures, and every circuit with its nodes, km and dB."""
    lines = award["requests"]
    said = [line["request"] for line in lines]
    if said != list(world.requests):
        lost = sorted(set(world.requests) - set(said))
        extra = sorted({s for s in said if s not in world.requests or said.count(s) > 1})
        place = f"request {(lost or extra or said)[0]}" if lost or extra or said else "requests"
        report.fail("figures", place, "The list of requests is not every request once, sorted by id.")
    for line in lines:
        if line["request"] in world.requests:
            _check_line(world, world.requests[line["request"]], line, report)


def _check_line(world: World, r: Request, line: Mapping[str, Any], report: Report) -> None:
    where = f"request {r.id}"
    for name, value in (("member", r.member), ("kind", r.kind), ("requested", r.wanted)):
        report.equal("figures", where, name, line[name], value)
    if not r.is_fibre:
        units = line["granted"]
        right = [{"node": r.node, "rack_units": units, "power_w": r.watts_for(units)}] if units else []
        report.equal("figures", where, "circuits", line["circuits"], right)
        return
    report.equal("figures", where, "number of circuits", len(line["circuits"]), line["granted"])
    order = []
    for number, circuit in enumerate(line["circuits"], 1):
        if "legs" not in circuit:
            report.fail("figures", f"{where} circuit {number}", "A fibre request holds colocation.")
            return
        legs = [tuple(leg["spans"]) for leg in circuit["legs"]]
        if any(s not in world.network.spans for leg in legs for s in leg):
            return  # said under A1
        order.append((sum(world.network.length_m(leg) for leg in legs), legs))
        for leg in circuit["legs"]:
            _check_leg(world, r, leg, f"{where} circuit {number}", report)
        own = [(world.network.length_m(leg), leg) for leg in legs]
        if own != sorted(own):
            report.fail("figures", f"{where} circuit {number}", "Its legs are not sorted by metres, then ids.")
    if order != sorted(order):
        report.fail("figures", where, "Its circuits are not sorted by metres, then ids.")


def _check_leg(world: World, r: Request, leg: Mapping[str, Any], where: str, report: Report) -> None:
    metres = world.network.length_m(leg["spans"])
    loss = world.policy.optics.loss_db(metres, r.wavelength_nm)
    report.equal("figures", where, "length_km", leg["length_km"], as_thousands(metres))
    report.equal("figures", where, "loss_db", leg["loss_db"], three_places(loss))
    try:
        nodes = list(world.network.nodes_of_leg(tuple(leg["spans"]), r.a))
    except ValueError:
        return  # said under A1
    report.equal("figures", where, "nodes", leg["nodes"], nodes)


def check_tables(world: World, grants: Grants, award: Mapping[str, Any], report: Report) -> None:
    """Members, totals, spans and nodes."""
    _compare(report, award["members"], members_table(world, grants), "member")
    _compare(report, award["spans"], spans_table(world, grants), "span")
    _compare(report, award["nodes"], nodes_table(world, grants), "node")
    right = totals(world, grants)
    for name in sorted(right.keys() | award["totals"].keys()):
        report.equal("figures", "totals", name, award["totals"].get(name), right.get(name))
    if "illustrative" in award:
        report.equal("figures", "illustrative", "illustrative", award["illustrative"], world.network.illustrative)
    report.looked_at("figures", "Every km, dB, count, total, member, span and node figure was recomputed and agrees.")


def _compare(report: Report, said: list[dict[str, Any]], right: list[dict[str, Any]], key: str) -> None:
    if [line[key] for line in said] != [line[key] for line in right]:
        report.fail("figures", f"{key}s", f"The list is not every {key} once, sorted by id.")
        return
    for one, two in zip(said, right, strict=True):
        for name in two:
            report.equal("figures", f"{key} {one[key]}", name, one[name], two[name])


def members_table(world: World, grants: Grants) -> list[dict[str, Any]]:
    """What each member asked for (eligible rows that are no alternative) and holds, in units."""
    table: dict[str, dict[str, Any]] = {}
    for r in world.requests.values():
        line = table.setdefault(
            r.member,
            {
                "member": r.member,
                "group": world.group(r),
                "eligible": world.in_standing(r.member),
                "requested": 0,
                "granted": 0,
                "rack_units_requested": 0,
                "rack_units_granted": 0,
            },
        )
        prefix = "" if r.is_fibre else "rack_units_"
        line[f"{prefix}granted"] += grants.of(r.id) * world.unit(r)
        if r.id not in world.refused and not r.alternative_of:
            line[f"{prefix}requested"] += r.wanted * world.unit(r)
    return [table[member] for member in sorted(table)]


def totals(world: World, grants: Grants) -> dict[str, int]:
    """Counts over the whole round."""
    rows = list(world.requests.values())
    fibre, room = [r for r in rows if r.is_fibre], [r for r in rows if not r.is_fibre]
    return {
        "requests": len(rows),
        "requests_granted_in_full": sum(grants.of(r.id) == r.wanted for r in rows),
        "requests_granted_in_part": sum(0 < grants.of(r.id) < r.wanted for r in rows),
        "requests_refused": sum(grants.of(r.id) == 0 for r in rows),
        "pairs_requested": sum(r.wanted for r in fibre),
        "pairs_granted": sum(grants.of(r.id) for r in fibre),
        "rack_units_requested": sum(r.wanted for r in room),
        "rack_units_granted": sum(grants.of(r.id) for r in room),
        "pair_metres": pair_metres(world, grants),
    }


def pair_metres(world: World, grants: Grants) -> int:
    """Rule B4: metres over all legs of all pairs."""
    return sum(world.network.length_m(leg) for routes in grants.routes.values() for legs in routes for leg in legs)


def positions(world: World, grants: Grants) -> int:
    """Rule B5: the sum of span positions, from 1 in the sorted list of ids."""
    place = {s: k for k, s in enumerate(sorted(world.network.spans), 1)}
    return sum(place[s] for routes in grants.routes.values() for legs in routes for leg in legs for s in leg)


def spans_table(world: World, grants: Grants) -> list[dict[str, Any]]:
    """Per span the instant at which least is left."""
    used: dict[tuple[str, date], int] = defaultdict(int)
    for row, pairs in draws(world, grants).items():
        if row.kind == "span":
            used[row.span, row.at] = pairs
    return [
        {"span": s, **_least_left((t, world.offered_pairs(s, t), used.get((s, t), 0)) for t in world.instants)}
        for s in world.network.spans
    ]


def nodes_table(world: World, grants: Grants) -> list[dict[str, Any]]:
    """Per node the instants at which least is left, of rack units and of watts."""
    used = room_draws(world, grants)
    return [
        {
            "node": n,
            **{
                name: _least_left((t, world.offered_room(n, t)[k], used.get((n, t), (0, 0))[k]) for t in world.instants)
                for k, name in enumerate(("rack_units", "power_w"))
            },
        }
        for n in world.network.nodes
    ]


def _least_left(steps: Iterable[tuple[date, int, int]]) -> dict[str, Any]:
    left, at, offered, granted = min((o - g, t, o, g) for t, o, g in steps)
    return {"offered": offered, "granted": granted, "left": left, "from": at.isoformat()}


# -- objectives -----------------------------------------------------------------------------------------------------


def group_units(world: World, grants: Grants, kind: str) -> dict[str, int]:
    """Group -> the units that it holds after the award, live ones included where the policy counts them."""
    held = {g: world.base_units.get((kind, g), 0) for g in world.groups(kind)}
    for r in world.eligible:
        if r.kind == kind:
            held[world.group(r)] += grants.of(r.id) * world.unit(r)
    return held


def drawn_order(seed: str | None, groups: Iterable[str]) -> list[str]:
    """Rule B2: ascending lower-case hex SHA-256 of UTF-8 seed, a line feed, and the group id."""

    def ticket(group: str) -> str:
        return hashlib.sha256(((seed or "") + "\n" + group).encode("utf-8")).hexdigest()

    return sorted(groups, key=lambda g: (ticket(g), g))


def rank_order(world: World, seed: str | None) -> list[Request]:
    """Rule B3: groups as drawn; within one by rank (empty last), a family where its first wish stands, then id."""
    place = {g: k for k, g in enumerate(drawn_order(seed, {world.group(r) for r in world.eligible}))}

    def key(r: Request) -> tuple[int, bool, int, str, int, str]:
        family, depth = world.family(r.id), len(world.wishes_before(r.id))
        return place[world.group(r)], r.rank is None, r.rank or 0, family, depth, r.id

    return sorted(world.eligible, key=key)


def objective_names(world: World) -> list[str]:
    """The order of objectives after the levels, as the policy has it."""
    names = {"lot": ["lot", "lot_colocation"], "rank": ["rank"], "metres": ["metres"]}
    return [name for tie in world.policy.ties for name in names[tie]] + ["positions"]


def objective_values(world: World, grants: Grants, seed: str | None) -> dict[str, Any]:
    """The value of every objective B2 to B5 at the award."""
    values: dict[str, Any] = {"metres": pair_metres(world, grants), "positions": positions(world, grants)}
    for name, kind in (("lot", "fibre"), ("lot_colocation", "colocation")):
        held = group_units(world, grants, kind)
        values[name] = [held[g] for g in drawn_order(seed, held)]
    values["rank"] = [grants.of(r.id) * world.unit(r) for r in rank_order(world, seed)]
    return values
