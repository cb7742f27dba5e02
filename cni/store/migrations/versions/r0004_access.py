"""Access: people, sign-in links, passkeys, sessions, tokens, keys of acts."""

import sqlalchemy as sa
from alembic import op

from cni.store.triggers import append_only

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NEW = (
    "person",
    *("login_link", "login_link_use"),
    *("passkey", "passkey_use", "passkey_end"),
    *("session", "session_end"),
    *("token", "token_end"),
    "act_key",
)


def upgrade() -> None:
    make(
        "person",
        *(text("person"), whole("version"), text("name"), text("email"), text("member"), text("roles")),
        *(whole("active"), check("person", "version", "version >= 1")),
        check("person", "active", "active IN (0, 1)"),
        key=("person", "version"),
    )
    make(
        "login_link",
        *(whole("number"), text("person"), text("digest"), text("browser_digest"), text("expires")),
        *numbered("login_link"),
        check("login_link", "browser_digest", "length(browser_digest) = 64"),
        key=("number",),
    )
    make("login_link_use", *ends("login_link_use", "login_link"), key=("number",))
    make(
        "passkey",
        *(whole("number"), text("person"), text("credential"), text("public_key"), text("name"), text("made")),
        check("passkey", "number", "number >= 1"),
        sa.UniqueConstraint("credential", name=op.f("uq_passkey_credential")),
        key=("number",),
    )
    make(
        "passkey_use",
        *(*ends("passkey_use", "passkey"), whole("step")),
        sa.Column("sign_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        check("passkey_use", "step", "step >= 1"),
        check("passkey_use", "sign_count", "sign_count >= 0"),
        key=("number", "step"),
    )
    make("passkey_end", *ends("passkey_end", "passkey"), key=("number",))
    make(
        "session",
        *(whole("number"), text("person"), text("kind"), text("digest"), text("how"), text("started")),
        *(text("expires"), *numbered("session"), check("session", "kind", "kind IN ('enrol', 'full')")),
        key=("number",),
    )
    make("session_end", *ends("session_end", "session"), text("ended"), key=("number",))
    make(
        "token",
        *(whole("number"), text("person"), text("name"), text("scopes"), text("digest"), text("made")),
        *(text("expires"), *numbered("token")),
        key=("number",),
    )
    make("token_end", *ends("token_end", "token"), text("ended"), key=("number",))
    make(
        "act_key",
        *(text("who"), text("key"), text("digest"), check("act_key", "digest", "length(digest) = 64")),
        key=("who", "key"),
    )
    for table in ("login_link", "passkey", "session", "token"):
        op.create_index(f"ix_{table}_person", table, ["person"])
    for table in NEW:
        append_only(op.get_bind(), table)


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


def ends(table: str, other: str) -> tuple[sa.schema.SchemaItem, ...]:
    """The number of a row of another table, as key."""
    reference = sa.ForeignKeyConstraint(["number"], [f"{other}.number"], name=op.f(f"fk_{table}_{other}"))
    return whole("number"), reference


def numbered(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """Numbers count from 1, and no two rows have one digest."""
    return (
        check(table, "number", "number >= 1"),
        check(table, "digest", "length(digest) = 64"),
        sa.UniqueConstraint("digest", name=op.f(f"uq_{table}_digest")),
    )


def text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)


def check(table: str, name: str, said: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(said, name=op.f(f"ck_{table}_{name}"))
