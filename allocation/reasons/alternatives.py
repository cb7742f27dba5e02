"""Rule D4: the nearest thing that is free after the award, taken alone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from allocation.reasons.audit import Audit
from allocation.request import DIVERSITY, Request
from allocation.solving.instance import Ask, interval
from topology.quantities import as_thousands, three_places
from topology.routing.graph import SearchLimitError, distances


def nearest_alternative(audit: Audit, request: Request) -> dict[str, Any] | None:
    """The first of: fewer pairs, a longer limit, lower diversity, a later start, another end node; None where none is free."""
    if not request.is_fibre:
        return _fewer_units(audit, request)
    for step in (_fewer, _longer, _lower, _later, _other_end):
        found = step(audit, request)
        if found is not None:
            return found
    return None


def _shown(request: Request, change: str, pairs: int, **over: Any) -> dict[str, Any]:
    return {
        "change": change,
        "pairs": pairs,
        "diversity": over.get("diversity", request.diversity),
        "max_km": over.get("max_km", None if request.max_m is None else as_thousands(request.max_m)),
        "max_loss_db": over.get(
            "max_loss_db", None if request.max_loss_db is None else three_places(request.max_loss_db)
        ),
        "start": over.get("start", request.start.isoformat() if request.start else None),
        "a": request.a,
        "b": over.get("b", request.b),
    }


def _increment(audit: Audit, request: Request) -> int:
    return 1 if audit.granted.get(request.id, 0) else request.least


def _fewer(audit: Audit, request: Request) -> dict[str, Any] | None:
    ask = audit.ask_of[request.id]
    if audit.granted.get(request.id, 0) or (request.least == 1 and not request.bundle):
        return None
    for pairs in range(request.pairs if request.bundle else request.least - 1, 0, -1):
        if audit.fits([(ask, pairs)]):
            return _shown(request, "fewer_pairs" if pairs < request.pairs else "without_bundle", pairs)
    return None


def _fewer_units(audit: Audit, request: Request) -> dict[str, Any] | None:
    ask = audit.ask_of[request.id]
    held = audit.granted.get(request.id, 0)
    if held or (request.partial and not request.bundle):
        return None
    partial = replace(ask, request=replace(request, partial=True))
    for units in range(request.rack_units if request.bundle else request.rack_units - 1, 0, -1):
        if audit.fits([(partial, units)]):
            return {
                "change": "fewer_rack_units" if units < request.rack_units else "without_bundle",
                "pairs": units,
                "diversity": None,
                "max_km": None,
                "max_loss_db": None,
                "start": request.start.isoformat() if request.start else None,
                "a": request.node,
                "b": None,
            }
    return None


def _longer(audit: Audit, request: Request) -> dict[str, Any] | None:
    """The longer limit that needs least: the least length of the longer leg over what is left, by halving."""
    if request.max_m is None and request.max_loss_db is None:
        return None
    ask, units = audit.ask_of[request.id], _increment(audit, request)
    free = replace(request, max_m=None, max_loss_db=None)

    def fits(limit: int | None) -> bool:
        return _fits(audit, ask, replace(free, max_m=limit), units)

    if not fits(None):
        return None
    low = audit.limit_m(request, ()) or 0
    high = sum(audit.everyone.graph.length_m)
    if low >= high or fits(low):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if fits(middle):
            high = middle
        else:
            low = middle
    over: dict[str, Any] = {}
    if request.max_m is not None:
        over["max_km"] = as_thousands(max(high, request.max_m))
    if request.max_loss_db is not None:
        loss = audit.everyone.policy.optics.loss_db(high, request.wavelength_nm)
        over["max_loss_db"] = three_places(max(Decimal(request.max_loss_db), _up(loss)))
    return _shown(request, "longer_limit", units, **over)


def _up(loss: Decimal) -> Decimal:
    """The least three-place decimal that is not below a loss."""
    return Decimal(-((-loss * 1000) // 1)) / 1000 if loss * 1000 % 1 == 0 else Decimal(int(loss * 1000) + 1) / 1000


def _lower(audit: Audit, request: Request) -> dict[str, Any] | None:
    ask, units = audit.ask_of[request.id], _increment(audit, request)
    for level in reversed(DIVERSITY[: DIVERSITY.index(request.diversity)]):
        if _fits(audit, ask, replace(request, diversity=level), units):
            return _shown(request, "lower_diversity", units, diversity=level)
    return None


def _fits(audit: Audit, ask: Ask, changed: Request, units: int) -> bool:
    """Whether the changed request fits alone, with the rows of the ask that it stands for."""
    changed = replace(changed, same_route=False, bundle="")
    space = None if ask.space is None else ask.space
    try:
        return audit.fits([(replace(ask, request=changed, space=space), units)])
    except SearchLimitError:
        return False


def _later(audit: Audit, request: Request) -> dict[str, Any] | None:
    """The earliest later start, among the days on which anything changes, from which it is free to the same end."""
    ask, units = audit.ask_of[request.id], _increment(audit, request)
    start, end = interval(request, audit.everyone.on)
    rows = audit.everyone.rows
    for at in sorted({row.start for row in rows if start < row.start < end}):
        kept = tuple(
            tuple(r for r in of_span if rows[r].start >= at) for of_span in audit.everyone.profiles[ask.profile]
        )
        later = replace(audit.everyone, profiles=[*audit.everyone.profiles, kept])
        moved = replace(ask, request=replace(request, start=at), profile=len(later.profiles) - 1)
        if replace(audit, everyone=later, _usable={}).fits([(moved, units)]):
            return _shown(request, "later_start", units, start=at.isoformat())
    return None


def _other_end(audit: Audit, request: Request) -> dict[str, Any] | None:
    """Another node instead of b: the nearest to b by metres of route in the whole network, then by id, that is free."""
    ask, units = audit.ask_of[request.id], _increment(audit, request)
    graph = audit.everyone.graph
    numbers = {n: k for k, n in enumerate(graph.node_ids)}
    spans = [s for s in audit.usable(ask) if audit.lacks(ask, s, 1, frozenset()) == (0, False)]
    reachable = distances(graph.adjacency(spans), graph.length_m, numbers[request.a])
    away = distances(graph.adjacency(), graph.length_m, numbers[request.b])
    for _, node in sorted((away[k], graph.node_ids[k]) for k in reachable if k in away):
        if node not in (request.a, request.b) and _fits(audit, ask, replace(request, b=node), units):
            return _shown(request, "other_end", units, b=node)
    return None
