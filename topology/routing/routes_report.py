"""Routes for many pairs of nodes as a document, with what would lift a certificate and a second look at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from topology.about import SOFTWARE
from topology.model import Circuit, Network
from topology.offer import inputs_of, spare_pairs
from topology.optics import Optics
from topology.problems import BadInput, Problems
from topology.quantities import as_thousands, three_places
from topology.routing.certificates import recheck
from topology.routing.disjoint import Certificate, RouteAnswer, check_ends, find_routes, with_lifts
from topology.routing.diversity import shared_all_the_same
from topology.routing.quick_pairs import PairFinder


def with_spare(network: Network, circuits: Iterable[Circuit], on: date) -> Network:
    """The spine in service on a date, only the spans that have a spare pair."""
    spare = spare_pairs(network, circuits, on)
    here = network.at(on)
    return replace(here, spans={s: span for s, span in here.spans.items() if spare[s] > 0})


def routes_document(
    network: Network,
    pairs: Iterable[tuple[str, str]],
    on: date,
    diversity: str = "none",
    *,
    max_m: int | None = None,
    optics: Optics | None = None,
    spare: bool = False,
    circuits: Iterable[Circuit] = (),
    again: bool = False,
) -> dict[str, Any]:
    """`cni.routes/1` for pairs of nodes, in the order given, over what is in service `on` a date (`spare`: and has spare).

    With `again` every certificate is checked once more by `topology.routing.certificates`, which knows nothing of the search.

    Raises `BadInput` as `find_routes`. A node that is known but not in service is an answer: not joined.
    """
    live = tuple(circuits)
    wanted = tuple(pairs)
    problems = Problems()
    for a, b in wanted:
        try:
            check_ends(network, a, b, diversity)
        except BadInput as error:
            problems.found += error.problems
    problems.raise_errors()
    here = with_spare(network, live, on) if spare else network.at(on)
    finder = PairFinder(here)
    answers = [_answer(finder, a, b, diversity, max_m, optics) for a, b in wanted]
    return {
        "schema": "cni.routes/1",
        "software": SOFTWARE,
        "inputs": inputs_of(network, live if spare else None),
        "on": on.isoformat(),
        "illustrative": network.illustrative,
        "spare": spare,
        "pairs": [{**route_json(answer), **_told_with(here, answer, max_m, again)} for answer in answers],
    }


def _answer(
    finder: PairFinder, a: str, b: str, diversity: str, max_m: int | None, optics: Optics | None
) -> RouteAnswer:
    gone = tuple(n for n in (a, b) if n not in finder.number)
    if gone:
        text = f"{' and '.join(gone)} {'is' if len(gone) == 1 else 'are'} not in service."
        return RouteAnswer(a, b, diversity, certificate=Certificate("cut", nodes=gone, text=text))
    answer = find_routes(finder.network, a, b, diversity, max_m, optics, finder=finder)
    return with_lifts(finder, answer, max_m)


def _told_with(network: Network, answer: RouteAnswer, max_m: int | None, again: bool) -> dict[str, Any]:
    """What the legs share although they are diverse at their level, and the second look at a certificate."""
    told: dict[str, Any] = {"shared": [], "rechecked": None}
    if len(answer.routes) == 2:
        one, other = (route.spans for route in answer.routes)
        items = shared_all_the_same(network, answer.a, answer.b, (one, other))
        told["shared"] = [{"kind": kind, "id": name} for kind, name in items]
    reason = answer.certificate
    if again and reason is not None:
        seen = recheck(
            network,
            (answer.a, answer.b),
            answer.diversity,
            reason.kind,
            spans=reason.spans,
            nodes=reason.nodes,
            risk_groups=reason.risk_groups,
            max_m=max_m,
        )
        told["rechecked"] = {"verdict": seen.verdict, "text": seen.text}
    return told


def cause_json(reason: Certificate) -> dict[str, Any]:
    """Why there is no route or no pair, without what would lift it."""
    return {
        "kind": reason.kind,
        "spans": list(reason.spans),
        "nodes": list(reason.nodes),
        "risk_groups": list(reason.risk_groups),
        "text": reason.text,
    }


def route_json(answer: RouteAnswer) -> Mapping[str, Any]:
    """One pair of `cni.routes/1`."""
    reason = answer.certificate
    return {
        "a": answer.a,
        "b": answer.b,
        "diversity": answer.diversity,
        "routes": [
            {
                "spans": list(r.spans),
                "nodes": list(r.nodes),
                "length_km": as_thousands(r.length_m),
                "loss_db": three_places(r.loss_db),
            }
            for r in answer.routes
        ],
        "total_km": as_thousands(answer.total_m) if answer.routes else None,
        "exempt": [{"kind": kind, "id": name} for kind, name in answer.exempt],
        "certificate": None
        if reason is None
        else {
            **cause_json(reason),
            "lifts": [
                {"risk_groups": list(lift.risk_groups), "total_km": as_thousands(lift.total_m)} for lift in reason.lifts
            ],
        },
    }
