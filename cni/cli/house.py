"""What commands on the database share: opening it, and who acts when and why."""

from __future__ import annotations

import getpass
from dataclasses import replace
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Annotated

import typer

from cni.cli.options import a_time
from cni.config import settings, use

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from cni.rounds.act import Act

By = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who does this, for the audit log; else your login.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Do it all, say what it does, and undo it.")]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="Why, for the audit log.")]


def engine() -> Engine:
    """The database of this call, at the newest revision. Raises StoreError."""
    from cni.store.engine import open_engine
    from cni.store.revision import require_newest

    url = settings().database_url
    require_newest(url)
    return open_engine(url)


def act(by: str | None, why: str, dry_run: bool = False) -> Act:
    """Who acts now, and why. With `dry_run` whatever it changes is undone at its end.

    Raises BadInput where `by` or `why` is no line of at most 200 characters, or CNI_CLOCK is no time.
    """
    from cni.rounds.act import Act

    if dry_run:
        use(replace(settings(), dry_run=True))
    return Act(
        who=by or _login(),
        at=now(),
        why=why,
        clock_given=settings().clock is not None,
        accept_clock=settings().accept_clock,
        dry_run=dry_run,
    )


def now() -> datetime:
    """The time in UTC, to the second: CNI_CLOCK where it is set. The one place of the database commands that looks at the clock.

    Raises BadInput where CNI_CLOCK is no time.
    """
    given = settings().clock
    if given is not None:
        return a_time(given, "CNI_CLOCK")
    return datetime.now(timezone.utc).replace(microsecond=0)  # noqa: UP017 -- reads as what it is


def today() -> date:
    """The day of `now`. Raises BadInput as that does."""
    return now().date()


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no such user, as in a container
        return "unknown"
