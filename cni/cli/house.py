"""What commands on the database share: opening it, and who acts when and why."""

from __future__ import annotations

import getpass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated

import typer

from cni.config import settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from cni.rounds.act import Act

By = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who does this, for the audit log; else your login.")
]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="Why, for the audit log.")]


def engine() -> Engine:
    """The database of this call, at the newest revision. Raises StoreError."""
    from cni.store.engine import open_engine
    from cni.store.migrate import require_newest

    url = settings().database_url
    require_newest(url)
    return open_engine(url)


def act(by: str | None, why: str) -> Act:
    """Who acts now, and why. The one place of the database commands that looks at the clock."""
    from cni.rounds.act import Act

    return Act(who=by or _login(), at=datetime.now(timezone.utc).replace(microsecond=0), why=why)  # noqa: UP017 -- reads as what it is


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no such user, as in a container
        return "unknown"
