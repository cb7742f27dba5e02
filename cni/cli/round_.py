"""`cni round`."""

from __future__ import annotations

from cni.cli.options import group

NAME = "round"
app = group("round.")
