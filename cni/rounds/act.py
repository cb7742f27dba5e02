"""Who changes something, when and why: what every use-case that writes is given, so that none looks at the clock."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from cni.store.audit import Change, change
from topology.problems import bad_input

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Act:
    """`at` in UTC; `who` and `why` are one line each.

    `clock_given`: `at` was given for a rehearsal, not read from the machine. `accept_clock`: go on although `at` is before
    the log's last entry. `dry_run`: the change is made and undone.
    """

    who: str
    at: datetime
    why: str = ""
    clock_given: bool = False
    accept_clock: bool = False
    dry_run: bool = False

    def __post_init__(self) -> None:
        one_line(self.who, "--by")
        one_line(self.why, "--why")


def one_line(text: str, option: str) -> None:
    """Raise BadInput for text that is longer than a line, or would steer whoever reads the log."""
    if len(text) > LONGEST or any(not c.isprintable() for c in text):
        said = f"{option} must be one line of at most {LONGEST} characters."
        raise bad_input(said, file=option, value=text[:LONGEST])


def changing(engine: Engine, act: Act, what: str) -> AbstractContextManager[Change]:
    """One change by this act: all of it is written, or nothing is."""
    return change(
        engine,
        who=act.who,
        what=what,
        why=act.why,
        at=act.at,
        clock_given=act.clock_given,
        accept_clock=act.accept_clock,
        dry_run=act.dry_run,
    )
