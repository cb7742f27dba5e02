"""Rule D3: who holds what a request lacks, shown by a feasible award that gives it more; `fair_share` by a proof that none does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allocation.request import Request
from allocation.verify.clauses import Grants, check_clauses
from allocation.verify.figures import group_units
from allocation.verify.lifts import HOLDERS
from allocation.verify.report import Report, shown
from allocation.verify.world import World

WITNESSED = ("own_rank", "drawn_lot", "shorter_routes")


def said_codes(award: Mapping[str, Any]) -> dict[str, str]:
    """Request id -> its code of rule D3, where it has one."""
    return {
        line["request"]: reason["code"]
        for line in award["requests"]
        for reason in line["reasons"]
        if reason["code"] in HOLDERS
    }


def check_witnesses(world: World, grants: Grants, award: Mapping[str, Any], report: Report) -> None:
    """Every `own_rank`, `drawn_lot` and `shorter_routes` has a witness that keeps every clause and shows just that."""
    held = _by_request(award["evidence"].get("witnesses"))
    for request, code in said_codes(award).items():
        if code not in WITNESSED or request not in world.requests:
            continue
        entry = held.get(request)
        where = f"request {request}"
        if entry is None or entry.get("code") != code:
            report.fail("D3", where, f"{code} is said, and the evidence has no witness of it.")
            continue
        other = read_grants(world, entry.get("award"))
        if isinstance(other, str):
            report.fail("D3", where, f"The witness of {code} cannot be read: {other}")
        elif check_clauses(world, other, report, label=f"witness of {request}, "):
            _shows(world, grants, other, world.requests[request], code, report)
    report.looked_at("D3", "Each own_rank, drawn_lot and shorter_routes is shown by a feasible award in the evidence.")


def _by_request(value: object) -> dict[str, Mapping[str, Any]]:
    entries = value if isinstance(value, list) else []
    return {str(e["request"]): e for e in entries if isinstance(e, dict) and isinstance(e.get("request"), str)}


def read_grants(world: World, value: object) -> Grants | str:
    """An award of the evidence as grants, or what is wrong with it."""
    granted: dict[str, int] = {}
    routes: dict[str, tuple[tuple[tuple[str, ...], ...], ...]] = {}
    for entry in value if isinstance(value, list) else [None]:
        if not isinstance(entry, dict) or not isinstance(entry.get("request"), str):
            return f"{shown(entry)} is no grant."
        name, units, circuits = entry["request"], entry.get("granted"), entry.get("circuits")
        if name not in world.requests or name in granted or type(units) is not int or units < 1:
            return f"{shown(entry)} is no grant."
        if not isinstance(circuits, list) or not all(_is_circuit(c) for c in circuits):
            return f"the circuits of {name} are no lists of legs."
        granted[name] = units
        if circuits:
            routes[name] = tuple(tuple(tuple(leg) for leg in c) for c in circuits)
    if any(not world.requests[name].is_fibre for name in routes):
        return "a colocation has legs."
    return Grants(granted, routes)


def _is_circuit(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(leg, list) and all(isinstance(span, str) for span in leg) for leg in value
    )


def _shows(world: World, grants: Grants, other: Grants, r: Request, code: str, report: Report) -> None:
    """Whether the other award gives the request more, and leaves alone what the code says it leaves alone."""
    where = f"request {r.id}"
    if other.of(r.id) <= grants.of(r.id):
        report.fail("D3", where, f"The witness of {code} does not give it more.")
    if code == "own_rank":
        group = world.group(r)
        changed = [
            q.id for q in world.requests.values() if world.group(q) != group and other.of(q.id) != grants.of(q.id)
        ]
        if changed:
            report.fail("D3", where, f"The witness of own_rank changes {changed[0]}, of another group.")
        for kind in ("fibre", "colocation"):
            held, before = group_units(world, other, kind), group_units(world, grants, kind)
            if held.get(group) != before.get(group):
                report.fail("D3", where, f"The witness of own_rank changes the {kind} units of its group.")
    elif level_counts(world, other) != level_counts(world, grants):
        report.fail("D3", where, f"The witness of {code} has other level counts.")


def level_counts(world: World, grants: Grants) -> dict[str, list[int]]:
    """Kind -> the units of all groups, in falling order: equal lists are equal level counts."""
    return {kind: sorted(group_units(world, grants, kind).values(), reverse=True) for kind in ("fibre", "colocation")}
