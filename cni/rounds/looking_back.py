"""The spine and its circuits on earlier days, as the database knew them then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, Engine, func, select

from cni.rounds import networks
from cni.rounds.circuits import Scope
from cni.store.engine import reading
from cni.store.schema import audit, network
from topology.model import Circuit, Network


@dataclass(frozen=True, slots=True)
class Then:
    """One day: the version of the network that was the newest, and the circuits that held, as recorded by that day's end.

    Connected members are grouped as the register has them now.
    """

    on: date
    version: int
    network: Network
    circuits: tuple[Circuit, ...]


def quarter_days(since: date, until: date) -> Iterator[date]:
    """The first days of the quarters in [since, until), and `until` itself last.

    >>> [day.isoformat() for day in quarter_days(date(2026, 11, 22), date(2027, 4, 9))]
    ['2027-01-01', '2027-04-01', '2027-04-09']
    """
    day = date(since.year, (since.month - 1) // 3 * 3 + 1, 1)
    while day < until:
        if day >= since:
            yield day
        month = day.month + 3
        day = date(day.year + (month > 12), (month - 1) % 12 + 1, 1)
    yield until


def by_quarter(engine: Engine, since: date, until: date) -> tuple[Then, ...]:
    """The spine on the first day of each quarter and on `until`; days before the first import are left out."""
    with reading(engine) as connection:
        found = (_on(connection, day) for day in quarter_days(since, until))
        return tuple(then for then in found if then is not None)


def _on(connection: Connection, day: date) -> Then | None:
    last = connection.execute(
        select(func.max(audit.c.number)).where(audit.c.at < (day + timedelta(days=1)).isoformat())
    ).scalar_one()
    if last is None:
        return None
    version = connection.execute(select(func.max(network.c.number)).where(network.c.audit <= last)).scalar_one()
    if version is None:
        return None
    held, _ = networks.with_standings(connection, version, last, Scope(day=day))
    return Then(day, version, held.network, held.circuits)
