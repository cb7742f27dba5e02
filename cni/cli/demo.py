"""`cni demo`."""

from __future__ import annotations

NAME = "demo"


def command() -> int:
    """Stub."""
    return 0
