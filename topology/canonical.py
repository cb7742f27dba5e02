"""One byte form for every value that is published, and its digest.

RFC 8785 (JSON Canonicalization Scheme): keys sorted by UTF-16 code units, no white space, shortest numbers. Counts and
pence are integers; kilometres, decibels and other decimals are strings, so that no float ever decides a byte.
"""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
import rfc8785

PLAIN = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
"""What is no JSON value is refused, not written as one."""

LARGEST = 2**53 - 1
"""The largest integer that every reader of JSON keeps exactly (RFC 8785, 3.2.2.3)."""


def canonical_bytes(value: Any) -> bytes:
    """RFC 8785 bytes of a JSON value. Raises ValueError for NaN, integers of 2^53 or more, and lone surrogates."""
    quick = _quick(value)
    return rfc8785.dumps(value) if quick is None else quick


def _quick(value: Any) -> bytes | None:
    """The same by orjson, much faster (docs/dependencies.md); None for what the two could write otherwise.

    In ASCII keys sort alike by code points and by UTF-16 units, and both escape the same characters; only numbers differ.
    """
    if not _is_exact(value):
        return None
    try:
        text = orjson.dumps(value, option=PLAIN)
    except TypeError:
        return None
    return text if text.isascii() else None


def _is_exact(value: Any) -> bool:
    """Whether no float and no integer above `LARGEST` stands in a value. (orjson would write NaN as null.)"""
    waiting: list[Any] = [(value,)]
    while waiting:
        held = waiting.pop()
        for one in held.values() if type(held) is dict else held:
            kind = type(one)
            if kind is str:
                continue
            if kind is dict or kind is list or kind is tuple:
                waiting.append(one)
            elif kind is float or (kind is int and not -LARGEST <= one <= LARGEST):
                return False
    return True


def digest_of(value: Any) -> str:
    """Lower-case hex SHA-256 of the canonical bytes of a JSON value."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


def with_digest(document: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """A document with its `digest`, which is taken of all else, and its canonical text, written once.

    The parts before and after `digest` in the order of keys are written apart; together without it they are what is hashed.
    """
    before, after = (
        canonical_bytes({k: v for k, v in document.items() if (k < "digest") is first}) for first in (True, False)
    )
    head, tail = before[:-1] + (b"," if len(before) > 2 else b""), (b"," if len(after) > 2 else b"") + after[1:]
    digest = hashlib.sha256(head + after[1:] if len(after) > 2 else before).hexdigest()
    return {**document, "digest": digest}, b"".join((head, b'"digest":"', digest.encode(), b'"', tail)).decode()
