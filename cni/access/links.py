"""Sign-in links that are mailed (rule J3): single use, 15 minutes, bound to the browser that asked."""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, select

from cni.access import people, secrets, sessions
from cni.access.numbers import next_number
from cni.access.people import Person
from cni.rounds.act import Act, changing
from cni.store.engine import reading
from cni.store.schema_access import login_link as table
from cni.store.schema_access import login_link_use as uses
from topology.problems import bad_input

LASTS = timedelta(minutes=15)


def ask(engine: Engine, act: Act, email: str, browser: str) -> tuple[Person, str] | None:
    """Make a link for the person of an e-mail; returns the person and the link's secret, to be mailed.

    `browser`: the secret of the cookie that the asking browser holds. None where nobody has this e-mail: then nothing is
    written, and whoever asked must be answered in the same words. Raises BadInput where the person was removed in between.
    """
    with reading(engine) as connection:
        if people.by_email(connection, email) is None:
            return None
    with changing(engine, act, "access link") as change:
        person = people.by_email(change.connection, email)
        if person is None:  # removed in between
            raise bad_input("nobody has this e-mail.", file="e-mail", code="unknown_id")
        change.what = f"access link {person.id}"
        secret = secrets.fresh()
        change.add(
            table,
            number=next_number(change, table),
            person=person.id,
            digest=secrets.digest(secret),
            browser_digest=secrets.digest(browser),
            expires=(act.at + LASTS).isoformat(timespec="seconds"),
        )
        return person, secret


def use(engine: Engine, act: Act, secret: str, browser: str) -> tuple[Person, str]:
    """Use a link up: returns the person, and the secret of a session in which a passkey can be enrolled.

    The log names the person, whatever `act.who` is. Raises BadInput, and writes nothing, for a link that nobody knows
    (`link_unknown`), of another browser (`link_other_browser`), used before (`link_used`) or 15 minutes old (`link_expired`).
    """
    with reading(engine) as connection:
        number, person = _checked(connection, secret, browser, act.at)
    who = replace(act, who=person.id, why=act.why or f"link {number}")
    with changing(engine, who, f"access link {person.id} used") as change:
        number, person = _checked(change.connection, secret, browser, act.at)  # another may have used it in between
        change.add(uses, number=number)
        return person, sessions.start(change, person.id, sessions.ENROL, f"link {number}", act.at)


def _checked(connection: Connection, secret: str, browser: str, at: datetime) -> tuple[int, Person]:
    """The number and the person of a link that can be used now. Raises BadInput."""
    wanted = (
        select(table, uses.c.number.label("used"))
        .select_from(table.outerjoin(uses, uses.c.number == table.c.number))
        .where(table.c.digest == secrets.digest(secret))
    )
    row = connection.execute(wanted).one_or_none()
    person = None if row is None else people.person(connection, row.person)
    if row is None or person is None:
        raise bad_input("nobody was sent this link.", code="link_unknown", hint="Ask for a new one.")
    if not hmac.compare_digest(row.browser_digest, secrets.digest(browser)):
        hint = "Open it in the browser in which you asked for it."
        raise bad_input("this link is for another browser.", code="link_other_browser", hint=hint)
    if row.used is not None:
        raise bad_input("this link was used before.", code="link_used", hint="Ask for a new one.")
    if at >= datetime.fromisoformat(row.expires):
        raise bad_input("this link is older than 15 minutes.", code="link_expired", hint="Ask for a new one.")
    return row.number, person
