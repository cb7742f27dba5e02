"""The tables. Everything but `counter` is only ever appended to; what is true now is the row with the highest version.

Only TEXT and INTEGER are used: dates and times are ISO 8601 text, documents canonical JSON. Each row names the audit entry
of the change that wrote it, and that entry holds the row's digest (`cni.store.audit`). Constraints stand in the table
arguments and have names: those inside a column would silently be missing from generated migrations.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, Text, UniqueConstraint

from cni.store import schema_access, schema_billing
from cni.store.columns import audited, digest_column, table, text, whole
from cni.store.columns import metadata as metadata

ROUND_STATES = ("draft", "open", "closed", "awarded", "published", "final")
"""The way of a round, in order."""

ANNULLED = "annulled"
SET_ASIDE = "set_aside"
"""After a published award: a lot is set aside on appeal; the round is awarded and published again."""

ALL_STATES = (*ROUND_STATES, ANNULLED, SET_ASIDE)


def _round() -> Column[str]:
    """The round that a row belongs to, as part of its key."""
    return Column("round", Text, ForeignKey("round.round"), primary_key=True, nullable=False)


counter = table(
    "counter",
    text("name", key=True),
    whole("value"),
    text("head"),
    CheckConstraint("value >= 0", name="value"),
)

audit = table(
    "audit",
    whole("number", key=True),
    text("at"),
    text("who"),
    text("what"),
    text("why"),
    text("body"),
    text("previous"),
    text("digest"),
    CheckConstraint("number >= 1", name="number"),
    digest_column("digest"),
    UniqueConstraint("digest"),
)

member = table(
    "member",
    text("member", key=True),
    whole("version", key=True),
    text("name"),
    text("roles"),
    text("member_group"),
    text("member_from", optional=True),
    text("member_to", optional=True),
    audited(),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("member_to IS NULL OR member_from IS NULL OR member_from < member_to", name="dates"),
)

network = table(
    "network",
    whole("number", key=True),
    text("digest"),
    text("name"),
    text("source"),
    text("body"),
    text("circuits"),
    text("circuits_digest"),
    audited(),
    CheckConstraint("number >= 1", name="number"),
    digest_column("digest"),
    digest_column("circuits_digest"),
)

round_ = table(
    "round",
    text("round", key=True),
    Column("network", Integer, ForeignKey("network.number"), nullable=False),
    text("on_date"),
    text("policy"),
    text("policy_digest"),
    text("seed", optional=True),
    audited(),
    digest_column("policy_digest"),
)

round_state = table(
    "round_state",
    Column("round", Text, ForeignKey("round.round"), primary_key=True, nullable=False),
    whole("step", key=True),
    text("state"),
    text("at"),
    audited(),
    CheckConstraint("step >= 1", name="step"),
    CheckConstraint(
        "state IN ('draft', 'open', 'closed', 'awarded', 'published', 'final', 'annulled', 'set_aside')", name="state"
    ),
)

request = table(
    "request",
    Column("round", Text, ForeignKey("round.round"), primary_key=True, nullable=False),
    text("request", key=True),
    whole("version", key=True),
    text("member"),
    text("body"),
    text("received"),
    audited(),
    CheckConstraint("version >= 1", name="version"),
)

award = table(
    "award",
    Column("round", Text, primary_key=True, nullable=False),
    text("digest"),
    text("proof"),
    text("body"),
    audited(),
    ForeignKeyConstraint(["round"], ["round.round"]),
    CheckConstraint("proof IN ('optimal', 'bounded')", name="proof"),
    digest_column("digest"),
)

rerun = table(
    "rerun",
    _round(),
    whole("attempt", key=True),
    text("appeal"),
    text("digest"),
    text("proof"),
    text("body"),
    audited(),
    CheckConstraint("attempt >= 2", name="attempt"),
    CheckConstraint("proof IN ('optimal', 'bounded')", name="proof"),
    digest_column("digest"),
)
"""What was decided again: a lot after an appeal, or a round whose public value an override put right. `appeal` names either

(`appeal-1`, `override-1`); the first award stays in `award`.
"""

notice = table("notice", _round(), text("body"), text("digest"), audited(), digest_column("digest"))
"""What is fixed and published before a round opens: calendar, offer, commitment of the lottery, key."""

sealed = table(
    "sealed",
    _round(),
    whole("number", key=True),
    text("member"),
    text("digest"),
    whole("size"),
    text("received"),
    text("body"),
    audited(),
    CheckConstraint("number >= 1", name="number"),
    digest_column("digest"),
    UniqueConstraint("round", "digest"),
)
"""Sealed submissions as they came: number, who handed it in, SHA-256 of the file, its bytes in base64."""

withdrawal = table("withdrawal", _round(), text("subject", key=True), text("member"), audited())
"""What was withdrawn before the gate: `sealed/NUMBER`, or `request/ID/VERSION`."""

closing = table("closing", _round(), text("body"), text("digest"), audited(), digest_column("digest"))
"""The ordered digests of all submissions, fixed at the gate before anything is opened."""

opening = table("opening", _round(), text("body"), text("digest"), audited(), digest_column("digest"))
"""What came out of each sealed submission: its requests, or the rule by which it was refused."""

override = table(
    "override",
    whole("number", key=True),
    whole("step", key=True),
    Column("round", Text, ForeignKey("round.round"), nullable=False),
    text("kind"),
    text("who"),
    text("reason"),
    text("body"),
    audited(),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("step IN (1, 2)", name="step"),
)
"""A coordinator's override: step 1 proposes, step 2 is the second person's word."""

appeal = table(
    "appeal",
    _round(),
    text("appeal", key=True),
    whole("step", key=True),
    text("state"),
    text("member"),
    text("reason"),
    text("body"),
    audited(),
    CheckConstraint("step IN (1, 2)", name="step"),
    CheckConstraint("state IN ('lodged', 'upheld', 'dismissed')", name="state"),
)

circuit = table(
    "circuit",
    text("circuit", key=True),
    text("member"),
    text("start_on"),
    text("end_on", optional=True),
    Column("round", Text, ForeignKey("round.round"), nullable=True),
    text("origin"),
    text("body"),
    audited(),
    CheckConstraint("end_on IS NULL OR start_on < end_on", name="dates"),
)
"""Circuits that the house made: from awards, transfers and recalls. Those of a file stand with their network."""

circuit_event = table(
    "circuit_event",
    text("circuit", key=True),
    whole("step", key=True),
    text("kind"),
    text("on_date"),
    text("body"),
    audited(),
    CheckConstraint("step >= 1", name="step"),
    CheckConstraint(
        "kind IN ('offered', 'accepted', 'lapsed', 'in_service', 'renewed', 'ceased', 'surrendered', 'transferred', "
        "'recalled', 'set_aside', 'warned')",
        name="kind",
    ),
)
"""What happened to a circuit, in order; `on_date` is the day from which it holds."""

works = table(
    "works",
    text("works", key=True),
    whole("version", key=True),
    text("from_at"),
    text("to_at"),
    text("state"),
    text("body"),
    audited(),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("from_at < to_at", name="times"),
    CheckConstraint("state IN ('planned', 'cancelled')", name="state"),
)


INDEXES = (
    schema_billing.RUN_PERIOD,
    *schema_access.INDEXES,
    Index("ix_request_round", request.c.round, request.c.request),
    Index("ix_circuit_round", circuit.c.round),
    Index("ix_circuit_member", circuit.c.member),
)

APPEND_ONLY = tuple(t for t in metadata.sorted_tables if t.name != "counter")
"""Tables whose rows are never changed or removed; triggers hold it."""

AUDITED = tuple(t for t in APPEND_ONLY if t.name != "audit")
"""Tables whose every row has its digest in an audit entry."""
