"""One byte form for every value that is published, and its digest.

RFC 8785 (JSON Canonicalization Scheme): keys sorted by UTF-16 code units, no white space, shortest numbers. Counts and
pence are integers; kilometres, decibels and other decimals are strings, so that no float ever decides a byte.
"""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785


def canonical_bytes(value: Any) -> bytes:
    """RFC 8785 bytes of a JSON value. Raises ValueError for NaN, integers of 2^53 or more, and lone surrogates."""
    return rfc8785.dumps(value)


def digest_of(value: Any) -> str:
    """Lower-case hex SHA-256 of the canonical bytes of a JSON value."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()
