"""The spine in the database: each import appends a numbered version of the network and its live circuits."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType

from sqlalchemy import Connection, Engine, select

from cni.rounds import circuits as circuits_of_house
from cni.rounds import members
from cni.rounds.act import Act, changing
from cni.rounds.circuits import Standing
from cni.store.engine import reading
from cni.store.schema import network as table
from topology.canonical import canonical_bytes, digest_of
from topology.formats.json_form import circuits_from_json, circuits_to_json, network_from_json, network_to_json
from topology.model import Circuit, Network, Organisation
from topology.problems import bad_input


@dataclass(frozen=True, slots=True)
class Held:
    """One version of the spine as it was imported."""

    number: int
    digest: str
    network: Network
    circuits: tuple[Circuit, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """What an import did: the version that holds now, whether it was there already, and who was registered."""

    number: int
    digest: str
    unchanged: bool
    registered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the history."""

    number: int
    name: str
    source: str
    digest: str
    circuits_digest: str
    audit: int


def import_network(engine: Engine, act: Act, network: Network, circuits: tuple[Circuit, ...], source: str) -> Import:
    """Append a version of the spine, and register organisations that the register lacks.

    The version that is there already is not written again: importing the same twice changes nothing.
    """
    body, live = network_to_json(network), circuits_to_json(circuits)
    digest, circuits_digest = digest_of(body), digest_of(live)
    with reading(engine) as connection:
        newest = _newest(connection)
        if newest is not None and (newest.digest, newest.circuits_digest) == (digest, circuits_digest):
            return Import(newest.number, digest, True, ())
    with changing(engine, act, f"network import {source}") as change:
        newest = _newest(change.connection)
        number = 1 if newest is None else newest.number + 1
        change.add(
            table,
            number=number,
            digest=digest,
            name=network.name,
            source=source,
            body=canonical_bytes(body).decode(),
            circuits=canonical_bytes(live).decode(),
            circuits_digest=circuits_digest,
        )
        registered = members.register_missing(change, (network.organisations or {}).values())
    return Import(number, digest, False, registered)


def _newest(connection: Connection) -> Row | None:
    rows = _rows(connection)
    return rows[-1] if rows else None


def _rows(connection: Connection) -> tuple[Row, ...]:
    columns = (table.c.number, table.c.name, table.c.source, table.c.digest, table.c.circuits_digest, table.c.audit)
    return tuple(Row(*row) for row in connection.execute(select(*columns).order_by(table.c.number)))


def held(connection: Connection, number: int | None = None, as_of: int | None = None) -> Held:
    """A version of the spine, the newest by default, with the members of the register as its organisations.

    Its circuits are those of the file and those of the house, dated by what happened to them; `as_of`: up to that audit
    entry. Raises BadInput where there is none.
    """
    return with_standings(connection, number, as_of)[0]


def with_standings(
    connection: Connection, number: int | None = None, as_of: int | None = None
) -> tuple[Held, tuple[Standing, ...]]:
    """A version of the spine as `held` gives it, and every circuit with what happened to it, the ended ones too, by id."""
    wanted = select(table).order_by(table.c.number.desc()).limit(1)
    if number is not None:
        wanted = wanted.where(table.c.number == number)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        said = "no network was imported yet." if number is None else "there is no such version of the network."
        value = "" if number is None else str(number)
        raise bad_input(said, value=value, code="no_network", hint="`cni network import NET` does that.")
    network = network_from_json(json.loads(row.body))
    filed = circuits_from_json(json.loads(row.circuits), network)
    every = circuits_of_house.standing_circuits(connection, filed, network, as_of)
    circuits = tuple(s.circuit for s in every if s.holds_anything)
    whole = with_register(network, circuits, members.current(connection))
    return Held(row.number, row.digest, whole, circuits), every


def with_register(network: Network, circuits: Iterable[Circuit], registered: Iterable[Organisation]) -> Network:
    """The network with the register as its organisations, and unchanged where nobody is registered.

    Whoever owns a span or a node, or holds a live circuit, but is not in the register, is kept as the network knows them:
    a pack must name everyone that it refers to. Without an entry there they have no role, so they are not eligible.
    """
    listed = {o.id: o for o in registered}
    if not listed:
        return network
    known = network.organisations or {}
    owners = {span.owner for span in network.spans.values()} | {node.owner for node in network.nodes.values()}
    for name in (owners | {c.member for c in circuits}) - listed.keys() - {""}:
        listed[name] = known.get(name, Organisation(name))
    return replace(network, organisations=MappingProxyType(dict(sorted(listed.items()))))


def history(engine: Engine) -> tuple[Row, ...]:
    """All imports, oldest first."""
    with reading(engine) as connection:
        return _rows(connection)


def show(engine: Engine, number: int | None = None) -> Held:
    """One version of the spine, the newest by default. Raises BadInput where there is none."""
    with reading(engine) as connection:
        return held(connection, number)
