"""The register of members: each change appends a version; the highest one holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine, func, select

from cni.rounds.act import Act, changing
from cni.store.audit import Change
from cni.store.engine import reading
from cni.store.schema import member as table
from topology.files.columns import ORGANISATIONS
from topology.files.references import near
from topology.files.tables import typed_rows
from topology.model import ROLES, Organisation
from topology.problems import Problems, bad_input


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a member: which, and the audit entry that wrote it."""

    number: int
    audit: int
    organisation: Organisation


def add_member(
    engine: Engine,
    act: Act,
    organisation: Organisation,
    *,
    replace: bool = False,
    check: Callable[[Change], None] | None = None,
) -> int:
    """Register a member, or with `replace` append a new version of one. Returns the version.

    `check` may raise what else stands against it, within the change.

    Raises BadInput where the id is taken and `replace` was not given, where nothing differs, and for dates that are swapped.
    """
    _check(organisation)
    with changing(engine, act, f"member {organisation.id}") as change:
        held = history(change.connection, organisation.id)
        if held and not replace:
            raise bad_input(
                "this member is registered already.",
                file="ID",
                value=organisation.id,
                code="duplicate_id",
                hint="--replace appends a new version.",
            )
        if held and held[-1].organisation == organisation:
            raise bad_input(
                "nothing differs from what is registered.", file="ID", value=organisation.id, code="unchanged"
            )
        if check is not None:
            check(change)
        return append(change, organisation, len(held) + 1)


def from_cells(cells: Mapping[str, str]) -> Organisation:
    """An organisation from texts as in organisations.csv. Raises BadInput with every fault."""
    found = Problems()
    sheet = typed_rows([(0, cells)], "member", ORGANISATIONS, found)
    for role in cells.get("roles", "").split():
        if role not in ROLES:
            found.add(
                f"A role is one of {', '.join(ROLES)}.", file="member", column="roles", value=role, code="unknown_role"
            )
    found.raise_errors()
    return sheet.items[0]


def register_missing(change: Change, organisations: Iterable[Organisation]) -> tuple[str, ...]:
    """Register those that are not yet there, within a change; returns their ids. Raises BadInput as `append`."""
    held = {o.id for o in current(change.connection)}
    missing = [o for o in organisations if o.id not in held]
    for organisation in missing:
        append(change, organisation, 1)
    return tuple(o.id for o in missing)


def append(change: Change, organisation: Organisation, version: int) -> int:
    """Add a version of a member, within a change; returns its number. Raises BadInput for dates that are swapped."""
    _check(organisation)
    change.add(
        table,
        member=organisation.id,
        version=version,
        name=organisation.name,
        roles=" ".join(organisation.roles),
        member_group=organisation.group,
        member_from=_iso(organisation.member_from),
        member_to=_iso(organisation.member_to),
    )
    return version


def _check(organisation: Organisation) -> None:
    first, last = organisation.member_from, organisation.member_to
    if first is not None and last is not None and last <= first:
        raise bad_input("--to must be after --from.", file="--to", value=last.isoformat())


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _organisation(row: dict[str, object]) -> Organisation:
    return Organisation(
        id=str(row["member"]),
        name=str(row["name"]),
        roles=tuple(str(row["roles"]).split()),
        group=str(row["member_group"]),
        member_from=None if row["member_from"] is None else date.fromisoformat(str(row["member_from"])),
        member_to=None if row["member_to"] is None else date.fromisoformat(str(row["member_to"])),
    )


def current(connection: Connection) -> tuple[Organisation, ...]:
    """All members as they are now, by id."""
    newest = select(table.c.member, func.max(table.c.version).label("version")).group_by(table.c.member).subquery()
    joined = table.join(newest, (table.c.member == newest.c.member) & (table.c.version == newest.c.version))
    rows = connection.execute(select(table).select_from(joined).order_by(table.c.member))
    return tuple(_organisation(dict(row._mapping)) for row in rows)


def history(connection: Connection, member: str) -> tuple[Version, ...]:
    """All versions of a member, oldest first; empty for an unknown one."""
    rows = connection.execute(select(table).where(table.c.member == member).order_by(table.c.version))
    return tuple(Version(row.version, row.audit, _organisation(dict(row._mapping))) for row in rows)


def list_members(engine: Engine) -> tuple[Organisation, ...]:
    """All members as they are now, by id."""
    with reading(engine) as connection:
        return current(connection)


def require(connection: Connection, member: str, option: str) -> None:
    """Raises BadInput, which names the option and an id that is like it, where nobody is registered under the id."""
    known = {m.id: m for m in current(connection)}
    if member not in known:
        hint = near(member, known) or "`cni member list` lists them."
        raise bad_input("no member has this id.", file=option, value=member, code="unknown_id", hint=hint)


def show_member(engine: Engine, member: str) -> tuple[Version, ...]:
    """All versions of a member. Raises BadInput for an unknown one."""
    with reading(engine) as connection:
        found = history(connection, member)
    if not found:
        raise bad_input("no member has this id.", file="ID", value=member, code="unknown_id")
    return found
