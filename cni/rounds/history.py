"""Reading the audit log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select

from cni.rounds.database import Check, log_checks
from cni.store.engine import reading
from cni.store.schema import audit as table
from topology.files.reading import parse_json
from topology.problems import Problems, bad_input

DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: its number, when, who, what, why, and its digest."""

    number: int
    at: str
    who: str
    what: str
    why: str
    digest: str


def entries(engine: Engine, last: int = 0) -> tuple[Entry, ...]:
    """The newest entries (0 = all), oldest first."""
    columns = (table.c.number, table.c.at, table.c.who, table.c.what, table.c.why, table.c.digest)
    wanted = select(*columns).order_by(table.c.number.desc())
    with reading(engine) as connection:
        rows = connection.execute(wanted.limit(last) if last else wanted).all()
    return tuple(Entry(*row) for row in reversed(rows))


def verified(engine: Engine, heads: Iterable[str] = ()) -> tuple[Check, ...]:
    """Whether rows and log agree, and whether the log has the digests that were noted elsewhere."""
    with reading(engine) as connection:
        return tuple(log_checks(connection, heads))


def noted_heads(text: str) -> tuple[str, ...]:
    """The digests of log entries in a text: a digest itself, a round pack, a receipt, `cni audit log --json`, or a
    list of digests.

    Raises BadInput where there is none.
    """
    value = parse_json(text, "--head", Problems())
    found = tuple(_heads_in(value)) if isinstance(value, dict) else tuple(DIGEST.findall(text))
    if not found:
        raise bad_input(
            "there is no digest of the audit log in it.",
            file="--head",
            code="no_head",
            hint="A round pack, a receipt, `cni audit log --json`, or a text with digests of 64 characters.",
        )
    return found


def _digests(entries: Any) -> Iterator[str]:
    """Of the entries of a log; whoever edited the file may have put anything in their place."""
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and DIGEST.fullmatch(str(entry.get("digest"))):
            yield str(entry["digest"])


def _heads_in(value: Any) -> Iterator[str]:
    """Of a JSON document only what is a digest of the log: packs hold many others."""
    if isinstance(value, dict):
        if value.get("schema") == "cni.audit_log/1":
            yield from _digests(value.get("entries"))
        for key, inner in value.items():
            if key in ("audit_head", "entry_digest") and DIGEST.fullmatch(str(inner)):
                yield str(inner)
            else:
                yield from _heads_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _heads_in(inner)
