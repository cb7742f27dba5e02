"""What every code means: reasons of an award, findings about files, checks of a verification, errors.

`tests/cni/test_explanations.py` looks for codes in the source that are missing here.
"""

from __future__ import annotations

from dataclasses import dataclass

from cni.explanations import access as explanations_access
from cni.explanations import awards as explanations_awards
from cni.explanations import billing as explanations_billing
from cni.explanations import circuits as explanations_circuits
from cni.explanations import files as explanations_files
from cni.explanations import formats as explanations_formats
from cni.explanations import rounds as explanations_rounds
from cni.explanations import store as explanations_store

KINDS = {
    "reason": "reason of an award",
    "finding": "finding about a file",
    "input": "error of an input",
    "check": "check of a verification",
    "store": "matter of the database",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """`meaning` in plain words, an `example`, and what a person may do about it (`remedy`)."""

    code: str
    kind: str
    meaning: str
    example: str
    remedy: str = ""

    def as_json(self) -> dict[str, str]:
        """As `cni explain --json` shows it."""
        return {f: getattr(self, f) for f in self.__slots__}


_TABLES = {
    "reason": explanations_awards.REASONS,
    "finding": (
        *explanations_files.FINDINGS,
        *explanations_formats.FINDINGS,
        *explanations_circuits.FINDINGS,
        *explanations_billing.FINDINGS,
    ),
    "input": (
        *explanations_files.INPUTS,
        *explanations_formats.INPUTS,
        *explanations_circuits.INPUTS,
        *explanations_rounds.INPUTS,
        *explanations_store.INPUTS,
        *explanations_billing.INPUTS,
        *explanations_access.INPUTS,
    ),
    "check": (*explanations_awards.CHECKS, *explanations_rounds.CHECKS, *explanations_billing.CHECKS),
    "store": (*explanations_store.STORE, *explanations_rounds.STORE, *explanations_access.STORE),
}

EXPLANATIONS: dict[str, Explanation] = {
    row[0]: Explanation(row[0], kind, row[1], row[2], row[3] or explanations_formats.REMEDIES.get(row[0], ""))
    for kind, rows in _TABLES.items()
    for row in rows
}
"""Every code with its explanation, by code."""
