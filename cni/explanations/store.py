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
        "cni audit verify --head FILE",
        "Compare with a backup.",
    ),
    ("row_edited", "A row is not as it was written.", "member:bobbin/1", "Compare with a backup."),
    ("row_removed", "A row that the log names is not there.", "member:bobbin/1", "Compare with a backup."),
    ("row_added", "A row is there that no change in the log wrote.", "member:nobody/1", "Compare with a backup."),
    (
        "not_empty",
        "Something is there already; a database or backup is never overwritten.",
        "cni init where there is a house",
        "Name another file or database.",
    ),
    (
        "bad_backup",
        "Rows and audit log of the backup do not agree, so nothing was restored.",
        "a backup that someone edited",
        "cni audit verify --db sqlite:///FILE lists the faults; take an older backup.",
    ),
)

INPUTS = (
    (
        "no_head",
        "The file given to --head holds no digest of the audit log.",
        "a round pack made by `cni allocate`, which knows no house",
        "A published round pack, `cni audit log --json`, or a text with digests.",
    ),
)
