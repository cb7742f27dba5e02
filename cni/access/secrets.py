"""Secrets: 32 random bytes as text, shown once; the database has their SHA-256 alone (rule J7)."""

from __future__ import annotations

import hashlib
import secrets

BYTES = 32


def fresh() -> str:
    """A new secret: 43 characters of base64url."""
    return secrets.token_urlsafe(BYTES)


def digest(secret: str) -> str:
    """Lower-case hex SHA-256 of a secret. No salt: 256 random bits cannot be guessed from it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
