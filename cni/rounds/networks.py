"""The spine in the database: each import appends a numbered version of the network and its live circuits."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine, select

from cni.rounds import circuits as circuits_of_house
from cni.rounds import members
from cni.rounds.act import Act, changing
from cni.rounds.circuits import EVERY, Scope, Standing
from cni.store.audit import Change
from cni.store.engine import reading
from cni.store.schema import network as table
from topology.canonical import canonical_bytes, digest_of
from topology.files.json_form import circuits_from_json, circuits_to_json, network_from_json, network_to_json
from topology.files.kept import kept_circuits
from topology.model import Circuit, Network, Organisation
from topology.problems import BadInput, Problems, bad_input


@dataclass(frozen=True, slots=True)
class Held:
    """One version of the spine as it was imported."""

    number: int
    digest: str
    network: Network
    circuits: tuple[Circuit, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """What an import did: the version that holds now, whether it was there already, who was registered.

    `circuits` lie in the version's file; `kept` of them are those of the version before, since no file was given.
    """

    number: int
    digest: str
    unchanged: bool
    registered: tuple[str, ...]
    circuits: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the history."""

    number: int
    name: str
    source: str
    digest: str
    circuits_digest: str
    audit: int


def import_network(
    engine: Engine,
    act: Act,
    network: Network,
    circuits: tuple[Circuit, ...] | None,
    source: str,
    *,
    drop_recalls: bool = False,
) -> Import:
    """Append a version of the spine, and register organisations that the register lacks.

    `circuits` None keeps those of the version before. The version that is there already is not written again: importing
    the same twice changes nothing. Raises BadInput where a circuit of the file has the id of one that the house made,
    where circuits lie on spans that the network lacks, and where recalls are dropped unless `drop_recalls`.
    """
    with reading(engine) as connection:
        before = _newest(connection)
        filed = _filed(connection, network, circuits)
        body, live = network_to_json(network), circuits_to_json(filed)
        digest, circuits_digest = digest_of(body), digest_of(live)
        kept = len(filed) if circuits is None else 0
        if before is not None and (before.digest, before.circuits_digest) == (digest, circuits_digest):
            return Import(before.number, digest, True, (), len(filed), kept)
    with changing(engine, act, f"network import {source}") as change:
        _check_import(change.connection, network, filed, drop_recalls=drop_recalls)
        if circuits is None and _filed(change.connection, network, None) != filed:
            raise bad_input("another import came in between.", code="changed_meanwhile", hint="Import again.")
        number = append_version(change, network, live, source)
        registered = members.register_missing(change, (network.organisations or {}).values())
    return Import(number, digest, False, registered, len(filed), kept)


def append_version(change: Change, network: Network, live: Any, source: str) -> int:
    """Add a version of the spine with the circuits of its file (as JSON rows), within a change; returns its number."""
    newest = _newest(change.connection)
    number = 1 if newest is None else newest.number + 1
    body = network_to_json(network)
    change.add(
        table,
        number=number,
        digest=digest_of(body),
        name=network.name,
        source=source,
        body=canonical_bytes(body).decode(),
        circuits=canonical_bytes(live).decode(),
        circuits_digest=digest_of(live),
    )
    return number


def newest_file(connection: Connection) -> tuple[Network, Any]:
    """The newest network as it was written, without the register, and the circuits of its file as JSON rows."""
    row = connection.execute(select(table).order_by(table.c.number.desc()).limit(1)).one()
    return network_from_json(json.loads(row.body)), json.loads(row.circuits)


def _filed(connection: Connection, network: Network, given: tuple[Circuit, ...] | None) -> tuple[Circuit, ...]:
    """The circuits of a new version: those given, else those of the newest version, checked against the new network."""
    if given is not None or _newest(connection) is None:
        return given or ()
    rows = connection.execute(select(table.c.circuits).order_by(table.c.number.desc()).limit(1)).scalar_one()
    return _on_network(json.loads(rows), network, "circuits of the version before")


def nobody_listed(network: Network) -> Network:
    """The network without its list of organisations: who may hold a circuit is the register's matter, not a file's."""
    return replace(network, organisations=None)


def _on_network(rows: Any, network: Network, what: str) -> tuple[Circuit, ...]:
    try:
        return circuits_from_json(rows, nobody_listed(network))
    except BadInput as bad:
        hint = "Keep spans that carried circuits in the file; withdrawn_on says from when a span is out of service."
        raise BadInput([replace(p, file=what, hint=hint) for p in bad.problems]) from None


def _check_import(connection: Connection, network: Network, filed: tuple[Circuit, ...], *, drop_recalls: bool) -> None:
    """Raises BadInput for an import after which something that stands in the database could not be read or was forgotten."""
    made = circuits_of_house.made_rows(connection)
    clash = sorted({c.id for c in filed} & {str(row["id"]) for row in made})
    found = Problems()
    for name in clash:
        said = "the house made a circuit of this id; a file names only circuits from elsewhere."
        found.add(said, file="--circuits", column="id", value=name, code="duplicate_id", hint="Leave its row out.")
    found.raise_errors()
    _on_network(made, network, "circuits of the house")
    if _newest(connection) is None or drop_recalls:
        return
    for span in newest_file(connection)[0].spans.values():
        now = network.spans.get(span.id)
        for day, strands in span.recalls if now is not None else ():
            if now is not None and now.recalled(day) < span.recalled(day):
                said = f"the recall of {strands} strands of {span.id} on {day} is not in the file."
                hint = f"Write {day}:{strands} into its cell `recalls`, or give --drop-recalls if it was called off."
                found.add(said, file="spans.csv", column="recalls", value=span.id, code="recall_dropped", hint=hint)
    found.raise_errors()


def _newest(connection: Connection) -> Row | None:
    rows = _rows(connection)
    return rows[-1] if rows else None


def history_of(connection: Connection) -> tuple[Row, ...]:
    """All imports, oldest first."""
    return _rows(connection)


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
    connection: Connection, number: int | None = None, as_of: int | None = None, scope: Scope = EVERY
) -> tuple[Held, tuple[Standing, ...]]:
    """A version of the spine as `held` gives it, and every circuit with what happened to it, the ended ones too, by id.

    With a `scope` only the circuits that it asks for, in both. Raises BadInput where there is no such version.
    """
    wanted = select(table).order_by(table.c.number.desc()).limit(1)
    if number is not None:
        wanted = wanted.where(table.c.number == number)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        said = "no network was imported yet." if number is None else "there is no such version of the network."
        value = "" if number is None else str(number)
        raise bad_input(said, value=value, code="no_network", hint="`cni network import NET` does that.")
    network = network_from_json(json.loads(row.body))
    filed = kept_circuits(json.loads(row.circuits)).values()
    every = circuits_of_house.standing_circuits(connection, filed, network, as_of, scope)
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


def show(engine: Engine, number: int | None = None, scope: Scope = EVERY) -> Held:
    """One version of the spine, the newest by default, with the circuits asked for. Raises BadInput where there is none."""
    with reading(engine) as connection:
        return with_standings(connection, number, scope=scope)[0]
