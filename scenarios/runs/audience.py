"""What of a network, its circuits and the results on them may be shown to whom: the inputs are cut first, and computed on after.

Members see spans and nodes by id, risk groups, circuits and members under codes; a list of double failures, worst first, is a
list of targets, so they get its counts only. Nobody below internal is told which nodes are key, nor why a span is to be built.
What the public may see of a result is counts (`cutting.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scenarios.failures.events import Event, broken_by
from topology.canonical import digest_of
from topology.disclosure import View, disclosed, named
from topology.files.json_form import network_to_json
from topology.model import Circuit, Network, Organisation


def counted(count: int, what: str) -> str:
    """A count with its word: 1 span, 2 spans."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


@dataclass(frozen=True, slots=True)
class Seen:
    """A network and its circuits as an audience may see them. `left_out`: what is not there, with a sentence that says so."""

    network: Network
    circuits: tuple[Circuit, ...]
    audience: str = "internal"
    left_out: dict[str, Any] | None = None

    def shown(self, key: str, document: dict[str, Any]) -> dict[str, Any]:
        """A result on it with what the audience may see, and the audience named. `key`: fail, sweep, discs, availability, …"""
        if self.audience == "internal":
            return document
        return {**FOR_MEMBERS[key](document), "disclosure": self.audience, "left_out": self.left_out}


def seen_by(network: Network, circuits: Iterable[Circuit], audience: str) -> Seen:
    """A network and its circuits, cut for an audience."""
    live = tuple(circuits)
    if audience == "internal":
        return Seen(network, live)
    codes = Codes(network, audience)
    return Seen(codes.network(live), codes.circuits(live), audience, codes.left_out(live))


def _sweep(document: dict[str, Any]) -> dict[str, Any]:
    singles = [{k: v for k, v in e.items() if k != "key_pairs"} for e in document["events"] if len(e["event"]) == 1]
    return {**document, "events": singles, "together": []}


def _availability(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "key_pairs": [], "order_changes": {**document["order_changes"], "key_pairs": []}}


def _build(document: dict[str, Any]) -> dict[str, Any]:
    """What is built and its cost, decided on the whole network; not why, which names risk groups and key nodes."""
    shown = {**document, "inputs": {}, "reasons": [], "witness": None}
    if document.get("class"):
        shown["class"] = {**document["class"], "members": []}
    return shown


def _discs(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "discs": [{**disc, "key_pairs": []} for disc in document["discs"]]}


FOR_MEMBERS: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "fail": lambda document: {**document, "key_pairs_lost": []},
    "sweep": _sweep,
    "discs": _discs,
    "availability": _availability,
    "weak_points": lambda document: {**document, "commercial": {**document["commercial"], "key_pairs": []}},
    "build": _build,
}


@dataclass(slots=True)
class Codes:
    """The ids that an audience sees, of nodes and spans that it sees at all, and codes for the rest.

    `key`: the digest of the network by whose codes things are called, where `whole` is a later state of it.
    """

    whole: Network
    audience: str
    key: str = ""
    view: View = field(init=False)
    cut: Network = field(init=False)
    nodes: dict[str, str] = field(init=False)
    spans: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        key = self.key or digest_of(network_to_json(self.whole))
        self.view = View(self.whole, self.audience, None, {}, key)
        self.cut = disclosed(self.whole, self.audience, key=key)
        nodes = {n: self.view.node_id(n) for n in self.whole.nodes}
        by_id = self.audience == "member"
        spans = {s.id: s.id if by_id or named(s) else self.view.code("s", s.id) for s in self.whole.spans.values()}
        self.nodes = {name: code for name, code in nodes.items() if code in self.cut.nodes}
        self.spans = {name: code for name, code in spans.items() if code in self.cut.spans}

    def network(self, circuits: Iterable[Circuit]) -> Network:
        """The cut network to compute on: key nodes count although nobody is told which they are; members under codes."""
        key = {code for name, code in self.nodes.items() if self.whole.nodes[name].key}
        nodes = [replace(n, key=n.id in key) for n in self.cut.nodes.values()]
        members = {c.member for c in circuits}
        organisations = [Organisation(self._member(m), group=self._member(self.whole.group_of(m))) for m in members]
        made = Network.build(nodes, self.cut.spans.values(), self.cut.risk_groups.values(), organisations)
        return replace(self.cut, nodes=made.nodes, organisations=made.organisations)

    def left_out(self, circuits: Iterable[Circuit]) -> dict[str, Any]:
        """How many nodes, spans and circuits are not seen, and a sentence that says so."""
        whole = tuple(circuits)
        nodes, spans = self.whole.nodes.keys() - self.nodes.keys(), self.whole.spans.keys() - self.spans.keys()
        gone = {"nodes": len(nodes), "spans": len(spans), "circuits": len(whole) - len(self.circuits(whole))}
        said = ", ".join(counted(count, what[:-1]) for what, count in gone.items())
        risk = ", without shared risk: no measure of the whole spine" if self.audience == "public" else ""
        who = {"member": "members", "public": "the public"}[self.audience]
        return {**gone, "text": f"Figures are of what {who} may see, at default failure rates{risk}. Left out: {said}."}

    def seen(self, spans: Iterable[str]) -> list[str]:
        """The ids of those spans that are seen, as they are seen."""
        return [self.spans[s] for s in spans if s in self.spans]

    def _member(self, name: str) -> str:
        return self.view.code("m", name)

    def circuits(self, circuits: Iterable[Circuit]) -> tuple[Circuit, ...]:
        """The circuits of which all spans, or the node, are seen, under codes."""
        made = []
        for c in circuits:
            if all(s in self.spans for s in c.spans) and (c.is_fibre or c.node in self.nodes):
                legs = tuple(tuple(self.spans[s] for s in leg) for leg in c.legs)
                node = self.nodes[c.node] if c.node else ""
                code, member = self.view.code("c", c.id), self._member(c.member)
                made.append(Circuit(code, member, c.start, c.end, legs, node, c.rack_units, c.power_w))
        return tuple(sorted(made, key=lambda c: c.id))

    def event(self, event: Event) -> Event:
        """The event in what is seen: by codes of groups where groups are seen, else by what they break."""
        if self.audience == "member":
            groups = (self.view.code("g", g) for g in event.risk_groups)
            spans, nodes = event.spans, event.nodes
            seen = tuple(sorted(g for g in groups if g in self.cut.risk_groups))
        else:
            broken = broken_by(self.whole, event)
            spans, nodes, seen = tuple(broken.spans), tuple(broken.nodes), ()
        return Event(
            tuple(sorted(self.spans[s] for s in spans if s in self.spans)),
            tuple(sorted(self.nodes[n] for n in nodes if n in self.nodes)),
            seen,
        )
