"""What the codes of the database mean: its checks, and errors of making, copying and reading it."""

from __future__ import annotations

STORE = (
    ("audit", "Every row is as the audit log says.", "", ""),
    ("integrity", "Whether the database file is whole.", "", "Restore a backup."),
    ("references", "Whether rows refer to rows that are there.", "", ""),
    ("revision", "Whether the database is of the version that the program works with.", "", "cni db upgrade"),
    ("schema", "Whether tables, checks and triggers are those of the migrations.", "a trigger was dropped", ""),
    ("entry_edited", "An entry of the audit log is not as it was written.", "audit:7", "Compare with a backup."),
    ("entry_missing", "An entry of the audit log is missing.", "audit:7", "Compare with a backup."),
    ("chain_broken", "An entry does not follow on the one before it.", "audit:7", "Compare with a backup."),
    (
        "tail_cut",
        "The newest entries of the audit log are missing.",
        "9 were written, 7 are there",
        "Compare with a backup.",
    ),
    (
        "head_unknown",
        "A digest that was noted elsewhere is not in the log.",
        "cni audit verify --head HEX",
        "Compare with a backup.",
    ),
    ("row_edited", "A row is not as it was written.", "member:bobbin/1", "Compare with a backup."),
    ("row_removed", "A row that the log names is not there.", "member:bobbin/1", "Compare with a backup."),
    ("row_added", "A row is there that no change in the log wrote.", "member:nobody/1", "Compare with a backup."),
)
