"""What of a scenario's result may be shown to whom: the network is cut first, and the figures are of what is left.

Members see spans and nodes by id, risk groups, circuits and members under codes; a list of double failures, worst first, is a
list of targets, so they get its counts only. The public gets counts only. Nobody below internal is told which nodes are key,
nor why a span is to be built. Sentences that the author of a scenario wrote (name, text, assumptions) are shown as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scenarios.runs.audience import FOR_MEMBERS, Codes, counted
from scenarios.runs.changes import Changed
from scenarios.runs.loading import Loaded
from topology.canonical import digest_of
from topology.files.json_form import network_to_json


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
            said = [counted(len(ids), what) for ids, what in counts if ids]
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


SAID: Mapping[str, Callable[[tuple[str, ...], tuple[str, ...]], str]] = {
    "withdraw": lambda spans, circuits: f"withdrawn: {counted(len(spans), 'span')}",
    "recall": lambda spans, circuits: "a contributor takes strands of a span back",
    "build": lambda spans, circuits: f"built: {counted(len(spans), 'span')}",
    "move": lambda spans, circuits: "a circuit moves to other spans",
    "loss": lambda spans, circuits: f"lose their strands: {counted(len(circuits), 'circuit')}",
}


def cut_for(loaded: Loaded, changed: Changed, audience: str) -> Cut:
    """A scenario after its changes, cut for an audience."""
    if audience == "internal":
        return Cut(loaded, changed)
    codes = Codes(changed.network, audience, digest_of(network_to_json(loaded.network)))
    circuits = codes.circuits(loaded.circuits)
    network = codes.network(loaded.circuits)
    event = None if loaded.event is None else codes.event(loaded.event)
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
        codes.left_out(loaded.circuits),
    )
