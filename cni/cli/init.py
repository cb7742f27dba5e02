"""`cni init`."""

from __future__ import annotations

NAME = "init"


def command() -> int:
    """Stub."""
    return 0
