"""The tables of billing, appended to as all others: inputs, runs, drafts, final documents, and the books."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, Text, UniqueConstraint

from cni.store.columns import audited, digest_column, pence, table, text, whole

bill_input = table(
    "bill_input",
    text("kind", key=True),
    whole("number", key=True),
    text("version"),
    text("valid_from"),
    text("source"),
    text("body"),
    text("digest"),
    audited(),
    CheckConstraint("kind IN ('tariff', 'policy', 'facts')", name="kind"),
    CheckConstraint("number >= 1", name="number"),
    digest_column("digest"),
)
"""Tariffs, fee policies and facts as they were imported; `valid_from` is empty where they hold from the beginning."""

bill_run = table(
    "bill_run",
    whole("number", key=True),
    text("kind"),
    text("period_from"),
    text("period_to"),
    text("subject"),
    text("body"),
    text("digest"),
    audited(),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("kind IN ('run', 'credit')", name="kind"),
    CheckConstraint("period_from < period_to", name="dates"),
    digest_column("digest"),
)
"""A run of a period, or a document turned back (`subject`): its pins, its settlement in sums, who was held back."""


def _bill_run(*, key: bool = False) -> Column[int]:
    reference = ForeignKey("bill_run.number")
    return Column("run", Integer, reference, primary_key=key, nullable=False, autoincrement=False)


bill_draft = table(
    "bill_draft", _bill_run(key=True), whole("place", key=True), text("kind"), text("party"), text("body"), audited()
)
"""The documents of a run as they were drafted: without numbers."""

bill_step = table(
    "bill_step",
    _bill_run(key=True),
    whole("step", key=True),
    text("state"),
    text("who"),
    text("body"),
    audited(),
    CheckConstraint("step IN (1, 2)", name="step"),
    CheckConstraint("(step = 1 AND state = 'reviewed') OR (step = 2 AND state = 'final')", name="state"),
)
"""What happened to a run after its draft, in order."""

bill_document = table(
    "bill_document",
    text("number", key=True),
    text("series"),
    whole("serial"),
    whole("run"),
    whole("place"),
    text("kind"),
    text("party"),
    text("issued"),
    pence("net_pence"),
    pence("tax_pence"),
    text("body"),
    text("digest"),
    audited(),
    CheckConstraint("serial >= 1", name="serial"),
    digest_column("digest"),
    ForeignKeyConstraint(["run", "place"], ["bill_draft.run", "bill_draft.place"]),
    UniqueConstraint("series", "serial"),
    UniqueConstraint("run", "place"),
)
"""Final documents, as they were sent."""

entry_line = table(
    "entry_line",
    whole("entry", key=True),
    whole("place", key=True),
    text("account"),
    pence("pence"),
    audited(),
    CheckConstraint("place >= 1", name="place"),
    CheckConstraint("account <> ''", name="account"),
)
"""Lines of the books: what is owed to the house is above 0. Written before their entry, which seals them."""

entry = table(
    "entry",
    whole("number", key=True),
    text("kind"),
    text("on_date"),
    Column("run", Integer, ForeignKey("bill_run.number"), nullable=False),
    Column("document", Text, ForeignKey("bill_document.number"), nullable=True),
    text("said"),
    whole("lines"),
    audited(),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("(kind = 'document') = (document IS NOT NULL)", name="document"),
    CheckConstraint("kind IN ('document', 'settlement')", name="kind"),
    CheckConstraint("lines >= 1", name="lines"),
    ForeignKeyConstraint(["number", "lines"], ["entry_line.entry", "entry_line.place"]),
    UniqueConstraint("document"),
)
"""Entries of the books; a trigger refuses one whose lines do not add up to 0 (`cni.store.triggers`)."""

RUN_PERIOD = Index("ix_bill_run_period", bill_run.c.period_from, bill_run.c.period_to)
