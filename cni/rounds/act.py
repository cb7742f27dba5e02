"""Who changes something, when and why: what every use-case that writes is given, so that none looks at the clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from cni.store.audit import Change, change
from cni.store.schema_access import act_key
from topology.problems import bad_input

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Key:
    """A key that came with an act, so that a message sent twice acts once (rule J9).

    `text` is one line of the sender's choice; `digest` is the SHA-256 (hex) of all that the message asks for.
    """

    text: str
    digest: str

    def __post_init__(self) -> None:
        one_line(self.text, "Idempotency-Key")


@dataclass(frozen=True, slots=True)
class Act:
    """`at` in UTC; `who` and `why` are one line each.

    `clock_given`: `at` was given for a rehearsal, not read from the machine. `accept_clock`: go on although `at` is before
    the log's last entry. `dry_run`: the change is made and undone. `key`: with it `who` acts at most once; an act that is
    several changes can have none.
    """

    who: str
    at: datetime
    why: str = ""
    clock_given: bool = False
    accept_clock: bool = False
    dry_run: bool = False
    key: Key | None = None

    def __post_init__(self) -> None:
        one_line(self.who, "--by")
        one_line(self.why, "--why")


def one_line(text: str, option: str) -> None:
    """Raise BadInput for text that is longer than a line, or would steer whoever reads the log."""
    if len(text) > LONGEST or any(not c.isprintable() for c in text):
        said = f"{option} must be one line of at most {LONGEST} characters."
        raise bad_input(said, file=option, value=text[:LONGEST])


@contextmanager
def changing(engine: Engine, act: Act, what: str) -> Iterator[Change]:
    """One change by this act: all of it is written, or nothing is.

    Raises BadInput where the act's key came before (`refuse_repeat`).
    """
    with change(
        engine,
        who=act.who,
        what=what,
        why=act.why,
        at=act.at,
        clock_given=act.clock_given,
        accept_clock=act.accept_clock,
        dry_run=act.dry_run,
    ) as made:
        refuse_repeat(made.connection, act)
        if act.key is not None:  # what fails leaves it free
            made.add(act_key, who=act.who, key=act.key.text, digest=act.key.digest)
        yield made


def refuse_repeat(connection: Connection, act: Act) -> None:
    """Raise BadInput where the act's key came before: `repeated` for the same act, `key_reused` for another one.

    A use-case that judges before its change begins asks this first, so that a repeat is told as such.
    """
    before = None if act.key is None else digest_under(connection, act.who, act.key.text)
    if act.key is None or before is None:
        return
    if before == act.key.digest:
        raise bad_input("this was done before.", file="Idempotency-Key", value=act.key.text, code="repeated")
    said = "this key came before, with something else."
    raise bad_input(said, file="Idempotency-Key", value=act.key.text, code="key_reused", hint="Choose a new key.")


def digest_under(connection: Connection, who: str, key: str) -> str | None:
    """What came under a key of this person; None where nothing did."""
    wanted = select(act_key.c.digest).where(act_key.c.who == who, act_key.c.key == key)
    return connection.execute(wanted).scalar_one_or_none()
