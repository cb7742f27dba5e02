"""What tables are made of: one metadata, columns of two types, the reference to the audit entry that wrote a row."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Integer, MetaData, Table, Text
from sqlalchemy.schema import SchemaItem

NAMES = {
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
}
metadata = MetaData(naming_convention=NAMES)


def table(name: str, *items: SchemaItem) -> Table:
    """A table of the house; SQLite checks types as strictly as PostgreSQL."""
    return Table(name, metadata, *items, sqlite_strict=True)


def text(name: str, *, key: bool = False, optional: bool = False) -> Column[str]:
    """A text; dates and times are ISO 8601."""
    return Column(name, Text, primary_key=key, nullable=optional)


def whole(name: str, *, key: bool = False) -> Column[int]:
    """A whole number."""
    return Column(name, Integer, primary_key=key, nullable=False, autoincrement=False)


def audited() -> Column[int]:
    """The change that wrote the row; deferred, since its entry is written last."""
    reference = ForeignKey("audit.number", deferrable=True, initially="DEFERRED")
    return Column("audit", Integer, reference, nullable=False)


def digest_column(column: str) -> CheckConstraint:
    """The check that a column holds a digest."""
    return CheckConstraint(f"length({column}) = 64", name=column)


def large(name: str) -> Column[int]:
    """A whole number that may be beyond 2^31: PostgreSQL's plain integer ends there; SQLite's strict tables know only one."""
    return Column(name, BigInteger().with_variant(Integer, "sqlite"), nullable=False)


def pence(name: str) -> Column[int]:
    """Whole pence, signed; a plain integer would end at 21 million pounds."""
    return large(name)
