"""The whole life of rounds and circuits: notices, sealed requests, appeals, overrides, circuits and what happens to them."""

import sqlalchemy as sa
from alembic import op

from cni.store.triggers import append_only

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NEW = (
    "appeal",
    "circuit",
    "circuit_event",
    "closing",
    "notice",
    "opening",
    "override",
    "rerun",
    "sealed",
    "withdrawal",
    "works",
)


def upgrade() -> None:
    widen_states()
    for name in ("notice", "closing", "opening"):
        make(name, text("round"), text("body"), text("digest"), digest(name), round_(name), key=("round",))
    make(
        "rerun",
        *(text("round"), whole("attempt"), text("appeal"), text("digest"), text("proof"), text("body")),
        check("rerun", "attempt", "attempt >= 2"),
        check("rerun", "proof", "proof IN ('optimal', 'bounded')"),
        *(digest("rerun"), round_("rerun")),
        key=("round", "attempt"),
    )
    make(
        "sealed",
        *(
            text("round"),
            whole("number"),
            text("member"),
            text("digest"),
            whole("size"),
            text("received"),
            text("body"),
        ),
        check("sealed", "number", "number >= 1"),
        *(digest("sealed"), round_("sealed")),
        sa.UniqueConstraint("round", "digest", name=op.f("uq_sealed_round")),
        key=("round", "number"),
    )
    make("withdrawal", text("round"), text("subject"), text("member"), round_("withdrawal"), key=("round", "subject"))
    make(
        "override",
        *(whole("number"), whole("step"), text("round"), text("kind"), text("who"), text("reason"), text("body")),
        check("override", "number", "number >= 1"),
        check("override", "step", "step IN (1, 2)"),
        round_("override"),
        key=("number", "step"),
    )
    make(
        "appeal",
        *(text("round"), text("appeal"), whole("step"), text("state"), text("member"), text("reason"), text("body")),
        check("appeal", "step", "step IN (1, 2)"),
        check("appeal", "state", "state IN ('lodged', 'upheld', 'dismissed')"),
        round_("appeal"),
        key=("round", "appeal", "step"),
    )
    make(
        "circuit",
        *(text("circuit"), text("member"), text("start_on"), text("end_on", optional=True)),
        *(text("round", optional=True), text("origin"), text("body")),
        check("circuit", "dates", "end_on IS NULL OR start_on < end_on"),
        round_("circuit"),
        key=("circuit",),
    )
    make(
        "circuit_event",
        *(text("circuit"), whole("step"), text("kind"), text("on_date"), text("body")),
        check("circuit_event", "step", "step >= 1"),
        check(
            "circuit_event",
            "kind",
            "kind IN ('offered', 'accepted', 'lapsed', 'in_service', 'renewed', 'ceased', 'surrendered', "
            "'transferred', 'recalled', 'set_aside', 'warned')",
        ),
        key=("circuit", "step"),
    )
    make(
        "works",
        *(text("works"), whole("version"), text("from_at"), text("to_at"), text("state"), text("body")),
        check("works", "version", "version >= 1"),
        check("works", "times", "from_at < to_at"),
        check("works", "state", "state IN ('planned', 'cancelled')"),
        key=("works", "version"),
    )
    op.create_index("ix_request_round", "request", ["round", "request"])
    op.create_index("ix_circuit_round", "circuit", ["round"])
    op.create_index("ix_circuit_member", "circuit", ["member"])
    for table in NEW:
        append_only(op.get_bind(), table)


def widen_states() -> None:
    """More states, and a state may come again after an appeal; rows keep every value, so their digests hold.

    SQLite cannot alter a check; the table is written out here because Alembic's batch mode forgets parts of it.
    """
    states = "state IN ('draft', 'open', 'closed', 'awarded', 'published', 'final', 'annulled', 'set_aside')"
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        op.drop_constraint(op.f("uq_round_state_round"), "round_state")
        op.drop_constraint(op.f("ck_round_state_state"), "round_state")
        op.create_check_constraint(op.f("ck_round_state_state"), "round_state", states)
        return
    op.rename_table("round_state", "round_state_before")
    make(
        "round_state",
        *(text("round"), whole("step"), text("state"), text("at")),
        check("round_state", "state", states),
        check("round_state", "step", "step >= 1"),
        sa.ForeignKeyConstraint(["round"], ["round.round"], name=op.f("fk_round_state_round")),
        key=("round", "step"),
    )
    columns = "round, step, state, at, audit"
    op.execute(f"INSERT INTO round_state ({columns}) SELECT {columns} FROM round_state_before")
    op.drop_table("round_state_before")
    append_only(bind, "round_state")


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


def round_(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["round"], ["round.round"], name=op.f(f"fk_{table}_round"))


def text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=optional)


def whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)


def check(table: str, name: str, said: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(said, name=op.f(f"ck_{table}_{name}"))


def digest(table: str) -> sa.CheckConstraint:
    return check(table, "digest", "length(digest) = 64")
