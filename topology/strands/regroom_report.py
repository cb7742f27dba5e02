"""What a regroom says, as `cni.regroom/1`: the route, what is free on it, the moves, and the route that needs none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from topology.about import SOFTWARE
from topology.files.strand_cells import overlap
from topology.legs import walk
from topology.model import Circuit, Leg, Network
from topology.offer import inputs_of
from topology.problems import bad_input
from topology.quantities import as_thousands
from topology.routing.disjoint import find_routes
from topology.routing.routes_report import route_json, with_spare
from topology.strands.laying import StrandPlan, crossings, plan_strands, with_strands
from topology.strands.regroom import STRAIGHT, Proposal, continuous, propose


def regroom_document(network: Network, circuits: Iterable[Circuit], a: str, b: str, on: date) -> dict[str, Any]:
    """`cni.regroom/1` for the shortest route from `a` to `b` over spans with a spare pair in service on a date.

    `pairs` is null where no continuous pair is free as things lie; then `other_route` is the shortest route that has one.
    Else it is that pair: nothing need move, and the proposal, if there is one, is of moves that save it crossed splices.
    Raises BadInput as `find_routes`.
    """
    live = tuple(circuits)
    if a in network.nodes and b in network.nodes and (gone := [n for n in (a, b) if n not in network.at(on).nodes]):
        raise bad_input(f"The node {gone[0]} is not in service.", value=gone[0], code="unknown_id")
    answer = find_routes(with_spare(network, live, on), a, b)
    head = {
        "schema": "cni.regroom/1",
        "software": SOFTWARE,
        "inputs": inputs_of(network, live),
        "on": on.isoformat(),
        "illustrative": network.illustrative,
        "a": a,
        "b": b,
        "route": None,
        "pairs": None,
        "proposals": [],
        "other_route": None,
        "certificate": route_json(answer)["certificate"],
    }
    if not answer.routes:
        return head
    leg = answer.routes[0].spans
    plan = plan_strands(network, [c for c in live if c.end is None or c.end > on])
    free = continuous(plan, leg, on)
    if free is None:
        proposals = propose(network, live, leg, on)
    else:
        better = propose(network, live, leg, on, (STRAIGHT,)) if crossings(free) else ()
        proposals = tuple(
            p for p in better if crossings(p.pairs) + p.crossed_after < crossings(free) + p.crossed_before
        )
    return {
        **head,
        "route": route_json(answer)["routes"][0],
        "free": [{"span": s, "strands": plan.free(s, on, None)} for s in leg],
        "pairs": [list(pair) for pair in free] if free else None,
        "cross_splices": crossings(free) if free else None,
        "proposals": [_proposal_json(network, p, leg) for p in proposals],
        "other_route": None if free else _other_route(network, plan, live, (a, b), on),
    }


def regroomed(
    network: Network, circuits: Iterable[Circuit], document: Mapping[str, Any], goal: str
) -> tuple[Circuit, ...] | None:
    """The circuits with the strands that they have once a proposal of a regroom is carried out; None where there is none.

    Of two proposals the one with that `goal`. Every circuit that is or will be live is recorded where it lies, so that none
    comes to lie on the pair that was freed. An ended circuit loses its record where a moved one would overlap it: strands are
    recorded for a whole term, and the moved one was elsewhere then.
    """
    proposals = document["proposals"]
    if not proposals:
        return None
    chosen = next((p for p in proposals if p["goal"] == goal), proposals[0])
    on = date.fromisoformat(document["on"])
    every = tuple(circuits)
    live = tuple(c for c in every if c.end is None or c.end > on)
    after = {(m["circuit"], m["leg"] - 1, m["span"]): m["after"] for m in chosen["moves"]}
    laid = {c.id: _moved(c, after) for c in with_strands(live, plan_strands(network, live))}
    held = [laid[name] for name in chosen["circuits"]]
    return tuple(laid.get(c.id) or _unless_taken(c, held) for c in every)


def _moved(circuit: Circuit, after: Mapping[tuple[str, int, str], Iterable[int]]) -> Circuit:
    legs = []
    for number, (leg, pairs) in enumerate(zip(circuit.legs, circuit.strands, strict=False)):
        there = (after.get((circuit.id, number, span), pair) for span, pair in zip(leg, pairs, strict=True))
        legs.append(tuple((one, other) for one, other in there))
    return replace(circuit, strands=tuple(legs))


def _unless_taken(circuit: Circuit, moved: Iterable[Circuit]) -> Circuit:
    mine = set(_strands_of(circuit))
    taken = any(overlap(circuit, other) and not mine.isdisjoint(_strands_of(other)) for other in moved)
    return replace(circuit, strands=()) if taken else circuit


def _strands_of(circuit: Circuit) -> Iterator[tuple[str, int]]:
    """Each (span, strand) that is recorded for a circuit."""
    for leg, pairs in zip(circuit.legs, circuit.strands, strict=False):
        yield from ((span, strand) for span, pair in zip(leg, pairs, strict=True) for strand in pair)


def _other_route(
    network: Network, plan: StrandPlan, live: Iterable[Circuit], ends: tuple[str, str], on: date
) -> dict[str, Any] | None:
    """The shortest route over spans with two neighbouring free strands; None where there is none."""
    spare = with_spare(network, live, on)
    kept = {s: span for s, span in spare.spans.items() if continuous(plan, (s,), on)}
    answer = find_routes(replace(spare, spans=kept), *ends)
    if not answer.routes:
        return None
    pairs = continuous(plan, answer.routes[0].spans, on)
    assert pairs is not None
    return {
        **route_json(answer)["routes"][0],
        "pairs": [list(p) for p in pairs],
        "cross_splices": crossings(pairs),
    }


def _proposal_json(network: Network, proposal: Proposal, leg: Leg) -> dict[str, Any]:
    return {
        "goal": proposal.goal,
        "pairs": [list(pair) for pair in proposal.pairs],
        "cross_splices": crossings(proposal.pairs),
        "circuits": list(proposal.circuits),
        "splices": proposal.splices,
        "cross_splices_of_moved": {"before": proposal.crossed_before, "after": proposal.crossed_after},
        "length_km": as_thousands(network.length_m(leg)),
        "nodes": list(walk(network, leg)),
        "moves": [
            {
                "circuit": m.circuit,
                "leg": m.leg + 1,
                "span": m.span,
                "before": list(m.before),
                "after": list(m.after),
            }
            for m in proposal.moves
        ],
    }
