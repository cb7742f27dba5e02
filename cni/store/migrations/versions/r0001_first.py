"""The first tables: members, networks, rounds, requests, awards, and the audit log that all of them are chained to."""

import sqlalchemy as sa
from alembic import op

from cni.store.triggers import append_only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("audit", "member", "network", "round", "award", "request", "round_state")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_audit_digest")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_audit_number")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
        sa.UniqueConstraint("digest", name=op.f("uq_audit_digest")),
        sqlite_strict=True,
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.CheckConstraint("value >= 0", name=op.f("ck_counter_value")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
        sqlite_strict=True,
    )
    op.create_table(
        "member",
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("member_group", sa.Text(), nullable=False),
        sa.Column("member_from", sa.Text(), nullable=True),
        sa.Column("member_to", sa.Text(), nullable=True),
        sa.Column("audit", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "member_to IS NULL OR member_from IS NULL OR member_from < member_to", name=op.f("ck_member_dates")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_member_version")),
        sa.ForeignKeyConstraint(
            ["audit"], ["audit.number"], name=op.f("fk_member_audit"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("member", "version", name=op.f("pk_member")),
        sqlite_strict=True,
    )
    op.create_table(
        "network",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("circuits", sa.Text(), nullable=False),
        sa.Column("circuits_digest", sa.Text(), nullable=False),
        sa.Column("audit", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(circuits_digest) = 64", name=op.f("ck_network_circuits_digest")),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_network_digest")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_network_number")),
        sa.ForeignKeyConstraint(
            ["audit"], ["audit.number"], name=op.f("fk_network_audit"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_network")),
        sqlite_strict=True,
    )
    op.create_table(
        "round",
        sa.Column("round", sa.Text(), nullable=False),
        sa.Column("network", sa.Integer(), nullable=False),
        sa.Column("on_date", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("policy_digest", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=True),
        sa.Column("audit", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(policy_digest) = 64", name=op.f("ck_round_policy_digest")),
        sa.ForeignKeyConstraint(
            ["audit"], ["audit.number"], name=op.f("fk_round_audit"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(["network"], ["network.number"], name=op.f("fk_round_network")),
        sa.PrimaryKeyConstraint("round", name=op.f("pk_round")),
        sqlite_strict=True,
    )
    op.create_table(
        "award",
        sa.Column("round", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("audit", sa.Integer(), nullable=False),
        sa.CheckConstraint("proof IN ('optimal', 'bounded')", name=op.f("ck_award_proof")),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_award_digest")),
        sa.ForeignKeyConstraint(
            ["audit"], ["audit.number"], name=op.f("fk_award_audit"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(["round"], ["round.round"], name=op.f("fk_award_round")),
        sa.PrimaryKeyConstraint("round", name=op.f("pk_award")),
        sqlite_strict=True,
    )
    op.create_table(
        "request",
        sa.Column("round", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received", sa.Text(), nullable=False),
        sa.Column("audit", sa.Integer(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_request_version")),
        sa.ForeignKeyConstraint(
            ["audit"], ["audit.number"], name=op.f("fk_request_audit"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(["round"], ["round.round"], name=op.f("fk_request_round")),
        sa.PrimaryKeyConstraint("round", "request", "version", name=op.f("pk_request")),
        sqlite_strict=True,
    )
    op.create_table(
        "round_state",
        sa.Column("round", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("audit", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'open', 'closed', 'awarded')", name=op.f("ck_round_state_state")),
        sa.CheckConstraint("step >= 1", name=op.f("ck_round_state_step")),
        sa.ForeignKeyConstraint(
            ["audit"], ["audit.number"], name=op.f("fk_round_state_audit"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(["round"], ["round.round"], name=op.f("fk_round_state_round")),
        sa.PrimaryKeyConstraint("round", "step", name=op.f("pk_round_state")),
        sa.UniqueConstraint("round", "state", name=op.f("uq_round_state_round")),
        sqlite_strict=True,
    )
    for table in APPEND_ONLY:
        append_only(op.get_bind(), table)
    op.execute("INSERT INTO counter (name, value, head) VALUES ('audit', 0, '" + "0" * 64 + "')")
