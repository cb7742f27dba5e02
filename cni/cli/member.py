"""`cni member`."""

from __future__ import annotations

from cni.cli.options import group

NAME = "member"
app = group("member.")
