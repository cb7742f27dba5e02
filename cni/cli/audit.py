"""`cni audit`."""

from __future__ import annotations

from cni.cli.options import group

NAME = "audit"
app = group("audit.")
