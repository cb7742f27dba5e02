"""`cni db`: the database itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cni.cli.options import Json, group
from cni.errors import DONE, NO

NAME = "db"
app = group("Upgrade, check, back up and restore the database.")


@app.command()
def upgrade() -> int:
    """Bring the database to the newest revision, in one transaction.

    Example: cni db upgrade
    """
    from cni.cli import render
    from cni.config import settings
    from cni.rounds import database

    before, after = database.upgrade(settings().database_url)
    render.note("it was up to date" if before == after else f"upgraded from {before} to {after}")
    return DONE


@app.command()
def check(json: Json = False) -> int:
    """Look at the file, its tables and triggers, and each row against the audit log; exit 1 where something is wrong.

    Example: cni db check
    """
    from cni.cli import render
    from cni.config import settings
    from cni.rounds import database
    from cni.views.house import checks_document, checks_view

    found = database.check(settings().database_url)
    render.show(checks_document("cni.db_check/1", found), checks_view, json)
    return DONE if all(c.ok for c in found) else NO


@app.command()
def backup(to: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")]) -> int:
    """Copy the database to a new file, also while others use it; always one SQLite file, of PostgreSQL too.

    Example: cni db backup cni-2027-01-31.db
    """
    from cni.cli import render
    from cni.config import settings
    from cni.rounds import backups

    done = backups.backup(settings().database_url, to)
    render.note(f"written: {to}, log of {done.entries}, head {done.head}")
    return DONE


@app.command()
def restore(source: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")]) -> int:
    """Load a backup into the database that --db names, which must be empty; its audit log is verified first.

    This also moves a house from SQLite to PostgreSQL and back.

    Example: cni db restore cni-2027-01-31.db --db sqlite:///again.db
    """
    from cni.cli import render
    from cni.config import settings
    from cni.rounds import backups
    from cni.store.engine import database_name
    from cni.store.revision import NEWEST

    url = settings().database_url
    done = backups.restore(url, source)
    later = "" if done.revision == NEWEST else "; next: cni db upgrade"
    render.note(f"restored to {database_name(url)}: log of {done.entries}, head {done.head}{later}")
    return DONE
