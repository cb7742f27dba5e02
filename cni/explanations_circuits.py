"""What the codes of circuits, planned works, recalls and members mean."""

from __future__ import annotations

INPUTS = (
    (
        "no_strands",
        "No two strands are free on every span of a circuit for its whole term, although enough are free on each day.",
        "c-7 over S001, whose free strands change hands in June",
        "`cni network regroom` says which circuits to move.",
    ),
)
