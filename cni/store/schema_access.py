"""The tables of access: people, sign-in links, passkeys, sessions, tokens, and keys of acts that came twice.

Appended to as all others: what ends gets a row of its own. Secrets stand nowhere, only their SHA-256.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, UniqueConstraint

from cni.store.columns import audited, digest_column, large, table, text, whole

person = table(
    "person",
    text("person", key=True),
    whole("version", key=True),
    text("name"),
    text("email"),
    text("member"),
    text("roles"),
    whole("active"),
    audited(),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("active IN (0, 1)", name="active"),
)
"""People who may come in; `member` is empty for one who acts for none. The e-mail is in lower case."""

login_link = table(
    "login_link",
    whole("number", key=True),
    text("person"),
    text("digest"),
    text("browser_digest"),
    text("expires"),
    audited(),
    CheckConstraint("number >= 1", name="number"),
    digest_column("digest"),
    digest_column("browser_digest"),
    UniqueConstraint("digest"),
)


def _of(name: str) -> Column[int]:
    """The number of a row of another table, as key: it is used up, or ends, once."""
    return Column(
        "number", Integer, ForeignKey(f"{name}.number"), primary_key=True, nullable=False, autoincrement=False
    )


login_link_use = table("login_link_use", _of("login_link"), audited())

passkey = table(
    "passkey",
    whole("number", key=True),
    text("person"),
    text("credential"),
    text("public_key"),
    text("name"),
    text("made"),
    audited(),
    CheckConstraint("number >= 1", name="number"),
    UniqueConstraint("credential"),
)
"""Credential id and public key (COSE) in base64url."""

passkey_use = table(
    "passkey_use",
    _of("passkey"),
    whole("step", key=True),
    large("sign_count"),
    audited(),
    CheckConstraint("step >= 1", name="step"),
    CheckConstraint("sign_count >= 0", name="sign_count"),
)
"""The counter of the authenticator, at the enrolment (step 1) and at each sign-in."""

passkey_end = table("passkey_end", _of("passkey"), audited())

session = table(
    "session",
    whole("number", key=True),
    text("person"),
    text("kind"),
    text("digest"),
    text("how"),
    text("started"),
    text("expires"),
    audited(),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("kind IN ('enrol', 'full')", name="kind"),
    digest_column("digest"),
    UniqueConstraint("digest"),
)

session_end = table("session_end", _of("session"), text("ended"), audited())

token = table(
    "token",
    whole("number", key=True),
    text("person"),
    text("name"),
    text("scopes"),
    text("digest"),
    text("made"),
    text("expires"),
    audited(),
    CheckConstraint("number >= 1", name="number"),
    digest_column("digest"),
    UniqueConstraint("digest"),
)

token_end = table("token_end", _of("token"), text("ended"), audited())

act_key = table(
    "act_key", text("who", key=True), text("key", key=True), text("digest"), audited(), digest_column("digest")
)
"""Keys that came with acts: one that comes again does nothing again."""

INDEXES = tuple(Index(f"ix_{of.name}_person", of.c.person) for of in (login_link, passkey, session, token))
