"""`cni db`."""

from __future__ import annotations

from cni.cli.options import group

NAME = "db"
app = group("db.")
