"""The lot (rule B2): one per group, so that splitting a request gains nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def lot_of(seed: str | None, group: str) -> str:
    """The group's ticket: lower-case hex SHA-256 of UTF-8 seed + LF + group id. No seed is the empty seed."""
    return hashlib.sha256(f"{seed or ''}\n{group}".encode()).hexdigest()


def drawn_order(seed: str | None, groups: Iterable[str]) -> tuple[str, ...]:
    """Groups in drawn order: ascending ticket."""
    return tuple(sorted(groups, key=lambda g: (lot_of(seed, g), g)))
