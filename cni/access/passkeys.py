"""Passkeys: enrolling one, signing in with it (rule J4), by the W3C's Web Authentication, Level 2.

Challenges are the caller's to keep, for one answer each. What an answer says is checked by `webauthn`: type, challenge,
origin, relying party, presence and verification of the user, signature; here: whose passkey it is, that it has not ended,
and that its counter runs forwards.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import webauthn
from sqlalchemy import Connection, Engine, Row, func, select
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from cni.access import ending, people, sessions
from cni.access.issued import Kind
from cni.access.numbers import next_number
from cni.access.people import Person
from cni.rounds.act import Act, changing
from cni.store.audit import Change
from cni.store.engine import reading
from cni.store.schema_access import passkey as table
from cni.store.schema_access import passkey_end as ends
from cni.store.schema_access import passkey_use as uses
from cni.store.schema_access import session
from topology.problems import BadInput, bad_input

LONGEST_ANSWER = 65_536
"""Characters; an answer with a chain of certificates has a few thousand."""
LONGEST_NAME = 80
CREDENTIAL = re.compile(r"[A-Za-z0-9_-]{1,1364}")
"""A credential id in base64url; it has at most 1,023 bytes (section 5.8.3)."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The portal as authenticators know it: `id` is its host name, `origin` scheme, host and port as browsers say them."""

    id: str
    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """`credential` is the authenticator's id of it, in base64url."""

    number: int
    person: str
    name: str
    credential: str
    made: datetime
    ended: bool = False


def enrolment_options(engine: Engine, rp: RelyingParty, person: Person) -> tuple[str, bytes]:
    """Options (JSON) for `navigator.credentials.create`, and their challenge. Passkeys that are held are not made twice."""
    held = [p for p in list_passkeys(engine, person.id) if not p.ended]
    options = webauthn.generate_registration_options(
        rp_id=rp.id,
        rp_name=rp.name,
        user_id=handle_of(person.id),
        user_name=person.email,
        user_display_name=person.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(p.credential)) for p in held],
    )
    return webauthn.options_to_json(options), options.challenge


def handle_of(person_id: str) -> bytes:
    """What an authenticator knows a person by: 32 bytes that tell nothing (Web Authentication, section 14.6.1)."""
    return hashlib.sha256(f"cni person {person_id}".encode()).digest()


def enrol(
    engine: Engine, act: Act, rp: RelyingParty, person: Person, answer: str, challenge: bytes, name: str
) -> Passkey:
    """Keep the passkey of an answer to `enrolment_options`, and end the person's `enrol` sessions.

    Raises BadInput `passkey_refused`, and writes nothing, where the answer does not hold or the credential is known already;
    `bad_value` for a name that is no line of 1 to 80 characters.
    """
    called = name.strip()
    if not called or len(called) > LONGEST_NAME or not called.isprintable():
        said = f"a passkey has a name: one line of at most {LONGEST_NAME} characters."
        raise bad_input(said, file="name", value=called[:LONGEST_NAME])
    with _verifying(answer):
        verified = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=rp.id,
            expected_origin=rp.origin,
            require_user_verification=True,
        )
    credential = bytes_to_base64url(verified.credential_id)
    with changing(engine, act, f"access passkey {person.id}") as change:
        if people.person(change.connection, person.id) is None:
            raise bad_input("no person has this id.", file="ID", value=person.id, code="unknown_id")
        if change.connection.execute(KIND.rows().where(table.c.credential == credential)).first() is not None:
            raise _refused("this passkey is enrolled already.")
        made = Passkey(next_number(change, table), person.id, called, credential, act.at)
        change.add(
            table,
            number=made.number,
            person=made.person,
            credential=credential,
            public_key=bytes_to_base64url(verified.credential_public_key),
            name=made.name,
            made=made.made.isoformat(timespec="seconds"),
        )
        change.add(uses, number=made.number, step=1, sign_count=verified.sign_count)
        enrolling = (session.c.person == person.id) & (session.c.kind == sessions.ENROL)
        ending.end_sessions(change, enrolling, act.at)
        return made


def sign_in_options(rp: RelyingParty) -> tuple[str, bytes]:
    """Options (JSON) for `navigator.credentials.get`, and their challenge. They name nobody: the authenticator knows who."""
    options = webauthn.generate_authentication_options(
        rp_id=rp.id, user_verification=UserVerificationRequirement.REQUIRED
    )
    return webauthn.options_to_json(options), options.challenge


def sign_in(
    engine: Engine,
    at: datetime,
    rp: RelyingParty,
    answer: str,
    challenge: bytes,
    *,
    clock_given: bool = False,
    accept_clock: bool = False,
) -> tuple[Person, str]:
    """The person whose passkey gave an answer to `sign_in_options`, and the secret of a full session.

    Raises BadInput `passkey_refused`, and writes nothing, where the answer does not hold, nobody has the passkey, it ended, or
    its counter did not go forwards (section 6.1.1: a copy of the authenticator may be about).
    """
    with reading(engine) as connection:
        held, person, _, count = _held(connection, _credential_of(answer))
    with _verifying(answer):
        verified = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=rp.id,
            expected_origin=rp.origin,
            credential_public_key=webauthn.base64url_to_bytes(held.public_key),
            credential_current_sign_count=count,
            require_user_verification=True,
        )
    _same_person(answer, person)
    how = f"passkey {held.number}"
    act = Act(person.id, at, how, clock_given=clock_given, accept_clock=accept_clock)
    with changing(engine, act, f"access sign-in {person.id}") as change:
        _, person, steps, count = _held(change.connection, held.credential)  # another sign-in may have come in between
        if count and verified.new_sign_count <= count:
            raise _refused("its counter did not go forwards.")
        change.add(uses, number=held.number, step=steps + 1, sign_count=verified.new_sign_count)
        return person, sessions.start(change, person.id, sessions.FULL, how, at)


def list_passkeys(engine: Engine, person_id: str = "") -> tuple[Passkey, ...]:
    """Passkeys by number, of one person or of all; those that ended too."""
    return KIND.listed(engine, person_id)


def remove_passkey(engine: Engine, act: Act, number: int, person_id: str | None) -> bool:
    """End a passkey and the sessions that began with it; `person_id` None (on the command line alone): anyone's.

    False where it had ended before. Raises BadInput where the person has no passkey of this number.
    """
    return KIND.end(engine, act, number, person_id)


def _end(change: Change, held: Passkey, at: datetime) -> None:
    change.add(ends, number=held.number)
    began = (session.c.person == held.person) & (session.c.how == f"passkey {held.number}")
    ending.end_sessions(change, began, at)


def _held(connection: Connection, credential: str) -> tuple[Row[Any], Person, int, int]:
    """A passkey that can be used, its person, how often it was used, its counter. Raises BadInput."""
    row = connection.execute(KIND.rows().where(table.c.credential == credential)).one_or_none()
    if row is None or row.ended is not None:
        raise _refused("nobody has this passkey, or it ended.")
    person = people.person(connection, row.person)
    if person is None:
        raise _refused("nobody has this passkey, or it ended.")
    newest = select(func.max(uses.c.step), func.max(uses.c.sign_count)).where(uses.c.number == row.number)
    steps, count = connection.execute(newest).one()
    return row, person, steps, count


def _credential_of(answer: str) -> str:
    """The credential that an answer claims to be of. Raises BadInput."""
    with _verifying(answer):
        name = json.loads(answer)["id"]
        if not CREDENTIAL.fullmatch(name):
            raise ValueError
        return str(name)


def _same_person(answer: str, person: Person) -> None:
    """Raise BadInput where the authenticator says that it acted for another person (section 7.2, step 6)."""
    with _verifying(answer):
        handle = json.loads(answer)["response"].get("userHandle")
        same = not handle or webauthn.base64url_to_bytes(handle) == handle_of(person.id)
    if not same:
        raise _refused("it is another person's.")


@contextmanager
def _verifying(answer: str) -> Iterator[None]:
    """Whatever goes wrong while an outsider's bytes are looked at, the answer is no."""
    if len(answer) > LONGEST_ANSWER:
        raise _refused("the answer is too long.")
    try:
        yield
    except Exception as error:  # of webauthn, and of what takes base64, CBOR and keys apart for it
        raise _refused("the answer does not hold.") from error


def _refused(said: str) -> BadInput:
    return bad_input(f"the passkey is refused: {said}", code="passkey_refused")


def _passkey(row: Row[Any]) -> Passkey:
    made = datetime.fromisoformat(row.made)
    return Passkey(row.number, row.person, row.name, row.credential, made, row.ended is not None)


KIND = Kind("passkey", table, ends, "number", _passkey, _end)
