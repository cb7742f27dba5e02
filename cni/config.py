"""Settings of one call: from the command line, else the environment, else the default."""

from __future__ import annotations

import os
from contextvars import ContextVar
from dataclasses import dataclass

DATABASE_VARIABLE = "CNI_DATABASE_URL"
DEFAULT_DATABASE = "sqlite:///cni.db"


@dataclass(frozen=True, slots=True)
class Settings:
    """`database_url` as SQLAlchemy reads it; `quiet` silences messages, `debug` shows tracebacks."""

    database_url: str = DEFAULT_DATABASE
    quiet: bool = False
    debug: bool = False

    @classmethod
    def from_call(cls, database_url: str | None, quiet: bool, debug: bool) -> Settings:
        """Flag before environment before default."""
        return cls(database_url or os.environ.get(DATABASE_VARIABLE) or DEFAULT_DATABASE, quiet, debug)


_SETTINGS: ContextVar[Settings] = ContextVar("settings")


def settings() -> Settings:
    """The settings of this call."""
    return _SETTINGS.get(Settings())


def use(new: Settings) -> None:
    """Set the settings of this call."""
    _SETTINGS.set(new)
