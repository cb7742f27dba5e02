"""Connection reports and splice schedules: what a field crew needs to put a circuit on the glass, as `cni.sheet/1`.

Per circuit and leg: the spans in order with the tube, place and colours of both strands; the port at each end; a splice per
strand at every node between, straight where the number stays the same; the expected loss at 1310 and 1550 nm by the
policy's figures. Per node: every port and splice there, over all circuits.

Ports: at the end of a leg each strand ends on the frame of its span, at the port of its number, written `SPAN/NUMBER`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from itertools import pairwise
from typing import Any

from topology.about import SOFTWARE
from topology.disclosure import coder, disclosed
from topology.files.references import near
from topology.legs import walk
from topology.model import Circuit, Network, StrandPair
from topology.offer import inputs_of
from topology.optics import WAVELENGTHS_NM, Optics
from topology.problems import bad_input
from topology.quantities import as_thousands, three_places
from topology.strands.laying import Pairs, StrandPlan, crossings, not_neighbours, plan_strands

Json = dict[str, Any]
ANOTHER = "another-member"
"""Stands for a member whose circuit is shown under a code."""


def sheet_document(
    network: Network,
    circuits: Iterable[Circuit],
    on: date,
    *,
    circuit: str = "",
    node: str = "",
    member: str = "",
    optics: Optics | None = None,
    audience: str = "internal",
) -> Json:
    """The sheets of one circuit, of every circuit at one node, or of all: those that hold on a date or begin later.

    With `member` only circuits of that member's group are shown. All circuits are laid, whichever are shown, so that each
    shows the same strands every time. Audience `member` sees what the table of `disclosure` lets members see of spans and
    nodes, and codes for the circuits of others; a circuit over something that its owner hides is left out. Raises BadInput for an unknown node, and for a circuit that is unknown, is no fibre,
    has ended, or is another member's; and for a member that holds no circuit.
    """
    live = tuple(sorted(circuits, key=lambda c: c.id))
    current = [c for c in live if c.is_fibre and (c.end is None or c.end > on)]
    if member:
        current = [c for c in current if network.group_of(c.member) == network.group_of(member)]
        _check_member(network, live, member)
    _check_asked(network, live, [c.id for c in current], circuit, node)
    plan = plan_strands(network, live)
    shown = [c for c in current if circuit in ("", c.id) and (not node or _passes(network, c, node))]
    glass = optics or Optics()
    seen = disclosed(network, audience, (member or None) if audience == "member" else None)
    code = coder(network, audience)
    names = {c.id: c.id if audience == "internal" or member else code(c.id) for c in shown}
    kept = sorted((c for c in shown if _wholly_in(seen, c)), key=lambda c: names[c.id])
    sheets = [_circuit(seen, plan, c, names[c.id], glass) for c in kept]
    return {
        "schema": "cni.sheet/1",
        "software": SOFTWARE,
        "inputs": inputs_of(network, live),
        "on": on.isoformat(),
        "illustrative": network.illustrative,
        "network": network.name,
        "node": node or None,
        "for": member or None,
        "disclosure": audience,
        "colours": {
            "code": plan.code.name,
            "sequence": list(plan.code.sequence),
            "strands_per_tube": plan.code.per_tube,
        },
        "circuits": sheets,
        "nodes": _nodes(seen, sheets, node),
        "unplaced": [
            {"circuit": names[k.circuit], "leg": k.leg + 1, "span": k.span}
            for k in plan.lacking
            if k.circuit in {c.id for c in kept}
        ],
    }


def _check_asked(network: Network, live: Iterable[Circuit], current: Collection[str], circuit: str, node: str) -> None:
    if node and node not in network.nodes:
        text = f"There is no node {node}."
        raise bad_input(text, file="--node", value=node, hint=near(node, network.nodes), code="unknown_id")
    if circuit and circuit not in current:
        held = {c.id: c for c in live}
        if circuit not in held:
            text = f"There is no circuit {circuit}."
            raise bad_input(text, file="CIRCUIT", value=circuit, hint=near(circuit, held), code="unknown_id")
        text = f"Circuit {circuit} has ended, is no fibre, or is another member's; there is no sheet of it here."
        raise bad_input(text, file="CIRCUIT", value=circuit, code="no_sheet", hint="--on looks at another date.")


def _check_member(network: Network, live: Iterable[Circuit], member: str) -> None:
    held = {network.group_of(c.member): c for c in live} | {c.member: c for c in live}
    if network.group_of(member) not in held:
        text = f"{member} holds no circuit."
        raise bad_input(text, file="--for", value=member, hint=near(member, held), code="unknown_id")


def _passes(network: Network, circuit: Circuit, node: str) -> bool:
    return any(node in (network.spans[s].start, network.spans[s].end) for s in circuit.spans)


def _wholly_in(network: Network, circuit: Circuit) -> bool:
    """Whether everything that a circuit passes is there."""
    return all(span in network.spans for span in circuit.spans)


def _circuit(network: Network, plan: StrandPlan, circuit: Circuit, name: str, optics: Optics) -> Json:
    first = walk(network, circuit.legs[0])[0]
    return {
        "circuit": name,
        "member": circuit.member if name == circuit.id else ANOTHER,
        "start": circuit.start.isoformat(),
        "end": circuit.end.isoformat() if circuit.end else None,
        "recorded": bool(circuit.strands),
        "legs": [_leg(network, plan, circuit, number, first, optics) for number in range(len(circuit.legs))],
    }


def _leg(network: Network, plan: StrandPlan, circuit: Circuit, number: int, first: str, optics: Optics) -> Json:
    leg = circuit.legs[number]
    nodes, forward = walk(network, leg), True
    if nodes[0] != first and nodes[-1] == first:  # the second leg is shown from the same end as the first
        forward = False
    pairs = plan.placed.get((circuit.id, number))
    if not forward:
        leg, nodes, pairs = leg[::-1], nodes[::-1], pairs[::-1] if pairs else None
    metres = network.length_m(leg)
    made: Json = {
        "leg": number + 1,
        "a": nodes[0],
        "b": nodes[-1],
        "nodes": list(nodes),
        "length_km": as_thousands(metres),
        "loss_db": {str(w): three_places(optics.loss_db(metres, w)) for w in WAVELENGTHS_NM},
        "placed": pairs is not None,
        "cross_splices": crossings(pairs) if pairs else 0,
        "not_neighbours": list(not_neighbours(leg, pairs, plan.code)) if pairs else [],
        "spans": [
            _span(network, plan, span, nodes[i : i + 2], pairs[i] if pairs else ()) for i, span in enumerate(leg)
        ],
        "ports": [],
        "splices": [],
    }
    if pairs:
        made["ports"] = [_port(plan, nodes[0], leg[0], pairs[0]), _port(plan, nodes[-1], leg[-1], pairs[-1])]
        made["splices"] = _splices(plan, nodes[1:-1], leg, pairs)
    return made


def _span(network: Network, plan: StrandPlan, span: str, ends: tuple[str, ...], pair: StrandPair | tuple[()]) -> Json:
    return {
        "span": span,
        "name": network.spans[span].name,
        "from": ends[0],
        "to": ends[1],
        "length_km": as_thousands(network.spans[span].length_m),
        "fibre_count": network.spans[span].fibre_count,
        "strands": [_strand(plan, n) for n in pair],
    }


def _strand(plan: StrandPlan, number: int) -> Json:
    name = plan.code.strand(number)
    return {
        "number": number,
        "tube": name.tube,
        "tube_colour": name.tube_colour,
        "place": name.place,
        "colour": name.colour,
    }


def _port(plan: StrandPlan, node: str, span: str, pair: StrandPair) -> Json:
    return {"node": node, "span": span, "ports": [{"port": f"{span}/{n}", **_strand(plan, n)} for n in pair]}


def _splices(plan: StrandPlan, nodes: Iterable[str], leg: tuple[str, ...], pairs: Pairs) -> list[Json]:
    found = []
    for node, spans, (before, after) in zip(nodes, pairwise(leg), pairwise(pairs), strict=True):
        for one, other in zip(before, after, strict=True):
            ends = {"from": _strand(plan, one), "to": _strand(plan, other)}
            found.append({"node": node, "span_in": spans[0], "span_out": spans[1], **ends, "straight": one == other})
    return found


def _nodes(network: Network, sheets: Iterable[Json], only: str) -> list[Json]:
    """Ports and splices by node, in the order of spans and strands there."""
    table: dict[str, tuple[list[Json], list[Json]]] = {}
    for sheet in sheets:
        for leg in sheet["legs"]:
            who = {"circuit": sheet["circuit"], "leg": leg["leg"]}
            for port in leg["ports"]:
                ports = table.setdefault(port["node"], ([], []))[0]
                ports += [{**who, "span": port["span"], **each} for each in port["ports"]]
            for splice in leg["splices"]:
                table.setdefault(splice["node"], ([], []))[1].append({**who, **splice})
    return [
        {
            "node": node,
            "name": network.nodes[node].name,
            "ports": sorted(ports, key=lambda p: (p["span"], p["number"], p["circuit"])),
            "splices": sorted(splices, key=lambda s: (s["span_in"], s["from"]["number"], s["circuit"], s["leg"])),
        }
        for node, (ports, splices) in sorted(table.items())
        if only in ("", node)
    ]
