"""Everything that is held: the newest network and every circuit with what happened to it, read in one go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from allocation.policy import Deadlines
from cni.rounds import circuits, life, members, networks
from cni.rounds.act import Act
from cni.rounds.circuits import EVERY, Scope, Standing
from cni.rounds.lifecycle import LAPSED, OFFERED, following_id, state_on
from cni.rounds.networks import Held
from cni.store.audit import Change
from cni.store.engine import reading
from cni.store.schema import ANNULLED, round_
from topology.files.references import near
from topology.model import Circuit, Network
from topology.problems import bad_input


@dataclass(frozen=True, slots=True)
class Holdings:
    """The newest network, every circuit with its events by id, all rounds, and the newest that was not annulled."""

    held: Held
    standings: Mapping[str, Standing]
    rounds: Mapping[str, life.Round]
    newest: life.Round | None

    @property
    def default(self) -> Deadlines:
        """The deadlines of the newest round that was not annulled, else the plain ones."""
        return self.newest.policy.deadlines if self.newest else Deadlines()

    @property
    def network(self) -> Network:
        """The newest version of the spine."""
        return self.held.network

    def find(self, circuit_id: str) -> Standing:
        """One circuit. Raises BadInput for an unknown id."""
        found = self.standings.get(circuit_id)
        if found is None:
            said, hint = "there is no such circuit.", near(circuit_id, self.standings)
            raise bad_input(said, file="CIRCUIT", value=circuit_id, hint=hint, code="unknown_id")
        return found

    def others(self, *left_out: str) -> tuple[Circuit, ...]:
        """Every circuit that holds anything on some day, without those named."""
        return tuple(c for c in self.held.circuits if c.id not in left_out)

    def deadlines(self, standing: Standing) -> Deadlines:
        """The deadlines of the round that a circuit comes from; of the newest round where it comes from a file (rule H3)."""
        found = self.rounds.get(standing.round or "")
        return found.policy.deadlines if found else self.default

    def is_final(self, standing: Standing) -> bool:
        """Whether no appeal can touch a circuit any more: its round is final, or it comes from a file."""
        found = self.rounds.get(standing.round or "")
        return found is None or found.state == "final"

    def following(self, circuit_id: str, letter: str) -> str:
        """A free id for the circuit that follows on one."""
        return following_id(circuit_id, letter, self.standings.keys())


def load(connection: Connection, scope: Scope = EVERY) -> Holdings:
    """All that is held as things are now, or what a scope asks for. Raises BadInput where no network was imported."""
    held, every = networks.with_standings(connection, scope=scope)
    ids = connection.execute(select(round_.c.round).order_by(round_.c.audit)).scalars().all()
    rounds = {name: life.get(connection, name, whole=False) for name in ids}
    newest = next((r for r in reversed(list(rounds.values())) if r.state != ANNULLED), None)
    return Holdings(held, {s.circuit.id: _with_round(s, rounds) for s in every}, rounds, newest)


def _with_round(standing: Standing, rounds: Mapping[str, life.Round]) -> Standing:
    """The offer's last day as an override may have moved it since: an override never makes it earlier."""
    found = rounds.get(standing.round or "")
    if found is None or standing.accept_by is None or standing.origin != "award":
        return standing
    offered = next(e.at for e in standing.events if e.kind == OFFERED)
    if offered is None:
        return standing
    moved = found.calendar.accept_by(offered)
    return standing if moved <= standing.accept_by else replace(standing, accept_by=moved)


def read(engine: Engine, scope: Scope = EVERY) -> Holdings:
    """As `load`."""
    with reading(engine) as connection:
        return load(connection, scope)


def read_of_group(engine: Engine, member: str, scope: Scope) -> Holdings:
    """As `load`, of the circuits of one member's group."""
    with reading(engine) as connection:
        registered = members.current(connection)
        group = next((o.group or o.id for o in registered if o.id == member), member)
        mine = frozenset({member, *(o.id for o in registered if (o.group or o.id) == group)})
        return load(connection, replace(scope, members=mine))


def record_lapses(change: Change, act: Act, found: Holdings) -> tuple[Standing, ...]:
    """Record every offer that has run out, within a change; returns them (rule H2)."""
    due = tuple(due_lapses(found.standings.values(), act.at))
    for standing in due:
        assert standing.accept_by is not None
        circuits.happen(change, standing.circuit.id, LAPSED, standing.accept_by.date(), {})
    return due


def due_lapses(standings: Iterable[Standing], at: datetime) -> list[Standing]:
    """Offers that have run out and of which that is not on record yet, by id."""
    return [
        s
        for s in standings
        if state_on(s, at) == LAPSED and not any(e.kind == LAPSED for e in s.events) and s.accept_by is not None
    ]
