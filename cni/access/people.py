"""People: who they are, for which member they act, and what they may see and do (rules J1, J2).

Each change appends a version; the highest one holds. A coordinator registers people on the command line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection, Engine, func, select

from cni.access import ending
from cni.rounds import members
from cni.rounds.act import Act, changing, one_line
from cni.store.audit import Change
from cni.store.engine import reading
from cni.store.schema_access import person as table
from topology.cells import ID
from topology.model import Organisation
from topology.problems import Problems, bad_input

HOUSE_ROLES = ("coordinator", "auditor")
LONGEST_EMAIL = 254
"""RFC 5321, 4.5.3.1.3, without the angle brackets."""


@dataclass(frozen=True, slots=True)
class Person:
    """`member`: the id of the member that the person acts for; "" for none. `roles`: of `HOUSE_ROLES`, sorted.

    `version` is 0 in a person that is not yet registered.
    """

    id: str
    name: str
    email: str
    member: str = ""
    roles: tuple[str, ...] = ()
    active: bool = True
    version: int = 0


def add_person(engine: Engine, act: Act, person: Person, *, replace: bool = False) -> int:
    """Register a person, or with `replace` append a new version of one. Returns the version.

    A new e-mail ends the links that were sent to the old one. Raises BadInput with every fault: no id, no e-mail, an
    unknown role or member, an e-mail of somebody else, an id that is taken without `replace`, a version that says nothing new.
    """
    wanted = _normal(person)
    with changing(engine, act, f"access person {wanted.id}") as change:
        held = newest(change.connection, wanted.id)
        _check(change, wanted, held, replace=replace)
        if held is not None and held.email != wanted.email:
            ending.void_links(change, wanted.id)
        return _append(change, wanted, held)


def remove_person(engine: Engine, act: Act, person_id: str) -> int:
    """Append a version that is not active, and end all that the person holds: links, passkeys, sessions, tokens.

    Returns the version. Raises BadInput for an unknown person, and for one that was removed before.
    """
    with changing(engine, act, f"access remove {person_id}") as change:
        held = newest(change.connection, person_id)
        if held is None:
            raise bad_input("no person has this id.", file="ID", value=person_id, code="unknown_id")
        if not held.active:
            raise bad_input("was removed before.", file="ID", value=person_id, code="unchanged")
        ending.end_everything(change, person_id, act.at)
        return _append(change, _off(held), held)


def list_people(engine: Engine) -> tuple[Person, ...]:
    """All people as they are now, by id; also those that were removed."""
    with reading(engine) as connection:
        return _people(connection)


def person(connection: Connection, person_id: str) -> Person | None:
    """The person of an id; None for an unknown one, and for one that was removed."""
    held = newest(connection, person_id)
    return held if held is not None and held.active else None


def by_email(connection: Connection, email: str) -> Person | None:
    """The active person of an e-mail, whatever the case of its letters."""
    wanted = email.strip().lower()
    return next((p for p in _people(connection) if p.active and p.email == wanted), None)


def newest(connection: Connection, person_id: str) -> Person | None:
    """A person as registered last, active or not; None for an unknown one."""
    wanted = select(table).where(table.c.person == person_id).order_by(table.c.version.desc()).limit(1)
    row = connection.execute(wanted).one_or_none()
    return None if row is None else _person(dict(row._mapping))


def audiences_of(connection: Connection, person: Person, on: date) -> frozenset[str]:
    """What a person counts as on a day (rule J2): of public, member, user, contributor, auditor, coordinator."""
    if not person.active:
        return frozenset(("public",))
    organisation = next((o for o in members.current(connection) if o.id == person.member), None)
    found = {"public", "auditor", *person.roles}
    if organisation is not None and stands(organisation, on):
        found |= {"member", *({"user", "contributor"} & set(organisation.roles))}
    if person.roles:
        found.add("member")
    return frozenset(found)


def stands(organisation: Organisation, on: date) -> bool:
    """Whether an organisation is a member on a day; the day of leaving is the first on which it is none."""
    first, last = organisation.member_from, organisation.member_to
    return (first is None or first <= on) and (last is None or on < last)


def _normal(person: Person) -> Person:
    return replace(
        person,
        name=person.name.strip() or person.id,
        email=person.email.strip().lower(),
        roles=tuple(sorted(set(person.roles))),
        active=True,
        version=0,
    )


def _check(change: Change, wanted: Person, held: Person | None, *, replace: bool) -> None:
    """Raise BadInput with everything that stands against a version."""
    found = Problems()
    one_line(wanted.name, "--name")
    if not ID.fullmatch(wanted.id):
        found.add("An id is 1 to 64 letters, digits, dots, lines and low lines.", file="ID", value=wanted.id)
    if not _is_email(wanted.email):
        found.add("This is no e-mail address.", file="--email", value=wanted.email[:80])
    for role in wanted.roles:
        if role not in HOUSE_ROLES:
            said = f"A role is one of {', '.join(HOUSE_ROLES)}."
            found.add(said, file="--role", value=role, code="unknown_role")
    if wanted.member and wanted.member not in {o.id for o in members.current(change.connection)}:
        found.add("No member has this id.", file="--member", value=wanted.member, code="unknown_id")
    other = by_email(change.connection, wanted.email)
    if other is not None and other.id != wanted.id:
        said = f"This e-mail is {other.id}'s."
        found.add(said, file="--email", value=wanted.email, code="duplicate_id")
    if held is not None and held.active and not replace:
        hint = "--replace appends a new version."
        found.add("This person is registered already.", file="ID", value=wanted.id, code="duplicate_id", hint=hint)
    elif held is not None and _same(held, wanted):
        found.add("Nothing differs from what is registered.", file="ID", value=wanted.id, code="unchanged")
    found.raise_errors()


def _same(one: Person, other: Person) -> bool:
    return replace(one, version=0) == replace(other, version=0)


def _is_email(text: str) -> bool:
    """Whether a text can be an address: printable ASCII without blanks, one @ with something on each side."""
    name, _, host = text.partition("@")
    plain = text.isascii() and text.isprintable() and not set(text) & set(' ,;:<>()[]"\\')
    return plain and len(text) <= LONGEST_EMAIL and bool(name) and bool(host) and "@" not in host


def _off(held: Person) -> Person:
    return replace(held, active=False)


def _append(change: Change, wanted: Person, held: Person | None) -> int:
    version = 1 if held is None else held.version + 1
    change.add(
        table,
        person=wanted.id,
        version=version,
        name=wanted.name,
        email=wanted.email,
        member=wanted.member,
        roles=" ".join(wanted.roles),
        active=int(wanted.active),
    )
    return version


def _people(connection: Connection) -> tuple[Person, ...]:
    latest = select(table.c.person, func.max(table.c.version).label("version")).group_by(table.c.person).subquery()
    joined = table.join(latest, (table.c.person == latest.c.person) & (table.c.version == latest.c.version))
    rows = connection.execute(select(table).select_from(joined))
    return tuple(sorted((_person(dict(row._mapping)) for row in rows), key=lambda p: p.id))


def _person(row: dict[str, object]) -> Person:
    return Person(
        id=str(row["person"]),
        name=str(row["name"]),
        email=str(row["email"]),
        member=str(row["member"]),
        roles=tuple(str(row["roles"]).split()),
        active=bool(row["active"]),
        version=int(str(row["version"])),
    )
