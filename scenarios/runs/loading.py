"""What scenario files name, read: networks, circuits, candidates and polygons, each once; every dangling id is a fault."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from scenarios.builds.candidates import Candidate, read_candidates
from scenarios.builds.planning import NO_CARBON, Carbon, read_carbon, read_weights
from scenarios.builds.surviving import with_candidates
from scenarios.failures import events
from scenarios.failures.events import Event
from scenarios.failures.polygons import Ring, read_rings
from scenarios.runs.scenario import Moved, Scenario
from topology.files.circuits import read_circuits
from topology.files.references import near
from topology.formats.exchange import read
from topology.legs import ends, walk
from topology.model import Circuit, Network
from topology.problems import BadInput, Problem, Problems


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario with its base. `event` is what fails, resolved on the base with all candidates; None where nothing does."""

    scenario: Scenario
    network: Network
    circuits: tuple[Circuit, ...]
    on: date
    candidates: tuple[Candidate, ...]
    event: Event | None
    rings: tuple[Ring, ...] = ()
    weights: Mapping[str, int] = field(default_factory=dict)
    weights_digest: str = ""
    carbon: Carbon = NO_CARBON


def load(scenarios: Iterable[Scenario], today: date) -> tuple[tuple[Loaded, ...], tuple[Problem, ...]]:
    """Every scenario with what it names, and the remarks on the files. `today` stands where neither file nor network has a date.

    Raises BadInput with the faults of all files.
    """
    shelf = _Shelf()
    loaded = [_load(scenario, shelf, today) for scenario in scenarios]
    shelf.found.raise_errors()
    return tuple(item for item in loaded if item is not None), shelf.found.remarks


class _Shelf:
    """Files that were read, by what they are and where; the faults of all, each once."""

    def __init__(self) -> None:
        self.found = Problems()
        self.held: dict[tuple[Any, ...], Any] = {}

    def get(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """What a file holds; None where it cannot be used, which is said once."""
        if key not in self.held:
            self.held[key] = None
            try:
                self.held[key] = make()
            except BadInput as error:
                self.found.found += error.problems
        return self.held[key]

    def pair(self, key: tuple[Any, ...], make: Callable[[], tuple[Any, tuple[Problem, ...]]]) -> Any:
        """The same for what comes with remarks."""

        def remember() -> Any:
            value, remarks = make()
            self.found.found += (p for p in remarks if p.level != "note" and p not in self.found.found)
            return value

        return self.get(key, remember)


@contextmanager
def _in_file(scenario: Scenario, table: str, key: str, found: Problems) -> Iterator[None]:
    """Faults of what is done with a key's value get the key's place."""
    try:
        yield
    except BadInput as error:
        line, column = scenario.line(table, key), f"{table}.{key}"
        found.found += (replace(p, file=scenario.file, line=line, column=column) for p in error.problems)


def _load(scenario: Scenario, shelf: _Shelf, today: date) -> Loaded | None:
    where = (scenario.folder / scenario.network).resolve()
    network: Network | None = shelf.pair(("network", where), lambda: read(where))
    rings = tuple(_rings(scenario, shelf))
    if network is None:
        return None
    base = network
    circuits: tuple[Circuit, ...] | None = ()
    if scenario.circuits:
        path = (scenario.folder / scenario.circuits).resolve()
        circuits = shelf.pair(("circuits", path, where), lambda: read_circuits(path, base))
    candidates: tuple[Candidate, ...] | None = ()
    if scenario.changes.candidates:
        path = (scenario.folder / scenario.changes.candidates).resolve()
        candidates = shelf.pair(("candidates", path, where), lambda: read_candidates(path, base))
    weighed, carbon = _plan(scenario, base, where, shelf)
    if circuits is None or candidates is None or weighed is None or carbon is None or None in rings:
        return None
    whole = with_candidates(network, candidates)
    _check_changes(scenario, network, whole, candidates, circuits, shelf.found)
    event = _event(scenario, whole, tuple(r for found in rings for r in found), shelf.found)
    on = scenario.on or network.as_of or today
    for move in scenario.changes.moves:
        _check_move(scenario, move, whole, circuits, on, shelf.found)
    flat = tuple(r for found in rings for r in found)
    return Loaded(scenario, network, circuits, on, candidates, event, flat, weighed[0], weighed[1], carbon)


def _plan(scenario: Scenario, network: Network, where: Path, shelf: _Shelf) -> tuple[Any, Any]:
    """The weights with the digest of their file, and the rates of carbon; defaults where no file is named."""
    weighed: Any = ({}, "")
    carbon: Any = NO_CARBON
    if scenario.changes.weights:
        weights_path = (scenario.folder / scenario.changes.weights).resolve()

        def weights() -> tuple[Any, tuple[Problem, ...]]:
            found, digest, remarks = read_weights(weights_path, network)
            return (found, digest), remarks

        weighed = shelf.pair(("weights", weights_path, where), weights)
    if scenario.changes.carbon:
        carbon_path = (scenario.folder / scenario.changes.carbon).resolve()
        carbon = shelf.pair(("carbon", carbon_path), lambda: read_carbon(carbon_path))
    return weighed, carbon


def _rings(scenario: Scenario, shelf: _Shelf) -> Iterator[Any]:
    for name in scenario.event.polygons:
        path = (scenario.folder / name).resolve()
        yield shelf.get(("polygon", path), lambda path=path: read_rings(path))  # type: ignore[misc]


def _event(scenario: Scenario, whole: Network, rings: Iterable[Ring], found: Problems) -> Event | None:
    """What fails. An id that there is not is a fault at its key."""
    named = scenario.event
    if not named.names_something:
        return None
    parts: list[Event] = []
    for key in ("spans", "nodes", "risk_groups"):
        with _in_file(scenario, "event", key, found):
            parts.append(events.make_event(whole, **{key: getattr(named, key)}))
    for owner in named.contributors:
        with _in_file(scenario, "event", "contributors", found):
            parts.append(events.withdrawal_event(whole, owner))
    parts += [events.area_event(whole, float(a.lat), float(a.lon), float(a.km)) for a in named.areas]
    parts += [events.polygon_event(whole, ring) for ring in rings]
    return events.together(*parts)


def _check_changes(
    scenario: Scenario,
    network: Network,
    whole: Network,
    candidates: Iterable[Candidate],
    circuits: Iterable[Circuit],
    found: Problems,
) -> None:
    changes = scenario.changes
    known: Mapping[str, object] = {c.id: c for c in candidates}

    def dangling(key: str, what: str, name: str, names: Mapping[str, object]) -> bool:
        if name in names:
            return False
        found.add(
            f"There is no {what} {name}.",
            file=scenario.file,
            line=scenario.line("changes", key),
            column=f"changes.{key}",
            value=name,
            hint=near(name, names),
            code="dangling",
        )
        return True

    for name in changes.build:
        dangling("build", "candidate", name, known)
    for name in changes.withdraw:
        dangling("withdraw", "span", name, network.spans)
    taken: dict[str, int] = {}
    for recall in changes.recalls:
        if not dangling("recalls", "span", recall.span, network.spans):
            taken[recall.span] = taken.get(recall.span, 0) + recall.strands
    for name, strands in taken.items():
        span = network.spans[name]
        most = span.fibre_count - span.own_use - span.reserve - span.maintenance_spare - sum(s for _, s in span.recalls)
        if strands > most:
            found.add(
                f"{name} has {most} strands that its contributor offers; {strands} cannot be taken back.",
                file=scenario.file,
                line=scenario.line("changes", "recalls"),
                column="changes.recalls",
                value=str(strands),
            )


def _check_move(
    scenario: Scenario, move: Moved, whole: Network, circuits: Iterable[Circuit], on: date, found: Problems
) -> None:
    """A circuit that holds on the date, over continuous legs between the nodes that it joins today."""
    held = {c.id: c for c in circuits if c.is_fibre and c.holds_on(on)}

    def say(text: str, value: str, code: str = "bad_value", hint: str = "") -> None:
        line = scenario.line("changes", "moves")
        found.add(text, file=scenario.file, line=line, column="changes.moves", value=value, code=code, hint=hint)

    circuit = held.get(move.circuit)
    if circuit is None:
        said = f"No fibre circuit {move.circuit} holds on {on}."
        say(said, move.circuit, "dangling", near(move.circuit, held))
    unknown = sorted({s for leg in move.legs for s in leg} - whole.spans.keys())
    for name in unknown:
        say(f"There is no span {name}.", name, "dangling", near(name, whole.spans))
    if unknown:
        return
    for leg in move.legs:
        try:
            nodes = walk(whole, leg)
        except ValueError as error:
            say(str(error), "+".join(leg), "broken_leg")
            continue
        if circuit is not None and {nodes[0], nodes[-1]} != set(joins := ends(whole, circuit)):
            said = f"{move.circuit} joins {joins[0]} and {joins[1]}; this leg joins {nodes[0]} and {nodes[-1]}."
            say(said, "+".join(leg), "broken_leg")
