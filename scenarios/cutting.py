"""What of a scenario's result may be shown to whom: the network is cut first, and the figures are of what is left.

Members see spans and nodes by id, risk groups, circuits and members under codes; a list of double failures, worst first, is a
list of targets, so they get its counts only. The public gets counts only. Nobody below internal is told which nodes are key,
nor why a span is to be built. Sentences that the author of a scenario wrote (name, text, assumptions) are shown as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scenarios.changes import Changed
from scenarios.events import Event, broken_by
from scenarios.loading import Loaded
from topology.canonical import digest_of
from topology.disclosure import View, disclosed, named
from topology.formats.json_form import network_to_json
from topology.model import Circuit, Network, Organisation


@dataclass(frozen=True, slots=True)
class Cut:
    """A scenario as an audience may see it. `left_out`: what is not in the figures, with a sentence that says so."""

    loaded: Loaded
    changed: Changed
    audience: str = "internal"
    left_out: dict[str, Any] | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is left out."""
        return self.audience == "internal"

    def event_json(self) -> dict[str, Any] | None:
        """What fails, by id; None where nothing does, and for the public."""
        hidden = self.loaded.event is None or self.audience == "public"
        return None if hidden or self.loaded.event is None else self.loaded.event.as_json()

    def event_text(self) -> str:
        """What fails, in words; below internal how much of what the audience sees."""
        event, named_ = self.loaded.event, self.loaded.scenario.event
        if event is None:
            return ""
        if not self.whole:
            counts = ((event.spans, "span"), (event.nodes, "node"), (event.risk_groups, "risk group"))
            said = [_counted(len(ids), what) for ids, what in counts if ids]
            return ", ".join(said) or "nothing that this audience sees"
        parts = [("span", named_.spans), ("node", named_.nodes), ("risk group", named_.risk_groups)]
        said = [f"{what} {name}" for what, names in parts for name in names]
        said += [f"all that {name} owns" for name in named_.contributors]
        said += [f"{a.km} km around {a.lat}, {a.lon}" for a in named_.areas]
        return "; ".join([*said, *(f"the area of {name}" for name in named_.polygons)])

    def changes_json(self) -> list[dict[str, Any]]:
        """What is otherwise; below internal without ids."""
        return [
            {
                "kind": c.kind,
                "text": c.text if self.whole else SAID[c.kind](c.spans, c.circuits),
                "spans": [] if self.audience == "public" else list(c.spans),
                "circuits": list(c.circuits) if self.whole else [],
            }
            for c in self.changed.changes
        ]

    def shown(self, key: str, document: dict[str, Any] | None) -> dict[str, Any] | None:
        """A document of the result: whole, with what members may see, or for the public not at all."""
        if self.whole or document is None:
            return document
        return None if self.audience == "public" else FOR_MEMBERS[key](document)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


SAID: Mapping[str, Callable[[tuple[str, ...], tuple[str, ...]], str]] = {
    "withdraw": lambda spans, circuits: f"withdrawn: {_counted(len(spans), 'span')}",
    "recall": lambda spans, circuits: "a contributor takes strands of a span back",
    "build": lambda spans, circuits: f"built: {_counted(len(spans), 'span')}",
    "move": lambda spans, circuits: "a circuit moves to other spans",
    "loss": lambda spans, circuits: f"lose their strands: {_counted(len(circuits), 'circuit')}",
}


def _sweep(document: dict[str, Any]) -> dict[str, Any]:
    singles = [{k: v for k, v in e.items() if k != "key_pairs"} for e in document["events"] if len(e["event"]) == 1]
    return {**document, "events": singles, "together": []}


def _availability(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "key_pairs": [], "order_changes": {**document["order_changes"], "key_pairs": []}}


def _build(document: dict[str, Any]) -> dict[str, Any]:
    """What is built and its cost, decided on the whole network; not why, which names risk groups and key nodes."""
    shown = {**document, "inputs": {}, "reasons": [], "witness": None}
    for key in ("curve", "alternatives"):
        shown[key] = [{k: v for k, v in row.items() if k != "chosen"} for row in document.get(key) or ()]
    return {**shown, "class": document.get("class") and {**document["class"], "members": []}}


FOR_MEMBERS: Mapping[str, Callable[[dict[str, Any]], dict[str, Any] | None]] = {
    "fail": lambda document: {**document, "key_pairs_lost": []},
    "sweep": _sweep,
    "availability": _availability,
    "weak_points": lambda document: {**document, "commercial": {**document["commercial"], "key_pairs": []}},
    "build": _build,
}


def cut_for(loaded: Loaded, changed: Changed, audience: str) -> Cut:
    """A scenario after its changes, cut for an audience."""
    if audience == "internal":
        return Cut(loaded, changed)
    codes = _Codes(changed.network, audience)
    circuits = codes.circuits(loaded.circuits)
    network = codes.network(loaded.circuits)
    event = None if loaded.event is None else codes.event(loaded.event)
    left = changed.network.nodes.keys() - codes.nodes.keys(), changed.network.spans.keys() - codes.spans.keys()
    gone = {"nodes": len(left[0]), "spans": len(left[1]), "circuits": len(loaded.circuits) - len(circuits)}
    said = ", ".join(_counted(count, what[:-1]) for what, count in gone.items())
    risk = ", without shared risk: no measure of the whole spine" if audience == "public" else ""
    who = {"member": "members", "public": "the public"}[audience]
    text = f"Figures are of what {who} may see, at default failure rates{risk}. Left out: {said}."
    return Cut(
        replace(loaded, network=network, circuits=circuits, event=event),
        replace(
            changed,
            network=network,
            circuits=codes.circuits(changed.circuits),
            lost=codes.circuits(changed.lost),
            changes=tuple(replace(c, spans=tuple(s for s in c.spans if s in codes.spans)) for c in changed.changes),
            document=changed.document and {**changed.document, "chosen": codes.seen(changed.document["chosen"])},
            fallen=tuple(c.id for c in codes.circuits(c for c in loaded.circuits if c.id in changed.fallen)),
        ),
        audience,
        {**gone, "text": text},
    )


@dataclass(slots=True)
class _Codes:
    """The ids that an audience sees, of nodes and spans that it sees at all, and codes for the rest."""

    whole: Network
    audience: str
    view: View = field(init=False)
    cut: Network = field(init=False)
    nodes: dict[str, str] = field(init=False)
    spans: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.view = View(self.whole, self.audience, None, {}, digest_of(network_to_json(self.whole)))
        self.cut = disclosed(self.whole, self.audience)
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
