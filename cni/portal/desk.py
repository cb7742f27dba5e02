"""What the whole portal shares while it runs: the database, the clock, limits, pending sign-ins, and the spine as last read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import date, datetime
from threading import Lock
from time import monotonic
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, func, select

from cni.access.limits import Limits
from cni.portal.settings import Portal
from cni.rounds import holdings
from cni.rounds.holdings import Holdings
from cni.store.engine import open_engine, reading
from cni.store.revision import require_newest
from cni.store.schema import circuit, circuit_event, member, network, override, round_, round_state

WATCHED = tuple(t.c.audit for t in (network, circuit, circuit_event, member, round_, round_state, override))
"""What the spine, its circuits and its rounds are read from: as long as none has a newer row, what was read still holds."""

KEPT = 256
"""Answers kept in memory."""

CHALLENGE_SECONDS = 300
PENDING = 10_000

T = TypeVar("T")


class Desk:
    """One for each running portal. All of it may be used by several threads at once."""

    def __init__(self, portal: Portal) -> None:
        require_newest(portal.database_url)
        self.portal = portal
        self.engine: Engine = open_engine(portal.database_url)
        self.sign_in = Limits(size=10, per_seconds=60)
        self.mails = Limits(size=5, per_seconds=900)
        self.writes = Limits(size=60, per_seconds=60)
        self.checking = Lock()
        self.checks = Limits(size=120, per_seconds=60)
        self._answers: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
        self._challenges: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._lock = Lock()
        self._making: dict[tuple[Any, ...], Lock] = {}

    def now(self) -> datetime:
        """The server's time, which is what counts at the gate."""
        return self.portal.clock()

    def ticks(self) -> float:
        """Seconds of a clock that only runs on, for limits."""
        return monotonic()

    def today(self) -> date:
        """The day of `now`."""
        return self.now().date()

    def holdings(self) -> Holdings:
        """All that is held, as it is now; read again only after something of it has changed."""
        return self.kept(("holdings",), holdings.load)

    def kept(self, key: tuple[Any, ...], make: Callable[[Connection], T]) -> T:
        """What `make` reads, kept until the spine, its circuits, its members or its rounds change.

        `key` names all else that it depends on.
        """
        with reading(self.engine) as connection:
            whole = (*key, newest(connection))
            with self._lock:
                if whole in self._answers:
                    return cast(T, self._held(whole))
                making = self._making.setdefault(whole, Lock())
            with making:  # one thread makes it; the others that want the same wait and find it
                with self._lock:
                    if whole in self._answers:
                        return cast(T, self._held(whole))
                try:
                    made = make(connection)
                    with self._lock:
                        self._answers[whole] = made
                        while len(self._answers) > KEPT:
                            self._answers.popitem(last=False)
                    return made
                finally:
                    with self._lock:
                        self._making.pop(whole, None)

    def _held(self, whole: tuple[Any, ...]) -> Any:
        self._answers.move_to_end(whole)
        return self._answers[whole]

    def remember(self, name: str, challenge: bytes) -> None:
        """Keep the challenge of a sign-in that has begun; it is good once, for five minutes."""
        with self._lock:
            self._challenges[name] = (challenge, monotonic())
            while len(self._challenges) > PENDING:
                self._challenges.popitem(last=False)

    def recall(self, name: str) -> bytes | None:
        """The challenge, forgotten with this; None where there is none or it is too old."""
        with self._lock:
            challenge, at = self._challenges.pop(name, (None, 0.0))
        return challenge if challenge is not None and monotonic() - at <= CHALLENGE_SECONDS else None


def newest(connection: Connection) -> tuple[int, ...]:
    """The newest audit entries of what is watched."""
    columns = [select(func.coalesce(func.max(column), 0)).scalar_subquery() for column in WATCHED]
    return tuple(connection.execute(select(*columns)).one())
