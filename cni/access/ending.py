"""What ends, within a change: links, passkeys, sessions, tokens (rules J1, J5, J6). Ending is a row of its own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Table, select

from cni.store.audit import Change
from cni.store.schema_access import (
    login_link,
    login_link_use,
    passkey,
    passkey_end,
    session,
    session_end,
    token,
    token_end,
)


def open_numbers(change: Change, table: Table, ends: Table, condition: ColumnElement[bool]) -> list[int]:
    """Numbers of the rows that meet a condition and have not ended."""
    wanted = (
        select(table.c.number).where(condition, table.c.number.not_in(select(ends.c.number))).order_by(table.c.number)
    )
    return list(change.connection.execute(wanted).scalars())


def end_sessions(change: Change, condition: ColumnElement[bool], at: datetime) -> None:
    """End the sessions that meet a condition."""
    ended = at.isoformat(timespec="seconds")
    change.add_all(
        session_end, [{"number": n, "ended": ended} for n in open_numbers(change, session, session_end, condition)]
    )


def void_links(change: Change, person_id: str) -> None:
    """Use up every link of a person, so that none works any more."""
    of = login_link.c.person == person_id
    change.add_all(login_link_use, [{"number": n} for n in open_numbers(change, login_link, login_link_use, of)])


def end_everything(change: Change, person_id: str, at: datetime) -> None:
    """End all that lets a person in."""
    ended = at.isoformat(timespec="seconds")
    void_links(change, person_id)
    keys = open_numbers(change, passkey, passkey_end, passkey.c.person == person_id)
    change.add_all(passkey_end, [{"number": n} for n in keys])
    end_sessions(change, session.c.person == person_id, at)
    tokens = open_numbers(change, token, token_end, token.c.person == person_id)
    change.add_all(token_end, [{"number": n, "ended": ended} for n in tokens])
