"""Integer flows over all routes: the last step of a search, exact where inequalities leave a gap.

Two programmes. *Merged flows* hold plain asks from one node as one flow and diverse asks between the same ends as one; they are small and
know no limits and risk groups. *Own flows* hold each ask by itself with everything that binds it. Where the first has no solution, nothing
better exists; where it has one that can be routed, that is the new award; else the second decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from allocation.solving.flows import FlowModel
from allocation.solving.linear import Answer, Linear, Terms, solve_mip, value_of
from allocation.solving.merged_flows import MergedFlows

if TYPE_CHECKING:
    from allocation.solving.search import Search

NEAR = 10**4
"""Row weights are whole parts of this when routes are left out by what they cost a level."""

UNKNOWN = 1 << 40
"""A bound where nothing was proved."""


def flow_bound(search: Search, objective: Terms, bound: int) -> int:
    """A bound by integer flows over all routes; adopts what is found."""
    while search.value(objective) < bound:
        here = search.value(objective)
        merged = _merged_flows(search, objective, here + 1)
        if merged is None:
            return min(bound, _own_flows(search, objective))
        if merged.infeasible:
            return here
        if merged.values is None or not _route_by_flows(search, search.core.grants(merged.values)):
            return min(bound, _own_flows(search, objective))
    return bound


def _merged_flows(search: Search, objective: Terms, at_least: int) -> Answer | None:
    """Grants that bring the objective to `at_least` and can be routed as merged flows, or the proof that none can.

    None where the programme would be too large. Merged flows know no limits and risk groups, so they may find too much.
    """
    model = MergedFlows(search.core)
    if len(model.linear.low) > search.effort.arcs:
        return None
    _trim(search, model.linear, objective)
    model.linear.row(objective, low=at_least)
    answer = solve_mip(model.linear, {}, nodes=search.effort.flow_nodes, seconds=search.seconds_left())
    search.check_stop()
    return answer


def _trim(search: Search, linear: Linear, objective: Terms) -> None:
    """No group needs more units than its marks, unless the objective or a condition speaks of them.

    Giving up the rest keeps every level and the objective, so whether it can be reached does not change.
    """
    core = search.core
    for group in search.instance.groups("fibre"):
        asks = search.instance.asks_of("fibre", group)
        named = any(core.x[a.number] in objective for a in asks)
        if named or any(a.least > 1 or a.request.bundle for a in asks):
            continue
        base = core.base("fibre", group)
        marks = {mark: -1 for (kind, g, k), mark in core.y.items() if (kind, g) == ("fibre", group) and k > base}
        linear.row({**core.units("fibre", group), **marks}, high=max(a.unit for a in asks) - 1)


def _route_by_flows(search: Search, target: Sequence[int]) -> bool:
    """Route given grants in integers over all routes, and adopt them where that works."""
    if search.route(target):
        return True
    everywhere = {n: spans if target[n] else frozenset[int]() for n, spans in _everywhere(search).items()}
    if FlowModel.size(search.core, everywhere) > search.effort.arcs:
        return False
    model = FlowModel.of(search.core, target)
    answer = solve_mip(model.linear, {}, nodes=search.effort.flow_nodes, seconds=search.seconds_left())
    if answer.values is None:
        return False
    search.adopt_flows(model, answer.values)
    return True


def _own_flows(search: Search, objective: Terms) -> int:
    """A bound by one flow for each ask, limits and risk groups included, over the routes a better award could use."""
    here = search.value(objective)
    near = _near(search, objective, here + 1)
    if near is None:
        return here
    if FlowModel.size(search.core, near) > search.effort.arcs:
        return UNKNOWN
    model = FlowModel.of(search.core, near=near)
    answer = solve_mip(model.linear, objective, nodes=search.effort.flow_nodes, seconds=search.seconds_left())
    search.check_stop()
    if answer.infeasible:
        return UNKNOWN
    if answer.values is not None and value_of(objective, answer.values) > here:
        search.adopt_flows(model, answer.values)
    return max(here, answer.bound) if answer.bound is not None else UNKNOWN


def _everywhere(search: Search) -> dict[int, frozenset[int]]:
    """All spans that each ask could use."""
    spaces = ((ask.number, ask.space) for ask in search.instance.asks if ask.space is not None)
    return {n: frozenset(s for _, _, spans in space.chains for s in spans) for n, space in spaces}


def _near(search: Search, objective: Terms, at_least: int) -> dict[int, frozenset[int]] | None:
    """The spans that each ask could use in an award that brings the objective to `at_least`; None where none can.

    With row weights w, an award's objective is at most U less the excess of its ways: U is the greatest objective less least
    weights, plus w × capacities (Lagrange); an excess is a way's weight less its ask's least.
    """
    spaces = [(ask.number, ask.profile, ask.space) for ask in search.instance.asks if ask.space is not None]
    everywhere = _everywhere(search)
    if search.relaxation.maximise(objective, search.stop) is None:
        return everywhere
    core, instance = search.core, search.instance
    weights = {row: w for row, d in search.relaxation.duals.items() if (w := round(d * NEAR)) > 0}
    priced = [instance.span_weights(profile, weights) for profile in range(len(instance.profiles))]
    least: dict[int, int] = {}
    gain = {v: NEAR * c for v, c in objective.items()}
    for number, profile, space in spaces:
        found = space.cheapest(priced[profile])
        if found is not None:
            least[number] = found[0]
            gain[core.x[number]] = gain.get(core.x[number], 0) - found[0]
    answer = search.master.maximise(gain, effort=search.effort.master, seconds=search.seconds_left())
    if answer.bound is None:
        return everywhere
    slack = answer.bound + sum(w * instance.rows[row].capacity for row, w in weights.items()) - NEAR * at_least
    if slack < 0:
        return None
    return {
        n: space.near(priced[profile], least[n] + slack) if n in least else frozenset() for n, profile, space in spaces
    }
