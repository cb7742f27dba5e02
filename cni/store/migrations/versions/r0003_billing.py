"""Billing: what runs are computed from, runs, documents, and the books."""

import sqlalchemy as sa
from alembic import op

from cni.store.triggers import append_only, balanced

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NEW = ("bill_input", "bill_run", "bill_draft", "bill_step", "bill_document", "entry_line", "entry")


def upgrade() -> None:
    make(
        "bill_input",
        *(text("kind"), whole("number"), text("version"), text("valid_from"), text("source"), text("body")),
        *(text("digest"), digest("bill_input")),
        check("bill_input", "kind", "kind IN ('tariff', 'policy', 'facts')"),
        check("bill_input", "number", "number >= 1"),
        key=("kind", "number"),
    )
    make(
        "bill_run",
        *(whole("number"), text("kind"), text("period_from"), text("period_to"), text("subject"), text("body")),
        *(text("digest"), digest("bill_run")),
        check("bill_run", "number", "number >= 1"),
        check("bill_run", "kind", "kind IN ('run', 'credit')"),
        check("bill_run", "dates", "period_from < period_to"),
        key=("number",),
    )
    make(
        "bill_draft",
        *(whole("run"), whole("place"), text("kind"), text("party"), text("body")),
        to("bill_draft", "run", "bill_run", "number"),
        key=("run", "place"),
    )
    make(
        "bill_step",
        *(whole("run"), whole("step"), text("state"), text("who"), text("body")),
        check("bill_step", "step", "step IN (1, 2)"),
        check("bill_step", "state", "(step = 1 AND state = 'reviewed') OR (step = 2 AND state = 'final')"),
        to("bill_step", "run", "bill_run", "number"),
        key=("run", "step"),
    )
    make(
        "bill_document",
        *(text("number"), text("series"), whole("serial"), whole("run"), whole("place"), text("kind"), text("party")),
        *(text("issued"), pence("net_pence"), pence("tax_pence"), text("body"), text("digest")),
        check("bill_document", "serial", "serial >= 1"),
        digest("bill_document"),
        sa.ForeignKeyConstraint(
            ["run", "place"], ["bill_draft.run", "bill_draft.place"], name=op.f("fk_bill_document_bill_draft")
        ),
        sa.UniqueConstraint("series", "serial", name=op.f("uq_bill_document_series")),
        sa.UniqueConstraint("run", "place", name=op.f("uq_bill_document_run")),
        key=("number",),
    )
    make(
        "entry_line",
        *(whole("entry"), whole("place"), text("account"), pence("pence")),
        check("entry_line", "place", "place >= 1"),
        check("entry_line", "account", "account <> ''"),
        key=("entry", "place"),
    )
    make(
        "entry",
        *(whole("number"), text("kind"), text("on_date"), sa.Column("run", sa.Integer(), nullable=False)),
        *(text("document", optional=True), text("said"), whole("lines")),
        check("entry", "number", "number >= 1"),
        check("entry", "document", "(kind = 'document') = (document IS NOT NULL)"),
        check("entry", "kind", "kind IN ('document', 'settlement')"),
        check("entry", "lines", "lines >= 1"),
        to("entry", "run", "bill_run", "number"),
        to("entry", "document", "bill_document", "number"),
        sa.ForeignKeyConstraint(
            ["number", "lines"], ["entry_line.entry", "entry_line.place"], name=op.f("fk_entry_entry_line")
        ),
        sa.UniqueConstraint("document", name=op.f("uq_entry_document")),
        key=("number",),
    )
    op.create_index("ix_bill_run_period", "bill_run", ["period_from", "period_to"])
    for table in NEW:
        append_only(op.get_bind(), table)
    balanced(op.get_bind())


def make(table: str, *items: sa.schema.SchemaItem, key: tuple[str, ...]) -> None:
    """A table whose rows name the audit entry that wrote them."""
    op.create_table(
        table,
        *items,
        sa.Column("audit", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit"], ["audit.number"], name=op.f(f"fk_{table}_audit"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}")),
        sqlite_strict=True,
    )


def to(table: str, column: str, other: str, named: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.{named}"], name=op.f(f"fk_{table}_{other}"))


def text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=optional)


def whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)


def pence(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def check(table: str, name: str, said: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(said, name=op.f(f"ck_{table}_{name}"))


def digest(table: str) -> sa.CheckConstraint:
    return check(table, "digest", "length(digest) = 64")
