"""Settings of one call: from the command line, else the environment, else the default."""

from __future__ import annotations

import os
from contextvars import ContextVar
from dataclasses import dataclass

DATABASE_VARIABLE = "CNI_DATABASE_URL"
CLOCK_VARIABLE = "CNI_CLOCK"
DEFAULT_DATABASE = "sqlite:///cni.db"


@dataclass(frozen=True, slots=True)
class Settings:
    """`database_url` as SQLAlchemy reads it; `quiet` silences messages, `debug` shows tracebacks.

    `clock`: a time given instead of the machine's (CNI_CLOCK, for rehearsals and tests; the audit log says so).
    `accept_clock`: go on although the clock is behind the log. `dry_run`: undo each change at its end.
    """

    database_url: str = DEFAULT_DATABASE
    quiet: bool = False
    debug: bool = False
    clock: str | None = None
    accept_clock: bool = False
    dry_run: bool = False

    @classmethod
    def from_call(cls, database_url: str | None, quiet: bool, debug: bool, accept_clock: bool = False) -> Settings:
        """Flag before environment before default."""
        url = database_url or os.environ.get(DATABASE_VARIABLE) or DEFAULT_DATABASE
        return cls(url, quiet, debug, os.environ.get(CLOCK_VARIABLE) or None, accept_clock)


_SETTINGS: ContextVar[Settings] = ContextVar("settings")


def settings() -> Settings:
    """The settings of this call."""
    return _SETTINGS.get(Settings())


def use(new: Settings) -> None:
    """Set the settings of this call."""
    _SETTINGS.set(new)
