"""`cni init`: make the co-operative's database."""

from __future__ import annotations

from cni.errors import DONE

NAME = "init"


def command() -> int:
    """Make the database that --db names (default: cni.db in this folder); on PostgreSQL fill one that is empty.

    Example: cni init
    """
    from cni.cli import render
    from cni.config import settings
    from cni.rounds.database import init
    from cni.store.engine import database_name

    url = settings().database_url
    init(url)
    render.note(f"made: {database_name(url)}; next: cni network import NET")
    return DONE
