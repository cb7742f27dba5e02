"""A scenario's changes, applied: what is withdrawn and recalled, then what is built for that, then what is moved.

Strands that are taken back fall on the spare of the span first. Where live circuits no longer fit, those that began last
lose their strands there, ids breaking ties, until the rest fits. A circuit loses the leg that passes the span; one of two
legs goes on over the other. A withdrawn span takes the legs that pass it in the same way. Only what holds on the scenario's
date is looked at. (Rule H9 orders a recall with more facts than files have: what is lit, and what an offer is.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from scenarios.builds.candidates import Candidate
from scenarios.builds.planning import NO_CARBON, Carbon, carbon_of
from scenarios.builds.surviving import with_candidates
from scenarios.runs.loading import Loaded
from scenarios.runs.scenario import Scenario
from topology.model import Circuit, Network
from topology.offer import STRANDS_PER_PAIR
from topology.problems import bad_input

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Change:
    """One change in words, with the spans and circuits that it is about. `kind`: withdraw, recall, build, move, loss."""

    kind: str
    text: str
    spans: tuple[str, ...] = ()
    circuits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """The base after the changes. `lost`: circuits with no leg left; `fallen`: those that went on over one of two legs.

    `built`: what is built, `document`: the result `cni.builds/1` by which it was chosen (None where it was listed).
    """

    network: Network
    circuits: tuple[Circuit, ...]
    changes: tuple[Change, ...] = ()
    built: tuple[Candidate, ...] | None = None
    document: dict[str, Any] | None = None
    lost: tuple[Circuit, ...] = ()
    fallen: tuple[str, ...] = ()
    carbon: Carbon = NO_CARBON

    @property
    def carbon_kg(self) -> str | None:
        """Embodied carbon of what is built, kg CO2e with three places, of the candidates that have a figure; None if none has."""
        found = carbon_of(self.built or (), self.carbon)
        return str(found["kg"]) if len(self.built or ()) > found["without"] else None

    @property
    def cost_pence(self) -> int | None:
        """What is built costs, in pence."""
        return None if self.built is None else sum(c.cost_pence for c in self.built)


def apply(loaded: Loaded, progress: Progress | None = None) -> Changed:
    """The base of a scenario after its changes. Raises BadInput where a moved circuit finds no strands."""
    work = _Work(loaded)
    work.withdraw()
    work.recall()
    work.build(progress)
    work.move()
    work.settle()
    circuits = tuple(sorted((*work.held.values(), *work.others), key=lambda c: c.id))
    lost = tuple(work.lost[name] for name in sorted(work.lost))
    fallen = tuple(sorted(work.fallen))
    return Changed(work.network, circuits, tuple(work.said), work.built, work.document, lost, fallen, loaded.carbon)


@dataclass(slots=True)
class _Work:
    """The network and the circuits on their way."""

    loaded: Loaded
    network: Network = field(init=False)
    held: dict[str, Circuit] = field(init=False)
    others: list[Circuit] = field(init=False)
    said: list[Change] = field(default_factory=list)
    built: tuple[Candidate, ...] | None = None
    document: dict[str, Any] | None = None
    lost: dict[str, Circuit] = field(default_factory=dict)
    fallen: set[str] = field(default_factory=set)
    recalled: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        on = self.loaded.on
        self.network = self.loaded.network
        self.held = {c.id: c for c in self.loaded.circuits if c.holds_on(on)}
        self.others = [c for c in self.loaded.circuits if not c.holds_on(on)]

    @property
    def scenario(self) -> Scenario:
        return self.loaded.scenario

    def _span(self, name: str, **values: Any) -> None:
        spans = {**self.network.spans, name: replace(self.network.spans[name], **values)}
        self.network = replace(self.network, spans=spans)

    def withdraw(self) -> None:
        """Spans that are no longer there from the date on."""
        names = self.scenario.changes.withdraw
        for name in names:
            self._span(name, withdrawn_on=self.loaded.on)
        if names:
            self.said.append(Change("withdraw", f"withdrawn: {' '.join(names)}", names))

    def recall(self) -> None:
        """Strands that are the contributor's own from the date on."""
        for taken in self.scenario.changes.recalls:
            self.recalled.add(taken.span)
            recalls = dict(self.network.spans[taken.span].recalls)
            recalls[self.loaded.on] = recalls.get(self.loaded.on, 0) + taken.strands
            self._span(taken.span, recalls=tuple(sorted(recalls.items())))
            owner = self.network.spans[taken.span].owner
            said = f"{owner} takes back {taken.strands} strands of {taken.span}"
            self.said.append(Change("recall", said, (taken.span,)))

    def build(self, progress: Progress | None) -> None:
        """What is built: as listed, or as the question of the scenario decides on the network so far."""
        changes, options = self.scenario.changes, self.loaded.candidates
        if not changes.candidates:
            return
        chosen: Iterable[str] = changes.build
        from scenarios.builds.build import (  # loads solvers, which few scenarios need
            Plan,
            budget_document,
            build_document,
        )

        loaded, level = self.loaded, changes.level or "survives"
        plan = Plan(self.network, options, loaded.on, loaded.carbon, loaded.weights, loaded.weights_digest)
        if changes.budget is not None:
            goal, pence = changes.goal, changes.budget
            self.document = budget_document(plan, goal, pence, level=level, progress=progress)
        elif changes.level:
            self.document = build_document(plan, level, progress=progress)
        if self.document is not None:
            chosen = self.document["chosen"]
        built = {name: c for c in options if (name := c.id) in set(chosen)}
        self.built = tuple(built.values())
        self.network = with_candidates(self.network, self.built)
        said = f"built: {' '.join(built) or 'nothing'}"
        if self.document is not None and self.document["witness"]:
            said = f"nothing is built: {self.document['witness']['text']}"
        self.said.append(Change("build", said, tuple(built)))

    def move(self) -> None:
        """Circuits over other legs, all at once: one may take the strands that another leaves."""
        moves = self.scenario.changes.moves
        for moved in moves:
            for name in sorted({s for leg in moved.legs for s in leg}):
                if name not in self.network.spans or not self.network.spans[name].in_service(self.loaded.on):
                    raise self._no_room(f"{moved.circuit} cannot move over {name}, which is not in service.", name)
            legs = "|".join("+".join(leg) for leg in moved.legs)
            self.held[moved.circuit] = replace(self.held[moved.circuit], legs=moved.legs, strands=())
            spans = tuple(sorted({s for leg in moved.legs for s in leg}))
            self.said.append(Change("move", f"{moved.circuit} moves to {legs}", spans, (moved.circuit,)))
        over = self._over(sorted({s for moved in moves for leg in moved.legs for s in leg} - self.recalled))
        if over:
            name, lacks = next(iter(over.items()))
            raise self._no_room(f"{name} lacks {lacks} strands for the circuits that move there.", name)

    def _no_room(self, said: str, value: str) -> Exception:
        scenario = self.scenario
        line = scenario.line("changes", "moves")
        return bad_input(
            said, file=scenario.file, line=line, column="changes.moves", value=value, code="negative_spare"
        )

    def _over(self, names: Iterable[str]) -> Mapping[str, int]:
        """Span -> strands that lack on the date."""
        load = Counter(s for c in self.held.values() for s in c.spans)
        lacks = {}
        for name in names:
            span = self.network.spans[name]
            kept = span.own_use + span.reserve + span.maintenance_spare + span.recalled(self.loaded.on)
            lacks[name] = kept + STRANDS_PER_PAIR * load[name] - span.fibre_count
        return {name: short for name, short in lacks.items() if short > 0}

    def settle(self) -> None:
        """Take legs from circuits until what is withdrawn is empty and what is recalled fits."""
        losers: list[str] = []
        for name in self.scenario.changes.withdraw:
            losers += [c.id for c in self._newest_first(name)]
            for circuit in self._newest_first(name):
                self._lose(circuit, name)
        for name in sorted(self.recalled):
            while self._over([name]) and (there := self._newest_first(name)):
                losers.append(there[0].id)
                self._lose(there[0], name)
        if losers:
            names = tuple(dict.fromkeys(losers))
            one = [n for n in names if n in self.fallen]
            gone = [n for n in names if n in self.lost]
            parts = [f"{' '.join(gone)} with no leg left"] * bool(gone) + [f"{' '.join(one)} with one leg left"] * bool(
                one
            )
            self.said.append(Change("loss", f"circuits lose their strands: {'; '.join(parts)}", (), names))

    def _newest_first(self, span: str) -> list[Circuit]:
        on_it = [c for c in self.held.values() if span in c.spans]
        return sorted(on_it, key=lambda c: (-_day(c.start), c.id))

    def _lose(self, circuit: Circuit, span: str) -> None:
        legs = tuple(leg for leg in circuit.legs if span not in leg)
        if legs:
            self.held[circuit.id] = replace(circuit, legs=legs, strands=())
            self.fallen.add(circuit.id)
        else:
            self.lost[circuit.id] = self.held.pop(circuit.id)
            self.fallen.discard(circuit.id)


def _day(day: date) -> int:
    return day.toordinal()
