"""The tables. Everything but `counter` is only ever appended to; what is true now is the row with the highest version.

Only TEXT and INTEGER are used: dates and times are ISO 8601 text, documents canonical JSON. Each row names the audit entry
of the change that wrote it, and that entry holds the row's digest (`cni.store.audit`). Constraints stand in the table
arguments and have names: those inside a column would silently be missing from generated migrations.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.schema import SchemaItem

NAMES = {
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
}
metadata = MetaData(naming_convention=NAMES)

ROUND_STATES = ("draft", "open", "closed", "awarded", "published", "final")
"""The way of a round, in order."""

ANNULLED = "annulled"
SET_ASIDE = "set_aside"
"""After a published award: a lot is set aside on appeal; the round is awarded and published again."""

ALL_STATES = (*ROUND_STATES, ANNULLED, SET_ASIDE)


def _table(name: str, *items: SchemaItem) -> Table:
    return Table(name, metadata, *items, sqlite_strict=True)


def _text(name: str, *, key: bool = False, optional: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=optional)


def _whole(name: str, *, key: bool = False) -> Column[int]:
    return Column(name, Integer, primary_key=key, nullable=False, autoincrement=False)


def _audit() -> Column[int]:
    """The change that wrote the row; deferred, since its entry is written last."""
    reference = ForeignKey("audit.number", deferrable=True, initially="DEFERRED")
    return Column("audit", Integer, reference, nullable=False)


def _round() -> Column[str]:
    """The round that a row belongs to, as part of its key."""
    return Column("round", Text, ForeignKey("round.round"), primary_key=True, nullable=False)


def _digest(column: str) -> CheckConstraint:
    return CheckConstraint(f"length({column}) = 64", name=column)


counter = _table(
    "counter",
    _text("name", key=True),
    _whole("value"),
    _text("head"),
    CheckConstraint("value >= 0", name="value"),
)

audit = _table(
    "audit",
    _whole("number", key=True),
    _text("at"),
    _text("who"),
    _text("what"),
    _text("why"),
    _text("body"),
    _text("previous"),
    _text("digest"),
    CheckConstraint("number >= 1", name="number"),
    _digest("digest"),
    UniqueConstraint("digest"),
)

member = _table(
    "member",
    _text("member", key=True),
    _whole("version", key=True),
    _text("name"),
    _text("roles"),
    _text("member_group"),
    _text("member_from", optional=True),
    _text("member_to", optional=True),
    _audit(),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("member_to IS NULL OR member_from IS NULL OR member_from < member_to", name="dates"),
)

network = _table(
    "network",
    _whole("number", key=True),
    _text("digest"),
    _text("name"),
    _text("source"),
    _text("body"),
    _text("circuits"),
    _text("circuits_digest"),
    _audit(),
    CheckConstraint("number >= 1", name="number"),
    _digest("digest"),
    _digest("circuits_digest"),
)

round_ = _table(
    "round",
    _text("round", key=True),
    Column("network", Integer, ForeignKey("network.number"), nullable=False),
    _text("on_date"),
    _text("policy"),
    _text("policy_digest"),
    _text("seed", optional=True),
    _audit(),
    _digest("policy_digest"),
)

round_state = _table(
    "round_state",
    Column("round", Text, ForeignKey("round.round"), primary_key=True, nullable=False),
    _whole("step", key=True),
    _text("state"),
    _text("at"),
    _audit(),
    CheckConstraint("step >= 1", name="step"),
    CheckConstraint(
        "state IN ('draft', 'open', 'closed', 'awarded', 'published', 'final', 'annulled', 'set_aside')", name="state"
    ),
)

request = _table(
    "request",
    Column("round", Text, ForeignKey("round.round"), primary_key=True, nullable=False),
    _text("request", key=True),
    _whole("version", key=True),
    _text("member"),
    _text("body"),
    _text("received"),
    _audit(),
    CheckConstraint("version >= 1", name="version"),
)

award = _table(
    "award",
    Column("round", Text, primary_key=True, nullable=False),
    _text("digest"),
    _text("proof"),
    _text("body"),
    _audit(),
    ForeignKeyConstraint(["round"], ["round.round"]),
    CheckConstraint("proof IN ('optimal', 'bounded')", name="proof"),
    _digest("digest"),
)

rerun = _table(
    "rerun",
    _round(),
    _whole("attempt", key=True),
    _text("appeal"),
    _text("digest"),
    _text("proof"),
    _text("body"),
    _audit(),
    CheckConstraint("attempt >= 2", name="attempt"),
    CheckConstraint("proof IN ('optimal', 'bounded')", name="proof"),
    _digest("digest"),
)
"""A lot of a round decided again after an appeal; the first award stays in `award`."""

notice = _table("notice", _round(), _text("body"), _text("digest"), _audit(), _digest("digest"))
"""What is fixed and published before a round opens: calendar, offer, commitment of the lottery, key."""

sealed = _table(
    "sealed",
    _round(),
    _whole("number", key=True),
    _text("member"),
    _text("digest"),
    _whole("size"),
    _text("received"),
    _text("body"),
    _audit(),
    CheckConstraint("number >= 1", name="number"),
    _digest("digest"),
    UniqueConstraint("round", "digest"),
)
"""Sealed submissions as they came: number, who handed it in, SHA-256 of the file, its bytes in base64."""

withdrawal = _table("withdrawal", _round(), _text("subject", key=True), _text("member"), _audit())
"""What was withdrawn before the gate: `sealed/NUMBER`, or `request/ID/VERSION`."""

closing = _table("closing", _round(), _text("body"), _text("digest"), _audit(), _digest("digest"))
"""The ordered digests of all submissions, fixed at the gate before anything is opened."""

opening = _table("opening", _round(), _text("body"), _text("digest"), _audit(), _digest("digest"))
"""What came out of each sealed submission: its requests, or the rule by which it was refused."""

override = _table(
    "override",
    _whole("number", key=True),
    _whole("step", key=True),
    Column("round", Text, ForeignKey("round.round"), nullable=False),
    _text("kind"),
    _text("who"),
    _text("reason"),
    _text("body"),
    _audit(),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("step IN (1, 2)", name="step"),
)
"""A coordinator's override: step 1 proposes, step 2 is the second person's word."""

appeal = _table(
    "appeal",
    _round(),
    _text("appeal", key=True),
    _whole("step", key=True),
    _text("state"),
    _text("member"),
    _text("reason"),
    _text("body"),
    _audit(),
    CheckConstraint("step IN (1, 2)", name="step"),
    CheckConstraint("state IN ('lodged', 'upheld', 'dismissed')", name="state"),
)

circuit = _table(
    "circuit",
    _text("circuit", key=True),
    _text("member"),
    _text("start_on"),
    _text("end_on", optional=True),
    Column("round", Text, ForeignKey("round.round"), nullable=True),
    _text("origin"),
    _text("body"),
    _audit(),
    CheckConstraint("end_on IS NULL OR start_on < end_on", name="dates"),
)
"""Circuits that the house made: from awards, transfers and recalls. Those of a file stand with their network."""

circuit_event = _table(
    "circuit_event",
    _text("circuit", key=True),
    _whole("step", key=True),
    _text("kind"),
    _text("on_date"),
    _text("body"),
    _audit(),
    CheckConstraint("step >= 1", name="step"),
    CheckConstraint(
        "kind IN ('offered', 'accepted', 'lapsed', 'in_service', 'renewed', 'ceased', 'surrendered', 'transferred', "
        "'recalled', 'set_aside', 'warned')",
        name="kind",
    ),
)
"""What happened to a circuit, in order; `on_date` is the day from which it holds."""

works = _table(
    "works",
    _text("works", key=True),
    _whole("version", key=True),
    _text("from_at"),
    _text("to_at"),
    _text("state"),
    _text("body"),
    _audit(),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("from_at < to_at", name="times"),
    CheckConstraint("state IN ('planned', 'cancelled')", name="state"),
)


def _pence(name: str) -> Column[int]:
    """Whole pence, signed. PostgreSQL's plain integer would end at 21 million pounds; SQLite's strict tables know only one."""
    return Column(name, BigInteger().with_variant(Integer, "sqlite"), nullable=False)


bill_input = _table(
    "bill_input",
    _text("kind", key=True),
    _whole("number", key=True),
    _text("version"),
    _text("valid_from"),
    _text("source"),
    _text("body"),
    _text("digest"),
    _audit(),
    CheckConstraint("kind IN ('tariff', 'policy', 'facts')", name="kind"),
    CheckConstraint("number >= 1", name="number"),
    _digest("digest"),
)
"""Tariffs, fee policies and facts as they were imported; `valid_from` is empty where they hold from the beginning."""

bill_run = _table(
    "bill_run",
    _whole("number", key=True),
    _text("kind"),
    _text("period_from"),
    _text("period_to"),
    _text("subject"),
    _text("body"),
    _text("digest"),
    _audit(),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("kind IN ('run', 'credit')", name="kind"),
    CheckConstraint("period_from < period_to", name="dates"),
    _digest("digest"),
)
"""A run of a period, or a document turned back (`subject`): its pins, its settlement in sums, who was held back."""


def _bill_run(*, key: bool = False) -> Column[int]:
    reference = ForeignKey("bill_run.number")
    return Column("run", Integer, reference, primary_key=key, nullable=False, autoincrement=False)


bill_draft = _table(
    "bill_draft", _bill_run(key=True), _whole("place", key=True), _text("kind"), _text("party"), _text("body"), _audit()
)
"""The documents of a run as they were drafted: without numbers."""

bill_step = _table(
    "bill_step",
    _bill_run(key=True),
    _whole("step", key=True),
    _text("state"),
    _text("who"),
    _text("body"),
    _audit(),
    CheckConstraint("step IN (1, 2)", name="step"),
    CheckConstraint("(step = 1 AND state = 'reviewed') OR (step = 2 AND state = 'final')", name="state"),
)
"""What happened to a run after its draft, in order."""

bill_document = _table(
    "bill_document",
    _text("number", key=True),
    _text("series"),
    _whole("serial"),
    _whole("run"),
    _whole("place"),
    _text("kind"),
    _text("party"),
    _text("issued"),
    _pence("net_pence"),
    _pence("tax_pence"),
    _text("body"),
    _text("digest"),
    _audit(),
    CheckConstraint("serial >= 1", name="serial"),
    _digest("digest"),
    ForeignKeyConstraint(["run", "place"], ["bill_draft.run", "bill_draft.place"]),
    UniqueConstraint("series", "serial"),
    UniqueConstraint("run", "place"),
)
"""Final documents, as they were sent."""

entry_line = _table(
    "entry_line",
    _whole("entry", key=True),
    _whole("place", key=True),
    _text("account"),
    _pence("pence"),
    _audit(),
    CheckConstraint("place >= 1", name="place"),
    CheckConstraint("account <> ''", name="account"),
)
"""Lines of the books: what is owed to the house is above 0. Written before their entry, which seals them."""

entry = _table(
    "entry",
    _whole("number", key=True),
    _text("kind"),
    _text("on_date"),
    Column("run", Integer, ForeignKey("bill_run.number"), nullable=False),
    Column("document", Text, ForeignKey("bill_document.number"), nullable=True),
    _text("said"),
    _whole("lines"),
    _audit(),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("(kind = 'document') = (document IS NOT NULL)", name="document"),
    CheckConstraint("kind IN ('document', 'settlement')", name="kind"),
    CheckConstraint("lines >= 1", name="lines"),
    ForeignKeyConstraint(["number", "lines"], ["entry_line.entry", "entry_line.place"]),
    UniqueConstraint("document"),
)
"""Entries of the books; a trigger refuses one whose lines do not add up to 0 (`cni.store.triggers`)."""

INDEXES = (
    Index("ix_bill_run_period", bill_run.c.period_from, bill_run.c.period_to),
    Index("ix_request_round", request.c.round, request.c.request),
    Index("ix_circuit_round", circuit.c.round),
    Index("ix_circuit_member", circuit.c.member),
)

APPEND_ONLY = tuple(t for t in metadata.sorted_tables if t.name != "counter")
"""Tables whose rows are never changed or removed; triggers hold it."""

AUDITED = tuple(t for t in APPEND_ONLY if t.name != "audit")
"""Tables whose every row has its digest in an audit entry."""
